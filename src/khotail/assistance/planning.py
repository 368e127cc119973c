"""Plans of help: made for a household's open case, agreed with it, carried out line by line.

A line that begins becomes a measure of the case (`casework.measures`), so that what a household gets is written once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.assistance.checks import check_span, checked_amount, checked_text, own_papers, present
from khotail.assistance.gaps import gaps_of, labour_in
from khotail.assistance.models import Plan, PlanLine, PlanTemplate
from khotail.assistance.problems import (
    DatesWrong,
    KindMissing,
    LineNotOpen,
    NoOpenCase,
    NotFound,
    NotYet,
    PlanEmpty,
    PlanExists,
    PlanHasGaps,
    PlanIsClosed,
    ReasonMissing,
    UnknownCategory,
)
from khotail.casework.deadlines import after_months
from khotail.casework.measures import end_measure, lock_case, record_measure
from khotail.casework.models import Case
from khotail.casework.problems import NotTheHelper
from khotail.casework.queries import helpers_for
from khotail.casework.raising import checked_causes
from khotail.register.models import Document, Person
from khotail.rulebook.procedures import MEASURE_CATEGORIES
from khotail.screening.rulebook import setting
from khotail.trail.chain import record as record_event

_LONGEST_PLAN = 60
_STATES_ZH = {"planned": "已计划", "running": "实施中", "done": "已完成", "dropped": "已取消"}


def plan_path(plan: Plan) -> str:
    return f"/help/plans/{plan.pk}/"


@transaction.atomic
def start_plan(case: Case, *, template: PlanTemplate | None = None, aim: str = "", by: Officer, now: datetime) -> Plan:
    """Begin a plan for the household of an open case, with the lines of a template if one is named.

    Raises NotAllowed, NotFound, HouseholdLeft, NoOpenCase, PlanExists.
    """
    found = lock_case(case)
    household = present(found.household, by)
    if found.state in Case.CLOSED:
        raise NoOpenCase
    if Plan.objects.filter(case=found).exists():
        raise PlanExists
    if template and not PlanTemplate.objects.offered_in(found.region_code).filter(pk=template.pk).exists():
        raise NotFound
    found.household = household
    plan = Plan.objects.create(
        case=found, household=household, region_code=found.region_code, template=template, aim=checked_text(aim),
        has_labour=labour_in(found), made_by=by, made_at=now,
    )  # fmt: skip
    today = timezone.localdate(now)
    for line in template.lines if template else ():
        _add(
            plan, line["category"], line["kind"], line.get("causes") or found.causes, today,
            after_months(today, int(line["months"])) if line.get("months") else None, line.get("amount_cny"),
            line.get("note", ""), None, None, by, now,
        )  # fmt: skip
    _look_again(plan, now)
    record_event(by, "plan.started", plan, at=now, case=found.pk, template=template.pk if template else None)
    return plan


@transaction.atomic
def add_line(
    plan: Plan,
    category: str,
    kind: str,
    *,
    causes: Iterable[str] = (),
    starts_on: date,
    ends_on: date | None = None,
    amount_cny: Decimal | str | int | None = None,
    note: str = "",
    person: Person | None = None,
    helper: Officer | None = None,
    by: Officer,
    now: datetime,
) -> PlanLine:
    """Add a measure to the plan; for one person of the household if it is meant for them.

    Raises NotAllowed, NotFound, HouseholdLeft, PlanIsClosed, UnknownCategory, KindMissing, DatesWrong, AmountWrong,
    NotTheHelper.
    """
    plan = _open(plan, by)
    line = _add(plan, category, kind, causes, starts_on, ends_on, amount_cny, note, person, helper, by, now)
    _look_again(plan, now)
    record_event(by, "plan.line-added", plan, at=now, line=line.pk, category=category)
    return line


@transaction.atomic
def begin_line(line: PlanLine, *, starts_on: date | None = None, by: Officer, now: datetime) -> PlanLine:
    """The measure begins: it is recorded in the household's case, and stands in the register from then on.

    Raises as `add_line`, LineNotOpen, NotYet, and what `record_measure` refuses.
    """
    plan, line = _open_line(line, by, PlanLine.State.PLANNED)
    starts_on = starts_on or min(line.starts_on, timezone.localdate(now))
    if starts_on > timezone.localdate(now):
        raise NotYet(day=starts_on)
    line.starts_on, line.state = starts_on, PlanLine.State.RUNNING
    line.measure = record_measure(
        plan.case, line.category, line.kind, causes=line.causes, starts_on=starts_on, ends_on=line.ends_on,
        amount_cny=line.amount_cny, note=line.note, by=by, now=now,
    )  # fmt: skip
    return _changed(plan, line, "plan.line-begun", by, now)


@transaction.atomic
def finish_line(
    line: PlanLine, *, on: date, documents: Iterable[Document] = (), note: str = "", by: Officer, now: datetime
) -> PlanLine:
    """The measure has ended. Raises as `begin_line`."""
    plan, line = _open_line(line, by, PlanLine.State.RUNNING)
    if on > timezone.localdate(now):
        raise NotYet(day=on)
    if on < line.starts_on:
        raise DatesWrong
    line.documents.add(*own_papers(documents, plan.household))
    line.state, line.ends_on, line.reason = PlanLine.State.DONE, on, checked_text(note)
    if line.measure:
        end_measure(line.measure, on, by=by, now=now)
    return _changed(plan, line, "plan.line-done", by, now)


@transaction.atomic
def drop_line(line: PlanLine, reason: str, *, by: Officer, now: datetime) -> PlanLine:
    """It will not be done. Raises as `begin_line`, ReasonMissing."""
    plan, line = _open_line(line, by, PlanLine.State.PLANNED)
    line.reason = checked_text(reason)
    if not line.reason:
        raise ReasonMissing
    line.state = PlanLine.State.DROPPED
    return _changed(plan, line, "plan.line-dropped", by, now)


@transaction.atomic
def add_evidence(line: PlanLine, documents: Iterable[Document], *, by: Officer, now: datetime) -> PlanLine:
    """Papers and photos that show it was done. Raises as `begin_line`."""
    plan = _open(line.plan, by)
    papers = own_papers(documents, plan.household)
    line.documents.add(*papers)
    record_event(by, "plan.evidence-added", plan, at=now, line=line.pk, papers=len(papers))
    return line


@transaction.atomic
def agree(
    plan: Plan, *, agreed_with: str, gaps_reason: str = "", review_on: date | None = None, by: Officer, now: datetime
) -> Plan:
    """The household agrees with the plan: it holds from now on, and is looked at again after the rulebook's months.

    Raises NotAllowed, NotFound, HouseholdLeft, PlanIsClosed, PlanEmpty, PlanHasGaps, ReasonMissing, DatesWrong.
    """
    plan = _open(plan, by)
    today = timezone.localdate(now)
    if not plan.lines.exclude(state=PlanLine.State.DROPPED).exists() and not plan.case.measures.exists():
        raise PlanEmpty
    plan.agreed_with = checked_text(agreed_with, 60)
    if not plan.agreed_with:
        raise ReasonMissing
    plan.has_labour = labour_in(plan.case)
    lacking = gaps_of(plan, today)
    plan.gaps_reason = checked_text(gaps_reason)
    if lacking and not plan.gaps_reason:
        raise PlanHasGaps(
            zh="；".join(f"{need.name.zh}（{'、'.join(need.accepts)}）" for need in lacking),
            en="; ".join(
                f"{need.name.en} ({', '.join(MEASURE_CATEGORIES[name].en for name in need.accepts)})"
                for need in lacking
            ),
        )
    months = int(setting("plan_review_months", today, plan.region_code))
    plan.review_on = review_on or after_months(today, months)
    check_span(today, plan.review_on)
    plan.state, plan.agreed_by, plan.agreed_at = Plan.State.AGREED, by, now
    plan.gaps = [need.id for need in lacking]
    plan.save()
    record_event(by, "plan.agreed", plan, at=now, gaps=plan.gaps, review_on=plan.review_on)
    if plan.case.helper and plan.case.helper != by:
        notify(plan.case.helper, "plan-agreed", plan_path(plan), now, household=plan.household.number)
    return plan


@transaction.atomic
def close_plan(plan: Plan, result: str, *, by: Officer, now: datetime) -> Plan:
    """The plan is over, with what came of it. Raises as `agree`, ReasonMissing."""
    plan = _open(plan, by, may_have_left=True)
    plan.result = checked_text(result)
    if not plan.result:
        raise ReasonMissing
    plan.state, plan.closed_at, plan.closed_by = Plan.State.CLOSED, now, by
    plan.save()
    record_event(by, "plan.closed", plan, at=now)
    return plan


def look_again(now: datetime) -> int:
    """Work out the gaps of every open plan anew: measures end, causes are added. Returns how many changed."""
    changed = 0
    for pk in list(Plan.objects.exclude(state=Plan.State.CLOSED).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            plan = Plan.objects.select_for_update(of=("self",)).select_related("case__household").get(pk=pk)
            changed += _look_again(plan, now)
    return changed


def _look_again(plan: Plan, now: datetime) -> bool:
    before = plan.gaps, plan.has_labour
    plan.has_labour = labour_in(plan.case)
    plan.gaps = [need.id for need in gaps_of(plan, timezone.localdate(now))]
    if changed := (plan.gaps, plan.has_labour) != before:
        plan.save(update_fields=["gaps", "has_labour"])
    return changed


def _add(
    plan: Plan, category: str, kind: str, causes: Iterable[str], starts_on: date, ends_on: date | None,
    amount_cny: Any, note: str, person: Person | None, helper: Officer | None, by: Officer, now: datetime,
) -> PlanLine:  # fmt: skip
    if category not in MEASURE_CATEGORIES:
        raise UnknownCategory(word=str(category)[:60], known="、".join(MEASURE_CATEGORIES))
    kind, note = checked_text(kind, 60), checked_text(note)
    if not kind or (kind == "其他" and not note):
        raise KindMissing
    check_span(starts_on, ends_on)
    if person and (person.household_id != plan.household_id or person.left_on):
        raise NotFound
    if helper and not helpers_for(plan.case).filter(pk=helper.pk).exists():
        raise NotTheHelper
    if plan.lines.count() >= _LONGEST_PLAN:
        raise PlanIsClosed
    return PlanLine.objects.create(
        plan=plan, household=plan.household, region_code=plan.region_code, person=person, category=category, kind=kind,
        causes=checked_causes(causes), starts_on=starts_on, ends_on=ends_on, amount_cny=checked_amount(amount_cny),
        helper=helper, note=note, changed_by=by, changed_at=now,
    )  # fmt: skip


def _changed(plan: Plan, line: PlanLine, verb: str, by: Officer, now: datetime) -> PlanLine:
    line.changed_by, line.changed_at = by, now
    line.save()
    _look_again(plan, now)
    record_event(by, verb, plan, at=now, line=line.pk, category=line.category)
    return line


def _open(plan: Plan, by: Officer, *, may_have_left: bool = False) -> Plan:
    """The plan, locked after its case and household, as casework locks them. Raises NotAllowed, NotFound, HouseholdLeft,
    PlanIsClosed.
    """
    lock_case(plan.case)
    present(plan.household, by, may_have_left=may_have_left)
    rows = Plan.objects.select_for_update(of=("self",)).select_related("case__household", "case__helper", "household")
    found = rows.filter(pk=plan.pk).first()
    if found is None:
        raise NotFound
    if found.state == Plan.State.CLOSED or (found.case.state in Case.CLOSED and not may_have_left):
        raise PlanIsClosed
    return found


def _open_line(line: PlanLine, by: Officer, wanted: str) -> tuple[Plan, PlanLine]:
    plan = _open(line.plan, by)
    found = PlanLine.objects.select_for_update(of=("self",)).select_related("measure").get(pk=line.pk)
    if found.state != wanted:
        raise LineNotOpen(state_zh=_STATES_ZH[found.state], state_en=found.state)
    return plan, found
