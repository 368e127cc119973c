"""Jobs from a list: rows that are right are taken, the others come back with their reasons. The same list twice changes nothing.

People are found by ID number, or by name within the household number given.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.assistance.checks import check_planner
from khotail.assistance.employing import end_job, enter_job
from khotail.assistance.models import Employment
from khotail.assistance.problems import JobKnown, NoJobsInFile, TooManyRows
from khotail.facts.identity import normalise
from khotail.facts.problems import EmptyFile
from khotail.facts.reading.file import sheets_of
from khotail.problems import Problem
from khotail.register.models import Person
from khotail.register.sealed import id_digest
from khotail.texts import Text
from khotail.trail.chain import record as record_event

MOST_ROWS = 2000
_MAX_BYTES = 16 << 20
_HEADER_WITHIN = 20
_HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "务工人员姓名", "name"),
    "id_number": ("证件号码", "身份证号", "身份证号码", "id number"),
    "household": ("户编号", "household number"),
    "employer": ("用人单位", "单位名称", "务工企业名称", "employer"),
    "trade": ("工种", "岗位", "trade"),
    "place_words": ("务工地点", "就业地点", "place"),
    "place": ("就业范围", "range"),
    "found": ("就业渠道", "渠道", "how found"),
    "monthly_pay_cny": ("月工资", "月收入", "月工资（元）", "monthly pay"),
    "starts_on": ("开始日期", "开始时间", "入职日期", "start"),
    "agreed_until": ("合同期限至", "合同到期日", "agreed until"),
    "ended_on": ("结束日期", "离职日期", "end"),
}
_NEEDED = {"name", "employer", "starts_on"}
_PLACES = {"village": ("本村", "本乡镇", "本苏木", "乡内"), "banner": ("本旗", "旗内", "县内", "本县"),
           "region": ("区内", "省内", "自治区内"), "away": ("区外", "省外", "自治区外")}  # fmt: skip
_FOUND = {
    "east_west": ("东西部",), "beijing": ("京蒙",), "organised": ("劳务输出", "组织", "点对点"), "public_post": ("公益",),
    "workshop": ("车间",), "training": ("培训",), "village": ("村", "嘎查", "帮扶"), "project": ("以工代赈", "项目"),
    "self": ("自主", "自行", "亲友"),
}  # fmt: skip
_DAY = re.compile(r"(20\d{2})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})?\D*$")
_NOBODY = Text("在您的区域内找不到此人", "nobody of this name and number within your region")
_SEVERAL = Text("有多人同名，请填证件号码或户编号", "several people of this name: give the ID or household number")
_BAD_DAY = Text("日期“{word}”看不懂，请写成 2026-06-03", "“{word}” is no date; write it as 2026-06-03")
_KNOWN = Text("已经登记", "recorded already")


@dataclass(frozen=True)
class Refused:
    """One row that was not taken, as the file counts rows."""

    row: int
    who: str
    why: Text


@dataclass
class Outcome:
    taken: int = 0
    ended: int = 0
    known: int = 0
    refused: list[Refused] = field(default_factory=list)


class _Wrong(Exception):
    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def import_jobs(file: Any, *, by: Officer, now: datetime) -> Outcome:
    """Take the jobs of a workbook or text list. Raises NotAllowed, NoJobsInFile, TooManyRows, and what cannot be opened."""
    check_planner(by)
    name = str(getattr(file, "name", "") or "")[:80]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "jobs"
        with path.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        numbered, columns = _rows(path, name)
    if len(numbered) > MOST_ROWS:
        raise TooManyRows(rows=len(numbered), most=MOST_ROWS)
    outcome = Outcome()
    for number, cells in numbered:
        values = {column: cells[at].strip() if at < len(cells) else "" for column, at in columns.items()}
        try:
            with transaction.atomic():
                _take(values, by, now, outcome)
        except _Wrong as wrong:
            outcome.refused.append(Refused(number, values.get("name", ""), wrong.why))
        except Problem as problem:
            outcome.refused.append(Refused(number, values.get("name", ""), problem.text))
    record_event(
        by, "jobs-kept.imported", by, at=now, taken=outcome.taken, known=outcome.known, refused=len(outcome.refused)
    )  # fmt: skip
    return outcome


def _take(values: dict[str, str], by: Officer, now: datetime, outcome: Outcome) -> None:
    person = _person(values, by)
    started, ended = _day(values["starts_on"]), _day(values.get("ended_on", ""))
    if started is None:
        raise _Wrong(_BAD_DAY.filled(word=values["starts_on"][:20]))
    try:
        job = enter_job(
            person, values["employer"], place=_word(values.get("place", ""), _PLACES, "away"),
            found=_word(values.get("found", ""), _FOUND, "other"), starts_on=started,
            agreed_until=_day(values.get("agreed_until", "")), monthly_pay_cny=values.get("monthly_pay_cny", ""),
            trade=values.get("trade", ""), place_words=values.get("place_words", ""), by=by, now=now,
        )  # fmt: skip
        outcome.taken += 1
    except JobKnown:
        job = Employment.objects.get(person=person, employer=values["employer"].strip(), starts_on=started)
        outcome.known += 1
    if ended and job.ended_on is None:
        early = job.agreed_until is not None and ended < job.agreed_until
        end_job(job, on=ended, ending="dismissed" if early else "over", by=by, now=now)
        outcome.ended += 1


def _person(values: dict[str, str], by: Officer) -> Person:
    rows = Person.objects.visible_to(by).filter(left_on=None, name=values["name"])
    if values.get("id_number"):
        rows = rows.filter(id_digest=id_digest(normalise(values["id_number"])))
    if values.get("household"):
        rows = rows.filter(household__number=values["household"])
    found = list(rows.select_related("household")[:2])
    if not found:
        raise _Wrong(_NOBODY)
    if len(found) > 1:
        raise _Wrong(_SEVERAL)
    return found[0]


def _word(written: str, known: dict[str, tuple[str, ...]], otherwise: str) -> str:
    return next((name for name, words in known.items() if any(word in written for word in words)), otherwise)


def _day(written: str) -> date | None:
    """A day as lists write it: 2026-06-03, 2026年6月3日, 202606 (its first), or a spreadsheet's number."""
    if not written:
        return None
    if re.fullmatch(r"[34]\d{4}(\.0)?", written):
        return date(1899, 12, 30) + timedelta(days=int(float(written)))
    found = _DAY.match(written)
    try:
        return date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else _refuse(written)
    except ValueError:
        return _refuse(written)


def _refuse(written: str) -> date:
    raise _Wrong(_BAD_DAY.filled(word=written[:20]))


def _rows(path: Path, name: str) -> tuple[list[tuple[int, list[str]]], dict[str, int]]:
    """Rows below the header with their numbers, and which column is what."""
    try:
        sheets = list(sheets_of(path, _MAX_BYTES))
    except EmptyFile as error:
        raise NoJobsInFile(file=name) from error
    for sheet in sheets:
        rows = [["" if cell is None else str(cell).strip() for cell in cells] for cells in sheet.head(sheet.height)]
        numbers = sheet.rows.to_pylist()
        for at, cells in enumerate(rows[:_HEADER_WITHIN]):
            columns = _columns(cells)
            if columns.keys() >= _NEEDED:
                return [(numbers[i], rows[i]) for i in range(at + 1, len(rows)) if any(rows[i])], columns
    raise NoJobsInFile(file=name)


def _columns(cells: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        title = cell.strip().lower()
        for column, titles in _HEADERS.items():
            if title in titles:
                found.setdefault(column, at)
    return found
