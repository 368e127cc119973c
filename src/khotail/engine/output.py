"""Findings as files: Parquet with the values as they are, CSV and Excel with each finding in words."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from khotail.engine.findings import Findings
from khotail.engine.problems import UnknownFormat
from khotail.facts.regions import Regions
from khotail.facts.sql import quoted
from khotail.files import TEXT_CELLS, written_whole
from khotail.rulebook.model import CAUSES, SEVERITIES
from khotail.texts import Language, Text

_SHEET_ROWS = 1_000_000
_OPTIONS = {"constant_memory": True, **TEXT_CELLS}
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
#: Excel takes 32,767 characters; a longer cell would be left out without a word.
_CELL_LIMIT = 32_000

_HEADERS = (
    Text("行政区划代码", "region code"),
    Text("地点", "place"),
    Text("户编号", "household"),
    Text("人编号", "person"),
    Text("规则", "rule"),
    Text("规则名称", "rule name"),
    Text("类别", "severity"),
    Text("原因", "cause"),
    Text("发现", "finding"),
    Text("怎么办", "what to do"),
)


def write_findings(findings: Findings, path: Path, language: Language = "zh", *, unmasked: bool = False) -> Path:
    """Write findings to `path` by its suffix (.parquet, .csv or .xlsx), whole or not at all.

    unmasked  with the ID, phone and bank numbers that findings quote, which are hidden otherwise
    Raises UnknownFormat for another suffix, and OSError where the file cannot be written.
    """
    check_format(path)
    with written_whole(path) as unfinished:
        _WRITERS[path.suffix.lower()](findings, unfinished, language, unmasked)
    return path


def check_format(path: Path) -> None:
    """Raise UnknownFormat if findings cannot be written under this name."""
    if path.suffix.lower() not in _WRITERS:
        raise UnknownFormat(file=path.name)


def _write_parquet(findings: Findings, path: Path, language: Language, unmasked: bool) -> None:
    rows = findings.table if unmasked else f"({findings.masked_sql()})"
    findings.facts.connection.execute(f"COPY {rows} TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd)")


def _write_lines(findings: Findings, path: Path, language: Language, unmasked: bool) -> None:
    write_rows(path, [header.in_language(language) for header in _HEADERS], _rows(findings, language, unmasked))


def write_rows(path: Path, headers: list[str], rows: Iterable[list[str]]) -> None:
    """Write rows of text as CSV or Excel, by the suffix of `path`. The last two columns are sentences."""
    if path.suffix.lower() == ".csv":
        _write_csv(path, headers, rows)
    else:
        _write_excel(path, headers, rows)


def _write_csv(path: Path, headers: list[str], rows: Iterable[list[str]]) -> None:
    # The byte order mark is what makes Excel read the file as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        for row in rows:
            writer.writerow("'" + cell if cell.startswith(_FORMULA_STARTS) else cell for cell in row)


def _write_excel(path: Path, headers: list[str], rows: Iterable[list[str]]) -> None:
    # Slow to import, and a run that writes no workbook does not need it.
    import xlsxwriter

    # Rows wait in a scratch file of the writer's. It would outlive a full disk or Ctrl-C, with people's data in it.
    with (
        tempfile.TemporaryDirectory(prefix="khotail-") as scratch,
        xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": scratch}) as workbook,
    ):
        bold = workbook.add_format({"bold": True})
        for sheet_number, share in enumerate(_shares(rows), start=1):
            sheet = workbook.add_worksheet(f"{sheet_number}")
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(headers) - 3, 16)
            sheet.set_column(len(headers) - 2, len(headers) - 1, 60)
            for column, header in enumerate(headers):
                sheet.write_string(0, column, header, bold)
            for number, row in enumerate(share, start=1):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell[:_CELL_LIMIT])


def _rows(findings: Findings, language: Language, unmasked: bool) -> Iterator[list[str]]:
    regions = Regions.load()
    for found in findings.texts(language, masked=not unmasked):
        rule = findings.rulebook.rules[found["rule_id"]]
        cause = CAUSES[found["cause"]].in_language(language) if found["cause"] else ""
        region = found["region_code"] or ""
        yield [
            region,
            regions.full_name(region) or "",
            found["household_id"] or "",
            found["person_id"] or "",
            rule.id,
            rule.name.in_language(language),
            SEVERITIES[rule.kind][rule.severity].in_language(language),
            cause,
            found["text"],
            found["mend"],
        ]


def _shares(rows: Iterable[list[str]]) -> Iterator[Iterable[list[str]]]:
    """Rows in shares that fit a sheet; one empty share where there is no row."""
    iterator = iter(rows)
    first = True
    while True:
        share = list(islice(iterator, _SHEET_ROWS))
        if not share and not first:
            return
        first = False
        yield share


_WRITERS = {".parquet": _write_parquet, ".csv": _write_lines, ".xlsx": _write_lines}
