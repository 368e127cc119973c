"""Deadlines in China's working days, what is overdue, and leads from screenings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from khotail.accounts.models import Notification, Officer
from khotail.casework import actions, queries
from khotail.casework.deadlines import after_months, after_working_days, working_days_left
from khotail.casework.models import Lead
from khotail.jobs.actions import ask
from khotail.jobs.work import run_waiting
from khotail.jobs.working_days import is_certain, is_working_day
from khotail.register.models import Household
from khotail.screening.models import Finding, Run
from khotail.trail.models import Event
from tests.record.conftest import VILLAGE, make_household
from tests.record.walking import close, declared, opened, waiting


def test_holidays_do_not_count_and_weekends_worked_in_exchange_do() -> None:
    assert not is_working_day(date(2025, 10, 1))
    assert is_working_day(date(2025, 9, 28))  # a Sunday worked for the National Day
    assert after_working_days(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert after_working_days(date(2026, 6, 3), 0) == date(2026, 6, 3)


def test_beyond_the_announced_years_monday_to_friday_counts_and_it_is_said() -> None:
    assert not is_certain(date(2099, 1, 1)) and is_certain(date(2026, 1, 1))
    assert is_working_day(date(2099, 1, 1)) and not is_working_day(date(2099, 1, 3))


def test_days_left_are_negative_once_it_is_late() -> None:
    assert working_days_left(date(2026, 6, 3), date(2026, 6, 5)) == 2
    assert working_days_left(date(2026, 6, 8), date(2026, 6, 5)) == -1
    assert working_days_left(date(2026, 6, 8), date(2026, 6, 8)) == 0


def test_months_end_where_they_end() -> None:
    assert after_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert after_months(date(2026, 11, 15), 3) == date(2027, 2, 15)


def test_an_overdue_step_goes_up_level_by_level_and_can_then_be_done_there(household, officers, now) -> None:
    case = opened(household, officers, now)
    step = waiting(case)
    assert step.due_on == date(2026, 6, 8)
    on_time = datetime(2026, 6, 8, 15, tzinfo=UTC)
    assert not actions.escalate_overdue(on_time)
    late = on_time + timedelta(days=1)
    assert actions.escalate_overdue(late) == {"step": 1}
    assert not actions.escalate_overdue(late)
    assert waiting(case).escalated_to == "township"
    assert step in queries.steps_to_do(officers["township_officer"])
    assert Notification.objects.filter(officer=officers["township_officer"], kind="step-escalated").count() == 1
    actions.escalate_overdue(late + timedelta(days=7))
    assert waiting(case).escalated_to == "banner"
    assert not actions.escalate_overdue(late + timedelta(days=30))
    close(step, officers, late + timedelta(days=30), by="banner_officer")
    assert waiting(case).escalated_to == ""


def test_the_village_may_still_do_what_has_gone_up(household, officers, now) -> None:
    case = opened(household, officers, now)
    actions.escalate_overdue(now + timedelta(days=10))
    close(waiting(case), officers, now + timedelta(days=10))


def test_an_overdue_lead_goes_up(household, officers, now) -> None:
    lead = declared(household, officers, now)
    assert lead not in queries.leads_to_do(officers["township_officer"])
    ask("casework.escalate", {}, by=None, region_code="", now=now + timedelta(days=9))
    assert run_waiting(now + timedelta(days=9)) == 1
    lead.refresh_from_db()
    assert lead.escalated_to == "township"
    assert lead in queries.leads_to_do(officers["township_officer"])
    assert Event.objects.filter(verb="lead.escalated").count() == 1


def test_nothing_goes_to_a_level_where_nobody_works(household, officers, now) -> None:
    Officer.objects.filter(region_code__startswith="152221", role__in=["officer", "reviewer"]).exclude(
        region_code="152221"
    ).update(is_active=False)
    lead = declared(household, officers, now)
    actions.escalate_overdue(now + timedelta(days=9))
    lead.refresh_from_db()
    assert lead.escalated_to == "banner"


def screened(now: datetime, *found: tuple[Household, str, str]) -> Run:
    """A run that newly found these: household, cause, severity."""
    run = Run.objects.create(
        kind="signal", region_code="152221", as_of=now.date(), rulebook="cn_15", rulebook_digest="0",
        started_at=now, finished_at=now,
    )  # fmt: skip
    for household, cause, severity in found:
        Finding.objects.create(
            kind="signal", household=household, region_code=household.region_code, level="household",
            subject=household.number, rule_id=f"{cause}-{severity}", severity=severity, cause=cause,
            since=now.date(), first_run=run,
        )  # fmt: skip
    return run


def test_a_run_raises_one_lead_for_each_household_with_all_its_causes(household, officers, now) -> None:
    other = make_household("D0002", VILLAGE, "演示乙", now)
    mild = make_household("D0003", VILLAGE, "演示丙", now)
    run = screened(
        now, (household, "illness", "high"), (household, "income", "medium"), (other, "water", "medium"),
        (mild, "labour", "low"),
    )  # fmt: skip
    assert actions.leads_from_run(run, now) == {"raised": 2}
    lead = Lead.objects.get(household=household)
    assert (lead.causes, lead.due_on, lead.channel) == (["illness", "income"], date(2026, 6, 10), "screening")
    assert not Lead.objects.filter(household=mild).exists()
    note = Notification.objects.get(officer=officers["village_cadre"])
    assert note.values == {"count": 2}


def test_a_run_that_was_cut_off_can_be_done_again(household, officers, now) -> None:
    run = screened(now, (household, "illness", "high"))
    actions.leads_from_run(run, now)
    assert not actions.leads_from_run(run, now + timedelta(hours=1))
    assert Lead.objects.count() == 1


def test_a_signal_that_persists_makes_no_second_lead(household, officers, now) -> None:
    actions.dismiss_lead(
        _only(actions.leads_from_run(screened(now, (household, "illness", "high")), now)),
        "已核",
        officers["village_cadre"],
        now,
    )
    assert not actions.leads_from_run(screened(now + timedelta(days=30)), now + timedelta(days=30))
    assert Lead.objects.count() == 1


def _only(_: object) -> Lead:
    return Lead.objects.get()


def test_new_causes_are_added_to_the_lead_that_waits(household, officers, now) -> None:
    actions.leads_from_run(screened(now, (household, "illness", "high")), now)
    later = now + timedelta(days=1)
    assert actions.leads_from_run(screened(later, (household, "water", "high")), later) == {"merged": 1}
    assert Lead.objects.get().causes == ["illness", "water"]


def test_a_new_signal_about_a_household_in_a_case_goes_into_the_case(household, officers, now) -> None:
    case = opened(household, officers, now)
    later = now + timedelta(days=1)
    assert actions.leads_from_run(screened(later, (household, "water", "high")), later) == {"joined": 1}
    assert case.leads.filter(channel="screening", state="taken").count() == 1


def test_a_signal_that_returns_after_the_case_ended_makes_a_lead(household, officers, now) -> None:
    actions.leads_from_run(screened(now, (household, "illness", "high")), now)
    case = actions.open_case(Lead.objects.get(), officers["village_cadre"], now)
    close(waiting(case), officers, now, "no-risk", reason="已好转")
    Finding.objects.update(ended_on=now.date())
    later = now + timedelta(days=60)
    assert actions.leads_from_run(screened(later, (household, "illness", "high")), later) == {"raised": 1}
    again = actions.open_case(Lead.objects.get(state="open"), officers["village_cadre"], later)
    assert again.previous == case


@pytest.mark.parametrize("count", [1200])
def test_many_households_are_raised_in_chunks(officers, now, count) -> None:
    homes = [
        Household(number=f"E{n}", region_code=VILLAGE, head_name="演示", size=1, changed_at=now) for n in range(count)
    ]
    Household.objects.bulk_create(homes)
    run = screened(now, *((home, "illness", "high") for home in Household.objects.all()))
    assert actions.leads_from_run(run, now) == {"raised": count}
    assert Event.objects.filter(verb="leads.raised").count() == 3
