"""Rechecks (回头看): an exited household is looked at again, one by one or as a drawn sample."""

from __future__ import annotations

import random
from datetime import datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.casework.actors import TAKES_OVER, check_case_worker
from khotail.casework.measures import lock_case
from khotail.casework.models import Case, Step
from khotail.casework.opening import begin
from khotail.casework.problems import CaseIsNotClosed, MayNot, NotFound
from khotail.trail.chain import record as record_event


@transaction.atomic
def start_recheck(case: Case, by: Officer, now: datetime) -> Step:
    """Open a recheck of an exited household. Raises CaseIsNotClosed, NotFound, MayNot, NoProcedure."""
    case = lock_case(case)
    check_case_worker(by, case)
    if by.role not in TAKES_OVER:
        raise MayNot
    newer = Case.objects.filter(household=case.household_id, pk__gt=case.pk).exists()
    if case.state != Case.State.EXITED or newer or case.steps.filter(closed_at=None).exists():
        raise CaseIsNotClosed
    step = begin(case, "recheck", now)
    record_event(by, "recheck.begun", case, at=now)
    return step


@transaction.atomic
def start_recheck_campaign(region_code: str, size: int, *, seed: int, by: Officer, now: datetime) -> list[Step]:
    """Draw `size` exited households of a region at random, and open a recheck of each.

    seed   the draw can be repeated with it; the trail keeps it
    Raises MayNot, NotFound (outside the officer's region).
    """
    if not by.may(May.WORK_CASES) or by.role not in TAKES_OVER:
        raise MayNot
    if not region_code.startswith(by.region_code):
        raise NotFound
    exited = Case.objects.visible_to(by).in_region(region_code).filter(state=Case.State.EXITED)
    ids = list(
        exited.filter(re_entries=None).exclude(steps__closed_at=None).order_by("id").values_list("pk", flat=True)
    )
    drawn = random.Random(seed).sample(ids, min(max(size, 0), len(ids)))
    steps = [start_recheck(case, by, now) for case in Case.objects.filter(pk__in=drawn).order_by("id")]
    if steps:
        record_event(
            by, "recheck.drawn", steps[0], at=now, region_code=region_code, of=len(ids), drawn=len(steps), seed=seed
        )
    return steps
