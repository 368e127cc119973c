"""A run of the programmes writes what changed; what is missed opens and closes by itself, and nothing ends by not being known."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal

import pytest

from khotail.accounts.models import Notification
from khotail.entitlements import actions, queries
from khotail.entitlements.models import Dependence, Ending, Entitlement, EntitlementRun, Missed
from khotail.entitlements.problems import EntitlementsRunAlready, MayNotRunProgrammes, OutsideYourRegion
from khotail.jobs.models import Job
from khotail.jobs.progress import Cancelled
from khotail.jobs.work import run_waiting
from khotail.register.models import Household
from khotail.screening.problems import NothingStated
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.record.entitled import (
    ALLOWANCE,
    DAY,
    WATER,
    everything,
    income,
    missed_of,
    of_programme,
    offer,
    pay,
    state_households,
    stated,
    worked_out,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One for all tests here: a rulebook that was read once is not read again."""
    return tmp_path_factory.mktemp("entitlements")


@pytest.fixture(autouse=True)
def home(settings, folder):
    shutil.rmtree(folder / "facts", ignore_errors=True)
    settings.KHOTAIL_HOME = folder


@pytest.fixture
def households(regions, now):
    offer()
    state_households(now)


@pytest.fixture
def by(officers):
    return officers["banner_officer"]


def test_a_household_that_misses_help_is_on_the_work_list_with_its_why(households, by, now):
    run = worked_out(by, now)
    row = of_programme(ALLOWANCE).get(household__number="H1")
    assert (row.state, row.received, row.missed, row.region_code, row.since) == (
        "entitled", False, True, VILLAGE, now.date()
    )  # fmt: skip
    line = missed_of(ALLOWANCE).get()
    assert (line.state, line.amount_cny, line.household.number) == ("open", row.amount_cny, "H1")
    told = queries.explained(row)
    assert "1,000" in told.sentence.zh and "1,000" in told.sentence.en and told.mend.zh
    [used] = [each for each in told.parameters if "低保" in each.name.zh]
    assert used.since and used.source and row.amount_cny == Decimal(used.value.replace(",", "")) - 1000
    assert run.counts["missed"] >= 2 and run.counts["households_missing"] >= 1
    assert Event.objects.get(verb="entitlement_run.finished").details["new"] == run.counts["new"]
    [line] = [each for each in run.counts["lines"] if each["programme"] == WATER]
    assert (line["entitled"], line["missed"], line["missed_cny"], line["received_unentitled"]) == (1, 1, 600, 1)
    [news] = Notification.objects.filter(kind="missed-new", officer__region_code=VILLAGE)
    assert news.values["count"] == Missed.objects.filter(region_code=VILLAGE).count() <= run.counts["opened"]
    with_it = of_programme().get(household__number="H2")
    assert (with_it.state, with_it.received, with_it.received_cny) == ("not_entitled", True, 600)


def test_the_same_run_again_writes_nothing(households, by, now):
    income("H1", 1000.0, now, policy=500.0)
    worked_out(by, now)
    before = everything()
    assert all(before)
    again = worked_out(by, now + timedelta(hours=1))
    assert everything() == before
    assert [again.counts[name] for name in ("new", "changed", "ended", "closed")] == [0, 0, 0, 0]


def test_what_is_received_closes_itself_and_missing_it_again_is_a_new_line(households, by, now):
    worked_out(by, now)
    pay("H1", "其他", now)
    second = worked_out(by, now, days=1)
    line = missed_of().get()
    assert (line.closed_on, line.closing, line.closed_run) == (now.date() + timedelta(days=1), Ending.RECEIVED, second)
    row = of_programme().get(household__number="H1")
    assert (row.missed, row.received, row.ended_on, row.since) == (False, True, None, now.date())
    assert second.counts["closed"] == 1
    pay("H1", "其他", now, until=now.date(), as_of=DAY + timedelta(days=1))
    worked_out(by, now, days=2)
    assert [each.closed_on is None for each in missed_of()] == [False, True]
    assert missed_of().last().since == now.date() + timedelta(days=2)
    assert of_programme().filter(household__number="H1").count() == 1


