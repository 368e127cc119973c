"""What a request to list issues asks for, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

MOST = 1000
_DAYS = timedelta(days=90)
_STATUSES = frozenset(("open", "closed"))


class NotValid(Exception):
    """A parameter that cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Asked:
    """An empty parameter is a missing one. `numbers` overrides everything else."""

    numbers: tuple[str, ...]
    services: tuple[str, ...]
    statuses: frozenset[str]
    start: datetime
    end: datetime
    page: int
    page_size: int


def asked(given: QueryDict, now: datetime) -> Asked:
    """The last 90 days unless a range is given; a range spans at most 90. Raises NotValid."""
    start, end = _moment(given, "start_date"), _moment(given, "end_date")
    if start and end and end - start > _DAYS:
        raise NotValid("start_date and end_date may span at most 90 days.")
    if start and end and end < start:
        raise NotValid("end_date lies before start_date.")
    if start and end is None:
        end = min(start + _DAYS, now) if start <= now else start
    end = end or now
    statuses = frozenset(_list(given, "status"))
    if not statuses <= _STATUSES:
        raise NotValid("status is open, closed or both.")
    return Asked(
        numbers=tuple(one.upper() for one in _list(given, "service_request_id"))[:MOST],
        services=tuple(_list(given, "service_code")),
        statuses=statuses or _STATUSES,
        start=start or end - _DAYS,
        end=end,
        page=_number(given, "page", 1, 1000),
        page_size=_number(given, "page_size", MOST, MOST),
    )


def _list(given: QueryDict, name: str) -> list[str]:
    return [part for one in given.getlist(name) for part in (piece.strip() for piece in one.split(",")) if part]


def _moment(given: QueryDict, name: str) -> datetime | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        found = parse_datetime(text.replace(" ", "+"))  # a plus that was not encoded arrives as a space
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise NotValid(f"{name} must be a date and time with zone, such as 2026-06-03T00:00:00+08:00.")
    return found


def _number(given: QueryDict, name: str, default: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
        raise NotValid(f"{name} is a number from 1 to {most}.")
    return int(text)
