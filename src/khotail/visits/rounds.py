"""Rounds of visits: who is to be visited with which form by when, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role
from khotail.casework.models import Case
from khotail.register.models import Household
from khotail.register.queries import MONITORED
from khotail.screening.models import Finding, Kind
from khotail.texts import Text, typed
from khotail.trail.chain import record as record_event
from khotail.trail.scope import in_region
from khotail.visits.forms import forms_for
from khotail.visits.models import Assignment, Round
from khotail.visits.problems import (
    AlreadyDone,
    DatesWrong,
    NoHouseholds,
    NotFound,
    ReasonMissing,
    TitleMissing,
    UnknownForm,
)

#: Whom a round can be for.
WHO: dict[str, Text] = {
    "monitored": Text("监测户", "monitored households"),
    "cases": Text("在办监测案件", "households with an open case"),
    "warned": Text("有预警信号的户", "households with a warning"),
    "out_of_poverty": Text("脱贫户", "households out of poverty"),
    "all": Text("全部农户", "all households"),
}
#: A round for households that somebody picked elsewhere, such as those that a simulation sees fall.
_CHOSEN = "chosen"
_CHOSEN_NAME = Text("选定的农户", "chosen households")
_CHUNK = 2000


def open_round(
    title: str, form_id: str, region_code: str, who: str, *, starts_on: date, due_on: date, by: Officer, now: datetime
) -> Round:
    """Open a round: one visit for each household that fits, by its helper or, without one, by the village's cadres.

    Raises NotAllowed, NotFound, TitleMissing, UnknownForm, DatesWrong, NoHouseholds.
    """
    if by.may(May.PLAN_VISITS) and who not in WHO:
        raise NotFound
    return _open(title, form_id, region_code, who, None, starts_on=starts_on, due_on=due_on, by=by, now=now)


def open_round_for(
    households: Iterable[int], title: str, form_id: str, region_code: str, *, starts_on: date, due_on: date,
    by: Officer, now: datetime,
) -> Round:  # fmt: skip
    """Open a round for the living ones of these households (primary keys) within the region. Raises as `open_round`."""
    chosen = list(households)
    return _open(title, form_id, region_code, _CHOSEN, chosen, starts_on=starts_on, due_on=due_on, by=by, now=now)


@transaction.atomic
def _open(
    title: str, form_id: str, region_code: str, who: str, chosen: list[int] | None, *, starts_on: date, due_on: date,
    by: Officer, now: datetime,
) -> Round:  # fmt: skip
    if not by.may(May.PLAN_VISITS):
        raise NotAllowed
    if not region_code.startswith(by.region_code):
        raise NotFound
    title = typed(title)
    if not title:
        raise TitleMissing
    if due_on < starts_on:
        raise DatesWrong
    if not forms_for(region_code).filter(form_id=form_id).exists():
        raise UnknownForm(form=form_id[:64], version="")
    opened = Round.objects.create(
        title=title[:120], form_id=form_id, region_code=region_code, starts_on=starts_on, due_on=due_on, who=who,
        opened_by=by, opened_at=now,
    )  # fmt: skip
    rows = [
        Assignment(round=opened, household_id=pk, region_code=place, officer_id=helper, due_on=due_on)
        for pk, place, helper in _households(who, chosen, region_code)
    ]
    if not rows:
        raise NoHouseholds
    Assignment.objects.bulk_create(rows, batch_size=_CHUNK)
    record_event(by, "round.opened", opened, at=now, form=form_id, who=who, households=len(rows))
    return opened


def _households(who: str, chosen: list[int] | None, region_code: str) -> Iterator[tuple[int, str, int | None]]:
    """Primary key, village and helper of each household of a round."""
    columns = ("pk", "region_code", "helper_id")
    if chosen is None:
        yield from whom(who, region_code).values_list(*columns).iterator(chunk_size=_CHUNK)
        return
    for start in range(0, len(chosen), _CHUNK):
        part = Household.objects.filter(in_region(region_code), pk__in=chosen[start : start + _CHUNK], ended_on=None)
        yield from part.values_list(*columns)


def name_of(who: str) -> Text | str:
    """Whom a round is for, in words."""
    return _CHOSEN_NAME if who == _CHOSEN else WHO.get(who, who)


def whom(who: str, region_code: str) -> QuerySet[Household]:
    """The living households of a region that a round is for."""
    rows = Household.objects.filter(in_region(region_code), ended_on=None)
    if who == "monitored":
        return rows.filter(MONITORED)
    if who == "cases":
        return rows.filter(pk__in=Case.objects.exclude(state__in=Case.CLOSED).values("household"))
    if who == "warned":
        return rows.filter(pk__in=Finding.objects.filter(kind=Kind.SIGNAL, ended_on=None).values("household"))
    return rows.filter(household_type="脱贫户") if who == "out_of_poverty" else rows


@transaction.atomic
def close_round(opened: Round, *, by: Officer, now: datetime) -> Round:
    """End a round; visits not made stay as not made. Raises NotAllowed, NotFound."""
    if not by.may(May.PLAN_VISITS):
        raise NotAllowed
    found = Round.objects.visible_to(by).select_for_update().filter(pk=opened.pk, closed_at=None).first()
    if found is None:
        raise NotFound
    found.closed_at = now
    found.save(update_fields=["closed_at"])
    record_event(by, "round.closed", found, at=now)
    return found


@transaction.atomic
def remind(opened: Round, *, by: Officer, now: datetime) -> int:
    """Tell everybody who has visits of the round still to make; returns how many people. Raises NotAllowed, NotFound."""
    if not by.may(May.PLAN_VISITS):
        raise NotAllowed
    found = Round.objects.visible_to(by).filter(pk=opened.pk, closed_at=None).first()
    if found is None:
        raise NotFound
    left = found.assignments.filter(done_at=None, excused="")
    villages = left.filter(officer=None).values("region_code").distinct()
    people = Officer.objects.filter(is_active=True).filter(
        Q(pk__in=left.exclude(officer=None).values("officer")) | Q(role=Role.VILLAGE_CADRE, region_code__in=villages)
    )
    told = notify(people, "visits-left", "/visits/", now, round=found.title, due=found.due_on)
    record_event(by, "round.reminded", found, at=now, people=len(told))
    return len(told)


@transaction.atomic
def excuse(assignment: Assignment, reason: str, *, by: Officer, now: datetime) -> Assignment:
    """Say why there is no visit: away, moved, refused. Raises NotAllowed, NotFound, AlreadyDone, ReasonMissing."""
    if not by.may(May.MAKE_VISITS):
        raise NotAllowed
    found = Assignment.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=assignment.pk).first()
    if found is None:
        raise NotFound
    if found.done_at or found.excused:
        raise AlreadyDone
    reason = typed(reason)
    if not reason:
        raise ReasonMissing
    found.excused = reason[:200]
    found.save(update_fields=["excused"])
    record_event(by, "visit.excused", found, at=now, household=found.household_id)
    return found


def assignments_of(officer: Officer) -> QuerySet[Assignment]:
    """Open visits of an officer: their own, and for a cadre those of the village that nobody has."""
    rows = Assignment.objects.visible_to(officer).filter(
        done_at=None, excused="", round__closed_at=None, household__ended_on=None
    )
    own = Q(officer=officer)
    if officer.role != Role.HELPER:
        own |= Q(officer=None) if officer.role == Role.VILLAGE_CADRE else Q(pk__in=[])
    return rows.filter(own).select_related("household", "round").order_by("due_on", "id")


@dataclass(frozen=True)
class Coverage:
    """How far a round has come: visits planned, made, excused, and overdue."""

    planned: int
    made: int
    excused: int
    overdue: int


def coverage(rows: QuerySet[Assignment], today: date) -> Coverage:
    found = rows.aggregate(
        all_=Count("id"),
        made=Count("id", filter=Q(done_at__isnull=False)),
        told=Count("id", filter=Q(done_at=None) & ~Q(excused="")),
        late=Count("id", filter=Q(done_at=None, excused="", due_on__lt=today)),
    )
    return Coverage(found["all_"], found["made"], found["told"], found["late"])
