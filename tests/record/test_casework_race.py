"""Two people press the button at the same moment, in two connections."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from khotail.casework.models import Case
from khotail.casework.problems import StepAlreadyDone
from tests.record.walking import close, opened, waiting, walk


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the test database in memory has no waiting writers")
def test_one_of_two_at_once_wins_and_the_other_is_told(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["township-review"])
    step, start = waiting(case), threading.Barrier(2)
    ends: dict[str, str] = {}

    def decide(name: str, outcome: str) -> None:
        try:
            start.wait()
            close(step, officers, now, outcome, by=name, reason="理由")
            ends[name] = outcome
        except StepAlreadyDone as told:
            ends[name] = told.text.en
        finally:
            connection.close()

    people = (("township_officer", "agreed"), ("township_reviewer", "not-agreed"))
    threads = [threading.Thread(target=decide, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    step.refresh_from_db()
    winner = step.closed_by.username
    loser = next(name for name, _ in people if name != winner)
    assert ends[winner] == step.outcome
    assert f"演示{winner} closed" in ends[loser]
    assert Case.objects.get().steps.filter(step_id="township-review").count() == 1
