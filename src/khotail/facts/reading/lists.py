"""One recognised list from clean rows to fact tables: registers, work records, villages, department lists."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from khotail.facts.problems import NoRegister
from khotail.facts.reading.headers import Recognised
from khotail.facts.reading.linking import Register, link_to_register
from khotail.facts.reading.places import add_region_codes
from khotail.facts.reading.report import Notes
from khotail.facts.reading.tables import (
    add_person_ids,
    add_up,
    fill_from_id,
    finished,
    households_of_members,
    one_row_per_key,
    refuse,
)
from khotail.facts.schema import TABLES

_ABOUT_PLACES = {"households", "villages"}
_NO_NUMBER = "CASE WHEN _household_destroyed THEN 'number-destroyed' ELSE 'household-number-missing' END"


def fact_tables(
    connection: duckdb.DuckDBPyConnection,
    rows: Any,
    found: Recognised,
    notes: Notes,
    register: Register,
    as_of: date,
    batch: str,
) -> dict[str, Any]:
    """Arrow tables by name. `rows` comes from `clean_rows`. Raises NoRegister."""
    source = found.source
    for name in ("rows", "household_rows"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.register("incoming", rows)
    connection.execute("CREATE TABLE rows AS SELECT * FROM incoming")
    connection.unregister("incoming")
    present = set(found.columns)
    for name, value in source.constants.items():
        if name in present:
            connection.execute(f"UPDATE rows SET {name} = ? WHERE {name} IS NULL", [value])
        else:
            connection.execute(f"ALTER TABLE rows ADD COLUMN {name} {source.column(name).sql_type}")
            connection.execute(f"UPDATE rows SET {name} = ?", [value])
            present.add(name)
    destroyed = {note.row for note in notes.cells if note.reason == "flagged:number-destroyed"}
    _mark(connection, "_household_destroyed", destroyed)
    _mark(connection, "_id_destroyed", {note.row for note in notes.cells if note.reason == "flagged:id-destroyed"})
    if _ABOUT_PLACES & set(source.tables) and present & {"banner_name", "township_name", "village_name", "region_code"}:
        add_region_codes(connection, present, f"{found.titles} {notes.reading.path.stem}", notes)
    if source.kind == "department":
        return _department(connection, found, present, notes, register, as_of, batch)
    if "villages" in source.tables:
        return _villages(connection, found, present, notes, as_of, batch)
    refuse(connection, "household_id IS NULL", _NO_NUMBER, notes)
    if "work_records" in source.tables:
        return _work_records(connection, found, present, notes, register, as_of, batch)
    return _households(connection, found, present, notes, as_of, batch)


def _mark(connection: duckdb.DuckDBPyConnection, column: str, rows: set[int]) -> None:
    connection.execute(f"ALTER TABLE rows ADD COLUMN {column} BOOLEAN DEFAULT FALSE")
    if rows:
        connection.execute(f"UPDATE rows SET {column} = TRUE WHERE list_contains(?, _row)", [sorted(rows)])


def _columns(found: Recognised, table: str, present: set[str]) -> list[str]:
    return [name for name in found.source.tables[table] if name in present]


def _households(
    connection: duckdb.DuckDBPyConnection, found: Recognised, present: set[str], notes: Notes, as_of: date, batch: str
) -> dict[str, Any]:
    tables = {}
    has_members = "persons" in found.source.tables and bool(present & {"name", "id_number", "person_id"})
    if has_members:
        fill_from_id(connection, present, notes)
        add_person_ids(connection, present)
        present |= {"birth_date", "sex"} if "id_number" in present else set()
        everything = sorted({name for table in found.source.tables for name in _columns(found, table, present)})
        one_row_per_key(connection, ["household_id", "person_id"], everything, notes, "person_id IS NOT NULL")
        persons = _persons_columns(found, present)
        people = "SELECT * FROM rows WHERE person_id IS NOT NULL"
        tables["persons"] = finished(connection, people, "persons", persons, as_of, batch)
        homes = _columns(found, "households", present)
        query = households_of_members(connection, homes, found.source, notes)
    else:
        homes = _columns(found, "households", present)
        one_row_per_key(connection, ["household_id"], homes, notes)
        query = "SELECT * FROM rows"
    tables["households"] = finished(connection, query, "households", homes, as_of, batch)
    _keep_count(connection, notes)
    return tables


def _persons_columns(found: Recognised, present: set[str]) -> list[str]:
    allowed = {*found.source.tables["persons"], "person_id", "household_id"}
    if "id_number" in present:
        allowed |= {"birth_date", "sex"}
    return [name for name in TABLES["persons"].column_names if name in present and name in allowed]


def _villages(
    connection: duckdb.DuckDBPyConnection, found: Recognised, present: set[str], notes: Notes, as_of: date, batch: str
) -> dict[str, Any]:
    if "region_code" not in present:
        connection.execute("ALTER TABLE rows ADD COLUMN region_code VARCHAR")
        present.add("region_code")
    refuse(connection, "region_code IS NULL OR substr(region_code, 10) = '000'", "'unknown-region'", notes)
    columns = _columns(found, "villages", present)
    one_row_per_key(connection, ["region_code"], columns, notes)
    _keep_count(connection, notes)
    return {"villages": finished(connection, "SELECT * FROM rows", "villages", columns, as_of, batch)}


def _work_records(
    connection: duckdb.DuckDBPyConnection,
    found: Recognised,
    present: set[str],
    notes: Notes,
    register: Register,
    as_of: date,
    batch: str,
) -> dict[str, Any]:
    if "id_number" in present and register.people.num_rows:
        _person_ids_of_register(connection, present, register)
    add_person_ids(connection, present)
    columns = [name for name in TABLES["work_records"].column_names if name in present]
    columns = [
        name for name in columns if name in (*found.source.tables["work_records"], "person_id", *found.source.constants)
    ]
    key = [name for name in TABLES["work_records"].key if name in present]
    _refuse_unreadable_key_dates(connection, "work_records", notes)
    one_row_per_key(connection, key, columns, notes)
    _keep_count(connection, notes)
    return {"work_records": finished(connection, "SELECT * FROM rows", "work_records", columns, as_of, batch)}


def _person_ids_of_register(connection: duckdb.DuckDBPyConnection, present: set[str], register: Register) -> None:
    """Take missing person numbers from the register, by household and ID number."""
    if "person_id" not in present:
        connection.execute("ALTER TABLE rows ADD COLUMN person_id VARCHAR")
        present.add("person_id")
    connection.register("register_people", register.people)
    connection.execute(
        """UPDATE rows SET person_id = known.person_id
           FROM (SELECT household_id, left(id_number, 18) AS id_18, min(person_id) AS person_id
                 FROM register_people WHERE id_number IS NOT NULL GROUP BY ALL) known
           WHERE rows.person_id IS NULL AND known.household_id = rows.household_id AND known.id_18 = left(rows.id_number, 18)"""
    )
    connection.unregister("register_people")


def _department(
    connection: duckdb.DuckDBPyConnection,
    found: Recognised,
    present: set[str],
    notes: Notes,
    register: Register,
    as_of: date,
    batch: str,
) -> dict[str, Any]:
    if register.is_empty:
        raise NoRegister(file=notes.reading.path.name)
    per_person = any("person_id" in found.source.tables[table] for table in found.source.tables)
    names_given = "name" in present and per_person
    link_to_register(connection, present | {"_id_destroyed"}, register, per_person)
    present |= {"household_id", "person_id", "name"}
    refuse(connection, "_refused IS NOT NULL", "_refused", notes)
    if names_given:
        _note_differing_names(connection, notes)
    tables = {}
    for table in found.source.tables:
        columns = _columns(found, table, present)
        key = [name for name in TABLES[table].key if name in columns]
        _refuse_unreadable_key_dates(connection, table, notes)
        if found.source.adds_up:
            # The same bill twice is a duplicate; two different bills of one day are one sum.
            one_row_per_key(connection, columns, columns, notes)
            _keep_count(connection, notes)
            add_up(connection, table, columns, notes)
        else:
            one_row_per_key(connection, key, columns, notes)
            _keep_count(connection, notes)
        tables[table] = finished(connection, "SELECT * FROM rows", table, columns, as_of, batch)
    return tables


def _note_differing_names(connection: duckdb.DuckDBPyConnection, notes: Notes) -> None:
    differing = connection.sql(
        "SELECT _row, name, registered_name FROM rows WHERE name <> registered_name ORDER BY _row"
    ).fetchall()
    for row, written, registered in differing:
        notes.cell(row, "姓名", written, registered, "flagged:name-differs")


def _refuse_unreadable_key_dates(connection: duckdb.DuckDBPyConnection, table: str, notes: Notes) -> None:
    """A date that identifies the row and cannot be read makes the row useless; a missing one does not."""
    schema = TABLES[table]
    headers = {schema.column(name).zh for name in schema.key if schema.column(name).kind == "date"}
    bad = sorted(
        {note.row for note in notes.cells if note.reason == "flagged:unreadable-date" and note.column in headers}
    )
    if bad:
        refuse(connection, f"_row IN ({', '.join(map(str, bad))})", "'unreadable-date-in-key'", notes)


def _keep_count(connection: duckdb.DuckDBPyConnection, notes: Notes) -> None:
    notes.reading.kept = int(connection.sql("SELECT count(*) FROM rows").fetchall()[0][0])
