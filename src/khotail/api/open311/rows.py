"""What GeoReport tells of a request and of a service, made for many at once: a list of 1,000 costs five queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils import timezone

from khotail.issues.models import Issue, Move, Photo
from khotail.issues.queries import DONE_STATES, NOT_IN_PUBLIC
from khotail.register.models import Region
from khotail.rulebook.routes import Route
from khotail.screening.rulebook import current

#: Of a degree: about a hundred metres.
_PLACE_DIGITS = 3
_NAMED_DIGITS = (6, 9, 12)


def service_row(route: Route) -> dict[str, Any]:
    return {
        "service_code": route.id,
        "service_name": route.name.zh,
        "description": route.description.zh,
        "metadata": bool(route.attributes),
        "type": "realtime",
        "keywords": ",".join(route.words),
        "group": current().route_groups[route.group].name.zh,
    }


def request_rows(issues: Sequence[Issue], absolute: Callable[[str], str]) -> list[dict[str, Any]]:
    """One row for each issue, in their order. `absolute` makes an address of a path of this site."""
    notes, photos, names = _notes(issues), _photos(issues), _names(issues)
    return [_row(issue, notes, photos, names, absolute) for issue in issues]


def _row(
    issue: Issue, notes: dict[int, str], photos: dict[int, int], names: dict[str, str], absolute: Callable[[str], str]
) -> dict[str, Any]:
    closed = issue.state in DONE_STATES
    last = issue.closed_at or issue.resolved_at if closed else None
    route = current().routes.get(issue.route)
    photo = photos.get(issue.pk)
    return {
        "service_request_id": issue.number,
        "status": "closed" if closed else "open",
        "status_notes": notes.get(issue.pk, ""),
        "service_name": route.name.zh if route else issue.route,
        "service_code": issue.route,
        "description": issue.public_words,
        "agency_responsible": issue.body.name if issue.body else "",
        "service_notice": route.card.steps[0].zh if route and route.card.steps else "",
        "requested_datetime": _said(issue.raised_at),
        "updated_datetime": _said(last or issue.changed_at),
        "expected_datetime": _said_day(issue.due_on),
        "address": "".join(names.get(issue.region_code[:digits], "") for digits in _codes_of(issue)),
        "address_id": issue.region_code,
        "zipcode": None,
        "lat": _rounded(issue.latitude),
        "long": _rounded(issue.longitude),
        "media_url": absolute(reverse("board_photo", args=[issue.number, photo])) if photo else "",
        "state": str(issue.state),
    }


def _notes(issues: Sequence[Issue]) -> dict[int, str]:
    """The newest public words of each issue's history."""
    rows = Move.objects.filter(issue__in=[one.pk for one in issues]).exclude(public_words="")
    rows = rows.exclude(kind__in=NOT_IN_PUBLIC).order_by("id")
    return dict(rows.values_list("issue_id", "public_words"))


def _photos(issues: Sequence[Issue]) -> dict[int, int]:
    """The first public photo of each issue."""
    rows = Photo.objects.filter(issue__in=[one.pk for one in issues], public=True).order_by("-id")
    return dict(rows.values_list("issue_id", "pk"))


def _names(issues: Sequence[Issue]) -> dict[str, str]:
    codes = {issue.region_code[:digits] for issue in issues for digits in _codes_of(issue)}
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def _codes_of(issue: Issue) -> list[int]:
    return [digits for digits in _NAMED_DIGITS if digits <= len(issue.region_code)]


def _rounded(degrees: Any) -> float | None:
    return None if degrees is None else round(float(degrees), _PLACE_DIGITS)


def _said(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _said_day(day: date | None) -> str | None:
    """A deadline ends with its day."""
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), tzinfo=timezone.get_default_timezone()).isoformat()
