"""What runs by itself, read from `schedule.yaml`: each slot of each entry is asked for once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone

from khotail.jobs import actions
from khotail.jobs.kinds import KINDS
from khotail.jobs.models import Job
from khotail.jobs.working_days import is_working_day
from khotail.problems import Problem
from khotail.texts import Text
from khotail.trail.models import Event

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: A slot that was missed while no worker ran is made up for so long.
_MADE_UP = timedelta(hours=12)


class BadSchedule(Problem):
    sentence = Text("{path} 中的定时任务“{id}”不对：{what}。", "{path}: the recurring job “{id}” is not right: {what}.")
    exit_code = 2


@dataclass(frozen=True)
class Recurring:
    """A job that recurs at one time of the day, in business time."""

    id: str
    kind: str
    at: time
    days: str | tuple[str, ...]  # "every", "working", or weekdays
    arguments: dict[str, Any] = field(default_factory=dict)

    def falls_on(self, day: date) -> bool:
        if self.days == "every":
            return True
        if self.days == "working":
            return is_working_day(day)
        return _WEEKDAYS[day.weekday()] in self.days

    def last_slot(self, now: datetime) -> datetime | None:
        """The latest moment up to `now` at which it should have run, if that is to be made up for."""
        for day in (timezone.localdate(now), timezone.localdate(now) - timedelta(days=1)):
            slot = datetime.combine(day, self.at, timezone.get_default_timezone())
            if slot <= now < slot + _MADE_UP and self.falls_on(day):
                return slot
        return None


def ask_for_what_is_due(now: datetime, entries: Sequence[Recurring] | None = None) -> list[Job]:
    """Ask for the jobs whose slot has come. Before anybody has worked with the installation, nothing is due."""
    banner = settings.KHOTAIL_BANNER
    asked = []
    for entry in recurring() if entries is None else entries:
        slot = entry.last_slot(now)
        if slot is None or entry.kind not in KINDS:
            continue
        key = f"{entry.id}@{slot:%Y-%m-%dT%H:%M}"
        if Job.objects.filter(key=key).exists() or not Event.objects.filter(at__lt=slot).exists():
            continue
        asked.append(actions.ask(entry.kind, entry.arguments, by=None, region_code=banner, now=now, key=key))
    return asked


@functools.cache
def recurring() -> tuple[Recurring, ...]:
    """The installation's table. Raises BadSchedule."""
    path = Path(getattr(settings, "KHOTAIL_SCHEDULE", "") or Path(__file__).with_name("schedule.yaml"))
    return tuple(_entry(row, path) for row in yaml.safe_load(path.read_text(encoding="utf-8")) or ())


def _entry(row: dict[str, Any], path: Path) -> Recurring:
    name = str(row.get("id", "?"))
    try:
        days = row["days"] if isinstance(row["days"], str) else tuple(row["days"])
        if days not in ("every", "working") and not (isinstance(days, tuple) and set(days) <= set(_WEEKDAYS)):
            raise BadSchedule(path=path, id=name, what=f"days: {row['days']}")
        return Recurring(name, row["kind"], time.fromisoformat(row["at"]), days, dict(row.get("arguments") or {}))
    except (KeyError, ValueError, TypeError) as error:
        raise BadSchedule(path=path, id=name, what=str(error)) from error
