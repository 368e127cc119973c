"""What a stranger typed into a cell is shown as text everywhere: terminal, CSV, workbook, report."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.cli.calling import called
from tests.facts.small_lists import family, member, workbook

CELLS = {
    "formula": "=cmd|'/c calc'!A1",
    "sum": "@SUM(1+1)",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "closing tag": "</script><script>alert(2)</script>",
    "markup": "[/red][bold]x[/]",
    "template": "{{ 7*7 }}{% raw %}{name}",
    "escape": "\x1b[31mred",
    "quotes": "'; DROP TABLE households; --",
}
TEXTS = ("姓名", "行政村", "户类型", "健康状况", "监测对象类别", "户联系电话", "劳动技能", "与户主关系")


def test_text_stays_text_all_the_way(tmp_path: Path) -> None:
    rows = family(1)
    for at, cell in enumerate(CELLS.values(), start=10):
        rows.append(member(at, 1, **dict.fromkeys(TEXTS, cell)))
        rows.append(member(at + 50, 1, 姓名=cell, 户编号=f"{cell}{at}", 人编号=f"{cell}{at}01"))
    facts, made = tmp_path / "facts", tmp_path / "made"
    assert called("import", workbook(tmp_path / "监测对象信息.xlsx", rows), "--to", facts).code in (0, 1)
    assert called("inspect", tmp_path / "监测对象信息.xlsx").code == 0
    common = ("--facts", facts, "--as-of", "2025-10-31")
    report = called("report", *common, "--out", made / "report.html", "--workbooks", made / "villages")
    assert report.code == 0
    found = called("audit", *common, "--out", made / "audit.csv", "--out", made / "audit.xlsx")
    assert found.code == 0
    for path in (*made.rglob("*.xlsx"), *facts.rglob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        assert not [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"], (
            path.name
        )
    page = (made / "report.html").read_text(encoding="utf-8")
    for tag in ("<script>alert(1)", "<script>alert(2)", "<img src=x"):
        assert tag not in page
    for line in (made / "audit.csv").read_text(encoding="utf-8-sig").splitlines():
        assert not line.startswith(("=", "@", "+")) and ",=" not in line and ",@" not in line


def test_a_household_number_with_brackets_can_be_explained(tmp_path: Path) -> None:
    rows = [member(1, 1, 户编号="[/red]15", 人编号="[/red]1501")]
    facts = tmp_path / "facts"
    called("import", workbook(tmp_path / "监测对象信息.xlsx", rows), "--to", facts)
    answer = called("explain", "[/red]15", "--facts", facts, "--as-of", "2025-10-31")
    assert answer.code == 0
    assert "[/red]15" in answer.out