def test_whoever_is_no_longer_entitled_is_off_the_list(households, by, now):
    worked_out(by, now)
    income("H1", 80000.0, now, DAY + timedelta(days=1))
    run = worked_out(by, now, days=1)
    row = of_programme(ALLOWANCE).get(household__number="H1")
    assert (row.ended_on, row.ending, row.last_run) == (now.date() + timedelta(days=1), Ending.NO_LONGER, run)
    assert missed_of(ALLOWANCE).get().closing == Ending.NO_LONGER


def test_another_amount_keeps_the_line_and_its_age(households, by, now):
    worked_out(by, now)
    income("H1", 2000.0, now, DAY + timedelta(days=1))
    before = missed_of(ALLOWANCE).get()
    run = worked_out(by, now, days=1)
    line = missed_of(ALLOWANCE).get()
    assert (line.pk, line.since, line.amount_cny) == (before.pk, before.since, before.amount_cny - 1000)
    assert run.counts["changed"] >= 1
    assert line.entitlement.judged_on == now.date() + timedelta(days=1)


def test_rows_follow_a_household_that_moves_and_close_with_it(households, by, now):
    from khotail.register.actions import merge_households, move_household

    worked_out(by, now)
    h1, h2 = Household.objects.get(number="H1"), Household.objects.get(number="H2")
    move_household(h1, to=OTHER_VILLAGE, on=DAY, by=by, now=now + timedelta(hours=1))
    run = worked_out(by, now, days=1)
    assert missed_of().get().region_code == of_programme().get(household=h1).region_code == OTHER_VILLAGE
    assert run.counts["new"] == 0
    merge_households(h1, into=h2, on=DAY, by=by, now=now + timedelta(days=1, hours=1))
    assert not queries.missed_help(by, BANNER).filter(household=h1).exists()
    worked_out(by, now, days=2)
    assert {row.ending for row in Entitlement.objects.filter(household=h1)} == {Ending.HOUSEHOLD_GONE}
    assert {line.closing for line in Missed.objects.filter(household=h1)} == {Ending.HOUSEHOLD_GONE}


def test_how_far_a_household_lives_on_policies_is_kept_and_a_loss_has_no_share(households, by, now):
    income("H1", 1000.0, now, DAY, policy=500.0)
    income("H2", -5000.0, now, DAY, policy=1000.0)
    worked_out(by, now)
    shares = {row.household.number: row for row in Dependence.objects.all()}
    assert shares["H1"].of_a_hundred == 33 and shares["H1"].policy_cny == 500
    assert (shares["H2"].share, shares["H2"].net_cny) == (None, -4000)
    income("H1", 500.0, now, DAY + timedelta(days=1), policy=500.0)
    before = everything()[2]
    worked_out(by, now, days=1)
    changed = [row for row in everything()[2] if row not in before]
    assert len(changed) == 1 and Dependence.objects.get(household__number="H1").of_a_hundred == 50
    bands = dict(queries.bands_of(by, BANNER))
    assert bands[0.5] == 1 and sum(bands.values()) == 1


def test_missing_zero_and_negative_incomes_are_judged_by_what_is_known(households, by, now):
    stated("households", [
        {"household_id": "H3", "region_code": VILLAGE, "household_type": "普通农户", "monitored_type": "", "safe_water": False}
    ], now)  # fmt: skip
    stated("persons", [{"household_id": "H3", "person_id": "P3", "name": "演示丙", "relation": "户主"}], now)
    income("H2", -5000.0, now, DAY + timedelta(days=1))
    run = worked_out(by, now)
    assert not of_programme(ALLOWANCE).filter(household__number="H3").exists()
    assert of_programme().get(household__number="H3").missed
    [line] = [each for each in run.counts["lines"] if each["programme"] == ALLOWANCE]
    assert line["unknown"] == 1
    loss, poor = (of_programme(ALLOWANCE).get(household__number=number) for number in ("H2", "H1"))
    assert loss.amount_cny == poor.amount_cny + 1000  # a loss counts as no income


