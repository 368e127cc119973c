"""Public issues as the board shows them: the class and not the words of whoever raised it, the village and not the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from khotail.issues.models import Issue, Photo
from khotail.issues.queries import OPEN_STATES
from khotail.issues.routing import days
from khotail.portal.places import named
from khotail.rulebook.routes import RightsCard, Route
from khotail.screening.rulebook import current
from khotail.texts import Text


@dataclass(frozen=True)
class Shown:
    issue: Issue
    name: Text  # of its class
    place: str
    is_open: bool
    is_overdue: bool
    photos: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Promise:
    """The rights card of a class with its days: working days to take it up, and to resolve it."""

    name: Text
    card: RightsCard
    accept_days: int
    days: int


def shown(issues: Sequence[Issue], today: date) -> list[Shown]:
    """Two queries, however many there are."""
    places, photos = named(issue.region_code for issue in issues), _photos(issues)
    return [
        Shown(
            issue=issue,
            name=class_name(issue.route),
            place=places[issue.region_code],
            is_open=issue.state in OPEN_STATES,
            is_overdue=issue.state in OPEN_STATES and bool(issue.due_on and issue.due_on < today),
            photos=photos.get(issue.pk, []),
        )
        for issue in issues
    ]


def class_name(route_id: str) -> Text:
    route = current().routes.get(route_id)
    return route.name if route else Text(route_id, route_id)


def promise(route: Route | None, on: date, region_code: str) -> Promise | None:
    if route is None:
        return None
    accept, whole = (days(amount, on, region_code) for amount in (route.accept_days, route.days))
    return Promise(route.name, route.card, accept, whole)


def grouped(routes: Sequence[Route]) -> list[tuple[Text, list[Route]]]:
    """Classes branch by branch, for a list to choose from."""
    found: dict[str, list[Route]] = {}
    for route in routes:
        found.setdefault(route.group, []).append(route)
    return [(current().route_groups[group].name, members) for group, members in found.items()]


def _photos(issues: Sequence[Issue]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = Photo.objects.filter(issue__in=[issue.pk for issue in issues], public=True).order_by("id")
    for issue_id, pk in rows.values_list("issue_id", "pk"):
        found.setdefault(issue_id, []).append(pk)
    return found
