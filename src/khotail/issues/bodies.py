"""The offices that answer for issues: entered, manned, ended with a follower that takes over what is open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.issues.models import Body, Issue, Move
from khotail.issues.moving import moved
from khotail.issues.problems import (
    BodyElsewhere,
    FollowerWrong,
    NameMissing,
    NotFound,
    OpenWork,
    UnknownField,
    UnknownPlace,
)
from khotail.issues.routing import open_routes
from khotail.register.models import Region
from khotail.rulebook.routes import FIELDS
from khotail.texts import typed
from khotail.trail.chain import record as record_event
from khotail.trail.scope import in_region


@transaction.atomic
def add_body(name: str, field: str, region_code: str, *, by: Officer, now: datetime, phone: str = "") -> Body:
    """Enter an office. Raises NotAllowed, NotFound, UnknownField, UnknownPlace, NameMissing."""
    _check_may(by, region_code)
    if field not in FIELDS:
        raise UnknownField(field=field[:40])
    if len(region_code) not in LEVEL_OF_DIGITS or not Region.objects.filter(code=region_code).exists():
        raise UnknownPlace(code=region_code[:20])
    if not name.strip():
        raise NameMissing
    body = Body.objects.create(name=typed(name)[:80], field=field, region_code=region_code, phone=phone.strip()[:20])
    record_event(by, "body.added", body, at=now, field=field)
    return body


@transaction.atomic
def set_people(body: Body, people: Iterable[Officer], *, by: Officer, now: datetime) -> Body:
    """Say who works for it. Raises NotAllowed, NotFound, BodyElsewhere for somebody who does not work there."""
    _check_may(by, body.region_code)
    found = list(people)
    for one in found:
        inside = body.region_code.startswith(one.region_code) or one.region_code.startswith(body.region_code)
        if not one.is_active or not inside or not one.may(May.WORK_ISSUES):
            raise BodyElsewhere(body=one.full_name)
    before = sorted(body.people.values_list("pk", flat=True))
    body.people.set(found)
    record_event(by, "body.people", body, at=now, before=before, after=sorted(one.pk for one in found))
    return body


@transaction.atomic
def end_body(body: Body, on: date, *, by: Officer, now: datetime, successor: Body | None = None) -> int:
    """End an office; its open issues pass to the one that follows it. Returns how many did.

    Raises NotAllowed, NotFound, OpenWork without a follower, FollowerWrong.
    """
    _check_may(by, body.region_code)
    body = Body.objects.select_for_update().get(pk=body.pk)
    waiting = Issue.objects.filter(body=body).exclude(state__in=Issue.CLOSED)
    if successor is None and waiting.exists():
        raise OpenWork(body=body.name, count=waiting.count())
    if successor and (
        successor.pk == body.pk or successor.ended_on or not body.region_code.startswith(successor.region_code)
    ):
        raise FollowerWrong
    body.ended_on, body.successor = on, successor
    body.save()
    record_event(by, "body.ended", body, at=now, on=on, successor=successor and successor.pk)
    passed = 0
    for issue in waiting.select_for_update() if successor else ():
        issue.body = successor
        moved(issue, Move.Kind.TRANSFERRED, by=by, now=now, from_body=body, to_body=successor, due_on=issue.due_on)
        passed += 1
    return passed


def of_place(region_code: str, on: date) -> list[Body]:
    """Standing bodies that answer for a place, the nearest first: those of its village, township, banner and above."""
    codes = [region_code[:digits] for digits in LEVEL_OF_DIGITS if digits <= len(region_code)]
    rows = Body.objects.filter(_standing(on), region_code__in=codes)
    return sorted(rows, key=lambda body: (-len(body.region_code), body.name, body.pk))


def fields_without_body(region_code: str, on: date) -> list[str]:
    """Fields of the classes open in a region for which nobody stands there, above or below; the general office aside."""
    above = [region_code[:digits] for digits in LEVEL_OF_DIGITS if digits <= len(region_code)]
    rows = Body.objects.filter(_standing(on), Q(region_code__in=above) | in_region(region_code))
    answered = set(rows.values_list("field", flat=True))
    wanted = dict.fromkeys(route.field for route in open_routes(on, region_code))
    return [field for field in wanted if field not in answered]


def _standing(on: date) -> Q:
    return Q(ended_on=None) | Q(ended_on__gt=on)


def _check_may(by: Officer, region_code: str) -> None:
    if not by.may(May.MANAGE_BODIES):
        raise NotAllowed
    if not region_code.startswith(by.region_code):
        raise NotFound