def test_a_township_works_out_its_own_and_leaves_the_rest_alone(households, officers, now):
    worked_out(officers["banner_officer"], now)
    stated("households", [{"household_id": "H9", "region_code": "152221101200", "safe_water": False}], now)
    run = worked_out(officers["township_officer"], now, region=TOWNSHIP, days=1)
    assert not Entitlement.objects.filter(region_code="152221101200").exists()
    assert run.counts["ended"] == 0


def test_who_may_not(households, officers, now):
    for key in ("village_cadre", "helper", "leader", "auditor", "department_officer", "banner_reviewer"):
        with pytest.raises(MayNotRunProgrammes):
            worked_out(officers[key], now)
    for key in ("neighbour", "township_officer"):
        with pytest.raises(OutsideYourRegion):
            worked_out(officers[key], now)
    assert not EntitlementRun.objects.exists()


def test_a_second_run_is_told_of_the_first_and_one_that_died_is_closed(households, officers, by, now):
    running = EntitlementRun.objects.create(
        region_code=BANNER, as_of=DAY, rulebook="cn_15", rulebook_digest="", started_at=now, asked_by=by
    )
    with pytest.raises(EntitlementsRunAlready) as told:
        actions.ask_for_run(TOWNSHIP, by=officers["township_officer"], now=now)
    assert by.full_name in told.value.text.zh
    worked_out(by, now + timedelta(hours=3))
    running.refresh_from_db()
    assert running.counts == {"failed": True} and queries.last_run(VILLAGE) == EntitlementRun.objects.first()


def test_an_empty_register_is_told_so(regions, by, now):
    with pytest.raises(NothingStated):
        worked_out(by, now)
    assert EntitlementRun.objects.get().counts == {"failed": True}


def test_the_job_runs_it_and_can_be_cancelled(households, by, now):
    job = actions.ask_for_run(BANNER, by=by, now=now)
    with pytest.raises(EntitlementsRunAlready):
        actions.ask_for_run(VILLAGE, by=None, now=now)
    run_waiting(now)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.problem_en
    made = EntitlementRun.objects.get()
    assert (job.outcome["run"], job.outcome["missed"]) == (made.pk, made.counts["missed"])
    assert made.job == job

    def stop(done, total, stage):
        if stage == "rules":
            raise Cancelled

    with pytest.raises(Cancelled):
        actions.run(BANNER, now.date(), by, now + timedelta(days=1), stop)
    assert EntitlementRun.objects.first().counts == {"cancelled": True}
    assert queries.last_run(VILLAGE) == made


def test_a_run_that_was_cut_off_goes_on_as_the_same_run(households, by, now):
    class Killed(BaseException):
        pass

    def die(done, total, stage):
        if stage == "writing":
            raise Killed

    job = actions.ask_for_run(BANNER, by=by, now=now)
    with pytest.raises(Killed):
        actions.run(BANNER, now.date(), by, now, die, job)
    assert EntitlementRun.objects.get().finished_at is None
    run_waiting(now + timedelta(minutes=1))
    made = EntitlementRun.objects.get()
    assert made.finished_at and made.counts["new"] == Entitlement.objects.count() > 0


def test_a_neighbours_register_is_not_read(households, officers, by, now):
    worked_out(by, now)
    assert not Entitlement.objects.in_region(NEIGHBOUR_BANNER).exists()
    assert queries.villages(queries.missed_help(officers["neighbour"], NEIGHBOUR_BANNER)) == []
    [village] = queries.villages(queries.missed_help(by, BANNER).filter(programme_id=WATER))
    assert (village.code, village.households, village.amount_cny, village.to_do) == (VILLAGE, 1, 600, 1)
