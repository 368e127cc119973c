"""Read a list of funds: which column is which, and what each cell means. Nothing is looked up here but names of places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.facts.problems import EmptyFile
from khotail.facts.reading.file import sheets_of
from khotail.funds.models import Fund, Project
from khotail.funds.problems import AmountUnitMissing, NoListInFile, TooManyRows
from khotail.register.models import Region
from khotail.texts import Text
from khotail.trail.scope import in_region

MOST = 2000
_MAX_BYTES = 64 << 20
_HEADER_WITHIN = 20
HEADERS: dict[str, tuple[str, ...]] = {
    "year": ("年度", "年份", "资金年度", "year"),
    "source": ("资金来源", "来源", "资金级次", "级次", "source"),
    "document": ("文号", "资金文号", "文件号", "下达文号", "document", "document number"),
    "task": ("用途", "资金用途", "任务方向", "支出方向", "任务", "task", "what it is for"),
    "on": ("日期", "到账日期", "下达日期", "拨付日期", "date"),
    "to": ("拨付到", "下达到", "分配到", "接收地区或项目", "to"),
    "own_document": ("拨付文号", "分配文号", "own document"),
}
_AMOUNT = ("金额", "资金金额", "下达金额", "拨付金额", "amount")
_UNITS = {"元": 1, "人民币元": 1, "万元": 10_000, "yuan": 1, "cny": 1, "10,000 yuan": 10_000, "10000 yuan": 10_000}
_SOURCES: dict[str, str] = {
    "中央": Fund.Source.CENTRAL, "中央财政": Fund.Source.CENTRAL, "国家": Fund.Source.CENTRAL,
    "自治区": Fund.Source.REGION, "省级": Fund.Source.REGION, "区级": Fund.Source.REGION,
    "盟市": Fund.Source.LEAGUE, "盟级": Fund.Source.LEAGUE, "市级": Fund.Source.LEAGUE, "盟": Fund.Source.LEAGUE,
    "旗县": Fund.Source.BANNER, "旗级": Fund.Source.BANNER, "县级": Fund.Source.BANNER, "本级": Fund.Source.BANNER,
    "东西部协作": Fund.Source.EAST_WEST, "京蒙协作": Fund.Source.EAST_WEST, "东西部": Fund.Source.EAST_WEST,
    "其他": Fund.Source.OTHER, "社会": Fund.Source.OTHER, "社会捐赠": Fund.Source.OTHER,
    **{value: value for value in Fund.Source.values},
}  # fmt: skip
_DAY = re.compile(r"(20\d{2})\D?(\d{1,2})\D?(\d{1,2})(?!\d)")
_SERIAL = (40_000, 60_000)  # days that Excel counts from 1900, of the years 2009 to 2064

_NO_YEAR = Text("年度“{cell}”不对", "“{cell}” is no year")
_NO_SOURCE = Text(
    "资金来源“{cell}”不认识：请填 中央、自治区、盟市、旗县、东西部协作 或 其他",
    "the source “{cell}” is unknown: write central, region, league, banner, east_west or other",
)
_NO_AMOUNT = Text("金额“{cell}”不是数字", "the amount “{cell}” is no number")
_NO_DAY = Text("日期“{cell}”不对，请写成 2026-03-01", "“{cell}” is no date; write 2026-03-01")
_DAY_NEEDED = Text(
    "拨付须写明日期：同一名单再次导入时据此识别", "an allocation needs its date: by it the same list is known again"
)
_NO_PLACE = Text(
    "“{cell}”既不是您地区内的地区名称或代码，也不是项目编号",
    "“{cell}” is neither a region within yours nor the number of a project",
)
_SEVERAL = Text("“{cell}”有 {count} 处同名，请填 12 位代码", "there are {count} places called “{cell}”; give the code")


class RefusedCell(Exception):
    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


@dataclass(frozen=True)
class Said:
    """One row as it was meant: money that came in, or with `region_code` or `project` money that is passed on."""

    source: str
    year: int
    document: str
    task: str
    amount: Decimal
    on: date
    region_code: str = ""
    project: Project | None = None
    own_document: str = ""

    @property
    def is_allocation(self) -> bool:
        return bool(self.region_code or self.project)


@dataclass(frozen=True)
class Listed:
    """The list of a file: its header, where each column is, what the amounts count in, and rows with their numbers."""

    header: list[str]
    columns: dict[str, int]
    unit: int
    rows: list[tuple[int, list[str]]]


def read(path: Path, file: str) -> Listed:
    """Find the list in a file. Raises NoListInFile, AmountUnitMissing, TooManyRows and what `sheets_of` raises."""
    try:
        sheets = list(sheets_of(path, _MAX_BYTES))
    except EmptyFile as error:
        raise NoListInFile(file=file) from error
    for sheet in sheets:
        rows = [[(cell or "").strip() for cell in cells] for cells in sheet.head(sheet.height)]
        numbers = sheet.rows.to_pylist()
        for at, cells in enumerate(rows[:_HEADER_WITHIN]):
            columns, unit = _columns(cells)
            if not {"year", "source", "document", "amount"} <= columns.keys():
                continue
            if unit is None:
                raise AmountUnitMissing(file=file)
            body = [(numbers[i], rows[i]) for i in range(at + 1, len(rows)) if any(rows[i])]
            if len(body) > MOST:
                raise TooManyRows(file=file, rows=len(body), most=MOST)
            return Listed(cells, columns, unit, body)
    raise NoListInFile(file=file)


def meant(cells: list[str], columns: dict[str, int], unit: int, by: Officer, today: date) -> Said:
    """What a row says. Raises RefusedCell."""
    values = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
    year = re.fullmatch(r"(20\d{2})(?:\.0)?(?:年度?)?", values["year"])
    if year is None:
        raise RefusedCell(_NO_YEAR.filled(cell=values["year"]))
    source = _SOURCES.get(values["source"].strip().lower().removesuffix("资金"))
    if source is None:
        raise RefusedCell(_NO_SOURCE.filled(cell=values["source"]))
    region_code, project = _target(values.get("to", ""), by)
    if (region_code or project) and not values.get("on"):
        raise RefusedCell(_DAY_NEEDED)
    return Said(
        source, int(year[1]), values["document"], values.get("task", ""), _amount(values["amount"], unit),
        _day(values.get("on", ""), today), region_code, project, values.get("own_document", ""),
    )  # fmt: skip


def _amount(cell: str, unit: int) -> Decimal:
    try:
        found = Decimal(re.sub(r"[,，\s]", "", cell)) * unit
    except InvalidOperation:
        raise RefusedCell(_NO_AMOUNT.filled(cell=cell)) from None
    # A workbook keeps 1234.1 as 1234.0999999999999: what is nearer to a cent than a hundredth of it is that cent.
    cents = found.quantize(Decimal("0.01")) if found.is_finite() and abs(found) < Decimal(10) ** 15 else found
    return cents if abs(cents - found) < Decimal("0.0001") else found


def _day(cell: str, today: date) -> date:
    if not cell:
        return today
    if re.fullmatch(r"\d{5}(\.0+)?", cell) and _SERIAL[0] < float(cell) < _SERIAL[1]:
        return date(1899, 12, 30) + timedelta(days=int(float(cell)))
    found = _DAY.match(cell)
    try:
        return date(*map(int, found.groups()))  # type: ignore[union-attr, arg-type]
    except (AttributeError, ValueError):
        raise RefusedCell(_NO_DAY.filled(cell=cell)) from None


def _target(cell: str, by: Officer) -> tuple[str, Project | None]:
    """The region or the project that gets it; neither for money that came in."""
    if not cell:
        return "", None
    project = Project.objects.visible_to(by).filter(number=cell).first()
    if project:
        return "", project
    inside = Region.objects.filter(in_region(by.region_code, "code"))
    plain = cell.removesuffix(".0")
    if plain.isdecimal() and plain.isascii():
        wanted = _significant(plain)
        code = wanted if inside.filter(code=wanted).exists() else ""
    else:
        found = list(inside.filter(name=re.split(r"[ ›/]", cell)[-1]).values_list("code", flat=True)[:3])
        if len(found) > 1:
            raise RefusedCell(_SEVERAL.filled(cell=cell, count=len(found)))
        code = found[0] if found else ""
    if not code:
        raise RefusedCell(_NO_PLACE.filled(cell=cell))
    return code, None


def _significant(code: str) -> str:
    """A 12-digit code without the zeros that only pad it; any other as it is."""
    if len(code) != max(LEVEL_OF_DIGITS):
        return code
    return next(code[:digits] for digits in sorted(LEVEL_OF_DIGITS) if not code[digits:].strip("0"))


def _columns(cells: list[str]) -> tuple[dict[str, int], int | None]:
    """Column names and where they are; what the amounts are counted in, None if the heading does not say."""
    known = {header: name for name, headers in HEADERS.items() for header in headers}
    found: dict[str, int] = {}
    unit = None
    for at, cell in enumerate(cells):
        plain = re.sub(r"[*＊]", "", cell).strip().lower()
        name, bracket = re.fullmatch(r"([^(（]*)(?:[(（](.*?)[)）])?.*", plain, re.DOTALL).groups()  # type: ignore[union-attr]
        if name.strip() in _AMOUNT and "amount" not in found:
            found["amount"], unit = at, _UNITS.get((bracket or "").removeprefix("单位").strip("：: "))
        elif (meaning := known.get(name.strip())) and meaning not in found:
            found[meaning] = at
    return found, unit
