"""What somebody has to do today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from khotail.accounts.models import Officer
from khotail.casework.models import Lead, Step
from khotail.casework.procedures import rulebook
from khotail.casework.queries import leads_to_do, steps_to_do
from khotail.desk.addresses import address
from khotail.register.models import Household
from khotail.rulebook import Rulebook
from khotail.texts import Text

#: Lines on the page; the whole is in the queues.
SHOWN = 30
#: A rulebook, and the names of its steps.
_names: tuple[Rulebook, dict[str, Text]] | None = None


@dataclass(frozen=True)
class Task:
    """One thing to do: a lead to verify or a step to close."""

    what: str | Text
    household: Household | None
    region_code: str
    due_on: date
    address: str
    escalated: bool


@dataclass(frozen=True)
class Todo:
    tasks: tuple[Task, ...]
    total: int
    late: int


def todo(officer: Officer, now: datetime) -> Todo:
    """Open leads and steps that are the officer's to do, nearest deadline first, so late ones lead."""
    today = timezone.localdate(now)
    leads, steps = leads_to_do(officer), steps_to_do(officer)
    total = late = 0
    for rows in (leads, steps):
        counted = rows.order_by().aggregate(all=Count("id"), late=Count("id", filter=Q(due_on__lt=today)))
        total += counted["all"]
        late += counted["late"]
    tasks = [_lead_task(lead) for lead in leads[:SHOWN]] + [_step_task(step) for step in steps[:SHOWN]]
    tasks.sort(key=lambda task: task.due_on)
    return Todo(tuple(tasks[:SHOWN]), total, late)


def step_name(step_id: str) -> Text:
    """The step's name in the newest procedure that has it; its id if the rulebook has lost it."""
    global _names
    book = rulebook()
    if _names is None or _names[0] is not book:
        oldest_first = sorted(book.procedures.values(), key=lambda procedure: procedure.since)
        _names = book, {step.id: step.name for procedure in oldest_first for step in procedure.steps}
    return _names[1].get(step_id) or Text(step_id, step_id)


def _lead_task(lead: Lead) -> Task:
    what = _("Verify a lead: %(channel)s") % {"channel": lead.get_channel_display()}
    return Task(what, lead.household, lead.region_code, lead.due_on, address("lead", lead.pk), bool(lead.escalated_to))


def _step_task(step: Step) -> Task:
    page = address("case", step.case_id)
    return Task(step_name(step.step_id), step.household, step.region_code, step.due_on, page, bool(step.escalated_to))
