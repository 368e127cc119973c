"""From clean rows to fact tables, in SQL: households out of member rows, one row per key, refusals with reasons.

All functions work on the table `rows` of a cleaning connection: the source's columns, `_row` and `_at`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from khotail.facts.reading.report import Notes
from khotail.facts.reading.sources import Source
from khotail.facts.schema import TABLES

# A member without a number of the register's own gets one that stays the same in every list: household number, four hex
# digits of a hash (too few to single out an ID number), and a counter in the rare case that two members share them.
_PERSON_ID = """
    CREATE TABLE identified AS
    SELECT * EXCLUDE (own, mark), coalesce(own, household_id || '-' || left(sha256(mark), 4) || CASE rank WHEN 1 THEN '' ELSE '-' || rank END) AS person_id
    FROM (SELECT *, dense_rank() OVER (PARTITION BY household_id, left(sha256(mark), 4) ORDER BY mark) AS rank
          FROM (SELECT {others}, {own} AS own, {mark} AS mark FROM rows))"""


def add_person_ids(connection: duckdb.DuckDBPyConnection, present: set[str]) -> None:
    """Fill `person_id` of every row that names a person."""
    parts = [name for name in ("name", "birth_date", "relation") if name in present]
    words = "concat_ws('|', " + ", ".join(f"CAST({name} AS VARCHAR)" for name in parts) + ")" if parts else "''"
    mark = f"coalesce(left(id_number, 18), nullif({words}, ''))" if "id_number" in present else f"nullif({words}, '')"
    own = "person_id" if "person_id" in present else "CAST(NULL AS VARCHAR)"
    others = "* EXCLUDE (person_id)" if "person_id" in present else "*"
    connection.execute(_PERSON_ID.format(others=others, own=own, mark=mark))
    connection.execute("DROP TABLE rows")
    connection.execute("ALTER TABLE identified RENAME TO rows")
    connection.execute("ALTER TABLE rows DROP COLUMN rank")
    present.add("person_id")


def fill_from_id(connection: duckdb.DuckDBPyConnection, present: set[str], notes: Notes) -> None:
    """Take birth date and sex from the ID number where they are empty."""
    if "id_number" not in present:
        return
    sound = r"regexp_full_match(id_number, '\d{17}[\dX](\d{2}|\d{4})?') AND check_character(left(id_number, 17)) = substr(id_number, 18, 1)"
    born = f"CASE WHEN {sound} THEN CAST(try_strptime(substr(id_number, 7, 8), '%Y%m%d') AS DATE) END"
    sex = f"CASE WHEN {sound} THEN CASE WHEN CAST(substr(id_number, 17, 1) AS INTEGER) % 2 = 1 THEN '男' ELSE '女' END END"
    for name, kind, taken, reason in (
        ("birth_date", "DATE", born, "birth-from-id"),
        ("sex", "VARCHAR", sex, "sex-from-id"),
    ):
        if name in present:
            missing = connection.sql(
                f"SELECT count(*) FROM rows WHERE {name} IS NULL AND {taken} IS NOT NULL"
            ).fetchall()[0][0]
        else:
            connection.execute(f"ALTER TABLE rows ADD COLUMN {name} {kind}")
            present.add(name)
            missing = 0
        connection.execute(f"UPDATE rows SET {name} = {taken} WHERE {name} IS NULL")
        if missing:
            notes.count(f"mended:{reason}", missing)


def refuse(connection: duckdb.DuckDBPyConnection, condition: str, reason: str, notes: Notes) -> None:
    """Take the rows for which `condition` holds out of `rows`. `reason` is a SQL expression."""
    refused = connection.sql(f"SELECT _at, {reason} FROM rows WHERE {condition} ORDER BY _at").fetchall()
    if refused:
        connection.execute(f"DELETE FROM rows WHERE {condition}")
        for at, why in refused:
            notes.reject(at, why)


def one_row_per_key(
    connection: duckdb.DuckDBPyConnection, key: list[str], columns: list[str], notes: Notes, where: str = "TRUE"
) -> None:
    """Drop identical rows, refuse rows that contradict an earlier row of the same key."""
    order = f"(PARTITION BY {', '.join(key)} ORDER BY _at)"
    verdicts = connection.sql(
        f"""SELECT _at, contradicts FROM (
                SELECT _at, row_number() OVER {order} AS number, first_value(content) OVER {order} <> content AS contradicts
                FROM (SELECT *, hash({", ".join(columns)}) AS content FROM rows WHERE {where}))
            WHERE number > 1 ORDER BY _at"""
    ).fetchall()
    if not verdicts:
        return
    identical = sum(not contradicts for _, contradicts in verdicts)
    if identical:
        notes.reading.dropped["duplicate-row"] += identical
    for at, contradicts in verdicts:
        if contradicts:
            notes.reject(at, "key-conflict")
    connection.execute("CREATE TEMP TABLE gone AS SELECT unnest(?) AS place", [[at for at, _ in verdicts]])
    connection.execute("DELETE FROM rows WHERE _at IN (SELECT place FROM gone)")
    connection.execute("DROP TABLE gone")


def households_of_members(
    connection: duckdb.DuckDBPyConnection, columns: list[str], source: Source, notes: Notes
) -> str:
    """The query for one row per household: per column the first value; members' rows that differ are noted."""
    values = [name for name in columns if name != "household_id"]
    if not values:
        return "SELECT DISTINCT household_id FROM rows"
    firsts = ", ".join(f"arg_min({name}, _at) AS {name}" for name in values)
    connection.execute(f"CREATE TABLE household_rows AS SELECT household_id, {firsts} FROM rows GROUP BY household_id")
    differs = ", ".join(f"count(*) FILTER (WHERE r.{name} <> h.{name}) AS {name}" for name in values)
    joined = "rows r JOIN household_rows h USING (household_id)"
    counts = connection.sql(f"SELECT {differs} FROM {joined}").fetchall()[0]
    for name, count in zip(values, counts, strict=True):
        if count:
            # Several members may repeat the same difference; each is a cell that someone has to look at.
            room = notes.count("flagged:household-conflict", count)
            rows = connection.sql(
                f"SELECT r._row, r.{name}, h.{name} FROM {joined} WHERE r.{name} <> h.{name} ORDER BY r._row LIMIT {max(room, 0)}"
            ).fetchall()
            notes.list_conflicts(source.column(name).zh, rows)
    return "SELECT * FROM household_rows"


