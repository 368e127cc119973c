"""Imports by real worker processes that are killed at random moments: every statement is there once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from khotail.site.keys import new_keys
from tests.record.killable_intake import HOUSEHOLDS
from tests.record.test_jobs_killed import end, fresh_postgres

KILLS = 10
PERSONS = 2 * HOUSEHOLDS


@pytest.fixture
def process(tmp_path: Path):
    """A function that runs tests.record.killable_intake with a database and a home of its own."""
    address = f"sqlite:///{tmp_path / 'killed.sqlite3'}"
    if server := os.environ.get("KHOTAIL_TEST_DATABASE"):
        address = fresh_postgres(server, f"intake_killed_{os.getpid()}")
    keys = new_keys()
    environment = {
        **os.environ, "KHOTAIL_DATABASE": address, "KHOTAIL_HOME": str(tmp_path), "KHOTAIL_PLAIN_HTTP": "1",
        "KHOTAIL_SECRET_KEY": keys.secret, "KHOTAIL_DATA_KEY": keys.data, "DJANGO_SETTINGS_MODULE": "khotail.site.settings",
    }  # fmt: skip

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.record.killable_intake", *map(str, arguments)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    return start


def state(process) -> dict:
    out, _ = process("state").communicate(timeout=60)
    return json.loads(out)


def test_an_import_killed_at_random_moments_writes_every_statement_once(process, tmp_path):
    assert process("prepare", tmp_path).wait(timeout=300) == 0
    last, halfway = 0, 0
    for nth in range(KILLS):
        assert process("work", nth, 100 + nth).wait(timeout=120) == -signal.SIGKILL
        seen = state(process)
        assert seen["twice"] == 0 and seen["imported"] == seen["states"].count("imported")
        assert seen["next"] >= last, "a piece was done again"
        halfway += last < seen["next"]
        last = seen["next"]
    worker = process("work", KILLS)
    deadline = time.monotonic() + 120
    while state(process)["jobs"] != ["done", "done"]:
        assert time.monotonic() < deadline
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
