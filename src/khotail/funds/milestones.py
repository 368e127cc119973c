"""Milestones across departments: set with a due day, done, put off with a reason."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.funds.allowed import DEPARTMENTS, REASON, any_day, does, past_day, words
from khotail.funds.models import Milestone, Project
from khotail.funds.problems import MilestoneDone, NotFound, UnknownDepartment
from khotail.funds.projects import check_open, held
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_TITLE = Text("进度内容", "what is to be done")


@transaction.atomic
def add_milestone(
    project: Project, title: str, department: str, due_on: date, *, by: Officer, now: datetime
) -> Milestone:
    """Any department may be asked. Raises NotAllowed, NotFound, NotYourDepartment, UnknownDepartment, DayWrong,
    WordsMissing, ProjectClosed."""
    project = held(project, by)
    check_open(project)
    if department not in DEPARTMENTS:
        raise UnknownDepartment(department=department[:40])
    milestone = Milestone.objects.create(
        project=project, region_code=project.region_code, title=words(title, 120, _TITLE), department=department,
        due_on=any_day(due_on, now),
    )  # fmt: skip
    record_event(by, "milestone.set", milestone, at=now, project=project.pk, department=department, due=due_on)
    return milestone


@transaction.atomic
def finish(milestone: Milestone, on: date, *, by: Officer, now: datetime, said: str = "") -> Milestone:
    """Done. Raises NotAllowed, NotFound, MilestoneDone, DayWrong."""
    milestone = _held(milestone, by)
    milestone.done_on, milestone.done_by, milestone.words = past_day(on, now), by, words(said, 300)
    milestone.save()
    record_event(by, "milestone.done", milestone, at=now, project=milestone.project_id, on=on)
    return milestone


@transaction.atomic
def put_off(milestone: Milestone, due_on: date, reason: str, *, by: Officer, now: datetime) -> Milestone:
    """A new due day with the reason. Raises as `finish`, WordsMissing."""
    milestone = _held(milestone, by)
    before, reason = milestone.due_on, words(reason, 300, REASON)
    milestone.due_on, milestone.escalated_to = any_day(due_on, now), ""
    milestone.save()
    record_event(
        by, "milestone.put_off", milestone, at=now, project=milestone.project_id, reason=reason,
        before={"due_on": before}, after={"due_on": due_on},
    )  # fmt: skip
    return milestone


def _held(milestone: Milestone, by: Officer) -> Milestone:
    if not by.may(May.KEEP_PROJECTS):
        raise NotAllowed
    if not milestone.region_code.startswith(by.region_code):
        raise NotFound
    if not does(by, milestone):
        raise NotAllowed
    milestone = Milestone.objects.select_for_update(of=("self",)).select_related("done_by").get(pk=milestone.pk)
    if milestone.done_on:
        who = milestone.done_by.full_name if milestone.done_by else "—"
        raise MilestoneDone(on=milestone.done_on, who=who)
    return milestone
