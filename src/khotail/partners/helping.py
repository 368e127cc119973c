"""Social helpers and their pledges: taken in, pledged, matched to needs, delivered, and told what came of it."""

from __future__ import annotations

import logging
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from khotail.accounts import sms
from khotail.accounts.models import Officer
from khotail.issues.receipts import new_number
from khotail.partners import checks
from khotail.partners.models import Delivery, Need, Pledge, SocialHelper
from khotail.partners.needs import fill
from khotail.partners.problems import (
    AlreadyMatched,
    HelperGone,
    HelperTwice,
    KindsDiffer,
    MeantForElsewhere,
    NoMoreNeeded,
    OpenPledges,
    UnitsDiffer,
    WrongState,
)
from khotail.partners.queries import standing_of
from khotail.partners.receipts import receipt_of
from khotail.register.documents import keep_sent
from khotail.texts import Text, typed
from khotail.trail.chain import record

_NAME = Text("名称", "name")
_TITLE = Text("认捐内容", "what is pledged")
_REASON = Text("原因", "reason")
_State = Pledge.State
_OPEN = (Need.State.DRAFT, Need.State.PUBLISHED)
_log = logging.getLogger(__name__)


@transaction.atomic
def take_in(
    kind: str,
    name: str,
    region_code: str,
    *,
    by: Officer,
    now: datetime,
    seat: str = "",
    contact: str = "",
    phone: str = "",
    note: str = "",
) -> SocialHelper:
    """Record a helper. Raises NotAllowed, NotFound, UnknownPlace, WordsMissing, HelperTwice."""
    checks.check_may(by, region_code)
    checks.place(region_code)
    helper = SocialHelper(
        kind=kind, name=checks.words(name, _NAME, 120), region_code=region_code, seat=typed(seat)[:120],
        contact=typed(contact)[:60], phone=typed(phone)[:20], note=typed(note)[:4000], since=timezone.localdate(now),
        recorded_by=by, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            helper.save(force_insert=True)
    except IntegrityError:
        raise HelperTwice(name=helper.name) from None
    record(by, "helper.taken_in", helper, at=now, kind=kind)
    return helper


@transaction.atomic
def phone_of(helper: SocialHelper, *, by: Officer, now: datetime) -> str:
    """The phone in clear, with an event. Raises NotAllowed, NotFound."""
    checks.check_may(by, helper.region_code)
    helper = checks.held(helper, by)
    record(by, "helper.phone_shown", helper, at=now)
    return str(helper.phone)


@transaction.atomic
def let_go(helper: SocialHelper, on: date, *, by: Officer, now: datetime) -> SocialHelper:
    """They no longer help. Raises NotAllowed, NotFound, HelperGone, OpenPledges, EndsBeforeItBegins."""
    checks.check_may(by, helper.region_code)
    helper = _standing(helper, by)
    waiting = helper.pledges.filter(state__in=Pledge.WAITING).count()
    if waiting:
        raise OpenPledges(count=waiting)
    checks.term(helper.since, on)
    helper.ended_on = on
    helper.save(update_fields=["ended_on"])
    record(by, "helper.let_go", helper, at=now, on=on)
    return helper


@transaction.atomic
def pledge(
    helper: SocialHelper,
    kind: str,
    title: str,
    quantity: Decimal,
    unit: str,
    *,
    by: Officer,
    now: datetime,
    region_code: str = "",
    due_on: date | None = None,
) -> Pledge:
    """Record what a helper promises; `region_code` is where it is meant for, the helper's place unless said.

    Raises NotAllowed, NotFound, HelperGone, UnknownPlace, WordsMissing, AmountWrong, DayOutOfReach.
    """
    region_code = region_code or helper.region_code
    checks.check_may(by, helper.region_code)
    checks.check_may(by, region_code)
    checks.place(region_code)
    helper = _standing(helper, by)
    if due_on is not None:
        checks.term(due_on, None)
    made = Pledge.objects.create(
        number=new_number(), helper=helper, region_code=region_code, kind=kind,
        title=checks.words(title, _TITLE, 120), quantity=checks.more_than_nothing(quantity),
        unit=checks.unit_of(kind, unit), due_on=due_on, pledged_at=now, recorded_by=by,
    )  # fmt: skip
    record(by, "pledge.made", made, at=now, kind=kind, quantity=quantity, due=due_on)
    return made


@transaction.atomic
def offer(need: Need, name: str, phone: str, quantity: Decimal, *, now: datetime, key: str, title: str = "") -> Pledge:
    """Somebody of the public offers to fill a published need. An officer takes it up; sent twice, it is one.

    Raises WrongState, WordsMissing, AmountWrong, NoMoreNeeded.
    """
    if earlier := Pledge.objects.filter(key=key).first():
        return earlier
    need = Need.objects.select_for_update().get(pk=need.pk)
    if need.state != Need.State.PUBLISHED:
        raise WrongState(state=need.get_state_display())
    checks.more_than_nothing(quantity)
    left = standing_of([need])[need.pk].left
    if quantity > left:
        raise NoMoreNeeded(left=_plain(left), unit=need.unit)
    try:
        with transaction.atomic():
            made = Pledge.objects.create(
                number=new_number(), region_code=need.region_code, kind=need.kind,
                title=typed(title)[:120] or need.title, quantity=quantity, unit=need.unit, need=need, pledged_at=now,
                offered_name=checks.words(name, _NAME, 60), offered_phone=checks.words(phone, Text("电话", "phone"), 20),
                state=_State.OFFERED, key=key[:64],
            )  # fmt: skip
    except IntegrityError:  # the same form, sent twice at the same moment
        return Pledge.objects.get(key=key[:64])
    record(None, "pledge.offered", made, at=now, kind=made.kind, quantity=quantity)
    return made


@transaction.atomic
def take_up(offered: Pledge, kind: str, due_on: date | None, *, by: Officer, now: datetime, name: str = "") -> Pledge:
    """Take an offer up: whoever made it is a helper from now on, and the pledge binds.

    What the need lacks no longer is free for another. A helper of the name that is on record is the same one.

    name  of the helper as it should be recorded; as it was offered unless given
    Raises NotAllowed, NotFound, WrongState, WordsMissing.
    """
    checks.check_may(by, offered.region_code)
    need = Need.objects.select_for_update().get(pk=offered.need_id) if offered.need_id else None
    found = _in_state(offered, by, _State.OFFERED)
    if due_on is not None:
        checks.term(due_on, None)
    name = checks.words(name or found.offered_name, _NAME, 120)
    helper = SocialHelper.objects.visible_to(by).filter(kind=kind, name=name, ended_on=None).first()
    if helper is None:
        helper = take_in(kind, name, by.region_code, by=by, now=now, phone=found.offered_phone)
    found.helper, found.state, found.due_on, found.recorded_by = helper, _State.PROMISED, due_on, by
    if need is not None:
        left = standing_of([need])[need.pk].left if need.state in _OPEN else Decimal(0)
        if left > 0:
            _part(found, left, by, now)
        else:
            found.need = None
    found.save()
    record(by, "pledge.taken_up", found, at=now, helper=helper.pk, due=due_on)
    return found


@transaction.atomic
def settle(made: Pledge, reason: str, *, by: Officer, now: datetime) -> Pledge:
    """Decline an offer, or say that a pledge fell through; the need is open again for what is lacking.

    reason  read by whoever holds the receipt, so that it names nobody
    Raises NotAllowed, NotFound, WrongState, WordsMissing, NamesSomebody.
    """
    checks.check_may(by, made.region_code)
    found = _in_state(made, by, _State.OFFERED, *Pledge.WAITING)
    is_offer, has_some = found.state == _State.OFFERED, found.state == _State.PARTLY
    found.reason = checks.words(reason, _REASON)
    checks.check_names_nobody(found.reason, found.need.household if found.need else None)
    found.state = _State.DECLINED if is_offer else _State.DELIVERED if has_some else _State.CANCELLED
    found.save()
    record(by, "pledge.settled", found, at=now, state=found.state, reason=found.reason)
    return found


@transaction.atomic
def match(made: Pledge, need: Need, *, by: Officer, now: datetime) -> Pledge:
    """Let a pledge fill a need. What is more than the need lacks stays free, as a part of the pledge.

    Raises NotAllowed, NotFound, WrongState, AlreadyMatched, KindsDiffer, UnitsDiffer, MeantForElsewhere, NoMoreNeeded.
    """
    checks.check_may(by, need.region_code)
    need = checks.held(need, by)
    found = _in_state(made, by, _State.PROMISED)
    if found.need_id:
        raise AlreadyMatched
    if need.state not in _OPEN:
        raise WrongState(state=need.get_state_display())
    _check_fits(found, need)
    left = standing_of([need])[need.pk].left
    if left <= 0:
        raise NoMoreNeeded(left=0, unit=need.unit)
    _part(found, left, by, now)
    found.need = need
    found.save()
    record(by, "pledge.matched", found, at=now, need=need.pk, quantity=found.quantity)
    return found


def _part(made: Pledge, left: Decimal, by: Officer, now: datetime) -> None:
    """What a need does not lack becomes a pledge of its own, free for another need. The pledge is saved by the caller."""
    rest = made.quantity - left
    if rest <= 0:
        return
    made.quantity = left
    part = Pledge.objects.create(
        number=new_number(), helper=made.helper, region_code=made.region_code, kind=made.kind, title=made.title,
        quantity=rest, unit=made.unit, due_on=made.due_on, pledged_at=made.pledged_at, recorded_by=by,
        part_of_id=made.part_of_id or made.pk,
    )  # fmt: skip
    record(by, "pledge.parted", part, at=now, quantity=rest)


def _check_fits(made: Pledge, need: Need) -> None:
    if made.kind != need.kind:
        raise KindsDiffer
    if made.unit != need.unit:
        raise UnitsDiffer(pledge=made.unit, need=need.unit)
    if not need.region_code.startswith(made.region_code):
        raise MeantForElsewhere


@transaction.atomic
def unmatch(made: Pledge, *, by: Officer, now: datetime) -> Pledge:
    """Free a pledge of its need, as long as nothing has arrived. Raises NotAllowed, NotFound, WrongState."""
    checks.check_may(by, made.region_code)
    found = _in_state(made, by, _State.PROMISED)
    before, found.need = found.need_id, None
    found.save(update_fields=["need"])
    record(by, "pledge.unmatched", found, at=now, need=before)
    return found


@transaction.atomic
def receive(
    made: Pledge,
    on: date,
    quantity: Decimal,
    *,
    by: Officer,
    now: datetime,
    value_cny: Decimal | None = None,
    note: str = "",
    is_last: bool = False,
    file: Any = None,
) -> Delivery:
    """Something arrived. The pledge is delivered once all of it has, or this is said to be the last of it.

    Raises NotAllowed, NotFound, WrongState, AmountWrong, DayAhead.
    """
    checks.check_may(by, made.region_code)
    need = Need.objects.select_for_update().get(pk=made.need_id) if made.need_id else None
    found = _in_state(made, by, *Pledge.WAITING)
    checks.happened(on, timezone.localdate(now))
    checks.more_than_nothing(quantity)
    document = None
    if file:
        document = keep_sent(
            file, household=None, region_code=found.region_code, kind="receipt", title=found.number, by=by, now=now
        )
    delivery = Delivery.objects.create(
        pledge=found, region_code=found.region_code, on=on, quantity=quantity, value_cny=value_cny,
        note=typed(note)[:4000], document=document, recorded_by=by, recorded_at=now,
    )  # fmt: skip
    arrived = sum((each.quantity for each in found.deliveries.all()), Decimal(0))
    found.state = _State.DELIVERED if is_last or arrived >= found.quantity else _State.PARTLY
    found.save(update_fields=["state"])
    record(by, "pledge.received", found, at=now, on=on, quantity=quantity, state=found.state)
    if need and need.state == Need.State.PUBLISHED and standing_of([need])[need.pk].arrived >= need.quantity:
        fill(need, by, now)
    return delivery


@transaction.atomic
def tell_result(made: Pledge, result: str, *, by: Officer, now: datetime) -> Pledge:
    """Say what came of it; whoever holds the receipt reads it, and is sent a message where a phone is known.

    Raises NotAllowed, NotFound, WrongState, WordsMissing, NamesSomebody.
    """
    checks.check_may(by, made.region_code)
    found = _in_state(made, by, _State.DELIVERED, _State.TOLD)
    result = checks.words(result, Text("结果", "result"))
    checks.check_names_nobody(result, found.need.household if found.need else None)
    found.result, found.result_at, found.state = result, now, _State.TOLD
    found.save()
    record(by, "pledge.told", found, at=now)
    _send(found)
    return found


def _send(made: Pledge) -> None:
    """Once the transaction is committed; that it could not be sent never breaks the action."""
    phone = made.offered_phone or (made.helper.phone if made.helper else "")
    if not phone:
        return
    words = f"您的帮扶已落实，感谢。凭回执号 {receipt_of(made)} 可在“帮扶需求”页面查看结果。"

    def send() -> None:
        try:
            sms.send(phone, words)
        except Exception as error:
            _log.warning("no SMS about pledge %s (%s)", made.pk, type(error).__name__)

    transaction.on_commit(send)


def _standing(helper: SocialHelper, by: Officer) -> SocialHelper:
    helper = checks.held(helper, by)
    if helper.ended_on:
        raise HelperGone(name=helper.name)
    return helper


def _in_state(made: Pledge, by: Officer, *states: str) -> Pledge:
    found = checks.held(made, by)
    if found.state not in states:
        raise WrongState(state=found.get_state_display())
    return found


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
