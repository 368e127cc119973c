"""Overdue issues go up in chunks: who takes over is read once, many at once are told of by their number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khotail.accounts.models import Notification
from khotail.issues import escalation
from khotail.issues.models import Issue, Move
from khotail.trail.chain import breaks
from khotail.trail.models import Event
from tests.record.conftest import VILLAGE


def make(many: int, now, **more) -> None:
    Issue.objects.bulk_create(
        Issue(
            number=f"E{n:07d}", region_code=VILLAGE, words="路", route="road-damage", channel="paper", raised_at=now,
            changed_at=now, **({"state": "sent", "level": "village", "due_on": (now - timedelta(days=2)).date()} | more),
        )
        for n in range(many)
    )  # fmt: skip


def test_twice_changes_nothing_and_each_has_its_move_and_event(officers, now):
    make(3, now)
    seen: list[int] = []
    assert escalation.escalate_overdue(now, seen.append)["escalated"] == 3 and seen == [3]
    assert set(Issue.objects.values_list("escalated_to", flat=True)) == {"township"}
    assert escalation.escalate_overdue(now)["escalated"] == 0
    assert Move.objects.filter(kind="escalated").count() == Event.objects.filter(verb="issue.escalated").count() == 3
    assert Notification.objects.filter(officer=officers["township_officer"], kind="issue-late").count() == 3
    assert not Notification.objects.filter(officer=officers["township_reviewer"]).exists()  # may not sort
    assert list(breaks()) == []


def test_many_at_once_are_told_of_by_their_number(officers, now):
    make(8, now)
    escalation.escalate_overdue(now)
    told = Notification.objects.get(officer=officers["township_officer"])
    assert (told.kind, told.path) == ("issues-late", "/issues/watched/")


def test_a_closing_that_nobody_answers_counts_as_confirmed_after_its_days(officers, now):
    make(2, now, state="resolved", resolved_at=now, due_on=None)
    assert escalation.escalate_overdue(now)["closed"] == 0
    later = now + timedelta(days=60)
    assert escalation.escalate_overdue(later)["closed"] == 2
    assert set(Issue.objects.values_list("state", "closed_at")) == {("confirmed", later)}
    assert escalation.escalate_overdue(later)["closed"] == 0


@pytest.mark.one_database
def test_a_chunk_takes_as_many_queries_for_many_as_for_few(officers, now):
    def asked(many: int) -> int:
        Move.objects.all().delete()
        Issue.objects.all().delete()
        make(many, now)
        with CaptureQueriesContext(connection) as queries:
            escalation.escalate_overdue(now)
        return len(queries)

    few = asked(10)
    assert asked(200) <= few + 5  # as many as the trail needs more to insert
