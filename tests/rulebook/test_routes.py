"""Classes of issues: read, inherited from their branch, checked, and dated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from khotail.rulebook import load_rulebook
from khotail.rulebook.problems import RulebookFlawed
from khotail.rulebook.routes import days_on

PARAMETERS = """\
days:
  name: {zh: 期限, en: Days}
  unit: working days
  values:
    - {since: 2022-01-01, value: 5, source: a notice}
    - {since: 2022-01-01, region: "1522", value: 3, source: a notice}
"""
ROUTES = """\
- id: water
  name: {zh: 饮水, en: Water}
  field: water
  level: banner
  accept_days: 5
  days: ":days"
  extend_days: 10
  since: 2022-05-01
  source: a notice
  card:
    post: {zh: 水利局, en: Water bureau}
    basis: a law
    steps: [{zh: 登记, en: Registered}]
    disclosed: {zh: 结果, en: The result}
  routes:
    - id: leak
      name: {zh: 漏水, en: Leak}
      description: {zh: 水管漏水, en: A pipe leaks}
      words: [漏水, 水管破了, 跑水]
    - id: thirst
      name: {zh: 没水喝, en: No water}
      description: {zh: 家里没水, en: No water at home}
      words: [没水, 拉水, 断水]
      level: township
      quiet: true
      causes: [water]
      until: 2030-12-31
      attributes:
        - {id: since, kind: singlevaluelist, label: {zh: 多久了, en: Since when}, values: [{id: week, label: {zh: 一周, en: A week}}]}
"""


def book(folder: Path, routes: str = ROUTES) -> Path:
    for name, text in (("parameters", PARAMETERS), ("routes", routes)):
        (folder / "book" / name).mkdir(parents=True)
        (folder / "book" / name / "a.yaml").write_text(text, encoding="utf-8")
    (folder / "book" / "book.yaml").write_text("id: book\nname: {zh: 书, en: Book}\n", encoding="utf-8")
    return folder / "book"


def flaws_of(folder: Path, routes: str) -> str:
    with pytest.raises(RulebookFlawed) as flawed:
        load_rulebook(book(folder, routes))
    return "\n".join(f"{flaw.place} {flaw.text.en}" for flaw in flawed.value.flaws)


def test_a_class_has_what_its_branch_says_unless_it_says_otherwise(tmp_path):
    routes = load_rulebook(book(tmp_path)).routes
    assert (routes["leak"].field, routes["leak"].level, routes["leak"].quiet) == ("water", "banner", False)
    assert (routes["thirst"].field, routes["thirst"].level, routes["thirst"].causes) == (
        "water",
        "township",
        ("water",),
    )
    assert routes["thirst"].attributes[0].values[0][0] == "week"


def test_days_come_from_the_parameter_of_the_region(tmp_path):
    found = load_rulebook(book(tmp_path))
    day = date(2026, 6, 1)
    assert days_on(found.routes["leak"].days, found.parameters, day, "152221") == 3
    assert days_on(found.routes["leak"].days, found.parameters, day, "150426") == 5
    assert days_on(found.routes["leak"].accept_days, found.parameters, day, "15") == 5


def test_a_class_is_open_from_its_day_to_its_last(tmp_path):
    found = load_rulebook(book(tmp_path))
    assert [route.id for route in found.routes_open(date(2022, 4, 30))] == []
    assert [route.id for route in found.routes_open(date(2026, 6, 1))] == ["leak", "thirst"]
    assert [route.id for route in found.routes_open(date(2031, 1, 1))] == ["leak"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("field: water", "field: waters", "must be one of"),
        ('days: ":days"', 'days: ":dais"', "There is no parameter “dais”."),
        ("accept_days: 5", "accept_days: soon", "a number of working days or `:parameter`"),
        ("words: [漏水, 水管破了, 跑水]", "words: [漏水]", "at least 3 ways"),
        ("quiet: true", "quiet: false", "A class that raises a lead"),
        ("basis: a law", "basis: ''", "names no legal basis"),
        ("kind: singlevaluelist", "kind: number", "`values` belong to"),
        ("      level: township", "      levle: township", "“levle” is not known here"),
    ],
)
def test_a_flaw_is_named_with_its_place(tmp_path, old, new, said):
    found = flaws_of(tmp_path, ROUTES.replace(old, new, 1))
    assert "book/routes/a.yaml:" in found and said in found


def test_an_overlay_may_send_a_class_elsewhere(tmp_path):
    base = book(tmp_path)
    over = tmp_path / "over"
    (over / "routes").mkdir(parents=True)
    (over / "book.yaml").write_text(
        f"id: over\nname: {{zh: 上, en: Over}}\nregion: '1522'\nextends: {base}\n", encoding="utf-8"
    )
    (over / "routes" / "a.yaml").write_text(ROUTES.replace("level: banner", "level: league"), encoding="utf-8")
    found = load_rulebook(over)
    assert found.routes["leak"].level == "league"
    assert {change.detail for change in found.changes if change.id == "leak"} == {"water, league"}


def test_every_class_of_the_built_in_book_is_recognised_by_its_own_words_alone():
    """No two classes are worded alike: else no message could be told apart."""
    routes = load_rulebook("cn").routes
    said = [word for route in routes.values() for word in route.words]
    assert len(routes) > 60
    assert len(set(said)) == len(said)


def test_a_forms_questions_and_columns_are_checked(tmp_path):
    folder = book(tmp_path)
    (folder / "forms").mkdir()
    (folder / "forms" / "a.md").write_text("| survey |\n", encoding="utf-8")
    form = """\
- id: a
  name: {zh: 表, en: Form}
  purpose: visit
  file: FILE
  household: /a/household
  since: 2022-01-01
  source: a notice
  takes:
    - {question: /a/litres, table: TABLE, column: litres_per_person_day}
  raises:
    - {question: /a/quality, answers: ["no"], ROUTE}
"""
    good = {"FILE": "a.md", "TABLE": "water_checks", "ROUTE": "causes: [water]"}
    wrong = (
        ("FILE", "../a.md", "There is no form file"),
        ("TABLE", "water_check", "There is no fact table “water_check”. Did you mean"),
        ("TABLE", "incomes", "incomes has no column"),
        ("ROUTE", "route: leek", "There is no class of issues “leek”. Did you mean"),
        ("ROUTE", "route: leak, causes: [water]", "either `causes` or `route`"),
    )
    for name, value, said in ((None, None, None), *wrong):
        text = form
        for key, filling in (good | ({name: value} if name else {})).items():
            text = text.replace(key, filling)
        (folder / "forms" / "a.yaml").write_text(text, encoding="utf-8")
        if said is None:
            assert load_rulebook(folder).forms["a"].takes[0].column == "litres_per_person_day"
            continue
        with pytest.raises(RulebookFlawed) as flawed:
            load_rulebook(folder)
        assert said in "\n".join(flaw.text.en for flaw in flawed.value.flaws)
