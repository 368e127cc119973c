"""The way of a household's case, step by step, in words for the household: no names of officers, nothing about others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from khotail.accounts.language import readers_language
from khotail.accounts.roles import Role
from khotail.casework.models import Case, Measure, Objection, Step
from khotail.casework.objections import can_object
from khotail.casework.problems import ProcedureGone
from khotail.casework.procedures import spec_of
from khotail.register.models import Household
from khotail.residents.objecting import own_objections
from khotail.rulebook.procedures import LEVELS, ProcedureStep, StepField

#: What a step recorded about the household itself. Lists of people and notes of officers are not for its page.
_SHOWN_KINDS = ("number", "date", "choice", "several", "yes_no")


@dataclass(frozen=True)
class WayStep:
    """One step: what it is, by whom (a role and a level), what came of it and why, or until when it waits."""

    step: Step
    name: str
    doer: str
    outcome: str
    is_refusal: bool
    found: list[tuple[str, str]]
    may_object: bool
    objections: list[Objection]

    @property
    def is_waiting(self) -> bool:
        return self.step.closed_at is None


@dataclass(frozen=True)
class Way:
    case: Case
    steps: list[WayStep]
    measures: list[Measure]

    @property
    def waiting(self) -> WayStep | None:
        return next((each for each in self.steps if each.is_waiting), None)


def ways_of(household: Household, today: date) -> list[Way]:
    """Every case of a household, the newest first."""
    cases = Case.objects.filter(household=household).prefetch_related("measures").order_by("-id")[:20]
    return [_way(case, today) for case in cases]


def _way(case: Case, today: date) -> Way:
    steps = []
    for step in case.steps.select_related("closed_by").order_by("id"):
        step.case, step.household = case, case.household
        steps.append(_step(step, today))
    return Way(case, steps, sorted(case.measures.all(), key=lambda one: one.starts_on))


def _step(step: Step, today: date) -> WayStep:
    try:
        spec = spec_of(step)
    except ProcedureGone:
        return WayStep(step, _("A step of the office"), _level(step.level), "", False, [], False, [])
    chosen = spec.outcome(step.outcome) if step.outcome else None
    return WayStep(
        step=step,
        name=_said(spec.name),
        doer=_doer(step, spec),
        outcome=_said(chosen.label) if chosen else "",
        is_refusal=bool(chosen and chosen.ends == "refused"),
        found=[pair for field in spec.fields if (pair := _found(field, step.record))],
        may_object=can_object(step, today),
        objections=list(own_objections(step)),
    )


def _doer(step: Step, spec: ProcedureStep) -> str:
    """Who decided, or whose turn it is: role and level, no name."""
    if step.closed_by:
        roles = [step.closed_by.role]
        level = step.closed_by.level
    elif step.escalated_to:
        roles, level = [Role.OFFICER, Role.REVIEWER], step.escalated_to
    else:
        roles, level = list(spec.roles), step.level
    return f"{_level(level)}: {', '.join(str(Role(role).label) for role in roles)}"


def _found(field: StepField, record: dict[str, Any]) -> tuple[str, str] | None:
    value = record.get(field.id)
    if field.kind not in _SHOWN_KINDS or value in (None, "", []):
        return None
    if field.kind == "yes_no":
        return _said(field.label), _("Yes") if value else _("No")
    if field.kind in ("choice", "several"):
        names = {name: _said(text) for name, text in field.choices.items()}
        values = value if isinstance(value, list) else [value]
        return _said(field.label), "、".join(names.get(each, str(each)) for each in values)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _said(field.label), f"{value:,}" if isinstance(value, int) else str(value)


def _level(level: str) -> str:
    return _said(LEVELS[level]) if level in LEVELS else level


def _said(text: Any) -> str:
    return str(getattr(text, readers_language()))
