"""Citizen ID numbers (GB 11643-1999): check digit, the old 15-digit form, masking.

An ID number has 18 characters: region 6, birth date 8, sequence 3 (odd for men), check 1. A disability card's number is
the ID number followed by kind (1 to 7) and grade (1 to 4), 20 characters in all, or 22 for a card issued again.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"

_DESTROYED = re.compile(r"^\d(\.\d+)?[eE]\+?\d{2}$")
_SHAPE = re.compile(r"^\d{17}[\dX](\d{2}|\d{4})?$")


def normalise(text: str) -> str:
    """Half-width, no spaces or apostrophes, capital X; 15 digits become 18. Does not judge the result."""
    cleaned = re.sub(r"[\s'`’‘\"-]", "", unicodedata.normalize("NFKC", text)).upper().removesuffix(".0")
    return upgrade(cleaned) if len(cleaned) == 15 and cleaned.isdecimal() and cleaned.isascii() else cleaned


def check_character(first_17: str) -> str:
    """The 18th character that GB 11643 asks for after 17 digits."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first_17, WEIGHTS, strict=True)) % 11]


def is_valid(number: str) -> bool:
    """Whether the shape (18, 20 or 22 characters), the birth date and the check character are right."""
    return bool(_SHAPE.match(number)) and number[17] == check_character(number[:17]) and birth_date(number) is not None


def upgrade(number: str) -> str:
    """The 18-character form of a 15-digit number, which left out the century and the check character."""
    first_17 = number[:6] + "19" + number[6:]
    return first_17 + check_character(first_17)


def is_destroyed(text: str) -> bool:
    """Whether Excel stored the number as a quantity: `1.52221E+17`, or 15 digits followed by 000.

    One true number in about a thousand ends in 000 by itself; it is told apart by its check character.
    """
    compact = text.strip()
    if _DESTROYED.match(compact):
        return True
    return len(compact) == 18 and compact.isdecimal() and compact.endswith("000") and not is_valid(compact)


def birth_date(number: str) -> date | None:
    """The birth date that the number states; None where it states none."""
    if len(number) < 14 or not number[6:14].isdecimal():
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str | None:
    """男 or 女 by the 17th digit."""
    if len(number) < 17 or not number[16].isdecimal():
        return None
    return "男" if int(number[16]) % 2 else "女"


def masked(number: str) -> str:
    """For showing: the first six and the last four characters, the birth date hidden: `152221********1234`."""
    if len(number) < 11:
        return "*" * len(number)
    return number[:6] + "*" * (len(number) - 10) + number[-4:]
