"""What is overdue is watched one level up; what nobody confirms counts as closed after its days.

As with casework, a banner may have tens of thousands overdue after a holiday: they go up in chunks, and whoever watches many
at once is told of their number in one sentence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.notifications import notify
from khotail.accounts.roles import May
from khotail.casework.deadlines import after_working_days
from khotail.casework.escalation import AT_ONCE, Staff
from khotail.issues.models import Issue, Move
from khotail.issues.moving import issue_path
from khotail.rulebook.procedures import LEVELS
from khotail.screening.rulebook import setting
from khotail.trail.chain import record_all

_State = Issue.State
_WAITING = (_State.SORTING, _State.SENT, _State.ACCEPTED)
_RANKS = {name: rank for rank, name in enumerate(LEVELS)}
#: So many at once are told one by one; more, by their number.
_ONE_BY_ONE = 5
_LATE = "/issues/watched/"


def escalate_overdue(now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> Counter[str]:
    """Send every overdue issue one level up to be watched, and close what was not answered in time. Twice changes nothing.

    keep_on  called after each chunk with the number done; a job's progress
    """
    today, counts, done = timezone.localdate(now), Counter[str](), 0
    staff = Staff(today)
    overdue = Issue.objects.filter(state__in=_WAITING, due_on__lt=today).order_by("region_code", "id")
    for chunk in _chunks(list(overdue.values_list("pk", flat=True))):
        counts["escalated"] += _escalate(chunk, staff, now)
        done += len(chunk)
        keep_on(done)
    answered = Issue.objects.filter(state=_State.RESOLVED, resolved_at__isnull=False).order_by("id")
    late = _Unanswered(today)
    rows = answered.values_list("pk", "resolved_at", "region_code")
    for chunk in _chunks([pk for pk, resolved_at, code in rows.iterator() if late(resolved_at, code)]):
        counts["closed"] += _close(chunk, late, now)
        done += len(chunk)
        keep_on(done)
    return counts


class _Unanswered:
    """Whether the days in which a closing may be answered are over; worked out once for each day and banner."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._last: dict[tuple[date, str], date] = {}

    def __call__(self, resolved_at: datetime, region_code: str) -> bool:
        key = timezone.localdate(resolved_at), region_code
        if key not in self._last:
            self._last[key] = after_working_days(key[0], int(setting("issue_confirm_days", self.today, region_code)))
        return self.today > self._last[key]


@transaction.atomic
def _escalate(ids: list[int], staff: Staff, now: datetime) -> int:
    """Send those of a chunk up that are still open and have further to go; returns how many."""
    rows = Issue.objects.select_for_update().filter(pk__in=ids, state__in=_WAITING, due_on__lt=staff.today)
    gone_up: list[tuple[Issue, str]] = []
    for issue in rows.order_by("region_code", "pk"):
        first = issue.level or "village"
        before = issue.escalated_to or first
        level = staff.level_by_now(first, issue.due_on, issue.region_code)  # type: ignore[arg-type]
        if level is not None and _RANKS[level] > _RANKS[before]:
            issue.escalated_to = level
            gone_up.append((issue, before))
    for level in {issue.escalated_to for issue, _ in gone_up}:
        chosen = [issue.pk for issue, _ in gone_up if issue.escalated_to == level]
        Issue.objects.filter(pk__in=chosen).update(escalated_to=level, changed_at=now)
    Move.objects.bulk_create([Move(issue=issue, kind=Move.Kind.ESCALATED, at=now) for issue, _ in gone_up])
    _tell([issue for issue, _ in gone_up], staff, now)
    record_all(
        None,
        f"issue.{Move.Kind.ESCALATED}",
        [
            (issue, {"state": issue.state, "by_raiser": False, "before": before, "after": issue.escalated_to})
            for issue, before in gone_up
        ],
        at=now,
    )
    return len(gone_up)


def _tell(gone_up: list[Issue], staff: Staff, now: datetime) -> None:
    """Those who watch: of each, or of how many there are."""
    of_place: dict[tuple[str, str], list[Issue]] = defaultdict(list)
    for issue in gone_up:
        for person in staff.at(issue.escalated_to, issue.region_code)[:1]:
            of_place[issue.escalated_to, person.region_code].append(issue)
    for (level, region_code), those in of_place.items():
        people = [one for one in staff.at(level, region_code) if one.may(May.SORT_ISSUES)]
        if len(those) > _ONE_BY_ONE:
            notify(people, "issues-late", _LATE, now, count=len(those))
            continue
        for issue in those:
            notify(people, "issue-late", issue_path(issue), now, number=issue.number, due=issue.due_on)


@transaction.atomic
def _close(ids: list[int], late: _Unanswered, now: datetime) -> int:
    """Said to be resolved and not answered: closed, and still to be reopened by whoever raised it."""
    rows = Issue.objects.select_for_update().filter(pk__in=ids, state=_State.RESOLVED).order_by("pk")
    closed = [issue for issue in rows if issue.resolved_at and late(issue.resolved_at, issue.region_code)]
    chosen = [issue.pk for issue in closed]
    Issue.objects.filter(pk__in=chosen).update(state=_State.CONFIRMED, closed_at=now, changed_at=now)
    Move.objects.bulk_create([Move(issue=issue, kind=Move.Kind.CONFIRMED, at=now) for issue in closed])
    details = {"state": str(_State.CONFIRMED), "by_raiser": False, "silent": True}
    record_all(None, f"issue.{Move.Kind.CONFIRMED}", [(issue, dict(details)) for issue in closed], at=now)
    return len(closed)


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
