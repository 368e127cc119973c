"""Ten rules on 1 million households and 3 million persons, in Khotail and in four other ways.

Every contestant is a process of its own that reads the same Parquet files and writes rule and subject of every finding
to Parquet. Khotail writes the values that made each finding and where it is, too.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import duckdb

from benchmarks.data import DATA, narrow_facts
from benchmarks.measure import processes_in_turn
from benchmarks.table import Table, seconds, times

_CONTESTANTS = {
    "khotail": "khotail",
    "duckdb": "duckdb",
    "polars": "polars",
    "openfisca": "openfisca-core",
    "pandas": "pandas",
}


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    tables = []
    for households in sizes or (1_000_000,):
        facts = narrow_facts(households)
        targets = {name: DATA / f"{name}_findings.parquet" for name in _CONTESTANTS}
        commands = {
            name: [sys.executable, str(Path(__file__).with_name(f"{name}_ten.py")), str(facts), str(target)]
            for name, target in targets.items()
        }
        measured = processes_in_turn(commands, runs)
        counts = _same_findings(targets)
        table = Table(
            f"Ten rules, {households:,} households, {households * 3:,} persons: whole processes from Parquet to Parquet",
            ("", "wall", "processor", "peak memory", "wall ÷ Khotail", "processor ÷ Khotail"),
            note=f"All found the same {counts:,} pairs of rule and subject.",
        )
        own = measured["khotail"].cost
        for name, package in _CONTESTANTS.items():
            cost = measured[name].cost
            table.rows.append(
                (f"{package} {version(package)}", seconds(cost.wall), seconds(cost.processor), f"{cost.peak_mib:,.0f} MiB",
                 times(cost.wall / own.wall), times(cost.processor / own.processor))
            )  # fmt: skip
        tables.append(table)
    return tables


def _same_findings(targets: dict[str, Path]) -> int:
    """How many findings; raises ValueError unless every contestant has the same pairs of rule and subject."""
    marks = {
        name: duckdb.sql(f"SELECT count(*), sum(hash(rule_id, subject_id)) FROM '{target}'").fetchall()[0]
        for name, target in targets.items()
    }
    for target in targets.values():
        target.unlink()
    if len(set(marks.values())) != 1:
        raise ValueError(f"the contestants found different things: {marks}")
    return int(next(iter(marks.values()))[0])
