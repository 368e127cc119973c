"""What is current of a household or person: of each column, the newest statement that is not empty.

Newest is by the day a statement holds for, then by when it was recorded. A statement that comes late never overwrites a
newer one: where the record holds newer statements about a subject, all of them are read again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.apps import apps

from khotail.accounts.scope import HouseholdScoped
from khotail.register.bulk import execute_for, rows_with
from khotail.register.models import Person, Statement
from khotail.register.names import initials_of
from khotail.register.sealed import id_digests, opened, phone_digests

#: The source of a statement of key columns alone, which says that what was stated under this key does not hold.
WITHDRAWN = "withdrawn"

#: column → value, of one subject; personal values as `Sealed`
Values = Mapping[str, Any]

HOUSEHOLD_COLUMNS = (
    "region_code", "household_type", "monitored_type", "risk_resolved", "size", "income_cny_per_capita", "income_year",
    "phone", "phone_digest",
)  # fmt: skip
PERSON_COLUMNS = (
    "name", "initials", "sex", "birth_date", "relation", "id_number", "id_digest", "phone", "phone_digest", "left_on",
    "leaving",
)  # fmt: skip
_INCOME = ("wage_cny", "business_cny", "property_cny", "transfer_cny")


class Sealed(str):
    """A sealed value that knows what it seals, so that nothing is opened again within one run."""

    clear: str

    @classmethod
    def of(cls, sealed: str, clear: str) -> Sealed:
        value = cls(sealed)
        value.clear = clear
        return value


def household_now(said: Columns) -> dict[str, list[Any]]:
    """Columns of Household that statements of `households` say; None where they say nothing."""
    return {
        "region_code": [value and value.ljust(12, "0") for value in said.of("region_code")],
        "household_type": [value and value[:20] for value in said.of("household_type")],
        "monitored_type": [value and value[:20] for value in said.of("monitored_type")],
        "risk_resolved": said.of("risk_resolved"),
        "size": [value if value is None or 0 <= value < 1_000 else _size(value) for value in said.of("stated_size")],
        "income_cny_per_capita": [
            value if value is None else _money(value) for value in said.of("net_income_cny_per_capita")
        ],
        "phone": said.of("household_phone"),
        "phone_digest": phone_digests(said.clear("household_phone")),
    }


def income_now(values: Values, size: int) -> dict[str, Any]:
    """Columns of Household that one row of `incomes` says; `size` where the row does not say how many share it."""
    members = values.get("members") or size
    known = [values[name] for name in _INCOME if name in values]
    year = values.get("income_year")
    if not members or not known or year is None or not 1900 <= year <= 2200:
        return {}
    net = sum(known) - (values.get("cost_cny") or 0)
    return {"income_cny_per_capita": _money(net / members), "income_year": year}


def person_now(said: Columns, days: Sequence[str]) -> dict[str, list[Any]]:
    """Columns of Person that statements of `persons` say; None where they say nothing.

    days   of each subject the newest statement's day
    Where `leaving` is said, `left_on` is too: None of who has not left.
    """
    names = [value and value[:60] for value in said.of("name")]
    left = said.of("has_left")
    return {
        "name": names,
        "initials": [value and initials_of(value) for value in names],
        "sex": [value and value[:4] for value in said.of("sex")],
        "birth_date": said.of("birth_date"),
        "relation": [value and value[:20] for value in said.of("relation")],
        "id_number": said.of("id_number"),
        "id_digest": id_digests(said.clear("id_number")),
        "phone": said.of("person_phone"),
        "phone_digest": phone_digests(said.clear("person_phone")),
        "left_on": [day if value else None for value, day in zip(left, days, strict=True)],
        "leaving": [value if value is None else Person.Leaving.OTHER.value if value else "" for value in left],
    }


class Columns:
    """What rows say of their subjects, one value of each column to a subject; personal values sealed and in clear."""

    def __init__(self, subjects: Sequence[Any], columns: dict[str, list[Any]], clear: dict[str, list[Any]]) -> None:
        """Rows come oldest first; of a subject's values in a column the last one that is not empty stays."""
        self.subjects = list(dict.fromkeys(subjects))
        if len(self.subjects) < len(subjects):
            columns, clear = (
                {name: self._last(subjects, values) for name, values in each.items()} for each in (columns, clear)
            )
        self._columns, self._clear = columns, clear

    def of(self, name: str) -> list[Any]:
        return self._columns.get(name) or [None] * len(self.subjects)

    def clear(self, name: str) -> list[Any]:
        return self._clear.get(name) or [None] * len(self.subjects)

    def take(self, at: int, values: Values) -> None:
        """Let `values` be what is said of the subject at a place."""
        for name, value in values.items():
            if isinstance(value, Sealed):
                self._clear[name] = self.clear(name)
                self._clear[name][at] = value.clear
            self._columns[name] = self.of(name)
            self._columns[name][at] = value

    def _last(self, subjects: Sequence[Any], values: list[Any]) -> list[Any]:
        last = {subject: value for subject, value in zip(subjects, values, strict=True) if value is not None}
        return [last.get(subject) for subject in self.subjects]


def with_newer(table: str, subject: str, household_ids: Iterable[int], as_of: str, recorded_at: Any) -> set[int]:
    """Households, or persons of them (`subject`: household_id or person_id), of which newer statements are on record."""
    rows = rows_with(
        Statement,
        [subject],
        "household_id",
        household_ids,
        'AND "table" = %s AND (as_of > %s OR (as_of = %s AND recorded_at > %s))',
        table,
        as_of,
        as_of,
        recorded_at,
    )
    return {pk for (pk,) in rows}


