"""What people type, taken in: words, days, numbers, places, each refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.oversight.problems import (
    DatesWrong,
    NumberWrong,
    UnknownChoice,
    UnknownPlace,
    WordsMissing,
    WordsTooLong,
)
from khotail.register.models import Region
from khotail.texts import Text, typed

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
MOST_CNY = Decimal("999999999999.99")
MOST_HOUSEHOLDS = 2_000_000_000
LONG = 4000


def words(written: str, what: Text, most: int = LONG, *, required: bool = True) -> str:
    """Raises WordsMissing, WordsTooLong."""
    found = typed(written or "")
    if required and not found:
        raise WordsMissing(what_zh=what.zh, what_en=what.en)
    if len(found) > most:
        raise WordsTooLong(what_zh=what.zh, what_en=what.en, most=most)
    return found


def days(*given: date | None) -> None:
    """Days in the order in which they may not go back; None is skipped. Raises DatesWrong."""
    known = [day for day in given if day is not None]
    if any(not FIRST_DAY <= day <= LAST_DAY for day in known) or known != sorted(known):
        raise DatesWrong(first=FIRST_DAY, last=LAST_DAY)


def number(
    written: Decimal | int | float | str | None, what: Text, most: Decimal | int = MOST_CNY, *, places: int = 2
) -> Decimal | None:
    """A number from 0 with at most so many decimals; None if nothing is written. Raises NumberWrong."""
    if written is None or written == "":
        return None
    try:
        found = Decimal(str(written).replace(",", "").replace("，", ""))
        fits = found.is_finite() and 0 <= found <= most and found == round(found, places)
    except InvalidOperation:
        fits = False
    if not fits:
        raise NumberWrong(what_zh=what.zh, what_en=what.en, least=0, most=most)
    return found


def choice(written: str, known: Iterable[str], what: Text, *, required: bool = True) -> str:
    """Raises UnknownChoice, WordsMissing."""
    if not written:
        if required:
            raise WordsMissing(what_zh=what.zh, what_en=what.en)
        return ""
    if written not in set(known):
        raise UnknownChoice(what_zh=what.zh, what_en=what.en, word=str(written)[:60])
    return written


def place(code: str, by: Officer) -> str:
    """A region within the officer's own. Raises UnknownPlace."""
    inside = len(code) in LEVEL_OF_DIGITS and code.startswith(by.region_code)
    if not inside or not Region.objects.filter(code=code).exists():
        raise UnknownPlace(code=str(code)[:20])
    return code
