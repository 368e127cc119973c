"""Funds from a list: shown what it would do, then done. The same list twice changes nothing.

The preview does everything and takes it back, row by row: so each row is judged by the very rules that will hold, with what
the rows above it have left.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.lists import workbook
from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.funds import ledger, receiving
from khotail.funds.amounts import checked
from khotail.funds.models import Entry, Fund
from khotail.funds.problems import AllocationThere, WasReversed
from khotail.funds.reading import MOST, Listed, RefusedCell, Said, meant, read
from khotail.problems import Problem
from khotail.texts import Text
from khotail.trail.chain import record

__all__ = ["MOST", "Preview", "example", "preview", "rejects", "take"]

_TWICE = Text(
    "与第 {row} 行相同；如确为两笔，请写不同的文号或日期",
    "the same as row {row}; if there are two, give each its own number or date",
)
_NO_FUND = Text(
    "没有文号为“{document}”（{task}）的 {year} 年资金，请先登记到账",
    "no fund of {year} with document “{document}” ({task}): enter what came in first",
)


@dataclass(frozen=True)
class Reject:
    row: int
    cells: list[str]
    zh: str
    en: str


@dataclass
class Preview:
    """What a list would do, in plain values, so that it can wait in the session until it is confirmed."""

    file: str
    header: list[str]
    columns: dict[str, int]
    unit: int
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    received: int = 0
    received_cny: str = "0.00"
    allocated: int = 0
    allocated_cny: str = "0.00"
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def loaded(cls, stored: dict[str, Any]) -> Preview:
        found = cls(**stored)
        found.rows = [(row, cells) for row, cells in found.rows]
        found.rejects = [Reject(**one) for one in stored["rejects"]]
        return found


def preview(path: Path, file: str, *, by: Officer, now: datetime) -> Preview:
    """Read a list (.xlsx, .xls, .csv) and say what it would do; nothing is kept.

    Raises NotAllowed, NoListInFile, AmountUnitMissing, TooManyRows and what the reader raises.
    """
    require(by, May.KEEP_FUNDS)
    listed = read(path, file)
    with transaction.atomic():
        found = _go_through(file, listed, by, now)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def take(waiting: Preview, *, by: Officer, now: datetime) -> Preview:
    """Do what was shown. What changed meanwhile is judged anew: rows that cannot be taken any more come back."""
    require(by, May.KEEP_FUNDS)
    known = {one.row for one in waiting.rejects}
    rows = [(number, cells) for number, cells in waiting.rows if number not in known]
    done = _go_through(waiting.file, Listed(waiting.header, waiting.columns, waiting.unit, rows), by, now)
    done.rejects = [*waiting.rejects, *done.rejects]
    record(
        by, "funds.imported", by, at=now, received=done.received, allocated=done.allocated, unchanged=done.unchanged,
        rejected=len(done.rejects),
    )  # fmt: skip
    return done


def rejects(found: Preview) -> bytes:
    """The rows that were refused, as the file had them, with the reasons: mended, it can be sent as it is."""
    width = max([len(found.header), *(len(one.cells) for one in found.rejects)])
    header = [*found.header, *[""] * (width - len(found.header)), "行号", "原因", "Reason"]
    rows = [[*one.cells, *[""] * (width - len(one.cells)), str(one.row), one.zh, one.en] for one in found.rejects]
    return workbook(header, rows)


def example() -> bytes:
    """An empty list with the headers that are understood and invented rows: one that comes in, one that is passed on."""
    header = ("年度", "资金来源", "文号", "用途", "金额（万元）", "日期", "拨付到", "拨付文号")
    return workbook(
        header,
        [
            ["2026", "中央", "演示财农〔2026〕1号", "巩固拓展脱贫攻坚成果和乡村振兴任务", "1200", "2026-03-01", "", ""],
            ["2026", "中央", "演示财农〔2026〕1号", "巩固拓展脱贫攻坚成果和乡村振兴任务", "300", "2026-03-20", "演示苏木", "演旗农〔2026〕5号"],
        ],
    )  # fmt: skip


def _go_through(file: str, listed: Listed, by: Officer, now: datetime) -> Preview:
    found = Preview(file, listed.header, listed.columns, listed.unit, listed.rows)
    received = allocated = Decimal(0)
    seen: dict[Said, int] = {}
    today = timezone.localdate(now)
    for number, cells in listed.rows:
        try:
            said = meant(cells, listed.columns, listed.unit, by, today)
            if said in seen:
                raise RefusedCell(_TWICE.filled(row=seen[said]))
            seen[said] = number
            with transaction.atomic():
                entry = _allocate(said, by, now) if said.is_allocation else _receive(said, by, now)
        except RefusedCell as refused:
            found.rejects.append(Reject(number, cells, refused.why.zh, refused.why.en))
        except Problem as problem:
            found.rejects.append(Reject(number, cells, problem.text.zh, problem.text.en))
        else:
            if entry is None:
                found.unchanged += 1
            elif said.is_allocation:
                found.allocated, allocated = found.allocated + 1, allocated + entry.amount_cny
            else:
                found.received, received = found.received + 1, received + entry.amount_cny
    found.received_cny, found.allocated_cny = f"{received:.2f}", f"{allocated:.2f}"
    return found


def _receive(said: Said, by: Officer, now: datetime) -> Entry | None:
    """Enter it; None if it is on record with the same amount."""
    fund = _fund(said, by)
    if fund:
        there = receiving.receipt_of(fund)
        if there and there.amount_cny == checked(said.amount):
            return None
        was = None if there else Entry.objects.filter(credit__fund=fund, kind=Entry.Kind.RECEIVED).first()
        if was:
            raise WasReversed(on=was.reversed_by.on, reason=was.reversed_by.reason)
    return receiving.receive(
        said.source, said.year, said.document, said.amount, on=said.on, by=by, now=now, task=said.task
    )


def _allocate(said: Said, by: Officer, now: datetime) -> Entry | None:
    fund = _fund(said, by)
    if fund is None:
        raise RefusedCell(_NO_FUND.filled(document=said.document, task=said.task or "—", year=said.year))
    _check_not_reversed(fund, said, by)
    try:
        with transaction.atomic():
            return receiving.allocate(
                fund, said.amount, on=said.on, by=by, now=now, region_code=said.region_code, project=said.project,
                document=said.own_document,
            )  # fmt: skip
    except AllocationThere:
        return None


def _check_not_reversed(fund: Fund, said: Said, by: Officer) -> None:
    gets = fund.accounts.filter(
        kind="project" if said.project else "held", region_code=said.region_code or said.project.region_code,
        project=said.project,
    ).first()  # fmt: skip
    if gets is None:
        return
    gives = ledger.held_by(fund, by.region_code)
    name = receiving.allocation_name(fund, gives, gets, said.on, checked(said.amount), said.own_document.strip()[:60])
    rows = Entry.objects.filter(key__startswith=name)
    if rows.filter(reversed_by=None).exists():
        return
    if was := rows.order_by("-id").first():
        raise WasReversed(on=was.reversed_by.on, reason=was.reversed_by.reason)


def _fund(said: Said, by: Officer) -> Fund | None:
    """The fund that a row names: the officer's own, else one that was passed on to the officer's region."""
    rows = Fund.objects.visible_to(by).filter(
        source=said.source, year=said.year, document=said.document.strip()[:60], task=said.task.strip()[:60]
    )
    found = list(rows[:2])
    own = [each for each in found if each.region_code == by.region_code]
    return own[0] if own else found[0] if len(found) == 1 and said.is_allocation else None
