"""Real worker processes, killed at random moments: everything is there once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import dj_database_url
import pytest

from khotail.site.keys import new_keys

ROWS = 3000
KILLS = 12


@pytest.fixture
def process(tmp_path: Path):
    """A function that runs tests.record.killable with a database of its own."""
    address = f"sqlite:///{tmp_path / 'killed.sqlite3'}"
    if server := os.environ.get("KHOTAIL_TEST_DATABASE"):
        address = fresh_postgres(server, f"killed_{os.getpid()}")
    keys = new_keys()
    environment = {
        **os.environ, "KHOTAIL_DATABASE": address, "KHOTAIL_HOME": str(tmp_path), "KHOTAIL_PLAIN_HTTP": "1",
        "KHOTAIL_SECRET_KEY": keys.secret, "KHOTAIL_DATA_KEY": keys.data, "DJANGO_SETTINGS_MODULE": "khotail.site.settings",
    }  # fmt: skip

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.record.killable", *map(str, arguments)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    return start


def fresh_postgres(server: str, name: str, template: str = "template1") -> str:
    """The address of a new database on the server."""
    import psycopg

    at = dj_database_url.parse(server)
    base = f"host={at['HOST']} port={at['PORT'] or 5432} user={at['USER']} dbname=postgres"
    with psycopg.connect(base + (f" password={at['PASSWORD']}" if at["PASSWORD"] else ""), autocommit=True) as link:
        link.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        link.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.rsplit("/", 1)[0] + "/" + name + ("?" + server.split("?", 1)[1] if "?" in server else "")


def state(process) -> dict:
    out, _ = process("state").communicate(timeout=60)
    return json.loads(out)


def wait_until(process, holds, seconds: float = 60) -> dict:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = state(process)
        if holds(seen):
            return seen
    raise AssertionError(f"still {seen}")


def prepare(process, rows: int = ROWS) -> None:
    assert process("prepare", rows).wait(timeout=120) == 0


def taken(worker) -> None:
    """Wait until the worker has the job in hand."""
    assert worker.stdout.readline() == "taken\n"


def end(worker) -> int:
    worker.send_signal(signal.SIGTERM)
    return worker.wait(timeout=30)


def test_a_worker_killed_at_random_moments_leaves_everything_there_once(process):
    prepare(process)
    dice, halfway = random.Random(5), 0
    for nth in range(KILLS):
        worker = process("work", nth)
        if nth % 3:  # these die in the middle of the job, the others mostly before they took it
            taken(worker)
        time.sleep(dice.random() * 0.6)
        worker.kill()
        worker.wait()
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
