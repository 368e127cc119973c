"""The supervision committee looks at a sample of closings; one that does not hold is reopened, one level up."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role
from khotail.casework.deadlines import after_working_days
from khotail.issues.answering import reopened_by_check
from khotail.issues.models import Check, Issue, Move
from khotail.issues.moving import held, moved, said
from khotail.issues.problems import AlreadyChecked, NotFound, OwnWork, ReasonMissing
from khotail.screening.rulebook import setting

_DAYS = 35


def draw_checks(now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> int:
    """Draw, in each village, the rulebook's share of what was closed lately, at least one; what was drawn stays drawn.

    Drawn by a digest of each number, so that nobody can choose, and drawing twice draws the same. Returns how many are new.
    """
    today = timezone.localdate(now)
    closed = Issue.objects.filter(
        quiet=False,
        state__in=(Issue.State.CONFIRMED, Issue.State.RESOLVED),
        resolved_at__gt=now - timedelta(days=_DAYS),
    )
    of_village: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for pk, number, region_code, resolved_at in closed.values_list("pk", "number", "region_code", "resolved_at"):
        if len(region_code) == 12:
            lot = hashlib.sha256(f"{number}:{resolved_at:%Y-%m-%d}".encode()).hexdigest()
            of_village[region_code].append((lot, pk))
    drawn = 0
    for done, (region_code, lots) in enumerate(sorted(of_village.items())):
        share = setting("issue_check_share", today, region_code)
        wanted = [pk for _, pk in sorted(lots)[: max(1, math.ceil(share * len(lots)))]]
        drawn += _draw(region_code, wanted, now)
        keep_on(done + 1)
    return drawn


@transaction.atomic
def _draw(region_code: str, wanted: list[int], now: datetime) -> int:
    today = timezone.localdate(now)
    known = set(
        Check.objects.filter(issue__in=wanted, drawn_on__gt=today - timedelta(days=_DAYS)).values_list(
            "issue_id", flat=True
        )
    )
    due_on = after_working_days(today, int(setting("issue_check_days", today, region_code)))
    made = [
        Check(issue_id=pk, region_code=region_code, drawn_on=today, due_on=due_on) for pk in wanted if pk not in known
    ]
    Check.objects.bulk_create(made, ignore_conflicts=True)
    if made:
        people = Officer.objects.filter(is_active=True, region_code=region_code, role=Role.SUPERVISOR)
        notify(people, "checks-new", "/issues/checks/", now, count=len(made), due=due_on)
    return len(made)


@transaction.atomic
def check(drawn: Check, result: str, words: str, *, by: Officer, now: datetime) -> Check:
    """Record what the committee found. Raises NotAllowed, NotFound, OwnWork, AlreadyChecked, ReasonMissing."""
    if not by.may(May.CHECK_CLOSINGS):
        raise NotAllowed
    found = Check.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=drawn.pk).first()
    if found is None or result not in Check.Result.values:
        raise NotFound
    if found.checked_at:
        raise AlreadyChecked(who=found.checked_by.full_name if found.checked_by else "—")
    issue = held(found.issue)
    if issue.moves.filter(by=by).exists():
        raise OwnWork
    text = said(words, required=False)
    if result == Check.Result.DOES_NOT_HOLD and not text:
        raise ReasonMissing
    found.result, found.words, found.checked_by, found.checked_at = result, text, by, now
    found.save()
    moved(issue, Move.Kind.CHECKED, by=by, now=now, words=text, result=result)
    if result == Check.Result.DOES_NOT_HOLD and issue.state in (Issue.State.RESOLVED, Issue.State.CONFIRMED):
        reopened_by_check(issue, text, by, now)
    return found
