"""What households and persons are entitled to, receive and miss: counts by programme, the missed in words, one household."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

import duckdb

from khotail.engine.findings import ParameterUsed, parameter_used
from khotail.facts.masking import masked_value
from khotail.facts.running import stoppable
from khotail.facts.store import Facts
from khotail.rulebook.compile import Compiler, SkippedRule
from khotail.rulebook.entitlement import (
    ENTITLED,
    GIVEN_UP,
    UNKNOWN,
    WITHDRAWING,
    EntitlementCompiler,
    Outcome,
    long_rows,
)
from khotail.rulebook.explain import fill
from khotail.rulebook.model import Rulebook
from khotail.rulebook.parameters import Scope
from khotail.rulebook.programmes import Programme
from khotail.texts import Language, Text

_BATCH = 10_000
_NOTHING = (
    "SELECT '' AS level, '' AS programme_id, '' AS state, '' AS subject_id, '' AS household_id, '' AS person_id, "
    "'' AS region_code, 0.0 AS amount_cny, false AS received, 0.0 AS received_cny, false AS missed WHERE false"
)


@dataclass(frozen=True)
class LevelTable:
    """The outcome of one level: a wide table (see `khotail.rulebook.entitlement`), and how to read it."""

    level: str
    table: str
    outcomes: tuple[Outcome, ...]

    @property
    def programmes(self) -> tuple[Programme, ...]:
        return tuple(outcome.programme for outcome in self.outcomes)


@dataclass(frozen=True)
class ProgrammeCount:
    """One programme over all subjects; money in CNY a year. `is_seen`: the data tell who receives it."""

    programme: Programme
    is_seen: bool
    entitled: int
    amount_cny: float
    received: int
    received_cny: float
    missed: int
    missed_cny: float
    unknown: int
    given_up: int
    withdrawing: int
    received_unentitled: int


class MissedText(TypedDict):
    """A missed entitlement in words."""

    level: str
    programme_id: str
    household_id: str
    person_id: str | None
    region_code: str | None
    amount_cny: float
    text: str
    mend: str


@dataclass(frozen=True)
class ExplainedEntitlement:
    """One programme for one subject, and why. `state` as in `khotail.rulebook.entitlement.STATES`."""

    programme: Programme
    subject_id: str
    person_id: str | None
    state: str
    amount_cny: float | None
    received: bool | None
    received_cny: float | None
    missed: bool
    text: Text
    values: dict[str, str | None]
    parameters: tuple[ParameterUsed, ...]


@dataclass(frozen=True)
class Entitlements:
    """What a run found. `rows` is SQL for one row per subject and programme that says anything.

    tables    level → its wide table in the facts' connection
    subjects  level → how many subjects were judged
    skipped   programmes that could not be judged on these data, with the reason
    """

    facts: Facts
    rulebook: Rulebook
    on: date
    region: str
    household: str
    tables: dict[str, LevelTable]
    subjects: dict[str, int]
    skipped: tuple[SkippedRule, ...]

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """The programmes that were judged."""
        return tuple(programme for table in self.tables.values() for programme in table.programmes)

    @property
    def rows(self) -> str:
        """SQL; its columns are described at `khotail.rulebook.entitlement.long_rows`."""
        levels = [long_rows(table.level, table.outcomes, table.table) for table in self.tables.values()]
        return "\nUNION ALL\n".join(levels) if levels else _NOTHING

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        return self.facts.connection.sql(self.rows)

    def arrow(self) -> Any:
        """The rows as a pyarrow.Table."""
        return self.relation.to_arrow_table()

    def polars(self) -> Any:
        """The rows as a Polars frame (needs `polars`)."""
        import polars

        return polars.from_arrow(self.arrow())

    def pandas(self) -> Any:
        """The rows as a pandas frame (needs `pandas`)."""
        return self.arrow().to_pandas()

    def missed(self) -> int:
        """How many entitlements are seen to be missed."""
        return sum(count.missed for count in self.counts())

    def households_missing(self) -> int:
        """How many households miss at least one."""
        return int(self._rows(f"SELECT count(DISTINCT household_id) FROM ({self.rows}) WHERE missed")[0][0])

    def counts(self) -> list[ProgrammeCount]:
        """One line per programme that was judged, in the order of the catalogue."""
        counts = [count for table in self.tables.values() for count in self._counts(table)]
        return sorted(counts, key=lambda count: count.programme.order)

    def _counts(self, table: LevelTable) -> Iterator[ProgrammeCount]:
        figures = [figure for outcome in table.outcomes for figure in _figures(outcome)]
        row = self._rows(f"SELECT {', '.join(figures)} FROM {table.table}")[0]
        width = len(row) // len(table.outcomes)
        for n, outcome in enumerate(table.outcomes):
            yield ProgrammeCount(outcome.programme, outcome.is_seen, *row[n * width : (n + 1) * width])

    def missed_by(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of (value, missed, households, CNY a year), most missed first. `sql` is never a stranger's text."""
        return self._rows(
            f"SELECT {sql} AS value, count(*) AS missed, count(DISTINCT household_id), sum(amount_cny) "
            f"FROM ({self.rows}) WHERE missed GROUP BY value ORDER BY missed DESC, value"
        )

    def missed_texts(self, language: Language, *, masked: bool = False) -> Iterator[MissedText]:
        """Every missed entitlement in words, by region, household, person and programme.

        masked  hide ID, phone and bank numbers, which a sentence may quote
        """
        chosen = [self._reasons(table, "missed") for table in self.tables.values()]
        if not chosen:
            return
        cursor = stoppable(self.facts.connection.cursor())
        cursor.execute(
            "SELECT level, programme_id, household_id, person_id, region_code, amount_cny, values FROM "
            f"({' UNION ALL '.join(f'({sql})' for sql in chosen)}) "
            "ORDER BY region_code, household_id, person_id NULLS FIRST, programme_id"
        )
        while rows := cursor.fetchmany(_BATCH):
            for level, id_, household, person, region, amount, values in rows:
                programme = self.rulebook.programmes[id_]
                if masked:
                    values = {name: masked_value(name, value) for name, value in values.items()}
                yield MissedText(
                    level=level,
                    programme_id=id_,
                    household_id=household,
                    person_id=person,
                    region_code=region,
                    amount_cny=amount,
                    text=fill(programme.because, values, language),
                    mend=fill(programme.mend, values, language),
                )

    def explanations(self, household_id: str) -> list[ExplainedEntitlement]:
        """Everything that a household and its members are entitled to, receive or may be entitled to, with the why."""
        found = []
        chosen = f"household_id = '{household_id.replace(chr(39), chr(39) * 2)}'"
        for table in self.tables.values():
            rows = self._rows(
                "SELECT programme_id, subject_id, person_id, region_code, state, amount_cny, received, received_cny, "
                f"missed, values FROM ({self._reasons(table, chosen)})"
            )
            found += [self._explanation(*row) for row in rows]
        return sorted(found, key=lambda one: (one.programme.order, one.subject_id))

    def with_reasons(self, condition: str = "true") -> str:
        """SQL for the rows that a condition on their columns chooses, each with `values`: what its sentence names.

        `condition` is never a stranger's text. Columns otherwise as in `rows`; none at all if nothing was judged.
        """
        chosen = [f"({self._reasons(table, condition)})" for table in self.tables.values()]
        return " UNION ALL ".join(chosen) or f"SELECT *, MAP([]::VARCHAR[], []::VARCHAR[]) AS values FROM ({_NOTHING})"

    def _explanation(
        self, id_: str, subject_id: str, person_id: str | None, region: str | None, *rest: Any
    ) -> ExplainedEntitlement:
        state, amount, received, received_cny, missed, values = rest
        programme = self.rulebook.programmes[id_]
        text = Text(fill(programme.because, values, "zh"), fill(programme.because, values, "en"))
        used = tuple(
            parameter_used(self.rulebook, name[1:], values[name], self.on, region or "")
            for name in values
            if name.startswith(":")
        )
        return ExplainedEntitlement(
            programme, subject_id, person_id, state, amount, received, received_cny, missed, text, values, used
        )

    def _reasons(self, table: LevelTable, condition: str) -> str:
        scope = Scope(self.rulebook, self.on, self.region, self.household)
        compiler = EntitlementCompiler(Compiler(scope, self.facts.tables))
        rows = f"SELECT * FROM ({long_rows(table.level, table.outcomes, table.table)}) WHERE {condition}"
        return compiler.reasons(table.level, table.programmes, rows)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.facts.connection.execute(sql).fetchall()


