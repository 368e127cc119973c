"""What is read of issues: the public board, the queues of those who work on them, and how long things took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Count, FloatField, Func, Q, QuerySet, Sum
from django.db.models.functions import Left

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.issues.models import Body, Check, Issue, Matter, Move, Photo, TownshipOf

#: States as the public reads them.
OPEN_STATES = (Issue.State.SENT, Issue.State.ACCEPTED, Issue.State.PAUSED)
DONE_STATES = (Issue.State.RESOLVED, Issue.State.CONFIRMED, Issue.State.NOT_RESOLVED)
#: Moves that the public history leaves out.
NOT_IN_PUBLIC = (Move.Kind.SORTED, Move.Kind.PUBLISHED, Move.Kind.SAID)
_PAGE = 20


@dataclass(frozen=True)
class BoardPage:
    """Some public issues, the newest first; `before` is what to ask for next, None at the end."""

    issues: list[Issue]
    before: int | None


def board(
    region_code: str, *, route: str = "", state: str = "", overdue_on: date | None = None, before: int | None = None,
    size: int = _PAGE,
) -> BoardPage:  # fmt: skip
    """A page of the public board of a region. Paged by key: no page is slower than the first, and nothing is counted.

    route      one class
    state      "open" or "done"
    overdue_on  only what was due before this day and is not done
    before     id that the page before ended with
    """
    rows = of_place(Issue.objects.shown_in_public(), region_code)
    if route:
        rows = rows.filter(route=route)
    if state in ("open", "done"):
        rows = rows.filter(state__in=OPEN_STATES if state == "open" else DONE_STATES)
    if overdue_on:
        rows = rows.filter(state__in=OPEN_STATES, due_on__lt=overdue_on)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("body").order_by("-id")[: size + 1])
    return BoardPage(found[:size], found[size - 1].pk if len(found) > size else None)


def of_place(rows: QuerySet[Issue], region_code: str) -> QuerySet[Issue]:
    """Public rows of a region, in a way that has an index with the newest first.

    From the banner up most rows belong to it: then they are read by age and not by place.
    """
    if not region_code:
        return rows
    if len(region_code) == LEVEL_DIGITS["village"]:
        return rows.filter(region_code=region_code)
    if len(region_code) == LEVEL_DIGITS["township"]:
        return rows.annotate(_township=TownshipOf("region_code")).filter(_township=region_code)
    return rows.annotate(_place=Left("region_code", len(region_code))).filter(_place=region_code)


def public_issue(number: str) -> Issue | None:
    """A public issue by its number; where it was joined to another, that one."""
    if not (number.isascii() and number.isalnum()):
        return None
    found = (
        Issue.objects.select_related("body", "duplicate_of__body")
        .filter(number=number.upper()[:24], quiet=False)
        .first()
    )
    if found and found.state == Issue.State.MERGED and found.duplicate_of and not found.duplicate_of.quiet:
        found = found.duplicate_of
    return found if found and found.state not in (Issue.State.SORTING, Issue.State.MERGED) else None


def public_moves(issue: Issue) -> list[Move]:
    """What happened, without anybody's name and without the words of those inside."""
    return list(issue.moves.exclude(kind__in=NOT_IN_PUBLIC).select_related("from_body", "to_body").order_by("id"))


def raisers_moves(issue: Issue) -> list[Move]:
    """What whoever raised it may read: the public history, their own words, and messages to them."""
    inside = Q(kind__in=(Move.Kind.SORTED, Move.Kind.PUBLISHED)) | Q(
        kind=Move.Kind.SAID, by_raiser=False, public_words=""
    )
    return list(issue.moves.exclude(inside).select_related("from_body", "to_body").order_by("id"))


def public_photos(issue: Issue) -> list[Photo]:
    return list(issue.photos.filter(public=True).select_related("document"))


def waiting_for(officer: Officer) -> QuerySet[Issue]:
    """Open issues that the officer's bodies have, and what came up to the officer's level."""
    bodies = Body.objects.filter(people=officer)
    unmanned = Body.objects.filter(people=None, region_code=officer.region_code, ended_on=None)
    mine = Q(body__in=bodies) | Q(body__in=unmanned) | Q(escalated_to=officer.level)
    return (
        Issue.objects.visible_to(officer)
        .filter(mine, state__in=OPEN_STATES)
        .select_related("body")
        .order_by("due_on", "id")
    )


def to_sort(officer: Officer) -> QuerySet[Issue]:
    return Issue.objects.visible_to(officer).filter(state=Issue.State.SORTING).order_by("due_on", "id")


def checks_of(officer: Officer) -> QuerySet[Check]:
    return (
        Check.objects.visible_to(officer).filter(checked_at=None, issue__quiet=False)
        .select_related("issue", "issue__body").order_by("due_on", "id")
    )  # fmt: skip


def open_matters(officer: Officer) -> QuerySet[Matter]:
    return (
        Matter.objects.visible_to(officer).filter(state=Matter.State.OPEN)
        .annotate(count=Count("issues")).order_by("-count", "id")
    )  # fmt: skip


class DaysBetween(Func):
    """Days from one moment to another, worked out by the database itself: a year's issues are many."""

    arity = 2
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self._between(compiler, "(JULIANDAY({}) - JULIANDAY({}))")

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self._between(compiler, "(EXTRACT(EPOCH FROM {} - {}) / 86400)")

    def _between(self, compiler: Any, template: str) -> Any:
        (first, first_values), (last, last_values) = map(compiler.compile, self.source_expressions)
        return template.format(last, first), [*last_values, *first_values]


@dataclass(frozen=True)
class Figures:
    """How a body or a class did: how many, how many still open, share resolved in time, mean days, mean satisfaction."""

    raised: int
    open: int
    overdue: int
    resolved: int
    reopened: int
    days_to_accept: float | None
    days_to_resolve: float | None
    satisfied: float | None
    rated: int = 0  # how many said how content they are


def figures_by(
    field: str, rows: QuerySet[Issue], since: datetime, until: datetime, today: date
) -> dict[str | int, Figures]:
    """Figures of issues raised in a time, by `body_id`, `route` or `region_code`.

    rows  those that the reader may see, or the public ones
    """
    rows = rows.filter(raised_at__gte=since, raised_at__lt=until).exclude(state=Issue.State.MERGED)
    taken, done = DaysBetween("raised_at", "accepted_at"), DaysBetween("raised_at", "resolved_at")
    waiting = Q(state__in=(*OPEN_STATES, Issue.State.SORTING))
    found = rows.order_by().values(field).annotate(
        raised=Count("id"), open=Count("id", filter=waiting), overdue=Count("id", filter=waiting & Q(due_on__lt=today)),
        resolved=Count("id", filter=Q(resolved_at__isnull=False)), reopens=Sum("reopened"),
        taken=Avg(taken), done=Avg(done), satisfaction=Avg("satisfied"), rated=Count("satisfied"),
    )  # fmt: skip
    return {
        row[field]: Figures(
            row["raised"], row["open"], row["overdue"], row["resolved"], row["reopens"] or 0,
            _days(row["taken"]), _days(row["done"]), row["satisfaction"] and round(float(row["satisfaction"]), 2),
            row["rated"],
        )
        for row in found
    }  # fmt: skip


def joined_to(issue: Issue) -> Iterable[Issue]:
    """Issues that were joined to this one."""
    return issue.duplicates.order_by("id")


def _days(days: float | None) -> float | None:
    return None if days is None else round(float(days), 1)
