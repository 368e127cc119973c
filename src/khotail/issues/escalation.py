"""What is overdue is watched one level up; what nobody confirms counts as closed after its days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.notifications import notify
from khotail.accounts.roles import May
from khotail.casework.actors import officers_at
from khotail.casework.deadlines import after_working_days
from khotail.casework.escalation import level_by_now
from khotail.issues.models import Issue, Move
from khotail.issues.moving import issue_path, moved
from khotail.issues.routing import setting
from khotail.rulebook.procedures import LEVELS

_State = Issue.State
_WAITING = (_State.SORTING, _State.SENT, _State.ACCEPTED)
_RANKS = {name: rank for rank, name in enumerate(LEVELS)}


def escalate_overdue(now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> Counter[str]:
    """Send every overdue issue one level up to be watched, and close what was not answered in time. Twice changes nothing."""
    today, counts, done = timezone.localdate(now), Counter[str](), 0
    overdue = Issue.objects.filter(state__in=_WAITING, due_on__lt=today).order_by("id").values_list("pk", flat=True)
    for pk in list(overdue):
        counts["escalated"] += _escalate(pk, today, now)
        done += 1
        keep_on(done)
    for pk in list(Issue.objects.filter(state=_State.RESOLVED).order_by("id").values_list("pk", flat=True)):
        counts["closed"] += _close(pk, today, now)
        done += 1
        keep_on(done)
    return counts


@transaction.atomic
def _escalate(pk: int, today: date, now: datetime) -> bool:
    issue = Issue.objects.select_for_update().filter(pk=pk, state__in=_WAITING, due_on__lt=today).first()
    if issue is None or issue.due_on is None:
        return False
    first = issue.level or "village"
    level = level_by_now(first, issue.due_on, today, issue.region_code)
    if level is None or _RANKS[level] <= _RANKS[issue.escalated_to or first]:
        return False
    before, issue.escalated_to = issue.escalated_to or first, level
    moved(issue, Move.Kind.ESCALATED, by=None, now=now, before=before, after=level)
    people = [one for one in officers_at(level, issue.region_code) if one.may(May.SORT_ISSUES)]
    notify(people, "issue-late", issue_path(issue), now, number=issue.number, due=issue.due_on)
    return True


@transaction.atomic
def _close(pk: int, today: date, now: datetime) -> bool:
    """Said to be resolved and not answered: closed, and still to be reopened by whoever raised it."""
    issue = Issue.objects.select_for_update().filter(pk=pk, state=_State.RESOLVED).first()
    if issue is None or issue.resolved_at is None:
        return False
    days = int(setting("issue_confirm_days", today, issue.region_code))
    if today <= after_working_days(timezone.localdate(issue.resolved_at), days):
        return False
    issue.state, issue.closed_at = _State.CONFIRMED, now
    moved(issue, Move.Kind.CONFIRMED, by=None, now=now, silent=True)
    return True
