"""Memory of ten million households, and cost per million up to a hundred million."""

from __future__ import annotations

import sys

from benchmarks.data import demo_facts, forget, narrow_facts
from benchmarks.measure import process
from benchmarks.table import Table, seconds, times

_ALL_SIGNALS = """
import sys
from datetime import date
from khotail.engine import screen
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook
from pathlib import Path
facts = Facts.open(sys.argv[1], memory_limit=sys.argv[3])
book = load_rulebook(Path(sys.argv[2]) if "/" in sys.argv[2] else sys.argv[2])
findings = screen(facts, book, as_of=date(2026, 10, 31))
print(len(findings.ran), findings.count())
"""
_TEN_RULES = "benchmarks/ten_rules"
_LIMIT = "2500MB"


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    """A size is measured once: these runs are long, and what counts is the peak and the line."""
    return [_signals(sizes[:1] or (10_000_000,)), _linear(sizes or (10_000_000, 30_000_000, 100_000_000))]


def _signals(sizes: tuple[int, ...]) -> Table:
    table = Table(
        "All signals that the demo's data allow, one process from Parquet",
        ("households", "rules", "findings", "wall", "peak memory"),
        note=f"DuckDB's limit is {_LIMIT}; what does not fit is spilled to disk.",
    )
    for households in sizes:
        run_ = process([sys.executable, "-c", _ALL_SIGNALS, str(demo_facts(households)), "cn_15", _LIMIT])
        rules, findings = run_.printed.split()
        table.rows.append(
            (
                f"{households:,}",
                rules,
                f"{int(findings):,}",
                seconds(run_.cost.wall),
                f"{run_.cost.peak_mib / 1024:.2f} GiB",
            )
        )
    return table


def _linear(sizes: tuple[int, ...]) -> Table:
    table = Table(
        "Ten rules, three persons a household: cost per million households",
        ("households", "findings", "wall", "processor", "processor per million", "against the first", "peak memory"),
        note=f"DuckDB's limit is {_LIMIT}. The input is generated for each size and removed after it.",
    )
    first = 0.0
    for households in sizes:
        facts = narrow_facts(households)
        run_ = process([sys.executable, "-c", _ALL_SIGNALS, str(facts), _TEN_RULES, _LIMIT])
        if households > 1_000_000:
            forget(facts)
        per_million = run_.cost.processor / households * 1_000_000
        first = first or per_million
        table.rows.append(
            (f"{households:,}", f"{int(run_.printed.split()[1]):,}", seconds(run_.cost.wall), seconds(run_.cost.processor),
             seconds(per_million), times(per_million / first), f"{run_.cost.peak_mib / 1024:.2f} GiB")
        )  # fmt: skip
    return table
