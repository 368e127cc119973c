"""Rows of the fact tables, put together from the register's statements.

A household's rows are always made anew from everything that is stated of it, so a correction, a move or a split needs no
case of its own. What the register itself knows wins: where the household lives now, and which members have left.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from khotail.facts.schema import TABLES, Table
from khotail.facts.store import connect
from khotail.register.bulk import rows_with
from khotail.register.models import Household, Person
from khotail.register.sealed import is_sealed, unseal
from khotail.register.statements import WITHDRAWN

_ARROW = {"text": pa.string(), "int": pa.int64(), "number": pa.float64(), "bool": pa.bool_(), "date": pa.date32()}
_COLUMNS = ("table", "household_id", "person_id", "values", "as_of", "source", "recorded_at", "id")
_READ_ROWS = 20_000
#: Columns that are no part of a statement's values.
_APART = ("household_id", "as_of", "source")


@dataclass(frozen=True)
class Range:
    """Households whose primary key is at least `start` and less than `end`."""

    start: int
    end: int


Chosen = Range | Collection[int]


def arrow_schema(table: Table) -> pa.Schema:
    return pa.schema([(column.name, _ARROW[column.kind]) for column in table.columns])


def household_rows(chosen: dict[str, Chosen]) -> dict[str, pa.Table]:
    """The rows of each table for the households chosen for it; personal numbers in clear, households that ended left out.

    chosen  table name → primary keys of households
    """
    said = _statements(chosen)
    homes, people = _present(chosen)
    rows = {}
    with connect() as link:
        for name, ids in chosen.items():
            link.register("homes", _only(homes, ids))
            link.register("people", _only(people, ids))
            rows[name] = _rows(link, TABLES[name], said.get(name, []))
    return rows


def _only(rows: pa.Table, ids: Chosen) -> pa.Table:
    """The rows of the households chosen for one table."""
    return rows if isinstance(ids, Range) else rows.filter(pc.is_in(rows["h"], pa.array(sorted(ids), pa.int64())))


def village_rows() -> pa.Table:
    """The rows of all villages."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_selected()} FROM register_statement WHERE household_id IS NULL AND \"table\" = 'villages'"
        )
        rows = cursor.fetchall()
    with connect() as link:
        return _rows(link, TABLES["villages"], rows)


def _selected() -> str:
    """Values, days and times as text, so that the driver makes no objects of them."""
    as_text = ("values", "as_of", "recorded_at")
    return ", ".join(f'CAST("{name}" AS TEXT)' if name in as_text else f'"{name}"' for name in _COLUMNS)


def _statements(chosen: dict[str, Chosen]) -> dict[str, list[tuple[Any, ...]]]:
    """Table → rows of `_COLUMNS`. One query for a range of households, one per table for chosen ones."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    ranges = {name: ids for name, ids in chosen.items() if isinstance(ids, Range)}
    with connection.cursor() as cursor:
        if ranges:
            (area,) = set(ranges.values())
            cursor.execute(
                f"SELECT {_selected()} FROM register_statement WHERE household_id >= %s AND household_id < %s",
                [area.start, area.end],
            )
            while rows := cursor.fetchmany(_READ_ROWS):
                for row in rows:
                    found[row[0]].append(row)
        for name, ids in chosen.items():
            if isinstance(ids, Range) or not ids:
                continue
            wanted = list(ids)
            inside, value = ("= ANY(%s)", wanted) if connection.vendor == "postgresql" else (
                "IN (SELECT value FROM json_each(%s))", json.dumps(wanted),
            )  # fmt: skip
            cursor.execute(
                f'SELECT {_selected()} FROM register_statement WHERE household_id {inside} AND "table" = %s',
                [value, name],
            )
            found[name] += cursor.fetchall()
    return found


def _present(chosen: dict[str, Chosen]) -> tuple[pa.Table, pa.Table]:
    """Households that have not ended, and everybody who is or was in them."""
    home_columns, person_columns = ["id", "number", "region_code", "ended_on"], [
        "id", "household_id", "number", "name", "left_on",
    ]  # fmt: skip
    area = next((ids for ids in chosen.values() if isinstance(ids, Range)), None)
    if area is not None:
        inside = {"pk__gte": area.start, "pk__lt": area.end}
        homes = list(Household.objects.filter(**inside).order_by().values_list(*home_columns))
        of_homes = {"household_id__gte": area.start, "household_id__lt": area.end}
        people = list(Person.objects.filter(**of_homes).order_by().values_list(*person_columns))
    else:
        ids = {pk for each in chosen.values() for pk in each}
        homes = rows_with(Household, home_columns, "id", ids)
        wanted = {name for name in chosen if "person_id" in TABLES[name].column_names}
        of_people = {pk for name in wanted for pk in chosen[name]}
        people = rows_with(Person, person_columns, "household_id", of_people)
    living = [row[:3] for row in homes if row[3] is None]
    return (
        _table(living, (("h", pa.int64()), ("number", pa.string()), ("region_code", pa.string()))),
        _table(
            [(*row[:4], row[4] is not None) for row in people],
            (("p", pa.int64()), ("h", pa.int64()), ("person_number", pa.string()), ("name", pa.string()),
             ("gone", pa.bool_())),
        ),
    )  # fmt: skip


def _rows(link: duckdb.DuckDBPyConnection, table: Table, statements: list[tuple[Any, ...]]) -> pa.Table:
    """One table's rows from its statements."""
    if not statements and table.name not in ("households", "persons"):
        return arrow_schema(table).empty_table()
    said = _table(
        [row[1:] for row in statements],
        (("h", pa.int64()), ("p", pa.int64()), ("stated", pa.string()), ("as_of", pa.string()),
         ("source", pa.string()), ("recorded", pa.string()), ("i", pa.int64())),
    )  # fmt: skip
    link.register("said", said)
    sql = _of_villages(table) if table.name == "villages" else _of_households(table)
    rows = link.sql(sql).to_arrow_table().cast(arrow_schema(table))
    link.unregister("said")
    for column in table.columns:
        if column.personal:
            place = rows.schema.get_field_index(column.name)
            rows = rows.set_column(place, column.name, _opened(rows[column.name]))
    return rows


