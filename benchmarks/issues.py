"""The public board, one issue, a receipt, the search for duplicates and GeoReport, of a million issues.

Each page is asked for in one process, one after another: what counts is the processor time that it costs. How long 20
people wait on a loaded server is what `benchmarks.web` measures.
"""

from __future__ import annotations

import json
import shutil
from statistics import median

from benchmarks.table import Table
from benchmarks.web import DATA, environment_of, run_python, schema
from tests import postgres

#: The goals: processor of a page, and a search for duplicates.
PAGE_MS, SEARCH_MS = 25, 300
_RUNS_PER_ROUND = 10


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    tables = []
    for count in sizes or (1_000_000,):
        tables.append(_measured("SQLite", count, _sqlite(count), runs))
        if postgres.binaries() is not None:
            with postgres.cluster() as address:
                environment = environment_of("issues_postgres", address) | {"KHOTAIL_BANNER": "152221"}
                run_python("-m", "benchmarks.issues_data", "fill", str(count), environment=environment)
                tables.append(_measured("PostgreSQL", count, environment, runs))
    return tables


def _sqlite(count: int) -> dict[str, str]:
    """The database is kept in the data folder, as it takes minutes to fill."""
    home = DATA / f"issues_{count}"
    environment = environment_of(home.name, f"sqlite:///{home / 'khotail.sqlite3'}") | {"KHOTAIL_BANNER": "152221"}
    filled = home / f"filled-{schema()}"
    if not filled.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        run_python("-m", "benchmarks.issues_data", "fill", str(count), environment=environment)
        filled.touch()
    return environment


def _measured(database: str, count: int, environment: dict[str, str], runs: int) -> Table:
    asked = str(runs * _RUNS_PER_ROUND)
    printed = run_python("-m", "benchmarks.issues_data", "measure", str(count), asked, environment=environment)
    table = Table(
        f"{count:,} issues in {database}",
        ("page", "processor per page", "of it the database's process", "p50", "p95", "worst"),
        note=f"Goals: {PAGE_MS} ms of processor for a page, {SEARCH_MS} ms for a search for duplicates. One request at a "
        f"time, {asked} of each, in one process with whatever else the machine was doing. SQLite works in the page's own "
        "process.",
    )
    for name, waits, own, server in json.loads(printed):
        waits.sort()
        times = (own + server, server, median(waits), waits[int(len(waits) * 0.95)], waits[-1])
        table.rows.append((name, *(f"{seconds * 1000:.1f} ms" for seconds in times)))
    return table