def _figures(outcome: Outcome) -> Iterator[str]:
    """SQL for what `ProgrammeCount` counts. What cannot be is not looked for: these are most of the work of a count."""
    state, amount, got = outcome.state, outcome.amount, outcome.got
    due = f"{state} IN ({ENTITLED}, {WITHDRAWING})"
    yield f"count(*) FILTER (WHERE {due})"
    yield f"coalesce(sum({amount}), 0)"
    if outcome.is_seen:
        missed = f"{due} AND {got} IS FALSE"
        yield f"count(*) FILTER (WHERE {got})"
        yield f"coalesce(sum({outcome.paid}) FILTER (WHERE {got}), 0)"
        yield f"count(*) FILTER (WHERE {missed})"
        yield f"coalesce(sum({amount}) FILTER (WHERE {missed}), 0)"
    else:
        yield from ("0", "CAST(0 AS DOUBLE)", "0", "CAST(0 AS DOUBLE)")
    yield f"count(*) FILTER (WHERE {state} = {UNKNOWN})"
    yield f"count(*) FILTER (WHERE {state} = {GIVEN_UP})"
    yield f"count(*) FILTER (WHERE {state} = {WITHDRAWING})" if outcome.programme.withdrawal else "0"
    if outcome.is_seen:
        yield f"count(*) FILTER (WHERE {got} AND {state} NOT IN ({ENTITLED}, {WITHDRAWING}, {UNKNOWN}))"
    else:
        yield "0"
