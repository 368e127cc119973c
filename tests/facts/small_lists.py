"""Small lists as they come, written to files for the tests of reading."""

from __future__ import annotations

import csv
from pathlib import Path

import xlsxwriter

from khotail.facts import identity

HEADER = [
    "县(市、区、旗)", "乡(镇)", "行政村", "户编号", "人编号", "姓名", "证件号码", "与户主关系", "户类型", "监测对象类别",
    "致贫/返贫风险1", "劳动技能", "健康状况", "人数", "工资性收入", "是否解决安全饮用水", "识别监测时间", "户联系电话",
]  # fmt: skip


def id_number(sequence: int, born: str = "19900101", region: str = "152221") -> str:
    """A number that is right by GB 11643 and belongs to nobody the tests know."""
    first_17 = f"{region}{born}{sequence:03d}"
    return first_17 + identity.check_character(first_17)


def member(household: int, number: int, **cells: str | None) -> dict[str, str | None]:
    row: dict[str, str | None] = {
        "县(市、区、旗)": "科尔沁右翼前旗", "乡(镇)": "科尔沁镇", "行政村": "远征村", "户编号": f"15222100{household:04d}",
        "人编号": f"15222100{household:04d}{number:02d}", "姓名": f"示例{household}{number}",
        "证件号码": id_number(household * 10 + number), "与户主关系": "户主" if number == 1 else "之子", "户类型": "脱贫户",
        "监测对象类别": "脱贫不稳定户", "致贫/返贫风险1": "因病", "劳动技能": "普通劳动力", "健康状况": "健康", "人数": "2",
        "工资性收入": "12000", "是否解决安全饮用水": "是", "识别监测时间": "202210", "户联系电话": "13800000000",
    }  # fmt: skip
    return row | cells


def family(households: int = 3) -> list[dict[str, str | None]]:
    return [member(household, number) for household in range(1, households + 1) for number in (1, 2)]


def workbook(path: Path, rows: list[dict[str, str | None]], header: list[str] | None = None, titles: tuple[str, ...] = ("监测对象信息表", "截至2025年10月31日"), sheet: str = "监测对象信息") -> Path:  # fmt: skip
    header = header or HEADER
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        for at, title in enumerate(titles):
            page.write_string(at, 0, title)
        for number, row in enumerate([dict(zip(header, header, strict=True)), *rows], len(titles)):
            for at, name in enumerate(header):
                if (cell := row.get(name)) is not None:
                    page.write_string(number, at, cell)
    return path


def delimited(path: Path, rows: list[dict[str, str | None]], header: list[str] | None = None, encoding: str = "utf-8-sig") -> Path:  # fmt: skip
    header = header or HEADER
    with path.open("w", encoding=encoding, newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows([row.get(name) or "" for name in header] for row in rows)
    return path


def table(facts, name: str, *columns: str, by: str = "ALL") -> list[tuple]:
    return facts.connection.sql(f"SELECT {', '.join(columns)} FROM {name} ORDER BY {by}").fetchall()
