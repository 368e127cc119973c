"""The numbers of a report, counted in DuckDB from the findings and the households.

Everything is counted by village first; townships, banners and the whole are sums of villages, so that every level
adds up. A household is *watched* if it is in the register under the report's region, and *warned* if at least one
signal holds for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from khotail.engine import Findings
from khotail.facts.store import Facts
from khotail.report.names import NOT_MONITORED, UNKNOWN_VILLAGE, category_name
from khotail.texts import Text

#: Digits of a region code by level: province, league, banner, township, village.
LEVEL_DIGITS = (2, 4, 6, 9, 12)
#: More villages than this are left out of a page; it then ends at the township.
VILLAGES_ON_PAGE = 3_000


@dataclass(slots=True)
class Area:
    """A village or a region above it, with what was counted there. `digits` is the length of its code prefix."""

    code: str
    digits: int
    name: str
    households: int = 0
    warned: int = 0
    unmonitored: int = 0
    problem_households: int = 0
    problems: int = 0
    children: list[Area] = field(default_factory=list)

    @property
    def share(self) -> float | None:
        """Share of households warned, 0 to 1; None where no household is watched."""
        return self.warned / self.households if self.households else None

    def add(self, village: Area) -> None:
        self.households += village.households
        self.warned += village.warned
        self.unmonitored += village.unmonitored
        self.problem_households += village.problem_households
        self.problems += village.problems


@dataclass(frozen=True, slots=True)
class Count:
    """How many households (or findings) carry one value; `share` of the whole that the table is about, 0 to 1."""

    key: str
    name: Text
    count: int
    share: float
    unmonitored: int = 0


@dataclass(frozen=True, slots=True)
class RuleCount:
    rule_id: str
    findings: int
    households: int


class Counter:
    """Counts over the findings of one report; `audit` or `screening` may be missing."""

    def __init__(self, facts: Facts, *, audit: Findings | None, screening: Findings | None, region: str) -> None:
        self._connection = facts.connection
        self._tables = facts.tables
        self._findings = {"audit": audit, "screening": screening}
        self._region = next((region[:digits] for digits in LEVEL_DIGITS if not region[digits:].strip("0")), region)

    def villages(self) -> list[tuple[Any, ...]]:
        """Rows of (region_code, township, village, households, warned, unmonitored, problem households, problems)."""
        return self._rows(
            f"""
            WITH homes AS ({self._homes()}),
            warned AS (SELECT DISTINCT household_id FROM {self._source("screening")} WHERE household_id IS NOT NULL),
            problems AS (SELECT household_id, count(*) AS found FROM {self._source("audit")}
                         WHERE household_id IS NOT NULL GROUP BY household_id),
            by_village AS (
                SELECT coalesce(homes.region_code, '') AS code,
                       any_value(homes.township_name) AS township, any_value(homes.village_name) AS village,
                       count(*) AS households, count(warned.household_id) AS warned,
                       count(*) FILTER (WHERE warned.household_id IS NOT NULL AND homes.monitored_type IS NULL)
                           AS unmonitored,
                       count(problems.household_id) AS problem_households,
                       coalesce(sum(problems.found), 0)::BIGINT AS problems
                FROM homes LEFT JOIN warned USING (household_id) LEFT JOIN problems USING (household_id)
                GROUP BY ALL),
            elsewhere AS (
                SELECT coalesce(region_code, '') AS code, count(*) AS problems FROM {self._source("audit")}
                WHERE household_id IS NULL OR household_id NOT IN (SELECT household_id FROM homes) GROUP BY ALL)
            SELECT coalesce(by_village.code, elsewhere.code), township, village, coalesce(households, 0),
                   coalesce(warned, 0), coalesce(unmonitored, 0), coalesce(problem_households, 0),
                   coalesce(by_village.problems, 0) + coalesce(elsewhere.problems, 0)
            FROM by_village FULL JOIN elsewhere ON by_village.code = elsewhere.code
            ORDER BY 1
            """
        )

    def causes(self, watched: int, name: Callable[[str | None], Text]) -> list[Count]:
        """Households warned of each cause, most frequent first; one household may have several causes."""
        rows = self._rows(
            f"""
            WITH homes AS ({self._homes()})
            SELECT cause, count(DISTINCT found.household_id),
                   count(DISTINCT found.household_id) FILTER (WHERE homes.monitored_type IS NULL)
            FROM {self._source("screening")} AS found LEFT JOIN homes USING (household_id)
            WHERE found.household_id IS NOT NULL GROUP BY cause ORDER BY 2 DESC, 1
            """
        )
        return [Count(key or "", name(key), count, count / max(watched, 1), free) for key, count, free in rows]

    def monitored_types(self, warned: int) -> list[Count]:
        """The register's own category of the households warned; None is a household not monitored yet."""
        rows = self._rows(
            f"""
            WITH homes AS ({self._homes()}),
            warned AS (SELECT DISTINCT household_id FROM {self._source("screening")} WHERE household_id IS NOT NULL)
            SELECT monitored_type, count(*) FROM warned LEFT JOIN homes USING (household_id)
            GROUP BY ALL ORDER BY 2 DESC, 1
            """
        )
        return [
            Count(key or "", category_name(key, NOT_MONITORED), count, count / max(warned, 1)) for key, count in rows
        ]

    def categories(self, frame: duckdb.DuckDBPyRelation, warned: int) -> list[Count]:
        """The category that each warned household would fall in; `frame` has household_id and risk_category."""
        table = frame.to_arrow_table()
        self._connection.register("report_categories", table)
        try:
            rows = self._rows(
                f"""
                WITH warned AS (SELECT DISTINCT household_id FROM {self._source("screening")}
                                WHERE household_id IS NOT NULL)
                SELECT risk_category::VARCHAR, count(*)
                FROM warned LEFT JOIN report_categories USING (household_id) GROUP BY ALL ORDER BY 2 DESC, 1
                """
            )
        finally:
            self._connection.unregister("report_categories")
        return [Count(key or "", category_name(key), count, count / max(warned, 1)) for key, count in rows]

    def rules(self, kind: str) -> list[RuleCount]:
        """Findings and households of each rule that found something, most households first."""
        rows = self._rows(
            f"""
            SELECT rule_id, count(*), count(DISTINCT household_id) FROM {self._source(kind)}
            GROUP BY rule_id ORDER BY 2 DESC, 1
            """
        )
        return [RuleCount(*row) for row in rows]

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def _source(self, kind: str) -> str:
        findings = self._findings[kind]
        return findings.table if findings is not None else _NOTHING

    def _homes(self) -> str:
        columns = self._tables.get("households", frozenset())
        if "household_id" not in columns:
            return (
                f"SELECT household_id, any_value(region_code) AS region_code, NULL AS monitored_type, "
                f"NULL AS township_name, NULL AS village_name FROM (FROM {self._source('audit')} "
                f"UNION ALL BY NAME FROM {self._source('screening')}) WHERE household_id IS NOT NULL GROUP BY household_id"
            )
        chosen = ", ".join(
            name if name in columns else f"CAST(NULL AS VARCHAR) AS {name}"
            for name in ("household_id", "region_code", "monitored_type", "township_name", "village_name")
        )
        inside = f" WHERE starts_with(region_code, '{self._region}')" if self._region.isdigit() else ""
        return f"SELECT {chosen} FROM households{inside}"


