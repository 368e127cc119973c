"""Measuring on a machine that is not ours alone: contestants take turns, and the medians are compared.

Wall-clock time is what users wait for, processor time (all threads) is what hardly changes when somebody else is busy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_PAGE_KIB = 1 if sys.platform != "darwin" else 1 / 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the runs. Seconds; `peak_mib` is the largest resident memory of a whole process, 0 if not measured."""

    wall: float
    processor: float
    peak_mib: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a whole process and what it printed."""

    cost: Cost
    printed: str


def in_turn(contestants: Mapping[str, Callable[[], object]], runs: int, *, warm_up: int = 1) -> dict[str, Cost]:
    """Call every contestant once per round and return the median cost of each; the first `warm_up` rounds do not count."""
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for round_number in range(warm_up + runs):
        for name, work in contestants.items():
            wall, processor = time.perf_counter(), time.process_time()
            work()
            cost = Cost(time.perf_counter() - wall, time.process_time() - processor)
            if round_number >= warm_up:
                costs[name].append(cost)
    return {name: _median(found) for name, found in costs.items()}


def processes_in_turn(commands: Mapping[str, Sequence[str]], runs: int, *, warm_up: int = 1) -> dict[str, Run]:
    """As `in_turn` with whole processes, from start to exit; the last thing each printed comes back."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for round_number in range(warm_up + runs):
        for name, command in commands.items():
            run = process(command)
            if round_number >= warm_up:
                found[name].append(run)
    return {name: Run(_median([run.cost for run in runs_]), runs_[-1].printed) for name, runs_ in found.items()}


def process(command: Sequence[str]) -> Run:
    """Run a process to its end. Raises CalledProcessError if it fails."""
    started = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent, env=_with_bytecode()
    )
    assert child.stdout is not None
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Run(Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _PAGE_KIB / 1024), printed)


def _with_bytecode() -> dict[str, str]:
    """The environment, with Python free to keep its bytecode: an installed package is not compiled anew by every run."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.processor for cost in costs),
        median(cost.peak_mib for cost in costs),
    )
