"""Help at once: recorded with little, its papers due, overdue ones one level up, closed with papers or with a reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from khotail.accounts.models import Notification
from khotail.accounts.problems import NotAllowed
from khotail.assistance import emergencies, problems
from khotail.assistance.escalation import escalate_overdue
from khotail.assistance.models import Emergency
from khotail.assistance.queries import emergencies_to_complete
from khotail.casework.models import Lead, Measure
from khotail.casework.problems import HouseholdLeft
from khotail.jobs.actions import ask
from khotail.jobs.work import run_waiting
from khotail.trail.models import Event
from tests.record.conftest import BANNER
from tests.record.walking import opened, paper


def give(household, officers, now, key="village_cadre", **more) -> Emergency:
    values = {"kind": "cash", "cause": "accident", "amount_cny": "2000"} | more
    return emergencies.give_at_once(
        household, values.pop("kind"), values.pop("cause"), by=officers[key], now=now, **values
    )


def test_what_was_given_is_recorded_and_its_papers_are_due_in_ten_working_days(household, officers, now):
    given = give(household, officers, now)
    assert (given.state, given.given_on, given.due_on) == ("open", date(2026, 6, 3), date(2026, 6, 17))
    assert given.lead.household == household and given.lead.causes == ["accident"]
    assert Event.objects.filter(verb="emergency.given").count() == 1
    again = give(household, officers, now)
    assert again.lead == given.lead and Lead.objects.count() == 1  # the open lead is enough


def test_within_an_open_case_it_is_a_measure_of_the_case(household, officers, now):
    case = opened(household, officers, now)
    given = give(household, officers, now, kind="food", amount_cny="300", words="米面油")
    assert given.lead is None
    measure = Measure.objects.get()
    assert (measure.case, measure.category, measure.kind, measure.ends_on) == (
        case,
        "综合保障",
        "临时救助",
        date(2026, 6, 3),
    )
    assert given.measure == measure and "米面油" in measure.note


def test_sent_twice_it_was_given_once(household, officers, now):
    first = give(household, officers, now, key="village_cadre", **{"words": "一次"})
    keyed = [
        emergencies.give_at_once(
            household, "cash", "illness", amount_cny=5, by=officers["village_cadre"], now=now, key="k1"
        )
        for _ in range(2)
    ]
    assert keyed[0] == keyed[1] and Emergency.objects.exclude(pk=first.pk).count() == 1


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"kind": "gold"}, problems.UnknownWord),
        ({"amount_cny": ""}, problems.GaveNothing),
        ({"amount_cny": "0"}, problems.GaveNothing),
        ({"amount_cny": "-5"}, problems.AmountWrong),
        ({"amount_cny": "1e400"}, problems.AmountWrong),
        ({"given_on": date(2026, 6, 4)}, problems.NotYet),
        ({"given_on": date(206, 6, 3)}, problems.DatesWrong),
    ],
)
def test_what_is_wrong_is_said(household, officers, now, changed, problem):
    with pytest.raises(problem):
        give(household, officers, now, **changed)
    assert not Emergency.objects.exists() and not Lead.objects.exists()


def test_nothing_is_given_to_a_household_that_has_left(household, officers, now):
    household.ended_on = date(2026, 5, 1)
    household.save()
    with pytest.raises(HouseholdLeft):
        give(household, officers, now)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("neighbour", problems.NotFound),
        ("helper", problems.NotFound),
        ("leader", NotAllowed),
        ("supervisor", NotAllowed),
    ],
)
def test_others_record_nothing(household, officers, now, key, problem):
    with pytest.raises(problem):
        give(household, officers, now, key)


def test_it_closes_by_adding_the_papers_or_by_saying_why_not_and_only_once(household, officers, now):
    by = officers["village_cadre"]
    given = give(household, officers, now)
    with pytest.raises(problems.PapersMissing):
        emergencies.complete(given, by=by, now=now)
    emergencies.add_papers(given, [paper(household, "certificate", by, now)], by=by, now=now)
    assert emergencies.complete(given, by=by, now=now).state == "complete"
    with pytest.raises(problems.AlreadyClosed) as told:
        emergencies.excuse(given, "丢失", by=officers["township_officer"], now=now)
    assert "演示village_cadre" in told.value.text.zh
    other = give(household, officers, now)
    with pytest.raises(problems.ReasonMissing):
        emergencies.excuse(other, "", by=by, now=now)
    assert emergencies.excuse(other, "物资由红十字会登记", by=by, now=now).state == "excused"


def test_overdue_papers_go_one_level_up_and_whoever_takes_over_is_told(household, officers, now):
    given = give(household, officers, now)
    assert escalate_overdue(now + timedelta(days=14)) == 0  # due that day
    late = now + timedelta(days=15)
    assert escalate_overdue(late) == 1 and escalate_overdue(late) == 0
    given.refresh_from_db()
    assert given.escalated_to == "township"
    told = Notification.objects.filter(kind="emergency-late")
    assert {each.officer.username for each in told} == {"township_officer", "township_reviewer"}
    assert escalate_overdue(late + timedelta(days=7)) == 1
    given.refresh_from_db()
    assert given.escalated_to == "banner"
    assert given in emergencies_to_complete(officers["banner_officer"])
    assert given not in emergencies_to_complete(officers["neighbour"])
    assert emergencies.excuse(given, "过期仍无", by=officers["banner_officer"], now=late).state == "excused"
    assert escalate_overdue(late + timedelta(days=30)) == 0


def test_many_overdue_are_told_by_their_number(household, officers, now):
    for _ in range(7):
        give(household, officers, now)
    assert escalate_overdue(now + timedelta(days=20)) == 7
    assert Notification.objects.filter(kind="emergencies-late", officer=officers["township_officer"]).count() == 1


def test_the_schedule_does_it(household, officers, now):
    given = give(household, officers, now)
    job = ask("assistance.escalate", by=None, region_code=BANNER, now=now)
    run_waiting(now + timedelta(days=20))
    job.refresh_from_db()
    given.refresh_from_db()
    assert (job.state, job.outcome["escalated"], given.escalated_to) == ("done", 1, "township")


def test_a_key_that_was_used_for_another_household_gives_nothing_away(household, neighbour_household, officers, now):
    emergencies.give_at_once(
        neighbour_household, "cash", "illness", amount_cny=5, by=officers["neighbour"], now=now, key="k1"
    )
    with pytest.raises(problems.NotFound):
        emergencies.give_at_once(
            household, "cash", "illness", amount_cny=5, by=officers["village_cadre"], now=now, key="k1"
        )
