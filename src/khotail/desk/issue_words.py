"""Words of issues for pages: classes by their branches, fields of work, places of an officer."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from khotail.accounts.models import LEVEL_DIGITS, LEVEL_OF_DIGITS, Officer
from khotail.accounts.roles import LEVEL_NAMES
from khotail.desk.regions import name_of, path_of
from khotail.desk.templatetags.khotail import spoken
from khotail.issues.bodies import of_place
from khotail.issues.models import Issue
from khotail.issues.routing import known_routes, open_routes
from khotail.register.models import Region
from khotail.rulebook.routes import FIELDS, Route
from khotail.screening.rulebook import current
from khotail.trail.scope import in_region

Choices = list[tuple[str, Any]]


def route_name(id_: str) -> str:
    """The class in the reader's language; its id if the rulebook has lost it."""
    found = known_routes().get(id_)
    return spoken(found.name) if found else id_


def field_name(field: str) -> str:
    return spoken(FIELDS.get(field, field))


def route_choices(on: date, region_code: str) -> Choices:
    """The classes open at a place, branch by branch."""
    groups = current().route_groups
    return [
        (spoken(groups[id_].name), [(route.id, spoken(route.name)) for route in routes])
        for id_, routes in groupby(open_routes(on, region_code), key=lambda route: route.group)
    ]


def places_of(officer: Officer, within: str = "") -> Choices:
    """Regions of the officer's down to the village, the whole first: a place may be known less exactly.

    within  a region of theirs to begin from
    """
    top = within or officer.region_code
    if len(top) == LEVEL_DIGITS["village"]:
        return [(top, name_of(top))]
    rows = Region.objects.filter(in_region(top, "code"), level__in=("banner", "township", "village")).order_by("code")
    named = [(code, path_of(code, below=top[: LEVEL_DIGITS["banner"]])) for code in rows.values_list("code", flat=True)]
    whole = _("%(place)s, village not known") % {"place": name_of(top)}
    return [(top, whole), *(pair for pair in named if pair[0] != top)]


def bodies_of(issue: Issue, on: date) -> Choices:
    """Bodies of the issue's place with their level, but the one that has it."""
    return [
        (str(body.pk), f"{body.name} ({level_of(body.region_code)})")
        for body in of_place(issue.region_code, on)
        if body.pk != issue.body_id
    ]


def level_of(region_code: str) -> str:
    level = LEVEL_OF_DIGITS.get(len(region_code), "")
    return spoken(LEVEL_NAMES.get(level, level))


def shown_suggestions(issue: Issue, on: date, most: int = 2) -> list[tuple[Route, int]]:
    """The first classes that were suggested when it was raised and are still open, each with its per cent."""
    open_ = {route.id: route for route in open_routes(on, issue.region_code)}
    return [
        (open_[each["route"]], round(100 * each["confidence"])) for each in issue.suggested if each["route"] in open_
    ][:most]
