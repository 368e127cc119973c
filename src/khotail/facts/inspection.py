"""`inspect`: what a file is and how its columns match, without importing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from khotail.facts.reading.cleaning import cleaner
from khotail.facts.reading.file import Opened, open_file
from khotail.facts.reading.headers import UnknownHeader
from khotail.facts.reading.limits import MAX_BYTES
from khotail.facts.reading.read import files_in
from khotail.facts.reading.report import CellNote, Notes, Reading
from khotail.facts.reading.rows import clean_rows
from khotail.facts.reading.sources import load_sources
from khotail.problems import Problem
from khotail.texts import Text

_FIRST = 8


@dataclass(frozen=True, slots=True)
class Mapped:
    """A header of the file and the fact column that it fills."""

    header: str
    column: str
    name: Text


@dataclass(slots=True)
class Inspected:
    """One list of a file.

    reading  source, sheet, header row, day, rows, counts by reason; `reading.problem` where it is not readable
    columns  the headers that are understood
    first    the first cells that would be flagged or mended
    """

    reading: Reading
    columns: list[Mapped] = field(default_factory=list)
    first: list[CellNote] = field(default_factory=list)

    @property
    def problem(self) -> Problem | None:
        return self.reading.problem

    @property
    def unknown(self) -> list[UnknownHeader]:
        return self.reading.unknown

    @property
    def missing(self) -> list[str]:
        return self.reading.missing


def inspect(
    paths: Iterable[Path | str] | Path | str, *, sources: Path | str | None = None, max_bytes: int = MAX_BYTES
) -> list[Inspected]:
    """Look at files, or folders of them, no larger than `max_bytes` once unpacked. Raises MissingFile, BadSource; other problems are in the results."""
    known = load_sources(sources)
    seen = []
    for path in files_in([paths] if isinstance(paths, (str, Path)) else paths):
        try:
            seen += [_inspected(opened) for opened in open_file(path, known, max_bytes)]
        except Problem as problem:
            seen.append(Inspected(Reading(path, problem=problem)))
    return seen


def _inspected(opened: Opened) -> Inspected:
    found, sheet = opened.found, opened.sheet
    reading = opened.reading()
    notes = Notes(reading)
    try:
        with cleaner() as connection:
            clean_rows(connection, sheet, found, notes)
    except Problem as problem:
        reading.problem = problem
    columns = []
    for at, header in enumerate(found.header):
        for name, places in found.columns.items():
            if at in places:
                column = found.source.column(name)
                columns.append(Mapped(header.strip(), name, Text(column.zh, column.en)))
    first = sorted(notes.cells, key=lambda note: (not note.reason.startswith("flagged"), note.row))[:_FIRST]
    return Inspected(reading, columns, first)
