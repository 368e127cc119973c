"""Residents of the demo: three heads of households with phones of their own, so that the portal can be tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from khotail.casework.models import Case
from khotail.register.actions import correct
from khotail.register.models import Household
from khotail.site.demo_people import People

#: How the three households stand, in the order of `settings.KHOTAIL_DEMO_PHONES`.
_STATES: Sequence[Sequence[str]] = (
    (Case.State.HELPED,),
    (Case.State.DECIDING,),
    (Case.State.REFUSED,),
)


def give_phones(people: People, now: datetime) -> int:
    """Write a phone down for the head of one household of each kind; returns for how many."""
    given = 0
    for phone, states in zip(settings.KHOTAIL_DEMO_PHONES, _STATES, strict=False):
        household = _household(states)
        head = household.members.filter(left_on=None, relation="户主").first() if household else None
        if head is None:
            continue
        correct(head, "persons", {"person_phone": phone}, reason="demo", by=people["village-cadre"], now=now)
        given += 1
    return given


def _household(states: Sequence[str]) -> Household | None:
    case = Case.objects.filter(state__in=states, household__ended_on=None).select_related("household").order_by("id")
    found = case.first()
    return found.household if found else None
