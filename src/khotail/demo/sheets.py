"""One list as it lies in a file: title rows, a header, rows of text; and how it is written."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from khotail.files import written_whole

Cell = str | None

_STREAM_FROM_CELLS = 2_000_000


@dataclass(slots=True)
class Sheet:
    """`path` is relative to the demo's folder; its suffix decides the form. All cells are text, empty ones None."""

    path: str
    header: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    titles: tuple[str, ...] = ()
    sheet_name: str = "Sheet1"
    encoding: str = "utf-8-sig"
    #: column whose equal neighbours are merged into one cell, as people do by hand; -1 for none
    merged: int = -1

    def index(self, header: str) -> int:
        return self.header.index(header)

    def write(self, folder: Path, day: date) -> Path:
        """Write the file, dated `day`: lists without a date in their title are taken to hold for the file's own day."""
        path = folder / self.path
        with written_whole(path) as unfinished:
            if path.suffix == ".csv":
                with unfinished.open("w", encoding=self.encoding, newline="") as out:
                    writer = csv.writer(out)
                    writer.writerow(self.header)
                    writer.writerows(self.rows)
            else:
                self._write_workbook(unfinished)
        noon = datetime(day.year, day.month, day.day, 12).timestamp()
        os.utime(path, (noon, noon))
        return path

    def _write_workbook(self, path: Path) -> None:
        # constant_memory streams each row to disk, a third slower than sharing strings in memory, so only large sheets
        # do. A merged cell writes ahead of its row, which rules it out.
        streaming = self.merged < 0 and len(self.rows) * len(self.header) > _STREAM_FROM_CELLS
        with (
            tempfile.TemporaryDirectory(prefix=".khotail-", dir=path.parent) as scratch,
            xlsxwriter.Workbook(str(path), {"constant_memory": streaming, "tmpdir": scratch}) as book,
        ):
            sheet = book.add_worksheet(self.sheet_name)
            at = 0
            for title in self.titles:
                sheet.write_string(at, 0, title)
                at += 1
            first = at + 1
            for column, name in enumerate(self.header):
                sheet.write_string(at, column, name)
            # The private method skips the argument parsing of the public one, half the time of a large sheet.
            for row_number, row in enumerate(self.rows, first):
                for column, cell in enumerate(row):
                    if cell and column != self.merged:
                        sheet._write_string(row_number, column, cell)
            for start, end, cell in self._runs():
                if end > start:
                    sheet.merge_range(first + start, self.merged, first + end, self.merged, cell)
                else:
                    sheet.write_string(first + start, self.merged, cell)

    def _runs(self) -> Iterator[tuple[int, int, str]]:
        if self.merged < 0:
            return
        start = 0
        for at in range(1, len(self.rows) + 1):
            if at == len(self.rows) or self.rows[at][self.merged] != self.rows[start][self.merged]:
                yield start, at - 1, self.rows[start][self.merged] or ""
                start = at


def text(value: float | int | None, digits: int = 0) -> Cell:
    """A number as the exports write it; no trailing zeros."""
    if value is None:
        return None
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else str(round(value))


def yes(value: bool | None) -> Cell:
    return None if value is None else "是" if value else "否"
