"""Five hundred devices come back into signal at once, and each sends its twenty visits to `khotail web` over HTTP.

Once as the offline app does it (ten visits a request, in an officer's session), once as ODK Collect does it (one visit a
request, HTTP Basic). Every visit must be accepted, and be there once. The devices run on the same cores as the server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import web
from benchmarks.table import Table
from tests import postgres

#: Devices, unless other numbers are asked for; VISITS from each.
DEVICES, VISITS = 500, 20
GOAL_SECONDS = 60
_WAYS = {"app": "offline app", "openrosa": "OpenRosa"}


def run(_: int, sizes: tuple[int, ...]) -> list[Table]:
    return [_table(devices) for devices in sizes or (DEVICES,)]


def _table(devices: int) -> Table:
    table = Table(
        f"{devices} devices send {VISITS} visits each at once",
        ("database", "way", "accepted", "there once", f"all in (goal {GOAL_SECONDS} s)", "visits/s", "wait of a device p50",
         "p95", "server CPU per visit", "devices' CPU"),
        note=f"{os.cpu_count()} cores for server, database and devices. Visits without photos; entering them comes after.",
    )  # fmt: skip
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgres)):
        with database() as environment:
            prepared = json.loads(_python("prepare", str(devices), str(VISITS), environment=environment))
            with web._server(environment, "khotail") as (port, server):
                for way in _WAYS:
                    table.rows.append(_row(name, way, devices, prepared | {"port": port}, server, environment))
    return table


def _row(
    name: str, way: str, devices: int, prepared: dict[str, Any], server: int, environment: dict[str, str]
) -> tuple[str, ...]:
    before, database = web._used(server, environment["KHOTAIL_DATABASE"]), environment["KHOTAIL_DATABASE"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(prepared | {"way": way, "visits": VISITS}, file)
        file.flush()
        sent = json.loads(_python("send", file.name, environment=environment))
    used = web._used(server, database) - before
    there = json.loads(_python("count", way, environment=environment))
    visits, waits = devices * VISITS, sorted(sent["waits"])
    return (
        name, _WAYS[way], f"{sent['accepted']:,} of {visits:,}" + (f" {sent['errors']}" if sent["errors"] else ""),
        f"{there:,}", f"{sent['seconds']:.1f} s", f"{visits / sent['seconds']:,.0f}", f"{median(waits):.1f} s",
        f"{waits[int(len(waits) * 0.95)]:.1f} s", f"{used / visits * 1000:.1f} ms", f"{sent['processor']:.1f} s",
    )  # fmt: skip


@contextmanager
def _sqlite() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as home:
        yield web.environment_of(home, f"sqlite:///{home}/khotail.sqlite3")


@contextmanager
def _postgres() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as home, postgres.cluster() as address:
        yield web.environment_of(home, address)


def _python(*arguments: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "benchmarks.visits_devices", *arguments]
    root = Path(__file__).parent.parent
    return subprocess.run(command, env=environment, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    began = time.perf_counter()
    for found in run(1, tuple(map(int, sys.argv[1:]))):
        found.show()
    print(f"{time.perf_counter() - began:.0f} s")
