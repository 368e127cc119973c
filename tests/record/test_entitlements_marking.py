"""What people do about missed help: told, applied for, not wanted, refused with a reason; a household asks for it itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from khotail.accounts.models import Notification
from khotail.entitlements.actions import ask_for_it, mark
from khotail.entitlements.models import Entitlement, EntitlementRun, Missed
from khotail.entitlements.problems import (
    AlreadyClosed,
    HouseholdIsGone,
    MayNotMark,
    NotMissed,
    ReasonMissing,
    SomebodyWasQuicker,
    UnknownState,
)
from khotail.register.models import Household
from khotail.residents.models import Resident
from khotail.trail.models import Event
from tests.record.conftest import BANNER, VILLAGE

DAY = date(2026, 6, 1)


def missing(household, now, programme="subsistence-allowance", amount=4912) -> Missed:
    """A household seen to miss something."""
    run, _ = EntitlementRun.objects.get_or_create(
        region_code=BANNER, as_of=DAY, rulebook="cn_15", rulebook_digest="", defaults={"started_at": now, "finished_at": now}
    )  # fmt: skip
    due = Entitlement.objects.create(
        household=household, region_code=household.region_code, programme_id=programme, level="household",
        subject=household.number, state="entitled", amount_cny=amount, received=False, missed=True,
        values={"net_income_before_allowance_per_capita": "5000.0", ":subsistence_line": "7456"}, since=DAY, judged_on=DAY,
        first_run=run,
    )  # fmt: skip
    return Missed.objects.create(
        entitlement=due, household=household, region_code=household.region_code, programme_id=programme, amount_cny=amount,
        since=DAY, changed_at=now, first_run=run,
    )  # fmt: skip


@pytest.fixture
def missed(household, now):
    return missing(household, now)


@pytest.fixture
def resident(household, now):
    return Resident.objects.create(
        person=household.members.get(), region_code=VILLAGE, first_seen_at=now, last_seen_at=now
    )


def test_it_is_told_then_applied_for_and_each_step_stays_to_be_read(missed, officers, now):
    by = officers["village_cadre"]
    mark(missed, "told", by=by, now=now)
    mark(missed, "applied", " 6月3日交材料\x00 ", was="told", by=by, now=now + timedelta(hours=1))
    missed.refresh_from_db()
    assert (missed.state, missed.reason, missed.changed_by) == ("applied", "6月3日交材料", by)
    assert [move.state for move in missed.moves.all()] == ["applied", "told"]
    assert [event.details["state"] for event in Event.objects.filter(verb="missed.marked").order_by("id")] == [
        "told",
        "applied",
    ]


def test_not_wanted_and_refused_need_a_reason(missed, officers, now):
    for state in ("not_wanted", "refused"):
        with pytest.raises(ReasonMissing):
            mark(missed, state, "  ", by=officers["village_cadre"], now=now)
    mark(missed, "refused", "名下有车", by=officers["village_cadre"], now=now)
    with pytest.raises(UnknownState):
        mark(missed, "sold", by=officers["village_cadre"], now=now)


def test_the_same_tapped_twice_is_recorded_once(missed, officers, now):
    for _ in range(2):
        mark(missed, "told", by=officers["village_cadre"], now=now)
    assert missed.moves.count() == 1


def test_of_two_people_the_second_is_told_who_was_quicker(missed, officers, now):
    mark(missed, "applied", was="open", by=officers["village_cadre"], now=now)
    with pytest.raises(SomebodyWasQuicker) as told:
        mark(missed, "told", was="open", by=officers["township_officer"], now=now)
    assert officers["village_cadre"].full_name in told.value.text.zh and "已申请" in told.value.text.zh


def test_who_may_not(missed, household, officers, now):
    for key in ("leader", "auditor", "department_officer", "supervisor"):
        with pytest.raises(MayNotMark):
            mark(missed, "told", by=officers[key], now=now)
    for key in ("neighbour", "other_village_cadre", "helper"):
        with pytest.raises(NotMissed):
            mark(missed, "told", by=officers[key], now=now)
    Household.objects.filter(pk=household.pk).update(helper=officers["helper"])
    assert mark(missed, "told", by=officers["helper"], now=now).state == "told"


def test_what_is_closed_or_of_a_household_that_left_is_refused_with_a_sentence(missed, household, officers, now):
    Household.objects.filter(pk=household.pk).update(ended_on=DAY)
    with pytest.raises(HouseholdIsGone) as gone:
        mark(missed, "told", by=officers["village_cadre"], now=now)
    assert "D0001" in gone.value.text.en
    Missed.objects.filter(pk=missed.pk).update(closed_on=DAY, closing="received")
    with pytest.raises(AlreadyClosed) as closed:
        mark(missed, "told", by=officers["village_cadre"], now=now)
    assert "2026-06-01" in closed.value.text.zh and "已经享受" in closed.value.text.zh


def test_a_household_asks_and_the_village_is_told_once(missed, resident, officers, now):
    mark(missed, "not_wanted", "当时不要", by=officers["village_cadre"], now=now)
    for _ in range(2):
        ask_for_it(missed, by=resident, now=now + timedelta(hours=1))
    missed.refresh_from_db()
    assert (missed.state, missed.reason, missed.asked_by) == ("open", "", resident)
    [news] = Notification.objects.filter(kind="help-asked")
    assert (news.officer, news.path) == (officers["village_cadre"], f"/help/missed/{missed.pk}/")
    assert Event.objects.filter(verb="missed.asked").count() == 1


def test_nobody_asks_for_another_household(missed, resident, neighbour_household, now):
    with pytest.raises(NotMissed):
        ask_for_it(missing(neighbour_household, now), by=resident, now=now)
