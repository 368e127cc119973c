"""What the demo says it planted is what the readers mend and refuse and the rulebook finds."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from khotail import engine
from khotail.demo import DemoSet, generate
from khotail.facts.reading.read import ReadFacts, read
from khotail.rulebook import load_rulebook

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSet:
    return generate(tmp_path_factory.mktemp("demo"), households=1_000)


@pytest.fixture(scope="module")
def facts(demo: DemoSet) -> ReadFacts:
    return read(*demo.files)


def total(facts: ReadFacts, what: str) -> Counter[str]:
    return sum((getattr(reading, what) for reading in facts.reading), Counter())


def test_every_file_is_known_and_every_header_understood(demo: DemoSet, facts: ReadFacts) -> None:
    assert len(facts.reading) == len(demo.files)
    assert [reading.path.name for reading in facts.reading if reading.unknown or reading.problem] == []
    assert {reading.as_of for reading in facts.reading} == {AS_OF}


def test_every_household_person_and_village_arrives(demo: DemoSet, facts: ReadFacts) -> None:
    assert facts.count("households", demo.banner) == demo.households
    assert facts.count("persons") == demo.persons + demo.dirt["person_in_two_households"]
    assert facts.count("villages", demo.banner) == demo.rows["registers/行政村信息.xlsx"]


def test_dirt_is_mended_or_named_as_often_as_it_was_planted(demo: DemoSet, facts: ReadFacts) -> None:
    mended, flagged, dropped = (total(facts, what) for what in ("mended", "flagged", "dropped"))
    assert mended["id-upgraded"] == demo.dirt["id_15_digits"]
    assert mended["id-lower-case"] == demo.dirt["id_lower_case_x"]
    assert flagged["id-destroyed"] == demo.dirt["id_destroyed"]
    assert flagged["id-check-digit"] == demo.dirt["id_wrong_check_digit"]
    assert dropped["duplicate-row"] == demo.dirt["duplicate_rows"]


def test_the_audit_finds_every_planted_error(demo: DemoSet, facts: ReadFacts) -> None:
    found = {
        rule: findings
        for rule, findings, *_ in engine.audit(facts, load_rulebook("cn_15"), as_of=AS_OF).counts_by("rule_id")
    }
    assert {rule: found.get(rule) for rule in demo.audit_errors} == demo.audit_errors


def test_about_one_household_in_twelve_is_warned_of(demo: DemoSet, facts: ReadFacts) -> None:
    warned = engine.screen(facts, load_rulebook("cn_15"), as_of=AS_OF).households()
    assert demo.trouble["warned"] * 0.8 < warned
    assert 0.05 < warned / demo.households < 0.14


def test_the_audit_of_a_clean_demo_finds_next_to_nothing(tmp_path: Path) -> None:
    clean = generate(tmp_path, households=1_000, dirty=False)
    assert engine.audit(read(*clean.files), load_rulebook("cn_15"), as_of=AS_OF).count() < 5
