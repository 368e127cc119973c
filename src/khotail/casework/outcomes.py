"""What an outcome leads to: the next step, another procedure, or the end of the case."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import Role
from khotail.casework.actors import officers_at
from khotail.casework.conditions import labour_of
from khotail.casework.models import Case, Lead, Step
from khotail.casework.opening import begin, case_path, open_step
from khotail.casework.raising import raise_lead
from khotail.casework.statements import state_exited, state_identified
from khotail.register.actions import end_household
from khotail.register.models import Person
from khotail.rulebook.procedures import Outcome, Procedure
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_HOW_ENDED = {
    "died": Person.Leaving.DIED,
    "moved": Person.Leaving.MOVED,
    "married_out": Person.Leaving.MARRIED_OUT,
    "merged": Person.Leaving.MERGED,
}


_IDENTIFIED = Text("认定为监测对象", "identified")
_NAMES = {
    Case.State.REFUSED: Text("不予纳入", "not taken in"),
    Case.State.EXITED: Text("风险消除", "risk resolved"),
    Case.State.DECREASED: Text("自然减少", "natural decrease"),
}


def lead_on(step: Step, procedure: Procedure, chosen: Outcome, by: Officer, now: datetime) -> None:
    """Carry the case on from a step that was just closed. The caller holds the case's lock."""
    case = step.case
    _learn(case, step)
    if chosen.next is not None:
        spec = procedure.step(chosen.next)
        assert spec is not None  # the rulebook was checked when it was loaded
        open_step(case, procedure, spec, now, returned=chosen.returns)
    elif chosen.begins is not None:
        if case.identified_on is None and chosen.begins == "follow_up":
            _identify(case, by, now)
        begin(case, chosen.begins, now)
        record_event(by, f"case.{chosen.begins.replace('_', '-')}-begun", case, at=now, step=step.step_id)
    elif chosen.ends == "raised":
        raise_lead(case.household, Lead.Channel.VISIT, step.record.get("causes_found", []), step.reason, by=by, now=now)
    elif chosen.ends != "stays":
        _end(case, step, Case.State(chosen.ends), chosen, by, now)


def _learn(case: Case, step: Step) -> None:
    """Category and causes that the step decided or found."""
    case.category = step.record.get("category", case.category)
    if "causes" in step.record:
        case.causes = step.record["causes"]
    case.causes = list(dict.fromkeys([*case.causes, *step.record.get("new_causes", [])]))
    case.save()


def _identify(case: Case, by: Officer, now: datetime) -> None:
    case.identified_on = timezone.localdate(now)
    case.save()
    state_identified(case, labour_of(case), by, now)
    record_event(by, "case.identified", case, at=now, category=case.category, causes=case.causes)
    _tell_decided(case, now)


def _end(case: Case, step: Step, state: Case.State, chosen: Outcome, by: Officer, now: datetime) -> None:
    case.state, case.closed_on, case.reason = state, timezone.localdate(now), step.reason
    case.save()
    if state == Case.State.EXITED:
        state_exited(case, _resolved_how(case), by, now)
    if state == Case.State.DECREASED:
        _end_household(case, by, now)
    record_event(by, f"case.{state}", case, at=now, step=step.step_id, outcome=chosen.id)
    _tell_decided(case, now)


def _resolved_how(case: Case) -> str:
    for record in case.steps.order_by("-id").values_list("record", flat=True):
        if record.get("resolved_how"):
            return str(record["resolved_how"])
    return ""


def _end_household(case: Case, by: Officer, now: datetime) -> None:
    """The household is no more; its history stays."""
    record = case.steps.filter(step_id="decrease-check").exclude(closed_at=None).order_by("-id").first()
    found = record.record if record else {}
    how = _HOW_ENDED.get(found.get("decrease_kind", ""), Person.Leaving.MOVED)
    happened = found.get("happened_on")
    day = date.fromisoformat(str(happened)[:10]) if happened else timezone.localdate(now)
    case.household = end_household(case.household, how=how, on=day, by=by, now=now, reason=case.reason)


def _tell_decided(case: Case, now: datetime) -> None:
    village = officers_at("village", case.region_code).filter(role=Role.VILLAGE_CADRE)
    outcome = _NAMES.get(Case.State(case.state), _IDENTIFIED)
    notify(village, "case-decided", case_path(case), now, household=case.household.number, outcome=outcome)
