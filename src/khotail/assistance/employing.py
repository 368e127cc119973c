"""Jobs that people of the register have: entered, ended; one that is lost raises a lead.

Each is also stated as a fact (`employment`), so that screening knows of it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.assistance.checks import (
    check_past,
    check_planner,
    check_span,
    checked_amount,
    checked_text,
    present_person,
)
from khotail.assistance.models import Employment
from khotail.assistance.problems import (
    DatesWrong,
    EmployerMissing,
    JobHasEnded,
    JobKnown,
    NotFound,
    ReasonMissing,
    UnknownWord,
)
from khotail.casework.models import Lead
from khotail.casework.raising import raise_lead
from khotail.register.models import Person
from khotail.register.statements import state
from khotail.texts import Text
from khotail.trail.chain import record as record_event

SOURCE = "assistance"
#: Endings after which somebody is without the job against their plans.
LOST = (Employment.Ending.DISMISSED, Employment.Ending.INJURED, Employment.Ending.ILL, Employment.Ending.FAMILY)
#: As the register writes why a job ended.
_FACT = {"dismissed": "失业", "injured": "工伤", "over": "合同到期", "left": "辞职", "ill": "辞职", "family": "辞职"}
ENDINGS: dict[str, Text] = {
    "over": Text("合同期满", "contract ended as agreed"),
    "dismissed": Text("被辞退或单位停业", "dismissed, or the employer closed"),
    "injured": Text("工伤", "injured at work"),
    "ill": Text("患病", "illness"),
    "family": Text("照顾家人", "care of the family"),
    "left": Text("换了工作", "left for another job"),
    "other": Text("其他原因", "another reason"),
}
_CAUSES = {"injured": ["employment", "accident"], "ill": ["employment", "illness"]}


@transaction.atomic
def enter_job(
    person: Person,
    employer: str,
    *,
    place: str,
    found: str,
    starts_on: date,
    agreed_until: date | None = None,
    monthly_pay_cny: Decimal | str | int | None = None,
    trade: str = "",
    place_words: str = "",
    note: str = "",
    by: Officer,
    now: datetime,
) -> Employment:
    """Enter a job that somebody has.

    Raises NotAllowed, NotFound, HouseholdLeft, PersonLeft, EmployerMissing, UnknownWord, DatesWrong, NotYet,
    AmountWrong, JobKnown.
    """
    person = present_person(person, by)
    employer = checked_text(employer, 120)
    if not employer:
        raise EmployerMissing
    if place not in Employment.Place.values or found not in Employment.Found.values:
        raise UnknownWord(word=str(found if place in Employment.Place.values else place)[:30])
    check_past(starts_on, now)
    check_span(starts_on, agreed_until)
    if Employment.objects.filter(person=person, employer=employer, starts_on=starts_on).exists():
        raise JobKnown(employer=employer, day=starts_on)
    job = Employment.objects.create(
        person=person, household=person.household, region_code=person.household.region_code, employer=employer,
        trade=checked_text(trade, 60), place=place, place_words=checked_text(place_words, 120), found=found,
        monthly_pay_cny=checked_amount(monthly_pay_cny), starts_on=starts_on, agreed_until=agreed_until,
        note=checked_text(note), recorded_by=by, recorded_at=now,
    )  # fmt: skip
    _state(job, by, now)
    record_event(by, "job-kept.entered", job, at=now, person=person.pk, found=found)
    return job


@transaction.atomic
def end_job(job: Employment, *, on: date, ending: str, note: str = "", by: Officer, now: datetime) -> Employment:
    """The job has ended. One that was lost, or ended before it was to without another one, raises a lead.

    Raises NotAllowed, NotFound, UnknownWord, JobHasEnded, DatesWrong, NotYet, ReasonMissing.
    """
    check_planner(by)
    if not Employment.objects.visible_to(by).filter(pk=job.pk).exists():
        raise NotFound
    rows = Employment.objects.select_for_update(of=("self",)).select_related("household", "person")
    job = rows.get(pk=job.pk)
    if job.ended_on:
        raise JobHasEnded(day=job.ended_on)
    if ending not in Employment.Ending.values:
        raise UnknownWord(word=str(ending)[:30])
    check_past(on, now)
    if on < job.starts_on:
        raise DatesWrong
    note = checked_text(note)
    if ending == Employment.Ending.OTHER and not note:
        raise ReasonMissing
    job.ended_on, job.ending = on, ending
    job.note = "\n".join(part for part in (job.note, note) if part)
    job.is_lost = is_lost(job)
    if job.is_lost and not job.household.ended_on and not job.person.left_on:
        job.lead = _lead(job, by, now)
    job.save()
    _state(job, by, now)
    record_event(by, "job-kept.ended", job, at=now, ending=ending, lost=job.is_lost)
    return job


def is_lost(job: Employment) -> bool:
    """Whether it ended against what was planned, and no other job of the person runs on that day or begins after."""
    if job.ended_on is None or job.ending == Employment.Ending.LEFT:
        return False
    early = job.agreed_until is not None and job.ended_on < job.agreed_until
    if job.ending not in LOST and not early:
        return False
    others = Employment.objects.filter(person_id=job.person_id).exclude(pk=job.pk)
    return not any(each.ended_on is None or each.ended_on > job.ended_on for each in others)


def _lead(job: Employment, by: Officer, now: datetime) -> Lead:
    """The household's open lead about work, or a new one."""
    waiting = Lead.objects.filter(household=job.household, state=Lead.State.OPEN).order_by("id")
    known = next((lead for lead in waiting if "employment" in lead.causes), None)
    if known:
        return known
    words = f"{job.person.name}于{job.ended_on}失去工作（{job.employer}）：{ENDINGS[job.ending].zh}。"
    causes = _CAUSES.get(job.ending, ["employment"])
    return raise_lead(job.household, Lead.Channel.VISIT, causes, words, by=by, now=now)


def _state(job: Employment, by: Officer, now: datetime) -> None:
    """A fact of the register, where the person has a number there."""
    if not job.person.number:
        return
    row: dict[str, Any] = {
        "household_id": job.household.number,
        "person_id": job.person.number,
        "spell_start_on": job.starts_on,
        "spell_end_on": job.ended_on,
        "spell_employer": job.employer,
        "spell_monthly_pay_cny": None if job.monthly_pay_cny is None else float(job.monthly_pay_cny),
        "end_reason": _FACT.get(job.ending),
    }
    said = pa.Table.from_pylist([{name: value for name, value in row.items() if value is not None}])
    state(
        "employment", said, as_of=timezone.localdate(now), source=SOURCE, batch_id=None, by=by, now=now,
        region_code=job.region_code,
    )  # fmt: skip
