"""Findings as files: whole or absent, text as text, every finding in words."""

from __future__ import annotations

import csv
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from khotail.engine import Findings, check_format, screen, write_findings
from khotail.engine import output as outputs
from khotail.engine.problems import UnknownFormat
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook
from tests.rulebook.books import SIGNALS, write_book

DAY = date(2022, 6, 1)
HOSTILE = ("=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "＝1+1", "\t=1", "<script>", "https://a.example/", "1" * 40_000)


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    return found(tmp_path, "A", "B")


def found(folder: Path, *households: str) -> Findings:
    facts = Facts.of(
        households=pa.table(
            {
                "household_id": pa.array(households, pa.string()),
                "region_code": pa.array(["152221100200"] * len(households), pa.string()),
                "wage_income_cny": pa.array([1.0] * len(households), pa.float64()),
            }
        ),
        persons=pa.table(
            {"household_id": pa.array(households, pa.string()), "person_id": pa.array(households, pa.string())}
        ),
    )
    return screen(facts, load_rulebook(write_book(folder / "book")), as_of=DAY)


def rows_of(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    book = openpyxl.load_workbook(path, read_only=True)
    return [[str(cell or "") for cell in row] for sheet in book for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_each_finding_is_a_row_in_words(tmp_path: Path, findings: Findings, suffix: str) -> None:
    header, *rows = rows_of(write_findings(findings, tmp_path / f"found{suffix}", "en"))
    assert header[0] == "region code"
    assert [row[2] for row in rows] == ["A", "B"]
    assert "1 CNY each, below 6,500 CNY" in rows[0]
    assert any("Low income" in cell for cell in rows[0])
    header, *rows = rows_of(write_findings(findings, tmp_path / f"发现{suffix}", "zh"))
    assert header[2] == "户编号"
    assert "人均 1 元，低于 6,500 元" in rows[0]


def test_parquet_keeps_the_values(tmp_path: Path, findings: Findings) -> None:
    table = pq.read_table(write_findings(findings, tmp_path / "it's.parquet"))
    assert table.num_rows == 2
    assert dict(table.column("values").to_pylist()[0])["income_each"] == "1.0"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_no_finding_is_a_file_with_a_header(tmp_path: Path, suffix: str) -> None:
    path = write_findings(found(tmp_path), tmp_path / f"none{suffix}")
    assert pq.read_table(path).num_rows == 0 if suffix == ".parquet" else len(rows_of(path)) == 1


@pytest.mark.parametrize("cell", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_a_cell_becomes_a_formula_or_a_link(tmp_path: Path, cell: str) -> None:
    findings = found(tmp_path, cell)
    (_, row) = rows_of(write_findings(findings, tmp_path / "found.csv"))
    assert not row[2].startswith(outputs._FORMULA_STARTS)
    assert row[2].lstrip("'").startswith(cell[:3].lstrip("'"))
    book = openpyxl.load_workbook(write_findings(findings, tmp_path / "found.xlsx"))
    written = book.worksheets[0]["C2"]
    assert (written.data_type, written.hyperlink) == ("s", None)
    assert str(written.value).startswith(cell[:3])


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path, findings: Findings) -> None:
    for name in ("found.pdf", "found", ".csv", "found.csv.gz"):
        with pytest.raises(UnknownFormat):
            check_format(tmp_path / name)
        with pytest.raises(UnknownFormat):
            write_findings(findings, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["book"]
    check_format(tmp_path / "FOUND.XLSX")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_interruption_leaves_the_older_file_and_no_scratch(
    tmp_path: Path, findings: Findings, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, scratch = tmp_path / f"found{suffix}", tmp_path / "scratch"
    path.write_text("older", encoding="utf-8")
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    def interrupted(*given: object, masked: bool) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Findings, "texts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_findings(findings, path)
    assert path.read_text(encoding="utf-8") == "older"
    assert sorted(left.name for left in tmp_path.iterdir()) == ["book", path.name, "scratch"]
    assert list(scratch.iterdir()) == []


def test_more_findings_than_a_sheet_holds_go_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "_SHEET_ROWS", 2)
    path = write_findings(found(tmp_path, *"ABCDE"), tmp_path / "found.xlsx")
    sheets = openpyxl.load_workbook(path).worksheets
    assert [sheet.max_row - 1 for sheet in sheets] == [2, 2, 1]


def test_a_rule_that_cannot_read_a_value_is_skipped_and_named(tmp_path: Path) -> None:
    breaks = SIGNALS.replace("low-income", "breaks")
    breaks = breaks.replace("income_each < :income_line", "CAST(household_id AS INTEGER) > 1")
    book = load_rulebook(write_book(tmp_path / "casts", signals=SIGNALS + breaks))
    findings = screen(found(tmp_path, "A").facts, book, as_of=DAY)
    assert [skip.rule_id for skip in findings.skipped] == ["breaks"]
    assert findings.count() == 1
