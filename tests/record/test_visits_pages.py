"""Planning visits at the desk: rounds, forms and records, by role and region, and what cannot be used."""

from __future__ import annotations

import base64
import json
import re
import zlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from khotail.accounts.models import Notification, Token
from khotail.register.models import Statement
from khotail.visits import forms, receiving, rounds, taking
from khotail.visits.models import Assignment, Form, Round
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE, make_household
from tests.record.test_visits import PNG, SURVEY, filled, visit


@pytest.fixture
def published(regions, now) -> dict[str, Form]:
    return {form.form_id: form for form in forms.publish_rulebook_forms(now)}


@pytest.fixture
def opened(published, officers, household, now) -> Round:
    make_household("D0002", VILLAGE, "演示乙", now)
    return rounds.open_round(
        "六月走访", "household_visit", BANNER, "all", starts_on=now.date() - timedelta(days=30),
        due_on=now.date() - timedelta(days=1), by=officers["banner_officer"], now=now,
    )  # fmt: skip


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def of_round(**changed: str) -> dict[str, str]:
    return {
        "title": "七月", "form_id": "household_visit", "region_code": TOWNSHIP, "who": "all", "starts_on": "2026-07-01",
        "due_on": "2026-07-31", **changed,
    }  # fmt: skip


def test_a_round_is_counted_before_it_is_opened(published, household, signed_in):
    browser = signed_in("banner_officer")
    page = text(browser.post("/visits-plan/new/", of_round()))
    assert "1 household fits." in page and Round.objects.count() == 0
    counted = re.search(r'name="counted" value="([^"]+)"', page)[1]
    assert "2 household" not in text(browser.post("/visits-plan/new/", of_round(region_code=BANNER, counted=counted)))
    answer = browser.post("/visits-plan/new/", of_round(counted=counted))
    assert answer.status_code == 302 and Assignment.objects.count() == 1
    assert "七月" in text(browser.get("/visits-plan/"))


def test_a_round_that_makes_no_sense_says_why(published, household, signed_in):
    browser = signed_in("banner_officer")
    for changed in ({"due_on": "2026-06-01"}, {"region_code": "152222"}, {"title": ""}, {"who": "nobody"}):
        values = of_round(**changed)
        counted = f"{values['who']} {values['region_code']} 1"
        answer = browser.post("/visits-plan/new/", values | {"counted": counted})
        assert answer.status_code == 400 and "errorlist" in answer.content.decode()
    assert Round.objects.count() == 0


def test_a_rounds_page_shows_how_far_it_is_by_village_and_person(opened, officers, household, signed_in, now):
    form = Form.objects.get(form_id="household_visit")
    taking.take(receiving.receive(filled(form, visit(form)), by=officers["village_cadre"], now=now).submission, now)
    page = text(signed_in("banner_officer").get(f"/visits-plan/rounds/{opened.pk}/"))
    assert "1 of 2 made" in page and "1 overdue" in page and "D0002" in page
    sheet = signed_in("banner_officer").get(f"/visits-plan/rounds/{opened.pk}/?export=xlsx")
    assert b"".join(sheet.streaming_content)[:2] == b"PK"


def test_those_who_have_visits_left_are_reminded_and_a_round_is_closed(opened, officers, signed_in):
    browser = signed_in("banner_officer")
    browser.post(f"/visits-plan/rounds/{opened.pk}/remind/")
    assert [one.officer for one in Notification.objects.filter(kind="visits-left")] == [officers["village_cadre"]]
    left = opened.assignments.first()
    assert browser.post(f"/visits-plan/planned/{left.pk}/excuse/", {"reason": "外出"}).status_code == 302
    assert browser.post(f"/visits-plan/planned/{left.pk}/excuse/", {"reason": "外出"}).status_code == 409
    assert browser.post(f"/visits-plan/rounds/{opened.pk}/close/").status_code == 302
    assert browser.post(f"/visits-plan/rounds/{opened.pk}/close/").status_code == 404
    assert "Closed" in text(browser.get("/visits-plan/"))


def test_a_township_sees_the_banners_round_in_its_own_villages_and_cannot_close_it(opened, signed_in):
    browser = signed_in("township_officer")
    assert "六月走访" in text(browser.get("/visits-plan/"))
    assert "Close the round" not in text(browser.get(f"/visits-plan/rounds/{opened.pk}/"))
    assert browser.post(f"/visits-plan/rounds/{opened.pk}/close/").status_code == 404


