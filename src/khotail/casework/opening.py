"""Open steps: when they are due, and who is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from khotail.accounts.notifications import notify
from khotail.casework.actors import doers_of
from khotail.casework.conditions import evaluate, known_of
from khotail.casework.deadlines import after_months, after_working_days
from khotail.casework.models import Case, Step
from khotail.casework.procedures import procedure_for
from khotail.rulebook.procedures import Procedure, ProcedureStep

#: The state of a case while a procedure of this kind goes on. A recheck changes nothing.
STATE_DURING = {
    "identification": Case.State.DECIDING,
    "follow_up": Case.State.HELPED,
    "exit": Case.State.EXITING,
    "decrease": Case.State.EXITING,
}


def begin(case: Case, kind: str, now: datetime) -> Step:
    """Open the first step of the procedure of a kind that is in force. The caller holds the case's lock."""
    procedure = procedure_for(kind, timezone.localdate(now), case.region_code)
    if kind in STATE_DURING:
        case.state = STATE_DURING[kind]
        case.save()
    return open_step(case, procedure, procedure.first, now)


def open_step(
    case: Case,
    procedure: Procedure,
    spec: ProcedureStep,
    now: datetime,
    *,
    returned: bool = False,
    escalated_to: str = "",
    again: Step | None = None,
) -> Step:
    """Open one step and tell those who do it."""
    today = timezone.localdate(now)
    due_on, not_before = dates_of(case, procedure, spec, today)
    step = Step.objects.create(
        case=case,
        household=case.household,
        region_code=case.region_code,
        procedure=procedure.key,
        step_id=spec.id,
        level=spec.level,
        opened_at=now,
        due_on=due_on,
        not_before=not_before,
        escalated_to=escalated_to,
        opened_again=again,
    )
    if returned:
        kind, values = "step-returned", {}
    elif procedure.kind == "recheck":
        kind, values = "recheck-due", {"due": due_on}
    else:
        kind, values = "step-new", {"due": due_on}
    if kind != "recheck-due":
        values["step"] = spec.name
    notify(doers_of(step, spec), kind, case_path(case), now, household=case.household.number, **values)
    return step


def dates_of(case: Case, procedure: Procedure, spec: ProcedureStep, today: date) -> tuple[date, date | None]:
    """When the step is due, and before which day it cannot be closed."""
    wanted = [spec.deadline_days, spec.every_months, spec.hold_days, procedure.total_days]
    given = [expression for expression in wanted if expression is not None]
    numbers = iter(evaluate(given, procedure, known_of(case, None, procedure, today), today, case.region_code))
    days, months, hold, total = (None if expression is None else int(next(numbers)) for expression in wanted)
    due_on = after_working_days(today, days) if days is not None else after_months(today, months or 0)
    if total is not None:
        due_on = min(due_on, after_working_days(case.opened_on, total))
    not_before = None if hold is None else today + timedelta(days=hold)
    earliest = max(after_working_days(today, 1), not_before or today)
    return max(due_on, earliest), not_before


def case_path(case: Case) -> str:
    return f"/cases/{case.pk}/"
