"""Residents: who signed in, and who may not for now."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.register.models import Person
from khotail.residents.models import Consent, Resident
from khotail.residents.problems import Blocked, NotFound
from khotail.trail.chain import record as record_event


@transaction.atomic
def sign_in(person: Person, *, now: datetime, language: str = "zh-hans") -> Resident:
    """The resident whom a code let in. Raises Blocked, NotFound for somebody who has left or whose household has ended."""
    person = Person.objects.select_related("household").get(pk=person.pk)
    if person.left_on or person.household.ended_on:
        raise NotFound
    resident, is_new = Resident.objects.get_or_create(
        person=person,
        defaults={"region_code": person.region_code, "language": language, "first_seen_at": now, "last_seen_at": now},
    )
    if resident.blocked_at:
        raise Blocked
    resident.last_seen_at, resident.region_code = now, person.region_code
    resident.save(update_fields=["last_seen_at", "region_code"])
    record_event(None, "resident.signed_in", resident, at=now, first=is_new)
    return resident


def still_in(pk: int, sessions_ended: int) -> Resident | None:
    """The resident of a session, unless they were blocked, left, or their sessions were ended."""
    rows = Resident.objects.select_related("person", "person__household")
    return rows.filter(
        pk=pk, sessions_ended=sessions_ended, blocked_at=None, person__left_on=None, person__household__ended_on=None
    ).first()


@transaction.atomic
def end_sessions(resident: Resident, *, now: datetime) -> None:
    """Sign out everywhere, from any of their phones."""
    resident.sessions_ended += 1
    resident.save(update_fields=["sessions_ended"])
    record_event(None, "resident.sessions_ended", resident, at=now)


@transaction.atomic
def block(resident: Resident, *, by: Officer, now: datetime, blocked: bool = True) -> None:
    """Stop somebody from signing in, or let them in again. Raises NotAllowed, NotFound."""
    if not by.may(May.EDIT_REGISTER):
        raise NotAllowed
    found = Resident.objects.visible_to(by).filter(pk=resident.pk).first()
    if found is None:
        raise NotFound
    found.blocked_at = now if blocked else None
    found.sessions_ended += 1
    found.save(update_fields=["blocked_at", "sessions_ended"])
    record_event(by, "resident.blocked" if blocked else "resident.unblocked", found, at=now)


def prefer(resident: Resident, *, language: str, large_type: bool) -> None:
    """Keep the language and the size of letters."""
    Resident.objects.filter(pk=resident.pk).update(language=language, large_type=large_type)
    resident.language, resident.large_type = language, large_type


@transaction.atomic
def consent(
    person: Person, about: str, words: str, how: str, *, now: datetime, witness: Officer | None = None
) -> Consent:
    """Keep what somebody agreed to, in the words that they saw or heard."""
    given = Consent.objects.create(
        person=person, region_code=person.region_code, about=about[:40], words=words, how=how, witness=witness,
        given_at=now,
    )  # fmt: skip
    record_event(witness, "consent.given", given, at=now, about=about, how=how)
    return given


@transaction.atomic
def withdraw(given: Consent, *, resident: Resident, now: datetime) -> None:
    """Take an agreement back; what was done while it held stays done. Raises NotFound."""
    found = Consent.objects.filter(pk=given.pk, person=resident.person, withdrawn_at=None).first()
    if found is None:
        raise NotFound
    found.withdrawn_at = now
    found.save(update_fields=["withdrawn_at"])
    record_event(None, "consent.withdrawn", found, at=now, resident=resident.pk)
