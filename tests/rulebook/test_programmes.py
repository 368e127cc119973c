"""Programmes in a rulebook: read, checked against one another, laid over, with worked examples."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from khotail.rulebook import load_rulebook
from khotail.rulebook.examples import run_examples
from khotail.rulebook.problems import RulebookFlawed
from tests.rulebook.programme_books import programme, write_programmes


def flaws_of(folder: Path, *programmes: str) -> str:
    with pytest.raises(RulebookFlawed) as raised:
        load_rulebook(write_programmes(folder, *programmes))
    return raised.value.text.en


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"who": "forrest_mu > 0"}, "Did you mean “forest_mu”?"),
        ({"amount": ":monitoring_lin"}, "Did you mean “monitoring_line”?"),
        ({"who": "village_name"}, "types do not fit: VARCHAR ≠ BOOLEAN"),
        ({"amount": "village_name"}, "types do not fit: VARCHAR ≠ DOUBLE"),
        ({"who": "village_name < 3 AND forest_mu > 0", "amount": "forest_mu"}, "types do not fit"),
        ({"level": "village"}, "one of: household, person"),
        ({"counts_as": "money"}, "one of: transfer, wage"),
        ({"conflicts": "[b]"}, "There is no programme “b”"),
        ({"conflicts": "[a]"}, "cannot conflict with itself"),
        ({"until": "2020-01-01"}, "It ends (2020-01-01) before it begins (2021-01-01)"),
        ({"successor": "a", "until": "2026-01-01"}, "in a circle: a → a"),
        ({"successor": "b"}, "There is no programme “b”"),
        ({"cap": "{share: 1.5, of: forest_mu}"}, "lies between 0 and 1"),
        ({"cap": "{share: 0.5}"}, "`share` and `of` belong together"),
        ({"cap": "{household: forrest_mu}"}, "Did you mean “forest_mu”?"),
        ({"withdrawal": "soon"}, "a number of months"),
        ({"received_as": "{benifits: [x]}"}, "Did you mean “benefits”?"),
        ({"sucessor": "b"}, "Did you mean “successor”?"),
    ],
)
def test_a_mistake_in_a_programme_is_named_where_it_stands(tmp_path: Path, changed: dict[str, str], told: str) -> None:
    told_all = flaws_of(tmp_path, programme("a", **changed))
    assert told in told_all
    assert "programmes/all.yaml:" in told_all and "[a]" in told_all


@pytest.mark.parametrize(
    ("without", "told"), [("  source: a law\n", "source is missing"), ("  since: 2021-01-01\n", "`since`")]
)
def test_a_programme_without_source_or_beginning_is_a_flaw(tmp_path: Path, without: str, told: str) -> None:
    assert told in flaws_of(tmp_path, programme("a").replace(without, ""))


def test_a_programme_without_end_is_open_ended(tmp_path: Path) -> None:
    book = load_rulebook(write_programmes(tmp_path, programme("a")))
    assert book.programmes["a"].until is None
    assert book.programmes["a"].holds_on(date(2090, 1, 1))


def test_programmes_that_hand_over_in_a_circle_are_refused(tmp_path: Path) -> None:
    one = programme("a", until="2025-12-31", successor="b")
    other = programme("b", since="2026-01-01", until="2027-12-31", successor="a")
    assert "in a circle: a → b → a" in flaws_of(tmp_path, one, other)


def test_a_successor_that_runs_at_the_same_time_is_an_overlap(tmp_path: Path) -> None:
    one = programme("a", until="2026-12-31", successor="b")
    assert "at the same time as “a”" in flaws_of(tmp_path, one, programme("b", since="2026-01-01", amount="1"))


def test_two_programmes_for_the_same_people_must_say_which_to_keep(tmp_path: Path) -> None:
    assert "at the same time as “a”" in flaws_of(tmp_path, programme("a"), programme("b"))
    parted = load_rulebook(write_programmes(tmp_path, programme("a"), programme("b", conflicts="[a]")))
    assert list(parted.programmes) == ["a", "b"]


def test_only_programmes_of_one_level_can_be_chosen_between(tmp_path: Path) -> None:
    person = programme("b", level="person", who="has_left", conflicts="[a]")
    assert "only programmes of one level" in flaws_of(tmp_path, programme("a"), person)


def test_an_example_whose_amount_comes_out_otherwise_is_named(tmp_path: Path) -> None:
    text = programme("a").replace(
        "    - {given: {}, on: 2026-01-01, expect: unknown}",
        "    - {given: {forest_mu: 5}, on: 2026-01-01, expect: 51}\n    - {given: {forest_mu: 0}, on: 2026-01-01, expect: false}",
    )
    ran, failures = run_examples(load_rulebook(write_programmes(tmp_path, text)))
    assert (ran, [failure.text.en for failure in failures]) == (3 - 1, ["The example expects 51 and gives 50.0."])


def test_an_overlay_replaces_a_programme_and_says_so(tmp_path: Path) -> None:
    write_programmes(tmp_path / "low", programme("a"))
    overlay = write_programmes(tmp_path / "high", programme("a", amount="forest_mu * 20"))
    (overlay / "book.yaml").write_text(
        f"id: high\nextends: {tmp_path / 'low'}\nname: {{zh: 上, en: High}}\n", encoding="utf-8"
    )
    book = load_rulebook(overlay)
    assert book.programmes["a"].amount.sql == "forest_mu * 20"
    assert [(c.action, c.kind, c.id) for c in book.changes if c.kind == "programme"] == [("replaces", "programme", "a")]


def test_the_built_in_books_have_at_least_twenty_programmes_with_two_examples_each() -> None:
    book = load_rulebook("cn_15")
    assert len(book.programmes) >= 20
    assert {p.transition for p in book.programmes.values()} == {"adjust", "strengthen", "convert", "new"}
    for one in book.programmes.values():
        assert len(one.worked.read()) >= 2, one.id
    _, failures = run_examples(book, book.programmes.values())
    assert [f"{failure.place} {failure.entry} {failure.text.en}" for failure in failures] == []
