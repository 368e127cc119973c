"""What waits of visits for one officer today, in figures that lead to the lists."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.desk.addresses import address
from khotail.desk.remembered import remembered
from khotail.desk.standing import Figure
from khotail.visits.queries import submissions_to_look_at
from khotail.visits.rounds import assignments_of


def visit_figures(officer: Officer, now: datetime) -> list[Figure]:
    """At most a minute old, and the officer's own."""
    if not officer.may(May.MAKE_VISITS):
        return []
    key = ("visit figures", officer.pk, get_language(), timezone.localdate(now))
    return remembered(key, lambda: _figures(officer, now))


def _figures(officer: Officer, now: datetime) -> list[Figure]:
    late = Count("id", filter=Q(due_on__lt=timezone.localdate(now)))
    counts = assignments_of(officer).order_by().aggregate(all=Count("id"), late=late)
    shown = [
        Figure(_("Visits to make"), counts["all"], address("visits_app"), False),
        Figure(_("Visits overdue"), counts["late"], address("visits_app"), True),
    ]
    if officer.may(May.EDIT_REGISTER):
        waiting = submissions_to_look_at(officer).count()
        shown.append(
            Figure(_("Records to look at"), waiting, f"{address('submissions')}?state=to_look_at", waiting > 0)
        )
    return [figure for figure in shown if figure.number]
