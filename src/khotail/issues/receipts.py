"""The number that everybody may read, and the receipt that only whoever raised an issue holds."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from django.conf import settings

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.issues.models import Issue
from khotail.issues.problems import NotFound, NotTheRaiser
from khotail.register.sealed import phone_digest
from khotail.residents.models import Resident

#: Neither 0 and O nor 1 and I: it is read out on the phone and copied by hand.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NUMBER_LETTERS, _CODE_LETTERS = 8, 6


@dataclass(frozen=True)
class Raiser:
    """Whoever raised the issue, proved in one of three ways: signed in, by receipt, or through an officer beside them."""

    resident: Resident | None = None
    receipt: str = ""
    phone: str = ""
    officer: Officer | None = None


def new_number() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_NUMBER_LETTERS))


def receipt_of(issue: Issue) -> str:
    """The receipt: the number and a code that follows from it and the installation's key, such as 7KQ2M9XA-3HTRWN."""
    return f"{issue.number}-{_code(issue.number)}"


def by_receipt(receipt: str, phone: str = "") -> Issue:
    """The issue of a receipt. If a phone was left with it, the same one must be given. Raises NotTheRaiser."""
    number, _, code = receipt.strip().upper().replace(" ", "").partition("-")
    known = number.isascii() and number.isalnum()  # a database must not be asked for what it cannot hold
    found = Issue.objects.filter(number=number[:24]).first() if known else None
    if found is None or not hmac.compare_digest(code.encode(), _code(found.number).encode()):
        raise NotTheRaiser
    if found.phone_digest and not hmac.compare_digest(found.phone_digest, phone_digest(phone) if phone else ""):
        raise NotTheRaiser
    return found


def check_raiser(issue: Issue, raiser: Raiser) -> None:
    """Raises NotTheRaiser, or for an officer NotFound and NotAllowed."""
    if raiser.officer:
        if not Issue.objects.visible_to(raiser.officer).filter(pk=issue.pk).exists():
            raise NotFound
        if issue.raised_by_id != raiser.officer.pk:
            raise NotAllowed
    elif raiser.resident:
        if issue.resident_id != raiser.resident.pk:
            raise NotTheRaiser
    elif by_receipt(raiser.receipt, raiser.phone).pk != issue.pk:
        raise NotTheRaiser


def _code(number: str) -> str:
    made = hmac.new(settings.KHOTAIL_DATA_KEY, f"receipt:{number}".encode(), hashlib.sha256).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in made[:_CODE_LETTERS])
