"""One box finds households: by name, pinyin initials, household or person number, ID or phone.

The shape of the text says what it is, and each shape is a range of one index; the region narrows it further.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from khotail.accounts.models import Officer
from khotail.facts.identity import normalise
from khotail.register.models import Household, Person
from khotail.register.sealed import id_digest, phone_digest

LIMIT = 50
_ID = re.compile(r"\d{17}[\dX](\d{2}|\d{4})?")
_PHONE = re.compile(r"(86)?1\d{10}")
_NUMBER = re.compile(r"[0-9A-Z-]+")
_LAST = "\U0010ffff"
_SEALED = ("id_number", "phone")  # no hit shows them, and each costs an unsealing


@dataclass(frozen=True)
class Hit:
    """A household that was found, and through whom: `person` is None where its own number or phone was given."""

    household: Household
    person: Person | None
    by: str  # name | initials | number | id | phone


def search(officer: Officer, text: str, limit: int = LIMIT) -> list[Hit]:
    """Households that the officer may see and that `text` may mean, at most `limit`; nothing for an empty text.

    Two queries at most. ID and phone numbers are found whole, names, initials and numbers by how they begin.
    """
    text = unicodedata.normalize("NFKC", text).replace("\x00", "").strip()[:60]
    compact = re.sub(r"[\s-]", "", text)
    if not compact:
        return []
    if compact.isascii():
        if _ID.fullmatch(number := normalise(text)):
            found = _people(officer, "id", limit, id_digest=id_digest(number))
            return found or _households(officer, "number", limit, **_begins("number", compact))
        if _PHONE.fullmatch(compact.lstrip("+")):
            digest = phone_digest(compact)
            found = _households(officer, "phone", limit, phone_digest=digest)
            found += _people(officer, "phone", limit, phone_digest=digest)
            return found[:limit] or _households(officer, "number", limit, **_begins("number", compact))
        if compact.isalpha():
            return _people(officer, "initials", limit, **_begins("initials", compact.lower())) or _by_name(
                officer, text, limit
            )
        if _NUMBER.fullmatch(text.upper()):
            return _by_number(officer, text, limit)
    return _by_name(officer, text, limit)


def _by_number(officer: Officer, text: str, limit: int) -> list[Hit]:
    found = _households(officer, "number", limit, **_begins("number", text))
    if not found and text != text.upper():
        found = _households(officer, "number", limit, **_begins("number", text.upper()))
    return found or _people(officer, "number", limit, number=text)


def _by_name(officer: Officer, text: str, limit: int) -> list[Hit]:
    return _people(officer, "name", limit, **_begins("name", text))


def _begins(field: str, text: str) -> dict[str, str]:
    return {f"{field}__gte": text, f"{field}__lt": text + _LAST}


def _people(officer: Officer, by: str, limit: int, **wanted: Any) -> list[Hit]:
    rows = Person.objects.visible_to(officer).filter(**wanted).defer(*_SEALED)
    order = {"name": ("name", "region_code"), "initials": ("initials", "region_code")}.get(by, ("id",))
    people = list(rows.order_by(*order)[:limit])
    homes = Household.objects.defer("phone").in_bulk({person.household_id for person in people})
    return [Hit(homes[person.household_id], person, by) for person in people]


def _households(officer: Officer, by: str, limit: int, **wanted: Any) -> list[Hit]:
    rows = Household.objects.visible_to(officer).defer("phone").order_by("number")
    if by == "phone":  # as a list of keys: else SQLite walks all households of the region, in order, to find one
        rows = rows.filter(pk__in=Household.objects.filter(**wanted).values("pk"))
    else:
        rows = rows.filter(**wanted)
    return [Hit(household, None, by) for household in rows[:limit]]
