"""Pairings: begun, ended, followed by another; agreements, what was promised, what each year brought, who kept in touch."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.partners import checks
from khotail.partners.models import FIGURES, Agreement, Contact, Delivered, Pairing, Promised
from khotail.partners.problems import (
    AgreementTwice,
    AlreadyEnded,
    AlreadyPaired,
    NothingStated,
    OutsideItsTime,
)
from khotail.register.documents import keep_sent
from khotail.texts import Text, typed
from khotail.trail.chain import record

_UNIT = Text("支援单位", "supporting unit")


@transaction.atomic
def pair(
    kind: str,
    supporting: str,
    supported: str,
    region_code: str,
    since: date,
    *,
    by: Officer,
    now: datetime,
    phone: str = "",
    until: date | None = None,
) -> Pairing:
    """Begin a pairing. Raises NotAllowed, NotFound, UnknownPlace, WordsMissing, EndsBeforeItBegins, AlreadyPaired."""
    checks.check_may(by, region_code)
    checks.place(region_code)
    checks.term(since, until)
    pairing = Pairing(
        kind=kind, supporting=checks.words(supporting, _UNIT, 120),
        supported=checks.words(supported, Text("受援单位", "supported unit"), 120), region_code=region_code, since=since,
        until=until, phone=typed(phone)[:40], recorded_by=by, recorded_at=now,
    )  # fmt: skip
    _save_new(pairing)
    record(by, "pairing.begun", pairing, at=now, kind=kind, since=since, until=until)
    return pairing


def _save_new(pairing: Pairing) -> None:
    try:
        with transaction.atomic():
            pairing.save(force_insert=True)
    except IntegrityError:
        raise AlreadyPaired(unit=pairing.supporting) from None


@transaction.atomic
def end(pairing: Pairing, on: date, reason: str, *, by: Officer, now: datetime) -> Pairing:
    """End it. Raises NotAllowed, NotFound, AlreadyEnded, EndsBeforeItBegins, WordsMissing."""
    pairing = _open(pairing, by, now)
    _end(pairing, on, reason)
    record(by, "pairing.ended", pairing, at=now, on=on, reason=pairing.reason)
    return pairing


@transaction.atomic
def follow(
    old: Pairing,
    supporting: str,
    on: date,
    reason: str,
    *,
    by: Officer,
    now: datetime,
    kind: str = "",
    supported: str = "",
    phone: str = "",
) -> Pairing:
    """Let another pairing take its place from `on`; the old one ends the day before and names its successor.

    kind, supported  the old one's unless given
    Raises what `end` and `pair` raise.
    """
    old = _open(old, by, now)
    checks.term(on, None)
    new = Pairing(
        kind=kind or old.kind, supporting=checks.words(supporting, _UNIT, 120),
        supported=typed(supported)[:120] or old.supported, region_code=old.region_code, since=on, phone=typed(phone)[:40],
        recorded_by=by, recorded_at=now,
    )  # fmt: skip
    _end(old, date.fromordinal(on.toordinal() - 1), reason)
    _save_new(new)
    old.successor = new
    old.save(update_fields=["successor"])
    record(by, "pairing.followed", old, at=now, on=on, successor=new.pk, reason=old.reason)
    return new


def _end(pairing: Pairing, on: date, reason: str) -> None:
    checks.term(pairing.since, on)
    pairing.until, pairing.reason = on, checks.words(reason, Text("原因", "reason"))
    pairing.save()


@transaction.atomic
def team_left(pairing: Pairing, on: date, *, by: Officer, now: datetime) -> Pairing:
    """Its village team withdrew; the contact stays. Raises NotAllowed, NotFound, AlreadyEnded, EndsBeforeItBegins."""
    pairing = _open(pairing, by, now)
    checks.term(pairing.since, on)
    pairing.team_left_on = on
    pairing.save(update_fields=["team_left_on"])
    record(by, "pairing.team_left", pairing, at=now, on=on)
    return pairing


@transaction.atomic
def keep_in_touch(pairing: Pairing, on: date, way: str, words: str, *, by: Officer, now: datetime) -> Contact:
    """One time that both spoke. Raises NotAllowed, NotFound, DayAhead, WordsMissing."""
    checks.check_may(by, pairing.region_code)
    pairing = checks.held(pairing, by)
    checks.happened(on, timezone.localdate(now))
    contact = Contact.objects.create(
        pairing=pairing, region_code=pairing.region_code, on=on, way=way,
        words=checks.words(words, Text("谈了什么", "what was said")), recorded_by=by, recorded_at=now,
    )  # fmt: skip
    record(by, "pairing.contact", pairing, at=now, on=on, way=way)
    return contact


@transaction.atomic
def agree(
    pairing: Pairing,
    title: str,
    signed_on: date,
    starts_on: date,
    ends_on: date,
    *,
    by: Officer,
    now: datetime,
    file: Any = None,
) -> Agreement:
    """Record an agreement. Raises NotAllowed, NotFound, DayAhead, EndsBeforeItBegins, WordsMissing, AgreementTwice."""
    checks.check_may(by, pairing.region_code)
    pairing = checks.held(pairing, by)
    checks.happened(signed_on, timezone.localdate(now))
    checks.term(starts_on, ends_on)
    title = checks.words(title, Text("协议名称", "title"), 160)
    document = None
    if file:
        document = keep_sent(
            file, household=None, region_code=pairing.region_code, kind="agreement", title=title[:120], by=by, now=now
        )
    agreement = Agreement(
        pairing=pairing, region_code=pairing.region_code, title=title, signed_on=signed_on, starts_on=starts_on,
        ends_on=ends_on, document=document, recorded_by=by, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            agreement.save(force_insert=True)
    except IntegrityError:
        raise AgreementTwice from None
    record(by, "agreement.signed", agreement, at=now, signed=signed_on, until=ends_on)
    return agreement


@transaction.atomic
def promise(agreement: Agreement, year: int, figures: dict[str, Any], *, by: Officer, now: datetime) -> Promised:
    """What the agreement promises for a year; said again, it takes the place of what was said.

    figures  of `FIGURES`; None or left out: not promised
    Raises NotAllowed, NotFound, OutsideItsTime, NothingStated.
    """
    checks.check_may(by, agreement.region_code)
    agreement = checks.held(agreement, by)
    if not agreement.starts_on.year <= year <= agreement.ends_on.year:
        raise OutsideItsTime(year=year, start=agreement.starts_on, end=agreement.ends_on)
    known = _stated(figures)
    before = Promised.objects.filter(agreement=agreement, year=year).first()
    row, _ = Promised.objects.update_or_create(agreement=agreement, year=year, defaults=known)
    record(by, "agreement.promised", agreement, at=now, year=year, before=_told(before), after=_told(row))
    return row


@transaction.atomic
def deliver(
    pairing: Pairing, year: int, figures: dict[str, Any], *, by: Officer, now: datetime, note: str = ""
) -> Delivered:
    """What the year brought; said again, it takes the place of what was said, and the trail keeps both.

    Raises NotAllowed, NotFound, OutsideItsTime, NothingStated.
    """
    checks.check_may(by, pairing.region_code)
    pairing = checks.held(pairing, by)
    last = min(pairing.until or date.max, timezone.localdate(now))
    if not pairing.since.year <= year <= last.year:
        raise OutsideItsTime(year=year, start=pairing.since, end=last)
    before = Delivered.objects.filter(pairing=pairing, year=year).first()
    told = _told(before)
    known = _stated(figures) | {"note": typed(note)[:4000], "recorded_by": by, "recorded_at": now}
    row, _ = Delivered.objects.update_or_create(
        pairing=pairing, year=year, defaults=known | {"region_code": pairing.region_code}
    )
    record(by, "pairing.delivered", pairing, at=now, year=year, before=told, after=_told(row))
    return row


def _open(pairing: Pairing, by: Officer, now: datetime) -> Pairing:
    """Held, and not at its end yet: an end that lies ahead may still be changed."""
    checks.check_may(by, pairing.region_code)
    pairing = checks.held(pairing, by)
    if pairing.successor_id or (pairing.until is not None and pairing.until < timezone.localdate(now)):
        raise AlreadyEnded(on=pairing.until)
    return pairing


def _stated(figures: dict[str, Any]) -> dict[str, Any]:
    known = {name: figures.get(name) for name in FIGURES}
    if all(value is None for value in known.values()):
        raise NothingStated
    return known


def _told(row: Promised | Delivered | None) -> dict[str, Any] | None:
    return {name: value for name in FIGURES if (value := getattr(row, name)) is not None} if row else None
