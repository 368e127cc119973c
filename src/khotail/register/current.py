"""What is current of a household or person: of each column, the newest statement that is not empty.

Newest is by the day a statement holds for, then by when it was recorded. A statement that comes late never overwrites a
newer one: where the record holds newer statements about a subject, all of them are read again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from khotail.register.bulk import rows_with
from khotail.register.models import Person, Statement
from khotail.register.names import initials_of
from khotail.register.sealed import id_digest, is_sealed, phone_digest, unseal

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


def household_now(values: Values) -> dict[str, Any]:
    """Columns of Household that statements of `households` say."""
    now: dict[str, Any] = {}
    if "region_code" in values:
        now["region_code"] = values["region_code"].ljust(12, "0")
    for name in ("household_type", "monitored_type"):
        if name in values:
            now[name] = values[name][:20]
    if "risk_resolved" in values:
        now["risk_resolved"] = values["risk_resolved"]
    if "household_phone" in values:
        now["phone"] = values["household_phone"]
        now["phone_digest"] = phone_digest(values["household_phone"].clear)
    if values.get("stated_size") is not None and values["stated_size"] >= 0:
        now["size"] = min(values["stated_size"], 1_000)
    if "net_income_cny_per_capita" in values:
        now["income_cny_per_capita"] = _money(values["net_income_cny_per_capita"])
    return now


def income_now(values: Values, size: int) -> dict[str, Any]:
    """Columns of Household that one row of `incomes` says; `size` where the row does not say how many share it."""
    members = values.get("members") or size
    known = [values[name] for name in _INCOME if name in values]
    year = values.get("income_year")
    if not members or not known or year is None or not 1900 <= year <= 2200:
        return {}
    net = sum(known) - (values.get("cost_cny") or 0)
    return {"income_cny_per_capita": _money(net / members), "income_year": year}


def person_now(values: Values, as_of: str) -> dict[str, Any]:
    """Columns of Person that statements of `persons` say. `as_of` is the newest one's day."""
    now: dict[str, Any] = {}
    if "name" in values:
        now["name"] = values["name"][:60]
        now["initials"] = initials_of(values["name"][:60])
    if "sex" in values:
        now["sex"] = values["sex"][:4]
    if "birth_date" in values:
        now["birth_date"] = values["birth_date"]
    if "relation" in values:
        now["relation"] = values["relation"][:20]
    if "id_number" in values:
        now["id_number"], now["id_digest"] = values["id_number"], id_digest(values["id_number"].clear)
    if "person_phone" in values:
        now["phone"], now["phone_digest"] = values["person_phone"], phone_digest(values["person_phone"].clear)
    if "has_left" in values:
        now["left_on"] = as_of if values["has_left"] else None
        now["leaving"] = Person.Leaving.OTHER.value if values["has_left"] else ""
    return now


def newest(rows: Iterable[tuple[Any, Values]]) -> dict[Any, dict[str, Any]]:
    """Subject → column → the last value that is not empty. `rows` come oldest first."""
    found: dict[Any, dict[str, Any]] = {}
    for subject, values in rows:
        found.setdefault(subject, {}).update(values)
    return found


def with_newer(table: str, subject: str, ids: Iterable[int], as_of: str, recorded_at: Any) -> set[int]:
    """Those of the households or persons (`subject`: household_id or person_id) of which newer statements are on record."""
    rows = rows_with(
        Statement,
        [subject],
        subject,
        ids,
        'AND "table" = %s AND (as_of > %s OR (as_of = %s AND recorded_at > %s))',
        table,
        as_of,
        as_of,
        recorded_at,
    )
    return {pk for (pk,) in rows}


def read_again(table: str, subject: str, ids: Iterable[int]) -> dict[int, tuple[dict[str, Any], str]]:
    """Subject id → what all its statements in `table` say together, and the newest one's day."""
    rows = rows_with(
        Statement, [subject, "values", "as_of"], subject, ids, 'AND "table" = %s ORDER BY as_of, recorded_at, id', table
    )
    found: dict[int, tuple[dict[str, Any], str]] = {}
    for pk, stored, as_of in rows:
        values = json.loads(stored) if isinstance(stored, str) else stored
        before = found.get(pk, ({}, ""))[0]
        before.update((name, _opened(value)) for name, value in values.items())
        found[pk] = (before, str(as_of))
    return found


def newest_income(household_ids: Iterable[int], sizes: Callable[[int], int]) -> dict[int, dict[str, Any]]:
    """Household id → income of its newest year, of which the newest statement."""
    best: dict[int, dict[str, Any]] = {}
    rows = rows_with(
        Statement,
        ["household_id", "values"],
        "household_id",
        household_ids,
        "AND \"table\" = 'incomes' ORDER BY as_of, recorded_at, id",
    )
    for pk, stored in rows:
        said = income_now(json.loads(stored) if isinstance(stored, str) else stored, sizes(pk))
        if said and said["income_year"] >= best.get(pk, said)["income_year"]:
            best[pk] = said
    return best


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


def changed_columns(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `after` that differ from `before`. Sealed columns are compared by their digests."""
    sealed = {"id_number": "id_digest", "phone": "phone_digest"}
    return {
        name: value
        for name, value in after.items()
        if differs(before.get(sealed.get(name, name)), after.get(sealed.get(name, name)))
    }


def _opened(value: Any) -> Any:
    return Sealed.of(value, unseal(value)) if isinstance(value, str) and is_sealed(value) else value


def _money(value: float) -> str:
    return f"{max(min(value, 9_999_999_999), -9_999_999_999):.2f}"
