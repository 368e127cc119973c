"""Rows of the database as Arrow tables, without an object per value where the database can help it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

#: column → type, in the order of the query
Columns = Sequence[tuple[str, pa.DataType]]

_READ_ROWS = 20_000
#: Households whose values PostgreSQL hands over as one text per column, far below the gigabyte that a text may have.
_AT_ONCE = 1_000
#: between the values of such a text; JSON escapes it, and from other texts it is taken out
_BETWEEN = "\x1e"


def rows_of(sql: str, values: Sequence[Any], columns: Columns) -> pa.Table:
    """The rows of a query, in no order. One of its columns is `h`, a household; none of its texts is NULL.

    SQLite's driver makes tuples. PostgreSQL's would take three times as long for that as for a few long texts.
    """
    if connection.vendor == "postgresql":
        return _gathered(sql, values, columns)
    parts = []
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_READ_ROWS):
            parts.append(_table(rows, columns))
    return pa.concat_tables(parts) if parts else _table([], columns)


def one_of(ids: Sequence[int]) -> tuple[str, str]:
    """SQL for "is one of these ids", to follow a column, and its value."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", "{" + ",".join(map(str, ids)) + "}"
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))


def _gathered(sql: str, values: Sequence[Any], columns: Columns) -> pa.Table:
    names = ", ".join(name for name, _ in columns)
    # All sums of one pass meet the rows in the same order.
    texts = ", ".join(f"string_agg(replace(coalesce({name}::text, ''), E'\\x1e', ''), E'\\x1e')" for name, _ in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {texts} FROM ({sql}) AS stored ({names}) GROUP BY h / {_AT_ONCE}", values)
        gathered = cursor.fetchall()
    if not gathered:
        return _table([], columns)
    return pa.table({
        name: _typed(pc.split_pattern(pa.array(parts, pa.string()), _BETWEEN).flatten(), kind)
        for (name, kind), parts in zip(columns, zip(*gathered, strict=True), strict=True)
    })  # fmt: skip


def _typed(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    return texts if kind == pa.string() else pc.if_else(pc.equal(texts, ""), None, texts).cast(kind)


def _table(rows: list[tuple[Any, ...]], columns: Columns) -> pa.Table:
    by_column = zip(*rows, strict=True) if rows else [()] * len(columns)
    return pa.table({name: pa.array(values, kind) for (name, kind), values in zip(columns, by_column, strict=True)})
