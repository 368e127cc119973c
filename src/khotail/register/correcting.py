"""Correct a fact: a newer statement, by a person, with a reason. What was stated before stays on record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.facts.masking import masked_text
from khotail.facts.schema import TABLES, Column
from khotail.register.access import locked
from khotail.register.known import known_of
from khotail.register.members import check_day, check_id_is_free, checked_id, say
from khotail.register.models import Household, Person, Statement
from khotail.register.problems import BadValue, HasEnded, NotCorrectable, NothingToCorrect
from khotail.trail import chain

#: What other acts of the register change: places by moving, members by joining and leaving.
_BY_OTHER_ACTS = frozenset(
    {"household_id", "person_id", "region_code", "township_name", "village_name", "has_left", "as_of", "source"}
)
_YES = {"是", "yes", "true", "1", "on"}
_NO = {"否", "no", "false", "0", "off"}
_KINDS = {
    "int": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "bool": ("“是”或“否”", "yes or no"),
    "date": ("日期，如 2026-06-01", "a date such as 2026-06-01"),
    "text": ("列表中的一个值", "one of the listed values"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LARGEST = 10**12


def correctable(table: str) -> list[Column]:
    """The columns of a table that a person may correct."""
    return [column for column in TABLES[table].columns if column.name not in _BY_OTHER_ACTS]


@transaction.atomic
def correct(
    subject: Household | Person, table: str, values: Mapping[str, Any], *, reason: str, by: Officer, now: datetime
) -> Statement:
    """State other values about a household or person, from today on.

    table   of khotail.facts.schema; of a table with further key columns, such as income_year, `values` names them as well
    values  column → value or text as typed; empty text is left out
    Raises NotAllowed, OutsideYourRegion, HasEnded, NotCorrectable, BadValue, BadIdNumber, IdTaken, BadDay, NothingToCorrect.
    """
    person = subject if isinstance(subject, Person) else None
    household = locked(by, subject.household if isinstance(subject, Person) else subject)
    if household.ended_on:
        raise HasEnded(number=household.number, day=household.ended_on)
    if table not in TABLES or table == "villages" or (table == "persons" and person is None):
        raise NotCorrectable(column=table[:40])
    row = {name: _value(table, name, value, now) for name, value in values.items() if value not in (None, "")}
    key = [name for name in TABLES[table].key if name not in ("household_id", "person_id")]
    if not set(row) - set(key) or any(row.get(name) is None for name in key):
        raise NothingToCorrect
    if person is not None and row.get("id_number"):
        row["id_number"] = checked_id(row["id_number"])
        check_id_is_free(row["id_number"], by, except_for=person)
    whole = {"household_id": household.number, **row}
    if person is not None and "person_id" in TABLES[table].column_names:
        whole["person_id"] = person.number
    if not _differs(table, household, person, row, key):
        raise NothingToCorrect
    say(table, [whole], by, now)
    made = Statement.objects.filter(household=household, table=table, recorded_by=by).latest("id")
    open_values = {
        name: masked_text(value) if isinstance(value, str) else value
        for name, value in row.items()
        if not TABLES[table].column(name).personal and name != "name"
    }
    chain.record(
        by, "register.corrected", subject, at=now, region_code=household.region_code, household=household.pk,
        table=table, columns=sorted(row), after=open_values, statement=made.pk, reason=reason,
    )  # fmt: skip
    return made


def _differs(table: str, household: Household, person: Person | None, row: dict[str, Any], key: list[str]) -> bool:
    before = known_of(table, household, person, {name: row[name] for name in key})
    return any(_plain(before.get(name)) != _plain(value) for name, value in row.items() if name not in key)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(table: str, name: str, value: Any, now: datetime) -> Any:
    """A value as the schema has it. Raises NotCorrectable, BadValue, BadDay."""
    column = next((column for column in correctable(table) if column.name == name), None)
    if column is None:
        raise NotCorrectable(column=name[:40])
    try:
        found = _read(column, value)
    except ValueError as error:
        zh, en = _KINDS[column.kind]
        raise BadValue(column=column.zh, kind_zh=zh, kind_en=en) from error
    if isinstance(found, date):
        check_day(found, now)
    return found


def _read(column: Column, value: Any) -> Any:
    text = _CONTROL.sub("", str(value)).strip()
    if column.kind == "bool":
        if text.lower() in _YES:
            return True
        if text.lower() in _NO:
            return False
        raise ValueError(text)
    if column.kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(text)
    if column.kind in ("int", "number"):
        number = float(text)
        if not abs(number) <= _LARGEST or (column.kind == "int" and number != int(number)):
            raise ValueError(text)
        return int(number) if column.kind == "int" else number
    if column.codes and text not in {code for code, _ in column.codes}:
        raise ValueError(text)
    return text[:500]
