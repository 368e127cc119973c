"""What hangs on a programme: the money that households have of it, in CNY a year.

Where the data tell who receives it, that is what they receive, or what is due to those who receive it where no amount is
recorded. Where the data do not tell, everybody entitled is taken to receive it, and the programme is named as assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from khotail.engine import entitle
from khotail.engine.entitlements import Entitlements, LevelTable
from khotail.engine.problems import NothingCanRun
from khotail.facts.store import Facts
from khotail.rulebook.compile import SkippedRule
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


def held(facts: Facts, rulebook: Rulebook, programmes: Iterable[Programme], on: date, region: str) -> Held:
    """What households have of some programmes on a day, conflicts with others resolved first."""
    wanted = {programme.id for programme in programmes}
    name = facts.new_name("held")
    try:
        found = entitle(facts, rulebook, on=on, region=region, only=_with_rivals(rulebook, wanted)) if wanted else None
    except NothingCanRun as problem:
        return _nothing(facts, name, tuple(SkippedRule(id_, problem.text) for id_ in sorted(wanted)))
    if found is None:
        return _nothing(facts, name, ())
    skipped = tuple(skip for skip in found.skipped if skip.rule_id in wanted)
    chosen = [
        (table, n, programme)
        for table in found.tables.values()
        for n, programme in enumerate(table.programmes)
        if programme.id in wanted
    ]
    if not chosen:
        return _nothing(facts, name, skipped)
    columns = {programme.id: f"h_{place}" for place, (_, _, programme) in enumerate(chosen)}
    parts = [_part(table, columns) for table in found.tables.values()]
    sums = ", ".join(f"sum({column}) AS {column}" for column in columns.values())
    facts.connection.execute(
        f"CREATE TABLE {name} AS SELECT household_id, {sums} FROM "
        f"({' UNION ALL BY NAME '.join(part for part in parts if part)}) GROUP BY household_id"
    )
    assumed = frozenset(programme.id for table, _, programme in chosen if programme.id in table.unseen)
    return Held(name, columns, assumed, _unknown(found, wanted), skipped)


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
    """SQL for household_id and the money of this level's programmes."""
    sums = [
        f"sum(CASE WHEN got_{n} THEN coalesce(paid_{n}, amount_{n}, 0) "
        f"WHEN got_{n} IS NULL THEN amount_{n} END) AS {columns[programme.id]}"
        for n, programme in enumerate(table.programmes)
        if programme.id in columns
    ]
    return f"SELECT household_id, {', '.join(sums)} FROM {table.table} GROUP BY household_id" if sums else ""


def _unknown(found: Entitlements, wanted: set[str]) -> dict[str, int]:
    unknown = {count.programme.id: count.unknown for count in found.counts() if count.programme.id in wanted}
    for table in found.tables.values():
        for n, programme in enumerate(table.programmes):
            if programme.id in wanted:
                [(more,)] = found.facts.connection.execute(
                    f"SELECT count(*) FROM {table.table} "
                    f"WHERE got_{n} AND paid_{n} IS NULL AND amount_{n} IS NULL AND state_{n} <> 2"
                ).fetchall()
                unknown[programme.id] += more
    return {id_: count for id_, count in unknown.items() if count}


def _nothing(facts: Facts, name: str, skipped: tuple[SkippedRule, ...]) -> Held:
    facts.connection.execute(f"CREATE TABLE {name} (household_id VARCHAR)")
    return Held(name, skipped=skipped)
