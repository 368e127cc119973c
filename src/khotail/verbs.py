"""The verbs of the library: read, audit, screen, entitle, simulate, explain, with a rulebook by name and today as the default day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from khotail import analysis
from khotail import engine as engine_
from khotail.analysis import Simulation
from khotail.engine import Entitlements, Findings, HouseholdExplained
from khotail.engine.engines import IN_PROCESS, Engine
from khotail.facts import Facts
from khotail.facts import read as _read
from khotail.rulebook import Rulebook, load_rulebook
from khotail.rulebooks import DEFAULT_BOOK


def read(*paths: Path | str, sources: Path | str | None = None) -> Facts:
    """Read national exports and department lists into memory. See `khotail.facts.read`."""
    return _read(*paths, sources=Path(sources) if sources else None)


def open_facts(folder: Path | str, *, memory_limit: str | None = None) -> Facts:
    """Open a folder of facts that `khotail import` or `khotail demo` wrote."""
    return Facts.open(folder, memory_limit=memory_limit)


def audit(
    facts: Facts, *, as_of: date | None = None, region: str = "", rulebook: Rulebook | Path | str = DEFAULT_BOOK
) -> Findings:
    """Find the records that break a data audit. See `khotail.engine.audit`."""
    return engine_.audit(facts, _book(rulebook), as_of=as_of or date.today(), region=region)


def screen(
    facts: Facts, *, as_of: date | None = None, region: str = "", rulebook: Rulebook | Path | str = DEFAULT_BOOK
) -> Findings:
    """Find the households that a signal warns of. See `khotail.engine.screen`."""
    return engine_.screen(facts, _book(rulebook), as_of=as_of or date.today(), region=region)


def entitle(
    facts: Facts,
    rulebook: Rulebook | Path | str = DEFAULT_BOOK,
    on: date | None = None,
    region: str = "",
    engine: Engine = IN_PROCESS,
) -> Entitlements:
    """Find what households and persons are entitled to, receive and miss. See `khotail.engine.entitle`."""
    return engine_.entitle(facts, _book(rulebook), on=on or date.today(), region=region, engine=engine)


def simulate(
    facts: Facts,
    scenario: Path | str,
    rulebook: Rulebook | Path | str = DEFAULT_BOOK,
    on: date | None = None,
    region: str = "",
    years: int = 5,
    engine: Engine = IN_PROCESS,
) -> Simulation:
    """Compute what a scenario (a built-in name or a file) does in the coming years. See `khotail.analysis.simulate`."""
    tried = analysis.load_scenario(scenario, _book(rulebook))
    return analysis.simulate(facts, tried, on=on or date.today(), region=region, years=years, engine=engine)


def explain(
    facts: Facts, household_id: str, *, as_of: date | None = None, rulebook: Rulebook | Path | str = DEFAULT_BOOK
) -> HouseholdExplained:
    """Say why one household is warned of, and what is wrong in its data. See `khotail.engine.explain`."""
    return engine_.explain(facts, _book(rulebook), household_id, as_of=as_of or date.today())


def _book(rulebook: Rulebook | Path | str) -> Rulebook:
    return rulebook if isinstance(rulebook, Rulebook) else load_rulebook(rulebook)
