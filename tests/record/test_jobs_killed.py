"""Real worker processes, killed at random moments: everything is there once."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.record.forked import Forked, Forking

ROWS = 1500
KILLS = 12


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Forking]:
    """Begins a function of tests.record.killable in a process of its own."""
    forking = Forking("tests.record.killable", tmp_path)
    yield forking
    forking.close()


def state(process: Forking) -> dict[str, Any]:
    told: dict[str, Any] = process("state").told()
    return told


def wait_until(process: Forking, holds: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = state(process)
        if holds(seen):
            return seen
        time.sleep(0.1)
    raise AssertionError(f"still {seen}")


def prepare(process: Forking, rows: int = ROWS) -> None:
    assert process("prepare", rows).wait(timeout=120) == 0


def taken(worker: Forked) -> None:
    """Wait until the worker has the job in hand."""
    assert worker.stdout.readline() == "taken\n"


def end(worker: Forked) -> int:
    worker.send_signal(signal.SIGTERM)
    return worker.wait(timeout=30)


def test_a_worker_killed_at_random_moments_leaves_everything_there_once(process):
    prepare(process)
    dice, halfway = random.Random(5), 0
    for nth in range(KILLS):
        worker = process("work", nth)
        if nth % 3:  # these die in the middle of the job, the others mostly before they took it
            taken(worker)
        time.sleep(dice.random() * (0.6 if nth % 3 else 0.05))
        worker.kill()
        assert worker.wait(timeout=30) == -signal.SIGKILL
        seen = state(process)
        assert seen["rows"] == seen["different"] == seen["next"], "a piece was committed without its checkpoint"
        halfway += 0 < seen["rows"] < ROWS
    worker = process("work", KILLS)
    seen = wait_until(process, lambda seen: seen["state"] == "done")
    assert end(worker) == 0
    assert (seen["rows"], seen["different"], seen["outcome"]) == (ROWS, ROWS, {"rows": ROWS})
    assert halfway, "no kill fell into the work"


def test_two_workers_at_once_do_a_job_once(process):
    prepare(process, 300)
    workers = [process("work", 0), process("work", 0)]
    seen = wait_until(process, lambda seen: seen["state"] == "done")
    assert [end(worker) for worker in workers] == [0, 0]
    assert seen["rows"] == seen["different"] == 300


def test_a_worker_told_to_stop_finishes_its_piece_and_gives_the_job_back(process):
    prepare(process)
    worker = process("work", 0)
    taken(worker)
    time.sleep(0.5)
    assert end(worker) == 0
    seen = state(process)
    assert (seen["state"], seen["worker"]) == ("waiting", "")
    assert 0 < seen["rows"] == seen["next"] < ROWS
