"""China's working days: weekends, public holidays, and the weekends worked in exchange.

The calendar comes from `chinesecalendar`, which knows the years whose holidays the State Council has announced. Beyond
them Monday to Friday counts, and `is_certain` says so.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

#: Years whose holidays are announced.
FIRST_YEAR, LAST_YEAR = min(holidays).year, max(holidays).year


def is_certain(day: date) -> bool:
    """Whether the holidays of the day's year are announced."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    return bool(is_workday(day)) if is_certain(day) else day.weekday() < 5
