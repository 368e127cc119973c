"""Cliff simulation: for each coming year, who falls below the monitoring line if programmes change or a shock strikes.

The base is each household's income of the last complete income year. The law as it stands (programmes end by their own
dates) and the scenario are computed side by side; both leave prices, members and behaviour as they are, and nothing is
assumed to answer: no new allowance is granted unless the scenario adds it. What it costs to hold a household at the line
is what such an answer would have to pay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb

from khotail.analysis.held import Held, held
from khotail.analysis.incomes import AMOUNTS, base_incomes
from khotail.analysis.scenario import Scenario, Shock, paid_unchanged
from khotail.engine.engines import IN_PROCESS, Engine
from khotail.engine.problems import NothingCanRun
from khotail.facts.sql import quoted
from khotail.facts.store import Facts
from khotail.rulebook.compile import Compiler, SkippedRule
from khotail.rulebook.parameters import Scope, literal
from khotail.rulebook.programmes import Programme
from khotail.texts import Text

LINE = "monitoring_line"
_DRAW = 1_000_000
#: What `_outcome` counts, in this order, before the programmes.
_COUNTED = (
    "households", "below_baseline", "below_scenario", "fall", "rise", "deeper", "struck", "cost_baseline_cny",
    "cost_scenario_cny",
)  # fmt: skip


@dataclass(frozen=True)
class YearOutcome:
    """One coming year: the law as it stands beside the scenario. Costs are CNY to hold everybody below at the line.

    fall, rise   households below the line in the scenario only, and in the law as it stands only
    deeper       households below the line in both, further in the scenario
    lost_cny     what the scenario pays less of (or, negative, more of) than the law as it stands, by programme
    """

    year: int
    households: int
    below_baseline: int
    below_scenario: int
    fall: int
    rise: int
    deeper: int
    struck: int
    cost_baseline_cny: float
    cost_scenario_cny: float
    lost_cny: dict[str, float]


@dataclass(frozen=True)
class Simulation:
    """What a simulation found. `rows` is SQL, one row per household and year that is or would be below the line.

    table      wide table in the facts' connection, a household a row
    left_out   what could not be computed: why, and how many
    assumed    programmes whose receipt the data do not tell: everybody entitled is taken to receive them
    skipped    programmes and shocks that could not be judged at all
    figures    SQL aggregates over `table` for each of `years`: a `YearOutcome` without its year and `lost_cny`, then what
               is paid less by each of `programmes`
    """

    facts: Facts
    scenario: Scenario
    on: date
    region: str
    years: tuple[YearOutcome, ...]
    table: str
    left_out: tuple[tuple[Text, int], ...]
    assumed: tuple[Programme, ...]
    skipped: tuple[SkippedRule, ...]
    figures: tuple[tuple[str, ...], ...]
    programmes: tuple[str, ...]

    @property
    def rows(self) -> str:
        """Columns: year, household_id, region_code, members, baseline_cny and scenario_cny (net income per person),
        line_cny, below_baseline, below_scenario, falls, gap_cny (below the line, per person), hold_cny (a year)."""
        return "\nUNION ALL\n".join(
            f"SELECT {year.year} AS year, household_id, region_code, members, base_{year.year} AS baseline_cny, "
            f"scn_{year.year} AS scenario_cny, line_{year.year} AS line_cny, "
            f"base_{year.year} < line_{year.year} AS below_baseline, scn_{year.year} < line_{year.year} AS below_scenario, "
            f"scn_{year.year} < line_{year.year} AND base_{year.year} >= line_{year.year} AS falls, "
            f"greatest(0, line_{year.year} - scn_{year.year}) AS gap_cny, "
            f"greatest(0, line_{year.year} - scn_{year.year}) * members AS hold_cny\n"
            f"FROM {self.table} WHERE least(base_{year.year}, scn_{year.year}) < line_{year.year}"
            for year in self.years
        )

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        return self.facts.connection.sql(self.rows)

    def arrow(self) -> Any:
        """The rows as a pyarrow.Table."""
        return self.relation.to_arrow_table()

    def villages(self) -> list[tuple[Any, ...]]:
        """Rows of (year, village code, fall, rise, below in the scenario, CNY to hold them), most falls first."""
        return self.facts.connection.execute(
            "SELECT year, region_code, count(*) FILTER (WHERE falls), "
            "count(*) FILTER (WHERE below_baseline AND NOT below_scenario), count(*) FILTER (WHERE below_scenario), "
            f"sum(hold_cny) FROM ({self.rows}) GROUP BY year, region_code ORDER BY year, 3 DESC, region_code"
        ).fetchall()

    def by_place(self, digits: int = 12) -> Iterator[tuple[str, YearOutcome]]:
        """Outcomes by the first `digits` of the region code, each place with all its years. They add up to `years`."""
        every = ", ".join(sql for figures in self.figures for sql in figures)
        width = len(_COUNTED) + len(self.programmes)
        rows = self.facts.connection.execute(
            f"SELECT coalesce(left(region_code, {digits}), '') AS place, {every} FROM {self.table} GROUP BY 1 ORDER BY 1"
        ).fetchall()
        for place, *figures in rows:
            for n, year in enumerate(self.years):
                yield place, _as_outcome(year.year, figures[n * width : (n + 1) * width], self.programmes)

    def falling(self, limit: int | None = None) -> list[tuple[Any, ...]]:
        """Households that fall in the scenario only: year, region, household, members, both incomes, line, gap, CNY."""
        return self.facts.connection.execute(
            "SELECT year, region_code, household_id, members, baseline_cny, scenario_cny, line_cny, gap_cny, hold_cny "
            f"FROM ({self.rows}) WHERE falls ORDER BY year, region_code, household_id"
            + (f" LIMIT {limit}" if limit is not None else "")
        ).fetchall()


def simulate(
    facts: Facts,
    scenario: Scenario,
    *,
    on: date,
    region: str = "",
    years: int = 5,
    engine: Engine = IN_PROCESS,
) -> Simulation:
    """Compute the coming `years` after `on` by the law as it stands and by the scenario.

    region   code prefix; "" means everywhere in `facts`
    engine   what runs the queries over the facts (see `khotail.engine.engines`)
    Raises   NothingCanRun if the data have no incomes or the rulebook no monitoring line.
    """
    coming = tuple(range(on.year + 1, on.year + 1 + years))
    law = scenario.rulebook
    if LINE not in law.parameters:
        raise NothingCanRun(zh=f"规则库没有参数 {LINE}", en=f"the rulebook has no parameter {LINE}")
    incomes = base_incomes(facts, on, region, engine)
    now, later = _concerned(scenario, on, coming)
    present = held(facts, law, now, on, region, engine)
    coming_in = [held(facts, law, [programme], max(programme.since, on), region, engine) for programme in later]
    shocks, hits, skipped = _hits(facts, scenario, on, region, engine)
    tables = [present, *coming_in]
    by_id = {programme.id: programme for programme in (*now, *later)}
    new = {programme.id for programme in later}
    amounts = [
        (by_id[id_], column, id_ in new, f"held_{n}")
        for n, one in enumerate(tables)
        for id_, column in one.columns.items()
    ]
    columns = list(
        _year_columns(scenario, law_scope=Scope(law, on, region), coming=coming, amounts=amounts, shocks=shocks)
    )
    joins = "".join(
        f"\nLEFT JOIN {one.table} AS held_{n} ON held_{n}.household_id = base.household_id"
        for n, one in enumerate(tables)
    )
    joins += f"\nLEFT JOIN {hits} AS hit ON hit.household_id = base.household_id" if hits else ""
    kept = [f"coalesce({alias}.{column}, 0) AS {alias}_{column}" for _, column, _, alias in amounts]
    struck = [f"coalesce(hit.shock_{n}, false) AS shock_{n}" for n in range(len(shocks))]
    name = engine.table(
        facts,
        "simulated",
        f"SELECT household_id, region_code, members, has_components, {', '.join(columns)}"
        f"{''.join(f', {alias}_{column}' for _, column, _, alias in amounts)}"
        f"{''.join(f', shock_{n}' for n in range(len(shocks)))}\nFROM (\n"
        f"SELECT {', '.join(['base.*', *kept, *struck])}\nFROM {incomes.table} AS base{joins}\n)",
    )
    figures = tuple(_figures(scenario, year, amounts, shocks) for year in coming)
    programmes = tuple(programme.id for programme, *_ in amounts)
    outcomes = tuple(_outcome(facts, name, *each, programmes) for each in zip(coming, figures, strict=True))
    left_out = [*incomes.left_out, *_left_out(facts, name, coming, tables, by_id, shocks)]
    assumed = tuple(by_id[id_] for one in tables for id_ in sorted(one.assumed))
    skipped += [skip for one in tables for skip in one.skipped]
    return Simulation(
        facts, scenario, on, region, outcomes, name, tuple(left_out), assumed, tuple(skipped), figures, programmes
    )


def _concerned(scenario: Scenario, on: date, coming: tuple[int, ...]) -> tuple[list[Programme], list[Programme]]:
    """Programmes in force on the day of which something changes in the coming years, and those that begin in them."""
    now, later = [], []
    for programme in scenario.rulebook.programmes.values():
        shares = [*(share for year in coming for share in scenario.paid(programme, year).values())]
        shares += [paid_unchanged(programme, year) for year in coming]
        if programme.since > on or programme.id in scenario.added:
            if any(shares):
                later.append(programme)
        elif programme.holds_on(on) and any(share != 1 for share in shares):
            now.append(programme)
    return now, later


_Amount = tuple[Programme, str, bool, str]


def _year_columns(
    scenario: Scenario, *, law_scope: Scope, coming: tuple[int, ...], amounts: list[_Amount], shocks: list[Shock]
) -> Iterator[str]:
    """SQL for base_YEAR, scn_YEAR (net income per person) and line_YEAR."""
    for year in coming:
        base, changed = [], []
        for programme, column, is_new, alias in amounts:
            if programme.counts_as == "nothing":
                continue
            had = 0.0 if is_new else 1.0
            unchanged = 0.0 if programme.id in scenario.added else paid_unchanged(programme, year)
            base.append(f"{alias}_{column} * {literal(unchanged - had)}")
            changed.append(f"{alias}_{column} * ({_paid_sql(scenario, programme, year)} - {literal(had)})")
        net = _net({})
        struck = _net({name: _factor(shocks, name, year) for name in AMOUNTS})
        yield f"({' + '.join([net, *base])}) / members AS base_{year}"
        yield f"({' + '.join([struck, *changed])}) / members AS scn_{year}"
        line = replace(law_scope, as_of=date(year, 12, 31)).sql_of(LINE)
        yield f"CAST({line} AS DOUBLE) AS line_{year}"


def _net(factors: dict[str, str]) -> str:
    """SQL for net income. Without components, only what is known of it as a whole."""
    parts = [f"{'-' if name == 'cost' else '+'} {name}{factors.get(name) or ''}" for name in AMOUNTS]
    return f"(CASE WHEN has_components THEN 0 {' '.join(parts)} ELSE net END)"


def _factor(shocks: list[Shock], component: str, year: int) -> str:
    factors = ""
    for n, shock in enumerate(shocks):
        effect = (shock.factors.get(component, 1.0) - 1) * shock.weight(year)
        if effect:
            factors += f" * (CASE WHEN shock_{n} THEN {literal(1 + effect)} ELSE 1 END)"
    return factors


def _paid_sql(scenario: Scenario, programme: Programme, year: int) -> str:
    """SQL for the share of the year's amount that the scenario pays where the household lives."""
    shares = scenario.paid(programme, year)
    branches = [
        f"WHEN starts_with(region_code, {quoted(region)}) THEN {literal(share)}"
        for region, share in shares.items()
        if region
    ]
    everywhere = literal(shares.get("", 1.0))
    return f"(CASE {' '.join(branches)} ELSE {everywhere} END)" if branches else everywhere


