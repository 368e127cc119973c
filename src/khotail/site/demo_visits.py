"""Visits of the demo: the rulebook's forms, and a round that the demo's cadre and helper have before them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from khotail.site.demo_people import People
from khotail.visits.forms import publish_rulebook_forms
from khotail.visits.models import Assignment
from khotail.visits.rounds import open_round

_DAYS = 20


def plan_visits(people: People, now: datetime) -> int:
    """Offer the forms and open one round for the monitored households of the cadre's village; returns the visits."""
    publish_rulebook_forms(now)
    today = timezone.localdate(now)
    village = people["village-cadre"].region_code
    opened = open_round(
        "季度走访", "household_visit", village, "monitored", starts_on=today, due_on=today + timedelta(days=_DAYS),
        by=people["banner-officer"], now=now,
    )  # fmt: skip
    return Assignment.objects.filter(round=opened).count()
