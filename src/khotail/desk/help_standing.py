"""What waits of help for one officer today, in figures that lead to the lists."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.assistance.models import Plan
from khotail.assistance.queries import emergencies_to_complete
from khotail.desk.addresses import address
from khotail.desk.remembered import remembered
from khotail.desk.standing import Figure


def help_figures(officer: Officer, now: datetime) -> list[Figure]:
    """At most a minute old, and the officer's own; what is nothing is left out."""
    if not officer.may(May.PLAN_HELP):
        return []
    key = ("help figures", officer.pk, get_language(), timezone.localdate(now))
    return remembered(key, lambda: _figures(officer, now))


def _figures(officer: Officer, now: datetime) -> list[Figure]:
    today = timezone.localdate(now)
    late = Count("id", filter=Q(due_on__lt=today))
    papers = emergencies_to_complete(officer).order_by().aggregate(all=Count("id"), late=late)
    emergencies, plans = address("emergencies"), address("help_plans")
    counts = (
        Plan.objects.visible_to(officer)
        .order_by()
        .aggregate(
            draft=Count("id", filter=Q(state=Plan.State.DRAFT)),
            review=Count("id", filter=Q(state=Plan.State.AGREED, review_on__lte=today)),
        )
    )
    shown = [
        Figure(_("Papers of help at once"), papers["all"], f"{emergencies}?mine=1", False),
        Figure(_("Papers overdue"), papers["late"], f"{emergencies}?mine=1&late=1", True),
        Figure(_("Plans to look at again"), counts["review"], f"{plans}?state=review", True),
        Figure(_("Plans to agree"), counts["draft"], f"{plans}?state=draft", False),
    ]
    return [figure for figure in shown if figure.number]