def _hits(
    facts: Facts, scenario: Scenario, on: date, region: str, engine: Engine
) -> tuple[list[Shock], str, list[SkippedRule]]:
    """The shocks that can be computed, a table of the households that each strikes, and the shocks that cannot."""
    compiler = Compiler(Scope(scenario.rulebook, on, region), facts.tables)
    able, skipped = [], []
    for shock in scenario.shocks:
        reason = compiler.missing("household", shock.who.columns, shock.who.parameters) if shock.who else None
        if reason:
            skipped.append(SkippedRule(shock.id, reason))
        else:
            able.append(shock)
    if not able:
        return [], "", skipped
    frames = compiler.frames()
    names = [name for shock in able if shock.who for name in shock.who.columns]
    frame = frames.build("household", ["household_id", "region_code", *names], scoped=True)
    columns = []
    for n, shock in enumerate(able):
        drawn = f"md5_number_lower(household_id || {quoted('|' + shock.id)}) % {_DRAW} < {round(shock.share * _DRAW)}"
        who = f" AND ({frames.filled('household', shock.who)})" if shock.who else ""
        columns.append(
            f"coalesce({drawn} AND starts_with(region_code, {quoted(shock.region)}){who}, false) AS shock_{n}"
        )
    query = f"{frames.with_clause()}\nSELECT household_id, {', '.join(columns)} FROM {frame}"
    return able, engine.table(facts, "struck", query), skipped


