"""Papers of help at once that are overdue go one level up, as steps of casework do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.notifications import notify
from khotail.assistance.models import Emergency
from khotail.casework.escalation import AT_ONCE, Staff
from khotail.rulebook.procedures import LEVELS
from khotail.trail.chain import record_all

_RANKS = {name: rank for rank, name in enumerate(LEVELS)}
#: So many at once are told one by one; more, by their number.
_ONE_BY_ONE = 5
EMERGENCIES_PATH = "/help/emergencies/"


def escalate_overdue(now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> int:
    """Send what is overdue up to the level that it has come to; returns how many moved. Twice changes nothing."""
    staff, moved, done = Staff(timezone.localdate(now)), 0, 0
    overdue = Emergency.objects.filter(state=Emergency.State.OPEN, due_on__lt=staff.today)
    ids = list(overdue.order_by("region_code", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        chunk = ids[start : start + AT_ONCE]
        moved += _escalate(chunk, staff, now)
        done += len(chunk)
        keep_on(done)
    return moved


@transaction.atomic
def _escalate(ids: list[int], staff: Staff, now: datetime) -> int:
    rows = Emergency.objects.select_for_update(of=("self",)).filter(pk__in=ids, state=Emergency.State.OPEN)
    gone_up: list[tuple[Emergency, str]] = []
    for found in rows.select_related("household").order_by("region_code", "pk"):
        first = found.level if found.level in _RANKS else "village"
        before = found.escalated_to or first
        level = staff.level_by_now(first, found.due_on, found.region_code)
        if level is not None and _RANKS[level] > _RANKS[before]:
            found.escalated_to = level
            found.save(update_fields=["escalated_to"])
            gone_up.append((found, before))
    _tell([found for found, _ in gone_up], staff, now)
    record_all(
        None,
        "emergency.escalated",
        [(found, {"before": before, "after": found.escalated_to}) for found, before in gone_up],
        at=now,
    )
    return len(gone_up)


def _tell(gone_up: list[Emergency], staff: Staff, now: datetime) -> None:
    """Those who take over: of each, or of how many there are."""
    of_place: dict[tuple[str, str], list[Emergency]] = defaultdict(list)
    for found in gone_up:
        for person in staff.at(found.escalated_to, found.region_code)[:1]:
            of_place[found.escalated_to, person.region_code].append(found)
    for (level, region_code), those in of_place.items():
        people = staff.at(level, region_code)
        if len(those) > _ONE_BY_ONE:
            notify(people, "emergencies-late", f"{EMERGENCIES_PATH}?late=1", now, count=len(those))
            continue
        for found in those:
            path = f"{EMERGENCIES_PATH}{found.pk}/"
            notify(people, "emergency-late", path, now, household=found.household.number, due=found.due_on)
