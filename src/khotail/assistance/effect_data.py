"""What the register holds for checking an effect: incomes by year, members, labour, measures; and guarantees on two days.

Incomes, members and measures come from the screening's snapshot in a few queries; guarantees on a day from the
statements themselves, of the households that are compared alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from khotail.facts.sql import quoted
from khotail.facts.store import Facts
from khotail.register.models import Household, Statement
from khotail.register.queries import GUARANTEES

#: column → the value that is good news; a house grade is good from A to B.
_GOOD: dict[str, tuple[Any, ...]] = {
    "dangerous_house": (False,), "has_dropout": (False,), "has_uninsured": (False,), "house_grade": ("A", "B"),
}  # fmt: skip
_INCOMES = ("wage_cny", "business_cny", "property_cny", "transfer_cny")
_ABLE = "('普通劳动力', '技能劳动力')"
_CHUNK = 500


@dataclass(slots=True)
class Home:
    """A household as the snapshot knows it. `incomes`: year → CNY per person; `shared`: year → members."""

    number: str
    region_code: str
    kind: str
    identified_on: date | None
    resolved_on: date | None
    members: int
    able: int
    incomes: dict[int, float] = field(default_factory=dict)
    shared: dict[int, int] = field(default_factory=dict)
    measures: list[tuple[str, str, date]] = field(default_factory=list)  # category, kind, start

    def was_monitored(self, day: date) -> bool:
        began = self.identified_on is not None and self.identified_on <= day
        return began and (self.resolved_on is None or self.resolved_on > day)


def homes(facts: Facts, region: str) -> dict[str, Home]:
    """Household number → household, of those in a region that have any income by year."""
    link, inside = facts.connection, f"starts_with(h.region_code, {quoted(region)})"

    def said(table: str, column: str, otherwise: str = "NULL") -> str:
        return column if facts.has(table, column) else otherwise

    if not facts.has("incomes", "income_year"):
        return {}
    gone = f"coalesce({said('persons', 'has_left', 'false')}, false)"
    able = f"{said('persons', 'labour')} IN {_ABLE}"
    people = (
        f"SELECT household_id, count(*) FILTER (WHERE NOT {gone}) AS members, "
        f"count(*) FILTER (WHERE NOT {gone} AND {able}) AS able FROM persons GROUP BY household_id"
        if "persons" in facts.tables
        else "SELECT '' AS household_id, 0 AS members, 0 AS able WHERE false"
    )
    rows = link.execute(
        f"SELECT h.household_id, h.region_code, coalesce(h.{said('households', 'household_type', 'region_code')}, ''), "
        f"{_date(facts, 'identified_on')}, {_date(facts, 'resolved_on')}, coalesce(p.members, 0), coalesce(p.able, 0) "
        f"FROM households h LEFT JOIN ({people}) p USING (household_id) WHERE {inside}"
    ).fetchall()
    found = {row[0]: Home(*row) for row in rows}
    parts = [name for name in _INCOMES if facts.has("incomes", name)]
    if not parts:
        return {}
    cost = f"coalesce(sum({said('incomes', 'cost_cny', '0')}), 0)"
    total = " + ".join(f"coalesce(sum({name}), 0)" for name in parts)
    for number, year, net, shared in link.execute(
        f"SELECT household_id, income_year, {total} - {cost}, max({said('incomes', 'members')}) FROM incomes "
        f"WHERE income_year IS NOT NULL AND coalesce({', '.join(parts)}) IS NOT NULL GROUP BY household_id, income_year"
    ).fetchall():
        home = found.get(number)
        sharing = home and (int(shared or 0) or home.members)
        if home and sharing:
            home.incomes[year], home.shared[year] = float(net) / sharing, sharing
    _read_measures(facts, found)
    return {number: home for number, home in found.items() if home.incomes}


def _date(facts: Facts, column: str) -> str:
    return f"h.{column}" if facts.has("households", column) else "CAST(NULL AS DATE)"


def _read_measures(facts: Facts, found: dict[str, Home]) -> None:
    if not (facts.has("measures", "measure_category") and facts.has("measures", "measure_start_on")):
        return
    detail = "measure_detail" if facts.has("measures", "measure_detail") else "NULL"
    for number, category, kind, start in facts.connection.execute(
        f"SELECT household_id, measure_category, coalesce({detail}, ''), measure_start_on FROM measures "
        "WHERE measure_category IS NOT NULL AND measure_start_on IS NOT NULL ORDER BY measure_start_on"
    ).fetchall():
        if home := found.get(number):
            home.measures.append((category, kind, start))


@dataclass(frozen=True)
class Lacking:
    """Whether any guarantee was lacking on a day (None: nothing known), and whether anybody looked again after it."""

    before: bool | None
    after: bool | None
    looked_again: bool


def lacking(asked: Iterable[tuple[str, date, date]]) -> dict[tuple[str, date, date], Lacking]:
    """(household number, day before, day after) → what was lacking of the guarantees on the two days."""
    wanted: dict[str, set[tuple[date, date]]] = defaultdict(set)
    for number, before, after in asked:
        wanted[number].add((before, after))
    found: dict[tuple[str, date, date], Lacking] = {}
    numbers = sorted(wanted)
    for start in range(0, len(numbers), _CHUNK):
        chunk = numbers[start : start + _CHUNK]
        pks = dict(Household.objects.filter(number__in=chunk).values_list("pk", "number"))
        told: dict[int, list[tuple[date, dict[str, Any]]]] = defaultdict(list)
        rows = Statement.objects.filter(household_id__in=list(pks), table="households")
        for pk, day, values in rows.order_by("as_of", "recorded_at", "id").values_list(
            "household_id", "as_of", "values"
        ):
            if said := {name: values[name] for name in GUARANTEES if values.get(name) is not None}:
                told[pk].append((day, said))
        for pk, number in pks.items():
            for before, after in wanted[number]:
                again = any(before < day <= after for day, _ in told[pk])
                found[number, before, after] = Lacking(_on(told[pk], before), _on(told[pk], after), again)
    return found


def _on(told: list[tuple[date, dict[str, Any]]], day: date) -> bool | None:
    known: dict[str, Any] = {}
    for said_on, values in told:
        if said_on <= day:
            known |= values
    return any(value not in _GOOD.get(name, (True,)) for name, value in known.items()) if known else None
