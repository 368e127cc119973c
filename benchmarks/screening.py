"""Signals over millions of households, against the same expressions written by hand as one DuckDB query."""

from __future__ import annotations

from pathlib import Path

from benchmarks.data import AS_OF, demo_facts
from benchmarks.measure import in_turn
from benchmarks.table import Table, seconds, times
from khotail.engine import Findings, screen
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook

_BY_HAND = Path(__file__).with_name("by_hand.sql").read_text("utf-8")


class FindingsDiffer(Exception):
    """Two contestants did not find the same."""


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    rulebook = load_rulebook("cn_15")
    table = Table(
        "Screening: warm, findings kept as a table",
        ("households", "rules", "findings", "Khotail", "by hand", "wall", "processor"),
        note="The last two columns are Khotail ÷ by hand. Findings (subject, rule, values) are the same, row by row.",
    )
    for households in sizes or (1_000_000, 5_000_000, 10_000_000):
        facts = Facts.open(demo_facts(households), memory_limit="8GB")
        found: list[Findings] = []

        def khotail(facts: Facts = facts, found: list[Findings] = found) -> None:
            for old in found:
                facts.connection.execute(f"DROP TABLE {old.table}")
            found[:] = [screen(facts, rulebook, as_of=AS_OF)]

        def by_hand(facts: Facts = facts) -> None:
            facts.connection.execute(f"CREATE OR REPLACE TEMP TABLE by_hand AS {_BY_HAND}")

        costs = in_turn({"khotail": khotail, "by hand": by_hand}, runs)
        _compare(facts, found[0])
        own, other = costs["khotail"], costs["by hand"]
        table.rows.append(
            (f"{households:,}", str(len(found[0].ran)), f"{found[0].count():,}", seconds(own.wall), seconds(other.wall),
             times(own.wall / other.wall), times(own.processor / other.processor))
        )  # fmt: skip
        facts.connection.close()
    return [table]


def _compare(facts: Facts, findings: Findings) -> None:
    for left, right in ((findings.table, "by_hand"), ("by_hand", findings.table)):
        only = facts.connection.execute(
            f"SELECT rule_id, subject_id FROM (FROM {left} EXCEPT ALL FROM {right}) LIMIT 1"
        ).fetchone()
        if only:
            raise FindingsDiffer(f"only in {left}: {only}")
