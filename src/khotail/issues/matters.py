"""Issues that keep coming back become a matter of the village, to be talked over instead of mended once more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role
from khotail.issues.models import Issue, Matter
from khotail.issues.moving import said
from khotail.issues.problems import NoMatter
from khotail.issues.routing import route_of
from khotail.screening.rulebook import setting
from khotail.trail.chain import record as record_event

_DAYS = 365
_VILLAGE = 12


def notice_recurrence(issue: Issue, now: datetime) -> Matter | None:
    """Open a matter if this public issue is one too many of its class in its village within a year, or join the open one."""
    if issue.quiet or len(issue.region_code) != _VILLAGE or issue.matter_id:
        return issue.matter
    matter = Matter.objects.filter(region_code=issue.region_code, route=issue.route, state=Matter.State.OPEN).first()
    if matter is None:
        alike = Issue.objects.filter(
            region_code=issue.region_code, route=issue.route, quiet=False, raised_at__gt=now - timedelta(days=_DAYS)
        ).exclude(state=Issue.State.MERGED)
        if alike.count() < setting("issue_recurs", timezone.localdate(now), issue.region_code):
            return None
        matter = Matter.objects.create(
            region_code=issue.region_code, route=issue.route, title=route_of(issue.route).name.zh, opened_at=now
        )
        alike.filter(matter=None).update(matter=matter)
        record_event(None, "matter.opened", matter, at=now, route=issue.route)
        people = Officer.objects.filter(is_active=True, region_code=issue.region_code, role=Role.VILLAGE_CADRE)
        notify(people, "matter-new", f"/issues/matters/{matter.pk}/", now, title=route_of(issue.route).name)
    issue.matter = matter
    issue.save(update_fields=["matter"])
    return matter


@transaction.atomic
def settle(matter: Matter, outcome: str, *, by: Officer, now: datetime) -> Matter:
    """Record what the village decided about it. Raises NotAllowed, NoMatter, WordsMissing."""
    if not by.may(May.SORT_ISSUES):
        raise NotAllowed
    found = Matter.objects.visible_to(by).select_for_update().filter(pk=matter.pk, state=Matter.State.OPEN).first()
    if found is None:
        raise NoMatter
    found.outcome, found.state, found.settled_at, found.settled_by = said(outcome), Matter.State.SETTLED, now, by
    found.save()
    record_event(by, "matter.settled", found, at=now)
    return found
