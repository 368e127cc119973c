"""What hangs on a programme: the money that households have of it, in CNY a year.

Where the data tell who receives it, that is what they receive, or what is due to those who receive it where no amount is
recorded. Where the data do not tell, everybody entitled is taken to receive it, and the programme is named as assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from khotail.engine import entitle
from khotail.engine.engines import IN_PROCESS, Engine
from khotail.engine.entitlements import Entitlements, LevelTable
from khotail.engine.problems import NothingCanRun
from khotail.facts.store import Facts
from khotail.rulebook.compile import SkippedRule
from khotail.rulebook.entitlement import UNKNOWN, Outcome
from khotail.rulebook.model import Rulebook
from khotail.rulebook.programmes import Programme, rivals


@dataclass(frozen=True)
class Held:
    """A table of one row per household that has any: household_id and CNY a year in `columns`,
    NULL where it has none; 0 is help in kind.

    columns     programme → its column
    assumed     programmes of whose receipt the data tell nothing
    unknown     programme → subjects whose entitlement, or whose amount although they receive it, is not known
    skipped     programmes that could not be judged, with the reason
    """

    table: str
    columns: dict[str, str] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()
    unknown: dict[str, int] = field(default_factory=dict)
    skipped: tuple[SkippedRule, ...] = ()


def held(
    facts: Facts,
    rulebook: Rulebook,
    programmes: Iterable[Programme],
    on: date,
    region: str,
    engine: Engine = IN_PROCESS,
) -> Held:
    """What households have of some programmes on a day, conflicts with others resolved first."""
    wanted = {programme.id for programme in programmes}
    if not wanted:
        return _nothing(facts, engine, ())
    try:
        chain = _with_rivals(rulebook, wanted)
        found = entitle(facts, rulebook, on=on, region=region, only=chain, engine=engine)
    except NothingCanRun as problem:
        return _nothing(facts, engine, tuple(SkippedRule(id_, problem.text) for id_ in sorted(wanted)))
    skipped = tuple(skip for skip in found.skipped if skip.rule_id in wanted)
    outcomes = [one for table in found.tables.values() for one in table.outcomes if one.programme.id in wanted]
    if not outcomes:
        return _nothing(facts, engine, skipped)
    columns = {one.programme.id: f"h_{place}" for place, one in enumerate(outcomes)}
    parts = [_part(table, columns) for table in found.tables.values()]
    sums = ", ".join(f"sum({column}) AS {column}" for column in columns.values())
    name = engine.table(
        facts,
        "held",
        f"SELECT household_id, {sums} FROM ({' UNION ALL '.join(part for part in parts if part)}) GROUP BY household_id",
    )
    assumed = frozenset(one.programme.id for one in outcomes if not one.is_seen)
    unknown = _unknown(found, wanted)
    for table in found.tables.values():
        engine.drop(facts, table.table)
    return Held(name, columns, assumed, unknown, skipped)


def _with_rivals(rulebook: Rulebook, wanted: set[str]) -> frozenset[str]:
    """The programmes, and all that the choice between them and their rivals hangs on."""
    excluded, reached, waiting = rivals(rulebook.programmes), set(wanted), list(wanted)
    while waiting:
        for other in excluded.get(waiting.pop(), ()):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return frozenset(reached)


def _part(table: LevelTable, columns: dict[str, str]) -> str:
    """SQL for household_id and all of `columns`, those of other levels' programmes empty; "" if none is of this level."""
    sums = {one.programme.id: f"sum({_money(one)})" for one in table.outcomes if one.programme.id in columns}
    if not sums:
        return ""
    listed = ", ".join(f"{sums.get(id_, 'CAST(NULL AS DOUBLE)')} AS {column}" for id_, column in columns.items())
    return f"SELECT household_id, {listed} FROM {table.table} GROUP BY household_id"


def _money(outcome: Outcome) -> str:
    if not outcome.is_seen:
        return outcome.amount
    had = f"coalesce({outcome.paid}, {outcome.amount}, 0)"
    return f"CASE WHEN {outcome.got} THEN {had} WHEN {outcome.got} IS NULL THEN {outcome.amount} END"


def _unknown(found: Entitlements, wanted: set[str]) -> dict[str, int]:
    unknown: dict[str, int] = {}
    for table in found.tables.values():
        outcomes = [one for one in table.outcomes if one.programme.id in wanted]
        counts = [f"count(*) FILTER (WHERE {_is_unknown(one)})" for one in outcomes]
        if counts:
            [row] = found.facts.connection.execute(f"SELECT {', '.join(counts)} FROM {table.table}").fetchall()
            unknown |= {one.programme.id: count for one, count in zip(outcomes, row, strict=True) if count}
    return unknown


def _is_unknown(outcome: Outcome) -> str:
    sql = f"{outcome.state} = {UNKNOWN}"
    return (
        f"{sql} OR ({outcome.got} AND {outcome.paid} IS NULL AND {outcome.amount} IS NULL)" if outcome.is_seen else sql
    )


def _nothing(facts: Facts, engine: Engine, skipped: tuple[SkippedRule, ...]) -> Held:
    return Held(
        engine.table(facts, "held", "SELECT CAST(NULL AS VARCHAR) AS household_id WHERE false"), skipped=skipped
    )
