"""Where nobody answers: places without an owner at a level that needs one, monitored households, tasks left behind.

A place needs an owner at its own level; a village also one at its township and one at its banner. A monitored household
needs its helper, or an owner. A task needs whoever follows the last one. An owner whose account was withdrawn is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.casework.deadlines import after_working_days
from khotail.oversight.models import Responsibility
from khotail.register.models import Household, Region
from khotail.screening.rulebook import setting
from khotail.trail.scope import in_region

#: level of a place → levels at which it needs an owner
NEEDED: dict[str, tuple[str, ...]] = {
    "province": ("province",),
    "league": ("league",),
    "banner": ("banner",),
    "township": ("township", "banner"),
    "village": ("village", "township", "banner"),
}
_LOOK_BACK_DAYS = 60


@dataclass(frozen=True)
class Vacancy:
    """A place or task that nobody answers for at a level; `since` is known where somebody did before."""

    region_code: str
    level: str
    task: str = ""
    since: date | None = None


def in_place(on: date) -> Q:
    """Responsibilities that somebody holds on a day."""
    held = Q(named_on__lte=on) & (Q(ended_on=None) | Q(ended_on__gt=on))
    return held & (Q(officer=None) | Q(officer__is_active=True))


def needed(region_code: str) -> set[tuple[str, str]]:
    """(place, level) for everything within a region that needs an owner."""
    rows = Region.objects.filter(in_region(region_code, "code")).values_list("code", "level")
    return {(code, level) for code, own in rows for level in NEEDED.get(own, ())}


def vacancies(region_code: str, today: date) -> list[Vacancy]:
    """Places first, from the top down; then tasks. Two queries."""
    held: set[tuple[str, str, str]] = set()
    ends: dict[tuple[str, str, str], date] = {}
    rows = Responsibility.objects.in_region(region_code).exclude(subject=Responsibility.Subject.HOUSEHOLD)
    for code, level, task, named_on, ended_on, officer, is_active in rows.order_by().values_list(
        "region_code", "level", "task", "named_on", "ended_on", "officer_id", "officer__is_active"
    ):
        key = (code, level, task)
        if ended_on:
            ends[key] = max(ended_on, ends.get(key, ended_on))
        if named_on <= today and (ended_on is None or ended_on > today) and (officer is None or is_active):
            held.add(key)
    open_ = {(code, level, "") for code, level in needed(region_code)} - held
    found = [
        Vacancy(code, level, since=ends.get((code, level, "")))
        for code, level, _ in sorted(open_, key=lambda key: (len(key[0]), key[0], LEVEL_DIGITS[key[1]]))
    ]
    return found + [
        Vacancy(code, level, task, since=on) for (code, level, task), on in sorted(ends.items())
        if task and (code, level, task) not in held and on >= today - timedelta(days=_LOOK_BACK_DAYS)
    ]  # fmt: skip


def households_without_owner(officer: Officer, region_code: str) -> QuerySet[Household]:
    """Monitored households, their risk not resolved, with neither a helper nor an owner."""
    rows = Household.objects.visible_to(officer).in_region(region_code).filter(ended_on=None, risk_resolved=False)
    rows = rows.exclude(monitored_type="").filter(Q(helper=None) | Q(helper__is_active=False))
    return rows.exclude(responsibilities__ended_on=None, responsibilities__isnull=False).order_by(
        "region_code", "number"
    )


def not_accepted(officer: Officer, region_code: str, today: date) -> QuerySet[Responsibility]:
    """Named and not accepted, the oldest first."""
    rows = Responsibility.objects.in_region(region_code) & Responsibility.objects.visible_to(officer)
    return (
        rows.filter(ended_on=None, accepted_at=None).select_related("officer", "household").order_by("named_on", "id")
    )


def late_from(today: date, region_code: str) -> date:
    """Whoever was named on this day or before, and has not accepted, is late."""
    allowed = int(setting("responsibility_accept_days", today, region_code))
    day = today
    while after_working_days(day, allowed) >= today:
        day -= timedelta(days=1)
    return day