def _figures(scenario: Scenario, year: int, amounts: list[_Amount], shocks: list[Shock]) -> tuple[str, ...]:
    """SQL of what is counted in a year: `_COUNTED`, then what each programme pays less."""
    base, scn, line = f"base_{year}", f"scn_{year}", f"line_{year}"
    acting = [f"shock_{n}" for n, shock in enumerate(shocks) if shock.weight(year)]
    figures = [
        f"count(*) FILTER (WHERE {line} IS NOT NULL)",
        f"count(*) FILTER (WHERE {base} < {line})",
        f"count(*) FILTER (WHERE {scn} < {line})",
        f"count(*) FILTER (WHERE {scn} < {line} AND {base} >= {line})",
        f"count(*) FILTER (WHERE {base} < {line} AND {scn} >= {line})",
        f"count(*) FILTER (WHERE {base} < {line} AND {scn} < {base})",
        f"count(*) FILTER (WHERE {' OR '.join(acting) or 'false'})",
        f"coalesce(sum(greatest(0, {line} - {base}) * members), 0)",
        f"coalesce(sum(greatest(0, {line} - {scn}) * members), 0)",
    ]
    for programme, column, _, alias in amounts:
        unchanged = 0.0 if programme.id in scenario.added else paid_unchanged(programme, year)
        paid = _paid_sql(scenario, programme, year)
        figures.append(f"coalesce(sum({alias}_{column} * ({literal(unchanged)} - {paid})), 0)")
    return tuple(figures)


