"""Procedures are checked when a rulebook is loaded: every flaw with file, line, and the nearest right name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from khotail.rulebook import load_rulebook
from khotail.rulebook.problems import RulebookFlawed

PROCEDURE = """\
- id: check
  kind: recheck
  name: {zh: 回头看, en: Recheck}
  since: 2021-01-01
  source: a notice
  steps:
    - id: look
      name: {zh: 看, en: Look}
      asks: {zh: 去看, en: Go and look}
      level: village
      roles: [village_cadre]
      deadline_days: ":days"
      fields:
        - {id: persons, kind: number, label: {zh: 人数, en: Persons}, least: 1}
      outcomes:
        - id: seen
          label: {zh: 已看, en: Seen}
          next: decide
          evidence: [photo]
          needs:
            - that: persons > 0 AND measures >= 0
              otherwise: {zh: 没有人, en: Nobody}
    - id: decide
      name: {zh: 定, en: Decide}
      asks: {zh: 决定, en: Decide}
      level: township
      roles: [officer]
      deadline_days: 2
      outcomes:
        - {id: well, label: {zh: 好, en: Well}, ends: stays}
        - {id: back, label: {zh: 退回, en: Back}, next: look, returns: true}
"""
PARAMETERS = """\
days:
  name: {zh: 期限, en: Days}
  unit: working days
  values:
    - {since: 2020-01-01, value: 3, source: a notice}
