"""Training: classes, who sits in them, how many hours they came, their certificate, and the job that followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.assistance.checks import check_keeper, check_planner, check_span, checked_text, present_person
from khotail.assistance.models import Employment, Trainee, Training
from khotail.assistance.problems import (
    ClassFull,
    HoursWrong,
    NotFound,
    NotYet,
    NotYourPlace,
    SeatTaken,
    TradeMissing,
    UnknownWord,
)
from khotail.casework.deadlines import after_months
from khotail.register.models import Person
from khotail.screening.rulebook import setting
from khotail.trail.chain import record as record_event

_MOST_HOURS = 3000


@transaction.atomic
def open_training(
    title: str,
    trade: str,
    region_code: str,
    *,
    hours: int,
    starts_on: date,
    ends_on: date,
    provider: str = "",
    place: str = "",
    seats: int | None = None,
    by: Officer,
    now: datetime,
) -> Training:
    """Open a class for a place of the officer's region.

    Raises NotAllowed, NotYourPlace, TradeMissing, HoursWrong, DatesWrong.
    """
    check_keeper(by)
    if not region_code.startswith(by.region_code) or len(region_code) not in LEVEL_OF_DIGITS:
        raise NotYourPlace
    title, trade = checked_text(title, 120), checked_text(trade, 60)
    if not title or not trade:
        raise TradeMissing
    if not 1 <= hours <= _MOST_HOURS:
        raise HoursWrong(least=1, most=_MOST_HOURS)
    check_span(starts_on, ends_on)
    training = Training.objects.create(
        region_code=region_code, title=title, trade=trade, provider=checked_text(provider, 120),
        place=checked_text(place, 120), starts_on=starts_on, ends_on=ends_on, hours=hours, seats=seats or None,
        opened_by=by, opened_at=now,
    )  # fmt: skip
    record_event(by, "training.opened", training, at=now, hours=hours)
    return training


@transaction.atomic
def enrol(training: Training, person: Person, *, by: Officer, now: datetime) -> Trainee:
    """Give somebody a seat. Raises NotAllowed, NotFound, HouseholdLeft, PersonLeft, SeatTaken, ClassFull."""
    person = present_person(person, by)
    found = Training.objects.select_for_update().filter(pk=training.pk).first()
    if found is None or not person.household.region_code.startswith(found.region_code):
        raise NotFound
    if found.trainees.filter(person=person).exists():
        raise SeatTaken(who=person.name)
    if found.seats and found.trainees.count() >= found.seats:
        raise ClassFull(seats=found.seats)
    trainee = Trainee.objects.create(
        training=found, person=person, household=person.household, region_code=person.household.region_code,
        enrolled_by=by, enrolled_at=now,
    )  # fmt: skip
    record_event(by, "training.enrolled", trainee, at=now, training=found.pk)
    return trainee


@transaction.atomic
def write_attendance(training: Training, rows: Iterable[Mapping[str, object]], *, by: Officer, now: datetime) -> int:
    """Write hours, result and certificate of trainees that the officer may see; returns how many changed.

    rows  {trainee: id, hours, result, certificate}
    Raises NotAllowed, NotFound, NotYet, HoursWrong, UnknownWord.
    """
    check_planner(by)
    if timezone.localdate(now) < training.starts_on:
        raise NotYet(day=training.starts_on)
    seen = Trainee.objects.visible_to(by).filter(training=training)
    known = {each.pk: each for each in seen.select_for_update(of=("self",)).order_by("pk")}
    changed: list[Trainee] = []
    for row in rows:
        trainee = known.get(int(str(row["trainee"])))
        if trainee is None:
            raise NotFound
        hours, result = int(str(row.get("hours") or 0)), str(row.get("result") or trainee.result)
        certificate = checked_text(str(row.get("certificate") or ""), 60)
        if not 0 <= hours <= training.hours:
            raise HoursWrong(least=0, most=training.hours)
        if result not in Trainee.Result.values:
            raise UnknownWord(word=result[:30])
        if (hours, result, certificate) != (trainee.hours, trainee.result, trainee.certificate):
            trainee.hours, trainee.result, trainee.certificate = hours, result, certificate
            changed.append(trainee)
    Trainee.objects.bulk_update(changed, ["hours", "result", "certificate"])
    if changed:
        record_event(by, "training.attendance", training, at=now, changed=len(changed))
    return len(changed)


@dataclass(frozen=True)
class Outcome:
    """What came of a class, of those whom the reader may see.

    hours_share  hours attended of all hours that were to be attended
    in_time      who found a job within the rulebook's months after it ended; in_trade of them in its trade
    too_early    those months are not over yet
    """

    seats: int
    certified: int
    left: int
    hours_share: float | None
    in_time: int
    in_trade: int
    too_early: bool

    @property
    def job_share(self) -> float | None:
        return self.in_time / (self.seats - self.left) if self.seats > self.left else None


def outcome_of(training: Training, trainees: list[Trainee], jobs: dict[int, Employment], today: date) -> Outcome:
    """jobs  trainee id → the first job after the class (`jobs_after`)"""
    left = [each for each in trainees if each.result == Trainee.Result.LEFT]
    found = [jobs[each.pk] for each in trainees if each.pk in jobs and each.result != Trainee.Result.LEFT]
    return Outcome(
        seats=len(trainees),
        certified=sum(each.result == Trainee.Result.CERTIFIED for each in trainees),
        left=len(left),
        hours_share=sum(each.hours for each in trainees) / (training.hours * len(trainees)) if trainees else None,
        in_time=len(found),
        in_trade=sum(bool(job.trade) and job.trade == training.trade for job in found),
        too_early=today < _window(training)[1],
    )


def jobs_after(training: Training, trainees: list[Trainee]) -> dict[int, Employment]:
    """Trainee id → the first job that began within the rulebook's months after the class ended."""
    first, last = _window(training)
    rows = Employment.objects.filter(
        person__in=[each.person_id for each in trainees], starts_on__gte=first, starts_on__lte=last
    )
    by_person: dict[int, Employment] = {}
    for job in rows.order_by("starts_on", "id"):
        by_person.setdefault(job.person_id, job)
    return {each.pk: by_person[each.person_id] for each in trainees if each.person_id in by_person}


def _window(training: Training) -> tuple[date, date]:
    months = int(setting("training_job_months", training.ends_on, training.region_code))
    return training.ends_on, after_months(training.ends_on, months)