def _outcome(facts: Facts, table: str, year: int, figures: tuple[str, ...], programmes: tuple[str, ...]) -> YearOutcome:
    [row] = facts.connection.execute(f"SELECT {', '.join(figures)} FROM {table}").fetchall()
    return _as_outcome(year, row, programmes)


def _as_outcome(year: int, row: Sequence[Any], programmes: tuple[str, ...]) -> YearOutcome:
    counts = dict(zip(_COUNTED, row, strict=False))
    lost = dict(zip(programmes, row[len(_COUNTED) :], strict=True))
    return YearOutcome(year=year, lost_cny=lost, **counts)


def _left_out(
    facts: Facts,
    table: str,
    coming: tuple[int, ...],
    tables: list[Held],
    by_id: dict[str, Programme],
    shocks: list[Shock],
) -> Iterator[tuple[Text, int]]:
    [(no_line,)] = facts.connection.execute(f"SELECT count(*) FROM {table} WHERE line_{coming[-1]} IS NULL").fetchall()
    if no_line:
        yield Text("当地没有监测线", "no monitoring line where they live"), no_line
    for one in tables:
        for id_, count in one.unknown.items():
            name = by_id[id_].name
            yield Text(f"“{name.zh}”的金额不清楚", f"the amount of “{name.en}” is not known"), count
    if shocks:
        struck = " OR ".join(f"shock_{n}" for n in range(len(shocks)))
        [(blunt,)] = facts.connection.execute(
            f"SELECT count(*) FROM {table} WHERE ({struck}) AND NOT has_components"
        ).fetchall()
        if blunt:
            yield (
                Text("收入没有分项，无法计算冲击", "income without components, on which a shock cannot be computed"),
                blunt,
            )
