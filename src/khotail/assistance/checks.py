"""What every action here asks first: who may, whether the household is still there, and whether what was typed is sound."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role
from khotail.assistance.problems import (
    AmountWrong,
    DatesWrong,
    ForeignDocument,
    NotFound,
    NotYet,
    PersonLeft,
    WordsTooLong,
)
from khotail.casework.problems import HouseholdLeft
from khotail.register.models import Document, Household, Person
from khotail.texts import typed

LONGEST_TEXT = 2000
_MOST_CNY = Decimal("999999999.99")
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)


def check_planner(by: Officer) -> None:
    """Raises NotAllowed."""
    if not by.may(May.PLAN_HELP):
        raise NotAllowed


def keeps_for_all(officer: Officer) -> bool:
    """Whether the officer writes what holds for a whole place: templates, classes. A helper has households, no place."""
    return officer.may(May.PLAN_HELP) and officer.role != Role.HELPER


def check_keeper(by: Officer) -> None:
    """Raises NotAllowed."""
    if not keeps_for_all(by):
        raise NotAllowed


def present(household: Household, by: Officer, *, may_have_left: bool = False) -> Household:
    """The household as it is now, locked. Raises NotAllowed, NotFound, HouseholdLeft."""
    check_planner(by)
    if not Household.objects.visible_to(by).filter(pk=household.pk).exists():
        raise NotFound
    found = Household.objects.select_for_update().get(pk=household.pk)
    if found.ended_on and not may_have_left:
        raise HouseholdLeft(day=found.ended_on)
    return found


def present_person(person: Person, by: Officer) -> Person:
    """The person with the household, locked. Raises NotAllowed, NotFound, HouseholdLeft, PersonLeft."""
    found = Person.objects.filter(pk=person.pk).first()
    if found is None:
        raise NotFound
    found.household = present(found.household, by)
    if found.left_on:
        raise PersonLeft(day=found.left_on)
    return found


def checked_amount(written: Decimal | str | int | None) -> Decimal | None:
    """Yuan with two decimals; None where nothing was written. Raises AmountWrong."""
    if written is None or written == "":
        return None
    try:
        amount = Decimal(str(written).replace(",", "").strip())
    except InvalidOperation:
        raise AmountWrong from None
    if not amount.is_finite() or not 0 <= amount <= _MOST_CNY or amount != amount.quantize(Decimal("0.01")):
        raise AmountWrong
    return amount.quantize(Decimal("0.01"))


def check_span(starts_on: date, ends_on: date | None) -> None:
    """Raises DatesWrong."""
    if not _FIRST <= starts_on <= _LAST or (ends_on is not None and not starts_on <= ends_on <= _LAST):
        raise DatesWrong


def check_past(day: date, now: datetime) -> None:
    """Raises DatesWrong, NotYet for a day to come."""
    check_span(day, None)
    if day > timezone.localdate(now):
        raise NotYet(day=day)


def checked_text(words: str, most: int = LONGEST_TEXT) -> str:
    """Raises WordsTooLong."""
    words = typed(words)
    if len(words) > most:
        raise WordsTooLong(most=most)
    return words


def own_papers(documents: Iterable[Document], household: Household) -> list[Document]:
    """Raises ForeignDocument."""
    found = list(documents)
    if any(document.household_id != household.pk for document in found):
        raise ForeignDocument
    return found
