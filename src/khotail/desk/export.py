"""Any list as an Excel workbook: `return export(request, rows, columns, "leads")` where the query string says export=xlsx.

Every cell is text or a number, never a formula or a link, whatever was typed into the field it comes from.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from khotail.accounts.roles import May
from khotail.files import TEXT_CELLS
from khotail.trail.chain import record

#: Rows below the header that one sheet of a workbook holds; what is more goes on in the next sheet.
ROWS_PER_SHEET = 1_048_575
#: Characters that one cell holds.
_LONGEST = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """A heading, and an attribute's dotted name or a function of the row; width in characters."""

    title: str | Promise
    value: str | Callable[[Any], Any]
    width: int = 16

    def of(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        for name in self.value.split("."):
            row = getattr(row, name, None)
        return row() if callable(row) else row


def is_asked(request: HttpRequest) -> bool:
    return request.GET.get("export") == "xlsx"


def export(request: HttpRequest, rows: Iterable[Any], columns: Sequence[Column], name: str) -> FileResponse:
    """The list as a download, with an event in the trail. Refuses who may not export.

    rows   the filtered list as the page shows it, without its pages; a queryset is read in chunks
    name   the list's name in the file's name and in the trail
    """
    officer = request.user
    if not officer.may(May.EXPORT):
        raise PermissionDenied
    now = timezone.now()
    file, count = as_workbook(rows, columns, name)
    record(officer, "list.exported", officer, at=now, list=name, rows=count)
    file_name = f"{name}-{officer.region_code}-{timezone.localdate(now):%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=file_name, content_type=XLSX)


def as_workbook(rows: Iterable[Any], columns: Sequence[Column], name: str) -> tuple[BinaryIO, int]:
    """Write the rows to a temporary file, a row at a time. Returns the file, at its start, and the number of rows."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True, **TEXT_CELLS})
    bold = workbook.add_format({"bold": True, "bottom": 1})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    count, sheet = 0, None
    for count, row in enumerate(_chunked(rows), start=1):
        place = (count - 1) % ROWS_PER_SHEET + 1
        if place == 1:
            sheet = _sheet(workbook, columns, bold)
        for column, value in enumerate(each.of(row) for each in columns):
            _write(sheet, place, column, value, day, moment)
    if sheet is None:
        _sheet(workbook, columns, bold)
    workbook.set_properties({"title": name})
    workbook.close()
    file.seek(0)
    return file, count


def _chunked(rows: Iterable[Any]) -> Iterable[Any]:
    return rows.iterator(chunk_size=2000) if isinstance(rows, QuerySet) else rows


def _sheet(workbook: xlsxwriter.Workbook, columns: Sequence[Column], bold: Any) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, str(column.title), bold)
    return sheet


def _write(sheet: Any, row: int, column: int, value: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, _("yes") if value else _("no"))
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, datetime):
        shown = timezone.make_naive(value) if timezone.is_aware(value) else value
        sheet.write_datetime(row, column, shown, moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)
    else:
        sheet.write_string(row, column, str(value)[:_LONGEST])
