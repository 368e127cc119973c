"""Overdue milestones are watched one level up, by the due day alone: twice changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import LEVEL_OF_DIGITS
from khotail.accounts.notifications import notify
from khotail.casework.escalation import AT_ONCE, Staff
from khotail.funds.models import Milestone
from khotail.rulebook.procedures import LEVELS
from khotail.trail.chain import record_all

_RANKS = {name: rank for rank, name in enumerate(LEVELS)}
_LATE = "/funds/milestones/?late=1"


def escalate_overdue(now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> int:
    """Send every overdue milestone up to the level that it has come to. Returns how many moved."""
    staff, moved, done = Staff(timezone.localdate(now)), 0, 0
    overdue = Milestone.objects.filter(done_on=None, due_on__lt=staff.today)
    ids = list(overdue.order_by("region_code", "id").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        chunk = ids[start : start + AT_ONCE]
        moved += _escalate(chunk, staff, now)
        done += len(chunk)
        keep_on(done)
    return moved


@transaction.atomic
def _escalate(ids: list[int], staff: Staff, now: datetime) -> int:
    rows = Milestone.objects.select_for_update().filter(pk__in=ids, done_on=None, due_on__lt=staff.today)
    gone_up: list[tuple[Milestone, str]] = []
    for each in rows.order_by("region_code", "pk"):
        first = LEVEL_OF_DIGITS[len(each.region_code)]
        before = each.escalated_to or first
        level = staff.level_by_now(first, each.due_on, each.region_code) if first in _RANKS else None
        if level is not None and _RANKS[level] > _RANKS[before]:
            each.escalated_to = level
            gone_up.append((each, before))
    for level in {each.escalated_to for each, _ in gone_up}:
        Milestone.objects.filter(pk__in=[each.pk for each, _ in gone_up if each.escalated_to == level]).update(
            escalated_to=level
        )
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for each, _ in gone_up:
        for person in staff.at(each.escalated_to, each.region_code)[:1]:
            counts[each.escalated_to, person.region_code] += 1
    for (level, region_code), count in counts.items():
        notify(staff.at(level, region_code), "milestones-late", _LATE, now, count=count)
    events = [(each, {"before": before, "after": each.escalated_to}) for each, before in gone_up]
    record_all(None, "milestone.escalated", events, at=now)
    return len(gone_up)