def test_another_banner_sees_nothing_of_it(opened, officers, household, signed_in, now):
    form = Form.objects.get(form_id="household_visit")
    stored = receiving.receive(filled(form, visit(form)), by=officers["village_cadre"], now=now).submission
    beside = signed_in("neighbour")
    assert "六月走访" not in text(beside.get("/visits-plan/"))
    for path in (f"rounds/{opened.pk}/", f"records/{stored.pk}/"):
        assert beside.get(f"/visits-plan/{path}").status_code == 404
    assert beside.get(f"/visits-plan/?region={BANNER}").status_code == 404


def test_who_may_not_plan_gets_no_planning_pages(opened, signed_in):
    for key in ("village_cadre", "helper", "leader", "auditor", "department_officer", "supervisor"):
        browser = signed_in(key)
        for path in ("", "new/", f"rounds/{opened.pk}/", "forms/"):
            assert browser.get(f"/visits-plan/{path}").status_code == 403, (key, path)
    for key in ("leader", "department_officer", "supervisor"):
        assert signed_in(key).get("/visits-plan/records/").status_code == 403
        assert signed_in(key).get("/visits-plan/odk/").status_code == 403


def test_navigation_leads_planners_to_rounds_and_field_workers_to_the_app(published, signed_in):
    assert 'href="/visits-plan/"' in text(signed_in("banner_officer").get("/"))
    assert 'href="/visits/"' in text(signed_in("village_cadre").get("/"))
    assert "/visits" not in text(signed_in("leader").get("/"))


def test_a_form_is_sent_taken_down_and_retired(officers, signed_in):
    browser = signed_in("banner_officer")
    page = text(browser.post("/visits-plan/forms/upload/", {"file": SimpleUploadedFile("well.md", SURVEY.encode())}))
    assert "well 1 is offered now" in page
    form = Form.objects.get(form_id="well")
    assert "Well" in text(browser.get("/visits-plan/forms/"))
    assert browser.get(f"/visits-plan/forms/{form.pk}/xml/").content == form.xform.encode()
    assert browser.get(f"/visits-plan/forms/{form.pk}/md/").content == SURVEY.encode()
    assert browser.get(f"/visits-plan/forms/{form.pk}/exe/").status_code == 404
    assert browser.post(f"/visits-plan/forms/{form.pk}/retire/").status_code == 302
    assert "Retired" in text(browser.get("/visits-plan/forms/"))


def test_a_rulebooks_form_is_taken_down_as_it_was_written(published, signed_in):
    pk = published["household_visit"].pk
    answer = signed_in("banner_officer").get(f"/visits-plan/forms/{pk}/md/")
    assert answer.status_code == 200 and answer.content.startswith(b"| survey |")
    assert signed_in("banner_officer").post(f"/visits-plan/forms/{pk}/retire/").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SURVEY.replace("decimal | litres", "decimall | litres").encode(), "decimall"),
        (SURVEY.replace("text | household", "text | house").encode(), "household"),
        (b"PK\x03\x04 nothing", "cannot be used"),
        (b"<script>alert(1)</script>", "cannot be used"),
        (b"0" * (6 << 20), "at most 5 MB"),
    ],
)
def test_a_form_that_cannot_be_used_is_refused_with_what_is_wrong(officers, signed_in, content, said):
    name = "a.xlsx" if content[:2] == b"PK" else "a.md"
    answer = signed_in("banner_officer").post("/visits-plan/forms/upload/", {"file": SimpleUploadedFile(name, content)})
    page = answer.content.decode()
    assert answer.status_code in (400, 413) and said in page and "<script>alert" not in page
    assert Form.objects.count() == 0


