"""Screening small registers whose outcome can be read off the page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khotail.engine import explain, frame, screen
from khotail.engine.problems import NothingCanRun, UnknownHousehold
from khotail.engine.run import without_values
from khotail.facts.problems import NotAFactColumn, NotAFactTable
from khotail.facts.store import Facts
from khotail.rulebook import Rulebook, load_rulebook
from khotail.rulebook.problems import BeforeTheRulebook, MissingFact
from tests.rulebook.books import SIGNALS, write_book

DAY = date(2022, 6, 1)


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    return load_rulebook(write_book(tmp_path))


def register(*households: tuple[str, str, float], members: int = 2) -> Facts:
    """Facts with (household, region, wage income) and as many members each."""
    ids, regions, wages = zip(*households, strict=True)
    persons = [(household, f"{household}-{number}") for household in ids for number in range(members)]
    return Facts.of(
        households=pa.table({"household_id": ids, "region_code": regions, "wage_income_cny": wages}),
        persons=pa.table(
            {"household_id": [row[0] for row in persons], "person_id": [row[1] for row in persons]},
            schema=pa.schema([("household_id", pa.string()), ("person_id", pa.string())]),
        ),
    )


def warned(facts: Facts, book: Rulebook, day: date = DAY, region: str = "") -> list[str]:
    return sorted(row["household_id"] for row in screen(facts, book, as_of=day, region=region).texts("en"))


def test_a_household_below_the_line_is_warned_of_and_told_why(book: Rulebook) -> None:
    facts = register(("A", "150102100200", 10_000), ("B", "150102100200", 20_000))
    found = screen(facts, book, as_of=DAY)
    assert found.count() == found.households() == 1
    text = next(iter(found.texts("en")))
    assert text["text"] == "5,000 CNY each, below 6,000 CNY"
    assert next(iter(found.texts("zh")))["text"] == "人均 5,000 元，低于 6,000 元"


def test_each_region_is_judged_by_its_own_line(book: Rulebook) -> None:
    facts = register(("A", "152221100200", 12_500), ("B", "150102100200", 12_500))
    assert warned(facts, book) == ["A"]


def test_only_the_region_asked_for_is_judged(book: Rulebook) -> None:
    facts = register(("A", "152221100200", 1), ("B", "150102100200", 1))
    assert warned(facts, book, region="1501") == ["B"]
    assert screen(facts, book, as_of=DAY, region="1501").subjects == {"household": 1}


def test_the_line_of_the_day_counts(book: Rulebook) -> None:
    facts = register(("A", "150102100200", 13_000))
    assert warned(facts, book, date(2022, 12, 31)) == []
    assert warned(facts, book, date(2023, 1, 1)) == ["A"]


def test_a_day_before_every_rule_is_refused(book: Rulebook) -> None:
    with pytest.raises(BeforeTheRulebook, match="2021-01-01"):
        screen(register(("A", "15", 1)), book, as_of=date(2019, 1, 1))


def test_a_rule_whose_column_is_missing_is_named_and_the_others_run(tmp_path: Path) -> None:
    second = SIGNALS.replace("low-income", "no-water").replace("income_each < :income_line", "NOT safe_water")
    second = second.replace("wage_income_cny: 10000, persons: [{}, {}]", "safe_water: false")
    second = second.replace("wage_income_cny: 20000, persons: [{}, {}]", "safe_water: true")
    second = second.replace("{income_each}", "").replace("{:income_line}", "")
    book = load_rulebook(write_book(tmp_path, signals=SIGNALS + second))
    found = screen(register(("A", "150102100200", 1)), book, as_of=DAY)
    assert [skip.rule_id for skip in found.skipped] == ["no-water"]
    assert "是否解决安全饮用水" in found.skipped[0].reason.zh
    assert found.count() == 1


def test_nothing_that_can_run_is_an_error(book: Rulebook) -> None:
    facts = Facts.of(households=pa.table({"household_id": ["A"], "region_code": ["150102100200"]}))
    with pytest.raises(NothingCanRun):
        screen(facts, book, as_of=DAY)


def test_a_household_is_explained_with_the_parameter_and_its_source(book: Rulebook) -> None:
    facts = register(("A", "152221100200", 10_000), ("B", "152221100200", 10_000))
    found = explain(facts, book, "A", as_of=DAY).signals[0]
    assert found.values["income_each"] == "5000.0"
    (line,) = found.parameters
    assert (line.value, line.since, line.region, line.source) == ("6,500", date(2022, 1, 1), "1522", "a league notice")


def test_a_household_that_is_not_there_cannot_be_explained(book: Rulebook) -> None:
    with pytest.raises(UnknownHousehold, match="X9"):
        explain(register(("A", "152221100200", 1)), book, "X9", as_of=DAY)


def test_a_frame_gives_columns_and_indicators_together(book: Rulebook) -> None:
    facts = register(("A", "152221100200", 10_000))
    rows = frame(facts, book, "household", ["wage_income_cny", "members", "income_each"], as_of=DAY).fetchall()
    assert rows == [("A", "152221100200", 10_000.0, 2, 5_000.0)]


def test_a_frame_says_which_column_the_data_lack(book: Rulebook) -> None:
    with pytest.raises(MissingFact, match="safe drinking water"):
        frame(register(("A", "152221100200", 1)), book, "household", ["safe_water"], as_of=DAY)


def test_names_outside_the_schema_are_refused() -> None:
    with pytest.raises(NotAFactTable):
        Facts.of(horses=pa.table({"a": [1]}))
    with pytest.raises(NotAFactColumn):
        Facts.of(households=pa.table({"household_id": ["A"], "hoofs": [4]}))


wages = st.one_of(st.none(), st.integers(0, 30_000))


@settings(max_examples=40, deadline=None)
@given(
    households=st.lists(
        st.tuples(wages, st.sampled_from(["152221", "150102"]), st.booleans()), min_size=1, max_size=20
    ),
    limits=st.lists(st.integers(0, 30_000), min_size=1, max_size=130, unique=True),
)
def test_many_rules_in_one_query_find_what_each_finds_alone(
    tmp_path_factory: pytest.TempPathFactory,
    households: list[tuple[int | None, str, bool]],
    limits: list[int],
) -> None:
    rules = "".join(
        SIGNALS.replace("low-income", f"below-{limit}")
        .replace("income_each < :income_line", f"wage_income_cny < {limit} OR (dangerous_house AND {limit} > 15000)")
        .replace("{income_each} ", "")
        for limit in limits
    )
    book = load_rulebook(write_book(tmp_path_factory.mktemp("book"), signals=rules))
    facts = Facts.of(
        households=pa.table(
            {
                "household_id": [f"H{number}" for number in range(len(households))],
                "region_code": [region for _, region, _ in households],
                "wage_income_cny": pa.array([wage for wage, _, _ in households], pa.float64()),
                "dangerous_house": [dangerous for _, _, dangerous in households],
            }
        )
    )
    found = {(row["household_id"], row["rule_id"]) for row in screen(facts, book, as_of=DAY).texts("en")}
    expected = {
        (f"H{number}", f"below-{limit}")
        for number, (wage, _, dangerous) in enumerate(households)
        for limit in limits
        if (wage is not None and wage < limit) or (dangerous and limit > 15_000)
    }
    assert found == expected


def test_a_message_of_the_engine_does_not_quote_the_data() -> None:
    error = duckdb.ConversionException("Could not convert string '王小明 152221199001011234' to INT64\nLINE 1: …")
    assert without_values(error) == "Could not convert string … to INT64"
