"""The phone or address that somebody left with an issue: shown to who works on it, each time with an event."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.issues.models import Issue
from khotail.issues.moving import works_for
from khotail.issues.problems import NotFound
from khotail.trail.chain import record as record_event


def knows_raiser(officer: Officer, issue: Issue) -> bool:
    """Whether the officer may know who raised it: its body, whoever sorts, and whoever wrote it down."""
    return officer.may(May.SORT_ISSUES) or works_for(officer, issue) or issue.raised_by_id == officer.pk


def left_contact(issue: Issue) -> bool:
    """Whether there is anything to reach whoever raised it by."""
    return bool(issue.phone_digest or issue.resident_id or "email" in _more(issue))


@transaction.atomic
def contact_of(issue: Issue, *, by: Officer, now: datetime) -> str:
    """Phone and e-mail address to reach whoever raised it by, as far as they are known. Raises NotFound, NotAllowed."""
    if not Issue.objects.visible_to(by).filter(pk=issue.pk).exists():
        raise NotFound
    if not knows_raiser(by, issue):
        raise NotAllowed
    phone = issue.raiser_phone or (issue.resident.person.phone if issue.resident else "")
    record_event(by, "issue.phone_shown", issue, at=now)
    return " · ".join(filter(None, (phone, _more(issue).get("email"))))


def _more(issue: Issue) -> dict[str, str]:
    found: dict[str, str] = json.loads(issue.raiser_more) if issue.raiser_more else {}
    return found
