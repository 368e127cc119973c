"""What a visit becomes: statements in the register, a lead, issues. Worked out after it was stored, once."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.casework.raising import raise_lead
from khotail.facts.schema import TABLES
from khotail.issues.raising import raise_issue
from khotail.problems import Problem
from khotail.register.models import Household
from khotail.register.sealed import unseal_bytes
from khotail.register.statements import state
from khotail.texts import Text, typed
from khotail.trail.chain import record as record_event
from khotail.visits.answers import Answers, read
from khotail.visits.models import Submission
from khotail.visits.problems import NotFound, NothingToLookAt, ReasonMissing

SOURCE = "visit"
_State = Submission.State
#: No visit was recorded before this; a device that says so has lost its clock.
_FIRST_DAY = date(2014, 1, 1)
_NOT_TAKEN = Text("“{value}”不能作为 {column}，没有记入。", "“{value}” is no {column} and was left out.")
_CLOCK = Text(
    "设备的日期不可信（{value}），按收到日期 {day} 记入。",
    "The device's date ({value}) cannot be right; {day} was used.",
)
_ENDED = Text("该户已注销，没有记入登记簿。", "The household is no more; nothing was entered into the register.")
_LONGEST_PROBLEM = 2000


@transaction.atomic
def take(submission: Submission, now: datetime) -> Submission:
    """Enter a received submission: statements by its form's mapping, one lead for all causes found, and issues.

    What does not fit is left out and said; such a submission stays to be looked at. Taking twice changes nothing.
    """
    found = Submission.objects.select_for_update(of=("self",)).select_related("form", "household", "officer").get(
        pk=submission.pk
    )  # fmt: skip
    if found.state != _State.RECEIVED or found.household is None:
        return found
    notes: list[Text] = []
    if found.household.ended_on:
        notes.append(_ENDED)
        return _finished(found, {}, notes, now)
    answers = Answers(read(unseal_bytes(bytes(found.sealed))))
    outcome = {"statements": _state(found, answers, now, notes)} | _raise(found, answers, now, notes)
    if found.assignment and found.assignment.done_at is None:
        found.assignment.done_at = found.received_at
        found.assignment.save(update_fields=["done_at"])
    return _finished(found, outcome, notes, now)


@transaction.atomic
def look_at(
    submission: Submission, *, by: Officer, now: datetime, household: Household | None = None, set_aside: str = ""
) -> Submission:
    """Say which household a submission is about and take it, or set it aside with a reason.

    Raises NotAllowed, NotFound, NothingToLookAt, ReasonMissing.
    """
    if not by.may(May.EDIT_REGISTER):
        raise NotAllowed
    found = Submission.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=submission.pk).first()
    if found is None:
        raise NotFound
    if found.state not in (_State.TO_LOOK_AT, _State.WAITING):
        raise NothingToLookAt
    found.looked_at_by, found.looked_at_at = by, now
    if household is None:
        set_aside = typed(set_aside)
        if not set_aside:
            raise ReasonMissing
        found.state = _State.SET_ASIDE
        found.problem_zh = found.problem_en = set_aside[:_LONGEST_PROBLEM]
        found.save()
        record_event(by, "visit.set_aside", found, at=now)
        return found
    if not Household.objects.visible_to(by).filter(pk=household.pk).exists():
        raise NotFound
    found.household, found.region_code = household, household.region_code
    found.problem_zh = found.problem_en = ""
    found.state = _State.RECEIVED
    found.save()
    record_event(by, "visit.placed", found, at=now, household=household.pk)
    return take(found, now)


def _finished(found: Submission, outcome: dict[str, Any], notes: list[Text], now: datetime) -> Submission:
    found.outcome = outcome
    found.state = _State.TO_LOOK_AT if notes else _State.TAKEN
    found.problem_zh = " ".join(note.zh for note in notes)[:_LONGEST_PROBLEM]
    found.problem_en = " ".join(note.en for note in notes)[:_LONGEST_PROBLEM]
    found.save()
    record_event(None, "visit.taken", found, at=now, **outcome)
    return found


def _state(found: Submission, answers: Answers, now: datetime, notes: list[Text]) -> int:
    """Enter the answers as statements; returns how many are new."""
    by_table: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for taken in found.form.takes["takes"]:
        by_table[taken["table"]].append(taken)
    assert found.household is not None
    new = 0
    for table, takes in by_table.items():
        rows = []
        for answered in answers.passes([one["question"] for one in takes]):
            row = {one["column"]: _value(one, answered[one["question"]], found, notes) for one in takes}
            known = {name: value for name, value in row.items() if value is not None}
            if set(known) - set(TABLES[table].key):
                rows.append(known | {"household_id": found.household.number})
        if rows:
            stated = state(
                table, pa.Table.from_pylist(rows), as_of=_day(found, answers, notes), source=SOURCE, batch_id=None,
                by=found.officer, now=now, region_code=found.household.region_code,
            )  # fmt: skip
            new += stated.new
    return new


def _value(taken: dict[str, Any], answer: str, found: Submission, notes: list[Text]) -> Any:
    """An answer as its column's type; None where there is none, or where it does not fit, which is noted."""
    if not answer:
        return None
    if taken["values"]:
        return taken["values"].get(answer)
    kind = TABLES[taken["table"]].column(taken["column"]).sql_type
    try:
        if kind == "DATE":
            return _plausible(date.fromisoformat(answer[:10]), found, notes)
        if kind == "BIGINT":
            return _plausible_year(int(answer), found) if taken["column"].endswith("_year") else int(answer)
        if kind == "DOUBLE":
            number = float(answer)
            if not math.isfinite(number):
                raise ValueError(answer)
            return number
    except ValueError:
        values = {"value": answer[:40], "column": taken["column"]}
        notes.append(_NOT_TAKEN.filled(**values))
        return None
    return answer


