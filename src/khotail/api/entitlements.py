"""What households are entitled to, receive and miss: for programs that show, count or bring it about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Region, Words, chosen, listed, one, within
from khotail.api.runs import JobLine, job_line
from khotail.api.signals import Said, said
from khotail.entitlements.actions import ask_for_run, mark
from khotail.entitlements.models import Entitlement, Missed
from khotail.entitlements.queries import explained
from khotail.screening import rulebook

router = Router(tags=["entitlements"])

Named = Annotated[Words, Query("", max_length=60)]


class HelpMissed(Schema):
    """What is done about missed help: open, told, applied, not_wanted, refused; `closing` says why it is over."""

    id: int
    state: str
    reason: str
    since: date
    asked_at: datetime | None
    closed_on: date | None
    closing: str


class EntitlementLine(Schema):
    """One household or person and a programme. Money in CNY a year; 0 is help in kind.

    `state`: entitled, withdrawing, given_up, unknown, not_entitled. `received` is null where the data do not tell.
    """

    id: int
    household_id: int
    person_id: int | None
    region_code: str
    programme: str
    name: Said
    state: str
    amount_cny: float | None
    received: bool | None
    received_cny: float | None
    missed: bool
    why: Said
    mend: Said
    since: date
    ended_on: date | None
    ending: str
    seen_to: HelpMissed | None


class Marked(Schema):
    """How far it is: told, applied, not_wanted, refused, or open again. A reason is needed for the third and fourth."""

    state: Words
    reason: Words = ""


@router.get("", response=Listed[EntitlementLine], summary="Who is entitled to what, receives it, misses it")
def entitlements(
    request: HttpRequest, limit: Limit, after: After, region: Region, programme: Named, state: Named,
    household: Annotated[Id | None, Query(None)], missed: bool | None = None, received: bool | None = None, ended: bool = False,
) -> Any:  # fmt: skip
    """`missed=true`: the work list."""
    officer = caller(request, May.SEE_HELP)
    rows = _rows(Entitlement.objects.visible_to(officer).in_region(within(officer, region)))
    wanted = {
        "programme_id": programme or None, "state": chosen(state, Entitlement.State.values) if state else None,
        "household_id": household, "missed": missed, "received": received,
    }  # fmt: skip
    rows = rows.filter(ended_on__isnull=not ended)
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return listed(rows, after, limit, _line)


@router.post("/runs", response={202: JobLine}, summary="Ask for a run of the programmes; it waits in the queue")
def start(request: HttpRequest, region: Region) -> Any:
    """409 while one is at work in the region."""
    officer = caller(request, May.SCREEN)
    return Status(202, job_line(ask_for_run(within(officer, region), by=officer, now=timezone.now())))


@router.get("/{id}", response=EntitlementLine, summary="One entitlement")
def entitlement(request: HttpRequest, id: Id) -> Any:
    officer = caller(request, May.SEE_HELP)
    return _line(one(_rows(Entitlement.objects.visible_to(officer)), id))


@router.post("/missed/{id}", response=EntitlementLine, summary="Say how far missed help is")
def seen_to(request: HttpRequest, id: Id, sent: Marked) -> Any:
    """`id` is that of `seen_to`. 409 once it is closed."""
    officer = caller(request, May.SEE_HELP, May.PLAN_HELP)
    found = mark(one(Missed.objects.visible_to(officer), id), sent.state, sent.reason, by=officer, now=timezone.now())
    return _line(one(_rows(Entitlement.objects.visible_to(officer)), found.entitlement_id))


def _rows(rows: QuerySet[Entitlement]) -> QuerySet[Entitlement]:
    newest_first = Missed.objects.order_by("-id")
    return rows.prefetch_related(Prefetch("missed_times", newest_first, to_attr="newest_missed"))


def _line(row: Entitlement) -> dict[str, Any]:
    told = explained(row, rulebook.current())
    names = (
        "household_id", "person_id", "region_code", "state", "amount_cny", "received", "received_cny", "missed", "since",
        "ended_on", "ending",
    )  # fmt: skip
    return {"id": row.pk, "programme": row.programme_id} | {name: getattr(row, name) for name in names} | {
        "name": said(told.name), "why": said(told.sentence), "mend": said(told.mend),
        "seen_to": _missed(row.newest_missed[0]) if row.newest_missed else None,
    }  # fmt: skip


def _missed(missed: Missed) -> dict[str, Any]:
    names = ("state", "reason", "since", "asked_at", "closed_on", "closing")
    return {"id": missed.pk} | {name: getattr(missed, name) for name in names}
