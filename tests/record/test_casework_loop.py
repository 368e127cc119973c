"""The whole way of one household: declared, identified, helped, followed up, out, looked at again, and back in."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from khotail.accounts.models import Notification
from khotail.casework import actions
from khotail.casework.measures import missing_measures
from khotail.casework.models import Case, Lead
from khotail.casework.problems import CaseIsNotClosed, ConditionNotMet, HandledByYourself, TooEarly
from khotail.casework.procedures import rulebook
from khotail.register.models import Household, Statement
from khotail.trail.chain import breaks
from khotail.trail.models import Event
from tests.record.walking import Officers, close, declared, opened, waiting, walk


def helped(household: Household, officers: Officers, now: datetime) -> tuple[Case, datetime]:
    """A case by the time that its household is monitored, has a helper and the measures that it needs."""
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["visit"])
    cadre = officers["village_cadre"]
    actions.assign_helper(case, officers["helper"], cadre, now)
    for category, kind in (("健康帮扶", "大病救助"), ("就业帮扶", "技能培训")):
        actions.record_measure(
            case, category, kind, causes=["illness"], starts_on=timezone.localdate(now), amount_cny="1200.50",
            by=cadre, now=now,
        )  # fmt: skip
    return Case.objects.get(pk=case.pk), now


def test_a_declaration_becomes_a_monitored_household(household, officers, now) -> None:
    case = opened(household, officers, now)
    assert [waiting(case).step_id, case.state, case.procedure] == [
        "home-check",
        "deciding",
        "identification@2023-09-01",
    ]
    walk(case, officers, now, until=["visit"])
    case.refresh_from_db()
    ways = list(case.steps.values_list("step_id", flat=True))
    assert ways == [
        "home-check", "village-review", "village-notice", "township-review", "county-decision", "announcement", "visit",
    ]  # fmt: skip
    assert (case.state, case.category, case.causes) == ("helped", "marginal", ["illness"])
    household.refresh_from_db()
    assert household.monitored_type == "边缘易致贫户"
    known = Statement.objects.get(household=household, table="households", source="casework").values
    assert known["risk_1"] == "因病" and known["identified_on"] == case.identified_on.isoformat()
    assert list(breaks()) == []
    assert Event.objects.filter(verb="step.closed").count() == 6


def test_a_case_opened_before_the_simplified_procedure_goes_the_full_way(household, officers, now) -> None:
    earlier = now.replace(year=2022, month=6, day=1)
    case = opened(household, officers, earlier)
    walk(case, officers, earlier, until=["visit"])
    assert "county-comparison" in case.steps.values_list("step_id", flat=True)


def test_all_of_the_simplified_procedure_is_due_within_fifteen_working_days(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now + timedelta(days=12), until=["announcement"])
    assert waiting(case).due_on <= max(timezone.localdate(now) + timedelta(days=4), case.opened_on + timedelta(days=23))


def test_the_notice_hangs_its_days(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["village-notice"])
    step = waiting(case)
    with pytest.raises(TooEarly):
        close(step, officers, now + timedelta(days=4))
    close(step, officers, now + timedelta(days=5))


def test_measures_follow_from_the_causes_and_from_labour(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["visit"])
    case.refresh_from_db()
    assert {need.id for need in missing_measures(case, now)} == {"illness", "development"}
    actions.record_measure(
        case, "健康帮扶", "大病救助", starts_on=timezone.localdate(now), by=officers["village_cadre"], now=now
    )
    assert {need.id for need in missing_measures(case, now)} == {"development"}
    assert Statement.objects.filter(household=household, table="measures").count() == 1


def test_no_visit_counts_before_there_is_a_helper_and_visits_recur(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["visit"])
    with pytest.raises(ConditionNotMet, match="Assign a helper"):
        close(waiting(case), officers, now, new_causes=None)
    actions.assign_helper(case, officers["helper"], officers["village_cadre"], now)
    household.refresh_from_db()
    assert household.helper == officers["helper"]
    first = waiting(case)
    close(first, officers, now, by="helper", new_causes=None)
    second = waiting(case)
    assert second.pk != first.pk and second.step_id == "visit"
    assert 85 <= (second.due_on - timezone.localdate(now)).days <= 95
    close(second, officers, now, "new-risk")
    assert Case.objects.get(pk=case.pk).causes == ["illness", "accident"]


def test_a_household_that_recovers_is_not_closed_before_six_months(household, officers, now) -> None:
    case, now = helped(household, officers, now)
    with pytest.raises(ConditionNotMet, match="half a year"):
        close(waiting(case), officers, now + timedelta(days=150), "resolved", new_causes=None)


def test_a_household_without_labour_stays_in_monitoring(household, officers, now) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now, members_able_to_work=0)
    now = walk(case, officers, now, until=["visit"])
    assert {need.id for need in missing_measures(Case.objects.get(pk=case.pk), now)} == {"illness", "floor"}
    actions.record_measure(
        case, "综合保障", "低保", starts_on=timezone.localdate(now), by=officers["village_cadre"], now=now
    )
    with pytest.raises(ConditionNotMet, match="without labour"):
        close(waiting(case), officers, now + timedelta(days=200), "resolved", new_causes=None)


@pytest.mark.parametrize(
    "found",
    [
        {"income_cny_per_capita": 100},
        {"income_steady": False},
        {"spending_solved": False},
        {"new_risk": True},
        {"guarantees_lacking": ["water"]},
    ],
    ids=lambda found: next(iter(found)),
)
def test_no_exit_while_a_condition_is_not_met(household, officers, now, found) -> None:
    case, now = helped(household, officers, now)
    now += timedelta(days=200)
    close(waiting(case), officers, now, "resolved", new_causes=None)
    with pytest.raises(ConditionNotMet):
        close(waiting(case), officers, now, **found)
    close(waiting(case), officers, now, "not-resolved", reason="还不稳定")
    case.refresh_from_db()
    assert (case.state, waiting(case).step_id) == ("helped", "visit")


def test_out_again_looked_at_and_back_in(household, officers, now) -> None:
    case, now = helped(household, officers, now)
    now += timedelta(days=200)
    close(waiting(case), officers, now, "resolved", new_causes=None)
    case.refresh_from_db()
    assert case.state == "exiting"
    now = walk(case, officers, now, until=["exit-announcement"])
    close(waiting(case), officers, now)
    case.refresh_from_db()
    household.refresh_from_db()
    assert (case.state, household.risk_resolved) == ("exited", True)

    [step] = actions.start_recheck_campaign(household.region_code, 5, seed=7, by=officers["township_reviewer"], now=now)
    with pytest.raises(CaseIsNotClosed):
        actions.start_recheck(case, officers["township_reviewer"], now)
    with pytest.raises(HandledByYourself):
        close(step, officers, now, by="township_officer")
    with pytest.raises(ConditionNotMet, match="raised as a lead"):
        close(step, officers, now, uninsured=True)
    close(step, officers, now, "risk", reason="有人未参保", causes_found=["illness"])
    case.refresh_from_db()
    assert case.state == "exited"

    lead = Lead.objects.get(household=household, state="open")
    again = actions.open_case(lead, officers["village_cadre"], now)
    assert again.previous == case and waiting(again).step_id == "home-check"


def test_a_household_that_moves_away_leaves_by_natural_decrease(household, officers, now) -> None:
    case, now = helped(household, officers, now)
    close(waiting(case), officers, now, "gone", new_causes=None)
    close(waiting(case), officers, now)
    close(waiting(case), officers, now)
    case.refresh_from_db()
    household.refresh_from_db()
    assert (case.state, household.ending) == ("decreased", "moved")
    assert household.ended_on == timezone.localdate(now)
    said = Statement.objects.filter(household=household, table="persons").latest("id")
    assert said.values["has_left"] is True and said.recorded_by is not None
    member = household.members.get()
    assert (member.leaving, member.left_on, household.size) == ("moved", household.ended_on, 0)
    assert Event.objects.filter(verb="household.ended", subject_id=str(household.pk)).count() == 1


def test_whoever_does_the_next_step_is_told(household, officers, now) -> None:
    case = opened(household, officers, now)
    walk(case, officers, now, until=["township-review"])
    told = Notification.objects.filter(officer=officers["township_officer"])
    assert [note.path for note in told] == [f"/cases/{case.pk}/"]


def test_all_leads_of_a_household_go_into_its_case(household, officers, now) -> None:
    first, second = declared(household, officers, now), declared(household, officers, now)
    case = actions.open_case(second, officers["village_cadre"], now)
    assert set(case.leads.all()) == {first, second}
    third = declared(household, officers, now)
    assert actions.open_case(third, officers["village_cadre"], now) == case


def test_roles_of_the_rulebook_are_roles_of_the_record() -> None:
    from khotail.accounts.models import LEVEL_DIGITS
    from khotail.accounts.roles import Role
    from khotail.rulebook.procedures import LEVELS, ROLES

    assert set(ROLES) == set(Role.values)
    assert set(LEVELS) == set(LEVEL_DIGITS)
    assert all(len(step.id) <= 40 for procedure in rulebook().procedures.values() for step in procedure.steps)
