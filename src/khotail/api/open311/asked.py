"""What a request to list issues asks for, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

MOST = 1000
_DAYS = timedelta(days=90)
_FIRST_YEAR, _LAST_YEAR = 1970, 2999  # beyond them 90 days more or less may be no date at all
_STATUSES = frozenset(("open", "closed"))


class Refused(Exception):
    """A request that cannot be answered: the HTTP status of the standard (400, 403, 404), and why."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


@dataclass(frozen=True)
class Asked:
    """An empty parameter is a missing one. `numbers`, if any were asked for, overrides everything else."""

    numbers: tuple[str, ...] | None
    services: tuple[str, ...]
    statuses: frozenset[str]
    start: datetime
    end: datetime
    page: int
    page_size: int


def asked(given: QueryDict, now: datetime) -> Asked:
    """The last 90 days unless a range is given; a range spans at most 90. Raises Refused."""
    numbers = tuple(one.upper() for one in _list(given, "service_request_id"))
    if numbers:
        found = tuple(one for one in numbers if one.isascii() and one.isalnum())[:MOST]
        return Asked(found, (), _STATUSES, now - _DAYS, now, 1, MOST)
    start, end = _moment(given, "start_date"), _moment(given, "end_date")
    if start and end and end - start > _DAYS:
        raise Refused(400, "start_date and end_date may span at most 90 days.")
    if start and end and end < start:
        raise Refused(400, "end_date lies before start_date.")
    if end is None:
        end = max(start, min(start + _DAYS, now)) if start else now
    statuses = frozenset(_list(given, "status"))
    if not statuses <= _STATUSES:
        raise Refused(400, "status is open, closed or both.")
    return Asked(
        numbers=None,
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
    if found is None or found.tzinfo is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Refused(400, f"{name} must be a date and time with zone, such as 2026-06-03T00:00:00+08:00.")
    return found


def _number(given: QueryDict, name: str, default: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refused(400, f"{name} is a number from 1 to {most}.")
    return int(text)
