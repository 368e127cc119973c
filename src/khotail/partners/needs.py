"""Needs: written down, published once somebody has read them, filled by what arrives, taken down."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.issues.receipts import new_number
from khotail.partners import checks
from khotail.partners.models import Need
from khotail.partners.problems import DayOutOfReach, HouseholdElsewhere, NotRead, WrongState
from khotail.register.models import Household
from khotail.texts import Text, typed
from khotail.trail.chain import record

_TITLE = Text("公开文字", "public words")
#: Whoever plans help for households may write down what one needs; publishing is the office's.
WRITERS = (May.KEEP_PARTNERS, May.PLAN_HELP)


@transaction.atomic
def write_down(
    kind: str,
    title: str,
    quantity: Decimal,
    unit: str,
    region_code: str,
    *,
    by: Officer,
    now: datetime,
    words: str = "",
    household_number: str = "",
    needed_by: date | None = None,
) -> Need:
    """Write down what is needed. It is not shown to anybody outside yet.

    household_number  of the household that needs it; "" where a place does
    Raises NotAllowed, NotFound, UnknownPlace, WordsMissing, AmountWrong, HouseholdElsewhere, DayOutOfReach.
    """
    household = _household(household_number, by)
    region_code = household.region_code if household else region_code
    checks.check_may(by, region_code, *WRITERS)
    checks.place(region_code)
    if needed_by is not None:
        checks.term(needed_by, None)
    need = Need.objects.create(
        number=new_number(), region_code=region_code, household=household, kind=kind,
        title=checks.words(title, _TITLE, 120), words=typed(words)[:4000], quantity=checks.more_than_nothing(quantity),
        unit=checks.unit_of(kind, unit), needed_by=needed_by, written_by=by, written_at=now,
    )  # fmt: skip
    record(by, "need.written", need, at=now, kind=kind, quantity=quantity)
    return need


@transaction.atomic
def publish(need: Need, title: str, has_read: bool, *, by: Officer, now: datetime) -> Need:
    """Show it to everybody. Raises NotAllowed, NotFound, WrongState, NotRead, NamesSomebody, DayOutOfReach."""
    checks.check_may(by, need.region_code)
    need = _in_state(need, by, Need.State.DRAFT, Need.State.WITHDRAWN)
    title = checks.words(title, _TITLE, 120)
    if not has_read:
        raise NotRead
    checks.check_names_nobody(title, need.household)
    if need.needed_by is not None and need.needed_by < now.date():
        raise DayOutOfReach(day=need.needed_by)
    need.title, need.state, need.published_by, need.published_at = title, Need.State.PUBLISHED, by, now
    need.closed_at, need.reason = None, ""
    need.save()
    record(by, "need.published", need, at=now)
    return need


@transaction.atomic
def take_down(need: Need, reason: str, *, by: Officer, now: datetime) -> Need:
    """Show it no longer. Raises NotAllowed, NotFound, WrongState, WordsMissing."""
    checks.check_may(by, need.region_code)
    need = _in_state(need, by, Need.State.DRAFT, Need.State.PUBLISHED)
    need.state, need.closed_at = Need.State.WITHDRAWN, now
    need.reason = checks.words(reason, Text("原因", "reason"))
    need.save()
    record(by, "need.taken_down", need, at=now, reason=need.reason)
    return need


def fill(need: Need, by: Officer, now: datetime) -> None:
    """Everything has arrived: closed, and no longer public. The need is held already."""
    need.state, need.closed_at = Need.State.FILLED, now
    need.save(update_fields=["state", "closed_at"])
    record(by, "need.filled", need, at=now)


def _in_state(need: Need, by: Officer, *states: str) -> Need:
    need = checks.held(need, by)
    if need.state not in states:
        raise WrongState(state=need.get_state_display())
    return need


def _household(number: str, by: Officer) -> Household | None:
    number = typed(number)
    if not number:
        return None
    found = Household.objects.visible_to(by).filter(number=number[:40], ended_on=None).first()
    if found is None or not by.may(May.SEE_REGISTER):
        raise HouseholdElsewhere(number=number[:40])
    return found
