"""Cases: list, read, close the step that one waits for, write down an objection."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import BeforeValidator, Field

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Region, Words, chosen, listed, one, plain, within
from khotail.api.signals import Said, said
from khotail.casework import actions
from khotail.casework.models import Case, Objection, Step
from khotail.casework.queries import CasePage, StepRow, case_page
from khotail.facts.masking import masked_text
from khotail.register.models import Document, Household
from khotail.rulebook.procedures import ProcedureStep

router = Router(tags=["cases"])


class CaseLine(Schema):
    id: int
    household_id: int
    region_code: str
    procedure: str
    state: str
    category: str
    causes: list[str]
    helper_id: int | None
    opened_on: date
    identified_on: date | None
    closed_on: date | None
    previous_id: int | None


class Asked(Schema):
    """A field that the step asks for. `required_for` lists outcomes."""

    id: str
    kind: str
    label: Said
    choices: list[str]
    required_for: list[str]


class Ending(Schema):
    """One way to close the step."""

    id: str
    label: Said
    needs_reason: bool
    evidence: list[str]


class StepLine(Schema):
    """A step, done or waited for. `name` is null if the rulebook has lost it; `asks` and `outcomes` are of an open one."""

    id: int
    step_id: str
    name: Said | None
    level: str
    opened_at: datetime
    due_on: date
    not_before: date | None
    escalated_to: str
    outcome: str
    reason: str
    record: dict[str, Any]
    closed_at: datetime | None
    may_close: bool
    may_object: bool
    document_ids: list[int]
    asks: list[Asked]
    outcomes: list[Ending]


class MeasureLine(Schema):
    id: int
    category: str
    kind: str
    causes: list[str]
    amount_cny: float | None
    starts_on: date
    ends_on: date | None


class CaseFull(CaseLine):
    reason: str
    steps: list[StepLine]
    measures: list[MeasureLine]
    lead_ids: list[int]


class Decided(Schema):
    """How to close a step. `record`: field → value; `documents`: ids of papers sent to the household before."""

    outcome: Words
    reason: Words = ""
    record: Annotated[dict[str, Any], BeforeValidator(plain)] = Field(default_factory=dict)
    documents: list[Id] = Field(default_factory=list, max_length=200)


class Objected(Schema):
    """What somebody said against a notice or refusal; `said_by` is empty if they gave no name."""

    words: Words
    said_by: Words = ""


class ObjectionLine(Schema):
    id: int
    step: int
    raised_at: datetime
    upheld: bool | None
    answered_at: datetime | None


@router.get("", response=Listed[CaseLine], summary="Cases of a region")
def cases(
    request: HttpRequest, limit: Limit, after: After, region: Region,
    state: Annotated[Words, Query("", description="One state; all cases if left out.")],
    household: Annotated[Id | None, Query(None)], helper: Annotated[Id | None, Query(None)],
) -> Any:  # fmt: skip
    officer = caller(request, May.SEE_CASES)
    rows = Case.objects.visible_to(officer).in_region(within(officer, region))
    if state:
        rows = rows.filter(state=chosen(state, Case.State.values))
    if household:
        rows = rows.filter(household_id=household)
    if helper:
        rows = rows.filter(helper_id=helper)
    return listed(rows, after, limit, case_line)


@router.get("/{id}", response=CaseFull, summary="One case, with what it waits for")
def case(request: HttpRequest, id: Id) -> Any:
    return _full(case_page(caller(request, May.SEE_CASES), id, timezone.now()))


@router.post("/{id}/steps/{step}/close", response=CaseFull, summary="Close the step that the case waits for")
def close(request: HttpRequest, id: Id, step: Id, sent: Decided) -> Any:
    """409 if somebody was quicker, with who and what; nothing of a refused call is kept."""
    officer, now = caller(request, May.SEE_CASES), timezone.now()
    found = _step(officer, id, step)
    homes = Household.objects.visible_to(officer)
    papers = list(Document.objects.filter(pk__in=sent.documents, household__in=homes))
    if len(papers) < len(set(sent.documents)):
        one(Document.objects.none(), 0)  # some of them are not there, or not to be seen
    actions.close_step(
        found, officer, sent.outcome, reason=sent.reason, record=sent.record, documents=papers, now=now
    )  # fmt: skip
    return _full(case_page(officer, id, now))


@router.post("/{id}/steps/{step}/objections", response={201: ObjectionLine}, summary="Write down an objection")
def object_to(request: HttpRequest, id: Id, step: Id, sent: Objected) -> Any:
    officer = caller(request, May.SEE_CASES)
    found = _step(officer, id, step)
    made = actions.object_to(found, sent.words, said_by=sent.said_by, taken_by=officer, now=timezone.now())
    return Status(201, _objection(made))


def _step(officer: Officer, case_id: int, step_id: int) -> Step:
    rows = Step.objects.visible_to(officer).filter(case_id=case_id).select_related("case", "household")
    found: Step = one(rows, step_id)
    return found


def case_line(case: Case) -> dict[str, Any]:
    names = (
        "household_id", "region_code", "procedure", "state", "category", "causes", "helper_id", "opened_on",
        "identified_on", "closed_on", "previous_id",
    )  # fmt: skip
    return {"id": case.pk} | {name: getattr(case, name) for name in names}


def _full(page: CasePage) -> dict[str, Any]:
    names = ("category", "kind", "causes", "amount_cny", "starts_on", "ends_on")
    return case_line(page.case) | {
        "reason": masked_text(page.case.reason),
        "steps": [_step_line(row) for row in page.steps],
        "measures": [{"id": each.pk} | {name: getattr(each, name) for name in names} for each in page.measures],
        "lead_ids": [each.pk for each in page.leads],
    }


def _step_line(row: StepRow) -> dict[str, Any]:
    step, spec = row.step, row.spec
    is_open = spec is not None and step.closed_at is None
    names = ("step_id", "level", "opened_at", "due_on", "not_before", "escalated_to", "outcome", "closed_at")
    return {"id": step.pk} | {name: getattr(step, name) for name in names} | {
        "name": said(spec.name) if spec else None, "may_close": row.may_close, "may_object": row.may_object,
        "reason": masked_text(step.reason), "record": _unnumbered(step.record),
        "document_ids": [each.pk for each in step.documents.all()],
        "asks": _asks(spec) if spec and is_open else [], "outcomes": _outcomes(spec) if spec and is_open else [],
    }  # fmt: skip


def _asks(spec: ProcedureStep) -> list[dict[str, Any]]:
    return [
        {
            "id": field.id, "kind": field.kind, "label": said(field.label), "choices": list(field.choices),
            "required_for": [each.id for each in spec.outcomes if field.is_required_for(each.id) and not each.returns],
        }
        for field in spec.fields
    ]  # fmt: skip


def _outcomes(spec: ProcedureStep) -> list[dict[str, Any]]:
    return [
        {"id": each.id, "label": said(each.label), "needs_reason": each.reason, "evidence": list(each.evidence)}
        for each in spec.outcomes
    ]


def _objection(objection: Objection) -> dict[str, Any]:
    names = ("raised_at", "upheld", "answered_at")
    return {"id": objection.pk, "step": objection.step_id} | {name: getattr(objection, name) for name in names}


def _unnumbered(record: dict[str, Any]) -> dict[str, Any]:
    return {name: masked_text(value) if isinstance(value, str) else value for name, value in record.items()}