def read_again(table: str, subject: str, ids: Iterable[int]) -> dict[int, tuple[dict[str, Any], str]]:
    """Subject id → what all its statements in `table` say together, and the newest one's day."""
    wanted = set(ids)
    homes = wanted if subject == "household_id" else {pk for (pk,) in rows_with(Person, ["household_id"], "id", wanted)}
    rows = rows_with(
        Statement, [subject, "values", "as_of"], "household_id", homes,
        'AND "table" = %s ORDER BY as_of, recorded_at, id', table,
    )  # fmt: skip
    found: dict[int, tuple[dict[str, Any], str]] = {}
    for pk, stored, as_of in rows:
        if pk not in wanted:
            continue
        values = json.loads(stored) if isinstance(stored, str) else stored
        before = found.get(pk, ({}, ""))[0]
        before.update((name, _opened(value)) for name, value in values.items())
        found[pk] = (before, str(as_of))
    return found


def newest_income(household_ids: Iterable[int], sizes: Callable[[int], int]) -> dict[int, dict[str, Any]]:
    """Household id → income of its newest year, of which the newest statement; years that were withdrawn left out."""
    held: dict[int, dict[str, dict[str, Any]]] = {}
    rows = rows_with(
        Statement,
        ["household_id", "key", "source", "values"],
        "household_id",
        household_ids,
        "AND \"table\" = 'incomes' ORDER BY as_of, recorded_at, id",
    )
    for pk, key, source, stored in rows:
        years = held.setdefault(pk, {})
        if source == WITHDRAWN:
            years.pop(key, None)
        elif said := income_now(json.loads(stored) if isinstance(stored, str) else stored, sizes(pk)):
            years[key] = said
    return {pk: max(years.values(), key=lambda said: said["income_year"]) for pk, years in held.items() if years}


def remaining_income(household_ids: Iterable[int], sizes: Callable[[int], int]) -> dict[int, dict[str, Any]]:
    """Household id → the income that holds once some was withdrawn: of the newest year left, or else as lists say it."""
    wanted = set(household_ids)
    found = newest_income(wanted, sizes)
    listed = read_again("households", "household_id", wanted.difference(found))
    for pk in wanted.difference(found):
        said = listed.get(pk, ({}, ""))[0].get("net_income_cny_per_capita")
        found[pk] = {"income_cny_per_capita": said if said is None else _money(said), "income_year": None}
    return found


def count_members(household_ids: Any) -> None:
    """Set size and head of households from their members; one without any known member keeps what lists said."""
    execute_for(
        """UPDATE register_household
        SET size = counted.size, head_name = coalesce(head.name, register_household.head_name)
        FROM (SELECT household_id, count(CASE WHEN left_on IS NULL THEN 1 END) AS size,
                     min(CASE WHEN left_on IS NULL AND relation = '户主' THEN id END) AS head_id
              FROM register_person WHERE household_id {inside} GROUP BY household_id) counted
             LEFT JOIN register_person head ON head.id = counted.head_id
        WHERE register_household.id = counted.household_id
          AND (register_household.size <> counted.size
               OR coalesce(head.name, register_household.head_name) <> register_household.head_name)""",
        household_ids,
    )


def move_along(household_ids: Any) -> None:
    """Let members, and all else that hangs on a household, follow it to another village: the region says who sees them."""
    ids = list(household_ids)
    for model in apps.get_models():
        if getattr(model._default_manager, "_queryset_class", None) is HouseholdScoped:
            table = model._meta.db_table
            execute_for(
                f"""UPDATE {table}
                SET region_code = (SELECT h.region_code FROM register_household h WHERE h.id = {table}.household_id)
                WHERE household_id {{inside}}""",
                ids,
            )


def differs(before: Any, after: Any) -> bool:
    """Whether a column of the database says something else than what was stated."""
    if before is None or after is None:
        return before is not after
    if isinstance(after, bool):
        return bool(before) is not after
    if isinstance(before, date):
        return before.isoformat() != after
    if isinstance(before, (int, float)) or hasattr(before, "as_tuple"):
        return round(float(before), 2) != round(float(after), 2)
    return bool(before != after)


def changes_of(
    held: Mapping[str, Sequence[Any]], now: Mapping[str, Sequence[Any]], places: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Row of `held` → the columns in which what is said differs. Sealed columns are compared by their digests.

    places   of each row of `held` the place in `now`
    """
    sealed = {"id_number": "id_digest", "phone": "phone_digest"}
    changes: dict[int, dict[str, Any]] = {}
    for name, values in now.items():
        if name == "left_on":
            continue
        told = now[sealed.get(name, name)]
        for row, (before, at) in enumerate(zip(held[sealed.get(name, name)], places, strict=True)):
            after = told[at]
            if after is not None and after != before and differs(before, after):
                changes.setdefault(row, {})[name] = values[at]
                if name == "leaving":
                    changes[row]["left_on"] = now["left_on"][at]
    return changes


def _opened(value: Any) -> Any:
    clear = opened(value)
    return value if clear is value else Sealed.of(value, clear)


def _size(value: int) -> int | None:
    return min(value, 1_000) if value >= 0 else None


def _money(value: float) -> str:
    return f"{max(min(value, 9_999_999_999), -9_999_999_999):.2f}"
