"""Who may do what in casework: role, region and level; and who is told."""

from __future__ import annotations

from django.db.models import QuerySet

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import May, Role
from khotail.casework.models import Case, Lead, Step
from khotail.casework.problems import HandledByYourself, MayNot, NotFound, NotYours
from khotail.casework.procedures import procedure_of, spec_of
from khotail.rulebook.procedures import LEVELS, ProcedureStep

#: Who takes over what has come up from the level below, or was opened a level up after an objection.
TAKES_OVER = (Role.OFFICER, Role.REVIEWER, Role.ADMINISTRATOR)
#: The level at which a lead is verified first.
LEAD_LEVEL = "village"


def may_close(officer: Officer, step: Step) -> bool:
    """Whether the officer may close this open step: for pages that show the form or not."""
    try:
        check_actor(officer, step, spec_of(step))
    except (MayNot, NotFound, NotYours, HandledByYourself):
        return False
    return step.closed_at is None


def check_actor(officer: Officer, step: Step, spec: ProcedureStep) -> None:
    """Raises NotFound (other region), MayNot, NotYours (role or level), HandledByYourself."""
    if not Step.objects.visible_to(officer).filter(pk=step.pk).exists():
        raise NotFound
    if not officer.may(May.WORK_CASES):
        raise MayNot
    level = step.escalated_to or step.level
    does = officer.level == step.level and officer.role in spec.roles
    takes_over = bool(step.escalated_to) and officer.level == level and officer.role in TAKES_OVER
    if step.opened_again:
        does = False
    if not does and not takes_over:
        name = LEVELS[level]
        raise NotYours(what_zh=spec.name.zh, what_en=spec.name.en, level_zh=name.zh, level_en=name.en)
    if step.opened_again and officer.pk == step.opened_again.closed_by_id:
        raise HandledByYourself
    if procedure_of(step).kind == "recheck" and step.case.steps.filter(closed_by=officer).exists():
        raise HandledByYourself


def check_case_worker(officer: Officer, case: Case) -> None:
    """For what accompanies a case, such as measures. Raises NotFound, MayNot."""
    if not Case.objects.visible_to(officer).filter(pk=case.pk).exists():
        raise NotFound
    if not officer.may(May.WORK_CASES):
        raise MayNot


def check_lead_worker(officer: Officer, lead: Lead) -> None:
    """Raises NotFound, MayNot."""
    if not Lead.objects.visible_to(officer).filter(pk=lead.pk).exists():
        raise NotFound
    if not officer.may(May.WORK_CASES):
        raise MayNot


def officers_at(level: str, region_code: str) -> QuerySet[Officer]:
    """Active officers whose region, at this level, holds the place."""
    return Officer.objects.filter(is_active=True, region_code=region_code[: LEVEL_DIGITS[level]])


def doers_of(step: Step, spec: ProcedureStep) -> QuerySet[Officer]:
    """Whom to tell that the step waits. A helper is told only of households that are theirs."""
    if step.escalated_to:
        return officers_at(step.escalated_to, step.region_code).filter(role__in=TAKES_OVER)
    people = officers_at(step.level, step.region_code).filter(role__in=spec.roles)
    return people.exclude(role=Role.HELPER) | people.filter(pk=step.household.helper_id)


def next_level(level: str, region_code: str) -> str | None:
    """The next level up at which somebody of this installation takes over; None at the top."""
    names = list(LEVELS)
    for name in names[names.index(level) + 1 :]:
        if officers_at(name, region_code).filter(role__in=TAKES_OVER).exists():
            return name
    return None
