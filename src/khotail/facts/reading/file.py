"""Reading one file: open it, recognise its lists, clean them, make fact tables of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from khotail.facts.problems import CorruptFile, EmptyFile, MissingFile, UnknownFile, WrongSheet
from khotail.facts.reading.delimited import read_delimited
from khotail.facts.reading.headers import Recognised, recognise
from khotail.facts.reading.kinds import LOOK_BYTES, refuse_by_first_bytes
from khotail.facts.reading.limits import MAX_BYTES, refuse_larger
from khotail.facts.reading.linking import Linker, Register
from khotail.facts.reading.lists import fact_tables
from khotail.facts.reading.raw import RawSheet
from khotail.facts.reading.report import CellNote, Notes, Reading
from khotail.facts.reading.rows import clean_rows
from khotail.facts.reading.sources import Source
from khotail.problems import Problem

#: A date in a title or file name: 截至2025年10月31日, 20251031, 2025-10-31, 2025年10月.
_DAY = re.compile(r"(?<!\d)(20\d{2})\s?(?:[-./年]\s?(\d{1,2})(?:[-./月]\s?(\d{1,2})日?)?|(\d{2})(\d{2}))(?!\d)")


@dataclass(slots=True)
class Opened:
    """A recognised list of a file, not read yet."""

    path: Path
    sheet: RawSheet
    found: Recognised
    digest: str
    number: int

    @property
    def batch(self) -> str:
        return f"{self.found.source.id}-{self.digest[:12]}" + (f"-{self.number}" if self.number else "")

    def reading(self, as_of: date | None = None) -> Reading:
        """What is known of the list before its rows are read; `as_of` overrides the day that the file states."""
        found = self.found
        return Reading(
            path=self.path,
            batch=self.batch,
            source=found.source.id,
            name=found.source.name,
            sheet=self.sheet.name,
            header_row=self.sheet.rows[found.header_at].as_py(),
            as_of=as_of or day_stated(found.titles, self.path),
            unknown=found.unknown,
            missing=found.missing,
        )


@dataclass(slots=True)
class Result:
    """A list read: its fact tables, and the rows and cells to hand back.

    rejected  (row number, cells as they were, reason)
    """

    reading: Reading
    tables: dict[str, Any] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)
    rejected: list[tuple[int, list[str | None], str]] = field(default_factory=list)
    cells: list[CellNote] = field(default_factory=list)


def sheets_of(path: Path, max_bytes: int = MAX_BYTES) -> Iterator[RawSheet]:
    """The sheets of any file that can be opened; the kind is told by its first bytes, not by its name.

    max_bytes  how large the file may be once it is unpacked
    Raises MissingFile, EmptyFile, PasswordProtected, CorruptFile, TooLarge, NotAList.
    """
    if not path.is_file():
        raise MissingFile(file=path)
    with path.open("rb") as file:
        start = file.read(LOOK_BYTES)
    if not start:
        raise EmptyFile(file=path.name)
    refuse_larger(path, path.stat().st_size, max_bytes)
    if start.startswith(b"PAR1"):
        from khotail.facts.reading.parquet import read_parquet

        yield read_parquet(path, max_bytes)
    elif start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        from khotail.facts.reading.workbook import read_workbook

        yield from read_workbook(path, max_bytes)
    else:
        refuse_by_first_bytes(path, start)
        if path.suffix.lower() in (".xlsx", ".xls", ".xlsm", ".parquet"):
            raise CorruptFile(file=path.name)
        yield read_delimited(path)


def open_file(path: Path, sources: Sequence[Source], max_bytes: int = MAX_BYTES) -> list[Opened]:
    """The lists of a file that are known. Sheets of notes beside a known list are left aside.

    Raises what `sheets_of` raises, and UnknownFile, WrongSheet, EmptyFile where no sheet is known.
    """
    opened: list[Opened] = []
    problems: list[Problem] = []
    digest = ""
    for sheet in sheets_of(path, max_bytes):
        digest = digest or digest_of(path)
        try:
            found = recognise(sheet, path.name, sources)
        except (UnknownFile, WrongSheet, EmptyFile) as problem:
            problems.append(problem)
        else:
            opened.append(Opened(path, sheet, found, digest, len(opened)))
    if not opened:
        # The most telling problem: a list that is nearly known, then unknown columns, then emptiness.
        raise min(problems, key=lambda problem: [WrongSheet, UnknownFile, EmptyFile].index(type(problem)))
    return opened


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_opened(
    connection: duckdb.DuckDBPyConnection, opened: Opened, register: Register | Linker, as_of: date | None = None
) -> Result:
    """Read one list, with a connection from `cleaner()`. Raises EmptyFile, NoRegister."""
    found, sheet = opened.found, opened.sheet
    reading = opened.reading(as_of)
    notes = Notes(reading)
    assert reading.as_of is not None
    rows = clean_rows(connection, sheet, found, notes)
    if callable(register):
        rows, register = register(rows)
    tables = fact_tables(connection, rows, found, notes, register, reading.as_of, opened.batch)
    reading.tables = {name: table.num_rows for name, table in tables.items()}
    rejected = [(sheet.rows[at].as_py(), sheet.row(at), why) for at, why in sorted(notes.rejected)]
    for row, cells, why in sheet.broken:
        reading.rejected[why] += 1
        reading.rows += 1
        rejected.append((row, list(cells), why))
    return Result(reading, tables, found.header, rejected, notes.cells)


def day_stated(titles: str, path: Path) -> date:
    """The day that the title or the file's name states, else the day on which the file was last changed."""
    for text in (titles, path.stem):
        for year, month, day, short_month, short_day in _DAY.findall(text):
            stated = _date(int(year), int(month or short_month), int(day or short_day or 0))
            if stated is not None:
                return stated
    return date.fromtimestamp(path.stat().st_mtime)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        if day:
            return date(year, month, day)
        # A month alone means its last day.
        return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
    except ValueError:
        return None
