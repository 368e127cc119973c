"""Finding the header row under title rows, and which column each header means.

Headers are compared after NFKC, without spaces, line breaks and punctuation. A bracketed unit may differ or be left out
(`住房面积（㎡）`); a unit of another size is converted (`万元` in a column that counts yuan).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from khotail.facts.problems import EmptyFile, UnknownFile, WrongSheet
from khotail.facts.reading.raw import RawSheet
from khotail.facts.reading.sources import Source, normalised

LOOK_ROWS = 30
#: What is searched for a day and a banner's name; a cell may hold 32,000 characters.
TITLE_CHARACTERS = 500
_BRACKETS = re.compile(r"[(\[{【〔<].*?[)\]}】〕>]")

#: how many of a column's own unit one of the written unit is
UNITS: dict[str, dict[str, float]] = {
    "CNY": {"元": 1, "千元": 1e3, "万元": 1e4, "万": 1e4},
    "10,000 CNY": {"元": 1e-4, "千元": 0.1, "万元": 1, "万": 1},
    "mu": {"亩": 1, "公顷": 15, "平方米": 0.0015, "m2": 0.0015},
    "m²": {"平方米": 1, "平米": 1, "m2": 1, "m²": 1, "㎡": 1, "平": 1, "亩": 666.67},
    "km": {"公里": 1, "千米": 1, "km": 1, "米": 1e-3, "m": 1e-3, "里": 0.5},
    "minutes": {"分钟": 1, "分": 1, "小时": 60},
    "%": {"%": 1},
    "months": {"月": 1, "个月": 1, "年": 12},
    "litres per person and day": {"升": 1, "l": 1},
}


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    header: str
    suggestions: tuple[str, ...]


@dataclass(slots=True)
class Recognised:
    """What a sheet is.

    header_at  position of the header row, from 0
    columns    column name → positions of the sheet's columns that hold it
    scales     column name → factor from the header's unit to the column's
    titles     the text above the header
    """

    source: Source
    header_at: int
    header: list[str]
    columns: dict[str, list[int]]
    scales: dict[str, float]
    unknown: list[UnknownHeader] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    titles: str = ""


def recognise(sheet: RawSheet, file: str, sources: Sequence[Source]) -> Recognised:
    """The source whose headers fit best. Raises EmptyFile, WrongSheet, UnknownFile."""
    head = sheet.head(LOOK_ROWS)
    if not any(cell and cell.strip() for row in head for cell in row):
        raise EmptyFile(file=file)
    rows = [[normalised(cell or "") for cell in row] for row in head]
    best: tuple[float, Recognised] | None = None
    near: tuple[float, Source, list[str]] | None = None
    for source in sources:
        index = _index(source)
        counts = [sum(cell in index.exact or cell in index.ignored for cell in row) for row in rows]
        at = counts.index(max(counts))
        if counts[at] == 0:
            continue
        while at + 1 < len(rows) and rows[at + 1] == rows[at]:
            at += 1  # cells merged over two header rows were filled down
        titles = " ".join(dict.fromkeys(cell.strip() for row in head[:at] for cell in row if cell and cell.strip()))
        titles = titles[:TITLE_CHARACTERS]
        found = _matched(source, index, at, [cell or "" for cell in head[at]], titles)
        named = _named(source, file, sheet.name, titles)
        lacking = [need for need in source.needs if need not in found.columns]
        filled = sum(bool(cell) for cell in rows[at])
        score = len(found.columns) + named * 3 - 2 * len(found.unknown) / max(filled, 1)
        if lacking or (source.kind == "department" and not _linked(found)):
            if named and len(found.columns) > 1 and (near is None or score > near[0]):
                near = (score, source, [source.column(need).zh for need in lacking] or ["证件号码"])
        elif best is None or score > best[0]:
            best = (score, found)
    if best is not None:
        return _with_suggestions(best[1])
    if near is not None:
        missing = "、".join(near[2])
        raise WrongSheet(
            file=file, sheet=sheet.name, source=near[1].name.zh, source_en=near[1].name.en, missing=missing
        )
    fullest = max(head, key=lambda row: sum(bool(cell) for cell in row))
    if any(re.search(r"\d{6}", cell or "") for cell in fullest):
        # Such a row is about people; a message must not quote it.
        raise UnknownFile(file=file, detail="看不到表头行", detail_en="it has no header row")
    seen = "、".join(cell for cell in fullest if cell)[:60]
    raise UnknownFile(file=file, detail=f"看到的列是 {seen}", detail_en=f"its columns are {seen}")


def _without_unit(header: str) -> str:
    return normalised(_BRACKETS.sub("", unicodedata.normalize("NFKC", header)))


class _Index:
    """Headers of one source, as written and without their units."""

    def __init__(self, source: Source) -> None:
        self.exact: dict[str, str] = {}
        bare: dict[str, set[str]] = {}
        for place in range(max(len(headers) for headers in source.headers.values())):
            # The register's own headers win over other names, and those in the order of declaration.
            for column, headers in source.headers.items():
                if place < len(headers):
                    self.exact.setdefault(normalised(headers[place]), column)
                    bare.setdefault(_without_unit(headers[place]), set()).add(column)
        self.bare = {header: next(iter(columns)) for header, columns in bare.items() if len(columns) == 1}
        self.ignored = {normalised(header) for header in source.ignored} - set(self.exact)

    def find(self, header: str) -> str | None:
        plain = normalised(header)
        if plain in self.exact:
            return self.exact[plain]
        if plain in self.ignored:
            return None
        # Some programs tell equal headers apart by a number at the end.
        for candidate in (_without_unit(header), re.sub(r"\d{1,2}$", "", plain)):
            if candidate and candidate != plain and candidate in self.exact and candidate in self.bare:
                return self.exact[candidate]
            if candidate in self.bare:
                return self.bare[candidate]
        return None


_indexes: dict[str, tuple[Source, _Index]] = {}


def _index(source: Source) -> _Index:
    """The index of a source, built once."""
    if source.id not in _indexes or _indexes[source.id][0] is not source:
        _indexes[source.id] = (source, _Index(source))
    return _indexes[source.id][1]


def _with_suggestions(found: Recognised) -> Recognised:
    written = {normalised(headers[0]): headers[0] for headers in found.source.headers.values() if headers}
    for at, unknown in enumerate(found.unknown):
        close = difflib.get_close_matches(normalised(unknown.header), list(written), 3, 0.6)
        found.unknown[at] = UnknownHeader(unknown.header, tuple(written[one] for one in close))
    return found


def _matched(source: Source, index: _Index, at: int, header: list[str], titles: str) -> Recognised:
    found = Recognised(source, at, header, {}, {}, titles=titles)
    ignored_first = {normalised(name) for name in source.ignored}
    for position, written in enumerate(header):
        plain = normalised(written)
        if not plain:
            continue
        column = None if plain in ignored_first else index.find(written)
        if column is None:
            if plain not in ignored_first:
                found.unknown.append(UnknownHeader(written.strip(), ()))
            continue
        found.columns.setdefault(column, []).append(position)
        scale = _scale(written, source.column(column).unit)
        if scale != 1:
            found.scales[column] = scale
    found.missing = [source.column(name).zh for name in source.expected if name not in found.columns]
    return found


def _scale(header: str, unit: str) -> float:
    group = next((UNITS[key] for key in (unit, unit.split(" per ")[0]) if key in UNITS), None)
    brackets = re.findall(r"[(\[【〔](.*?)[)\]】〕]", unicodedata.normalize("NFKC", header))
    if group is None or not brackets:
        return 1
    return next((group[text.strip().lower()] for text in brackets if text.strip().lower() in group), 1)


def _named(source: Source, file: str, sheet: str, titles: str) -> int:
    """2 when the source's first title or its name is named, 1 for another of its titles, else 0."""
    words = f"{sheet} {titles} {file}"
    if not any(title in words for title in source.titles):
        return 0
    return 2 if source.titles[0] in words or source.name.zh in words else 1


def _linked(found: Recognised) -> bool:
    links = ("id_number", "person_id", "household_id", *(("name",) if found.source.by_name else ()))
    return any(name in found.columns for name in links)
