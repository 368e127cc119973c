"""Words of the casework pages, from the rulebook's catalogues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import gettext as _

from khotail.accounts.roles import LEVEL_NAMES, ROLE_NAMES
from khotail.casework.models import Step
from khotail.desk.queries import step_name
from khotail.desk.templatetags.khotail import money, spoken
from khotail.rulebook.model import CAUSES, SEVERITIES
from khotail.rulebook.procedures import CATEGORIES, EVIDENCE, MEASURE_CATEGORIES, ProcedureStep, StepField

register = template.Library()


@register.filter
def cause_names(causes: Iterable[str]) -> str:
    return _(", ").join(spoken(CAUSES.get(cause, cause)) for cause in causes or ())


@register.filter
def category_name(category: str) -> str:
    return spoken(CATEGORIES.get(category, category))


@register.filter
def measure_name(category: str) -> str:
    return spoken(MEASURE_CATEGORIES.get(category, category))


@register.filter
def evidence_name(kind: str) -> str:
    return spoken(EVIDENCE.get(kind, kind))


@register.filter
def severity_name(severity: str) -> str:
    return spoken(SEVERITIES["signal"].get(severity, severity))


@register.filter
def step_title(step_id: str) -> str:
    return spoken(step_name(step_id))


@register.filter
def role_names(roles: Iterable[str]) -> str:
    return _(", ").join(spoken(ROLE_NAMES.get(role, role)) for role in roles)


@register.filter
def level_name(level: str) -> str:
    return spoken(LEVEL_NAMES.get(level, level))


@register.filter
def outcome_name(step: Step, spec: ProcedureStep | None) -> str:
    chosen = spec.outcome(step.outcome) if spec else None
    return spoken(chosen.label) if chosen else step.outcome


@register.filter
def recorded(step: Step, spec: ProcedureStep | None) -> list[tuple[str, str]]:
    """Label and value of everything that was filled in at the step; by name alone if the rulebook has lost it."""
    if spec is None:
        return [(name, str(value)) for name, value in step.record.items()]
    return [
        (spoken(field.label), field_value(field, step.record[field.id]))
        for field in spec.fields
        if field.id in step.record
    ]


def field_value(field: StepField, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(spoken(field.choices.get(each, each)) for each in value)
    if field.kind == "number" and field.id.endswith(("_cny", "_cny_per_capita")):
        return money(value)
    return spoken(field.choices.get(value, value))
