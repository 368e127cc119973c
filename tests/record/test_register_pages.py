import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khotail.facts.identity import check_character
from khotail.register.models import Document, Household, Person, Statement
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_VILLAGE, VILLAGE

ID = "15222119900101001" + check_character("15222119900101001")
TODAY = "2026-06-01"


@pytest.fixture
def page(household):
    return f"/register/{household.pk}/"


@pytest.fixture
def cadre(signed_in):
    return signed_in("village_cadre")


def fill(household, count, now):
    """A household with `count` members, incomes and statements."""
    from khotail.accounts.models import Officer
    from khotail.register.correcting import correct

    by = Officer.objects.get(username="village_cadre")
    for number in range(count):
        Person.objects.create(
            household=household, region_code=VILLAGE, number=f"x{number}", name=f"演示{number}", relation="之子",
            id_number=ID, changed_at=now,
        )  # fmt: skip
        correct(
            household, "incomes", {"income_year": 2000 + number, "wage_cny": 1000 * number, "members": 2},
            reason="x", by=by, now=now,
        )  # fmt: skip


def test_the_page_shows_all_that_is_known_with_numbers_masked(cadre, household, page, now):
    fill(household, 3, now)
    shown = cadre.get(page).content.decode()
    assert "演示1" in shown and "152221********" in shown and ID not in shown
    assert "incomes" in shown and "As a table" in shown


def test_the_page_takes_as_many_queries_for_many_members_as_for_few(cadre, household, page, now):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert cadre.get(page).status_code == 200
        return len(found)

    fill(household, 2, now)
    few = queries()
    fill_more = [
        Person(household=household, region_code=VILLAGE, number=f"y{n}", name="演示", changed_at=now) for n in range(30)
    ]
    Person.objects.bulk_create(fill_more)
    assert queries() <= few <= 25


def test_looking_at_numbers_is_a_post_and_an_event(cadre, household, now):
    person = household.members.get()
    Person.objects.filter(pk=person.pk).update(id_number=ID)
    address = f"/register/person/{person.pk}/unmask/"
    assert cadre.get(address).status_code == 405
    assert ID in cadre.post(address).content.decode()
    assert ID in cadre.post(address, headers={"HX-Request": "true"}).content.decode()
    assert Event.objects.filter(verb="person.unmasked").count() == 2


@pytest.mark.parametrize("key", ["leader", "auditor", "helper"])
def test_who_may_not_unmask_sees_no_number(signed_in, household, officers, key):
    Household.objects.filter(pk=household.pk).update(helper=officers["helper"])
    person = household.members.get()
    browser = signed_in(key)
    assert browser.post(f"/register/person/{person.pk}/unmask/").status_code == 403
    assert "unmask" not in browser.get(f"/register/{household.pk}/").content.decode()


ADDRESSES = ["", "timeline/", "member/", "move/", "split/", "merge/", "correct/households/", "correct/incomes/"]


@pytest.mark.parametrize("key", ["neighbour", "other_village_cadre", "helper", "department_officer"])
@pytest.mark.parametrize("rest", ADDRESSES)
def test_what_is_not_theirs_is_not_there(signed_in, page, key, rest):
    assert signed_in(key).get(page + rest).status_code in (403, 404)


@pytest.mark.parametrize("key", ["neighbour", "other_village_cadre", "department_officer", "helper"])
def test_nothing_of_others_can_be_changed_by_address(signed_in, household, page, key):
    browser, person = signed_in(key), household.members.get()
    before = Statement.objects.count(), Event.objects.count()
    for address in (
        page + "member/", page + "move/", page + "split/", page + "merge/", page + "documents/", page + "correct/incomes/",
        f"/register/person/{person.pk}/leaving/", f"/register/person/{person.pk}/correct/",
        f"/register/person/{person.pk}/unmask/",
    ):  # fmt: skip
        assert browser.post(address, {"on": TODAY}).status_code in (403, 404), address
    assert (Statement.objects.count(), Event.objects.count()) == before


