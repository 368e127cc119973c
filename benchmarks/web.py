"""The pages that people wait for, served by `khotail web` from a million households, 20 people at a time.

The peer is a bare Django view with one indexed query, on the same server and database (`peers/bare_django.py`): what the
stack costs before Khotail does anything. KHOTAIL_BENCH_POSTGRES names a filled database to use instead of a throw-away one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.table import Table, times
from tests import postgres

PEOPLE = 20
#: name of the page → how often it is asked for
MIX = {
    "search: name": 6, "search: initials": 6, "search: number": 6, "search: ID": 6, "search: phone": 6,
    "household": 30, "cases": 12, "case": 12, "leads": 6, "home": 10, "findings": 6, "audit": 4, "households": 6,
}  # fmt: skip
#: The goal: p95 below this for search, household page and case queue.
GOAL_MS = 150
_ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"
_CLOCK = os.sysconf("SC_CLK_TCK")
#: mean seconds between two clicks of a person → what that is
_PACES = {1.0: "20 people, a click a second each", 0.0: "20 requests open at all times"}


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    tables = []
    for households in sizes or (1_000_000,):
        with _postgres(households) as address:
            for name, environment in (
                ("SQLite", _sqlite(households)),
                ("PostgreSQL", environment_of("postgres", address)),
            ):
                tables += _measure(name, households, environment, seconds=10 * runs)
    return tables


def _measure(database: str, households: int, environment: dict[str, str], seconds: int) -> list[Table]:
    plan = json.loads(run_python("-m", "benchmarks.web_plan", "plan", str(households), environment=environment))
    found: dict[float, dict[str, Any]] = {}
    bare: dict[float, dict[str, Any]] = {}
    with _server(environment, "khotail") as (port, server):
        for pace in _PACES:
            found[pace] = _click(
                plan | {"port": port, "think": pace, "seconds": seconds}, server, environment["KHOTAIL_DATABASE"]
            )
    with _server(environment, "bare") as (port, server):
        dice = random.Random(3)
        requests = [["GET", f"/{dice.randint(1, households)}/", ""] for _ in range(2000)]
        bare_plan = {
            "pages": {"bare": 1}, "sessions": [{"headers": "", "pages": {"bare": requests}}], "people": PEOPLE,
            "warm_up": 2, "port": port, "seconds": seconds // 2,
        }  # fmt: skip
        for pace in _PACES:
            bare[pace] = _click(bare_plan | {"think": pace}, server, environment["KHOTAIL_DATABASE"])
    return [_table(database, households, pace, found[pace], bare[pace]) for pace in _PACES]


def _table(database: str, households: int, pace: float, found: dict[str, Any], bare: dict[str, Any]) -> Table:
    peer = median(bare["waits"]["bare"])
    count = sum(map(len, found["waits"].values()))
    table = Table(
        f"Pages of {households:,} households in {database}: {_PACES[pace]}",
        ("page", "requests", "p50", f"p95 (goal {GOAL_MS} ms)", "worst", "p50 ÷ bare", "KB"),
        note=(
            f"{count / found['seconds']:,.0f} pages/s; processor per page: server {_ms(found['server'] / count)}"
            f" with its database, of a bare page {_ms(bare['server'] / len(bare['waits']['bare']))}"
            f"; the server got {found['server'] / found['seconds']:.1f} of {os.cpu_count()} cores, the clients took"
            f" {found['processor']:.2f}, the load average was {found['load']:.1f}. Errors: "
            + (", ".join(f"{what} × {number}" for what, number in found["errors"].items()) or "none")
            + f". Bare: a Django view with one indexed query, {len(bare['waits']['bare']) / bare['seconds']:,.0f} pages/s."
        ),
    )
    rows = {name: waits for name, waits in found["waits"].items() if waits}
    for name, waits in (rows | {"bare": bare["waits"]["bare"]}).items():
        waits.sort()
        size = (found if name in rows else bare)["bytes"][name] / len(waits) / 1000
        table.rows.append(
            (name, f"{len(waits):,}", _ms(median(waits)), _ms(waits[int(len(waits) * 0.95)]), _ms(waits[-1]),
             times(median(waits) / peer), f"{size:.1f}")
        )  # fmt: skip
    return table


def _click(plan: dict[str, Any], server: int, database: str) -> dict[str, Any]:
    """What people waited for, and the processor seconds that the server and PostgreSQL used meanwhile."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(plan, file)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.web_users", file.name]
        users = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        time.sleep(plan["warm_up"])
        before, began = _used(server, database), time.perf_counter()
        printed, _ = users.communicate()
        found: dict[str, Any] = json.loads(printed)
        found["seconds"] = time.perf_counter() - began
        found["load"] = os.getloadavg()[0]
        found["server"] = _used(server, database) - before
    return found


