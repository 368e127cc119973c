"""Which classes there are, and which body answers for one at a place."""

from __future__ import annotations

from datetime import date

from khotail.accounts.models import LEVEL_DIGITS
from khotail.issues.models import Body
from khotail.issues.problems import NoBody, UnknownRoute
from khotail.rulebook.procedures import LEVELS
from khotail.rulebook.routes import FIELDS, Days, Route, days_on
from khotail.screening.rulebook import current

#: Who takes what no special body answers for.
GENERAL = {"village": "committee"}
_GENERAL_ABOVE = "government"


def open_routes(on: date, region_code: str) -> tuple[Route, ...]:
    """The classes that may be raised on a day at a place, branch by branch."""
    return current().routes_open(on, region_code)


def route_of(id_: str, on: date | None = None, region_code: str = "") -> Route:
    """A class by id; with a day, one that is open then and there. Raises UnknownRoute."""
    found = current().routes.get(id_)
    if found is None or (on is not None and not found.holds_on(on, region_code)):
        raise UnknownRoute(route=id_[:60], on=on or "—")
    return found


def known_routes() -> dict[str, Route]:
    """Every class of the rulebook by id, also those that are over."""
    return current().routes


def days(amount: Days, on: date, region_code: str) -> int:
    """Working days of a class, on a day at a place."""
    return days_on(amount, current().parameters, on, region_code)


def body_for(field: str, level: str, region_code: str, on: date) -> tuple[Body, str]:
    """The body that answers for a field at a place, and its level: at `level`, else the next one up that has one.

    Where a level has no special body, its general office takes it before the level above is asked. Raises NoBody.
    """
    names = list(LEVELS)
    for name in names[names.index(level) :]:
        digits = LEVEL_DIGITS[name]
        if len(region_code) < digits:
            continue
        for wanted in dict.fromkeys((field, GENERAL.get(name, _GENERAL_ABOVE))):
            found = _standing(wanted, region_code[:digits], on)
            if found:
                return found, name
    zh, en = FIELDS.get(field, FIELDS[_GENERAL_ABOVE]), LEVELS[level]
    raise NoBody(field_zh=zh.zh, field_en=zh.en, level_zh=en.zh, level_en=en.en)


def level_of(body: Body) -> str:
    """The level at which a body sits, by its region."""
    return next(name for name, digits in LEVEL_DIGITS.items() if digits == len(body.region_code))


def _standing(field: str, region_code: str, on: date) -> Body | None:
    """A body of the field that stands on the day; where it was followed by another, that one."""
    found = Body.objects.filter(field=field, region_code=region_code).order_by("-id")
    for body in found:
        heir: Body | None = body
        seen: set[int] = set()
        while heir and heir.ended_on and heir.ended_on <= on and heir.pk not in seen:
            seen.add(heir.pk)
            heir = heir.successor
        if heir and (heir.ended_on is None or heir.ended_on > on):
            return heir
    return None