def test_who_reads_only_has_no_forms(signed_in, page):
    browser = signed_in("leader")
    assert browser.get(page).status_code == 200
    for rest in ADDRESSES[2:]:
        assert browser.get(page + rest).status_code == 403


@pytest.mark.parametrize("rest", ADDRESSES)
def test_every_page_opens_for_who_works_there(cadre, page, rest):
    assert cadre.get(page + rest).status_code == 200


def test_a_birth_is_recorded_by_its_form(cadre, household, page):
    sent = {"how": "birth", "name": "<b>演示婴</b>", "relation": "之女", "on": TODAY}
    answer = cadre.post(page + "member/", sent, follow=True)
    assert "&lt;b&gt;演示婴&lt;/b&gt;" in answer.content.decode() and "<b>演示婴" not in answer.content.decode()
    household.refresh_from_db()
    assert household.size == 2


def test_a_refusal_keeps_what_was_typed(cadre, household, page):
    sent = {"how": "move", "name": "演示乙", "relation": "其他", "on": TODAY, "id_number": "152221199001010000"}
    answer = cadre.post(page + "member/", sent)
    assert answer.status_code == 400
    assert "GB 11643" in answer.content.decode() and "演示乙" in answer.content.decode()


def test_a_death_a_move_a_split_and_a_merge_go_through_their_forms(signed_in, household, page, now):
    browser = signed_in("banner_officer")
    browser.post(page + "member/", {"how": "marriage", "name": "演示乙", "relation": "配偶", "on": TODAY})
    wife = household.members.get(name="演示乙")
    browser.post(page + "split/", {"members": [wife.pk], "head": wife.pk, "number": "D0002", "on": TODAY})
    other = Household.objects.get(number="D0002")
    browser.post(f"/register/{other.pk}/move/", {"to": OTHER_VILLAGE, "on": TODAY})
    other.refresh_from_db()
    assert other.region_code == OTHER_VILLAGE
    browser.post(f"/register/{other.pk}/merge/", {"into": "D0001", "on": TODAY})
    other.refresh_from_db()
    assert other.successor == household
    wife = household.members.get(name="演示乙", left_on=None)
    answer = browser.post(f"/register/person/{wife.pk}/leaving/", {"how": "died", "on": TODAY}, follow=True)
    assert answer.status_code == 200 and household.members.filter(leaving="died").count() == 1
    assert "It goes on as D0001" in browser.get(f"/register/{other.pk}/").content.decode()


def test_a_household_is_added_by_its_form(cadre):
    sent = {"region_code": VILLAGE, "household_type": "普通农户", "name": "演示丙", "on": TODAY}
    assert "演示丙" in cadre.post("/register/new/", sent, follow=True).content.decode()


def test_a_village_cadre_is_offered_no_other_village(cadre, page):
    assert OTHER_VILLAGE not in cadre.get("/register/new/").content.decode()


def test_a_fact_is_corrected_by_its_form_and_the_day_before_still_says_the_old(cadre, household, page):
    sent = {"house_grade": "C", "safe_water": "否", "reason": "<i>seen</i>"}
    cadre.post(page + "correct/households/", sent, follow=True)
    shown = cadre.get(page + "timeline/").content.decode()
    assert "&lt;i&gt;seen&lt;/i&gt;" in shown and "Fact corrected" in shown
    assert Statement.objects.get(table="households").values == {"house_grade": "C", "safe_water": False}
    assert "As it was known on 2020-01-01" in cadre.get(page + "?on=2020-01-01").content.decode()


def test_the_search_box_sends_names_in_the_body_and_works_without_scripts(cadre, household):
    assert 'method="post"' in cadre.get("/register/search/").content.decode()
    whole = cadre.post("/register/search/", {"q": "演示甲"}).content.decode()
    part = cadre.post("/register/search/", {"q": "演示甲"}, headers={"HX-Request": "true"}).content.decode()
    assert "D0001" in whole and "<html" in whole and "D0001" in part and "<html" not in part
    assert "Nobody found" in cadre.post("/register/search/", {"q": "演示邻"}).content.decode()


