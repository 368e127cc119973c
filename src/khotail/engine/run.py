"""Run a rulebook over facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date

import duckdb

from khotail.engine.findings import Findings
from khotail.engine.problems import NothingCanRun
from khotail.facts.schema import LEVEL_TABLES
from khotail.facts.store import Facts
from khotail.rulebook.compile import FINDING_COLUMNS, Compiler, LevelQuery, SkippedRule
from khotail.rulebook.model import Rule, Rulebook, RuleKind
from khotail.rulebook.parameters import Scope
from khotail.rulebook.problems import BeforeTheRulebook
from khotail.texts import Text

#: Called before each level with its name, how many levels are done and how many there are.
Progress = Callable[[str, int, int], None]

_OPTIMIZER_LEFT_OUT = "common_subexpressions"


def screen(
    facts: Facts,
    rulebook: Rulebook,
    *,
    as_of: date,
    region: str = "",
    household: str = "",
    progress: Progress | None = None,
) -> Findings:
    """Find every household that the rulebook's signals warn of on `as_of`.

    region     code prefix; "" means everywhere in `facts`
    household  number of the one household to judge; "" means all
    Raises     BeforeTheRulebook if no signal is in force yet; NothingCanRun if every signal lacks data. Rules that
               lack a column are skipped and listed in `Findings.skipped`.
    """
    scope = _scope(facts, rulebook, as_of, region, household)
    return _run(facts, scope, rulebook.signals, "signal", progress)


def audit(
    facts: Facts,
    rulebook: Rulebook,
    *,
    as_of: date,
    region: str = "",
    household: str = "",
    progress: Progress | None = None,
) -> Findings:
    """Find every record that breaks one of the rulebook's data audits. As `screen` in all else."""
    scope = _scope(facts, rulebook, as_of, region, household)
    return _run(facts, scope, rulebook.audits, "audit", progress)


def frame(
    facts: Facts, rulebook: Rulebook, level: str, columns: Iterable[str], *, as_of: date, region: str = ""
) -> duckdb.DuckDBPyRelation:
    """One row per subject of a level: its keys, its region, and the fact columns and indicators asked for."""
    return facts.connection.sql(Compiler(Scope(rulebook, as_of, region), facts.tables).frame(level, columns))


def _scope(facts: Facts, rulebook: Rulebook, as_of: date, region: str, household: str) -> Scope:
    # Reading the counties of every household is worth it only where values differ by place.
    differ = any(set(parameter.regions) - {""} for parameter in rulebook.parameters.values())
    return Scope(rulebook, as_of, region, household, facts.counties if differ else None)


def _run(facts: Facts, scope: Scope, rules: tuple[Rule, ...], kind: RuleKind, progress: Progress | None) -> Findings:
    first = min((rule.since for rule in rules), default=scope.as_of)
    if scope.as_of < first:
        raise BeforeTheRulebook(as_of=scope.as_of, first=first)
    compiler = Compiler(scope, facts.tables)
    compiled = compiler.compile(rules)
    if not compiled.queries and compiled.skipped:
        raise NothingCanRun(zh=compiled.skipped[0].reason.zh, en=compiled.skipped[0].reason.en)
    table = facts.new_name("findings")
    columns = ", ".join(f'"{name}" {kind_}' for name, kind_ in FINDING_COLUMNS.items())
    facts.connection.execute(f"CREATE TABLE {table} ({columns})")
    skipped = list(compiled.skipped)
    ran: list[Rule] = []
    # One household is found in the batches sooner than all of them are merged.
    reading = nullcontext() if scope.household else facts.merged_once(query.sql for query in compiled.queries)
    with reading, planning_little(facts.connection):
        for number, query in enumerate(compiled.queries):
            if progress:
                progress(query.level, number, len(compiled.queries))
            for rule, problem in _collect(facts, compiler, table, query):
                if problem:
                    skipped.append(SkippedRule(rule.id, problem))
                else:
                    ran.append(rule)
        subjects = {
            query.level: facts.count(LEVEL_TABLES[query.level].name, scope.region) for query in compiled.queries
        }
    return Findings(facts, scope.rulebook, kind, scope.as_of, scope.region, table, subjects, tuple(ran), tuple(skipped))


@contextmanager
def planning_little(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Leave out the optimizer that takes a quarter of the time of a query with hundreds of conditions and makes it no faster."""
    [(before,)] = connection.execute("SELECT current_setting('disabled_optimizers')").fetchall()
    connection.execute(f"SET disabled_optimizers = '{_OPTIMIZER_LEFT_OUT}'")
    try:
        yield
    finally:
        connection.execute(f"SET disabled_optimizers = '{before}'")


def _collect(facts: Facts, compiler: Compiler, table: str, query: LevelQuery) -> list[tuple[Rule, Text | None]]:
    """Put a level's findings into the table. If the query fails on these data, its rules are tried one by one."""
    try:
        facts.connection.execute(f"INSERT INTO {table} {query.sql}")
        return [(rule, None) for rule in query.rules]
    except duckdb.Error as error:
        if not about_values(error):
            raise
        if len(query.rules) == 1:
            detail = without_values(error)
            return [(query.rules[0], Text(f"在这些数据上算不出来：{detail}", f"it fails on these data: {detail}"))]
    outcomes = []
    for rule in query.rules:
        for alone in compiler.compile([rule]).queries:
            outcomes += _collect(facts, compiler, table, alone)
    return outcomes


def about_values(error: duckdb.Error) -> bool:
    """Whether a rule met a value that it cannot work with. A damaged file or too little memory is not the rule's fault."""
    return isinstance(error, (duckdb.DataError, duckdb.ProgrammingError)) and not str(error).startswith(
        ("Invalid Input Error: Failed to read file", "Invalid Input Error: reading the stream")
    )


def without_values(error: duckdb.Error) -> str:
    """The engine's message without what it quotes from the data: it is shown in reports, and a cell may name a person."""
    return re.sub(r"'.*'|'.*|\d{6,}", "…", str(error).splitlines()[0])
