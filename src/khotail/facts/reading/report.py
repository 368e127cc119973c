"""What happened to a file: counts by reason, and the rows and cells to show for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from khotail.facts.reading.headers import UnknownHeader
from khotail.facts.written import as_written
from khotail.problems import Problem
from khotail.texts import Text

#: Cells listed one by one in the returned workbook; beyond it they are only counted.
MAX_NOTES_PER_REASON = 5_000


@dataclass(slots=True)
class Reading:
    """One list of one file: what it was taken for, and what became of its rows and cells.

    header_row  the row number of the header, from 1
    rows        rows of data below the header, blank ones not counted; each is kept, dropped or rejected
    tables      rows written, by fact table
    mended, flagged, rejected, dropped   number of cells or rows by reason (`khotail.facts.reading.reasons`)
    problem     why the file could not be read at all
    already_imported  the same content was imported before, nothing was changed
    """

    path: Path
    batch: str = ""
    source: str = ""
    name: Text = field(default_factory=lambda: Text("", ""))
    sheet: str = ""
    header_row: int = 0
    as_of: date | None = None
    rows: int = 0
    kept: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    mended: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    unknown: list[UnknownHeader] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problem: Problem | None = None
    already_imported: bool = False
    rejects: Path | None = None


@dataclass(frozen=True, slots=True)
class CellNote:
    """A mended or flagged cell: row number, header, text before and after, `mended:…` or `flagged:…`."""

    row: int
    column: str
    before: str
    after: str
    reason: str


@dataclass(slots=True)
class Notes:
    """Collects what happened while a list is read."""

    reading: Reading
    cells: list[CellNote] = field(default_factory=list)
    #: positions in the sheet of rejected rows, with the reason
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def count(self, reason: str, number: int) -> int:
        """Count `number` cells of `mended:…` or `flagged:…`; returns how many may still be listed."""
        kind, name = reason.split(":")
        counter: Counter[str] = getattr(self.reading, kind)
        listed = min(counter[name], MAX_NOTES_PER_REASON)
        counter[name] += number
        return MAX_NOTES_PER_REASON - listed

    def column(self, header: str, rows: Any, before: Any, after: Any, reasons: Any) -> None:
        """Note every cell of one column that has a reason."""
        for entry in pc.value_counts(reasons.drop_null()).to_pylist():
            room = self.count(entry["values"], entry["counts"])
            if room <= 0:
                continue
            places = pc.indices_nonzero(pc.fill_null(pc.equal(reasons, entry["values"]), False)).slice(0, room)
            for row, old, new in zip(
                rows.take(places).to_pylist(),
                before.take(places).to_pylist(),
                after.take(places).to_pylist(),
                strict=True,
            ):
                self.cells.append(CellNote(row, header, old or "", as_written(new), entry["values"]))

    def cell(self, row: int, header: str, before: Any, after: Any, reason: str) -> None:
        if self.count(reason, 1) > 0:
            self.cells.append(CellNote(row, header, as_written(before), as_written(after), reason))

    def list_conflicts(self, header: str, rows: list[tuple[int, Any, Any]]) -> None:
        """List household cells that differ from the household's first row; they are counted already."""
        for row, found, taken in rows:
            self.cells.append(CellNote(row, header, as_written(found), as_written(taken), "flagged:household-conflict"))

    def reject(self, at: int, reason: str) -> None:
        self.reading.rejected[reason] += 1
        self.rejected.append((at, reason))
