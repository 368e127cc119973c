"""Projects: entered, changed, begun, accepted or given up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import May
from khotail.funds import ledger
from khotail.funds.allowed import REASON, a_year, any_day, check_department, check_keeps, check_may, past_day, words
from khotail.funds.amounts import checked, shown
from khotail.funds.models import Account, Paper, Payment, Project, ProjectPlace
from khotail.funds.problems import (
    DayWrong,
    KindFixed,
    MilestonesOpen,
    MoneyLeft,
    NotFound,
    PaymentsWait,
    PlacesMissing,
    ProjectClosed,
    ProjectNumberTaken,
    TooManyFiles,
)
from khotail.register.documents import keep_sent
from khotail.register.models import Region
from khotail.texts import Text
from khotail.trail.chain import record as record_event

MOST_FILES = 6
_NAME = Text("项目名称", "name")
_FOUND = Text("验收情况", "what the acceptance found")
_FIELDS = ("name", "kind", "year", "region_code", "department", "aims", "planned_cny", "starts_on", "ends_on")


@transaction.atomic
def add_project(
    values: dict[str, Any], villages: Iterable[str], *, by: Officer, now: datetime, number: str = ""
) -> Project:
    """Enter a project.

    values    the fields of Project that people fill in, by name
    villages  codes of the villages that it lies in or serves
    number    the office's own; drawn if left out
    Raises NotAllowed, NotFound, NotYourDepartment, UnknownDepartment, WordsMissing, YearWrong, DayWrong, AmountWrong,
    PlacesMissing, ProjectNumberTaken.
    """
    check_may(by, May.KEEP_PROJECTS, values["region_code"])
    wanted = _checked(values, now)
    check_department(by, wanted["department"])
    number = words(number, 30)
    if number and Project.objects.filter(number=number).exists():
        raise ProjectNumberTaken(number=number)
    project = Project.objects.create(number=number or f"…{now:%f%S}{by.pk}", entered_by=by, entered_at=now, **wanted)
    if not number:
        project.number = f"{project.year}-{project.pk:05d}"
        if Project.objects.filter(number=project.number).exists():
            project.number += "-1"
        project.save(update_fields=["number"])
    _place(project, villages)
    record_event(by, "project.entered", project, at=now, number=project.number, kind=project.kind, year=project.year)
    return project


@transaction.atomic
def change_project(
    project: Project, values: dict[str, Any], villages: Iterable[str], *, by: Officer, now: datetime
) -> Project:
    """Change what was entered. Raises as `add_project`, ProjectClosed, and KindFixed once money was allocated."""
    project = held(project, by)
    check_open(project)
    wanted = _checked(values, now)
    check_department(by, wanted["department"])
    check_may(by, May.KEEP_PROJECTS, wanted["region_code"])
    fixed = ("kind", "region_code")
    if any(getattr(project, name) != wanted[name] for name in fixed) and project.accounts.exists():
        raise KindFixed
    before = {name: getattr(project, name) for name in _FIELDS}
    before["places"] = sorted(project.places.values_list("region_code", flat=True))
    for name in _FIELDS:
        setattr(project, name, wanted[name])
    project.save()
    project.milestones.update(region_code=project.region_code)
    _place(project, villages)
    after = {name: getattr(project, name) for name in _FIELDS}
    after["places"] = sorted(project.places.values_list("region_code", flat=True))
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        record_event(
            by, "project.changed", project, at=now, before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )  # fmt: skip
    return project


@transaction.atomic
def begin(project: Project, on: date, *, by: Officer, now: datetime) -> Project:
    """Work has begun. Raises NotAllowed, NotFound, NotYourDepartment, DayWrong, ProjectClosed."""
    project = held(project, by)
    if project.state != Project.State.PLANNED:
        raise ProjectClosed(state=project.get_state_display())
    project.state, project.starts_on = Project.State.UNDER_WAY, past_day(on, now)
    project.save()
    record_event(by, "project.begun", project, at=now, on=on)
    return project


@transaction.atomic
def accept(project: Project, on: date, found: str, *, by: Officer, now: datetime, files: Iterable[Any] = ()) -> Project:
    """Completed and accepted: what the acceptance found, with its papers. Payments of what is left may follow.

    Raises NotAllowed, NotFound, NotYourDepartment, WordsMissing, DayWrong, ProjectClosed, MilestonesOpen, TooManyFiles.
    """
    project = held(project, by)
    check_open(project)
    if open_ := project.milestones.filter(done_on=None).count():
        raise MilestonesOpen(count=open_)
    project.closing = words(found, 2000, _FOUND)
    project.state, project.closed_on, project.closed_by = Project.State.ACCEPTED, past_day(on, now), by
    project.save()
    papers = keep_papers(project, files, by, now)
    record_event(by, "project.accepted", project, at=now, on=on, papers=papers)
    return project


@transaction.atomic
def give_up(project: Project, on: date, reason: str, *, by: Officer, now: datetime) -> Project:
    """It is not carried out, or not to its end. Raises as `accept`, MoneyLeft, PaymentsWait."""
    project = held(project, by)
    check_open(project)
    if waiting := project.payments.filter(state=Payment.State.ASKED).count():
        raise PaymentsWait(count=waiting)
    left = sum((ledger.balance(each) for each in project.accounts.filter(kind=Account.Kind.PROJECT)), Decimal(0))
    if left:
        raise MoneyLeft(left=shown(left))
    project.closing = words(reason, 2000, REASON)
    project.state, project.closed_on, project.closed_by = Project.State.GIVEN_UP, past_day(on, now), by
    project.save()
    record_event(by, "project.given_up", project, at=now, on=on, reason=project.closing)
    return project


def keep_papers(
    project: Project, files: Iterable[Any], by: Officer, now: datetime, payment: Payment | None = None
) -> int:
    """Keep contracts, pictures and certificates. Raises TooManyFiles and what the documents refuse."""
    found = list(files)
    if len(found) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    for file in found:
        document = keep_sent(
            file, household=None, region_code=project.region_code, kind="project", title=project.number, by=by, now=now
        )
        Paper.objects.create(project=project, payment=payment, document=document)
    return len(found)


@transaction.atomic
def add_papers(project: Project, files: Iterable[Any], *, by: Officer, now: datetime) -> int:
    """Raises NotAllowed, NotFound, NotYourDepartment, WordsMissing, TooManyFiles."""
    project, found = held(project, by), list(files)
    words("x" if found else "", 1, Text("文件", "file"))
    count = keep_papers(project, found, by, now)
    record_event(by, "project.papers", project, at=now, papers=count)
    return count


def held(project: Project, by: Officer) -> Project:
    """The project read anew and held until the transaction ends. Raises NotAllowed, NotFound, NotYourDepartment."""
    check_keeps(by, project)
    return Project.objects.select_for_update().get(pk=project.pk)


def check_open(project: Project) -> None:
    """Raises ProjectClosed."""
    if project.state not in Project.OPEN:
        raise ProjectClosed(state=project.get_state_display())


def _checked(values: dict[str, Any], now: datetime) -> dict[str, Any]:
    starts, ends = values.get("starts_on"), values.get("ends_on")
    for day in (starts, ends):
        if day:
            any_day(day, now)
    if starts and ends and ends < starts:
        raise DayWrong(day=ends, first=starts, last="…")
    if values["kind"] not in Project.Kind.values:
        raise NotFound
    return {
        "name": words(values["name"], 120, _NAME), "kind": values["kind"], "year": a_year(int(values["year"]), now),
        "region_code": values["region_code"], "department": values["department"],
        "aims": words(values.get("aims") or "", 2000), "planned_cny": checked(values["planned_cny"]),
        "starts_on": starts, "ends_on": ends,
    }  # fmt: skip


def _place(project: Project, villages: Iterable[str]) -> None:
    codes = set(villages)
    if len(project.region_code) == LEVEL_DIGITS["village"]:
        codes.add(project.region_code)
    inside = {code for code in codes if code.startswith(project.region_code)}
    known = set(Region.objects.filter(Q(code__in=inside), level="village").values_list("code", flat=True))
    if not codes or codes != known:
        raise PlacesMissing
    project.places.exclude(region_code__in=codes).delete()
    there = set(project.places.values_list("region_code", flat=True))
    ProjectPlace.objects.bulk_create(
        [ProjectPlace(project=project, region_code=code) for code in sorted(codes - there)]
    )
