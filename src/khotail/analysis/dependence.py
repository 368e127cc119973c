"""How far households live on policies: policy transfers in their net income."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from khotail.engine.problems import NothingCanRun
from khotail.facts.sql import quoted
from khotail.facts.store import Facts
from khotail.rulebook.parameters import income_year

#: Upper ends of the bands of dependence; the last one is open.
BANDS = (0.1, 0.3, 0.5, 0.8)


@dataclass(frozen=True)
class Dependence:
    """Policy transfers as a share of net income in one income year.

    rows      SQL: household_id, region_code, policy_cny, net_cny (a year), share (NULL where net income is not positive)
    bands     households up to each of `BANDS`, and above the last
    unknown   households without the income year or without a figure of policy transfers
    negative  households whose net income is zero or negative, for which no share can be said
    """

    facts: Facts
    year: int
    rows: str
    bands: tuple[int, ...]
    unknown: int
    negative: int

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        return self.facts.connection.sql(self.rows)


def dependence(facts: Facts, *, on: date, region: str = "") -> Dependence:
    """Dependence in the last income year complete on `on`. Raises NothingCanRun if the data have no policy transfers."""
    needed = ("wage_cny", "business_cny", "property_cny", "transfer_cny", "cost_cny")
    if not facts.has("incomes", "policy_transfer_cny") or not any(facts.has("incomes", name) for name in needed):
        raise NothingCanRun(zh="数据里没有政策性转移收入", en="the data have no policy transfers")
    year = income_year(on)
    signed = [f"{'-' if n == 'cost_cny' else '+'} coalesce({n}, 0)" for n in needed if facts.has("incomes", n)]
    inside = f"WHERE starts_with(h.region_code, {quoted(region)})" if region else ""
    rows = (
        "SELECT h.household_id, h.region_code, i.policy_cny, i.net_cny, "
        "CASE WHEN i.net_cny > 0 THEN i.policy_cny / i.net_cny END AS share FROM households AS h LEFT JOIN ("
        f"SELECT household_id, sum(policy_transfer_cny) AS policy_cny, sum(0 {' '.join(signed)}) AS net_cny "
        f"FROM incomes WHERE income_year = {year} GROUP BY household_id) AS i ON i.household_id = h.household_id {inside}"
    )
    edges = (float("-inf"), *BANDS)
    counts = [
        f"count(*) FILTER (WHERE share > '{low}'::DOUBLE AND share <= {high})"
        for low, high in zip(edges, BANDS, strict=False)
    ]
    counts.append(f"count(*) FILTER (WHERE share > {BANDS[-1]})")
    counts.append("count(*) FILTER (WHERE policy_cny IS NULL OR net_cny IS NULL)")
    counts.append("count(*) FILTER (WHERE policy_cny IS NOT NULL AND net_cny <= 0)")
    *bands, unknown, negative = facts.connection.execute(f"SELECT {', '.join(counts)} FROM ({rows})").fetchall()[0]
    return Dependence(facts, year, rows, tuple(bands), unknown, negative)
