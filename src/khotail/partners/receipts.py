"""The receipt of a pledge: its number and a code that follows from it and the installation's key."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from khotail.partners.models import Pledge
from khotail.partners.problems import NotTheHelper

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LETTERS = 6


def receipt_of(pledge: Pledge) -> str:
    """Such as 7KQ2M9XA-3HTRWN."""
    return f"{pledge.number}-{_code(pledge.number)}"


def by_receipt(receipt: str) -> Pledge:
    """The pledge of a receipt. Raises NotTheHelper."""
    number, _, code = receipt.strip().upper().replace(" ", "").partition("-")
    known = number.isascii() and number.isalnum()  # a database must not be asked for what it cannot hold
    found = Pledge.objects.select_related("need").filter(number=number[:24]).first() if known else None
    if found is None or not hmac.compare_digest(code.encode("utf-8", "replace"), _code(found.number).encode()):
        raise NotTheHelper
    return found


def _code(number: str) -> str:
    made = hmac.new(settings.KHOTAIL_DATA_KEY, f"pledge:{number}".encode(), hashlib.sha256).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in made[:_CODE_LETTERS])
