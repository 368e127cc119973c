"""Households that take part in a project, and what it brings them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.funds.allowed import a_year, check_keeps, past_day
from khotail.funds.amounts import checked
from khotail.funds.models import Participation, Project
from khotail.funds.problems import HouseholdElsewhere, HouseholdLeft, NotFound, TieEnded, UnknownHousehold
from khotail.funds.projects import check_open, held
from khotail.register.models import Household
from khotail.texts import Text, typed
from khotail.trail.chain import record as record_event

MOST_AT_ONCE = 500


@dataclass
class Tied:
    """How many households were added, how many took part already, and why others cannot."""

    added: int = 0
    there: int = 0
    refused: list[Text] = field(default_factory=list)


@transaction.atomic
def tie(
    project: Project, number: str, how: str, since: date, *, by: Officer, now: datetime, promised: Decimal | None = None
) -> tuple[Participation, bool]:
    """A household takes part from a day on; again changes nothing. Returns the tie, and whether it is new.

    promised  yuan a year
    Raises NotAllowed, NotFound, NotYourDepartment, DayWrong, AmountWrong, UnknownHousehold, HouseholdLeft,
    HouseholdElsewhere.
    """
    check_keeps(by, project)
    if how not in Participation.Tie.values:
        raise NotFound
    household = Household.objects.visible_to(by).filter(number=typed(number)[:40]).first()
    if household is None:
        raise UnknownHousehold(number=number[:40])
    if household.ended_on:
        raise HouseholdLeft(number=household.number, on=household.ended_on)
    if not project.places.filter(region_code=household.region_code).exists():
        raise HouseholdElsewhere(number=household.number)
    found, is_new = Participation.objects.get_or_create(
        project=project, household=household, tie=how, until=None,
        defaults={
            "region_code": household.region_code, "since": past_day(since, now),
            "promised_cny_per_year": checked(promised) if promised else None, "recorded_by": by, "recorded_at": now,
        },
    )  # fmt: skip
    if is_new:
        record_event(by, "household.tied", found, at=now, project=project.pk, household=household.pk, tie=how)
    return found, is_new


@transaction.atomic
def tie_all(
    project: Project, numbers: Iterable[str], how: str, since: date, *, by: Officer, now: datetime,
    promised: Decimal | None = None,
) -> Tied:  # fmt: skip
    """Several households at once: those that cannot take part are told, the others are taken."""
    project = held(project, by)
    check_open(project)
    done = Tied()
    for number in list(dict.fromkeys(filter(None, map(typed, numbers))))[:MOST_AT_ONCE]:
        try:
            is_new = tie(project, number, how, since, by=by, now=now, promised=promised)[1]
        except (UnknownHousehold, HouseholdLeft, HouseholdElsewhere) as problem:
            done.refused.append(problem.text)
        else:
            done.added += is_new
            done.there += not is_new
    return done


@transaction.atomic
def earned(found: Participation, year: int, amount: Decimal, *, by: Officer, now: datetime) -> Participation:
    """What the household got from it in a year. Raises NotAllowed, NotFound, NotYourDepartment, YearWrong, AmountWrong."""
    found = _held(found, by)
    before = {"year": found.received_year, "cny": found.received_cny and str(found.received_cny)}
    found.received_cny, found.received_year = checked(amount), a_year(year, now)
    found.save()
    record_event(
        by, "household.earned", found, at=now, project=found.project_id, before=before,
        after={"year": year, "cny": str(found.received_cny)},
    )  # fmt: skip
    return found


@transaction.atomic
def untie(found: Participation, on: date, *, by: Officer, now: datetime) -> Participation:
    """It takes part no longer. Raises NotAllowed, NotFound, NotYourDepartment, DayWrong, TieEnded."""
    found = _held(found, by)
    if found.until:
        raise TieEnded(on=found.until)
    found.until = past_day(on, now)
    found.save()
    record_event(by, "household.untied", found, at=now, project=found.project_id, on=on)
    return found


def _held(found: Participation, by: Officer) -> Participation:
    check_keeps(by, found.project)
    return Participation.objects.select_for_update(of=("self",)).select_related("project").get(pk=found.pk)
