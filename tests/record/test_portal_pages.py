"""The household's own pages: declare, read why, correct, object, what is received, agreed, looked at; and of nobody else."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from khotail.casework import actions
from khotail.casework.models import Lead, Objection
from khotail.issues.bodies import add_body
from khotail.issues.models import Issue, Move
from khotail.issues.raising import raise_issue
from khotail.register.known import known
from khotail.residents import corrections, viewings
from khotail.residents.models import Consent, Correction, Declaration, OneTimeCode, Resident, Viewing
from khotail.trail.chain import breaks
from khotail.trail.models import Event
from tests.record.conftest import BANNER, VILLAGE, make_household
from tests.record.portal_people import NEIGHBOURS_PHONE, PHONE, give_phone, sign_in, state
from tests.record.test_casework_refusal import refused_at_review
from tests.record.walking import opened, walk

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
HOSTILE = '<script>alert(1)</script>"\'{{ 7|add:7 }}=cmd|"/c calc"!A1'


@pytest.fixture(autouse=True)
def now():
    """Pages take the clock as it is."""
    return timezone.now()


@pytest.fixture
def home(household, now):
    person = give_phone(household, PHONE)
    person.id_number = "15222119900101123X"
    person.save()
    state(household, "households", {"house_grade": "C", "safe_water": True, "household_phone": "13912345678"}, now)
    state(household, "persons", {"education": "小学", "id_number": "15222119900101123X"}, now, person)
    state(household, "incomes", {"income_year": 2025, "wage_cny": 12000.0}, now, key="2025")
    state(
        household,
        "benefits",
        {"programme": "农村低保", "paid_from": "2026-01-01", "monthly_cny": 420.0},
        now,
        key="低保",
    )
    return household


@pytest.fixture
def client(home, django_capture_on_commit_callbacks) -> Client:
    return sign_in(django_capture_on_commit_callbacks)


@pytest.fixture
def stranger(client, now, django_capture_on_commit_callbacks) -> Client:
    """Somebody of another household of the same village."""
    other = make_household("D0002", VILLAGE, "演示邻居", now)
    give_phone(other, NEIGHBOURS_PHONE)
    OneTimeCode.objects.all().delete()
    return sign_in(django_capture_on_commit_callbacks, NEIGHBOURS_PHONE)


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def form_key(page: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', page)[1]


# — declare —


def test_a_difficulty_is_declared_with_photo_voice_and_consent_once(client, home):
    page = text(client, "/my/declare/")
    assert "Somebody is ill" in page and page.count('name="cause"') == 11
    sent = {"key": form_key(page), "cause": ["illness", "water"], "who": "own", "words": "住院了", "consent": "yes"}
    for _ in range(2):
        answer = client.post(
            "/my/declare/",
            sent | {"photo": io.BytesIO(PNG), "voice": io.BytesIO(b"\x1aE\xdf\xa3" + b"\0" * 20)},
        )
        assert answer.status_code == 302
    lead = Lead.objects.get()
    assert (lead.household, lead.causes, lead.consent, lead.documents.count()) == (home, ["illness", "water"], True, 2)
    assert "looks up what my household owns" in Consent.objects.get().words
    receipt = text(client, answer["Location"])
    assert "It has arrived" in receipt and "2 files" in receipt


def test_without_a_cause_nothing_typed_is_lost(client):
    answer = client.post("/my/declare/", {"key": "k", "who": "neighbour", "neighbour": HOSTILE, "words": HOSTILE})
    page = answer.content.decode()
    assert answer.status_code == 400 and "Tap what kind of difficulty" in page
    assert page.count("&lt;script&gt;") == 2 and "<script>alert" not in page and "{{ 7|add:7 }}" in page
    assert 'value="k"' in page and Declaration.objects.count() == 0


def test_a_file_that_is_no_picture_is_refused_with_a_sentence(client):
    answer = client.post("/my/declare/", {"key": "k", "cause": "water", "photo": io.BytesIO(b"MZ program")})
    assert answer.status_code == 415 and "add the photos" in answer.content.decode()
    assert Lead.objects.count() == 0


def test_a_neighbours_difficulty_says_nothing_of_its_outcome_to_the_teller(client, home, officers, now):
    client.post(
        "/my/declare/", {"key": "k", "cause": "labour", "who": "neighbour", "neighbour": "演示乙", "words": "没人照顾"}
    )
    lead = Lead.objects.get()
    assert lead.household is None
    Lead.objects.update(
        household=make_household("D0003", VILLAGE, "演示乙", now), reason="秘密的理由", state="dismissed"
    )
    assert "秘密的理由" not in text(client, "/my/case/")


def test_a_flood_of_declarations_ends(client):
    statuses = [
        client.post("/my/declare/", {"key": f"k{n}", "cause": "water", "who": "own"}).status_code for n in range(7)
    ]
    assert statuses == [302] * 5 + [429] * 2


# — where our case stands —


def test_the_household_reads_every_step_why_and_by_when(client, home, officers, now):
    case = opened(home, officers, now - timedelta(days=20))
    walk(case, officers, now - timedelta(days=20), until=["township-review"])
    page = text(client, "/my/case/")
    step = case.steps.get(closed_at=None)
    assert "Now:" in page and f"By {step.due_on.day} " in page and "Village cadre" in page
    assert "What was found" in page
    assert not any(officer.full_name in page for officer in officers.values())


def test_a_refusal_is_explained_and_can_be_objected_to_once(client, home, officers, now):
    _case, step = refused_at_review(home, officers, now - timedelta(minutes=5))
    page = text(client, "/my/case/")
    assert "收入高于监测范围" in page and f"/my/case/objection/{step.pk}/" in page
    for _ in range(2):
        assert client.post(f"/my/case/objection/{step.pk}/", {"words": "孩子在住院"}).status_code == 302
    objection = Objection.objects.get()
    assert (objection.taken_by, objection.by) == (None, "演示甲")
    assert client.post(f"/my/case/objection/{step.pk}/", {"words": "别的话"}).status_code == 400
    actions.answer_objection(objection, False, "已核实", officers["township_officer"], now)
    assert "It stays as decided." in text(client, "/my/case/")


def test_what_others_said_against_a_notice_is_not_shown(client, home, officers, now):
    case = opened(home, officers, now - timedelta(days=1))
    walk(case, officers, now - timedelta(days=1), until=["village-notice"])
    step = case.steps.get(closed_at=None)
    actions.object_to(step, "他家有车", said_by="演示丙", taken_by=officers["village_cadre"], now=now)
    page = text(client, "/my/case/")
    assert "他家有车" not in page and "演示丙" not in page


def test_a_lead_that_was_not_confirmed_says_why(client, home, officers, now):
    client.post("/my/declare/", {"key": "k", "cause": "water", "who": "own", "words": "水不好"})
    actions.dismiss_lead(Lead.objects.get(), "水质合格", officers["village_cadre"], now)
    assert "水质合格" in text(client, "/my/case/")


# — what is recorded, and corrections —


def test_facts_are_shown_with_their_source_and_numbers_in_part(client):
    page = text(client, "/my/record/")
    assert "小学" in page and "Written down at the village office" in page and "12,000" in page
    assert "15222119900101123X" not in page and "152221" in page and "13912345678" not in page


def test_a_wrong_fact_is_corrected_and_the_answer_is_read(client, home, officers, now):
    person = home.members.get()
    path = f"/my/record/wrong/?table=persons&column=education&person={person.pk}"
    assert path.replace("&", "&amp;") in text(client, "/my/record/")
    assert "小学" in text(client, path)
    sent = {"table": "persons", "column": "education", "person": person.pk, "wanted": "高中", "photo": io.BytesIO(PNG)}
    for _ in range(2):
        assert client.post("/my/record/wrong/", sent).status_code == 302
    asked = Correction.objects.get()
    corrections.answer(asked, corrected=True, words="已改，谢谢", by=officers["village_cadre"], now=now)
    page = text(client, "/my/record/corrections/")
    assert "高中" in page and "已改，谢谢" in page


def test_one_year_of_income_is_corrected_and_no_other(client, home, officers, now):
    path = "/my/record/wrong/?table=incomes&column=wage_cny&income_year=2025"
    assert path.replace("&", "&amp;") in text(client, "/my/record/")
    client.post(
        "/my/record/wrong/", {"table": "incomes", "column": "wage_cny", "income_year": "2025", "wanted": "9000"}
    )
    corrections.answer(Correction.objects.get(), corrected=True, words="", by=officers["village_cadre"], now=now)
    [row] = known(home, ["incomes"])["incomes"]
    assert row.values["wage_cny"] == 9000


@pytest.mark.parametrize(
    "query",
    ["", "table=nothing&column=x", "table=persons&column=education", "table=persons&column=education&person=x",
     "table=persons&column=education&person=99999999999999999999", "table=villages&column=name",
     "table=incomes&column=wage_cny&income_year=1970"],
)  # fmt: skip
def test_a_fact_that_is_not_there_cannot_be_corrected(client, query):
    assert "no such page" in text(client, f"/my/record/wrong/?{query}", 404)


def test_a_correction_without_a_value_keeps_the_words(client):
    answer = client.post(
        "/my/record/wrong/", {"table": "households", "column": "house_grade", "wanted": " ", "words": HOSTILE}
    )
    assert answer.status_code == 400 and "&lt;script&gt;" in answer.content.decode()


# — receive, consents, who looked —


def test_payments_and_help_are_listed(client):
    page = text(client, "/my/received/")
    assert "农村低保" in page and "420 yuan a month" in page and "It has not been worked out yet." in page


def test_consent_is_taken_back_once(client):
    client.post("/my/declare/", {"key": "k", "cause": "water", "who": "own", "consent": "yes"})
    given = Consent.objects.get()
    for _ in range(2):
        assert client.post(f"/my/consents/{given.pk}/withdraw/").status_code == 302
    assert Event.objects.filter(verb="consent.withdrawn").count() == 1
    assert "Taken back on" in text(client, "/my/consents/")


def test_the_household_reads_who_looked_and_who_saw_its_numbers(client, home, officers, signed_in):
    viewings._noted.clear()
    desk = signed_in("banner_officer")
    for _ in range(3):
        assert desk.get(f"/register/{home.pk}/").status_code == 200
    signed_in("neighbour").get(f"/register/{home.pk}/")
    assert Viewing.objects.get().times == 1
    desk.post(f"/register/person/{home.members.get().pk}/unmask/")
    page = text(client, "/my/looked/")
    assert "Officer" in page and "科尔沁右翼前旗" in page and "in full" in page
    assert officers["banner_officer"].full_name not in page


def test_a_page_opened_again_by_the_same_officer_writes_nothing(home, officers, django_assert_num_queries):
    viewings._noted.clear()
    viewings.opened(home, officers["banner_officer"], timezone.localdate())
    with django_assert_num_queries(0):
        viewings.opened(home, officers["banner_officer"], timezone.localdate())
    viewings.opened(home, officers["banner_officer"], timezone.localdate() + timedelta(days=1))
    assert [each.times for each in Viewing.objects.all()] == [1, 1]


# — my issues —


@pytest.fixture
def my_issue(client, home, officers, now) -> Issue:
    add_body("水利局", "water", BANNER, by=officers["administrator"], now=now)
    resident = Resident.objects.get(person__household=home)
    return raise_issue(
        "井里没有水了", region_code=VILLAGE, now=now, channel="portal", resident=resident, route="water-pipe"
    )


def test_my_issue_is_followed_and_confirmed(client, my_issue, officers, now):
    assert "井里没有水了" in text(client, "/my/issues/")
    page = text(client, f"/my/issues/{my_issue.number}/")
    assert my_issue.number in page and "Raised" in page
    Issue.objects.filter(pk=my_issue.pk).update(state=Issue.State.RESOLVED)
    for _ in range(2):
        assert client.post(f"/my/issues/{my_issue.number}/", {"what": "confirm", "satisfied": "5"}).status_code == 302
    my_issue.refresh_from_db()
    assert (my_issue.state, my_issue.satisfied) == ("confirmed", 5)


def test_what_is_not_done_is_opened_again_one_level_up(client, my_issue):
    Issue.objects.filter(pk=my_issue.pk).update(state=Issue.State.RESOLVED)
    path = f"/my/issues/{my_issue.number}/"
    assert client.post(path, {"what": "confirm", "satisfied": "9"}).status_code == 400
    for _ in range(2):
        assert client.post(path, {"what": "reopen", "words": "还是没有水"}).status_code == 302
    my_issue.refresh_from_db()
    assert my_issue.reopened == 1


def test_something_said_twice_is_said_once(client, my_issue):
    for _ in range(2):
        client.post(f"/my/issues/{my_issue.number}/", {"what": "say", "words": HOSTILE})
    assert Move.objects.filter(issue=my_issue, kind="said").count() == 1
    assert "<script>alert" not in text(client, f"/my/issues/{my_issue.number}/")


# — nobody else's —


def test_nothing_of_another_household_opens_by_its_number(client, stranger, home, officers, my_issue, now):
    client.post("/my/declare/", {"key": "k", "cause": "water", "who": "own", "consent": "yes", "words": "水不好"})
    declaration, given = Declaration.objects.get(), Consent.objects.get()
    _case, step = refused_at_review(home, officers, now - timedelta(minutes=5))
    person = home.members.get()
    reads = (
        f"/my/declare/{declaration.pk}/", f"/my/case/objection/{step.pk}/", f"/my/issues/{my_issue.number}/",
        f"/my/record/wrong/?table=persons&column=education&person={person.pk}",
    )  # fmt: skip
    for path in reads:
        assert "演示甲" not in text(stranger, path, 404)
    writes = (
        (f"/my/case/objection/{step.pk}/", {"words": "不对"}), (f"/my/consents/{given.pk}/withdraw/", {}),
        (f"/my/issues/{my_issue.number}/", {"what": "say", "words": "不对"}),
        ("/my/record/wrong/", {"table": "persons", "column": "education", "person": person.pk, "wanted": "大学"}),
    )  # fmt: skip
    for path, body in writes:
        assert stranger.post(path, body).status_code == 404
    assert not Objection.objects.exists() and not Correction.objects.exists()
    assert Consent.objects.get().withdrawn_at is None
    for path in (
        "",
        "case/",
        "record/",
        "record/corrections/",
        "received/",
        "consents/",
        "looked/",
        "issues/",
        "account/",
    ):
        page = text(stranger, f"/my/{path}")
        assert not any(
            mark in page for mark in ("演示甲", "收入高于监测范围", "小学", "农村低保", "水不好", "井里没有水")
        ), path


def test_a_declaration_key_of_another_household_does_not_show_it(client, stranger):
    client.post("/my/declare/", {"key": "same", "cause": "water", "who": "own", "words": "水不好"})
    answer = stranger.post("/my/declare/", {"key": "same", "cause": "illness", "who": "own"})
    assert answer.status_code == 302 and Declaration.objects.count() == 2
    assert "水不好" not in text(stranger, answer["Location"])


def test_every_page_asks_little_of_the_database(client, home, officers, now, django_assert_max_num_queries):
    before = now - timedelta(days=20)
    walk(opened(home, officers, before), officers, before, until=["township-review"])
    most = {"": 9, "declare/": 3, "case/": 40, "record/": 6, "received/": 9, "consents/": 4, "looked/": 5, "issues/": 5}
    for path, count in most.items():
        with django_assert_max_num_queries(count):
            text(client, f"/my/{path}")


def test_the_trail_holds_nothing_that_was_said(client, home):
    client.post("/my/declare/", {"key": "k", "cause": "water", "who": "own", "words": "很私人的话"})
    assert list(breaks()) == []
    assert not [event for event in Event.objects.all() if "私人" in str(event.details)]


def test_forms_need_their_token(home, django_capture_on_commit_callbacks, client):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/my/declare/", {"key": "k", "cause": "water"}).status_code == 403


@pytest.mark.parametrize("bad", [HOSTILE, "\x00", "a\r\nSet-Cookie: x=1", "長" * 5000, "9" * 40])
def test_nothing_that_is_sent_breaks_a_page(client, my_issue, bad):
    """Every field of every form at once, and every address that takes words."""
    fields = (
        "key", "cause", "who", "words", "neighbour", "consent", "table", "column", "person", "wanted", "income_year", "what",
        "satisfied", "step", "phone", "code", "next", "language", "size", "page",
    )  # fmt: skip
    sent = dict.fromkeys(fields, bad)
    paths = (
        "declare/", "record/wrong/", f"issues/{my_issue.number}/", "sign-in/", "look/", "case/objection/1/",
        "sign-in/who/", "consents/1/withdraw/",
    )  # fmt: skip
    for path in paths:
        assert client.post(f"/my/{path}", sent).status_code < 500, path
        for step in ("ask", "enter", "helped"):
            assert client.post(f"/my/{path}", sent | {"step": step, "cause": "water", "what": "say"}).status_code < 500
    for path in ("record/wrong/", "record/corrections/", "looked/", "issues/", "sign-in/"):
        assert client.get(f"/my/{path}", sent).status_code < 500, path
    assert client.get("/my/issues/%00%0d%0a/").status_code == 404
