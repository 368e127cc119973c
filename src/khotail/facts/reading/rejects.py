"""The workbook that goes back to whoever sent a file: rejected rows with the reason, cells to check, cells mended.

Rejected rows keep the file's own columns, so the sheet can be mended and imported as it is. Every cell is written as
text: nothing that a stranger typed into a register becomes a formula on a colleague's screen.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import xlsxwriter

from khotail.facts.reading.file import Result
from khotail.facts.reading.reasons import reason
from khotail.facts.reading.report import CellNote
from khotail.files import TEXT_CELLS

_OPTIONS = {"constant_memory": True, **TEXT_CELLS}
_MAX_CELL = 32_000
_MAX_ROWS = 1_000_000
_NOTE_HEADER = ("行号 Row", "列 Column", "原值 Before", "现值 After", "原因", "Reason")


def has_anything_to_return(result: Result) -> bool:
    return bool(result.rejected) or any(note.reason.startswith("flagged:") for note in result.cells)


def write_rejects(path: Path, *results: Result) -> None:
    """Write the workbook to `path`, for one list or several of a file. Sheets without rows are left out."""
    # Rows wait in scratch files of the writer's. They are people's data, and belong on the disk that takes the workbook.
    with (
        tempfile.TemporaryDirectory(prefix=".khotail-", dir=path.parent) as scratch,
        xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": scratch}) as book,
    ):
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF4", "text_wrap": True, "valign": "top"})
        for result in results:
            _write(book, result, bold)


def _write(book: xlsxwriter.Workbook, result: Result, bold: object) -> None:
    if result.rejected:
        rows = (
            [str(number), *cells, reason("rejected", why).zh, reason("rejected", why).en]
            for number, cells, why in result.rejected
        )
        width = max(len(result.header), *(len(cells) for _, cells, _ in result.rejected))
        header = ["行号", *result.header, *[""] * (width - len(result.header)), "原因", "Reason"]
        padded = ([row[0], *row[1:-2], *[""] * (width - len(row) + 3), *row[-2:]] for row in rows)
        _sheet(book, result.reading.name.zh or "退回", header, padded, bold)
    for name, kind in (("待核实 To check", "flagged"), ("已修正 Mended", "mended")):
        notes = [note for note in result.cells if note.reason.startswith(kind)]
        if notes:
            _sheet(book, name, _NOTE_HEADER, map(_note, notes), bold)


def _note(note: CellNote) -> list[str | None]:
    kind, name = note.reason.split(":")
    why = reason(kind, name)
    return [str(note.row), note.column, note.before, note.after, why.zh, why.en]


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    header: Iterable[str],
    rows: Iterable[Iterable[str | None]],
    bold: object,
) -> None:
    sheet = book.add_worksheet(_free_name(book, _sheet_name(name)))
    sheet.freeze_panes(1, 0)
    for at, cell in enumerate(header):
        sheet.write_string(0, at, cell[:_MAX_CELL], bold)
    for number, row in enumerate(rows, 1):
        if number > _MAX_ROWS:
            break
        for at, value in enumerate(row):
            if value:
                sheet.write_string(number, at, value[:_MAX_CELL])


def _sheet_name(text: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", text)[:31].strip() or "退回"


def _free_name(book: xlsxwriter.Workbook, name: str) -> str:
    """The name, with a number where another sheet has it."""
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    candidates = (name, *(f"{name[:28]} {number}" for number in range(2, len(taken) + 3)))
    return next(one for one in candidates if one.lower() not in taken)
