"""What makes queries quick changes no finding: sieves before joins, and days compared instead of years counted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khotail.engine import screen
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook
from khotail.rulebook.elapsed import with_days_for_years, with_quick_years
from tests.rulebook.books import write_book

DAY = date(2026, 10, 31)
INDICATORS = """
- {id: present, name: {zh: 在, en: here}, level: person, sql: "NOT coalesce(has_left, false)"}
- {id: age, name: {zh: 年龄, en: age}, level: person, sql: "datesub('year', birth_date, :as_of)"}
- {id: poor, name: {zh: 低, en: poor}, level: household, sql: wage_income_cny < 5000}
- {id: members, name: {zh: 人, en: members}, level: household, over: persons, empty: 0, sql: count(*) FILTER (WHERE present)}
- {id: elderly, name: {zh: 老, en: elderly}, level: household, over: persons, empty: 0, sql: count(*) FILTER (WHERE present AND age >= 60)}
"""
HOUSEHOLD_RULES = {
    "low": "wage_income_cny < 3000",
    "large": "members >= 3 AND poor",
    "old": "members > 0 AND elderly = members",
}
PERSON_RULES = {"poor-child": "present AND age < 18 AND poor", "poor-elder": "age >= 60 AND poor"}
RULE = """
- {{id: {id}, name: {{zh: x, en: x}}, level: {level}, cause: income, severity: high, when: "{when}",
   because: {{zh: x, en: x}}, mend: {{zh: x, en: x}}, source: a law, since: 2021-01-01,
   examples: [{{given: {{}}, on: 2026-10-31, expect: false}}]}}
"""
A_BIRTH = st.one_of(st.none(), st.dates(date(1930, 1, 1), date(2027, 12, 31)))
A_MEMBER = st.tuples(A_BIRTH, st.sampled_from([None, True, False]))
A_HOUSEHOLD = st.tuples(st.sampled_from([None, 1000.0, 4000.0, 9000.0]), st.lists(A_MEMBER, max_size=4))


def signals(level: str, rules: dict[str, str]) -> str:
    return "".join(RULE.format(id=id_, level=level, when=when) for id_, when in rules.items())


def facts_of(households: list[tuple[float | None, list[tuple[date | None, bool | None]]]]) -> Facts:
    members = [(f"{n}", f"{n}-{m}", *member) for n, (_, many) in enumerate(households) for m, member in enumerate(many)]
    kinds = {"household_id": pa.string(), "person_id": pa.string(), "birth_date": pa.date32(), "has_left": pa.bool_()}
    return Facts.of(
        households=pa.table(
            {
                "household_id": [str(number) for number in range(len(households))],
                "region_code": ["150102100200"] * len(households),
                "wage_income_cny": pa.array([wage for wage, _ in households], pa.float64()),
            }
        ),
        persons=pa.table([pa.array([row[i] for row in members], kind) for i, kind in enumerate(kinds.values())], list(kinds)),
    )  # fmt: skip


def found_in(facts: Facts, folder: Path, written: str) -> set[tuple[str, str]]:
    book = load_rulebook(write_book(folder, signals=written, indicators=INDICATORS))
    return {(row["rule_id"], row["subject_id"]) for row in screen(facts, book, as_of=DAY).texts("en")}


@settings(max_examples=25, deadline=None)
@given(households=st.lists(A_HOUSEHOLD, min_size=1, max_size=6))
def test_few_rules_find_what_they_find_among_many(
    tmp_path_factory: pytest.TempPathFactory, households: list[tuple[float | None, list[tuple[date | None, bool | None]]]]
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("books")
    for level, rules in {"household": HOUSEHOLD_RULES, "person": PERSON_RULES}.items():
        many = signals(level, rules | {f"filler-{number}": "region_code = ''" for number in range(20)})
        few = found_in(facts_of(households), folder / f"{level}-few", signals(level, rules))
        assert few == found_in(facts_of(households), folder / f"{level}-many", many)


def test_a_household_without_members_still_has_none_to_work(tmp_path: Path) -> None:
    written = signals("household", {"nobody": "members = 0", "old": "members > 0 AND elderly = members"})
    assert found_in(facts_of([(9000.0, []), (9000.0, [(date(1940, 1, 1), None)])]), tmp_path, written) == {
        ("nobody", "0"),
        ("old", "1"),
    }


@pytest.mark.parametrize(
    "day", [date(2026, 10, 31), date(2026, 2, 28), date(2024, 2, 29), date(2024, 2, 28), date(2025, 3, 1)]
)
def test_years_come_out_as_the_calendar_has_them(day: date) -> None:
    years = f"DATESUB('year', birth_date, DATE '{day}')"
    days = f"(SELECT DATE '{day - timedelta(days=40_000)}' + CAST(range AS INT) AS birth_date FROM range(42000))"
    pairs = [(years, with_quick_years(years))]
    for compared in ("age >= 60", "age < 18", "age > 1", "age <= 3", "age < 1", "age <= 0"):
        pairs.append((compared.replace("age", years), with_days_for_years(compared, "age", years)))
    for slow, quick in pairs:
        assert slow != quick
        differing = f"SELECT count(*) FROM {days} WHERE ({slow}) IS DISTINCT FROM ({quick})"
        assert duckdb.sql(differing).fetchall() == [(0,)]


@pytest.mark.parametrize("sql", ["x = 'so age >= 60'", "age >= 0", "age + 1 >= 60", "x + age >= 60", "age >= 60 + x"])
def test_nothing_but_a_plain_comparison_of_years_becomes_a_comparison_of_days(sql: str) -> None:
    assert with_days_for_years(sql, "age", f"DATESUB('year', birth_date, DATE '{DAY}')") == sql
