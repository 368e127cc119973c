"""What is overdue goes one level up: the next level may then do it, and is told.

The level follows from the due date alone: the day after it the next one, and after each further span of the rulebook's
`escalation_days` one more. So the daily job may run twice, or not for a week, and the result is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.notifications import notify
from khotail.casework.actors import LEAD_LEVEL, TAKES_OVER, next_level, officers_at
from khotail.casework.deadlines import after_working_days
from khotail.casework.models import Lead, Step
from khotail.casework.opening import case_path
from khotail.casework.procedures import setting, spec_of
from khotail.casework.raising import LEADS_PATH
from khotail.rulebook.procedures import LEVELS
from khotail.trail.chain import record as record_event

_RANKS = {name: rank for rank, name in enumerate(LEVELS)}


def escalate_overdue(now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> Counter[str]:
    """Send every overdue lead and step one level up, once. Returns how many of each were.

    keep_on  called after each with the number done; a job's progress
    """
    today, done, counts = timezone.localdate(now), 0, Counter[str]()
    for model in (Lead, Step):
        overdue = model.objects.filter(due_on__lt=today)
        overdue = overdue.filter(state=Lead.State.OPEN) if model is Lead else overdue.filter(closed_at=None)
        for id_ in list(overdue.order_by("id").values_list("pk", flat=True)):
            if _escalate(model, id_, today, now):
                counts[model._meta.model_name or ""] += 1
            done += 1
            keep_on(done)
    return counts


@transaction.atomic
def _escalate(model: type[Lead] | type[Step], id_: int, today: date, now: datetime) -> bool:
    found = model.objects.select_for_update().filter(pk=id_).first()
    if found is None or (found.state != Lead.State.OPEN if isinstance(found, Lead) else found.closed_at is not None):
        return False
    first = LEAD_LEVEL if isinstance(found, Lead) else found.level
    level = level_by_now(first, found.due_on, today, found.region_code)
    if level is None or _RANKS[level] <= _RANKS[found.escalated_to or first]:
        return False
    before = found.escalated_to or first
    found.escalated_to = level
    found.save(update_fields=["escalated_to"])
    verb = "lead.escalated" if isinstance(found, Lead) else "step.escalated"
    record_event(None, verb, found, at=now, before=before, after=level)
    _tell(found, level, now)
    return True


def level_by_now(first: str, due_on: date, today: date, region_code: str) -> str | None:
    """The level that an overdue thing has come up to; None if it is not overdue or nobody stands above."""
    span = int(setting("escalation_days", today, region_code))
    level, limit = None, due_on
    while today > limit:
        above = next_level(level or first, region_code)
        if above is None:
            break
        level, limit = above, after_working_days(limit, max(span, 1))
    return level


def _tell(found: Lead | Step, level: str, now: datetime) -> None:
    people = officers_at(level, found.region_code).filter(role__in=TAKES_OVER)
    number = found.household.number if found.household else "—"
    if isinstance(found, Lead):
        notify(people, "lead-late", LEADS_PATH, now, household=number, due=found.due_on)
    else:
        step = spec_of(found).name
        notify(people, "step-escalated", case_path(found.case), now, household=number, step=step, due=found.due_on)
