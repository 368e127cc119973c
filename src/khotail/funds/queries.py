"""Reads of money, projects and assets; each begins with what the officer may see."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from khotail.accounts.models import Officer
from khotail.accounts.roles import May, Role
from khotail.funds.models import Account, Entry, Fund, Milestone, Payment, Project
from khotail.trail.scope import in_region


def funds(officer: Officer, region: str) -> QuerySet[Fund]:
    return Fund.objects.visible_to(officer).touching(region)


def entries_of(fund: Fund, officer: Officer) -> QuerySet[Entry]:
    """Movements of a fund that begin or end in the officer's region, newest first."""
    there = in_region(officer.region_code, "debit__region_code") | in_region(officer.region_code, "credit__region_code")
    rows = Entry.objects.filter(there, debit__fund=fund)
    related = ("debit", "credit", "debit__project", "credit__project", "by", "reversed_by", "reverses", "payment")
    return rows.select_related(*related).order_by("-id")


def projects(officer: Officer, region: str) -> QuerySet[Project]:
    return Project.objects.visible_to(officer).touching(region)


def accounts_of(project: Project) -> QuerySet[Account]:
    rows = Account.objects.filter(project=project, kind=Account.Kind.PROJECT)
    return rows.select_related("fund", "project").order_by("-fund__year", "fund__source", "fund_id")


def payments(officer: Officer, region: str) -> QuerySet[Payment]:
    rows = Payment.objects.visible_to(officer).touching(region)
    return rows.select_related("project", "fund", "asked_by", "decided_by")


def payments_to_approve(officer: Officer) -> QuerySet[Payment]:
    """Those that wait for the officer: of their region, asked for by somebody else."""
    if not officer.may(May.APPROVE_PAYMENTS):
        return Payment.objects.none()
    rows = Payment.objects.in_region(officer.region_code).filter(state=Payment.State.ASKED)
    return rows.exclude(asked_by=officer)


def milestones(officer: Officer, region: str) -> QuerySet[Milestone]:
    """Milestones of the projects that the officer may see; a department's officer, those of the department."""
    seen = Project.objects.visible_to(officer).touching(region).values("pk")
    rows = Milestone.objects.filter(project__in=seen)
    if officer.role == Role.DEPARTMENT_OFFICER:
        rows = rows.filter(Q(department=officer.department) | Q(project__department=officer.department))
    return rows.select_related("project", "done_by").order_by("due_on", "id")


def milestones_late(officer: Officer, today: date) -> QuerySet[Milestone]:
    """Overdue ones of the officer's own level, and those that came up to it."""
    own = Q(region_code=officer.region_code) | Q(escalated_to=officer.level)
    return milestones(officer, officer.region_code).filter(own, done_on=None, due_on__lt=today)