def add_up(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], notes: Notes) -> None:
    """Several amounts of one key become one row: numbers summed, of other columns the first value."""
    schema = TABLES[table]
    key = [name for name in schema.key if name in columns]
    values = [name for name in columns if name not in key]
    before, after = connection.sql(f"SELECT count(*), count(DISTINCT ({', '.join(key)})) FROM rows").fetchall()[0]
    if before == after:
        return
    merged = ", ".join(
        f"{'sum' if schema.column(name).kind == 'number' else 'first'}({name}{'' if schema.column(name).kind == 'number' else ' ORDER BY _at'}) AS {name}"
        for name in values
    )
    group = ", ".join(key)
    connection.execute(
        f"CREATE TABLE summed AS SELECT min(_at) AS _at, min(_row) AS _row, {group}{', ' + merged if merged else ''} FROM rows GROUP BY {group}"
    )
    notes.count("mended:added-up", before - after)
    connection.execute("DROP TABLE rows")
    connection.execute("ALTER TABLE summed RENAME TO rows")


def finished(
    connection: duckdb.DuckDBPyConnection, query: str, table: str, columns: list[str], as_of: date, batch: str
) -> Any:
    """The table as Arrow: the schema's order and types, sorted by key, with `as_of` and `source`."""
    schema = TABLES[table]
    chosen = ", ".join(
        f"CAST({name} AS {schema.column(name).sql_type}) AS {name}" for name in schema.column_names if name in columns
    )
    key = ", ".join(name for name in schema.key if name in columns)
    return connection.sql(
        f"SELECT {chosen}, DATE '{as_of}' AS as_of, '{batch}' AS source FROM ({query}) ORDER BY {key}"
    ).to_arrow_table()
