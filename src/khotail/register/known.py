"""What is known of a household: all its statements put together, today or as of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from khotail.facts.merging import MERGED_BY_COLUMN
from khotail.facts.schema import TABLES
from khotail.register.models import Household, Person, Statement
from khotail.register.sealed import opened
from khotail.register.statements import WITHDRAWN


@dataclass(slots=True)
class Row:
    """One row of a fact table as it is known: values, and of each value the statement that it comes from."""

    person_id: int | None
    values: dict[str, Any] = field(default_factory=dict)
    said_by: dict[str, Statement] = field(default_factory=dict)

    @property
    def newest(self) -> Statement:
        return max(self.said_by.values(), key=lambda one: (one.as_of, one.pk))


def known(household: Household, tables: Iterable[str] = (), on: date | None = None) -> dict[str, list[Row]]:
    """Table → rows: of each row and column the newest statement. One query.

    on  leave out what was stated for later days, or came to be known later
    """
    statements = Statement.objects.filter(household=household).select_related("recorded_by")
    if tables:
        statements = statements.filter(table__in=list(tables))
    if on is not None:
        statements = statements.filter(as_of__lte=on, recorded_at__date__lte=on)
    return together(statements.order_by("as_of", "recorded_at", "id"))


def together(statements: Iterable[Statement]) -> dict[str, list[Row]]:
    """Table → rows of one household, from its statements, the oldest first."""
    found: dict[tuple[str, int | None, str], Row] = {}
    for statement in statements:
        by_column = statement.table in MERGED_BY_COLUMN
        place = (statement.table, statement.person_id, "" if by_column else statement.key)
        if statement.source == WITHDRAWN:
            found.pop(place, None)
            continue
        row = found.get(place)
        if row is None or not by_column:
            row = found[place] = Row(statement.person_id)
        for name, value in statement.values.items():
            row.values[name] = value
            row.said_by[name] = statement
        if not statement.values:
            row.said_by.setdefault("", statement)
    tables_found: dict[str, list[Row]] = {}
    for (table, _person, _key), row in found.items():
        tables_found.setdefault(table, []).append(row)
    return tables_found


def known_of(
    table: str, household: Household, person: Person | None, key: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Column → value of one row, personal values in clear; empty if nothing is known."""
    person_id = person.pk if person is not None and "person_id" in TABLES[table].column_names else None
    wanted = {name: str(value) for name, value in (key or {}).items()}
    for row in known(household, [table]).get(table, []):
        if row.person_id == person_id and all(str(row.values.get(name)) == value for name, value in wanted.items()):
            return {name: opened(value) for name, value in row.values.items()}
    return {}