def test_a_record_is_shown_by_its_questions_with_photos_and_what_it_became(
    published, officers, household, signed_in, now
):
    form = published["household_visit"]
    xml = filled(form, visit(form, causes="illness water", more="<photo>a.png</photo>"))
    stored = receiving.receive(xml, {"a.png": ContentFile(PNG)}, by=officers["village_cadre"], now=now).submission
    taking.take(stored, now)
    browser = signed_in("banner_officer")
    page = text(browser.get(f"/visits-plan/records/{stored.pk}/"))
    for shown in ("Who was met", "head of household", "illness, safe water", "12000", "46.100000", "new statement"):
        assert shown in page, shown
    photo = browser.get(re.search(r'src="(/visits-plan/records/files/\d+/)"', page)[1])
    assert (photo.status_code, photo["Content-Type"]) == (200, "image/png")
    assert signed_in("neighbour").get(photo.request["PATH_INFO"]).status_code == 404
    assert f"/visits-plan/records/{stored.pk}/" in text(browser.get(f"/register/{household.pk}/"))
    officers["banner_officer"].language = "zh-hans"
    officers["banner_officer"].save()
    assert "因病、安全饮水" in text(signed_in("banner_officer").get(f"/visits-plan/records/{stored.pk}/"))


def test_a_record_nobody_knows_the_household_of_is_placed_or_set_aside(published, officers, household, signed_in, now):
    form, browser = published["household_visit"], signed_in("banner_officer")
    one, two = (
        receiving.receive(filled(form, visit(form, number)), by=officers["village_cadre"], now=now).submission
        for number in ("没有", "<b>D9</b>".replace("<", "&lt;"))
    )
    assert "Records to look at" in text(browser.get("/"))
    page = text(browser.get("/visits-plan/records/?state=to_look_at"))
    assert page.count("Household not known") == 2
    assert "演示甲" in text(browser.post(f"/visits-plan/records/{one.pk}/", {"q": "D0001"}))
    assert browser.post(f"/visits-plan/records/{one.pk}/", {"household": household.pk}).status_code == 302
    assert Statement.objects.filter(household=household, table="incomes").count() == 1
    assert browser.post(f"/visits-plan/records/{one.pk}/", {"household": household.pk}).status_code == 409
    assert browser.post(f"/visits-plan/records/{two.pk}/set-aside/", {"reason": ""}).status_code == 400
    assert browser.post(f"/visits-plan/records/{two.pk}/set-aside/", {"reason": "户号写错"}).status_code == 302
    assert "户号写错" in text(browser.get(f"/visits-plan/records/{two.pk}/"))
    assert browser.post(f"/visits-plan/records/{two.pk}/", {"household": "99999"}).status_code == 404


def test_a_helper_may_not_place_a_record(published, officers, household, signed_in, now):
    household.helper = officers["helper"]
    household.save()
    form = published["household_visit"]
    stored = receiving.receive(filled(form, visit(form)), by=officers["helper"], now=now).submission
    browser = signed_in("helper")
    assert browser.get(f"/visits-plan/records/{stored.pk}/").status_code == 200
    assert browser.post(f"/visits-plan/records/{stored.pk}/", {"household": household.pk}).status_code == 403
    assert browser.post(f"/visits-plan/records/{stored.pk}/set-aside/", {"reason": "x"}).status_code == 403


def test_a_phone_is_set_up_with_a_token_that_is_shown_once(published, officers, signed_in):
    browser = signed_in("village_cadre")
    page = text(browser.get("/visits-plan/odk/"))
    assert "http://testserver/openrosa" in page and "<svg" not in page.split("<main")[-1].split("pairs")[0]
    made = text(browser.post("/visits-plan/odk/", {"name": "手机"}))
    secret = re.search(r"<code>(kht_[\w-]+)</code>", made)[1]
    assert Token.objects.get().name == "手机" and 'class="code-to-scan"' in made and "<path" in made
    packed = base64.b64encode(f"village_cadre:{secret}".encode()).decode()
    listed = browser.get("/openrosa/formList", headers={"Authorization": f"Basic {packed}"})
    assert listed.status_code == 200 and secret not in text(browser.get("/visits-plan/odk/"))


def test_the_code_holds_what_odk_collect_reads():
    from khotail.desk.views.visits_odk import settings_for

    read = json.loads(zlib.decompress(base64.b64decode(settings_for("https://x/openrosa", "a", "kht_1"))))
    assert read["general"] == {
        "protocol": "odk_default", "server_url": "https://x/openrosa", "username": "a", "password": "kht_1",
    }  # fmt: skip


def test_the_list_of_rounds_asks_few_questions(opened, signed_in, django_assert_max_num_queries):
    browser = signed_in("banner_officer")
    with django_assert_max_num_queries(10):
        text(browser.get("/visits-plan/"))
