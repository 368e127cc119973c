"""What a batch would be read as: the list, the columns, the first rows. It reads the sample and writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from khotail.facts.identity import masked
from khotail.facts.reading.cleaning import cleaner
from khotail.facts.reading.file import Opened, read_opened
from khotail.facts.reading.headers import Recognised
from khotail.facts.reading.linking import Register
from khotail.facts.reading.raw import RawSheet
from khotail.facts.reading.report import Notes
from khotail.facts.reading.rows import clean_rows
from khotail.facts.reading.sources import Source
from khotail.facts.written import as_written
from khotail.intake.keeping import sampled
from khotail.intake.linking import Link
from khotail.intake.models import Batch
from khotail.intake.recognising import Misfit, header_of, lists_of, misfit
from khotail.intake.sources import source_of
from khotail.intake.thresholds import thresholds
from khotail.problems import Problem
from khotail.texts import Text

ROWS = 20
_SAMPLES = 3
_PERSONAL = frozenset({"id_number", "household_phone", "person_phone", "work_phone", "collector_phone"})
_LONG_NUMBER = re.compile(r"(?<![\dA-Za-z])[\d*]{11,22}[Xx]?(?![\dA-Za-z])")


@dataclass(frozen=True)
class ColumnGuess:
    """One column of the file. `column` is "" where it will not be read; `suggestion` is then the nearest that might be.

    confidence  1 a known header or a person's choice, 0.9 known but for its unit or a number at its end, 0 not known
    """

    header: str
    column: str
    column_name: Text | None
    confidence: float
    samples: list[str]
    suggestion: str = ""


@dataclass(frozen=True)
class SheetInfo:
    """A sheet of the file: how many rows it has below its header, and as which list it will be read (None: not at all, see `problem`)."""

    name: str
    rows: int
    source: str
    source_name: Text | None
    problem: Text | None = None


@dataclass
class Preview:
    """The first list of the file; `sheets` tells of the others. `rows` have the cells of `columns`."""

    guessed_source: str
    source_name: Text | None
    sheets: list[SheetInfo]
    columns: list[ColumnGuess] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    mended: int = 0
    rejected: int = 0
    doubtful: int = 0
    choices: list[tuple[str, Text]] = field(default_factory=list)
    problem: Text | None = None
    misfit: Misfit | None = None


def preview(batch: Batch) -> Preview:
    """What will be read, from the first rows of each sheet. Raises FileGone."""
    sample = sampled(batch)
    heights = {id(sheet): height for sheet, height in sample}
    found, others = lists_of((sheet for sheet, _ in sample), batch)
    sheets = [
        SheetInfo(sheet.name, heights[id(sheet)] - one.header_at - 1, one.source.id, one.source.name)
        for sheet, one in found
    ]
    sheets += [SheetInfo(sheet.name, heights[id(sheet)], "", None, why.text) for sheet, why in others]
    if found:
        sheet, one = found[0]
        shown = Preview(one.source.id, one.source.name, sheets, choices=choices(one.source))
        shown.columns = _columns(sheet, one, batch)
        shown.misfit = misfit((sheet for sheet, _ in sample), batch)
        _read(shown, sheet, one, batch)
        return shown
    source = source_of(batch.source)
    shown = Preview(batch.source, source.name if source else None, sheets, choices=choices(source) if source else [])
    if others:
        sheet, why = others[0]
        shown.problem = why.text
        shown.columns = _unread(sheet, batch, source)
    return shown


def choices(source: Source) -> list[tuple[str, Text]]:
    """The columns that a header of the list may be assigned to."""
    named = {name: source.column(name) for name in source.headers}
    return [(name, Text(column.zh, column.en)) for name, column in named.items()]


def hidden(text: str, column: str = "") -> str:
    """A cell as it is shown: numbers of persons masked, in a column of theirs or anywhere else."""
    if column in _PERSONAL:
        return masked(text) if len(text) >= 15 else _short(text)
    return _LONG_NUMBER.sub(lambda found: _any_number(found[0]), text) if column in ("", "name") else text


def _any_number(number: str) -> str:
    if len(number) >= 15:
        return masked(number)
    return _short(number) if number.startswith(("1", "86")) else number


def _short(number: str) -> str:
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) > 7 else "*" * len(number)


def _columns(sheet: RawSheet, found: Recognised, batch: Batch) -> list[ColumnGuess]:
    at = {place: name for name, places in found.columns.items() for place in places}
    near = {one.header: one.suggestions for one in found.unknown}
    zh = {column.zh: name for name in found.source.headers if (column := found.source.column(name))}
    guesses = []
    for place, header in enumerate(found.header):
        name = at.get(place, "")
        column = found.source.column(name) if name else None
        exact = bool(name) and (header in batch.mapping or header.strip() in found.source.headers[name])
        suggestion = "" if name else next((zh[one] for one in near.get(header.strip(), ()) if one in zh), "")
        guesses.append(
            ColumnGuess(
                header, name, Text(column.zh, column.en) if column else None,
                (1.0 if exact else 0.9) if name else 0.0, _samples(sheet, place, found.header_at + 1, name), suggestion,
            )
        )  # fmt: skip
    return guesses


def _unread(sheet: RawSheet, batch: Batch, source: Source | None) -> list[ColumnGuess]:
    """The columns of a sheet that is no known list, so that a person can say what they are."""
    header = header_of(sheet)
    guesses = []
    for place, written in enumerate(header):
        name = batch.mapping.get(written, "")
        column = source.column(name) if source and name in source.headers else None
        text = Text(column.zh, column.en) if column else None
        guesses.append(
            ColumnGuess(written, name, text, 1.0 if column else 0.0, _samples(sheet, place, 1, name))
        )  # fmt: skip
    return guesses


def _samples(sheet: RawSheet, place: int, start: int, column: str) -> list[str]:
    cells = (hidden(cell.strip(), column) for cell in sheet.columns[place].slice(start).to_pylist() if cell)
    return list(dict.fromkeys(cells))[:_SAMPLES]


def _read(shown: Preview, sheet: RawSheet, found: Recognised, batch: Batch) -> None:
    """The first rows as they will be read, and what becomes of the sample."""
    opened = Opened(Path(batch.file_name), sheet, found, batch.sha256, 0)
    try:
        with cleaner() as connection:
            rows = clean_rows(connection, sheet, found, Notes(opened.reading(batch.as_of)))
            link = linker(batch, sheet, found)
            result = read_opened(connection, opened, link or Register.empty(), batch.as_of)
    except Problem as problem:
        shown.problem = problem.text
        return
    first = rows.slice(0, ROWS)
    columns: dict[str, list[Any]] = {name: first[name].to_pylist() for name in first.column_names}
    for at in range(first.num_rows):
        shown.rows.append([
            hidden(as_written(columns[one.column][at]), one.column) if one.column in columns else ""
            for one in shown.columns
        ])  # fmt: skip
    doubtful = link.doubtful if isinstance(link, Link) else {}
    shown.mended = sum(result.reading.mended.values())
    shown.doubtful = sum(row in doubtful for row, _, _ in result.rejected)
    shown.rejected = len(result.rejected) - shown.doubtful


def linker(batch: Batch, sheet: RawSheet, found: Recognised) -> Link | None:
    """How the list's people are found in the register; None for a list that brings its own."""
    if found.source.kind != "department" and "work_records" not in found.source.tables:
        return None
    return Link(sheet, found, batch.region_code, thresholds(batch.as_of, batch.region_code))
