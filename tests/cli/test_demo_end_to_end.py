"""`khotail demo FOLDER --households 300 --run`: what was planted is what the import, the audit and the screening say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from khotail.demo.households import Household
from khotail.demo.trouble import Trouble
from khotail.engine import audit, screen
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook
from tests.cli.calling import Answer, called

AS_OF = date(2026, 10, 31)
#: kind of dirt → the reason, by kind and name, under which the import counts it
REASONS = {
    "id_lower_case_x": ("mended", "id-lower-case"),
    "id_15_digits": ("mended", "id-upgraded"),
    "id_destroyed": ("flagged", "id-destroyed"),
    "id_wrong_check_digit": ("flagged", "id-check-digit"),
    "date_excel_serial": ("mended", "excel-date"),
    "duplicate_rows": ("dropped", "duplicate-row"),
}
#: kinds that share a reason with others, which may count more cells than were dirtied
SHARED_REASONS = {
    ("id_full_width", "id_spaces"): ("mended", "id-tidied"),
    ("date_with_slash", "date_in_words", "month_in_words"): ("mended", "date-form"),
    ("phone_full_width", "padded_text"): ("mended", "tidied"),
}


@dataclass
class Ran:
    folder: Path
    answer: Answer
    expected: dict[str, Any]
    struck: dict[str, tuple[str, ...]]
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def seen(self, kind: str, name: str) -> int:
        return self.counts[kind][name]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("end") / "demo"
    struck: dict[str, tuple[str, ...]] = {}
    strike = Trouble.strike

    def noted(self: Trouble, household: Household) -> list[str]:
        kinds = strike(self, household)
        if kinds:
            struck[household.number] = tuple(kinds)
        return kinds

    # Which households were struck is not written anywhere: a reader of the demo must not know. Here it is overheard.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trouble, "strike", noted)
        answer = called("demo", folder, "--households", 300, "--run")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    made = Ran(folder, answer, expected, struck)
    batches = json.loads((folder / "facts" / "batches.json").read_text(encoding="utf-8"))
    for kind in ("mended", "flagged", "rejected", "dropped"):
        made.counts[kind] = sum((Counter(batch[kind]) for batch in batches.values()), Counter())
    return made


@pytest.fixture(scope="module")
def facts(ran: Ran) -> Facts:
    return Facts.open(ran.folder / "facts")


def test_it_ends_well(ran: Ran) -> None:
    assert ran.answer.code == 0, ran.answer.err
    assert str(ran.folder / "report.html") in ran.answer.out
    page = (ran.folder / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert "科尔沁右翼前旗" in page
    assert "http://" not in page.replace("http://www.w3.org", "") or "<script src" not in page


def test_every_village_with_a_finding_has_a_workbook(ran: Ran) -> None:
    books = sorted((ran.folder / "workbooks").glob("*.xlsx"))
    assert len(books) > 20
    index = next(path for path in books if not path.name.startswith("1522"))
    listed = [row[-1] for row in openpyxl.load_workbook(index).active.iter_rows(min_row=2, values_only=True)]
    assert sorted(listed) == [path.name for path in books if path != index]
    book = openpyxl.load_workbook(next(path for path in books if path != index))
    assert all(sheet.max_row > 1 for sheet in book)


def test_every_kind_of_dirt_was_seen(ran: Ran) -> None:
    dirt = ran.expected["dirt"]
    assert {kind: ran.seen(*reason) for kind, reason in REASONS.items()} == {kind: dirt[kind] for kind in REASONS}
    for kinds, reason in SHARED_REASONS.items():
        assert ran.seen(*reason) >= sum(dirt[kind] for kind in kinds), kinds


def test_dirt_that_needs_no_reason_is_in_the_facts_as_it_should_be(ran: Ran, facts: Facts) -> None:
    dirt = ran.expected["dirt"]
    twice = (
        "SELECT count(*) FROM (SELECT id_number FROM persons WHERE id_number IS NOT NULL "
        "GROUP BY id_number HAVING count(DISTINCT household_id) > 1)"
    )
    assert facts.connection.execute(twice).fetchall()[0][0] >= dirt["person_in_two_households"]
    assert facts.count("households") == ran.expected["households"]
    assert facts.count("persons") == ran.expected["persons"] + dirt["person_in_two_households"]
    # A date with dashes is how dates are written: read without a word.
    assert facts.connection.execute("SELECT count(*) FROM persons WHERE birth_date IS NULL").fetchall() == [(0,)]
    batches = json.loads((ran.folder / "facts" / "batches.json").read_text(encoding="utf-8")).values()
    assert len([batch for batch in batches if batch["source"] == "national-monitored"]) == 2, "a file cut in half"
    planned = [batch for batch in batches if batch["source"] == "national-planned-work"]
    assert planned and not planned[0]["rejected"], "renamed and reordered columns"
    villages = facts.connection.execute("SELECT count(*) FROM villages WHERE region_code IS NULL").fetchall()
    assert villages == [(0,)], "merged cells"


def test_the_audit_finds_every_planted_error(ran: Ran, facts: Facts) -> None:
    found = audit(facts, load_rulebook("cn_15"), as_of=AS_OF)
    counted = {rule: count for rule, count, _ in found.counts_by("rule_id")}
    planted = ran.expected["audit_errors"]
    assert {rule: counted.get(rule, 0) for rule in planted} == planted


def test_nineteen_of_twenty_households_in_trouble_are_warned(ran: Ran, facts: Facts) -> None:
    found = screen(facts, load_rulebook("cn_15"), as_of=AS_OF)
    warned = {row[0] for row in found.counts_by("household_id")}
    assert len(ran.struck) == ran.expected["trouble"]["warned"]
    missed = {household: kinds for household, kinds in ran.struck.items() if household not in warned}
    assert len(missed) <= 0.05 * len(ran.struck), missed


def test_a_demo_whose_import_fails_says_so_by_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "facts").write_text("in the way")
    answer = called("demo", tmp_path / "demo", "--households", 40, "--run")
    assert answer.code == 5
    assert not (tmp_path / "demo" / "report.html").exists()
