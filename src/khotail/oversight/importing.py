"""Policies from a workbook: each row is entered, found to be there already, or refused with a sentence.

The same workbook twice changes nothing. A parent is named by its title and may stand anywhere in the same list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import LEVEL_NAMES, May
from khotail.facts.problems import EmptyFile
from khotail.facts.reading.file import sheets_of
from khotail.oversight.catalogue import catalogue
from khotail.oversight.models import Policy
from khotail.oversight.policies import NAMES, Entry, add_policy, checked
from khotail.oversight.problems import NoPolicyList, TooManyRows
from khotail.oversight.words import place
from khotail.problems import Problem
from khotail.screening.rulebook import current
from khotail.texts import Text

MOST = 2000
_MAX_BYTES = 32 << 20
_HEADER_WITHIN = 20
#: Days of Excel count from here.
_EXCEL_DAY_0 = date(1899, 12, 30)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+00:00:00)?")

HEADERS: dict[str, tuple[str, ...]] = {
    "title": ("政策名称", "标题", "文件名称", "title"),
    "number": ("文号", "发文字号", "document number", "number"),
    "field": ("领域", "field"),
    "level": ("发布层级", "层级", "issued by", "level"),
    "parent": ("上位政策", "parent", "parent policy"),
    "parent_clause": ("上位条款", "clause of the parent"),
    "issued_on": ("发布日期", "issued on"),
    "starts_on": ("施行日期", "开始日期", "starts on", "in force from"),
    "ends_on": ("截止日期", "结束日期", "ends on", "in force until"),
    "population": ("对象人群", "对象", "target population"),
    "beneficiaries": ("受益户数", "households that benefit", "beneficiaries"),
    "money_cny_year": ("年资金", "年资金（元）", "年资金(元)", "money a year", "money a year (cny)"),
    "body": ("责任部门", "责任单位", "responsible body"),
    "programme": ("规则库项目", "项目编号", "programme", "programme in the rulebook"),
    "place": ("乡村振兴目录位置", "目录位置", "place in the revitalisation catalogue", "place"),
    "note": ("备注", "note"),
}
_FIELDS: dict[str, str] = {
    "产业": "industry", "就业": "employment", "教育": "education", "医疗": "health", "健康": "health", "住房": "housing",
    "饮水": "water", "兜底保障": "income", "收入保障": "income", "金融保险": "finance", "金融": "finance", "保险": "finance",
    "基础设施": "infrastructure", "生态": "ecology", "易地搬迁": "relocation", "监测": "monitoring", "监测预警": "monitoring",
    "考核监督": "supervision", "督查考核": "supervision", "其他": "other",
}  # fmt: skip
_LEVELS: dict[str, str] = {
    "国家": "nation", "中央": "nation", "省": "province", "市": "league", "县": "banner", "乡镇": "township",
    **{name: level for level, text in LEVEL_NAMES.items() if level != "village" for name in (text.zh, text.en)},
}  # fmt: skip
_BAD_DAY = Text("“{what_zh}”不是日期：{cell}", "“{what_en}” is not a day: {cell}")
_NO_PARENT = Text("没有名为《{title}》的上位政策", "there is no parent policy “{title}”")
_DAYS = {
    "issued_on": Text("发布日期", "issued on"),
    "starts_on": Text("施行日期", "starts on"),
    "ends_on": Text("截止日期", "ends on"),
}


@dataclass(frozen=True)
class Refused:
    """A row that was not taken; `row` counts as the file does, from 1."""

    row: int
    title: str
    why: Text


@dataclass
class Taken:
    file: str
    added: list[Policy] = field(default_factory=list)
    there: int = 0
    refused: list[Refused] = field(default_factory=list)


@transaction.atomic
def take_list(path: Path, file: str, region_code: str, *, by: Officer, now: datetime) -> Taken:
    """Enter the policies of a list (.xlsx, .xls, .csv).

    file  the name under which it was sent
    Raises NotAllowed, UnknownPlace, NoPolicyList, TooManyRows and what `khotail.facts.reading.file.sheets_of` raises.
    """
    if not by.may(May.KEEP_POLICIES):
        raise NotAllowed
    place(region_code, by)
    taken = Taken(file)
    waiting: list[tuple[int, dict[str, str]]] = []
    for number, cells in _rows(path, file):
        if not cells.get("parent"):
            _take(number, cells, None, taken, region_code, by, now)
        else:
            waiting.append((number, cells))
    while waiting:  # those whose parent stands now, until none is left that has one
        left = []
        for number, cells in waiting:
            parent = _parent(cells["parent"], by)
            if parent is None:
                left.append((number, cells))
            else:
                _take(number, cells, parent, taken, region_code, by, now)
        if len(left) == len(waiting):
            taken.refused += [
                Refused(number, cells.get("title", ""), _NO_PARENT.filled(title=cells["parent"][:200]))
                for number, cells in left
            ]
            break
        waiting = left
    taken.refused.sort(key=lambda each: each.row)
    return taken


def _take(
    number: int, cells: dict[str, str], parent: Policy | None, taken: Taken, region_code: str, by: Officer, now: datetime
) -> None:  # fmt: skip
    try:
        entry = checked(_entry(cells, parent))
        there = Policy.objects.filter(region_code=region_code, title=entry.title, number=entry.number)
        if there.exists():
            taken.there += 1
            return
        taken.added.append(add_policy(entry, region_code, by=by, now=now))
    except _Unread as unread:
        taken.refused.append(Refused(number, cells.get("title", ""), unread.why))
    except Problem as problem:
        taken.refused.append(Refused(number, cells.get("title", ""), problem.text))


def _entry(cells: dict[str, str], parent: Policy | None) -> Entry:
    values = {name: cells.get(name, "") for name in HEADERS if name not in ("parent", *_DAYS)}
    entry = Entry(**values, parent=parent, **{name: _day(cells.get(name, ""), what) for name, what in _DAYS.items()})
    return replace(
        entry,
        field=_named(entry.field, {**_labels(Policy.Field.choices), **_FIELDS}),
        level=_named(entry.level, {**_labels(Policy.Level.choices), **_LEVELS}),
        programme=_named(entry.programme, _texts({id_: each.name for id_, each in current().programmes.items()})),
        place=_named(entry.place, _texts({id_: each.name for id_, each in catalogue().items()})),
        beneficiaries=str(entry.beneficiaries).removesuffix(".0"),
    )


def _parent(title: str, by: Officer) -> Policy | None:
    return Policy.objects.visible_to(by).filter(title=title).order_by("id").first()


def _day(cell: str, what: Text) -> date | None:
    if not cell:
        return None
    try:
        if cell.isascii() and cell.removesuffix(".0").isdecimal() and len(cell.removesuffix(".0")) == 5:
            return _EXCEL_DAY_0 + timedelta(days=int(cell.removesuffix(".0")))
        found = _DAY.fullmatch(cell)
        if found is None:
            raise ValueError
        return date(*(int(each) for each in found.groups()))
    except ValueError:
        raise _Unread(_BAD_DAY.filled(what_zh=what.zh, what_en=what.en, cell=cell[:40])) from None


def _rows(path: Path, file: str) -> list[tuple[int, dict[str, str]]]:
    try:
        sheets = list(sheets_of(path, _MAX_BYTES))
    except EmptyFile as error:
        raise NoPolicyList(file=file) from error
    for sheet in sheets:
        rows = [[(cell or "").strip() for cell in cells] for cells in sheet.head(sheet.height)]
        numbers = sheet.rows.to_pylist()
        for at, cells in enumerate(rows[:_HEADER_WITHIN]):
            columns = _columns(cells)
            if {"title", "field", "level"} <= columns.keys():
                body = [(numbers[i], rows[i]) for i in range(at + 1, len(rows)) if any(rows[i])]
                if len(body) > MOST:
                    raise TooManyRows(file=file, rows=len(body), most=MOST)
                return [
                    (number, {name: row[place] if place < len(row) else "" for name, place in columns.items()})
                    for number, row in body
                ]
    raise NoPolicyList(file=file)


def _columns(cells: list[str]) -> dict[str, int]:
    known = {header: name for name, headers in HEADERS.items() for header in headers}
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = known.get(re.sub(r"[*＊]", "", cell).strip().lower())
        if name and name not in found:
            found[name] = at
    return found


def _labels(choices: list[tuple[str, object]]) -> dict[str, str]:
    return {name: value for value, label in choices for name in (str(value), str(label))}


def _texts(texts: dict[str, Text]) -> dict[str, str]:
    return {name: id_ for id_, text in texts.items() for name in (id_, text.zh, text.en)}


def _named(cell: str, known: dict[str, str]) -> str:
    """The id that the words name; the words themselves if none, to be refused."""
    plain = cell.strip()
    return {name.lower(): id_ for name, id_ in known.items()}.get(plain.lower(), plain)


class _Unread(Exception):
    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


#: Columns of the example that can be downloaded.
EXAMPLE = tuple(HEADERS)
EXAMPLE_NAMES = {**NAMES, **_DAYS, "parent": Text("上位政策", "parent policy")}
