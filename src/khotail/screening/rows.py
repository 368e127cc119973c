"""Rows of the fact tables, put together from the register's statements.

A household's rows are always made anew from everything that is stated of it, so a correction, a move or a split needs no
case of its own. What the register itself knows wins: where the household lives now, and which members have left.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from khotail.facts.schema import TABLES, Table
from khotail.facts.store import connect
from khotail.register.models import Person
from khotail.register.sealed import opened
from khotail.register.statements import WITHDRAWN
from khotail.screening.reading import one_of, rows_of

_ARROW = {"text": pa.string(), "int": pa.int64(), "number": pa.float64(), "bool": pa.bool_(), "date": pa.date32()}
#: What is read of a statement: values, days and times as text.
_SAID = (
    ("t", pa.string()), ("h", pa.int64()), ("p", pa.int64()), ("stated", pa.string()), ("as_of", pa.string()),
    ("source", pa.string()), ("recorded", pa.string()), ("i", pa.int64()),
)  # fmt: skip
_SELECT = (
    'SELECT "table", household_id, person_id, CAST("values" AS TEXT), CAST(as_of AS TEXT), source, '
    "CAST(recorded_at AS TEXT), id FROM register_statement WHERE"
)
_HOMES = (("h", pa.int64()), ("number", pa.string()), ("region_code", pa.string()))
_PEOPLE = (
    ("p", pa.int64()), ("h", pa.int64()), ("person_number", pa.string()), ("name", pa.string()), ("gone", pa.int64()),
)  # fmt: skip
#: Who left so goes on in another household of the register, with all that is known of them, and is shown there alone.
GONE_ON = (Person.Leaving.SPLIT.value, Person.Leaving.MERGED.value)
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
            rows[name] = _rows(link, TABLES[name], said[name])
    return rows


def _only(rows: pa.Table, ids: Chosen) -> pa.Table:
    """The rows of the households chosen for one table."""
    return rows if isinstance(ids, Range) else rows.filter(pc.is_in(rows["h"], pa.array(sorted(ids), pa.int64())))


def village_rows() -> pa.Table:
    """The rows of all villages."""
    said = rows_of(f"{_SELECT} household_id IS NULL AND \"table\" = 'villages'", [], _SAID)
    with connect() as link:
        return _rows(link, TABLES["villages"], said)


def _statements(chosen: dict[str, Chosen]) -> dict[str, pa.Table]:
    """Table → its statements. One query for a range of households, one per table for chosen ones."""
    ranges = {name: ids for name, ids in chosen.items() if isinstance(ids, Range)}
    found = {}
    if ranges:
        (area,) = set(ranges.values())
        said = rows_of(f"{_SELECT} household_id >= %s AND household_id < %s", [area.start, area.end], _SAID)
        for name in ranges:
            found[name] = said.filter(pc.equal(said["t"], name))
    for name, ids in chosen.items():
        if not isinstance(ids, Range):
            inside, value = one_of(sorted(ids))
            found[name] = rows_of(f'{_SELECT} household_id {inside} AND "table" = %s', [value, name], _SAID)
    return found


def _present(chosen: dict[str, Chosen]) -> tuple[pa.Table, pa.Table]:
    """Households that have not ended, and everybody who is or was in them but for those who go on in another."""
    area = next((ids for ids in chosen.values() if isinstance(ids, Range)), None)
    if area is not None:
        of_homes = of_people = ">= %s AND {0} < %s"
        homes_are = people_are = [area.start, area.end]
    else:
        with_people = [ids for name, ids in chosen.items() if "person_id" in TABLES[name].column_names]
        of_homes, homes_are = _one_of_all(chosen.values())
        of_people, people_are = _one_of_all(with_people)
    homes = rows_of(
        f"SELECT id, number, region_code FROM register_household WHERE ended_on IS NULL AND id {of_homes.format('id')}",
        homes_are,
        _HOMES,
    )
    people = rows_of(
        "SELECT id, household_id, number, name, CASE WHEN left_on IS NULL THEN 0 ELSE 1 END FROM register_person "
        f"WHERE leaving NOT IN (%s, %s) AND household_id {of_people.format('household_id')}",
        [*GONE_ON, *people_are],
        _PEOPLE,
    )
    return homes, people


def _one_of_all(chosen: Iterable[Chosen]) -> tuple[str, list[str]]:
    inside, value = one_of(sorted({pk for ids in chosen if not isinstance(ids, Range) for pk in ids}))
    return inside, [value]


def _rows(link: duckdb.DuckDBPyConnection, table: Table, said: pa.Table) -> pa.Table:
    """One table's rows from its statements."""
    if not said.num_rows and table.name not in ("households", "persons"):
        return arrow_schema(table).empty_table()
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
        who = "WHERE p IS NULL OR person_number IS NOT NULL" if has_people else ""
        by = ", ".join(["h", *(["person_id"] if "person_id" in table.key else []), *key])
        source = (
            f"stated_rows AS (SELECT h, as_of, source, recorded, i, {person} {values} FROM said_of {people} {who}),\n"
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
    times = f"(SELECT {by} FROM said GROUP BY {by} HAVING count(*) > 1)"
    return (
        f"SELECT {by}, as_of, source, {one} FROM said_of ANTI JOIN {times} USING ({by})\nUNION ALL\n"
        f"SELECT {by}, max(as_of) AS as_of, arg_max(source, {newest}) AS source, {many} FROM said_of "
        f"SEMI JOIN {times} USING ({by}) GROUP BY {by}"
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
    return pa.array([opened(one) for one in values.to_pylist()], pa.string())