_NOTHING = (
    "(SELECT NULL::VARCHAR AS rule_id, NULL::VARCHAR AS household_id, NULL::VARCHAR AS region_code, "
    "NULL::VARCHAR AS cause WHERE false)"
)


def tree(rows: Iterable[tuple[Any, ...]], name_of: Callable[[str], str | None], region: str) -> Area:
    """The villages' counts under their townships, banners and leagues, from the smallest area that holds them all."""
    villages = [
        Area(code, 12, village or name_of(code) or UNKNOWN_VILLAGE.zh, *counts) for code, _, village, *counts in rows
    ]
    townships = {row[0][:9]: row[1] for row in rows if row[1]}
    root_code = _common_prefix([village.code for village in villages if village.code]) or region
    root = Area(root_code, len(root_code), name_of(root_code) or root_code)
    known: dict[str, Area] = {root.code: root}
    for village in villages:
        root.add(village)
        parent = root
        for digits in LEVEL_DIGITS:
            if root.digits < digits < 12 and village.code:
                code = village.code[:digits]
                if code not in known:
                    known[code] = Area(code, digits, townships.get(code) or name_of(code) or code)
                    parent.children.append(known[code])
                parent = known[code]
                parent.add(village)
        if len(villages) <= VILLAGES_ON_PAGE:
            parent.children.append(village)
    return root


def _common_prefix(codes: list[str]) -> str:
    if not codes:
        return ""
    low, high = min(codes), max(codes)
    same = next((place for place, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), 12)
    return low[: max((digits for digits in LEVEL_DIGITS if digits <= min(same, 9)), default=0)]
