"""Many rows at once, on both databases: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

#: Any number, the same everywhere: whoever states facts in bulk on PostgreSQL holds this lock until the transaction ends.
_LOCK = 1522


def lock_register() -> None:
    """Let bulk writers go one after another, so that two of them never add the same household. SQLite does so itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def rows_with(
    model: type[models.Model], columns: Sequence[str], field: str, values: Iterable[Any], extra: str = "", *also: Any
) -> list[tuple[Any, ...]]:
    """`columns` of the rows whose `field` is one of `values`, however many; `extra` is SQL that narrows them further."""
    wanted = list(values)
    if not wanted:
        return []
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.vendor == "postgresql":
        inside, first = f'"{field}" = ANY(%s)', wanted
    else:
        inside, first = f'"{field}" IN (SELECT value FROM json_each(%s))', json.dumps(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {model._meta.db_table} WHERE {inside} {extra}", [first, *also])
        return cursor.fetchall()


def execute_for(sql: str, values: Iterable[Any], *also: Any) -> None:
    """Run `sql`, in which `{inside}` becomes the condition that the column before it is one of `values`."""
    wanted = list(values)
    if not wanted:
        return
    if connection.vendor == "postgresql":
        inside, first = "= ANY(%s)", wanted
    else:
        inside, first = "IN (SELECT value FROM json_each(%s))", json.dumps(wanted)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(inside=inside), [*also, first])


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows of values as the database takes them; one that breaks a unique index is left out. Returns how many."""
    if not rows:
        return 0
    table = model._meta.db_table
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows)
            return int(cursor.rowcount)
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")
        cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")
        with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING")
        return int(cursor.rowcount)


def update(model: type[models.Model], changes: dict[int, dict[str, Any]]) -> None:
    """Set columns of rows by id: {id: {column: value as the database takes it}}."""
    alike: dict[tuple[str, ...], list[list[Any]]] = {}
    for pk, values in changes.items():
        if values:
            alike.setdefault(tuple(values), []).append([*values.values(), pk])
    with connection.cursor() as cursor:
        for columns, rows in alike.items():
            sets = ", ".join(f'"{column}" = %s' for column in columns)
            cursor.executemany(f"UPDATE {model._meta.db_table} SET {sets} WHERE id = %s", rows)


def stored(model: type[models.Model], field: str, value: Any) -> Any:
    """A value as the database takes it in raw SQL."""
    return model._meta.get_field(field).get_db_prep_save(value, connection)
