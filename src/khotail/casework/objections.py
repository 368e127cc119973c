"""Objections: against a notice while it hangs, and against a refusal after it.

An upheld objection against a refusal opens the refused step again, one level up, for somebody else to decide. Against a
notice it lets the notice end in one way only: back to the review.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import May
from khotail.casework.actors import TAKES_OVER, check_case_worker, doers_of, next_level, officers_at
from khotail.casework.models import Case, Objection, Step
from khotail.casework.opening import STATE_DURING, case_path, open_step
from khotail.casework.problems import (
    CannotObject,
    CaseIsOpen,
    HandledByYourself,
    MayNot,
    NotFound,
    NotYours,
    ObjectionAlreadyAnswered,
)
from khotail.casework.procedures import procedure_of, spec_of
from khotail.casework.raising import checked_words
from khotail.casework.steps import lock_step
from khotail.rulebook.procedures import LEVELS
from khotail.screening.rulebook import setting
from khotail.trail.chain import record as record_event


@transaction.atomic
def object_to(step: Step, words: str, *, said_by: str = "", taken_by: Officer | None, now: datetime) -> Objection:
    """Write down an objection. `said_by` is blank if it is anonymous; `taken_by` is None if the household itself wrote it.

    Raises CannotObject unless a notice hangs, or the case was refused at this step within the rulebook's days and no
    other objection to that waits; NotFound, MayNot, WordsMissing.
    """
    step = lock_step(step)
    if taken_by and not Case.objects.visible_to(taken_by).filter(pk=step.case_id).exists():
        raise NotFound
    if taken_by and not taken_by.may(May.RAISE_LEADS):
        raise MayNot
    if not can_object(step, timezone.localdate(now)):
        days = setting("objection_after_refusal_days", timezone.localdate(now), step.region_code)
        raise CannotObject(days=days)
    objection = Objection.objects.create(
        step=step,
        region_code=step.region_code,
        by=said_by.strip()[:60],
        words=checked_words(words),
        raised_at=now,
        taken_by=taken_by,
    )
    record_event(taken_by, "objection.raised", objection, at=now, step=step.pk, case=step.case_id)
    spec = spec_of(step)
    people = doers_of(step, spec) if step.closed_at is None else officers_at(answers_at(step), step.region_code)
    path = case_path(step.case)
    notify(people, "objection-raised", path, now, household=step.household.number, step=spec.name)
    return objection


def can_object(step: Step, today: date) -> bool:
    """Whether an objection to the step is taken today."""
    if step.closed_at is None:
        return spec_of(step).hold_days is not None
    chosen = spec_of(step).outcome(step.outcome)
    if chosen is None or chosen.ends != "refused" or step.case.state != Case.State.REFUSED:
        return False
    days = int(setting("objection_after_refusal_days", today, step.region_code))
    waits = step.objections.filter(answered_at=None).exists()
    is_last = not step.case.steps.filter(pk__gt=step.pk).exists()
    return is_last and not waits and today <= timezone.localdate(step.closed_at) + timedelta(days=days)


def answers_at(step: Step) -> str:
    """The level that answers an objection: a notice's own, or the one above a refusal (the same one at the top)."""
    level = step.escalated_to or step.level
    return level if step.closed_at is None else next_level(level, step.region_code) or level


@transaction.atomic
def answer_objection(objection: Objection, upheld: bool, answer: str, by: Officer, now: datetime) -> Objection:
    """Answer an objection. Upheld against a refusal, the refused step opens again one level up.

    Raises ObjectionAlreadyAnswered, NotFound, MayNot, NotYours, HandledByYourself (whoever refused), WordsMissing,
    CaseIsOpen (the household has another case by now).
    """
    step = lock_step(objection.step)
    locked = Objection.objects.select_for_update().get(pk=objection.pk)
    _check_may_answer(by, step)
    if locked.answered_at is not None:
        raise ObjectionAlreadyAnswered(who=locked.answered_by.full_name if locked.answered_by else "—")
    locked.upheld, locked.answer = upheld, checked_words(answer)
    locked.answered_at, locked.answered_by = now, by
    locked.save()
    record_event(by, "objection.answered", locked, at=now, upheld=upheld, case=step.case_id)
    if locked.taken_by:
        values = {"household": step.household.number, "step": spec_of(step).name}
        notify(locked.taken_by, "objection-answered", case_path(step.case), now, **values)
    if upheld and step.closed_at is not None:
        _open_again(step, by, now)
    return locked


def _check_may_answer(by: Officer, step: Step) -> None:
    check_case_worker(by, step.case)
    spec, level = spec_of(step), answers_at(step)
    does = by.level == level and (by.role in TAKES_OVER or (step.closed_at is None and by.role in spec.roles))
    if not does:
        name = LEVELS[level]
        raise NotYours(what_zh=spec.name.zh, what_en=spec.name.en, level_zh=name.zh, level_en=name.en)
    if by.pk == step.closed_by_id:
        raise HandledByYourself


def _open_again(step: Step, by: Officer, now: datetime) -> None:
    case, procedure, spec = step.case, procedure_of(step), spec_of(step)
    if Case.objects.filter(household=case.household_id).exclude(state__in=Case.CLOSED).exists():
        raise CaseIsOpen
    case.state, case.closed_on, case.reason = STATE_DURING[procedure.kind], None, ""
    case.save()
    open_step(case, procedure, spec, now, escalated_to=answers_at(step), again=step)
    record_event(by, "case.opened-again", case, at=now, step=step.step_id)
