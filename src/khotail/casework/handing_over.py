"""What would be left undone if somebody went: open steps that fall to them by their role, and to nobody else."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q, QuerySet

from khotail.accounts.models import Officer
from khotail.accounts.roles import May, Role
from khotail.casework.models import Step
from khotail.casework.queries import steps_of_role, steps_to_do


def steps_only_they_do(officer: Officer) -> QuerySet[Step]:
    """Those of `steps_to_do` that no other active officer may close today, the most urgent first.

    They come up to the next level only once they are overdue.
    """
    others = Q(pk__in=())
    by_role: dict[str, list[Officer]] = defaultdict(list)
    for colleague in Officer.objects.filter(is_active=True, region_code=officer.region_code).exclude(pk=officer.pk):
        if colleague.may(May.WORK_CASES):
            by_role[colleague.role].append(colleague)
    for role, colleagues in by_role.items():
        theirs = steps_of_role(role, officer.level)
        if role == Role.HELPER:
            theirs &= Q(household__helper__in=colleagues)
        if len(colleagues) == 1:  # whoever refused does not decide again
            theirs &= ~Q(opened_again__closed_by=colleagues[0])
        others |= theirs
    taken_care_of = Step.objects.in_region(officer.region_code).filter(others, closed_at=None)
    return steps_to_do(officer).exclude(pk__in=taken_care_of.order_by().values("pk"))


def successors(officer: Officer) -> QuerySet[Officer]:
    """Active people of the same region, to whom the officer's role could be given."""
    rows = Officer.objects.filter(is_active=True, region_code=officer.region_code).exclude(pk=officer.pk)
    return rows.exclude(role=officer.role).order_by("full_name", "id")
