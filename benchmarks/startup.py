"""How long until the first rule can run: the whole rulebook loaded, checked and compiled; the command's help."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import processes_in_turn
from benchmarks.table import Table, seconds, times

_LOADED = """
from datetime import date
from khotail.facts.schema import TABLES
from khotail.rulebook import load_rulebook
from khotail.rulebook.compile import Compiler
from khotail.rulebook.parameters import Scope
book = load_rulebook("cn_15")
everything = {name: frozenset(table.column_names) for name, table in TABLES.items()}
Compiler(Scope(book, date(2026, 10, 31)), everything).compile((*book.signals, *book.audits))
print(len(book.signals), "signals,", len(book.audits), "audits")
"""


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    python = sys.executable
    measured = processes_in_turn(
        {
            "pass": [python, "-c", "pass"],
            "imports": [python, "-c", "import duckdb, sqlglot"],
            "rulebook": [python, "-c", _LOADED],
            "help": [str(Path(python).parent / "khotail"), "--help"],
        },
        runs,
    )
    loaded = measured["rulebook"]
    table = Table(
        "Start-up, whole processes", ("", "wall", "processor", "of which not imports", "against"),
        note=f"Rulebook cn_15: {loaded.printed.strip()}.",
    )  # fmt: skip
    named = (
        ("load, check and compile the rulebook", "rulebook", "imports", "`import duckdb, sqlglot`"),
        ("khotail --help", "help", "pass", "`python -c pass`"),
    )
    for label, name, base, against in named:
        own, other = measured[name].cost, measured[base].cost
        table.rows.append(
            (label, seconds(own.wall), seconds(own.processor), seconds(own.processor - other.processor),
             f"{times(own.processor / other.processor)} {against} ({seconds(other.processor)})")
        )  # fmt: skip
    return [table]
