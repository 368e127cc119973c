"""A change to the banner's rulebook is checked, tried dry and adopted; nobody else can, and nothing is half in force."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from khotail.jobs.work import run_waiting
from khotail.screening import actions, changes, rulebook
from khotail.screening.models import Finding, RulebookChange
from khotail.screening.problems import (
    BadFileName,
    ChangeIsFlawed,
    ChangeIsOver,
    EmptyChange,
    MayNotChangeRules,
    NotTried,
    RulebookMovedOn,
    UnknownParameter,
    WrongKindOfValue,
)
from khotail.screening.trial import listed
from khotail.trail.models import Event
from tests.record.conftest import BANNER, OTHER_VILLAGE, VILLAGE
from tests.record.test_screening_runs import home, households, income, stated  # noqa: F401

SOURCE = "旗政府会议纪要〔2026〕3号"


@pytest.fixture
def raised(households, officers, now):  # noqa: F811
    """A change that lifts the monitoring line above the second household's income."""
    return changes.set_parameter(
        "monitoring_line", "100000", date(2026, 1, 1), SOURCE, by=officers["administrator"], now=now
    )


def tried(change, by, now):
    changes.ask_for_trial(change, by=by, now=now)
    run_waiting(now)
    change.refresh_from_db()
    assert change.state == RulebookChange.State.TRIED, change.job.problem_en
    return change


def test_a_line_for_the_banner_is_tried_dry_and_adopted(raised, officers, now):
    by = officers["administrator"]
    change = tried(raised, by, now)
    assert (change.trial["warned"], change.trial["new"], change.trial["ended"]) == (2, 1, 0)
    assert next(rule for rule in change.trial["rules"] if rule["rule"] == "income-below-line")["new"] == 1
    assert [(row["household"], row["state"]) for row in listed(change, BANNER)[1]] == [("H1", "lasting"), ("H2", "new")]
    assert [row["household"] for row in listed(change, OTHER_VILLAGE, "new")[1]] == ["H2"]
    assert not Finding.objects.exists()
    before = rulebook.digest()
    changes.adopt(change, by=by, now=now)
    assert rulebook.current().parameters["monitoring_line"].in_force(now.date(), VILLAGE).value == 100000
    assert rulebook.digest() == change.__class__.objects.get().digest != before
    assert Event.objects.filter(verb="rulebook.adopted").count() == 1
    actions.run("signal", BANNER, now.date(), by, now)
    assert Finding.objects.filter(rule_id="income-below-line").count() == 2


def test_bad_yaml_is_kept_and_told_by_line(officers, now):
    by = officers["administrator"]
    change = changes.write("x", "signals/ours.yaml", "- id: a\n  level: household\n  when: [", by=by, now=now)
    assert change.trial["flaws"][0]["file"] == "signals/ours.yaml" and change.trial["flaws"][0]["line"] >= 1
    with pytest.raises(ChangeIsFlawed):
        changes.ask_for_trial(change, by=by, now=now)
    with pytest.raises(ChangeIsFlawed):
        changes.adopt(change, by=by, now=now)
    unknown = "no_such_line:\n  values:\n    - {since: 2026-01-01, value: 1}\n"
    change = changes.write("x", "signals/ours.yaml", "", by=by, now=now, change=change)
    change = changes.write("x", "parameters/ours.yaml", unknown, by=by, now=now, change=change)
    assert [flaw["line"] for flaw in change.trial["flaws"]]
    for name in ("../book.yaml", "book.yaml", "signals/../../x.yaml", "signals/x.sql", "signals/X.yaml"):
        with pytest.raises(BadFileName):
            changes.write("x", name, "", by=by, now=now)


def test_a_new_signal_of_the_banner_runs_with_its_examples(households, officers, now):  # noqa: F811
    text = """\
- id: ours-wage
  name: {zh: 工资低, en: Low wage}
  level: household
  cause: employment
  severity: low
  when: net_income_per_capita_latest < 5000
  because: {zh: 人均 {net_income_per_capita_latest} 元, en: "{net_income_per_capita_latest} CNY per person"}
  mend: {zh: 核实, en: Ask.}
  source: 旗文件
  since: 2026-01-01
  examples:
    - {given: {net_income_cny_per_capita: 4000}, on: 2026-02-01, expect: EXPECTED}
    - {given: {net_income_cny_per_capita: 9000}, on: 2026-02-01, expect: false}
""".replace("zh: 人均 {net_income_per_capita_latest} 元", 'zh: "人均 {net_income_per_capita_latest} 元"')
    by = officers["administrator"]
    wrong = changes.write("x", "signals/ours.yaml", text.replace("EXPECTED", "false"), by=by, now=now)
    assert wrong.trial["flaws"]
    right = changes.write("x", "signals/ours.yaml", text.replace("EXPECTED", "true"), by=by, now=now, change=wrong)
    assert right.trial["flaws"] == []
    change = tried(right, by, now)
    assert [rule["rule"] for rule in change.trial["rules"]] == ["ours-wage"]


def test_who_may_not_change_it(raised, officers, now):
    for key in ("banner_officer", "township_officer", "village_cadre", "leader", "auditor", "helper"):
        with pytest.raises(MayNotChangeRules):
            changes.write("x", "signals/a.yaml", "", by=officers[key], now=now)
        with pytest.raises(MayNotChangeRules):
            changes.adopt(raised, by=officers[key], now=now)
    with pytest.raises(RulebookChange.DoesNotExist):
        changes.drop(raised, by=officers["neighbour"], now=now)


def test_not_untried_not_twice_not_on_a_book_that_moved_on(raised, officers, now):
    by = officers["administrator"]
    with pytest.raises(NotTried):
        changes.adopt(raised, by=by, now=now)
    other = changes.set_parameter("watch_band", "1.4", date(2026, 1, 1), SOURCE, by=by, now=now)
    tried(raised, by, now)
    tried(other, by, now + timedelta(minutes=1))
    changes.adopt(raised, by=by, now=now)
    with pytest.raises(ChangeIsOver):
        changes.adopt(raised, by=by, now=now)
    with pytest.raises(RulebookMovedOn):
        changes.adopt(other, by=by, now=now)
    dropped = changes.drop(other, by=by, now=now)
    with pytest.raises(ChangeIsOver):
        changes.ask_for_trial(dropped, by=by, now=now)


def test_values_must_fit_the_parameter(officers, now):
    by = officers["administrator"]
    for value in ("viel", "nan", "1e300", ""):
        with pytest.raises(WrongKindOfValue):
            changes.set_parameter("monitoring_line", value, date(2026, 1, 1), SOURCE, by=by, now=now)
    with pytest.raises(UnknownParameter):
        changes.set_parameter("no_such", "1", date(2026, 1, 1), SOURCE, by=by, now=now)
    without_source = changes.set_parameter("monitoring_line", "1", date(2026, 1, 1), " ", by=by, now=now)
    assert without_source.trial["flaws"]


def test_a_change_that_changes_nothing_is_told_so(officers, now):
    by = officers["administrator"]
    change = changes.write("x", "signals/empty.yaml", "# nothing\n", by=by, now=now)
    with pytest.raises(EmptyChange):
        changes.ask_for_trial(change, by=by, now=now)
