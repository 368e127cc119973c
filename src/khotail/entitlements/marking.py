"""What people do about missed help: an officer says how far it is, a household asks for it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import May
from khotail.entitlements.models import Missed, MissedMove
from khotail.entitlements.problems import (
    AlreadyClosed,
    HouseholdIsGone,
    MayNotMark,
    NotMissed,
    ReasonMissing,
    SomebodyWasQuicker,
    UnknownState,
)
from khotail.entitlements.telling import who_answers
from khotail.residents.models import Resident
from khotail.screening import rulebook
from khotail.texts import Text, typed
from khotail.trail import chain

#: States that need a reason.
WITH_REASON = (Missed.State.NOT_WANTED, Missed.State.REFUSED)
LONGEST_REASON = 500
NAMES = {
    Missed.State.OPEN: Text("待办", "to do"),
    Missed.State.TOLD: Text("已告知", "told"),
    Missed.State.APPLIED: Text("已申请", "applied for"),
    Missed.State.NOT_WANTED: Text("户里不要", "not wanted"),
    Missed.State.REFUSED: Text("未获批准", "refused"),
}
_CLOSINGS = {
    "received": Text("已经享受", "it is received now"),
    "no_longer": Text("不再符合条件", "it is no longer due"),
    "programme_over": Text("项目已经到期", "the programme has ended"),
    "programme_gone": Text("规则库里已没有这个项目", "the rulebook no longer has the programme"),
    "household_gone": Text("这一户已经迁出、合并或消亡", "the household has left, merged or died out"),
}


@transaction.atomic
def mark(missed: Missed, state: str, reason: str = "", *, was: str = "", by: Officer, now: datetime) -> Missed:
    """Record how far it is: told, applied for, not wanted, refused, or to do again.

    reason  needed for not wanted and refused; a note otherwise
    was     the state that the person saw; "" if nobody looked
    Raises MayNotMark, NotMissed, UnknownState, ReasonMissing, AlreadyClosed, HouseholdIsGone, SomebodyWasQuicker.
    """
    if not by.may(May.PLAN_HELP):
        raise MayNotMark
    found = _locked(Missed.objects.visible_to(by), missed.pk)
    if state not in Missed.State.values:
        raise UnknownState(state=state[:40])
    said = typed(reason)[:LONGEST_REASON]
    if state in WITH_REASON and not said:
        raise ReasonMissing
    if was and found.state != was:
        name = NAMES[Missed.State(found.state)]
        raise SomebodyWasQuicker(who=found.changed_by.full_name if found.changed_by else "—", zh=name.zh, en=name.en)
    if (found.state, found.reason) == (state, said):
        return found  # tapped twice
    found.state, found.reason, found.changed_at, found.changed_by = state, said, now, by
    found.save(update_fields=["state", "reason", "changed_at", "changed_by"])
    MissedMove.objects.create(missed=found, state=state, reason=said, by=by, at=now)
    chain.record(by, "missed.marked", found, at=now, programme=found.programme_id, state=state, reason=said)
    return found


@transaction.atomic
def ask_for_it(missed: Missed, *, by: Resident, now: datetime) -> Missed:
    """The household asks for what it misses: the village is told, and what was set aside is to do again. Once is enough.

    Raises NotMissed, AlreadyClosed, HouseholdIsGone.
    """
    found = _locked(Missed.objects.filter(household=by.household), missed.pk)
    if found.asked_at:
        return found
    found.asked_at, found.asked_by = now, by
    if found.state in WITH_REASON:
        found.state, found.reason = Missed.State.OPEN, ""
    found.changed_at, found.changed_by = now, None
    found.save(update_fields=["asked_at", "asked_by", "state", "reason", "changed_at", "changed_by"])
    MissedMove.objects.create(missed=found, state=found.state, asked_by=by, at=now)
    chain.record(None, "missed.asked", found, at=now, programme=found.programme_id, resident=by.pk)
    programme = rulebook.current().programmes.get(found.programme_id)
    name = programme.name if programme else Text(found.programme_id, found.programme_id)
    notify(
        who_answers(found.region_code),
        "help-asked",
        f"/help/missed/{found.pk}/",
        now,
        household=found.household.number,
        what=name,
    )
    return found


def _locked(rows, pk: int) -> Missed:
    """The row, held until the transaction ends. Raises NotMissed, AlreadyClosed, HouseholdIsGone."""
    found = rows.select_for_update(of=("self",)).select_related("household", "changed_by").filter(pk=pk).first()
    if found is None:
        raise NotMissed
    if found.closed_on:
        why = _CLOSINGS.get(found.closing, Text("已办结", "it is over"))
        raise AlreadyClosed(day=found.closed_on, zh=why.zh, en=why.en)
    if found.household.ended_on:
        raise HouseholdIsGone(number=found.household.number, day=found.household.ended_on)
    return found
