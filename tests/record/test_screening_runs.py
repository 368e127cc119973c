"""A run writes what changed: a warning that lasts is not touched, one that comes back is a new one."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest

from khotail.jobs.models import Job
from khotail.jobs.work import run_waiting
from khotail.register.models import Household
from khotail.register.statements import state
from khotail.screening import actions, queries
from khotail.screening.models import Finding, Run
from khotail.screening.problems import MayNotScreen, OutsideYourRegion, RunsAlready
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE

DAY = date(2026, 6, 1)
RULE = "income-below-line"
KNOWN = {
    "household_type": "脱贫户",
    "monitored_type": "",
    "risk_resolved": False,
    "house_grade": "B",
    "dangerous_house": False,
}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.KHOTAIL_HOME = tmp_path


def stated(table, rows, now, as_of=DAY):
    state(
        table, pa.Table.from_pylist(rows), as_of=as_of, source="test", batch_id=None, by=None, now=now, region_code=BANNER
    )  # fmt: skip


@pytest.fixture
def households(regions, now):
    stated("households", [
        {"household_id": "H1", "region_code": VILLAGE, **KNOWN},
        {"household_id": "H2", "region_code": OTHER_VILLAGE, **KNOWN},
    ], now)  # fmt: skip
    stated("persons", [
        {"household_id": "H1", "person_id": "P1", "name": "甲", "relation": "户主", "id_number": "152221198001010018"},
        {"household_id": "H2", "person_id": "P2", "name": "乙", "relation": "户主", "id_number": "15222119800101"},
    ], now)  # fmt: skip
    income("H1", 1000.0, now)
    income("H2", 90000.0, now)


def income(number, wage, now, as_of=DAY):
    row = {"household_id": number, "income_year": 2025, "wage_cny": wage, "members": 1}
    others = dict.fromkeys(("business_cny", "property_cny", "transfer_cny", "cost_cny"), 0.0)
    stated("incomes", [{**row, **others}], now, as_of)


def screen(by, now, kind="signal", region=BANNER, as_of=None):
    return actions.run(kind, region, as_of or now.date(), by, now)


def below_line():
    return Finding.objects.filter(rule_id=RULE).order_by("id")


def test_a_household_below_the_line_is_found_and_told_why(households, officers, now):
    run = screen(officers["banner_officer"], now)
    finding = below_line().get()
    assert finding.household == Household.objects.get(number="H1")
    assert (finding.region_code, finding.since, finding.first_run, finding.cause) == (
        VILLAGE,
        now.date(),
        run,
        "income",
    )
    assert run.counts["new"] == run.counts["found"] == Finding.objects.count()
    assert any(rule["rule"] == "traffic-accident" for rule in run.counts["skipped"])
    assert Event.objects.get(verb="run.finished").details["new"] == run.counts["new"]
    told = queries.why(finding)
    assert "1,000" in told.zh and "1,000" in told.en and "since" in told.en and "依据" in told.zh


def test_what_lasts_is_not_touched_and_keeps_its_day_when_its_values_change(households, officers, now):
    screen(officers["banner_officer"], now)
    before = list(Finding.objects.order_by("id").values())
    again = screen(officers["banner_officer"], now + timedelta(days=1), as_of=now.date())
    assert list(Finding.objects.order_by("id").values()) == before
    assert (again.counts["new"], again.counts["ended"], again.counts["changed"]) == (0, 0, 0)
    assert again.counts["lasting"] == again.counts["found"] > 0
    income("H1", 1200.0, now, DAY + timedelta(days=1))
    third = screen(officers["banner_officer"], now + timedelta(days=2))
    finding = below_line().get()
    assert (finding.since, finding.values["net_income_per_capita_latest"]) == (now.date(), "1200.0")
    assert third.counts["changed"] >= 1 and third.counts["new"] == 0


def test_a_warning_that_returns_after_it_ended_is_a_new_one(households, officers, now):
    by = officers["banner_officer"]
    screen(by, now)
    income("H1", 80000.0, now, DAY + timedelta(days=1))
    second = screen(by, now + timedelta(days=1))
    first = below_line().get()
    assert (first.ended_on, first.last_run) == (now.date() + timedelta(days=1), second)
    income("H1", 900.0, now, DAY + timedelta(days=2))
    third = screen(by, now + timedelta(days=2))
    assert [finding.first_run for finding in below_line()] == [first.first_run, third]
    assert below_line().last().ended_on is None


def test_findings_follow_a_household_that_moves_and_end_with_it(households, officers, now):
    from khotail.register.actions import merge_households, move_household

    by = officers["banner_officer"]
    screen(by, now)
    h1, h2 = Household.objects.get(number="H1"), Household.objects.get(number="H2")
    move_household(h1, to=OTHER_VILLAGE, on=DAY, by=by, now=now + timedelta(hours=1))
    run = screen(by, now + timedelta(days=1))
    assert below_line().get().region_code == OTHER_VILLAGE and run.counts["new"] == 0
    merge_households(h1, into=h2, on=DAY, by=by, now=now + timedelta(days=1, hours=1))
    screen(by, now + timedelta(days=2))
    assert below_line().filter(household=h1, ended_on=None).count() == 0


def test_numbers_of_persons_are_sealed_in_findings_and_masked_in_words(households, officers, now):
    stated("persons", [
        {"household_id": "H1", "person_id": "P1", "name": "甲", "id_type": "居民身份证"},
        {"household_id": "H2", "person_id": "P2", "name": "乙", "id_type": "居民身份证"},
    ], now)  # fmt: skip
    screen(officers["banner_officer"], now, "audit")
    quoting = [finding for finding in Finding.objects.filter(kind="audit") if "id_number" in finding.values]
    assert quoting
    for finding in quoting:
        assert finding.values["id_number"].startswith("a1:")
        assert "19800101" not in queries.why(finding).zh


def test_a_township_screens_its_own_and_leaves_the_rest_alone(households, officers, now):
    screen(officers["banner_officer"], now)
    income("H1", 80000.0, now, DAY + timedelta(days=1))
    stated("households", [{"household_id": "H9", "region_code": "152221101200", **KNOWN}], now)
    income("H9", 100.0, now)
    screen(officers["township_officer"], now + timedelta(days=1), region=TOWNSHIP)
    assert not Finding.objects.filter(region_code="152221101200").exists()
    assert below_line().get().ended_on is not None


def test_who_may_not_screen(households, officers, now):
    for key in ("village_cadre", "helper", "leader", "auditor", "department_officer", "banner_reviewer"):
        with pytest.raises(MayNotScreen):
            screen(officers[key], now)
    with pytest.raises(OutsideYourRegion):
        screen(officers["neighbour"], now)
    with pytest.raises(OutsideYourRegion):
        screen(officers["township_officer"], now)
    assert not Run.objects.exists()


def test_a_second_run_is_told_of_the_first(households, officers, now):
    by = officers["banner_officer"]
    running = Run.objects.create(
        kind="signal", region_code=BANNER, as_of=DAY, rulebook="cn_15", rulebook_digest="", started_at=now, asked_by=by
    )
    with pytest.raises(RunsAlready) as told:
        screen(officers["township_officer"], now, region=TOWNSHIP)
    assert by.full_name in told.value.text.zh
    screen(by, now, "audit")  # of the other kind
    screen(by, now + timedelta(hours=3))  # the first one died
    running.refresh_from_db()
    assert running.counts["failed"] and running.finished_at


def test_a_job_screens_and_asks_for_the_leads(households, officers, now):
    by = officers["banner_officer"]
    actions.ask_for_run("signal", BANNER, by=by, now=now)
    with pytest.raises(RunsAlready):
        actions.ask_for_run("signal", TOWNSHIP, by=officers["township_officer"], now=now)
    run_waiting(now)
    job = Job.objects.get(kind="screening.run")
    assert job.state == Job.State.DONE, job.problem_en
    assert job.outcome["new"] == Finding.objects.count() > 0
    leads = Job.objects.get(kind="casework.leads")
    assert leads.state == Job.State.DONE and leads.arguments == {"run": job.outcome["run"]}


def test_an_empty_register_is_told_so_and_leaves_no_run_open(regions, officers, now):
    from khotail.screening.problems import NothingStated

    with pytest.raises(NothingStated):
        screen(officers["banner_officer"], now)
    assert not Run.objects.filter(finished_at=None).exists()


def test_a_neighbour_sees_nothing_of_it_and_a_helper_only_theirs(households, officers, now):
    screen(officers["banner_officer"], now)
    assert not queries.open_findings(officers["neighbour"], "signal").exists()
    assert not queries.open_findings(officers["helper"], "signal").exists()
    Household.objects.filter(number="H1").update(helper=officers["helper"])
    assert queries.open_findings(officers["helper"], "signal").exists()
    assert NEIGHBOUR_BANNER != BANNER


def test_the_trend_counts_back_from_what_holds_now(households, officers, now):
    by = officers["banner_officer"]
    first = screen(by, now)
    income("H1", 80000.0, now, DAY + timedelta(days=1))
    screen(by, now + timedelta(days=1))
    moments = queries.trend(by, "signal", BANNER)
    assert moments[0].open == moments[0].new == first.counts["new"]
    assert moments[1].open == Finding.objects.filter(ended_on=None).count()
