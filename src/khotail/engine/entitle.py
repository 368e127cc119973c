"""Run the programmes of a rulebook over facts: what every household and person is entitled to, receives and misses."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

from khotail.engine.engines import IN_PROCESS, Engine, QueryFailed
from khotail.engine.entitlements import Entitlements, LevelTable
from khotail.engine.problems import NothingCanRun
from khotail.engine.run import Progress
from khotail.facts.schema import LEVEL_TABLES
from khotail.facts.store import Facts
from khotail.rulebook.compile import Compiler, SkippedRule
from khotail.rulebook.entitlement import EntitlementCompiler
from khotail.rulebook.model import Rulebook
from khotail.rulebook.parameters import Scope
from khotail.rulebook.problems import BeforeTheRulebook
from khotail.rulebook.programmes import PROGRAMME_LEVELS, Programme
from khotail.rulebook.receipts import names_recorded
from khotail.texts import Text


def entitle(
    facts: Facts,
    rulebook: Rulebook,
    *,
    on: date,
    region: str = "",
    household: str = "",
    only: frozenset[str] | None = None,
    progress: Progress | None = None,
    engine: Engine = IN_PROCESS,
) -> Entitlements:
    """Judge every household and person by the programmes in force on `on`.

    region     code prefix; "" means everywhere in `facts`
    household  number of the one household to judge; "" means all
    only       ids of the programmes to judge; None for all
    engine     what runs the queries over the facts (see `khotail.engine.engines`)
    Raises     BeforeTheRulebook if no programme is in force yet; NothingCanRun if every one lacks data. Programmes that
               lack a column are skipped and listed in `Entitlements.skipped`.
    """
    chosen = [p for p in rulebook.programmes.values() if only is None or p.id in only]
    first = min((programme.since for programme in chosen), default=on)
    if on < first:
        raise BeforeTheRulebook(as_of=on, first=first)
    differ = any(set(parameter.regions) - {""} for parameter in rulebook.parameters.values())
    scope = Scope(rulebook, on, region, household, facts.counties if differ else None)
    recorded = names_recorded(chosen, facts.tables)
    names = frozenset(name for (name,) in facts.connection.execute(recorded).fetchall()) if recorded else frozenset()
    compiler = EntitlementCompiler(Compiler(scope, facts.tables), names)
    runnable = compiler.runnable(chosen)
    if not runnable.programmes and runnable.skipped:
        raise NothingCanRun(zh=runnable.skipped[0].reason.zh, en=runnable.skipped[0].reason.en)
    levels = {level: runnable.of_level(level) for level in PROGRAMME_LEVELS if runnable.of_level(level)}
    queries = {level: compiler.query(level, programmes) for level, programmes in levels.items()}
    tables: dict[str, LevelTable] = {}
    skipped = list(runnable.skipped)
    with nullcontext() if household else engine.reading(facts, queries.values()):
        for number, (level, programmes) in enumerate(levels.items()):
            if progress:
                progress(level, number, len(levels))
            table, failed = _collect(facts, engine, compiler, level, programmes)
            skipped += failed
            if table is not None:
                tables[level] = table
        subjects = {level: facts.count(LEVEL_TABLES[level].name, region) for level in tables}
    return Entitlements(facts, rulebook, on, region, household, tables, subjects, tuple(skipped))


def _collect(
    facts: Facts, engine: Engine, compiler: EntitlementCompiler, level: str, programmes: tuple[Programme, ...]
) -> tuple[LevelTable | None, list[SkippedRule]]:
    """The level's wide table. If a programme fails on these data, it is found and left out, and the others run."""
    stem, skipped = f"entitled_{level}", []
    try:
        name = engine.table(facts, stem, compiler.query(level, programmes))
    except QueryFailed:
        able = []
        for programme in programmes:
            try:
                engine.drop(facts, engine.table(facts, stem, compiler.query(level, (programme,))))
                able.append(programme)
            except QueryFailed as its_own:
                detail = its_own.detail
                reason = Text(f"在这些数据上算不出来：{detail}", f"it fails on these data: {detail}")
                skipped.append(SkippedRule(programme.id, reason))
        programmes = tuple(able)
        if not programmes:
            return None, skipped
        name = engine.table(facts, stem, compiler.query(level, programmes))
    return LevelTable(level, name, compiler.outcomes(level, programmes)), skipped
