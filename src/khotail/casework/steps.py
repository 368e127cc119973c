"""Close a step: the one way in which a case moves on.

Two people may press the button at once: both wait for the step's row, one finds it open and closes it, the other is
told who was quicker and with what outcome. Nothing of a refused attempt is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.casework.actors import check_actor
from khotail.casework.conditions import evaluate, known_of
from khotail.casework.models import Case, Step
from khotail.casework.outcomes import lead_on
from khotail.casework.problems import (
    ConditionNotMet,
    EvidenceMissing,
    ForeignDocument,
    NotFound,
    ReasonMissing,
    StepAlreadyDone,
    TooEarly,
    UnknownOutcome,
    WordsTooLong,
)
from khotail.casework.procedures import procedure_of, spec_of
from khotail.casework.records import LONGEST_TEXT, Record, check_bounds, read_record
from khotail.register.models import Document
from khotail.rulebook.procedures import EVIDENCE, Outcome, Procedure, ProcedureStep
from khotail.texts import typed
from khotail.trail.chain import record as record_event


@transaction.atomic
def close_step(
    step: Step,
    by: Officer,
    outcome: str,
    *,
    reason: str = "",
    record: Mapping[str, Any] | None = None,
    documents: Iterable[Document] = (),
    now: datetime,
) -> Step:
    """Close a step with one of its outcomes, and open what follows from it.

    record     field → value, as typed or as JSON
    documents  evidence, added to what the step has already
    Raises StepAlreadyDone, NotFound, MayNot, NotYours, HandledByYourself, UnknownOutcome, ReasonMissing, TooEarly,
    FieldWrong, UnknownField, EvidenceMissing, ForeignDocument, ConditionNotMet, ProcedureGone.
    """
    step = lock_step(step)
    procedure, spec = procedure_of(step), spec_of(step)
    check_actor(by, step, spec)
    _check_open(step, spec)
    chosen = spec.outcome(outcome)
    if chosen is None:
        known = ", ".join(one.id for one in spec.outcomes)
        raise UnknownOutcome(step_zh=spec.name.zh, step_en=spec.name.en, outcome=str(outcome)[:60], known=known)
    reason = _checked_reason(chosen, reason)
    step.documents.add(*_own(documents, step))
    filled = read_record(spec, outcome, dict(record or {}), complete=not chosen.returns)
    if not chosen.returns:
        _check_waited(step, spec, now)
        _check_evidence(step, chosen)
        _check_law(step, procedure, spec, chosen, filled, now)
    step.record, step.outcome, step.reason = filled, outcome, reason
    step.closed_at, step.closed_by = now, by
    step.save()
    record_event(by, "step.closed", step, at=now, step=step.step_id, outcome=outcome, case=step.case_id)
    lead_on(step, procedure, chosen, by, now)
    return step


@transaction.atomic
def attach(step: Step, document: Document, by: Officer, now: datetime) -> None:
    """Add a paper to an open step. Raises as `close_step`."""
    step = lock_step(step)
    spec = spec_of(step)
    check_actor(by, step, spec)
    _check_open(step, spec)
    step.documents.add(*_own([document], step))
    record_event(by, "step.paper-added", step, at=now, document=document.pk, kind=document.kind)


def lock_step(step: Step) -> Step:
    """The step and its case as they are now, locked for this transaction: the case first, always. Raises NotFound."""
    case = Case.objects.select_for_update().filter(pk=step.case_id).first()
    locked = Step.objects.select_for_update().filter(pk=step.pk).first()
    if case is None or locked is None:
        raise NotFound
    locked.case = case
    return locked


def _check_open(step: Step, spec: ProcedureStep) -> None:
    if step.closed_at is None:
        return
    chosen = spec.outcome(step.outcome)
    raise StepAlreadyDone(
        who=step.closed_by.full_name if step.closed_by else "—",
        when=timezone.localtime(step.closed_at).strftime("%Y-%m-%d %H:%M"),
        step_zh=spec.name.zh,
        step_en=spec.name.en,
        outcome_zh=chosen.label.zh if chosen else step.outcome,
        outcome_en=chosen.label.en if chosen else step.outcome,
    )


def _checked_reason(chosen: Outcome, reason: str) -> str:
    reason = typed(reason)
    if chosen.reason and not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_TEXT:
        raise WordsTooLong(most=LONGEST_TEXT)
    return reason


def _own(documents: Iterable[Document], step: Step) -> list[Document]:
    found = list(documents)
    if any(document.household_id != step.household_id for document in found):
        raise ForeignDocument
    return found


def _check_waited(step: Step, spec: ProcedureStep, now: datetime) -> None:
    if step.not_before and timezone.localdate(now) < step.not_before:
        raise TooEarly(step_zh=spec.name.zh, step_en=spec.name.en, not_before=step.not_before)


def _check_evidence(step: Step, chosen: Outcome) -> None:
    given = set(step.documents.values_list("kind", flat=True))
    missing = [EVIDENCE[kind] for kind in chosen.evidence if kind not in given]
    if missing:
        raise EvidenceMissing(zh="、".join(text.zh for text in missing), en=", ".join(text.en for text in missing))


def _check_law(
    step: Step, procedure: Procedure, spec: ProcedureStep, chosen: Outcome, filled: Record, now: datetime
) -> None:
    """Bounds of the fields and conditions of the outcome, all worked out at once."""
    today = timezone.localdate(now)
    values = known_of(step.case, step, procedure, today) | {field.id: None for field in spec.fields} | filled
    bounds = [bound for field in spec.fields for bound in (field.least, field.most) if bound]
    conditions = [condition.that for condition in chosen.needs]
    found = iter(evaluate([*bounds, *conditions], procedure, values, today, step.region_code))
    limits = {
        field.id: (next(found) if field.least else None, next(found) if field.most else None) for field in spec.fields
    }
    check_bounds(spec, filled, limits)
    unmet = [condition.otherwise for condition in chosen.needs if next(found) is not True]
    if unmet:
        problem = ConditionNotMet(zh="".join(text.zh for text in unmet), en=" ".join(text.en for text in unmet))
        problem.values["conditions"] = tuple(unmet)
        raise problem