"""


def written(folder: Path, procedures: str, needs: str = "", extends: str = "") -> Path:
    book = folder / "book"
    for name, text in (("parameters", PARAMETERS), ("procedures", procedures), ("needs", needs)):
        if text and not (extends and name == "parameters"):
            (book / name).mkdir(parents=True, exist_ok=True)
            (book / name / "a.yaml").write_text(text, encoding="utf-8")
    header = f"id: book\nname: {{zh: 册, en: Book}}\n{extends}"
    (book / "book.yaml").write_text(header, encoding="utf-8")
    return book


def test_a_procedure_is_read(tmp_path) -> None:
    book = load_rulebook(written(tmp_path, PROCEDURE))
    procedure = book.procedures["check@2021-01-01"]
    assert [step.id for step in procedure.steps] == ["look", "decide"]
    assert procedure.first.outcomes[0].evidence == ("photo",)
    assert procedure.steps[1].outcome("back").reason  # whoever returns a case says why
    assert book.procedure("recheck", date(2020, 12, 31)) is None
    assert book.procedure("recheck", date(2026, 1, 1), "15") is procedure


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("next: decide", "next: decode"), 16, "no step “decode”. Did you mean “decide”?"),
        (("next: decide", "ends: stays"), 23, "No outcome leads to this step"),
        (("ends: stays}", "next: look}"), 7, "no way to an end"),
        (("ends: stays", "ends: forgotten"), 30, "`ends` is “forgotten”"),
        (("next: decide\n", "next: decide\n          ends: stays\n"), 16, "exactly one of"),
        (("ends: stays", "begins: exit"), 30, "no risk resolved procedure to begin"),
        (("roles: [officer]", "roles: [mayor]"), 27, "`roles` is “mayor”"),
        (("level: township", "level: town"), 26, "`level` is “town”"),
        (("[photo]", "[drawing]"), 19, "`evidence` is “drawing”"),
        (("kind: number", "kind: amount"), 14, "`kind` is “amount”"),
        (("kind: number", "kind: choice"), 14, "`choices` belong"),
        (("      deadline_days: 2\n", ""), 23, "The deadline is missing"),
        (('":days"', '":dayz"'), 7, "no parameter “dayz”. Did you mean “days”?"),
        (("persons > 0", "person > 0"), 21, "no field or case column “person”"),
        (("persons > 0 AND measures >= 0", "persons + 1"), 21, "DOUBLE ≠ boolean"),
        (("least: 1", "required: [sean]"), 14, "no outcome “sean”. Did you mean “seen”?"),
        (("id: persons", "id: measures"), 14, "a column of the case itself"),
        (("{zh: 看, en: Look}", "{zh: 看}"), 8, "needs both `zh` and `en`"),
        (("  source: a notice\n", ""), 1, "The source is missing"),
        (("since: 2021-01-01", "since: soon"), 4, "must be the date"),
        (("kind: recheck", "kind: party"), 2, "`kind` is “party”"),
        (("returns: true", "returns: maybe"), 31, "`returns` is “maybe”"),
        (("id: decide", "id: look"), 23, "stands twice"),
        (("roles: [officer]", "roles: [officer]\n      bulk: perhaps"), 28, "`bulk` is “perhaps”"),
        (("asks: {zh: 决定", "asked: {zh: 决定"), 25, "“asked” is not known here"),
    ],
)
def test_each_flaw_is_named_with_its_line(tmp_path, change, line, says) -> None:
    text = PROCEDURE.replace(*change)
    assert text != PROCEDURE
    with pytest.raises(RulebookFlawed) as caught:
        load_rulebook(written(tmp_path, text))
    sentences = [f"{flaw.place.line} {flaw.text.en}" for flaw in caught.value.flaws]
    assert any(sentence.startswith(f"{line} ") and says in sentence for sentence in sentences), sentences
    assert all(flaw.place.file == "book/procedures/a.yaml" for flaw in caught.value.flaws)


@pytest.mark.parametrize("text", ["steps", "- check", "- {id: x}", "- {id: x, since: 2021-01-01}", "- id: 3", "{a: b}"])
def test_what_is_no_procedure_is_a_flaw(tmp_path, text) -> None:
    with pytest.raises(RulebookFlawed):
        load_rulebook(written(tmp_path, text))


def test_a_region_lays_its_own_procedure_over_the_national_one(tmp_path) -> None:
    overlay = written(
        tmp_path, PROCEDURE.replace('":days"', '":recheck_days"'), extends='extends: cn_15\nregion: "1522"\n'
    )
    book = load_rulebook(overlay)
    day = date(2026, 6, 3)
    assert book.procedure("recheck", day, "152221").id == "check"
    assert book.procedure("recheck", day, "150102").id == "recheck"
    assert ("adds", "procedure", "check@2021-01-01") in {(c.action, c.kind, c.id) for c in book.changes}


def test_what_decides_nothing_may_be_closed_in_bulk(tmp_path) -> None:
    bulk = PROCEDURE.replace("roles: [officer]", "roles: [officer]\n      bulk: true")
    look, decide = load_rulebook(written(tmp_path / "one", bulk)).procedures["check@2021-01-01"].steps
    assert (look.bulk, decide.bulk) == (False, True)  # whether it goes back is no second way on
    both = bulk.replace("ends: stays}", "ends: stays}\n        - {id: ill, label: {zh: 坏, en: Ill}, ends: raised}")
    with pytest.raises(RulebookFlawed, match=r"several outcomes \(well, ill\)"):
        load_rulebook(written(tmp_path / "two", both))


def test_only_announcements_are_closed_in_bulk_in_the_national_book() -> None:
    steps = [step for one in load_rulebook("cn").procedures.values() for step in one.steps if step.bulk]
    assert [step.id for step in steps] == ["exit-announcement", "announcement", "announcement"]


def test_the_simplified_identification_follows_the_full_one_without_a_gap() -> None:
    book = load_rulebook("cn_15")
    full, simple = (p for p in book.procedures.values() if p.kind == "identification")
    assert full.until.toordinal() + 1 == simple.since.toordinal()
    assert len(full.steps) == 7 and len(simple.steps) == 6
    assert {p.kind for p in book.procedures.values()} == {"identification", "follow_up", "exit", "decrease", "recheck"}


def test_needs_are_checked(tmp_path) -> None:
    needs = "- {id: a, name: {zh: 甲, en: A}, cause: illnes, accepts: [钱], since: 2021-01-01, source: s}"
    with pytest.raises(RulebookFlawed) as caught:
        load_rulebook(written(tmp_path, PROCEDURE, needs))
    words = str(caught.value)
    assert "`cause` is “illnes”" in words and "`accepts` is “钱”" in words
