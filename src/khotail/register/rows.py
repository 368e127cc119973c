"""Rows of a fact table as they are kept: cleaned columns, keys, and each row as JSON. All of it is done by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from khotail.facts.schema import TABLES, Table

ARROW = {"text": pa.string(), "int": pa.int64(), "number": pa.float64(), "bool": pa.bool_(), "date": pa.date32()}
#: kept as columns of Statement, not within its values
APART = frozenset({"household_id", "person_id", "as_of", "source"})
#: What JSON does not take within a text as it is: quote, backslash, control characters.
_TO_ESCAPE = r'["\\\x00-\x1f]'


def cleaned(rows: pa.Table, schema: Table) -> dict[str, pa.Array]:
    """Column → values of the schema's type; NaN and blank text become null, and NUL characters go."""
    return {name: _cleaned(rows[name], schema.column(name).kind) for name in rows.column_names}


def bodies(columns: dict[str, pa.Array], schema: Table, count: int) -> pa.Array:
    """Each row's values as a JSON object without its nulls; personal columns and those kept apart left out."""
    parts = [
        _members(name, values, schema.column(name).kind)
        for name, values in columns.items()
        if name not in APART and not schema.column(name).personal and values.null_count < len(values)
    ]
    if not parts:
        return pa.array(["{}"] * count, pa.string())
    # Each part brings its comma: of a row of nulls alone, Arrow's null_handling="skip" leaves no row at all.
    inner = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")
    return pc.binary_join_element_wise("{", pc.utf8_rtrim(inner, ","), "}", "")


def contents(
    before: str, parts: Sequence[Sequence[str | None] | pa.Array], wanted: Sequence[bool]
) -> list[bytes | None]:
    """`before` and the parts of each row, by which two statements are the same or not; None where not wanted."""
    columns = [pc.fill_null(part if isinstance(part, pa.Array) else pa.array(part, pa.string()), "") for part in parts]
    joined = pc.binary_join_element_wise(before, *columns, "\x1f")
    return pc.if_else(pa.array(wanted, pa.bool_()), joined, None).cast(pa.binary()).to_pylist()


def keys(columns: dict[str, pa.Array], schema: Table, count: int) -> list[str]:
    """Each row's key beyond household and person, its parts joined by |."""
    parts = [
        pc.fill_null(columns[name].cast(pa.string()), "")
        for name in schema.key
        if name in columns and name not in (*APART, "region_code")
    ]
    if not parts:
        return [""] * count
    return [key[:120] for key in pc.binary_join_element_wise(*parts, pa.scalar("|")).to_pylist()]


def days(rows: pa.Table, as_of: date | None) -> list[str]:
    """The day that each row holds for: `as_of`, or the row's own."""
    if as_of is not None:
        return [as_of.isoformat()] * rows.num_rows
    return [str(day) for day in rows["as_of"].to_pylist()]


def as_table(table: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows given one by one as an Arrow table of the schema's types; what a row leaves out is null."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    types = {name: ARROW[TABLES[table].column(name).kind] for name in names}
    return pa.table({name: pa.array([row.get(name) for row in rows], types[name]) for name in names})


def plain(values: pa.Array) -> list[Any]:
    """Python values that JSON takes: dates as text."""
    return (values.cast(pa.string()) if pa.types.is_date(values.type) else values).to_pylist()


def with_text(body: str, name: str, value: str | None) -> str:
    """A JSON object with one more member, a text that is escaped already."""
    if not value:
        return body
    return f'{body[:-1]}{"," if len(body) > 2 else ""}"{name}":"{value}"}}'


def tuples(now: Mapping[str, Sequence[Any]], defaults: Mapping[str, Any], places: list[int]) -> list[tuple[Any, ...]]:
    """Rows to insert in the order of `defaults`, which stand where nothing is said."""
    columns = []
    for name, default in defaults.items():
        values = now.get(name)
        if values is None:
            columns.append([default] * len(places))
        else:
            columns.append([default if values[at] is None else values[at] for at in places])
    return list(zip(*columns, strict=True))


def _cleaned(values: Any, kind: str) -> pa.Array:
    values = values.cast(ARROW[kind])
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if kind == "number":
        return pc.if_else(pc.is_finite(values), values, None)
    if kind == "text":
        values = pc.replace_substring(values, "\x00", "")
        return pc.if_else(pc.equal(values, ""), None, values)
    return values


def _members(name: str, values: pa.Array, kind: str) -> pa.Array:
    """`"name":value,` of each row, null where the value is."""
    text = values.cast(pa.string())
    if kind == "text":
        text = _escaped(text)
    quote = '"' if kind in ("text", "date") else ""
    return pc.binary_join_element_wise(f'"{name}":{quote}', text, f"{quote},", "")


def _escaped(text: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(text, _TO_ESCAPE)).as_py():
        return text
    text = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    for code in range(1, 32):
        text = pc.replace_substring(text, chr(code), f"\\u{code:04x}")
    return text
