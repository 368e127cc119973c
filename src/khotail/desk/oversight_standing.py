"""What oversight asks of one officer today, in figures that lead to the lists."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.desk.addresses import address
from khotail.desk.remembered import remembered
from khotail.desk.standing import Figure
from khotail.oversight.continuity import open_alarms
from khotail.oversight.models import Inspection, PlanStep, PolicyPlan, PolicyReview, Responsibility, Shortcoming
from khotail.oversight.vacancies import vacancies


def oversight_figures(officer: Officer, now: datetime) -> list[Figure]:
    """At most a minute old, and the officer's own; only what is not nothing."""
    if not officer.may(May.SEE_POLICIES):
        return []
    key = ("oversight figures", officer.pk, get_language(), timezone.localdate(now))
    return remembered(key, lambda: [figure for figure in _figures(officer, now) if figure.number])


def _figures(officer: Officer, now: datetime) -> list[Figure]:
    today = timezone.localdate(now)
    late = Q(due_on__lt=today)
    fell = Shortcoming.objects.visible_to(officer)
    reviews = PolicyReview.objects.in_region(officer.region_code).filter(state=PolicyReview.State.SIGNED)
    running = PolicyPlan.objects.in_region(officer.region_code).filter(ended_at=None)
    inspections = Inspection.objects.visible_to(officer).filter(late, state=Inspection.State.PLANNED)
    mine = Responsibility.objects.filter(officer=officer, ended_on=None, accepted_at=None)
    steps = PlanStep.objects.filter(late, plan__in=running, done_on=None)
    mended = fell.filter(state=Shortcoming.State.MENDED)
    asked: list[tuple[str, QuerySet, str, bool]] = [
        (_("Sudden falls to explain"), open_alarms(officer), address("continuity"), True),
        (_("Responsibilities to accept"), mine, address("responsibilities"), True),
        (_("Inspections overdue"), inspections, address("inspections") + "?late=1", True),
        (_("Shortcomings overdue"), fell.filter(late, state="open"), address("shortcomings") + "?late=1", True),
    ]
    if officer.may(May.KEEP_POLICIES):
        asked.append((_("Steps of policies overdue"), steps, address("policies"), True))
    if officer.may(May.REVIEW_POLICIES):
        asked += [
            (_("Policy reviews to confirm"), reviews.exclude(signed_by=officer), address("policies"), False),
            (_("Mended, to be looked at"), mended, address("shortcomings") + "?state=mended", False),
        ]
    numbers = _counted(officer, [rows for _name, rows, _address, _is_late in asked])
    shown = [
        Figure(name, number, target, is_late)
        for (name, _rows, target, is_late), number in zip(asked, numbers, strict=True)
    ]
    if officer.may(May.KEEP_POLICIES):
        vacant = len(vacancies(officer.region_code, today))
        shown.append(Figure(_("Nobody answers for it"), vacant, address("vacancies"), True))
    return shown


def _counted(officer: Officer, lists: list[QuerySet]) -> list[int]:
    """How long each list is, in one query."""
    counts = [
        Coalesce(Subquery(rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")), 0)
        for rows in lists
    ]
    return list(Officer.objects.filter(pk=officer.pk).values_list(*counts).get())
