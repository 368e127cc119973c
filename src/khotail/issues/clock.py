"""The legal clock of an issue: working days, with stops and one extension."""

from __future__ import annotations

from datetime import date, timedelta

from khotail.casework.deadlines import after_working_days
from khotail.issues.models import Issue
from khotail.issues.routing import days, route_of
from khotail.jobs.working_days import is_working_day


def due_to_accept(issue: Issue, today: date) -> date:
    """The day by which the body that has just got it says that it is theirs."""
    return after_working_days(today, days(route_of(issue.route).accept_days, today, issue.region_code))


def due_to_resolve(issue: Issue, raised_on: date) -> date:
    """The day by which it is to be resolved: counted from the day it was raised, with every stop and extension."""
    limit = days(route_of(issue.route).days, raised_on, issue.region_code)
    return after_working_days(raised_on, limit + issue.paused_days + issue.extended_days)


def working_days_between(first: date, last: date) -> int:
    """Working days after `first`, up to and with `last`."""
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
