"""Imports by real worker processes that are killed at random moments: every statement is there once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.record.forked import Forking
from tests.record.killable_intake import HOUSEHOLDS
from tests.record.test_jobs_killed import end, state, wait_until

KILLS = 8
PERSONS = 2 * HOUSEHOLDS


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Forking]:
    """Begins a function of tests.record.killable_intake in a process of its own."""
    forking = Forking("tests.record.killable_intake", tmp_path)
    yield forking
    forking.close()


def test_an_import_killed_at_random_moments_writes_every_statement_once(process, tmp_path):
    assert process("prepare", str(tmp_path)).wait(timeout=300) == 0
    last, halfway = 0, 0
    for nth in range(KILLS):
        assert process("work", nth, 100 + nth).wait(timeout=120) == -signal.SIGKILL
        seen = state(process)
        assert seen["twice"] == 0 and seen["imported"] == seen["states"].count("imported")
        assert seen["next"] >= last, "a piece was done again"
        halfway += last < seen["next"]
        last = seen["next"]
    worker = process("work", KILLS)
    wait_until(process, lambda seen: seen["jobs"] == ["done", "done"], seconds=120)
    assert end(worker) == 0
    seen = state(process)
    assert halfway > 2, "no kill fell into the writing"
    assert (seen["households"], seen["persons"], seen["twice"]) == (HOUSEHOLDS, PERSONS, 0)
    bills = PERSONS - PERSONS // 10
    assert seen["statements"] == {"households": HOUSEHOLDS, "persons": PERSONS, "medical_costs": bills}
    assert (seen["doubts"], seen["imported"], seen["states"]) == (PERSONS // 10, 2, ["imported", "imported"])
    register, costs = seen["counts"]
    assert (register["taken"], register["unchanged"]) == (HOUSEHOLDS + PERSONS, 0)
    assert (register["households_new"], register["persons_new"]) == (HOUSEHOLDS, PERSONS)
    assert (costs["taken"], costs["doubtful"], costs["rejected"]) == (bills, PERSONS // 10, 0)
