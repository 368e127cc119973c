"""Codes that let a person of the register in: sent to their phone, or given by the cadre beside them.

Whether a phone is known is never said: an unknown one gets the same answer and no message. Codes are short, so guessing is
bounded three ways: tries per code, codes per phone and day, and tries per network address.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from khotail.accounts import sms
from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.register.models import Person
from khotail.register.sealed import keyed_digest, phone_digest
from khotail.residents.models import OneTimeCode
from khotail.residents.problems import CodeWrong, NotFound, PhoneWrong, TooManyCodes, TooSoon
from khotail.trail.chain import record as record_event

_SENT_DIGITS, _GIVEN_DIGITS = 6, 8
_SENT_FOR, _GIVEN_FOR = timedelta(minutes=5), timedelta(minutes=15)
_BETWEEN = timedelta(seconds=60)
_MOST_A_DAY, _MOST_OF_ADDRESS_AN_HOUR = 6, 60
_MOST_TRIES, _MOST_TRIES_OF_ADDRESS_AN_HOUR = 5, 40
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MOST_PEOPLE = 12


@transaction.atomic
def ask_code(phone: str, *, address: str, now: datetime, language: str = "zh") -> None:
    """Send a code to a phone of the register. Raises PhoneWrong, TooSoon, TooManyCodes.

    address  the network address that asks
    """
    digits = "".join(letter for letter in phone if letter.isascii() and letter.isdecimal())
    digits = digits.removeprefix("86") if len(digits) == 13 else digits
    if len(digits) != 11:
        raise PhoneWrong
    known, from_where = phone_digest(digits), keyed_digest(address)
    _check_asking(known, from_where, now)
    code = _new_code(_SENT_DIGITS)
    OneTimeCode.objects.filter(phone_digest=known, used_at=None, expires_at__gt=now).update(expires_at=now)
    OneTimeCode.objects.create(
        phone_digest=known, code_digest=_digest(known, code), address_digest=from_where, made_at=now,
        expires_at=now + _SENT_FOR,
    )  # fmt: skip
    if people_of(digits):
        words = (
            f"Khotail: {code}" if language.startswith("en") else f"Khotail 验证码 {code}，5 分钟内有效，请勿告诉他人。"
        )
        transaction.on_commit(lambda: sms.send(digits, words))


@transaction.atomic
def give_code(person: Person, *, by: Officer, now: datetime) -> str:
    """A code for the person who sits beside the cadre, to be typed on any phone within minutes. Raises NotAllowed, NotFound."""
    if not by.may(May.EDIT_REGISTER):
        raise NotAllowed
    found = Person.objects.visible_to(by).filter(pk=person.pk, left_on=None, household__ended_on=None).first()
    if found is None:
        raise NotFound
    code = _new_code(_GIVEN_DIGITS)
    OneTimeCode.objects.filter(person=found, used_at=None).update(expires_at=now)
    OneTimeCode.objects.create(
        person=found, code_digest=_digest("", code), made_at=now, expires_at=now + _GIVEN_FOR, given_by=by
    )
    record_event(by, "resident.helped_in", found, at=now, household=found.household_id)
    return code


def enter_code(code: str, *, phone: str, address: str, now: datetime) -> list[Person]:
    """Whom the code lets in: those who share the phone, or the one whom a cadre gave it for. The code is used up.

    Raises CodeWrong, TooManyCodes. Not one transaction: a wrong try must count even though it is refused.
    """
    from_where = keyed_digest(address)
    recent = OneTimeCode.objects.filter(address_digest=from_where, made_at__gt=now - _HOUR)
    if sum(recent.values_list("tries", flat=True)) >= _MOST_TRIES_OF_ADDRESS_AN_HOUR:
        raise TooManyCodes
    code = "".join(letter for letter in code if letter.isascii() and letter.isdecimal())[:_GIVEN_DIGITS]
    known = phone_digest(phone) if phone.strip() else ""
    found = _taken(known, code, now) if known else _given(code, from_where, now)
    if found is None:
        raise CodeWrong
    if found.person_id:
        return list(Person.objects.filter(pk=found.person_id, left_on=None, household__ended_on=None))
    people = people_of(phone)
    if not people:
        raise CodeWrong
    return people


def people_of(phone: str) -> list[Person]:
    """Members of living households who have this phone, and heads of households that have it."""
    known = phone_digest(phone)
    rows = Person.objects.filter(left_on=None, household__ended_on=None).select_related("household")
    return list(
        rows.filter(Q(phone_digest=known) | Q(household__phone_digest=known, relation="户主")).order_by("id")[
            :_MOST_PEOPLE
        ]
    )


def forget_old(now: datetime) -> int:
    """Remove codes of more than a day ago; they let nobody in and only count what was tried."""
    return OneTimeCode.objects.filter(made_at__lt=now - _DAY).delete()[0]


def _check_asking(known: str, from_where: str, now: datetime) -> None:
    of_phone = OneTimeCode.objects.filter(phone_digest=known)
    newest = of_phone.order_by("-made_at").values_list("made_at", flat=True).first()
    if newest and now - newest < _BETWEEN:
        raise TooSoon(seconds=int((_BETWEEN - (now - newest)).total_seconds()) + 1)
    of_address = OneTimeCode.objects.filter(address_digest=from_where, made_at__gt=now - _HOUR)
    if of_phone.filter(made_at__gt=now - _DAY).count() >= _MOST_A_DAY or of_address.count() >= _MOST_OF_ADDRESS_AN_HOUR:
        raise TooManyCodes


def _taken(known: str, code: str, now: datetime) -> OneTimeCode | None:
    """The phone's newest code, if this is it; every try is counted."""
    with transaction.atomic():
        rows = OneTimeCode.objects.select_for_update().filter(phone_digest=known, used_at=None, expires_at__gt=now)
        found = rows.order_by("-id").first()
        if found is None or found.tries >= _MOST_TRIES:
            return None
        found.tries += 1
        fits = hmac.compare_digest(found.code_digest, _digest(known, code))
        if fits:
            found.used_at = now
        found.save(update_fields=["tries", "used_at"])
        return found if fits else None


def _given(code: str, from_where: str, now: datetime) -> OneTimeCode | None:
    """A cadre's code. A wrong one is counted against the address: it belongs to no code."""
    with transaction.atomic():
        rows = OneTimeCode.objects.select_for_update().filter(
            phone_digest="", code_digest=_digest("", code), used_at=None, expires_at__gt=now, person__isnull=False
        )
        found = rows.first() if len(code) == _GIVEN_DIGITS else None
        if found:
            found.used_at, found.tries = now, F("tries") + 1
            found.save(update_fields=["tries", "used_at"])
            return found
        OneTimeCode.objects.create(code_digest="", address_digest=from_where, made_at=now, expires_at=now, tries=1)
        return None


def _new_code(digits: int) -> str:
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def _digest(known: str, code: str) -> str:
    return keyed_digest(f"code:{known}:{code}")
