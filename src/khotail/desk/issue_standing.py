"""What waits of issues and corrections for one officer today, in figures that lead to the lists."""

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
from khotail.issues import queries
from khotail.issues.models import Issue
from khotail.residents.models import Correction


def issue_figures(officer: Officer, now: datetime) -> list[Figure]:
    """At most a minute old, and the officer's own: what lies with their bodies is nobody else's to do."""
    key = ("issue figures", officer.pk, get_language(), timezone.localdate(now))
    return remembered(key, lambda: _figures(officer, now))


def _figures(officer: Officer, now: datetime) -> list[Figure]:
    today = timezone.localdate(now)
    late = Count("id", filter=Q(due_on__lt=today))
    shown: list[Figure] = []

    def add(name: str, number: int, page: str, query: str = "", is_late: bool = False) -> None:
        shown.append(Figure(name, number, address(page) + query, is_late and number > 0))

    if officer.may(May.SORT_ISSUES):
        waiting = Issue.objects.visible_to(officer).filter(state__in=(Issue.State.SORTING, *queries.OPEN_STATES))
        counts = waiting.order_by().aggregate(
            sorting=Count("id", filter=Q(state=Issue.State.SORTING)),
            watched=Count("id", filter=Q(escalated_to=officer.level)),
        )  # fmt: skip
        add(_("Issues to sort"), counts["sorting"], "issues_to_sort")
        add(_("Watched, late"), counts["watched"], "issues_watched", is_late=True)
    if officer.may(May.WORK_ISSUES):
        counts = queries.waiting_for(officer).order_by().aggregate(
            taking_up=Count("id", filter=Q(state=Issue.State.SENT)), late=late
        )  # fmt: skip
        add(_("Issues to take up"), counts["taking_up"], "issues_mine", "?state=sent")
        add(_("Issues overdue"), counts["late"], "issues_mine", "?late=1", is_late=True)
    if officer.may(May.CHECK_CLOSINGS):
        counts = queries.checks_of(officer).order_by().aggregate(all=Count("id"), late=late)
        add(_("Closings to check"), counts["all"], "issue_checks", is_late=counts["late"] > 0)
    if officer.may(May.EDIT_REGISTER):
        open_ = Correction.objects.visible_to(officer).filter(state=Correction.State.OPEN)
        counts = open_.order_by().aggregate(all=Count("id"), late=late)
        add(_("Corrections to answer"), counts["all"], "corrections", is_late=counts["late"] > 0)
    return shown
