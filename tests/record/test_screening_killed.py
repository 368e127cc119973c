"""A screening that is killed at random moments ends with every finding there once."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.record.forked import Forking
from tests.record.killable_screening import POOR
from tests.record.test_jobs_killed import state

KILLS = 6


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Forking]:
    """Begins a function of tests.record.killable_screening in a process of its own."""
    forking = Forking("tests.record.killable_screening", tmp_path)
    yield forking
    forking.close()


def test_a_screening_killed_at_random_moments_finds_everything_once(process):
    assert process("prepare").wait(timeout=300) == 0
    dice, halfway = random.Random(11), 0
    for nth in range(KILLS):
        worker = process("work", nth)
        worker.stdout.readline()  # it has done a piece, or is over
        worker.stdout.readline()
        time.sleep(dice.random() * 2)
        worker.kill()
        worker.wait(timeout=30)
        seen = state(process)
        assert seen["all"] == seen["open"] == seen["households"] <= POOR, seen
        assert seen["runs"] <= 1
        halfway += 0 < seen["all"] < POOR
        if seen["state"] == "done":
            break
    assert process("work", KILLS).wait(timeout=300) == 0
    seen = state(process)
    assert (seen["state"], seen["problem"]) == ("done", ""), seen
    assert (seen["open"], seen["all"], seen["households"]) == (POOR, POOR, POOR)
    assert seen["outcome"]["new"] == seen["outcome"]["found"] >= POOR
    assert (seen["runs"], seen["unfinished"], seen["leads"]) == (1, 0, 1)
    assert halfway, "no kill fell into the writing"
