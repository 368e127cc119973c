"""From a recognised sheet to clean typed rows: one column per fact column, blank, total and header rows taken out."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from khotail.facts.problems import EmptyFile
from khotail.facts.reading.cleaning import clean_columns
from khotail.facts.reading.headers import Recognised
from khotail.facts.reading.raw import RawSheet
from khotail.facts.reading.report import Notes

_TOTALS = ("合计", "总计", "小计", "合计:", "总计:")


def clean_rows(connection: duckdb.DuckDBPyConnection, sheet: RawSheet, found: Recognised, notes: Notes) -> Any:
    """An Arrow table with the source's columns, `_row` (the file's row number) and `_at` (position in the sheet).

    Raises EmptyFile where no row of data is left.
    """
    start = found.header_at + 1
    cells = {
        name: _first_filled([sheet.columns[at].slice(start) for at in places]) for name, places in found.columns.items()
    }
    rows = sheet.rows.slice(start)
    at = pa.array(list(range(start, sheet.height)), pa.int64())
    filled = None
    for column in cells.values():
        here = pc.is_valid(column)
        filled = here if filled is None else pc.or_(filled, here)
    keep = filled if filled is not None else pa.array([], pa.bool_())
    keep, notes.reading.rows = _without_odd_rows(sheet, found, cells, keep, notes)
    if not pc.any(keep).as_py():
        raise EmptyFile(file=notes.reading.path.name)
    rows, at = rows.filter(keep), at.filter(keep)
    columns: dict[str, Any] = {"_row": rows, "_at": at}
    raws = {name: raw.filter(keep) for name, raw in cells.items()}
    wanted = [(found.source.column(name), raw, found.scales.get(name, 1)) for name, raw in raws.items()]
    for (name, raw), (column, _, _), cleaned in zip(
        raws.items(), wanted, clean_columns(connection, wanted), strict=True
    ):
        columns[name] = cleaned.values
        if cleaned.reasons is not None:
            notes.column(column.zh, rows, raw, cleaned.values, cleaned.reasons)
    return pa.table(columns)


def _first_filled(columns: list[Any]) -> Any:
    return columns[0] if len(columns) == 1 else pc.coalesce(*columns)


def _without_odd_rows(
    sheet: RawSheet, found: Recognised, cells: dict[str, Any], keep: Any, notes: Notes
) -> tuple[Any, int]:
    """Take out rows of totals and headers that were repeated on each printed page."""
    start = found.header_at + 1
    first = pc.utf8_trim_whitespace(pc.replace_substring_regex(sheet.columns[0].slice(start), r"\s", ""))
    words = pa.array(_TOTALS)
    totals = pc.fill_null(pc.is_in(first, words), False)
    for name in ("household_id", "name", "banner_name", "township_name", "village_name"):
        if name in cells:
            totals = pc.or_(totals, pc.fill_null(pc.is_in(cells[name], words), False))
    totals = pc.and_(totals, keep)
    headers = None
    for name in list(cells)[:3]:
        header = found.header[found.columns[name][0]]
        same = pc.fill_null(pc.equal(cells[name], header), False)
        headers = same if headers is None else pc.and_(headers, same)
    headers = pc.and_(headers, keep)
    for place in pc.indices_nonzero(totals).to_pylist():
        notes.reject(start + place, "total-row")
    repeated = pc.sum(headers).as_py() or 0
    if repeated:
        notes.reading.dropped["repeated-header"] += repeated
    counted = pc.sum(keep).as_py() or 0
    return pc.and_not(pc.and_not(keep, totals), headers), counted