def _used(server: int, database: str) -> float:
    """Processor seconds of the server's processes and of PostgreSQL's, whose address is `database`."""
    port = re.search(r":(\d+)/", database)
    found: list[tuple[int, int, float]] = []  # parent, process group, seconds
    postmaster = -1
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (process / "stat").read_text()
            rest = stat[stat.rindex(")") + 2 :].split()
            found.append((int(rest[1]), int(rest[2]), (int(rest[11]) + int(rest[12])) / _CLOCK))
            if port and "(postgres)" in stat and f"port={port[1]}".encode() in (process / "cmdline").read_bytes():
                postmaster = int(process.name)
    return sum(seconds for parent, group, seconds in found if group == server or parent == postmaster)


@contextmanager
def _server(environment: dict[str, str], kind: str) -> Iterator[tuple[int, int]]:
    """A server's port and process group. Both are Granian with the processes and threads of `khotail serve`."""
    from khotail.site.serving import web_command

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = web_command("127.0.0.1", port)
    path = "/healthz"
    if kind == "bare":
        command[command.index("khotail.site.wsgi:application")] = "benchmarks.peers.bare_django:application"
        path = "/1/"
    process = subprocess.Popen(command, env=environment, cwd=_ROOT, start_new_session=True)
    try:
        _wait_for(port, path)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait_for(port: int, path: str) -> None:
    import http.client

    for _ in range(1500):  # a busy machine starts slowly
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        time.sleep(0.2)
    raise TimeoutError(f"nothing answers at port {port}")


def _sqlite(households: int) -> dict[str, str]:
    """The database is kept in the data folder, as it takes minutes to fill."""
    home = DATA / f"web_{households}"
    environment = environment_of(home.name, f"sqlite:///{home / 'khotail.sqlite3'}")
    filled = home / f"filled-{schema()}"
    if not filled.exists():
        shutil.rmtree(home, ignore_errors=True)
        _fill(households, environment)
        filled.touch()
    return environment


def schema() -> str:
    """Differs once the tables do: then the database is filled anew."""
    migrations = sorted((_ROOT / "src" / "khotail").glob("*/migrations/*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in migrations)).hexdigest()[:12]


@contextmanager
def _postgres(households: int) -> Iterator[str]:
    if address := os.environ.get("KHOTAIL_BENCH_POSTGRES"):
        yield address
        return
    with postgres.cluster() as address:
        _fill(households, environment_of("postgres", address))
        yield address


def _fill(households: int, environment: dict[str, str]) -> None:
    run_python("-m", "benchmarks.web_plan", "fill", str(households), environment=environment)


def environment_of(home: str, address: str) -> dict[str, str]:
    """As an installation has it, second factor included, but for TLS."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "khotail.site.settings", "KHOTAIL_HOME": str(DATA / home), "KHOTAIL_DATABASE": address,
        "KHOTAIL_DEMO": "0", "KHOTAIL_PLAIN_HTTP": "1", "KHOTAIL_REQUIRE_TOTP": "1", "KHOTAIL_HOSTS": "127.0.0.1",
        "KHOTAIL_SECRET_KEY": "only-for-benchmarks-" * 3, "KHOTAIL_DATA_KEY": base64.b64encode(bytes(range(32))).decode(),
    }  # fmt: skip


def run_python(*arguments: str, environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=_ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
