"""What the sheets of a batch are: as a person said, else as their headers tell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from khotail.facts.problems import EmptyFile, UnknownFile, WrongSheet
from khotail.facts.reading.headers import LOOK_ROWS, Recognised, recognise
from khotail.facts.reading.raw import RawSheet
from khotail.facts.reading.sources import Source, normalised
from khotail.intake.models import Batch
from khotail.intake.problems import ColumnsMissing, UnknownList
from khotail.intake.sources import known_to, source_of
from khotail.problems import Problem


def header_of(sheet: RawSheet) -> list[str]:
    """The row that most likely is the header: the first of the fullest among the first rows, but no row of data."""
    head = [[(cell or "").strip() for cell in row] for row in sheet.head(LOOK_ROWS)]
    fullest = max((sum(map(bool, row)) for row in head), default=0)
    return next((row for row in head if fullest and sum(map(bool, row)) >= 0.7 * fullest), [])


def headers_digest(header: Iterable[str]) -> str:
    """By which files with the same headers, in whatever order, are known again."""
    plain = sorted(filter(None, map(normalised, header)))
    return hashlib.sha256("\x1f".join(plain).encode()).hexdigest()


def candidates(batch: Batch) -> list[Source]:
    """The sources that the batch's lists may be: what its sender may send, the chosen one first, as corrected."""
    found = []
    for source in known_to(batch.sent_by):
        corrected = source.corrected(
            {header: name for header, name in batch.mapping.items() if not name or name in source.headers}
            if source.id == batch.source else {},
            by_name=True,
        )  # fmt: skip
        found.insert(0, corrected) if source.id == batch.source else found.append(corrected)
    return found


def recognised(sheet: RawSheet, batch: Batch, sources: Sequence[Source]) -> Recognised:
    """What one sheet is: the chosen source where it fits, else the best. Raises UnknownList, ColumnsMissing, EmptyFile."""
    chosen = [source for source in sources if source.id == batch.source]
    problem: Problem | None = None
    for among in ([chosen] if chosen else []) + [list(sources)]:
        try:
            return recognise(sheet, batch.file_name, among)
        except WrongSheet as error:
            problem = problem or ColumnsMissing(
                file=batch.file_name, source=error.values["source"], source_en=error.values["source_en"],
                columns=error.values["missing"],
            )  # fmt: skip
        except UnknownFile:
            problem = problem or (missing_of(sheet, batch, chosen[0]) if chosen else None)
    raise problem or UnknownList(file=batch.file_name)


def missing_of(sheet: RawSheet, batch: Batch, source: Source) -> Problem:
    """What a sheet lacks to be the list that a person says it is."""
    written = set(map(normalised, header_of(sheet)))
    lacking = [
        source.column(need).zh for need in source.needs
        if not written & {normalised(header) for header in source.headers[need]}
    ]  # fmt: skip
    if not lacking:
        lacking = ["证件号码"]
    return ColumnsMissing(
        file=batch.file_name, source=source.name.zh, source_en=source.name.en, columns="、".join(lacking)
    )


def lists_of(
    sheets: Iterable[RawSheet], batch: Batch
) -> tuple[list[tuple[RawSheet, Recognised]], list[tuple[RawSheet, Problem]]]:
    """The sheets that are lists, registers before what refers to them, and those that are not, with why."""
    sources, found, others = candidates(batch), [], []
    for sheet in sheets:
        try:
            found.append((sheet, recognised(sheet, batch, sources)))
        except (UnknownList, ColumnsMissing, EmptyFile) as problem:
            others.append((sheet, problem))
    found.sort(key=lambda one: "persons" not in one[1].source.tables)
    return found, others


def must_be_known(sheets: Iterable[RawSheet], batch: Batch) -> list[tuple[RawSheet, Recognised]]:
    """The lists of a batch. Raises why the first sheet is none, if none is."""
    found, others = lists_of(sheets, batch)
    if not found:
        raise others[0][1] if others else UnknownList(file=batch.file_name)
    return found


@dataclass(frozen=True)
class Misfit:
    """A file that looks like another list than it was sent as.

    usable  whether it has the columns that the list it was sent as must have, so that a person may insist
    """

    sent_as: Source
    looks_like: Source
    usable: bool


def misfit(sheets: Iterable[RawSheet], batch: Batch) -> Misfit | None:
    """What the batch looks like, where none of its sheets looks like the list that it was sent as."""
    sources = candidates(batch)
    if not batch.source or sources[:1] != [one for one in sources if one.id == batch.source]:
        return None
    likely, usable = None, False
    for sheet in sheets:
        try:
            found = recognise(sheet, batch.file_name, sources).source
        except (WrongSheet, UnknownFile, EmptyFile):
            continue
        if found.id == batch.source:
            return None
        likely = likely or found
        usable = usable or _is_readable_as(sheet, batch, sources[0])
    return Misfit(sources[0], likely, usable) if likely else None


def _is_readable_as(sheet: RawSheet, batch: Batch, source: Source) -> bool:
    try:
        recognise(sheet, batch.file_name, [source])
    except (WrongSheet, UnknownFile, EmptyFile):
        return False
    return True


def name_of_source(identifier: str) -> str:
    source = source_of(identifier)
    return source.name.zh if source else identifier
