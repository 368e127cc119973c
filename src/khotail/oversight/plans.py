"""Plans of the four classes: made, carried out step by step, reported on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.oversight.models import PlanFigure, PlanStep, Policy, PolicyPlan
from khotail.oversight.plan_fields import FIGURES, PLAN_FIELDS, WORKS, PlanField
from khotail.oversight.policies import held
from khotail.oversight.problems import AlreadyDone, ClassMissing, NotFound, NotYet, PlanEnded, WordsMissing
from khotail.oversight.words import MOST_CNY, MOST_HOUSEHOLDS, choice, days, number, words
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_GOAL = Text("目标", "what is to be reached")
_WHAT = Text("步骤", "step")


@dataclass(frozen=True)
class Progress:
    """How far a plan has come: steps done and late, and the last figure against its target (per cent, at most 100)."""

    steps: int
    done: int
    late: int
    last: PlanFigure | None
    percent: int | None


@transaction.atomic
def make_plan(
    policy: Policy, goal: str, details: Mapping[str, Any], due_on: date, *, by: Officer, now: datetime
) -> PolicyPlan:
    """Make the plan of the policy's class; one that was there ends, with its steps as they are.

    Raises NotAllowed, NotFound, ClassMissing, WordsMissing, NumberWrong, UnknownChoice, DatesWrong.
    """
    policy = held(policy, by, May.KEEP_POLICIES)
    if not policy.transition:
        raise ClassMissing
    days(due_on)
    read = {each.name: _read(each, details.get(each.name)) for each in PLAN_FIELDS[policy.transition]}
    target = next((read[each.name] for each in PLAN_FIELDS[policy.transition] if each.is_target), None)
    policy.plans.filter(ended_at=None).update(ended_at=now)
    plan = PolicyPlan.objects.create(
        policy=policy, region_code=policy.region_code, transition=policy.transition, goal=words(goal, _GOAL),
        details={name: _stored(value) for name, value in read.items() if value is not None and value != ""},
        target=target if isinstance(target, Decimal) else None, due_on=due_on, made_by=by, made_at=now,
    )  # fmt: skip
    record_event(by, "policy.planned", policy, at=now, plan=plan.pk, transition=plan.transition, due_on=due_on)
    return plan


@transaction.atomic
def add_step(plan: PolicyPlan, what: str, due_on: date, who: str = "", *, by: Officer, now: datetime) -> PlanStep:
    """Raises NotAllowed, NotFound, PlanEnded, WordsMissing, WordsTooLong, DatesWrong."""
    plan = _held(plan, by)
    days(due_on)
    step = PlanStep.objects.create(
        plan=plan, what=words(what, _WHAT, 200), who=words(who, Text("责任单位", "who"), 80, required=False), due_on=due_on
    )  # fmt: skip
    record_event(by, "policy.step_added", plan.policy, at=now, step=step.pk, due_on=due_on)
    return step


@transaction.atomic
def finish_step(step: PlanStep, done_on: date, note: str = "", *, by: Officer, now: datetime) -> PlanStep:
    """Raises NotAllowed, NotFound, PlanEnded, AlreadyDone, DatesWrong."""
    plan = _held(step.plan, by)
    found = PlanStep.objects.filter(pk=step.pk, plan=plan).first()
    if found is None:
        raise NotFound
    if found.done_on:
        raise AlreadyDone(on=found.done_on)
    days(done_on)
    if done_on > timezone.localdate(now):
        raise NotYet
    found.done_on, found.done_by = done_on, by
    found.note = words(note, Text("说明", "note"), required=False)
    found.save()
    record_event(by, "policy.step_done", plan.policy, at=now, step=found.pk, on=done_on)
    return found


@transaction.atomic
def report_figure(
    plan: PolicyPlan, value: Decimal | str, on: date, said: str = "", *, by: Officer, now: datetime
) -> PlanFigure:
    """Report how far it has come. Raises NotAllowed, NotFound, PlanEnded, NumberWrong, DatesWrong."""
    plan = _held(plan, by)
    days(on)
    if on > timezone.localdate(now):
        raise NotYet
    most = 100 if plan.transition == Policy.Transition.STRENGTHEN else MOST_HOUSEHOLDS
    read = number(value, FIGURES[plan.transition], most)
    if read is None:
        raise WordsMissing(what_zh=FIGURES[plan.transition].zh, what_en=FIGURES[plan.transition].en)
    figure = PlanFigure.objects.create(
        plan=plan, on=on, value=read, words=words(said, Text("说明", "note"), required=False), by=by, at=now
    )
    record_event(by, "policy.reported", plan.policy, at=now, plan=plan.pk, value=read)
    return figure


def progress_of(plan: PolicyPlan, today: date) -> Progress:
    """Of a plan with its steps and figures prefetched, if there are many."""
    steps, figures = list(plan.steps.all()), list(plan.figures.all())
    done = sum(step.done_on is not None for step in steps)
    late = sum(step.done_on is None and step.due_on < today for step in steps)
    last = figures[-1] if figures else None
    percent = round(100 * done / len(steps)) if steps else None
    if last is not None and plan.target:
        percent = min(round(100 * last.value / plan.target), 100)
    return Progress(len(steps), done, late, last, percent)


def _held(plan: PolicyPlan, by: Officer) -> PolicyPlan:
    policy = held(plan.policy, by, May.KEEP_POLICIES)
    found = PolicyPlan.objects.filter(pk=plan.pk, policy=policy).first()
    if found is None:
        raise NotFound
    if found.ended_at:
        raise PlanEnded
    return found


def _read(field: PlanField, written: Any) -> Any:
    if field.kind == "works":
        return choice(str(written or ""), WORKS, field.label, required=field.required)
    if field.kind == "text":
        return words(str(written or ""), field.label, required=field.required)
    if field.kind == "day":
        read = written or None
        days(read)
    else:
        most = {"percent": 100, "cny": MOST_CNY, "households": MOST_HOUSEHOLDS}[field.kind]
        read = number(written, field.label, most, places=0 if field.kind == "households" else 2)
    if read is None and field.required:
        raise WordsMissing(what_zh=field.label.zh, what_en=field.label.en)
    return read


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, (Decimal, date)) else value
