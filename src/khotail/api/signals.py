"""Signals and findings of the data audit: what holds, of whom, and why."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Region, Words, listed, one, within
from khotail.screening import rulebook
from khotail.screening.models import Finding, Kind
from khotail.screening.queries import explained
from khotail.texts import Text

router = Router(tags=["signals"])

Named = Annotated[Words, Query("", max_length=60)]


class Said(Schema):
    zh: str
    en: str


class FindingLine(Schema):
    """A signal or finding for as long as it holds. `why` is the rule's sentence with the subject's values."""

    id: int
    kind: str
    rule_id: str
    name: Said
    why: Said
    mend: Said
    severity: str
    cause: str
    level: str
    household_id: int | None
    region_code: str
    since: date
    ended_on: date | None


@router.get("/signals", response=Listed[FindingLine], summary="Signals that hold now, or that ended")
def signals(
    request: HttpRequest, limit: Limit, after: After, region: Region, rule: Named, cause: Named, severity: Named,
    household: Annotated[Id | None, Query(None)], since: date | None = None, ended: bool = False,
) -> Any:  # fmt: skip
    """`since`: signals that first held on that day or later."""
    officer = caller(request, May.SEE_CASES)
    return _page(_rows(officer, Kind.SIGNAL, region, rule, cause, severity, household, since, ended), after, limit)


@router.get("/audits", response=Listed[FindingLine], summary="Findings of the data audit, with what to mend")
def audits(
    request: HttpRequest, limit: Limit, after: After, region: Region, rule: Named, severity: Named,
    household: Annotated[Id | None, Query(None)], since: date | None = None, ended: bool = False,
) -> Any:  # fmt: skip
    officer = caller(request, May.SEE_AUDIT)
    return _page(_rows(officer, Kind.AUDIT, region, rule, "", severity, household, since, ended), after, limit)


@router.get("/signals/{id}", response=FindingLine, summary="One signal")
def signal(request: HttpRequest, id: Id) -> Any:
    officer = caller(request, May.SEE_CASES)
    return finding_line(one(Finding.objects.visible_to(officer).filter(kind=Kind.SIGNAL), id))


def _rows(
    officer: Officer, kind: str, region: str, rule: str, cause: str, severity: str, household: int | None,
    since: date | None, ended: bool,
) -> QuerySet[Finding]:  # fmt: skip
    rows = Finding.objects.visible_to(officer).in_region(within(officer, region))
    rows = rows.filter(kind=kind, ended_on__isnull=not ended)
    wanted = {"rule_id": rule, "cause": cause, "severity": severity, "household_id": household, "since__gte": since}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def _page(rows: QuerySet[Finding], after: int, limit: int) -> dict[str, Any]:
    return listed(rows, after, limit, finding_line)


def finding_line(finding: Finding) -> dict[str, Any]:
    told = explained(finding, rulebook.current())
    names = ("kind", "rule_id", "severity", "cause", "level", "household_id", "region_code", "since", "ended_on")
    return {"id": finding.pk} | {name: getattr(finding, name) for name in names} | {
        "name": said(told.name), "why": said(told.sentence), "mend": said(told.mend)
    }  # fmt: skip


def said(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
