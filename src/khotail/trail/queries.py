"""Reading the trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from khotail.trail.models import Event
from khotail.trail.scope import Seer


def events(
    seer: Seer,
    *,
    actor: str = "",
    verb: str = "",
    subject_kind: str = "",
    subject_id: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Event]:
    """Events of the region that `seer` may see, newest first.

    actor  a person's number, or part of the name
    verb   the whole (`officer.created`), or the noun with its point (`officer.`)
    since, until  days in business time, both included
    """
    rows = Event.objects.visible_to(seer)
    if actor.isdecimal() and actor.isascii() and len(actor) < 19:
        rows = rows.filter(actor_id=int(actor))
    elif actor:
        rows = rows.filter(actor_name__contains=actor)
    if verb:
        rows = rows.filter(verb__startswith=verb) if verb.endswith(".") else rows.filter(verb=verb)
    if subject_kind:
        rows = rows.filter(subject_kind=subject_kind)
    if subject_id:
        rows = rows.filter(subject_id=subject_id)
    if since:
        rows = rows.filter(at__gte=_start_of(since))
    if until:
        rows = rows.filter(at__lt=_start_of(until) + timedelta(days=1))
    return rows.order_by("-id")


def page(rows: QuerySet[Event], *, before: int | None = None, size: int = 50) -> tuple[list[Event], int | None]:
    """One page by id, and the id before which the next one goes on; None at the end."""
    found = list((rows.filter(id__lt=before) if before else rows)[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())
