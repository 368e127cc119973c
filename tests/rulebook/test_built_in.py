"""The rulebooks that come with Khotail."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from khotail.rulebook import Rulebook, built_in_books, load_rulebook
from khotail.rulebook.examples import run_examples
from khotail.rulebook.model import CAUSES

CATALOGUE = Path(__file__).parents[3] / "shared/data/audit/audit_rules.csv"

#: Placeholders and duplicates at the source: they state nothing of their own.
NOT_SOUND = {"3_01_009", "5_17_0012"}


@pytest.fixture(scope="module")
def inner_mongolia() -> Rulebook:
    return load_rulebook("cn_15")


@pytest.mark.parametrize("book", built_in_books())
def test_every_example_comes_out_as_written(book: str) -> None:
    ran, failures = run_examples(load_rulebook(book))
    assert ran > 700
    assert [f"{failure.place} {failure.entry} {failure.text.en}" for failure in failures] == []


def test_every_cause_has_signals(inner_mongolia: Rulebook) -> None:
    assert {rule.cause for rule in inner_mongolia.signals} == set(CAUSES)
    assert len(inner_mongolia.signals) >= 30


def test_every_signal_names_a_source_and_says_what_to_do(inner_mongolia: Rulebook) -> None:
    for rule in inner_mongolia.rules.values():
        assert rule.source and rule.mend.zh and rule.mend.en, rule.id


def test_every_sound_rule_of_the_catalogue_is_written() -> None:
    if not CATALOGUE.exists():
        pytest.skip("the catalogue of practice is not at hand beside the project")
    with CATALOGUE.open(encoding="utf-8") as file:
        numbers = {row["id"] for row in csv.DictReader(file)}
    written = {rule.id for rule in load_rulebook("cn").audits}
    assert numbers - written == NOT_SOUND
    assert written - numbers == set()
