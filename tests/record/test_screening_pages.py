"""The pages of screening, audit and rulebook: who sees what, and what can be done there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from khotail.jobs.work import run_waiting
from khotail.register.models import Household
from khotail.screening import actions
from khotail.screening.models import Finding, RulebookChange, Run
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.record.test_screening_runs import DAY, KNOWN, home, households, income, stated  # noqa: F401


@pytest.fixture
def screened(households, officers, now):  # noqa: F811
    stated("persons", [{"household_id": "H1", "person_id": "P1", "id_type": "居民身份证"}], now)
    by = officers["banner_officer"]
    return [actions.run(kind, BANNER, now.date(), by, now) for kind in ("signal", "audit")]


def test_a_run_is_started_on_the_page_and_shown(households, signed_in, now):  # noqa: F811
    browser: Client = signed_in("banner_officer")
    answer = browser.post(reverse("run_start"), {"kind": "signal"})
    assert answer.status_code == 302
    assert browser.post(reverse("run_start"), {"kind": "signal"}).status_code == 409
    run_waiting(now)
    run = Run.objects.get()
    for page in (reverse("runs"), reverse("run", args=[run.pk]), reverse("findings"), reverse("audit"),
                 reverse("trend", args=["signal"]), reverse("trend", args=["audit"])):  # fmt: skip
        assert browser.get(page).status_code == 200, page
    assert "Income below the line" in browser.get(reverse("run", args=[run.pk])).content.decode()
    assert browser.post(reverse("run_start"), {"kind": "x"}).status_code == 404


def test_somebody_of_one_township_starts_a_run_of_it_and_sees_only_what_is_found_there(
    households,  # noqa: F811
    officers,
    signed_in,
    now,
):
    elsewhere = "152221101200"
    stated("households", [{"household_id": "H9", "region_code": elsewhere, **KNOWN}], now)
    income("H9", 100.0, now)
    whole = actions.run("signal", BANNER, now.date(), officers["banner_officer"], now)
    there = Finding.objects.filter(region_code=elsewhere).count()
    here = Finding.objects.exclude(region_code=elsewhere)
    browser: Client = signed_in("township_officer")
    page = browser.get(reverse("runs"))
    assert "科尔沁镇" in page.content.decode() and "of the whole banner" in page.content.decode()
    counts = {"found": here.count(), "new": here.count(), "lasting": 0, "ended": 0}
    assert there and page.context["rows"] == [(whole, counts)]
    page = browser.get(reverse("run", args=[whole.pk]))
    assert page.context["counts"] == {**counts, "households": here.values("household").distinct().count()}
    assert "more than your region" in page.content.decode() and "records judged" not in page.content.decode()
    page = signed_in("banner_officer").get(reverse("run", args=[whole.pk]))
    assert page.context["counts"] == whole.counts and "records judged" in page.content.decode()

    income("H1", 80000.0, now, DAY + timedelta(days=1))
    assert browser.post(reverse("run_start"), {"kind": "signal"}).status_code == 302
    run_waiting(now)
    own = Run.objects.get(region_code=TOWNSHIP)
    rows = browser.get(reverse("runs")).context["rows"]
    assert [run.pk for run, _ in rows] == [own.pk, whole.pk] and rows[0][1] == own.counts
    assert rows[0][1]["ended"] > 0 and rows[1][1] == counts  # what ended later held then
    assert "of the whole banner" not in signed_in("banner_officer").get(reverse("runs")).content.decode()


def test_a_list_is_filtered_and_shows_why(screened, signed_in):
    browser: Client = signed_in("banner_officer")
    page = browser.get(reverse("findings"), {"rule": "income-below-line"}).content.decode()
    assert "1,000" in page and "monitoring" in page
    assert "1,000" not in browser.get(reverse("findings"), {"region": OTHER_VILLAGE}).content.decode()
    assert "1,000" not in browser.get(reverse("findings"), {"since": "2027-01-01"}).content.decode()
    assert browser.get(reverse("findings"), {"since": "x", "rule": "<b>", "page": "x"}).status_code == 200
    assert browser.get(reverse("findings"), {"export": "xlsx"}).status_code == 200


def test_an_audit_finding_leads_to_the_field_to_mend_and_ends_when_it_is_mended(screened, signed_in, officers, now):
    browser: Client = signed_in("village_cadre")
    page = browser.get(reverse("audit")).content.decode()
    mend = Finding.objects.filter(kind="audit", household__number="H1", values__has_key="id_number").first()
    person = mend.household.members.get()
    address = f"{reverse('person_correct', args=[person.pk])}?column=id_number"
    assert address in page and "19800101" not in page
    answer = browser.post(address, {"id_number": "152221198001010010", "reason": "ID card"})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    answer = browser.post(reverse("household_check", args=[mend.household_id]))
    assert answer.status_code == 302
    mend.refresh_from_db()
    assert mend.ended_on
    assert not Finding.objects.filter(kind="signal", ended_on__isnull=False).exists()
    run = actions.run("audit", BANNER, now.date(), officers["banner_officer"], now)
    assert run.counts["new"] == 0


def test_nobody_sees_a_neighbours_or_what_the_role_may_not(screened, signed_in):
    neighbour: Client = signed_in("neighbour")
    assert neighbour.get(reverse("run", args=[screened[0].pk])).status_code == 404
    assert neighbour.get(reverse("findings"), {"region": VILLAGE}).status_code == 404
    assert "H1" not in neighbour.get(reverse("findings")).content.decode()
    h1 = Household.objects.get(number="H1")
    assert neighbour.post(reverse("household_check", args=[h1.pk])).status_code == 404
    helper: Client = signed_in("helper")
    assert "H1" not in helper.get(reverse("audit")).content.decode()
    Household.objects.filter(pk=h1.pk).update(helper_id=helper.session["_auth_user_id"])
    assert "H1" in helper.get(reverse("audit")).content.decode()
    for key, page in (("department_officer", "findings"), ("department_officer", "audit"), ("village_cadre", "runs"),
                      ("leader", "runs"), ("banner_officer", "rulebook_changes"), ("department_officer", "rulebook")):  # fmt: skip
        assert signed_in(key).get(reverse(page)).status_code == 403, (key, page)
    assert signed_in("village_cadre").post(reverse("run_start"), {"kind": "signal"}).status_code == 403
    assert Client().get(reverse("findings")).status_code == 302


def test_lists_take_few_queries_however_long(screened, signed_in, now, django_assert_max_num_queries):
    from khotail.screening.models import Kind

    run, village = screened[0], Household.objects.get(number="H1")
    Finding.objects.bulk_create(
        Finding(kind=Kind.AUDIT, household=village, region_code=VILLAGE, level="household", subject=f"H1|{at}",
                rule_id="1_01_002", severity="logic", since=now.date(), first_run=run)
        for at in range(80)
    )  # fmt: skip
    browser: Client = signed_in("banner_officer")
    browser.get(reverse("audit"))
    with django_assert_max_num_queries(16):
        assert browser.get(reverse("audit")).status_code == 200


def test_the_rulebook_is_read_and_changed_on_its_pages(screened, signed_in, now):
    reader: Client = signed_in("village_cadre")
    for page in (reverse("rulebook"), reverse("rulebook") + "?kind=audit&q=id", reverse("rule", args=["income-below-line"]),
                 reverse("parameters"), reverse("parameter", args=["monitoring_line"])):  # fmt: skip
        assert reader.get(page).status_code == 200, page
    assert reader.get(reverse("rule", args=["nothing"])).status_code == 404
    assert reader.post(reverse("parameter", args=["monitoring_line"]), {
        "value": "1", "since": "2026-01-01", "source": "x"}).status_code == 403  # fmt: skip
    browser: Client = signed_in("administrator")
    answer = browser.post(reverse("parameter", args=["monitoring_line"]), {
        "value": "100000", "since": "2026-01-01", "source": "纪要"})  # fmt: skip
    change = RulebookChange.objects.get()
    assert answer.headers["Location"] == reverse("rulebook_change", args=[change.pk])
    assert "monitoring_line" in browser.get(answer.headers["Location"]).content.decode()
    browser.post(reverse("rulebook_change_try", args=[change.pk]))
    run_waiting(now)
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "This would warn 2 households, 1 of them new, and 0 no longer." in page
    shown = browser.get(reverse("rulebook_change_households", args=[change.pk]), {"state": "new"}).content.decode()
    assert "H2" in shown and "H1" not in shown
    assert browser.get(reverse("rulebook_change_households", args=[change.pk]), {"export": "xlsx"}).status_code == 200
    neighbour: Client = signed_in("neighbour")
    for name in ("rulebook_change", "rulebook_change_households"):
        assert neighbour.get(reverse(name, args=[change.pk])).status_code == 404
    assert neighbour.post(reverse("rulebook_change_adopt", args=[change.pk])).status_code == 404
    assert browser.post(reverse("rulebook_change_adopt", args=[change.pk])).status_code == 302
    assert browser.post(reverse("rulebook_change_adopt", args=[change.pk])).status_code == 409
    assert browser.get(reverse("rulebook_changes")).status_code == 200
    assert NEIGHBOUR_BANNER != BANNER


def test_bad_yaml_comes_back_with_its_lines_and_nothing_is_lost(signed_in, regions, officers):
    browser: Client = signed_in("administrator")
    text = "- id: <script>alert(1)</script>\n  when: nonsense_column > 1\n"
    answer = browser.post(reverse("rulebook_change_new"), {"title": "x", "name": "signals/ours.yaml", "text": text})
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "signals/ours.yaml:" in page and "<script>alert" not in page
    assert (
        "nonsense_column"
        in browser.get(
            reverse("rulebook_change_write", args=[RulebookChange.objects.get().pk]), {"file": "signals/ours.yaml"}
        ).content.decode()
    )
    answer = browser.post(reverse("rulebook_change_new"), {"title": "x", "name": "../x.yaml", "text": "kept text"})
    assert answer.status_code == 200 and "kept text" in answer.content.decode()
