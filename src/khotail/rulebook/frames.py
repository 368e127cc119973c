"""Frames: one row per subject of a level, with the fact columns and indicators that the rules need and no others.

A frame is a chain of common table expressions: the level's facts, the frame of the level above, one grouped aggregate
per child table, and then the scalar indicators in the order in which they read one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from khotail.facts.schema import LEVEL_TABLES
from khotail.rulebook.elapsed import with_days_for_years, with_quick_years
from khotail.rulebook.expressions import Expression
from khotail.rulebook.model import PARENTS, Indicator
from khotail.rulebook.names import KEYS, LEVEL_OF_TABLE, Meaning, group_key, meaning
from khotail.rulebook.parameters import REGION_COLUMN, Scope, literal


@dataclass
class Frames:
    """Builds frames for one run and keeps the common table expressions they need.

    given     indicators whose value the facts may state outright, by level: used by worked examples, where the table
              has the columns `given__NAME` and `has__NAME`
    isolate   a column of every level's table that separates worked examples from one another
    """

    scope: Scope
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    isolate: str = ""
    ctes: dict[str, str] = field(default_factory=dict)
    _read_twice: set[str] = field(default_factory=set)
    _built: dict[tuple[str, frozenset[str], bool, str], str] = field(default_factory=dict)
    _definitions: dict[tuple[str, str], str] = field(default_factory=dict)

    def build(self, level: str, names: Iterable[str], *, scoped: bool, sieve: str = "") -> str:
        """The name of a frame of `level` that has `names`. `scoped` keeps only subjects inside the run's region.

        `sieve` is a condition on the frame's only aggregates, false where there is nothing to aggregate: subjects that
        it excludes are left out before the aggregates are joined.
        """
        wanted = _Wanted(level)
        for name in names:
            self._want(wanted, name)
        if REGION_COLUMN not in wanted.facts and (scoped or wanted.regional):
            self._want(wanted, REGION_COLUMN)
        key = (level, wanted.signature(), scoped, sieve)
        if key not in self._built:
            self._built[key] = self._create(wanted, scoped, sieve)
        return self._built[key]

    def with_clause(self) -> str:
        return "WITH " + ",\n".join(
            f"{name} AS {'MATERIALIZED ' if name in self._read_twice else ''}(\n{sql}\n)"
            for name, sql in self.ctes.items()
        )

    def filled(self, level: str, expression: Expression) -> str:
        """SQL for an expression that is computed on a frame of `level`."""
        sql = self.scope.fill(expression)
        for name in expression.columns:
            sql = with_days_for_years(sql, name, self._definition(level, name))
        return with_quick_years(sql)

    def _definition(self, level: str, name: str) -> str:
        """What a scalar indicator of this very level is computed by; empty if `name` is nothing of the kind."""
        if (level, name) not in self._definitions:
            indicator = self.scope.rulebook.indicators.get((level, name))
            is_computed = indicator and indicator.over is None and name not in self.given.get(level, ())
            self._definitions[level, name] = self.scope.fill(indicator.expression) if indicator and is_computed else ""
        return self._definitions[level, name]

    def _want(self, wanted: _Wanted, name: str) -> None:
        """Put `name`, and all that it reads on this level, into `wanted` in the order of computation."""
        found = self._meaning(wanted.level, name)
        if found.owner != wanted.level:
            wanted.inherited[name] = None
        elif found.indicator is None:
            wanted.facts[name] = None
        elif name not in wanted.indicators:
            self._want_indicator(wanted, found.indicator)

    def _want_indicator(self, wanted: _Wanted, indicator: Indicator) -> None:
        depth = 0
        if indicator.over is None:
            for name in indicator.expression.columns:
                self._want(wanted, name)
                depth = max(depth, wanted.indicators.get(name, (0, None))[0])
            wanted.regional = wanted.regional or self.scope.needs_region(indicator.expression)
            depth += 1
        elif indicator.by:
            self._want(wanted, indicator.by)
        wanted.indicators[indicator.id] = (depth, indicator)

    def _meaning(self, level: str, name: str) -> Meaning:
        found = meaning(self.scope.rulebook, level, name)
        if found is None:
            raise KeyError(f"{level}.{name}")
        return found

    def _create(self, wanted: _Wanted, scoped: bool, sieve: str) -> str:
        level = wanted.level
        table = LEVEL_TABLES[level].name
        parent = PARENTS[level]
        aggregates = self._aggregates(wanted, sieve)
        joined = [f"FROM {table} AS own"]
        inherited = list(wanted.inherited)
        if parent and inherited:
            frame = self.build(parent, inherited, scoped=scoped)
            keys = KEYS[parent]
            join = "JOIN" if scoped and self.scope.region else "LEFT JOIN"
            joined.append(f"{join} {frame} AS above ON {_same(keys, 'own', 'above')}")
        selected = [f"own.{name}" for name in dict.fromkeys((*KEYS[level], *self._isolating(), *wanted.facts))]
        selected += [f"above.{name}" for name in inherited if name not in KEYS[level]]
        for number, (cte, key, indicators) in enumerate(aggregates):
            alias = f"rows_{number}"
            joined.append(f"{'JOIN' if sieve else 'LEFT JOIN'} {cte} AS {alias} ON {_same(key, 'own', alias)}")
            for indicator in indicators:
                value = _or_empty(f"{alias}.{indicator.id}", indicator)
                selected.append(f"{self._or_given(level, indicator.id, value, 'own.')} AS {indicator.id}")
        stated = [name for name in wanted.scalars() if name in self.given.get(level, ())]
        selected += [f"own.given__{name}, own.has__{name}" for name in stated]
        sql = "SELECT " + ", ".join(selected) + "\n" + "\n".join(joined)
        conditions = self._conditions(level, own_region=not (parent and inherited)) if scoped else []
        if conditions:
            sql += "\nWHERE " + " AND ".join(conditions)
        for depth in wanted.depths():
            computed = [
                f"{self._or_given(level, indicator.id, self.filled(level, indicator.expression), '')} AS {indicator.id}"
                for indicator in wanted.at_depth(depth)
            ]
            sql = f"SELECT *, {', '.join(computed)}\nFROM (\n{sql}\n)"
        return self.add(level, sql)

    def _conditions(self, level: str, *, own_region: bool) -> list[str]:
        """What keeps a frame inside the scope. A region is filtered once, on the level that carries it."""
        conditions = []
        if self.scope.region and own_region:
            conditions.append(f"starts_with(own.{REGION_COLUMN}, {literal(self.scope.region)})")
        if self.scope.household and "household_id" in KEYS[level]:
            conditions.append(f"own.household_id = {literal(self.scope.household)}")
        return conditions

    def _aggregates(self, wanted: _Wanted, sieve: str) -> list[tuple[str, tuple[str, ...], list[Indicator]]]:
        """One grouped expression per child table and key: its name, its key, the indicators in it."""
        groups: dict[tuple[str, tuple[str, ...]], list[Indicator]] = {}
        for _, indicator in wanted.indicators.values():
            if indicator.over:
                groups.setdefault((indicator.over, group_key(indicator)), []).append(indicator)
        found = []
        for (table, key), indicators in groups.items():
            isolating = self._isolating() if indicators[0].by else ()
            source = self._rows(table, key, indicators)
            level = LEVEL_OF_TABLE.get(table, "")
            columns = ", ".join(f"{self.filled(level, i.expression)} AS {i.id}" for i in indicators)
            keys = ", ".join((*key, *isolating))
            conditions = [f"{name} IS NOT NULL" for name in key]
            if self.scope.household and "household_id" in key:
                conditions.append(f"household_id = {literal(self.scope.household)}")
            sql = f"SELECT {keys}, {columns}\nFROM {source}\nWHERE {' AND '.join(conditions)}\nGROUP BY {keys}"
            if sieve:
                values = ", ".join(
                    f"{_or_empty(indicator.id, indicator)} AS {indicator.id}" for indicator in indicators
                )
                sql = f"SELECT * FROM (\nSELECT {keys}, {values}\nFROM (\n{sql}\n)\n)\nWHERE {sieve}"
            found.append((self.add(f"{wanted.level}_{table}", sql), (*key, *isolating), indicators))
        return found

    def _rows(self, table: str, key: tuple[str, ...], indicators: list[Indicator]) -> str:
        names = {name for indicator in indicators for name in indicator.expression.columns}
        regional = any(self.scope.needs_region(indicator.expression) for indicator in indicators)
        if table in LEVEL_OF_TABLE:
            region = {REGION_COLUMN} if regional else set()
            return self.build(LEVEL_OF_TABLE[table], sorted(names | set(key) | region), scoped=False)
        if regional or REGION_COLUMN in key:
            return (
                f"(SELECT own.*, h.{REGION_COLUMN} FROM {table} AS own "
                f"LEFT JOIN households AS h ON own.household_id = h.household_id)"
            )
        return table

    def _or_given(self, level: str, name: str, sql: str, prefix: str) -> str:
        if name not in self.given.get(level, ()):
            return sql
        return f"CASE WHEN {prefix}has__{name} THEN {prefix}given__{name} ELSE {sql} END"

    def _isolating(self) -> tuple[str, ...]:
        return (self.isolate,) if self.isolate else ()

    def add(self, stem: str, sql: str, *, read_twice: bool = False) -> str:
        """Keep a common table expression, and tell its name. One that is read twice is computed once all the same."""
        name = f"{stem}_{len(self.ctes)}"
        self.ctes[name] = sql
        if read_twice:
            self._read_twice.add(name)
        return name


@dataclass
class _Wanted:
    """What one frame needs: its own facts, columns of the level above, and indicators with their depth."""

    level: str
    facts: dict[str, None] = field(default_factory=dict)
    inherited: dict[str, None] = field(default_factory=dict)
    indicators: dict[str, tuple[int, Indicator]] = field(default_factory=dict)
    regional: bool = False

    def signature(self) -> frozenset[str]:
        return frozenset((*self.facts, *self.inherited, *self.indicators))

    def scalars(self) -> list[str]:
        return [name for name, (depth, _) in self.indicators.items() if depth]

    def depths(self) -> list[int]:
        return sorted({depth for depth, _ in self.indicators.values() if depth})

    def at_depth(self, depth: int) -> list[Indicator]:
        return [indicator for own, indicator in self.indicators.values() if own == depth]


def _or_empty(value: str, indicator: Indicator) -> str:
    return value if indicator.empty is None else f"coalesce({value}, {literal(indicator.empty)})"


def _same(keys: Iterable[str], left: str, right: str) -> str:
    return " AND ".join(f"{left}.{key} = {right}.{key}" for key in keys)