def _of_households(table: Table) -> str:
    has_people = "person_id" in table.column_names
    people = "LEFT JOIN people USING (h, p)" if has_people else ""
    shape = {column.name: column.sql_type for column in table.columns if column.name not in _APART}
    said = (
        f"WITH read AS (SELECT * EXCLUDE (stated), from_json(stated, '{json.dumps(shape)}') AS v FROM said),\n"
        f"said_of AS (SELECT h, p, CAST(as_of AS DATE) AS as_of, source, recorded, i, v FROM read JOIN homes USING (h))"
    )
    names = [name for name in table.column_names if name not in (*_APART, *table.key)]
    key = [name for name in table.key if name not in ("household_id", "person_id")]
    if table.name == "households":
        given = _merged("h", [name for name in names if name != "region_code"])
        source = f"merged AS ({given})"
        chosen = {"household_id": "number", "region_code": "region_code"}
        rest = "homes LEFT JOIN merged USING (h)"
    elif table.name == "persons":
        source = f"merged AS ({_merged('h, p', names)})"
        chosen = {
            "household_id": "number", "person_id": "person_number", "has_left": "gone",
            "name": "coalesce(merged.name, people.name)",
        }  # fmt: skip
        rest = "people JOIN homes USING (h) LEFT JOIN merged USING (h, p) WHERE person_number <> ''"
    else:
        values = ", ".join(f"v.{name} AS {name}" for name in [*key, *names])
        person = "coalesce(nullif(person_number, ''), v.person_id) AS person_id," if has_people else ""
        by = ", ".join(["h", *(["person_id"] if "person_id" in table.key else []), *key])
        source = (
            f"stated_rows AS (SELECT h, as_of, source, recorded, i, {person} {values} FROM said_of {people}),\n"
            f"newest AS (SELECT * FROM stated_rows QUALIFY row_number() OVER "
            f"(PARTITION BY {by} ORDER BY as_of DESC, recorded DESC, i DESC) = 1),\n"
            f"merged AS (SELECT * FROM newest WHERE source <> '{WITHDRAWN}')"
        )
        chosen = {"household_id": "number"}
        rest = "merged JOIN homes USING (h)"
    columns = ", ".join(f"{chosen.get(name, f'merged.{name}')} AS {name}" for name in table.column_names)
    return f"{said},\n{source}\nSELECT {columns} FROM {rest} ORDER BY number"


def _merged(by: str, names: Iterable[str]) -> str:
    """Of each column the newest value; a subject of which there is one statement needs no search."""
    newest = "(as_of, recorded, i)"
    many = ", ".join(f"arg_max(v.{name}, {newest}) AS {name}" for name in names)
    one = ", ".join(f"v.{name} AS {name}" for name in names)
    counted = f"(SELECT *, count(*) OVER (PARTITION BY {by}) AS times FROM said_of)"
    return (
        f"SELECT {by}, as_of, source, {one} FROM {counted} WHERE times = 1\nUNION ALL\n"
        f"SELECT {by}, max(as_of) AS as_of, arg_max(source, {newest}) AS source, {many} FROM {counted} "
        f"WHERE times > 1 GROUP BY {by}"
    )


def _of_villages(table: Table) -> str:
    shape = {column.name: column.sql_type for column in table.columns if column.name not in ("as_of", "source")}
    columns = ", ".join(
        f"arg_max(v.{name}, (as_of, recorded, i)) AS {name}"
        for name in table.column_names if name not in ("as_of", "source", "region_code")
    )  # fmt: skip
    read = f"(SELECT *, from_json(stated, '{json.dumps(shape)}') AS v FROM said)"
    ordered = ", ".join(table.column_names)
    return (
        f"SELECT {ordered} FROM (SELECT v.region_code AS region_code, max(CAST(as_of AS DATE)) AS as_of, "
        f"arg_max(source, (as_of, recorded, i)) AS source, {columns} "
        f"FROM {read} WHERE v.region_code IS NOT NULL GROUP BY ALL)"
    )


def _opened(values: pa.ChunkedArray) -> pa.Array:
    return pa.array([unseal(one) if one and is_sealed(one) else one for one in values.to_pylist()], pa.string())


def _table(rows: list[tuple[Any, ...]], columns: tuple[tuple[str, pa.DataType], ...]) -> pa.Table:
    by_column = zip(*rows, strict=True) if rows else [()] * len(columns)
    return pa.table({name: pa.array(values, kind) for (name, kind), values in zip(columns, by_column, strict=True)})
