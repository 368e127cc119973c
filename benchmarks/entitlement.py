"""Entitlement and one reform over five years over millions of households, and ten programmes as openfisca-core users write them.

Whole processes from Parquet to a table of amounts, in turn: `khotail_programmes.py` and `openfisca_programmes.py` in
`benchmarks/peers/` compute the same ten programmes of `benchmarks/ten_programmes/`. Counts and sums must be the same
before a table is printed.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.data import AS_OF, narrow_facts, programme_facts
from benchmarks.measure import processes_in_turn
from benchmarks.table import Table, seconds, times
from khotail.analysis import load_scenario, simulate
from khotail.engine import entitle
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook

PEERS = Path(__file__).parent / "peers"
_REFORM = """
name: {zh: 一项改革, en: One reform}
adopted: 2026-11-01
ends:
  - {programme: cropland-award, on: 2027-07-01}
tapers:
  - {programme: grassland-balance-award, on: 2027-01-01, shares: [0.8, 0.5, 0.2, 0]}
"""


class AmountsDiffer(Exception):
    """Two contestants did not find the same."""


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    sizes = sizes or (1_000_000,)
    return [_peers(runs, sizes[0]), _alone(sizes)]


def _peers(runs: int, households: int) -> Table:
    facts = narrow_facts(households)
    commands = {
        name: (sys.executable, str(PEERS / f"{name}_programmes.py"), str(facts)) for name in ("khotail", "openfisca")
    }
    found = processes_in_turn(commands, runs)
    _compare(*(json.loads(found[name].printed) for name in commands))
    own, other = found["khotail"].cost, found["openfisca"].cost
    table = Table(
        f"Ten programmes, {households:,} households: whole processes",
        ("", "wall", "processor", "peak MiB"),
        note=f"openfisca-core ÷ Khotail: wall {times(other.wall / own.wall)}, processor {times(other.processor / own.processor)}",
    )
    for name, cost in (("Khotail", own), ("openfisca-core", other)):
        table.rows.append((name, seconds(cost.wall), seconds(cost.processor), f"{cost.peak_mib:,.0f}"))
    return table


def _compare(own: dict[str, list[float]], other: dict[str, list[float]]) -> None:
    for id_ in own.keys() | other.keys():
        here, there = own.get(id_), other.get(id_)
        if here is None or there is None or here[0] != there[0] or abs(here[1] - there[1]) > 1e-6 * max(1.0, here[1]):
            raise AmountsDiffer(f"{id_}: {here} and {there}")


def _alone(sizes: tuple[int, ...]) -> Table:
    rulebook = load_rulebook("cn_15")
    table = Table(
        "All programmes that the large demo with lists of benefits, work and house checks allows; one reform over five years",
        ("households", "programmes", "entitled", "entitle wall", "processor", "reform wall", "processor"),
    )
    with tempfile.TemporaryDirectory(prefix="khotail-") as folder:
        path = Path(folder) / "reform.yaml"
        path.write_text(_REFORM, encoding="utf-8")
        scenario = load_scenario(path, rulebook)
        for households in sizes:
            facts = Facts.open(programme_facts(households), memory_limit="4GB")
            started, processor = time.perf_counter(), time.process_time()
            found = entitle(facts, rulebook, on=AS_OF)
            first = (time.perf_counter() - started, time.process_time() - processor)
            entitled = sum(count.entitled for count in found.counts())
            for level in found.tables.values():
                facts.connection.execute(f"DROP TABLE {level.table}")
            started, processor = time.perf_counter(), time.process_time()
            simulate(facts, scenario, on=AS_OF)
            second = (time.perf_counter() - started, time.process_time() - processor)
            figures = [seconds(figure) for figure in (*first, *second)]
            table.rows.append((f"{households:,}", str(len(found.programmes)), f"{entitled:,}", *figures))
            facts.connection.close()
    return table
