"""A run merges tables made of several batches once, and sees what the views show."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khotail.engine import explain, screen
from khotail.facts.merging import held
from khotail.facts.store import Facts
from khotail.rulebook import Rulebook, load_rulebook
from tests.rulebook.books import write_book

DAY = date(2022, 6, 1)
HOUSEHOLDS = pa.schema(
    [
        ("household_id", pa.string()),
        ("region_code", pa.string()),
        ("wage_income_cny", pa.float64()),
        ("as_of", pa.date32()),
        ("source", pa.string()),
    ]
)
REGION = "150102100200"

Statement = tuple[str, str | None, float | None, date, str]


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    return load_rulebook(write_book(tmp_path))


def write_batches(folder: Path, *batches: list[Statement]) -> Path:
    """A folder of facts with one file of households per batch, and two members in each household."""
    (folder / "households").mkdir(parents=True)
    (folder / "persons").mkdir()
    households = sorted({statement[0] for batch in batches for statement in batch})
    for number, batch in enumerate(batches):
        columns = dict(zip(HOUSEHOLDS.names, map(list, zip(*batch, strict=True)), strict=True))
        pq.write_table(pa.table(columns, schema=HOUSEHOLDS), folder / "households" / f"batch-{number}.parquet")
    members = {
        "household_id": [household for household in households for _ in range(2)],
        "person_id": [f"{household}-{number}" for household in households for number in range(2)],
    }
    pq.write_table(pa.table(members), folder / "persons" / "batch.parquet")
    return folder


def stated(household: str, wage: float | None, month: int, source: str = "list") -> Statement:
    return (household, REGION, wage, date(2022, month, 1), source)


def warned(facts: Facts, book: Rulebook) -> list[str]:
    return sorted(row["household_id"] or "" for row in screen(facts, book, as_of=DAY).texts("en"))


def test_the_newest_statement_that_is_not_empty_counts(tmp_path: Path, book: Rulebook) -> None:
    older = [stated("A", 10_000, 1), stated("B", 20_000, 1), stated("C", 10_000, 1)]
    newer = [stated("A", 20_000, 2), stated("B", 10_000, 2), stated("C", None, 2), stated("D", 10_000, 2)]
    facts = Facts.open(write_batches(tmp_path / "facts", newer, older))
    assert warned(facts, book) == ["B", "C", "D"]


def test_a_household_stated_twice_in_one_batch_is_still_one_household(tmp_path: Path, book: Rulebook) -> None:
    facts = Facts.open(write_batches(tmp_path / "facts", [stated("A", 10_000, 1)] * 2, [stated("B", 10_000, 2)]))
    assert warned(facts, book) == ["A", "B"]


def test_batches_without_a_row_say_nothing(tmp_path: Path, book: Rulebook) -> None:
    folder = write_batches(tmp_path / "facts", [stated("A", 10_000, 1)], [stated("A", 10_000, 2)])
    for file in (folder / "households").iterdir():
        pq.write_table(HOUSEHOLDS.empty_table(), file)
    assert warned(Facts.open(folder), book) == []


def test_after_a_run_every_column_can_be_read_again(tmp_path: Path, book: Rulebook) -> None:
    facts = Facts.open(write_batches(tmp_path / "facts", [stated("A", 10_000, 1)], [stated("A", None, 2)]))
    before = facts.connection.execute("SELECT * FROM households").fetchall()
    warned(facts, book)
    assert facts.connection.execute("SELECT * FROM households").fetchall() == before


def test_one_household_is_explained_as_the_whole_run_judges_it(tmp_path: Path, book: Rulebook) -> None:
    facts = Facts.open(write_batches(tmp_path / "facts", [stated("A", 20_000, 1)], [stated("A", 10_000, 2)]))
    assert [found.rule.id for found in explain(facts, book, "A", as_of=DAY).signals] == [
        row["rule_id"] for row in screen(facts, book, as_of=DAY).texts("en")
    ]


A_STATEMENT = st.builds(
    stated,
    st.sampled_from("ABC"),
    st.none() | st.sampled_from([1.0, 2.0, 3.0]),
    st.integers(1, 3),
    st.sampled_from(["list", "it's"]),
)


@settings(max_examples=40, deadline=None)
@given(batches=st.lists(st.lists(A_STATEMENT, min_size=1, max_size=4), min_size=2, max_size=4))
def test_the_held_table_is_what_the_view_shows(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Statement]]
) -> None:
    # Of two statements of one source and day about one household, either may count.
    unique = [list({(row[0], row[3], row[4]): row for row in batch}.values()) for batch in batches]
    seen: set[tuple[Any, ...]] = set()
    for batch in unique:
        batch[:] = [row for row in batch if (row[0], row[3], row[4]) not in seen]
        seen |= {(row[0], row[3], row[4]) for row in batch}
    kept = [batch for batch in unique if batch]
    facts = Facts.open(write_batches(tmp_path_factory.mktemp("facts") / "f", *kept, [stated("Z", 1.0, 3, "last")]))
    query = "SELECT household_id, wage_income_cny FROM households ORDER BY household_id"
    shown = facts.connection.execute(query).fetchall()
    with facts.merged_once([query]):
        assert facts.connection.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall() == [(1,)]
        assert facts.connection.execute(query).fetchall() == shown


def test_a_table_of_which_only_the_key_is_read_is_not_held(tmp_path: Path) -> None:
    facts = Facts.open(write_batches(tmp_path / "facts", [stated("A", 1, 1)], [stated("A", 1, 2)]))
    with held(facts.connection, {"households": "no rows are read"}, {"households": ["household_id"]}):
        assert facts.connection.execute("SELECT household_id FROM households").fetchall() == [("A",)]
