"""What is overdue goes one level up: the next level may then do it, and is told.

The level follows from the due date alone: the day after it the next one, and after each further span of the rulebook's
`escalation_days` one more. So the daily job may run twice, or not for a week, and the result is the same.

After a holiday a banner may have tens of thousands overdue: they go up in chunks, and whoever takes over many at once is
told of their number in one sentence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS, LEVEL_OF_DIGITS, Officer
from khotail.accounts.notifications import notify
from khotail.casework.actors import LEAD_LEVEL, TAKES_OVER
from khotail.casework.deadlines import after_working_days
from khotail.casework.models import Lead, Step
from khotail.casework.opening import case_path
from khotail.casework.procedures import spec_of
from khotail.casework.raising import LEADS_PATH
from khotail.rulebook.procedures import LEVELS
from khotail.screening.rulebook import setting
from khotail.trail.chain import record_all

#: Rows of one transaction.
AT_ONCE = 1000
#: So many at once are told one by one; more, by their number.
_ONE_BY_ONE = 5
_LATE_CASES = "/cases/?late=1"
_RANKS = {name: rank for rank, name in enumerate(LEVELS)}


def escalate_overdue(now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> Counter[str]:
    """Send every overdue lead and step up to the level that it has come to. Returns how many of each were.

    keep_on  called after each chunk with the number done; a job's progress
    """
    today, done, counts = timezone.localdate(now), 0, Counter[str]()
    staff = Staff(today)
    for model in (Lead, Step):
        overdue = model.objects.filter(due_on__lt=today)
        overdue = overdue.filter(state=Lead.State.OPEN) if model is Lead else overdue.filter(closed_at=None)
        ids = list(overdue.order_by("region_code", "id").values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            chunk = ids[start : start + AT_ONCE]
            if escalated := _escalate(model, chunk, staff, now):
                counts[model._meta.model_name or ""] += escalated
            done += len(chunk)
            keep_on(done)
    return counts


def level_by_now(first: str, due_on: date, today: date, region_code: str) -> str | None:
    """As `Staff.level_by_now`, for one thing alone."""
    return Staff(today).level_by_now(first, due_on, region_code)


class Staff:
    """Who takes over where, and how far overdue things have come: read and worked out once for a whole run."""

    def __init__(self, today: date) -> None:
        self.today = today
        active = Officer.objects.filter(is_active=True, role__in=TAKES_OVER)
        self.people: dict[str, list[Officer]] = defaultdict(list)
        for officer in active:
            self.people[officer.region_code].append(officer)
        self._levels: dict[tuple[str, date, str], str | None] = {}
        self._after: dict[tuple[date, int], date] = {}

    def at(self, level: str, region_code: str) -> list[Officer]:
        return self.people.get(region_code[: LEVEL_DIGITS[level]], [])

    def level_by_now(self, first: str, due_on: date, region_code: str) -> str | None:
        """The level that an overdue thing has come up to; None if it is not overdue or nobody stands above."""
        key = first, due_on, region_code
        if key not in self._levels:
            self._levels[key] = self._level_by_now(*key)
        return self._levels[key]

    def _level_by_now(self, first: str, due_on: date, region_code: str) -> str | None:
        span = max(int(setting("escalation_days", self.today, region_code)), 1)
        level, limit = None, due_on
        while self.today > limit:
            above = self._next(level or first, region_code)
            if above is None:
                break
            if (limit, span) not in self._after:
                self._after[limit, span] = after_working_days(limit, span)
            level, limit = above, self._after[limit, span]
        return level

    def _next(self, level: str, region_code: str) -> str | None:
        names = list(LEVELS)
        return next((name for name in names[names.index(level) + 1 :] if self.at(name, region_code)), None)


@transaction.atomic
def _escalate(model: type[Lead] | type[Step], ids: list[int], staff: Staff, now: datetime) -> int:
    """Send those of a chunk up that are still open and have further to go; returns how many."""
    locked = model.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("region_code", "pk")
    still = locked.filter(state=Lead.State.OPEN) if model is Lead else locked.filter(closed_at=None)
    moved: list[tuple[Lead | Step, str]] = []
    for found in still.select_related("household", *([] if model is Lead else ["case"])):
        first = LEAD_LEVEL if isinstance(found, Lead) else found.level
        before = found.escalated_to or first
        level = staff.level_by_now(first, found.due_on, found.region_code)
        if level is not None and _RANKS[level] > _RANKS[before]:
            found.escalated_to = level
            moved.append((found, before))
    for level in {found.escalated_to for found, _ in moved}:
        chosen = [found.pk for found, _ in moved if found.escalated_to == level]
        model.objects.filter(pk__in=chosen).update(escalated_to=level)
    verb = "lead.escalated" if model is Lead else "step.escalated"
    _tell([found for found, _ in moved], staff, now)
    record_all(
        None, verb, [(found, {"before": before, "after": found.escalated_to}) for found, before in moved], at=now
    )
    return len(moved)


def _tell(moved: list[Lead | Step], staff: Staff, now: datetime) -> None:
    """Those who take over: of each, or of how many there are."""

    def place(found: Lead | Step) -> str:
        return found.region_code[: LEVEL_DIGITS[found.escalated_to]]

    for region_code, group in groupby(sorted(moved, key=place), key=place):
        people, those = staff.at(LEVEL_OF_DIGITS[len(region_code)], region_code), list(group)
        if len(those) > _ONE_BY_ONE:
            are_leads = isinstance(those[0], Lead)
            kind, path = ("leads-late", f"{LEADS_PATH}?late=1") if are_leads else ("steps-escalated", _LATE_CASES)
            notify(people, kind, path, now, count=len(those))
        else:
            _tell_of_each(those, people, now)


def _tell_of_each(those: Iterable[Lead | Step], people: list[Officer], now: datetime) -> None:
    for found in those:
        number = found.household.number if found.household else "—"
        if isinstance(found, Lead):
            notify(people, "lead-late", LEADS_PATH, now, household=number, due=found.due_on)
        else:
            step = spec_of(found).name
            notify(people, "step-escalated", case_path(found.case), now, household=number, step=step, due=found.due_on)
