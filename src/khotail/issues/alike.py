"""Issues that may be the same: raised near by not long ago, and worded alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rapidfuzz import fuzz

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.issues.models import Issue
from khotail.issues.queries import of_place
from khotail.trail.scope import in_region

_DAYS = 90
#: How many of a place's newest issues are compared.
_COMPARED = 400
_LEAST = 0.45
_FIRST = 5
_NEAR_METRES = 300.0
_EARTH_METRES = 6_371_000


@dataclass(frozen=True, slots=True)
class Alike:
    """An issue and how like it is, from 0 to 1."""

    issue: Issue
    likeness: float


def alike(
    words: str,
    region_code: str,
    now: datetime,
    *,
    latitude: float | None = None,
    longitude: float | None = None,
    route: str = "",
    officer: Officer | None = None,
    but: Issue | None = None,
) -> list[Alike]:
    """Issues of the same township that may be the same as these words, the likeliest first.

    officer  sees what they may see; without one, only what is public is compared, by what is public of it
    """
    township = region_code[: LEVEL_DIGITS["township"]]
    rows = (
        Issue.objects.visible_to(officer).filter(in_region(township))
        if officer
        else of_place(Issue.objects.shown_in_public(), township)
    )
    rows = rows.filter(id__gte=_first_id_since(now - timedelta(days=_DAYS))).exclude(state__in=Issue.CLOSED)
    if route:
        rows = rows.filter(route=route)
    if but:
        rows = rows.exclude(pk=but.pk)
    text = "words" if officer else "public_words"
    near_by = rows.exclude(**{text: ""}).order_by("-id")
    columns = near_by.values_list("pk", text, "region_code", "latitude", "longitude")[:_COMPARED]
    likeness = {}
    for pk, other, code, north, east in columns:
        like = _likeness(words, other)
        if _near(north, east, latitude, longitude):
            like = min(1.0, like + 0.3)
        elif code == region_code:
            like = min(1.0, like + 0.05)
        if like >= _LEAST:
            likeness[pk] = round(like, 3)
    first = sorted(likeness, key=lambda pk: (-likeness[pk], -pk))[:_FIRST]
    issues = Issue.objects.select_related("body").in_bulk(first)
    return [Alike(issues[pk], likeness[pk]) for pk in first]


def _first_id_since(moment: datetime) -> int:
    """Ids grow with time, so that the index over them serves for the date."""
    first = Issue.objects.filter(raised_at__gte=moment).order_by("raised_at", "pk").values_list("pk", flat=True).first()
    return first if first is not None else 2**62


def _likeness(words: str, other: str) -> float:
    return (
        fuzz.token_set_ratio(" ".join(words[:300]), " ".join(other[:300])) / 100 * 0.4
        + fuzz.ratio(words[:300], other[:300]) / 100 * 0.6
    )


def _near(north: Decimal | None, east: Decimal | None, latitude: float | None, longitude: float | None) -> bool:
    if latitude is None or longitude is None or north is None or east is None:
        return False
    up = math.radians(float(north) - latitude)
    across = math.radians(float(east) - longitude) * math.cos(math.radians(latitude))
    return math.hypot(up, across) * _EARTH_METRES <= _NEAR_METRES
