"""The start page, what officers set for themselves, and the parts that every page uses."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from khotail.accounts.models import Notification, Officer, SavedFilter
from khotail.casework.models import Lead
from khotail.desk import standing
from khotail.desk.export import Column, as_workbook, export
from khotail.jobs.models import Job
from khotail.register.models import Household
from khotail.texts import Text
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, PEOPLE, TOWNSHIP, VILLAGE

ROOT = Path(__file__).parents[2]


def lead_about(household: Household | None, region_code: str, due_in_days: int) -> Lead:
    now = timezone.now()
    return Lead.objects.create(
        household=household, region_code=region_code, channel=Lead.Channel.HOTLINE, raised_at=now,
        due_on=timezone.localdate(now) + timedelta(days=due_in_days),
    )  # fmt: skip


# — Today —


@pytest.mark.parametrize("key", PEOPLE)
def test_every_role_has_a_start_page(signed_in: Any, household: Household, key: str) -> None:
    lead_about(household, VILLAGE, -3)
    page = signed_in(key).get("/")
    assert page.status_code == 200
    assert page.headers["Content-Language"] == "en"


def test_the_cadre_sees_the_latest_first_and_nothing_of_other_villages(signed_in: Any, household: Household) -> None:
    soon, late = lead_about(household, VILLAGE, 20), lead_about(household, VILLAGE, -5)
    lead_about(None, OTHER_VILLAGE, -30)
    tasks = signed_in("village_cadre").get("/").context["todo"].tasks
    assert [task.due_on for task in tasks] == [late.due_on, soon.due_on]


def test_a_department_officer_sees_no_households(signed_in: Any, household: Household) -> None:
    lead_about(household, VILLAGE, -3)
    page = signed_in("department_officer").get("/")
    assert household.head_name not in page.content.decode()
    assert page.context["tiles"] == [] and page.context["trend"] is None


def test_tiles_lead_down_within_the_own_region_only(signed_in: Any, household: Household) -> None:
    lead_about(household, VILLAGE, 5)
    browser = signed_in("banner_officer")
    assert [(tile.code, tile.leads) for tile in browser.get("/").context["tiles"]] == [(TOWNSHIP, 1), ("152221101", 0)]
    assert browser.get("/", {"region": TOWNSHIP}).context["region"] == TOWNSHIP
    for elsewhere in (NEIGHBOUR_VILLAGE, "15", "15222199", "x' OR 1=1"):
        assert browser.get("/", {"region": elsewhere}).status_code == 404
    assert browser.get("/", {"region": ""}).context["region"] == BANNER


@pytest.mark.parametrize("name", ["home", "leads", "cases", "findings", "audit", "batches"])
def test_a_region_outside_ones_own_is_not_found_on_any_list(signed_in: Any, name: str) -> None:
    browser = signed_in("township_officer")
    for elsewhere in (BANNER, NEIGHBOUR_VILLAGE, "152221101", "１５２２２１１００"):
        assert browser.get(reverse(name), {"region": elsewhere}).status_code == 404, elsewhere
    assert browser.get(reverse(name), {"region": VILLAGE}).status_code == 200


def test_the_banner_of_the_demonstration_lies_in_a_landmark_of_its_own(signed_in: Any, settings: Any) -> None:
    settings.KHOTAIL_DEMO = True
    page = signed_in("banner_officer").get("/").content.decode()
    assert '<aside class="demo-line" aria-label="Demonstration"><p>Demonstration: all people' in page


def test_the_map_is_shown_above_the_banner(officers: dict[str, Officer]) -> None:
    above = Officer.objects.create_user("league", full_name="演示盟", role="officer", region_code="1522", language="en")
    browser = Client()
    browser.force_login(above)
    assert browser.get("/").context["map"].areas
    browser.force_login(officers["banner_officer"])
    assert browser.get("/").context["map"] is None


def test_the_trend_counts_by_week(officers: dict[str, Officer], household: Household) -> None:
    today = timezone.localdate()
    lead_about(household, VILLAGE, 5)
    chart = standing.trend(officers["banner_officer"], BANNER, today)
    assert chart is not None and chart.series[1].values == [0] * 11 + [1] and len(chart.rows) == 12


def test_the_number_of_queries_does_not_grow_with_the_work(
    signed_in: Any, household: Household, django_assert_max_num_queries: Any
) -> None:
    for days in range(40):
        lead_about(household, VILLAGE, days)
    browser = signed_in("banner_officer")
    with django_assert_max_num_queries(45):  # the figures over a region are counted once a minute, in tests each time
        browser.get("/")


def test_the_start_page_asks_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/").status_code == 302


# — language, filters, notifications —


def test_the_language_is_kept_with_the_officer(signed_in: Any, officers: dict[str, Officer]) -> None:
    browser = signed_in("village_cadre")
    answer = browser.post("/language/", {"language": "zh-hans", "next": "/notifications/"})
    assert answer.url == "/notifications/"
    officers["village_cadre"].refresh_from_db()
    assert officers["village_cadre"].language == "zh-hans"
    assert browser.get("/").headers["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_another_site(signed_in: Any, elsewhere: str) -> None:
    browser = signed_in("village_cadre")
    assert browser.post("/language/", {"language": "en", "next": elsewhere}).url == "/"
    assert browser.post("/language/", {"language": "no-such", "next": "/"}).status_code == 302


def test_a_filter_is_saved_replaced_and_removed_by_its_owner_only(signed_in: Any) -> None:
    browser = signed_in("village_cadre")
    sent = {"page": "leads", "name": " <b>late</b> ", "query": "late=1", "next": "/"}
    browser.post("/filters/", sent)
    browser.post("/filters/", sent | {"query": "late=1&q=x"})
    saved = SavedFilter.objects.get()
    assert (saved.name, saved.query) == ("<b>late</b>", "late=1&q=x")
    signed_in("helper").post(f"/filters/{saved.pk}/remove/")
    assert SavedFilter.objects.count() == 1
    browser.post(f"/filters/{saved.pk}/remove/")
    assert SavedFilter.objects.count() == 0
    browser.post("/filters/", sent | {"name": "x" * 61})
    assert SavedFilter.objects.count() == 0


def test_notifications_are_read_by_their_officer_only(signed_in: Any, officers: dict[str, Officer]) -> None:
    note = Notification.objects.create(
        officer=officers["village_cadre"], kind="unknown", path="/notifications/", at=timezone.now()
    )
    assert signed_in("helper").post(f"/notifications/{note.pk}/").status_code == 404
    browser = signed_in("village_cadre")
    assert browser.get("/").context["unread"]() == 1
    assert browser.post(f"/notifications/{note.pk}/").url == "/notifications/"
    assert browser.get("/notifications/").status_code == 200
    note.refresh_from_db()
    assert note.read_at


def test_progress_is_shown_to_who_asked_for_the_job(signed_in: Any, officers: dict[str, Officer], now: Any) -> None:
    job = Job.objects.create(
        kind="x", state="running", asked_by=officers["township_officer"], asked_at=now, region_code=TOWNSHIP,
        done=1234, total=20_000,
    )  # fmt: skip
    page = signed_in("township_officer").get(f"/progress/{job.pk}/").content.decode()
    assert 'max="20000" value="1234"' in page and "every 2s" in page
    assert signed_in("neighbour").get(f"/progress/{job.pk}/").status_code == 404


# — problems —


def test_problem_pages_speak_both_languages(signed_in: Any) -> None:
    page = signed_in("village_cadre").get("/no-such-page/")
    assert page.status_code == 404
    assert "没有这个页面" in page.content.decode() and "There is no such page" in page.content.decode()


def test_a_form_without_its_token_is_refused_with_a_page(officers: dict[str, Officer]) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officers["village_cadre"])
    page = browser.post("/filters/", {"page": "leads", "name": "x", "query": "y"})
    assert page.status_code == 403 and "表单已过期" in page.content.decode()


@pytest.mark.parametrize("where", ["khotail.desk.views.preferences.SavedFilterForm", "django.contrib.auth.get_user"])
def test_a_lost_database_gives_back_what_was_typed(signed_in: Any, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """In a view, or already when a middleware asks who is there."""

    def gone(*_args: object, **_kwargs: object) -> None:
        raise OperationalError

    browser = signed_in("village_cadre")
    browser.raise_request_exception = False
    monkeypatch.setattr(where, gone)
    sent = {
        "page": "leads",
        "name": '</textarea><script>"',
        "query": "late=1",
        "csrfmiddlewaretoken": "t",
        "password1": "p",
    }
    page = browser.post("/filters/", sent)
    text = page.content.decode()
    assert page.status_code == 503
    assert "&lt;/textarea&gt;&lt;script&gt;" in text and "late=1" in text
    assert 'name="csrfmiddlewaretoken" value="t"' in text and "password1" not in text


def test_a_failure_has_a_page_without_details(signed_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in("village_cadre")
    browser.raise_request_exception = False
    monkeypatch.setattr("khotail.desk.views.home.todo", lambda *_: 1 / 0)
    page = browser.get("/")
    assert page.status_code == 500 and "程序出错了" in page.content.decode() and "division" not in page.content.decode()


# — export —


def read(file: Any) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(file.read())).active.iter_rows(values_only=True))


COLUMNS = (Column("Head", "head_name"), Column("Number", "number"), Column("Size", "size"))


def test_exported_cells_are_text_never_formulas(household: Household) -> None:
    household.head_name, household.number = '=HYPERLINK("https://example.org")', "00120"
    file, count = as_workbook([household], COLUMNS, "households")
    assert count == 1
    assert read(file) == [("Head", "Number", "Size"), ('=HYPERLINK("https://example.org")', "00120", 1)]


def test_an_export_leaves_an_event_and_is_refused_to_a_cadre(
    officers: dict[str, Officer], household: Household
) -> None:
    request = RequestFactory().get("/", {"export": "xlsx"})
    request.user = officers["banner_officer"]
    answer = export(request, Household.objects.visible_to(request.user), COLUMNS, "households")
    assert len(read(io.BytesIO(answer.getvalue()))) == 2
    event = Event.objects.filter(verb="list.exported").get()
    assert event.details == {"list": "households", "rows": 1}
    request.user = officers["village_cadre"]
    with pytest.raises(PermissionDenied):
        export(request, [], COLUMNS, "households")


# — tags —


def shown(template: str, language: str = "en", **context: Any) -> str:
    with translation.override(language):
        return Template("{% load khotail %}" + template).render(Context(context))


def test_a_text_is_spoken_in_the_readers_language() -> None:
    text = Text("户", "household")
    assert shown("{{ t|spoken }}", "zh-hans", t=text) == "户"
    assert shown("{{ t|spoken }}", t=text) == "household"
    assert shown("{{ t|spoken }}", t={"zh": "甲", "en": "<a>"}) == "&lt;a&gt;"


@pytest.mark.parametrize(
    ("due", "sentence", "kind"),
    [
        (date(2026, 6, 3), "Due today", "soon"),
        (date(2026, 6, 8), "3 working days left", ""),
        (date(2026, 6, 1), "2 working days late", "late"),
        (date(1900, 1, 1), "", "late"),
        (date(2100, 1, 1), "", ""),
    ],
)
def test_a_deadline_is_told_in_working_days(due: date, sentence: str, kind: str) -> None:
    told = shown("{{ due|days_left:today }}|{{ due|due_class:today }}", due=due, today=date(2026, 6, 3))
    assert told.startswith(sentence) and told.endswith(f"|{kind}")


def test_numbers_are_masked_and_money_is_grouped() -> None:
    assert shown("{{ n|masked }}", n="152221199001011234") == "152221********1234"
    assert shown("{{ n|masked }}", n="13812345678") == "138****5678"
    assert shown("{{ n|money }}", n=12345) == "12,345 CNY" and shown("{{ n|money }}", n="12345.5") == "12,345.50 CNY"
    assert shown("{{ n|money }}", n=None) == "—"


def test_a_query_string_is_changed_and_escaped() -> None:
    request = RequestFactory().get("/", {"q": '"><script>', "page": "2"})
    assert shown("{% query page=3 %}", request=request) == "?q=%22%3E%3Cscript%3E&amp;page=3"
    assert "page" not in shown("{% query page=None %}", request=request)


def test_regions_have_names_even_where_the_table_has_none(regions: None, officers: dict[str, Officer]) -> None:
    officer = officers["banner_officer"]
    assert shown("{% region code %}", code=VILLAGE) == "第一嘎查"
    assert shown("{% region_path code %}", code=VILLAGE, user=officer) == "科尔沁镇 › 第一嘎查"
    assert shown("{% region code %}", code="999999") == "999999"
    request = RequestFactory().get("/cases/")
    crumbs = shown("{% region_trail code %}", code=VILLAGE, user=officer, request=request)
    assert f"/cases/?region={TOWNSHIP}" in crumbs and "region=1522&" not in crumbs


# — scripts of others —


def test_the_scripts_of_others_are_what_the_manifest_says() -> None:
    manifest = json.loads((ROOT / "src/khotail/desk/static/desk/vendor/vendor.json").read_text())
    for each in manifest["files"]:
        assert hashlib.sha256((ROOT / each["file"]).read_bytes()).hexdigest() == each["sha256"], each["file"]
        assert (ROOT / each["licence_file"]).exists()
