"""When something is due: limits counted in working days and months."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from khotail.jobs.working_days import is_working_day


def after_working_days(start: date, days: int) -> date:
    """The day on which a limit of so many working days ends; the day it starts on does not count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def working_days_left(today: date, due_on: date) -> int:
    """Working days from tomorrow to the due day; negative once it has passed, by the working days gone since."""
    first, last = sorted((today, due_on))
    between = sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    return between if due_on >= today else -between


def after_months(start: date, months: int) -> date:
    """The same day so many months later, or the last of the month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