def _plausible(day: date, found: Submission, notes: list[Text]) -> date:
    """The day, or the day it was received where the device cannot be believed."""
    received = timezone.localdate(found.received_at)
    if _FIRST_DAY <= day <= received + timedelta(days=1):
        return min(day, received)
    values = {"value": day, "day": received}
    note = _CLOCK.filled(**values)
    if note not in notes:
        notes.append(note)
    return received


def _plausible_year(year: int, found: Submission) -> int:
    """The year, or the one in which the form came in: the forms work it out from a day that may not be believed."""
    received = timezone.localdate(found.received_at).year
    return year if _FIRST_DAY.year <= year <= received else received


def _day(found: Submission, answers: Answers, notes: list[Text]) -> date:
    """The day that the statements are of."""
    told = answers.first(f"/{answers.root_name}/visited_on")
    try:
        return _plausible(date.fromisoformat(told[:10]), found, notes)
    except ValueError:
        return timezone.localdate(found.received_at)


def _raise(found: Submission, answers: Answers, now: datetime, notes: list[Text]) -> dict[str, Any]:
    """One lead for all causes, and an issue for each class."""
    causes: list[str] = []
    words, issues = "", []
    for rule in found.form.takes["raises"]:
        given = {one for answer in answers.all(rule["question"]) for one in answer.split()}
        if not given & set(rule["answers"]):
            continue
        said = answers.first(rule["words"]) if rule["words"] else ""
        words = words or said
        causes += rule["causes"]
        if rule["route"]:
            issues.append(_issue(found, rule["route"], said or found.form.title_zh, now, notes))
    lead = None
    if causes:
        lead = raise_lead(
            found.household, "visit", dict.fromkeys(causes), words or found.form.title_zh, by=None, now=now,
            told_by=found.officer.full_name,
        )  # fmt: skip
    return {"lead": lead and lead.pk, "issues": [issue for issue in issues if issue]}


def _issue(found: Submission, route: str, words: str, now: datetime, notes: list[Text]) -> int | None:
    assert found.household is not None
    try:
        return raise_issue(
            words, region_code=found.household.region_code, now=now, channel="visit", household=found.household,
            route=route, key=f"v:{found.pk}:{route}"[:64],
        ).pk  # fmt: skip
    except Problem as problem:
        notes.append(problem.text)
        return None
