"""A rulebook with a mistake is refused with the file, the line, the entry and the nearest right name."""

from __future__ import annotations

import gc
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from khotail.rulebook import load_rulebook
from khotail.rulebook.entries import read_yaml
from khotail.rulebook.examples import run_examples
from khotail.rulebook.problems import RulebookFlawed, UnknownRulebook
from tests.rulebook.books import INDICATORS, PARAMETERS, SIGNALS, write_book


def flaws_of(folder: Path) -> str:
    with pytest.raises(RulebookFlawed) as raised:
        load_rulebook(folder)
    assert raised.value.exit_code == 4
    return raised.value.text.en


def test_a_sound_book_loads(tmp_path: Path) -> None:
    assert [rule.id for rule in load_rulebook(write_book(tmp_path)).signals] == ["low-income"]


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("when: income_eech < :income_line", "when: income_each", "Did you mean “income_each”?"),
        ("when: income_each < :incom_line", "when: income_each", "Did you mean “income_line”?"),
        ("when: income_each < random()", "when: income_each", "may not be used"),
        ("when: income_each < (SELECT 1)", "when: income_each", "Subqueries"),
        ("when: read_csv('/etc/passwd') = 'x'", "when: income_each", "may not be used"),
        ("when: income_each <", "when: income_each", "cannot be read"),
        ("when: phone_typo AND income_each < 1", "when: income_each", "phone_typo"),
        ("when: village_name < 3 AND village_name", "when: income_each", "types"),
        ("level: houshold", "level: household", "one of: household, person"),
        ("severity: hihg", "severity: high", "one of: high, medium, low"),
        ("cause: money", "cause: income", "one of:"),
        ("sinse: 2021-01-01", "since: 2021-01-01", "Did you mean “since”?"),
        ("mend: {zh: 入户核实收入}", "mend: ", "needs both `zh` and `en`"),
        ("source: ''", "source: a law", "source is missing"),
    ],
)
def test_a_mistake_in_a_rule_is_named_where_it_stands(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    lines = SIGNALS.splitlines()
    position = next(number for number, line in enumerate(lines) if right.split(":")[0] + ":" in line)
    lines[position] = "  " + wrong
    told_all = flaws_of(write_book(tmp_path, signals="\n".join(lines)))
    assert told in told_all
    assert "signals/income.yaml:" in told_all
    assert "low-income" in told_all


def test_a_placeholder_that_means_nothing_is_named(tmp_path: Path) -> None:
    told = flaws_of(write_book(tmp_path, signals=SIGNALS.replace("{income_each} 元", "{incomes_each} 元")))
    assert "Did you mean “income_each”?" in told


def test_every_rule_needs_an_example_that_fires_and_one_that_does_not(tmp_path: Path) -> None:
    book = load_rulebook(write_book(tmp_path, signals=SIGNALS.replace("expect: false", "expect: true")))
    _, failures = run_examples(book)
    assert ["at least one example" in failure.text.en for failure in failures] == [True]


def test_an_example_that_comes_out_otherwise_is_named_with_its_line(tmp_path: Path) -> None:
    book = load_rulebook(write_book(tmp_path, signals=SIGNALS.replace("20000", "2000")))
    ran, (failure,) = run_examples(book)
    assert ran == 2
    assert (failure.entry, failure.place.line) == ("low-income", 14)


def test_an_example_with_an_unknown_name_is_told_the_nearest(tmp_path: Path) -> None:
    book = load_rulebook(write_book(tmp_path, signals=SIGNALS.replace("wage_income_cny: 20000", "wage_incom_cny: 1")))
    _, (failure,) = run_examples(book)
    assert "Did you mean “wage_income_cny”?" in failure.text.en


def test_the_same_key_twice_is_not_dropped_in_silence(tmp_path: Path) -> None:
    told = flaws_of(
        write_book(tmp_path, signals=SIGNALS.replace("  severity: high", "  severity: high\n  severity: low"))
    )
    assert "signals/income.yaml:7" in told
    assert "twice" in told


def test_the_same_id_twice_is_named_with_both_places(tmp_path: Path) -> None:
    told = flaws_of(write_book(tmp_path, signals=SIGNALS + SIGNALS))
    assert "already defined at" in told


def test_indicators_in_a_circle_are_named(tmp_path: Path) -> None:
    circle = INDICATORS.replace("count(*)", "count(*) FILTER (WHERE doubled > 0)").replace(
        "over: persons", "over: households"
    )
    circle += "- {id: doubled, name: {zh: 二, en: two}, level: household, sql: members * 2}\n"
    assert "in a circle" in flaws_of(write_book(tmp_path, indicators=circle))


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    told = flaws_of(write_book(tmp_path, parameters=PARAMETERS + "  broken: [1, 2\n"))
    assert "not valid YAML" in told
    assert "parameters/lines.yaml:" in told


def test_a_parameter_without_a_source_is_refused(tmp_path: Path) -> None:
    told = flaws_of(write_book(tmp_path, parameters=PARAMETERS.replace(", source: a league notice", "")))
    assert "parameters/lines.yaml:8" in told
    assert "no source" in told


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    signals = SIGNALS.replace("severity: high", "severity: hihg").replace("cause: income", "cause: money")
    told = flaws_of(write_book(tmp_path, signals=signals))
    assert "2 errors" in told


def test_a_book_that_does_not_exist_is_a_sentence() -> None:
    with pytest.raises(UnknownRulebook, match="cn, cn_15"):
        load_rulebook("nowhere")


@pytest.mark.parametrize(
    "when",
    [
        "TRUE; ATTACH 'x'",
        "PRAGMA database_list",
        "TRUE AS outcome",
        "VALUES (1)",
        "village_name = '⟦income_line@1⟧'",
        "village_name = getenv('HOME')",
    ],
)
def test_a_rule_cannot_smuggle_in_a_statement(tmp_path: Path, when: str) -> None:
    signals = SIGNALS.replace("when: income_each < :income_line", f'when: "{when}"')
    assert "low-income" in flaws_of(write_book(tmp_path, signals=signals))


def test_names_and_regions_that_become_sql_are_held_to_letters_and_digits(tmp_path: Path) -> None:
    indicators = INDICATORS.replace("id: members", "id: members, (SELECT 1)")
    parameters = PARAMETERS.replace('"1522"', "\"15') OR ('\"")
    told = flaws_of(write_book(tmp_path, indicators=indicators, parameters=parameters))
    assert "small letters" in told and "is not a number" in told


def test_an_example_cannot_name_a_column_of_its_own(tmp_path: Path) -> None:
    signals = SIGNALS.replace(
        "persons: [{}, {}]}, on: 2021-06-01, expect: true",
        'persons: [{"x INT; DROP TABLE persons": 1}]}, on: 2021-06-01, expect: true',
    )
    _, failures = run_examples(load_rulebook(write_book(tmp_path, signals=signals)))
    assert any("DROP TABLE" in failure.text.en and "has no" in failure.text.en for failure in failures)


def test_books_that_extend_one_another_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    assert "circle" in flaws_of(write_book(folder, header=f"id: test\nextends: {folder}\n"))


def test_a_day_with_an_hour_or_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "must be the date" in flaws_of(
        write_book(tmp_path, signals=SIGNALS.replace("since: 2021-01-01", "since: 2021-01-01 10:00:00"))
    )
    assert "not valid YAML" in flaws_of(
        write_book(tmp_path, signals=SIGNALS.replace("since: 2021-01-01", "since: 2021-02-30"))
    )


def test_a_mistake_is_named_on_the_line_of_its_key(tmp_path: Path) -> None:
    signals = SIGNALS.replace("{income_each} CNY each", "{incomes} CNY each").replace(
        "when: income_each", "when: incom"
    )
    told = flaws_of(write_book(tmp_path / "names", signals=signals))
    assert "signals/income.yaml:7" in told and "“incom”" in told
    assert "signals/income.yaml:8" in told and "“incomes”" in told
    words = SIGNALS.replace("severity: high", "severity: hihg")
    assert "signals/income.yaml:6" in flaws_of(write_book(tmp_path / "words", signals=words))
    indicators = "- name: {zh: 人口数, en: Members}\n  level: household\n  id: Members\n  sql: '1'\n"
    assert "household.yaml:3" in flaws_of(write_book(tmp_path / "ids", indicators=indicators))


def test_a_few_lines_that_unfold_without_end_are_refused(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]\n" for before, one in pairwise("abcdefghi"))
    assert "parameters/lines.yaml:2 This is not valid YAML: “*a” stands" in flaws_of(
        write_book(tmp_path, parameters=bomb)
    )


@pytest.mark.parametrize("deep", ["[" * 100_000, "- " * 100_000, "".join(f"{' ' * n}a:\n" for n in range(1_100))])
def test_nesting_without_end_is_refused(tmp_path: Path, deep: str) -> None:
    assert "nested more than" in flaws_of(write_book(tmp_path, signals=deep))


def test_values_are_read_as_people_mean_them() -> None:
    read = read_yaml("on: yes\nid: 3_01\nnumber: -12\nbig: '12'\nday: 2021-05-14\nis: true\nhalf: 0.5\nno: ~\n")
    assert read == {
        "on": "yes", "id": "3_01", "number": -12, "big": "12", "day": date(2021, 5, 14), "is": True, "half": 0.5,
        "no": None,
    }  # fmt: skip
    assert (read.line, read.lines["big"]) == (1, 4)


def test_loading_leaves_the_collection_of_garbage_as_it_was(tmp_path: Path) -> None:
    assert gc.isenabled()
    flaws_of(write_book(tmp_path, signals="- 1"))
    assert gc.isenabled()
