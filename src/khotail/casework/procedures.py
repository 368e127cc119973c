"""The rulebook's procedures as cases meet them: which one applies, and what a step asks for."""

from __future__ import annotations

from datetime import date

from khotail.casework.models import Case, Step
from khotail.casework.problems import NoProcedure, ProcedureGone
from khotail.rulebook import Rulebook
from khotail.rulebook.procedures import PROCEDURE_KINDS, Procedure, ProcedureStep
from khotail.screening.rulebook import current

__all__ = ["current_step", "procedure_for", "procedure_of", "rulebook", "spec_of"]


def rulebook() -> Rulebook:
    """The installation's rulebook, with what the banner has adopted."""
    return current()


def procedure_for(kind: str, on: date, region_code: str) -> Procedure:
    """The procedure of a kind that holds on a day in a region. Raises NoProcedure."""
    found = rulebook().procedure(kind, on, region_code)
    if found is None:
        name = PROCEDURE_KINDS[kind]
        raise NoProcedure(on=on, kind_zh=name.zh, kind_en=name.en)
    return found


def procedure_of(step: Step) -> Procedure:
    """The procedure under which the step was opened. Raises ProcedureGone if the rulebook has lost it."""
    found = rulebook().procedures.get(step.procedure)
    if found is None:
        raise ProcedureGone(procedure=step.procedure, step=step.step_id)
    return found


def spec_of(step: Step) -> ProcedureStep:
    """What the rulebook says about the step. Raises ProcedureGone."""
    found = procedure_of(step).step(step.step_id)
    if found is None:
        raise ProcedureGone(procedure=step.procedure, step=step.step_id)
    return found


def current_step(case: Case) -> Step | None:
    """The step that the case waits for."""
    return case.steps.filter(closed_at=None).select_related("closed_by").first()
