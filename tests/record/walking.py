"""Walk cases in tests: papers, what is filled in, and one working day after another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.casework import actions
from khotail.casework.models import Case, Lead, Step
from khotail.casework.procedures import current_step, spec_of
from khotail.register.models import Document, Household

Officers = dict[str, Officer]

#: Who does each step of the procedures in these tests.
DOERS = {
    "home-check": "village_cadre", "village-review": "village_cadre", "village-notice": "village_cadre",
    "township-review": "township_officer", "county-comparison": "banner_officer", "county-decision": "banner_reviewer",
    "announcement": "banner_officer", "visit": "village_cadre", "exit-check": "village_cadre",
    "exit-review": "village_cadre", "exit-notice": "village_cadre", "exit-township-review": "township_officer",
    "exit-decision": "banner_reviewer", "exit-announcement": "banner_officer", "decrease-check": "village_cadre",
    "decrease-review": "township_officer", "recheck-visit": "township_reviewer",
}  # fmt: skip

#: The outcome that leads on.
FORWARD = {
    "home-check": "confirmed", "village-review": "agreed", "village-notice": "no-objection", "township-review": "agreed",
    "county-comparison": "clear", "county-decision": "identified", "announcement": "announced", "visit": "goes-on",
    "exit-check": "resolved", "exit-review": "agreed", "exit-notice": "no-objection", "exit-township-review": "agreed",
    "exit-decision": "agreed", "exit-announcement": "announced", "decrease-check": "confirmed",
    "decrease-review": "agreed", "recheck-visit": "stable",
}  # fmt: skip


def paper(household: Household, kind: str, by: Officer, now: datetime) -> Document:
    return Document.objects.create(
        household=household, region_code=household.region_code, kind=kind, title=kind, content_type="image/png",
        size_bytes=1, sha256="0" * 64, path="x", added_by=by, added_at=now,
    )  # fmt: skip


def filled_in(step: Step, now: datetime, **changed: Any) -> dict[str, Any]:
    """What an honest officer fills in at this step; `None` leaves a field out."""
    today = timezone.localdate(now)
    opened = timezone.localdate(step.opened_at)
    everything: dict[str, Any] = {
        "visited_on": today, "visited_by": ["演示甲"], "members": 3, "members_able_to_work": 1,
        "income_cny_per_capita": 5000, "self_paid_cny": 30000, "causes_found": ["illness"], "situation": "患病住院",
        "held_on": today, "meeting": "representatives", "entitled": 9, "present": 6, "in_favour": 5,
        "chaired_by": "演示乙", "attended": [f"代表{n}" for n in range(6)], "posted_on": opened, "taken_down_on": today,
        "posted_at": "村委会门口", "township_visited": True, "township_opinion": "属实", "house_found": False,
        "vehicle_found": False, "business_found": False, "salary_found": False, "decided_on": today,
        "category": "marginal", "causes": ["illness"], "announced_on": today, "household_told_on": today,
        "measures_work": True, "income_steady": True, "spending_solved": True, "new_risk": False,
        "resolved_how": "帮扶消除", "happened_on": today, "decrease_kind": "moved", "dropout": False,
        "house_damaged": False, "water_damaged": False, "uninsured": False, "content": True,
    }  # fmt: skip
    if step.step_id.startswith(("exit-", "recheck-")):
        everything["income_cny_per_capita"] = 15000
    if step.step_id == "visit":
        everything["new_causes"] = ["accident"]
    fields = {field.id for field in spec_of(step).fields}
    return {name: value for name, value in (everything | changed).items() if name in fields and value is not None}


def close(
    step: Step, officers: Officers, now: datetime, outcome: str = "", *, by: str = "", reason: str = "", **changed: Any
) -> Step:
    """Close a step as its doer would, with the papers that the outcome asks for."""
    doer = officers[by or DOERS[step.step_id]]
    outcome = outcome or FORWARD[step.step_id]
    chosen = spec_of(step).outcome(outcome)
    assert chosen is not None
    papers = [paper(step.household, kind, doer, now) for kind in chosen.evidence]
    record = filled_in(step, now, **changed)
    return actions.close_step(step, doer, outcome, reason=reason, record=record, documents=papers, now=now)


def waiting(case: Case) -> Step:
    step = current_step(Case.objects.get(pk=case.pk))
    assert step is not None
    return step


def declared(household: Household, officers: Officers, now: datetime) -> Lead:
    return actions.raise_lead(
        household,
        Lead.Channel.DECLARATION,
        ["illness"],
        "家里有人住院",
        by=officers["village_cadre"],
        now=now,
        consent=True,
    )


def opened(household: Household, officers: Officers, now: datetime) -> Case:
    return actions.open_case(declared(household, officers, now), officers["village_cadre"], now)


def walk(case: Case, officers: Officers, now: datetime, *, until: Iterable[str]) -> datetime:
    """Close step after step, with waiting, until the case waits for one of these; returns the time by then."""
    stops = set(until)
    while (step := waiting(case)).step_id not in stops:
        if step.not_before:
            now = max(now, now + timedelta(days=(step.not_before - timezone.localdate(now)).days))
        close(step, officers, now)
        now += timedelta(hours=1)
    return now
