"""Lists of people as workbooks. Every cell is text: nothing that somebody typed becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO

import xlsxwriter

from khotail.accounts.actions import Created
from khotail.accounts.importing import Preview
from khotail.accounts.models import Officer
from khotail.accounts.queries import people, require
from khotail.accounts.roles import ROLE_NAMES, May
from khotail.facts.regions import Regions
from khotail.files import TEXT_CELLS
from khotail.trail.chain import record

_HEADER = ("姓名", "角色", "地区代码", "地区", "部门", "电话", "登录名")
_STATE = "可登录"


def export_people(by: Officer, *, now: datetime, **filters: str) -> bytes:
    """The people of `queries.people` as a workbook that `importing` reads back. Raises NotAllowed."""
    require(by, May.EXPORT)
    regions = Regions.load()
    rows = [
        [
            officer.full_name, ROLE_NAMES[officer.role].zh, officer.region_code, regions.full_name(officer.region_code),
            officer.department, officer.phone, officer.username, "是" if officer.is_active else "否",
        ]
        for officer in people(by, **filters)
    ]  # fmt: skip
    record(by, "people.exported", by, at=now, rows=len(rows))
    return workbook((*_HEADER, _STATE), rows)


def first_passwords(created: Iterable[Created]) -> bytes:
    """Names, sign-in names and first passwords, to be handed out; made once and not kept."""
    rows = [
        [one.officer.full_name, one.officer.region_code, one.officer.username, one.first_password] for one in created
    ]
    return workbook(("姓名", "地区代码", "登录名", "初始密码（首次登录时更改）"), rows)


def rejects(waiting: Preview) -> bytes:
    """The rows that were refused, as the file had them, with the reasons: mended, it can be sent as it is."""
    width = max([len(waiting.header), *(len(one.cells) for one in waiting.rejects)])
    header = [*waiting.header, *[""] * (width - len(waiting.header)), "行号", "原因", "Reason"]
    rows = [[*one.cells, *[""] * (width - len(one.cells)), str(one.row), one.zh, one.en] for one in waiting.rejects]
    return workbook(header, rows)


def example() -> bytes:
    """An empty list with the headers that are understood and two invented rows."""
    rows = [
        ["张三", "村干部", "152221100200", "", "", "13800000000", ""],
        ["李四", "部门工作人员", "152221", "", "medical_insurance", "", "lisi"],
    ]
    return workbook(_HEADER, rows)


def workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet of text cells under a bold header."""
    content = BytesIO()
    options = {"in_memory": True, **TEXT_CELLS}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header), 18)
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    return content.getvalue()
