"""The workbooks that village cadres get."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from khotail.report import write_village_workbooks
from khotail.rulebook import Rulebook
from tests.report.registers import OTHER_VILLAGE, VILLAGE, found, register, rulebook


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    return rulebook(tmp_path / "book")


def rows_of(path: Path, sheet: str) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def test_each_village_with_findings_gets_one_and_the_index_counts_them(tmp_path: Path, book: Rulebook) -> None:
    facts = register(("A", VILLAGE, 100), ("B", OTHER_VILLAGE, 9e9), ("C", OTHER_VILLAGE, 100))
    index, *villages = write_village_workbooks(tmp_path / "out", **found(facts, book))
    assert len(villages) == 2 and villages[0].name.startswith(VILLAGE)
    counted = {row[0]: row[3:7] for row in rows_of(index, "各村")[1:]}
    assert counted == {VILLAGE: (1, 1, 1, 1), OTHER_VILLAGE: (1, 1, 2, 2)}
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_a_row_says_who_what_why_and_how_to_mend_it(tmp_path: Path, book: Rulebook) -> None:
    _, village = write_village_workbooks(tmp_path, **found(register(("A", VILLAGE, 100)), book))
    header, row = rows_of(village, "数据问题")[:2]
    told = dict(zip(header, row, strict=True))
    assert told["户编号"] == "A" and told["户主"] == told["涉及成员"] == "张小芳"
    assert told["证件号码"] == "152221********1243"
    assert told["哪里不对"] == "张小芳（152221********1243）未填性别，民族 蒙古族"
    assert told["怎么改"] == "补填性别" and told["核实结果"] is None
    assert "性别: 未填" in str(told["所依据的数据"])


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, book: Rulebook) -> None:
    facts = register(("=1+1", VILLAGE, 100), name='=HYPERLINK("http://x")')
    _, village = write_village_workbooks(tmp_path, **found(facts, book))
    for sheet in openpyxl.load_workbook(village):
        for line in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n") and cell.hyperlink is None for cell in line)


def test_a_village_name_cannot_lead_out_of_the_folder(tmp_path: Path, book: Rulebook) -> None:
    facts = register(("A", VILLAGE, 100), village_name="../../" + "很长的村名" * 40 + ":*?")
    paths = write_village_workbooks(tmp_path / "out", **found(facts, book))
    assert all(path.parent == tmp_path / "out" and path.exists() for path in paths)


def test_english_sheets_for_english_readers(tmp_path: Path, book: Rulebook) -> None:
    _, village = write_village_workbooks(tmp_path, language="en", **found(register(("A", VILLAGE, 100)), book))
    assert openpyxl.load_workbook(village).sheetnames == ["Warnings", "Data problems"]
    assert rows_of(village, "Warnings")[1][6] == "100 CNY each, below 6,500 CNY"


def test_without_findings_there_is_an_index_alone(tmp_path: Path, book: Rulebook) -> None:
    facts = register(("A", VILLAGE, 9e9), sex="女")
    assert len(write_village_workbooks(tmp_path, **found(facts, book))) == 1


def test_only_what_was_run_becomes_a_sheet(tmp_path: Path, book: Rulebook) -> None:
    arguments = found(register(("A", VILLAGE, 100)), book) | {"audit": None}
    _, village = write_village_workbooks(tmp_path, **arguments)
    assert openpyxl.load_workbook(village).sheetnames == ["预警"]


def test_a_region_code_cannot_lead_out_of_the_folder(tmp_path: Path, book: Rulebook) -> None:
    _, village = write_village_workbooks(tmp_path / "out", **found(register(("A", "152221/../../../x", 100)), book))
    assert village.resolve().parent == (tmp_path / "out").resolve()
