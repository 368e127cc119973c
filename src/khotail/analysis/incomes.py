"""The incomes that a simulation starts from: each household's last complete income year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from khotail.analysis.scenario import COMPONENTS
from khotail.engine.engines import IN_PROCESS, Engine
from khotail.engine.problems import NothingCanRun
from khotail.facts.sql import quoted
from khotail.facts.store import Facts
from khotail.rulebook.parameters import income_year
from khotail.texts import Text

#: Components of income; `cost` is taken off.
AMOUNTS = tuple(COMPONENTS)


@dataclass(frozen=True)
class BaseIncomes:
    """A table of households whose income per person is known, and why others are left out, with how many.

    Columns: household_id, region_code, members, wage, business, property, transfer, cost, net (CNY a year) and
    has_components: whether the income is known by its components or only as a whole.
    """

    table: str
    left_out: tuple[tuple[Text, int], ...]


def base_incomes(facts: Facts, on: date, region: str, engine: Engine = IN_PROCESS) -> BaseIncomes:
    """Income year complete on `on`; where a household has no row in it, its net income per person as registered.

    Raises NothingCanRun if the data have neither. Negative incomes stay as they are.
    """
    collected = facts.has("incomes", "income_year") and any(facts.has("incomes", c) for c in COMPONENTS.values())
    registered = facts.has("households", "net_income_cny_per_capita")
    if not (facts.has("households", "region_code") and (collected or registered)):
        raise NothingCanRun(zh="数据里没有家庭收入", en="the data have no incomes of households")
    parts = {n: _sum(facts, column) for n, column in COMPONENTS.items()}
    if collected:
        members = "max(members)" if facts.has("incomes", "members") else "CAST(NULL AS BIGINT)"
        given = ", ".join(c for c in COMPONENTS.values() if facts.has("incomes", c))
        sums = ", ".join(f"{sql} AS {name}" for name, sql in parts.items())
        incomes = (
            f"SELECT household_id, {members} AS sharing, {sums}, true AS has_row FROM incomes "
            f"WHERE income_year = {income_year(on)} AND coalesce({given}) IS NOT NULL GROUP BY household_id"
        )
    else:
        empty = ", ".join(f"0.0 AS {name}" for name in parts)
        incomes = f"SELECT '' AS household_id, CAST(NULL AS BIGINT) AS sharing, {empty}, true AS has_row WHERE false"
    stated = "h.stated_size" if facts.has("households", "stated_size") else "NULL"
    per_capita = "h.net_income_cny_per_capita" if registered else "CAST(NULL AS DOUBLE)"
    present = "NOT coalesce(has_left, false)" if facts.has("persons", "has_left") else "true"
    people = f"SELECT household_id, count(*) FILTER (WHERE {present}) AS persons FROM persons GROUP BY household_id"
    if "persons" not in facts.tables:
        people = "SELECT '' AS household_id, 0 AS persons WHERE false"
    inside = f"WHERE starts_with(h.region_code, {quoted(region)})" if region else ""
    listed = ", ".join(f"i.{name}" for name in parts)
    net = " ".join(f"{'-' if name == 'cost' else '+'} i.{name}" for name in parts)
    all_ = engine.table(
        facts,
        "incomes_all",
        f"WITH i AS ({incomes}), p AS ({people}) SELECT *, "
        f"CASE WHEN has_components THEN whole ELSE each * members END AS net FROM (\n"
        f"SELECT h.household_id, h.region_code, CASE WHEN i.has_row THEN coalesce(nullif(i.sharing, 0), nullif(p.persons, 0), "
        f"{stated}) ELSE coalesce(nullif(p.persons, 0), {stated}) END AS members, {listed}, 0 {net} AS whole, "
        f"{per_capita} AS each, coalesce(i.has_row, false) AS has_components\n"
        "FROM households AS h LEFT JOIN i ON i.household_id = h.household_id "
        f"LEFT JOIN p ON p.household_id = h.household_id {inside})",
    )
    columns = ", ".join(("household_id", "region_code", "members", *AMOUNTS, "net", "has_components"))
    known = f"SELECT {columns} FROM {all_} WHERE members > 0 AND isfinite(net)"
    table = engine.table(facts, "incomes_known", known)
    [(no_income, nobody)] = facts.connection.execute(
        f"SELECT count(*) FILTER (WHERE NOT has_components AND each IS NULL), "
        f"count(*) FILTER (WHERE (has_components OR each IS NOT NULL) AND NOT coalesce(members > 0, false)) FROM {all_}"
    ).fetchall()
    engine.drop(facts, all_)
    reasons = (
        (Text("没有收入数据的户", "households without an income"), no_income),
        (Text("人口数为零或不详的户", "households of no or unknown size"), nobody),
    )
    return BaseIncomes(table, tuple((reason, count) for reason, count in reasons if count))


def _sum(facts: Facts, column: str) -> str:
    return f"coalesce(sum({column}), 0)" if facts.has("incomes", column) else "0.0"