def test_the_tree_counts_and_a_village_lists(signed_in, household, neighbour_household):
    browser = signed_in("banner_officer")
    tree = browser.get("/register/").content.decode()
    assert "科尔沁镇" in tree and "D0001" not in tree
    assert "D0001" in browser.get(f"/register/?region={VILLAGE}").content.decode()
    for code in (NEIGHBOUR_BANNER, "15", "abc", "152221' OR 1=1"):
        assert browser.get("/register/", {"region": code}).status_code == 404


def test_filters_narrow_and_order_the_list(signed_in, household, now):
    for number, (kind, income) in enumerate([("边缘易致贫户", 5000), ("", 9000), ("脱贫不稳定户", None)]):
        Household.objects.create(
            number=f"F{number}", region_code=VILLAGE, head_name=f"户{number}", monitored_type=kind,
            income_cny_per_capita=income, changed_at=now,
        )  # fmt: skip
    browser = signed_in("banner_officer")

    def found(**query):
        page = browser.get("/register/", {"region": BANNER, **query}).context["page"]
        return [household.number for household in page]

    assert found(monitored="any") == ["F0", "F2"]
    assert found(monitored="边缘易致贫户") == ["F0"]
    assert found(income_from="6000") == ["F1"] and found(income_to="6000") == ["F0"]
    assert set(found(order="-income")) == {"D0001", "F0", "F1", "F2"}
    assert found(warned="yes") == [] and len(found(warned="no")) == 4
    assert found(ended="yes") == []
    assert browser.get("/register/?income_from=x&order=nonsense").status_code == 200


def test_a_list_of_fifty_takes_no_more_queries_than_a_list_of_one(cadre, household, now):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert cadre.get("/register/").status_code == 200
        return len(found)

    one = queries()
    Household.objects.bulk_create(Household(number=f"L{n}", region_code=VILLAGE, changed_at=now) for n in range(120))
    assert queries() <= one + 1  # a list that goes on is counted


def test_the_list_goes_to_excel_for_who_may(signed_in, household):
    assert signed_in("banner_officer").get(f"/register/?region={VILLAGE}&export=xlsx").status_code == 200
    assert signed_in("village_cadre").get("/register/?export=xlsx").status_code == 403


def test_a_document_is_sent_and_read_only_by_who_sees_the_household(signed_in, cadre, household, page):
    file = io.BytesIO(b"%PDF-1.7\n%%EOF")
    file.name = "../../<script>.pdf"
    answer = cadre.post(page + "documents/", {"kind": "other", "title": "<script>", "files": [file]}, follow=True)
    assert "&lt;script&gt;" in answer.content.decode()
    address = f"/register/document/{Document.objects.get().pk}/"
    got = cadre.get(address)
    assert got.content == b"%PDF-1.7\n%%EOF" and "attachment" in got["Content-Disposition"]
    for key in ("neighbour", "other_village_cadre", "helper"):
        assert signed_in(key).get(address).status_code == 404
    assert signed_in("department_officer").get(address).status_code == 403


def test_a_file_of_another_kind_is_refused_in_words(cadre, page):
    file = io.BytesIO(b"MZ")
    file.name = "photo.jpg"
    answer = cadre.post(page + "documents/", {"kind": "photo", "title": "", "files": [file]}, follow=True)
    assert "Only photos" in answer.content.decode() and not Document.objects.exists()


def test_the_timeline_is_paged(cadre, household, page, now):
    fill(household, 40, now)
    first = cadre.get(page + "timeline/")
    assert first.context["more"] and len(first.context["moments"]) == 50
    rest = cadre.get(page + "timeline/?offset=50", headers={"HX-Request": "true"})
    assert rest.status_code == 200 and not rest.context["more"]
    assert cadre.get(page + "timeline/?offset=-5x").status_code == 200
