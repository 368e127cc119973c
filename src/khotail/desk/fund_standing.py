"""What waits of money and projects for one officer today, in figures that lead to the lists."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.desk.addresses import address
from khotail.desk.remembered import remembered
from khotail.desk.standing import Figure
from khotail.funds.assets import idle_too_long
from khotail.funds.queries import milestones_late, payments_to_approve
from khotail.screening.problems import ParameterMissing


def fund_figures(officer: Officer, now: datetime) -> list[Figure]:
    """At most a minute old, and the officer's own."""
    if not officer.may(May.SEE_FUNDS):
        return []
    key = ("fund figures", officer.pk, get_language(), timezone.localdate(now))
    return remembered(key, lambda: _figures(officer, now))


def _figures(officer: Officer, now: datetime) -> list[Figure]:
    waiting = payments_to_approve(officer).count()
    late = milestones_late(officer, timezone.localdate(now)).count()
    shown = [
        Figure(_("Payments to approve"), waiting, f"{address('payments')}?state=asked", False),
        Figure(_("Milestones overdue"), late, f"{address('milestones')}?late=1", True),
    ]
    with suppress(ParameterMissing):  # today's page is made without it; the list says what the rulebook lacks
        idle = idle_too_long(officer, now).count()
        shown.append(Figure(_("Assets idle for too long"), idle, f"{address('project_assets')}?alarm=idle", True))
    return [figure for figure in shown if figure.number]
