"""Many rows at once, on both databases: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connection, models

#: Any number, the same everywhere: whoever states facts in bulk on PostgreSQL holds this lock until the transaction ends.
_LOCK = 1522
#: rows to one INSERT on SQLite, well below its 32,766 values
_AT_ONCE = 100
#: updates that are not worth a table of their own
_FEW = 20


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
        inside, first = f'"{field}" = ANY(%s)', _array(wanted)
    else:
        inside, first = f'"{field}" IN (SELECT value FROM json_each(%s))', json.dumps(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {model._meta.db_table} WHERE {inside} {extra}", [first, *also])
        return cursor.fetchall()


def _array(values: Sequence[int | str]) -> str:
    """Numbers or texts as PostgreSQL writes an array; the driver's own way takes ten times as long."""
    if isinstance(values[0], str):
        return '{"' + '","'.join(str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values) + '"}'
    return "{" + ",".join(map(str, values)) + "}"


def execute_for(sql: str, values: Iterable[Any], *also: Any) -> None:
    """Run `sql`, in which `{inside}` becomes the condition that the column before it is one of `values`."""
    wanted = list(values)
    if not wanted:
        return
    if connection.vendor == "postgresql":
        inside, first = "= ANY(%s)", _array(wanted)
    else:
        inside, first = "IN (SELECT value FROM json_each(%s))", json.dumps(wanted)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(inside=inside), [*also, first])


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], *, all_new: bool = False
) -> int:
    """Insert rows of values as the database takes them; one that breaks a unique index is left out. Returns how many.

    all_new   none of them can break one: the caller holds the register's lock and has looked
    """
    if not rows:
        return 0
    table = model._meta.db_table
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            return _insert_many(cursor, f"INSERT INTO {table} ({names}) VALUES", len(columns), rows)
        if all_new:
            _copy(cursor, table, names, rows)
            return len(rows)
        _stage(cursor, table, names, rows)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING")
        return int(cursor.rowcount)


def update(model: type[models.Model], changes: dict[int, dict[str, Any]]) -> None:
    """Set columns of rows by id: {id: {column: value as the database takes it}}."""
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for pk, values in changes.items():
        if values:
            alike.setdefault(tuple(values), []).append((*values.values(), pk))
    table = model._meta.db_table
    with connection.cursor() as cursor:
        for columns, rows in alike.items():
            if connection.vendor == "postgresql" and len(rows) > _FEW:
                _stage(cursor, table, ", ".join(f'"{name}"' for name in (*columns, "id")), rows)
                sets = ", ".join(f'"{column}" = incoming."{column}"' for column in columns)
                cursor.execute(f"UPDATE {table} SET {sets} FROM incoming WHERE {table}.id = incoming.id")
            else:
                sets = ", ".join(f'"{column}" = %s' for column in columns)
                cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s", rows)


def _insert_many(cursor: Any, head: str, width: int, rows: Sequence[tuple[Any, ...]]) -> int:
    """A hundred rows to a statement: SQLite then begins and ends a hundredth as often."""
    whole, done = len(rows) // _AT_ONCE * _AT_ONCE, 0
    for size, part in ((_AT_ONCE, rows[:whole]), (1, rows[whole:])):
        if part:
            marks = ", ".join([f"({', '.join(['%s'] * width)})"] * size)
            values = list(chain.from_iterable(part))
            steps = range(0, len(values), size * width)
            sql = f"{head} {marks} ON CONFLICT DO NOTHING"
            cursor.executemany(sql, [values[start : start + size * width] for start in steps])
            done += cursor.rowcount
    return done


def _stage(cursor: Any, table: str, names: str, rows: Sequence[tuple[Any, ...]]) -> None:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")
    cursor.execute(f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")
    _copy(cursor, "incoming", names, rows)


def _copy(cursor: Any, table: str, names: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def stored(model: type[models.Model], field: str, value: Any) -> Any:
    """A value as the database takes it in raw SQL."""
    return model._meta.get_field(field).get_db_prep_save(value, connection)
