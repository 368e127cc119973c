"""Inspections and what they find, from the plan to the second look."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.casework.deadlines import after_months, after_working_days
from khotail.oversight.models import Inspection, Shortcoming
from khotail.oversight.problems import InspectionOver, NotFound, NotYet, OwnMending, WrongState
from khotail.oversight.words import days, number, place, words
from khotail.screening.rulebook import setting
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_TOPIC = Text("检查内容", "topic")
_INSPECTOR = Text("检查人", "who inspects")
_SUMMARY = Text("检查结论", "summary")
_BODY = Text("整改单位", "who mends it")
_WHAT = Text("发现的问题", "what fell short")
_MENDED = Text("整改情况", "how it was mended")
_LOOKED = Text("复查情况", "what the second look found")
#: At the longest every five years.
MOST_MONTHS = 60


def may_inspect(officer: Officer) -> bool:
    return officer.may(May.KEEP_POLICIES) or officer.may(May.REVIEW_POLICIES)


def may_mend(officer: Officer) -> bool:
    return officer.may(May.KEEP_POLICIES) or officer.may(May.WORK_ISSUES)


@transaction.atomic
def plan(
    topic: str, region_code: str, inspector: str, due_on: date, *, months: int = 0, what: str = "", by: Officer,
    now: datetime,
) -> Inspection:  # fmt: skip
    """Plan an inspection; `months` lets it recur. Raises NotAllowed, UnknownPlace, WordsMissing, DatesWrong, NumberWrong."""
    if not may_inspect(by):
        raise NotAllowed
    days(due_on)
    read = number(months, Text("周期（月）", "every so many months"), MOST_MONTHS, places=0)
    inspection = Inspection.objects.create(
        region_code=place(region_code, by), topic=words(topic, _TOPIC, 120), inspector=words(inspector, _INSPECTOR, 80),
        what=words(what, Text("说明", "note"), required=False), months=int(read or 0), due_on=due_on, planned_by=by,
        planned_at=now,
    )  # fmt: skip
    record_event(by, "inspection.planned", inspection, at=now, due_on=due_on, months=inspection.months)
    return inspection


@transaction.atomic
def close(inspection: Inspection, done_on: date, summary: str, *, by: Officer, now: datetime) -> Inspection:
    """Record that it was made; the next one of a recurring inspection is planned.

    Raises NotAllowed, NotFound, InspectionOver, DatesWrong, WordsMissing.
    """
    found = _held(inspection, by)
    days(done_on)
    if done_on > timezone.localdate(now):
        raise NotYet
    found.state, found.done_on, found.closed_by = Inspection.State.DONE, done_on, by
    found.summary = words(summary, _SUMMARY)
    if found.months:
        found.following = Inspection.objects.create(
            region_code=found.region_code, topic=found.topic, what=found.what, inspector=found.inspector,
            months=found.months, due_on=max(after_months(found.due_on, found.months), done_on), planned_by=by,
            planned_at=now,
        )  # fmt: skip
    found.save()
    record_event(by, "inspection.done", found, at=now, on=done_on)
    return found


@transaction.atomic
def drop(inspection: Inspection, reason: str, *, by: Officer, now: datetime) -> Inspection:
    """It will not be made. Raises NotAllowed, NotFound, InspectionOver, WordsMissing."""
    found = _held(inspection, by)
    found.state, found.closed_by = Inspection.State.DROPPED, by
    found.reason = words(reason, Text("理由", "reason"))
    found.save()
    record_event(by, "inspection.dropped", found, at=now, reason=found.reason)
    return found


@transaction.atomic
def find(
    inspection: Inspection, what: str, body: str, *, due_on: date | None = None, by: Officer, now: datetime
) -> Shortcoming:
    """Write down what fell short; it is to be mended within the rulebook's days unless a day is given.

    Raises NotAllowed, NotFound, InspectionOver for one that was dropped, WordsMissing, DatesWrong.
    """
    found = _read(inspection, by)
    if found.state == Inspection.State.DROPPED:
        raise InspectionOver(state=found.get_state_display())
    today = timezone.localdate(now)
    days(due_on)
    due = due_on or after_working_days(today, int(setting("inspection_mend_days", today, found.region_code)))
    shortcoming = Shortcoming.objects.create(
        inspection=found, region_code=found.region_code, what=words(what, _WHAT), body=words(body, _BODY, 80), due_on=due,
        found_by=by, found_at=now,
    )  # fmt: skip
    record_event(by, "inspection.found", shortcoming, at=now, inspection=found.pk, due_on=due)
    return shortcoming


@transaction.atomic
def mend(shortcoming: Shortcoming, how: str, *, by: Officer, now: datetime) -> Shortcoming:
    """Report that it was mended. Raises NotAllowed, NotFound, WrongState, WordsMissing."""
    if not may_mend(by):
        raise NotAllowed
    found = _shortcoming(shortcoming, by, Shortcoming.State.OPEN)
    found.state, found.mended, found.mended_by, found.mended_at = Shortcoming.State.MENDED, words(how, _MENDED), by, now
    found.save()
    record_event(by, "inspection.mended", found, at=now)
    return found


@transaction.atomic
def look_again(
    shortcoming: Shortcoming, holds: bool, said: str, *, due_on: date | None = None, by: Officer, now: datetime
) -> Shortcoming:
    """Look at what was mended; what does not hold is open again, with a new day.

    Raises NotAllowed, NotFound, WrongState, OwnMending, WordsMissing, DatesWrong.
    """
    if not may_inspect(by):
        raise NotAllowed
    found = _shortcoming(shortcoming, by, Shortcoming.State.MENDED)
    if found.mended_by_id == by.pk:
        raise OwnMending
    found.looked, found.looked_by, found.looked_at = words(said, _LOOKED), by, now
    if holds:
        found.state = Shortcoming.State.CLOSED
    else:
        today = timezone.localdate(now)
        days(due_on)
        allowed = int(setting("inspection_mend_days", today, found.region_code))
        found.state, found.reopened = Shortcoming.State.OPEN, found.reopened + 1
        found.due_on = due_on or after_working_days(today, allowed)
    found.save()
    record_event(by, "inspection.looked_again", found, at=now, holds=holds)
    return found


def _held(inspection: Inspection, by: Officer) -> Inspection:
    found = _read(inspection, by)
    if found.state != Inspection.State.PLANNED:
        raise InspectionOver(state=found.get_state_display())
    return found


def _read(inspection: Inspection, by: Officer) -> Inspection:
    if not may_inspect(by):
        raise NotAllowed
    found = Inspection.objects.visible_to(by).select_for_update().filter(pk=inspection.pk).first()
    if found is None:
        raise NotFound
    return found


def _shortcoming(shortcoming: Shortcoming, by: Officer, state: str) -> Shortcoming:
    found = Shortcoming.objects.visible_to(by).select_for_update().filter(pk=shortcoming.pk).first()
    if found is None:
        raise NotFound
    if found.state != state:
        raise WrongState(state=found.get_state_display())
    return found
