"""What people ask of casework: what is mine to do, one case in full, how many wait where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import May, Role
from khotail.casework.actors import LEAD_LEVEL, TAKES_OVER, may_close
from khotail.casework.measures import missing_measures
from khotail.casework.models import Case, Lead, Measure, Objection, Step
from khotail.casework.objections import can_object
from khotail.casework.problems import NotFound, ProcedureGone
from khotail.casework.procedures import rulebook, spec_of
from khotail.rulebook.procedures import Need, ProcedureStep


def steps_to_do(officer: Officer) -> QuerySet[Step]:
    """Open steps that the officer may close, the most urgent first. One query."""
    if not officer.may(May.WORK_CASES):
        return Step.objects.none()
    mine = steps_of_role(officer.role, officer.level)
    rows = Step.objects.visible_to(officer).filter(mine, closed_at=None).exclude(opened_again__closed_by=officer)
    return rows.select_related("case", "household").order_by("due_on", "id")


def steps_of_role(role: str, level: str) -> Q:
    """Steps that a role does at a level, by the rulebook or because they have come up to it."""
    steps = Q(pk__in=())
    for procedure in rulebook().procedures.values():
        ids = [step.id for step in procedure.steps if step.level == level and role in step.roles]
        if ids:
            steps |= Q(procedure=procedure.key, step_id__in=ids, opened_again=None)
    return steps | Q(escalated_to=level) if role in TAKES_OVER else steps


def steps_to_do_together(officer: Officer, step_id: str) -> QuerySet[Step]:
    """Those of `steps_to_do` of one kind which the rulebook lets be closed for many cases at once."""
    procedures = [
        procedure.key
        for procedure in rulebook().procedures.values()
        if (spec := procedure.step(step_id)) is not None and spec.bulk
    ]
    return steps_to_do(officer).filter(step_id=step_id, procedure__in=procedures)


def leads_to_do(officer: Officer) -> QuerySet[Lead]:
    """Open leads that the officer's level verifies, the most urgent first: the village's own, and what came up."""
    if not officer.may(May.WORK_CASES):
        return Lead.objects.none()
    rows = Lead.objects.visible_to(officer).filter(state=Lead.State.OPEN)
    if officer.level != LEAD_LEVEL:
        rows = rows.filter(Q(escalated_to=officer.level) | Q(household=None))
    return rows.select_related("household", "finding").order_by("due_on", "id")


def open_steps(officer: Officer, *, step_id: str = "", overdue_on: date | None = None) -> QuerySet[Step]:
    """All open steps that the officer may see: the board and the queues per step."""
    rows = Step.objects.visible_to(officer).filter(closed_at=None)
    if step_id:
        rows = rows.filter(step_id=step_id)
    if overdue_on:
        rows = rows.filter(due_on__lt=overdue_on)
    return rows.select_related("case", "household").order_by("due_on", "id")


@dataclass(frozen=True)
class StepRow:
    """A step with what the rulebook says of it; `spec` is None if the rulebook has lost it."""

    step: Step
    spec: ProcedureStep | None
    may_close: bool
    may_object: bool
    objections: tuple[Objection, ...]


@dataclass(frozen=True)
class CasePage:
    case: Case
    steps: tuple[StepRow, ...]  # oldest first
    waiting: StepRow | None
    leads: tuple[Lead, ...]
    measures: tuple[Measure, ...]
    missing: tuple[Need, ...]  # what the causes call for and no measure answers


def case_page(officer: Officer, id_: int, now: datetime) -> CasePage:
    """One case in full. Raises NotFound outside the officer's region."""
    case = (
        Case.objects.visible_to(officer)
        .select_related("household", "helper", "previous", "opened_by")
        .filter(pk=id_)
        .first()
    )
    if case is None or not officer.may(May.SEE_CASES):
        raise NotFound
    found = case.steps.select_related("closed_by", "opened_again").prefetch_related("documents", "objections")
    rows = tuple(_row(officer, case, step, now) for step in found.order_by("id"))
    return CasePage(
        case=case,
        steps=rows,
        waiting=next((row for row in rows if row.step.closed_at is None), None),
        leads=tuple(case.leads.select_related("finding", "decided_by").order_by("id")),
        measures=tuple(case.measures.select_related("recorded_by").order_by("starts_on", "id")),
        missing=tuple(missing_measures(case, now)),
    )


def _row(officer: Officer, case: Case, step: Step, now: datetime) -> StepRow:
    step.case = case
    step.household = case.household
    objections = tuple(step.objections.all())
    try:
        spec = spec_of(step)
    except ProcedureGone:
        return StepRow(step, None, False, False, objections)
    closes = step.closed_at is None and may_close(officer, step)
    return StepRow(step, spec, closes, can_object(step, timezone.localdate(now)), objections)


def board(officer: Officer) -> dict[str, int]:
    """Cases by state."""
    counted = Case.objects.visible_to(officer).order_by().values_list("state").annotate(Count("pk"))
    return {state: 0 for state in Case.State.values} | dict(counted)


@dataclass(frozen=True)
class Waiting:
    """How many open steps of one kind wait, and how many of them are overdue."""

    step_id: str
    count: int
    overdue: int


def waiting_by_step(officer: Officer, today: date) -> list[Waiting]:
    """The queues: open steps counted per step, in one query."""
    rows = Step.objects.visible_to(officer).filter(closed_at=None).order_by("step_id").values("step_id")
    counted = rows.annotate(count=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)))
    return [Waiting(row["step_id"], row["count"], row["overdue"]) for row in counted]


def helpers_for(case: Case) -> QuerySet[Officer]:
    """Who could be the case's helper: active officers of its village, township or banner who work cases."""
    regions = [case.region_code[:digits] for digits in LEVEL_DIGITS.values() if digits >= LEVEL_DIGITS["banner"]]
    roles = (Role.HELPER, Role.VILLAGE_CADRE, Role.OFFICER)
    return Officer.objects.filter(is_active=True, region_code__in=regions, role__in=roles).order_by("-region_code")
