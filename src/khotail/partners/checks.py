"""What every action of this app makes sure of first: who acts and where, days and figures that can be, words that name nobody."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models

from khotail.accounts.models import LEVEL_DIGITS, LEVEL_OF_DIGITS, Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.facts.masking import masked_text
from khotail.partners.models import HelpKind
from khotail.partners.problems import (
    AmountWrong,
    DayAhead,
    DayOutOfReach,
    EndsBeforeItBegins,
    NamesANumber,
    NamesSomebody,
    NotFound,
    UnknownPlace,
    WordsMissing,
)
from khotail.register.models import Household, Region
from khotail.texts import Text, typed

Row = TypeVar("Row", bound=models.Model)

_FIRST, _LAST = date(1990, 1, 1), date(2100, 12, 31)
_MOST = Decimal(10) ** 12
#: What a quantity counts, where the kind says so; of goods, people say it themselves.
UNITS: dict[str, str] = {
    HelpKind.MONEY: "元",
    HelpKind.JOBS: "个岗位",
    HelpKind.PURCHASES: "元",
    HelpKind.VOLUNTEERS: "人",
}
#: A single character is no name that could be looked for in a sentence.
_SHORTEST_NAME = 2


def check_may(by: Officer, region_code: str, *rights: May) -> None:
    """One of the rights, and a place within the officer's region. Raises NotAllowed, NotFound."""
    if not any(by.may(each) for each in rights or (May.KEEP_PARTNERS,)):
        raise NotAllowed
    if not region_code.startswith(by.region_code):
        raise NotFound


def held(row: Row, by: Officer) -> Row:
    """The row read anew and held until the transaction ends. Raises NotFound if the officer may not see it."""
    model: Any = type(row)
    if not model.objects.visible_to(by).filter(pk=row.pk).exists():
        raise NotFound
    return model.objects.select_for_update(of=("self",)).get(pk=row.pk)


def place(code: str) -> str:
    """The code of a known region. Raises UnknownPlace."""
    if len(code) not in LEVEL_OF_DIGITS or not Region.objects.filter(code=code).exists():
        raise UnknownPlace(code=code[:20])
    return code


def township_of(code: str) -> str:
    return code[: LEVEL_DIGITS["township"]]


def words(text: str, what: Text, longest: int = 4000) -> str:
    """What somebody wrote, which must be something. Raises WordsMissing."""
    found = typed(text)[:longest]
    if not found:
        raise WordsMissing(what_zh=what.zh, what_en=what.en)
    return found


def term(start: date, end: date | None) -> None:
    """Raises DayOutOfReach, EndsBeforeItBegins."""
    for day in (start, end):
        if day is not None and not _FIRST <= day <= _LAST:
            raise DayOutOfReach(day=day)
    if end is not None and end < start:
        raise EndsBeforeItBegins(start=start, end=end)


def happened(day: date, today: date) -> None:
    """Raises DayOutOfReach, DayAhead."""
    term(day, None)
    if day > today:
        raise DayAhead(day=day)


def more_than_nothing(amount: Decimal) -> Decimal:
    """Raises AmountWrong."""
    if not amount.is_finite() or not 0 < amount < _MOST:
        raise AmountWrong
    return amount


def unit_of(kind: str, unit: str) -> str:
    """Raises WordsMissing for goods without a unit."""
    return UNITS.get(kind) or words(unit, Text("单位", "unit"), 20)


def check_names_nobody(text: str, household: Household | None) -> None:
    """Public words hold no number of a person, and neither names nor numbers of the household. Raises NamesANumber, NamesSomebody.

    Whoever publishes reads the words as well: a name that nobody recorded is not found here.
    """
    if masked_text(text) != text:
        raise NamesANumber
    if household is None:
        return
    known = {household.head_name, household.number, *household.members.values_list("name", flat=True)}
    for name in sorted(known):
        if len(name) >= _SHORTEST_NAME and name in text:
            raise NamesSomebody(what=name)
