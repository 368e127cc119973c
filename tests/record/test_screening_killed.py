"""A screening that is killed at random moments ends with every finding there once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from khotail.site.keys import new_keys
from tests.record.killable_screening import POOR
from tests.record.test_jobs_killed import fresh_postgres

KILLS = 8


@pytest.fixture
def process(tmp_path: Path):
    """A function that runs tests.record.killable_screening with a database of its own."""
    address = f"sqlite:///{tmp_path / 'killed.sqlite3'}"
    if server := os.environ.get("KHOTAIL_TEST_DATABASE"):
        address = fresh_postgres(server, f"screening_{os.getpid()}")
    keys = new_keys()
    environment = {
        **os.environ, "KHOTAIL_DATABASE": address, "KHOTAIL_HOME": str(tmp_path), "KHOTAIL_PLAIN_HTTP": "1",
        "KHOTAIL_SECRET_KEY": keys.secret, "KHOTAIL_DATA_KEY": keys.data, "DJANGO_SETTINGS_MODULE": "khotail.site.settings",
    }  # fmt: skip

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.record.killable_screening", *map(str, arguments)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    return start


def state(process) -> dict:
    out, _ = process("state").communicate(timeout=120)
    return json.loads(out)


def test_a_screening_killed_at_random_moments_finds_everything_once(process):
    assert process("prepare").wait(timeout=300) == 0
    dice, halfway = random.Random(11), 0
    for nth in range(KILLS):
        worker = process("work", nth)
        worker.stdout.readline()  # it has done a piece, or is over
        worker.stdout.readline()
        time.sleep(dice.random() * 2)
        worker.kill()
        worker.wait()
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
