"""Public issues as the board shows them: the class and not the words of whoever raised it, the village and not the spot."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from khotail.accounts.language import readers_language
from khotail.issues.models import Issue, Photo
from khotail.issues.queries import OPEN_STATES
from khotail.issues.routing import days
from khotail.portal.places import name_of
from khotail.rulebook.routes import RightsCard, Route
from khotail.screening.rulebook import current
from khotail.texts import Language, Text


@dataclass(frozen=True)
class Shown:
    issue: Issue
    name: Text  # of its class
    place: str
    state: str
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
    """One query, however many there are."""
    photos, states = _photos(issues), dict(Issue.State.choices)
    return [
        Shown(
            issue=issue,
            name=class_name(issue.route),
            place=name_of(issue.region_code),
            state=states[issue.state],
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


def public_options() -> SafeString:
    """Every class that may be shown in public, as options of a select, in the reader's language."""
    return _options(id(current()), readers_language())


@functools.lru_cache(maxsize=8)
def _options(_rulebook: int, language: Language) -> SafeString:
    routes = [route for route in current().routes.values() if not route.quiet]
    return format_html_join(
        "",
        '<optgroup label="{}">{}</optgroup>',
        (
            (
                group.in_language(language),
                format_html_join(
                    "", '<option value="{}">{}</option>', ((one.id, one.name.in_language(language)) for one in members)
                ),
            )
            for group, members in grouped(routes)
        ),
    )


def _photos(issues: Sequence[Issue]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = Photo.objects.filter(issue__in=[issue.pk for issue in issues], public=True).order_by("id")
    for issue_id, pk in rows.values_list("issue_id", "pk"):
        found.setdefault(issue_id, []).append(pk)
    return found
