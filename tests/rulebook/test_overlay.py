"""A region's book over the national one, and parameters by day and region."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from khotail.rulebook import load_rulebook
from tests.rulebook.books import write_book

DAY = date(2023, 6, 1)


@pytest.mark.parametrize(
    ("on", "region", "value"),
    [
        (date(2021, 1, 1), "152221", 6000),
        (date(2022, 1, 1), "152221", 6500),
        (date(2022, 1, 1), "150102", 6000),
        (date(2023, 1, 1), "150102", 7000),
        (date(2023, 1, 1), "152221", 6500),
    ],
)
def test_the_longest_region_prefix_wins_then_the_latest_day(tmp_path: Path, on: date, region: str, value: int) -> None:
    line = load_rulebook(write_book(tmp_path)).parameters["income_line"]
    in_force = line.in_force(on, region)
    assert in_force is not None
    assert in_force.value == value


def test_before_the_first_value_there_is_none(tmp_path: Path) -> None:
    assert load_rulebook(write_book(tmp_path)).parameters["income_line"].in_force(date(2020, 1, 1)) is None


def test_an_overlay_says_exactly_what_it_changes(tmp_path: Path) -> None:
    national = write_book(tmp_path / "national")
    overlay = write_book(
        tmp_path / "banner",
        header=f"id: banner\nextends: {national}\nregion: '152221'\nname: {{zh: 旗, en: Banner}}\n",
        signals="",
        indicators="- {id: income_each, name: {zh: 人均, en: Each}, level: household, sql: wage_income_cny / 2}\n",
        parameters="income_line:\n  values:\n    - {since: 2022-01-01, value: 9000, source: the banner}\n",
    )
    book = load_rulebook(overlay)
    assert [(change.action, change.kind, change.id) for change in book.changes] == [
        ("sets", "parameter", "income_line"),
        ("replaces", "indicator", "income_each"),
    ]
    own = book.parameters["income_line"].in_force(DAY, "152221100200")
    assert own is not None
    assert own.value == 9000
    other = book.parameters["income_line"].in_force(DAY, "152222")
    assert other is not None
    assert other.value == 6500
