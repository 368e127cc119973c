"""Cliffs of small registers whose outcome can be computed by hand, and what always holds."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khotail.analysis import (
    ScenarioFlawed,
    Simulation,
    UnknownScenario,
    built_in_scenarios,
    dependence,
    load_scenario,
    radar,
    simulate,
    write_simulation,
)
from khotail.facts.store import Facts
from khotail.rulebook import Rulebook, load_rulebook
from tests.rulebook.programme_books import programme, write_programmes

DAY = date(2026, 10, 31)
HEAD = "name: {zh: 情景, en: Scenario}\nadopted: 2026-06-01\n"
ADDED = """
adds:
  - id: fresh
    name: {zh: 新项目, en: Fresh}
    category: 综合保障
    level: household
    who: forest_mu > 0
    amount: forest_mu * 50
    because: {zh: 林地, en: forest}
    mend: {zh: 申请, en: Apply}
    pays: {level: banner, fund: a fund}
    transition: new
    counts_as: transfer
    since: 2028-01-01
    source: a draft
"""


@pytest.fixture
def law(tmp_path: Path) -> Rulebook:
    return load_rulebook(write_programmes(tmp_path / "law", programme("a")))


def facts(*homes: tuple[float | None, float, int | None], place: str = "152221100200", **columns: list[Any]) -> Facts:
    """Households H0, H1, … of (business income, forest, members) in the income year 2026."""
    ids = [f"H{n}" for n in range(len(homes))]
    rows = [
        {"household_id": id_, "income_year": 2026, "business_cny": income, "transfer_cny": 0.0, "members": members}
        for id_, (income, _, members) in zip(ids, homes, strict=True)
        if income is not None
    ]
    own = {"household_id": ids, "region_code": [place] * len(ids), "forest_mu": [mu for _, mu, _ in homes]}
    return Facts.of(households=pa.table(own | columns), incomes=pa.Table.from_pylist(rows))


def tried(folder: Path, law: Rulebook, text: str, register: Facts, years: int = 3) -> Simulation:
    path = folder / "tried.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return simulate(register, load_scenario(path, law), on=DAY, years=years)


def test_the_household_that_lived_on_the_programme_falls(tmp_path: Path, law: Rulebook) -> None:
    register = facts((13_100, 200, 2), (30_000, 200, 2), (13_100, 0, 2))
    found = tried(tmp_path, law, "ends: [{programme: a, on: 2027-07-01}]", register)
    first, second, third = found.years
    assert [year.below_baseline for year in found.years] == [0, 0, 0]
    assert (first.fall, second.fall, third.fall) == (0, 1, 1), "half of 2,000 is gone in 2027, all of it from 2028"
    assert second.cost_scenario_cny == pytest.approx(900), "2 × (6,000 - 5,550)"
    assert second.lost_cny["a"] == pytest.approx(4_000)
    assert [(year, home, round(gap)) for year, _, home, *_, gap, _ in found.falling()] == [
        (2028, "H0", 450),
        (2029, "H0", 450),
    ]
    assert [programme.id for programme in found.assumed] == ["a"]
    assert [(row[0], row[1], row[2]) for row in found.villages()] == [
        (2028, "152221100200", 1),
        (2029, "152221100200", 1),
    ]


def test_a_taper_takes_it_away_year_by_year(tmp_path: Path, law: Rulebook) -> None:
    found = tried(
        tmp_path, law, "tapers: [{programme: a, on: 2027-01-01, shares: [0.8, 0.5, 0]}]", facts((20_000, 100, 1)), 4
    )
    assert [round(year.lost_cny["a"]) for year in found.years] == [200, 500, 1_000, 1_000]


def test_only_the_region_of_the_reform_loses(tmp_path: Path, law: Rulebook) -> None:
    text = 'ends: [{programme: a, on: 2027-01-01, region: "1501"}]'
    assert tried(tmp_path, law, text, facts((6_500, 200, 1))).years[0].lost_cny["a"] == 0
    assert tried(tmp_path, law, text, facts((6_500, 200, 1), place="150102100200")).years[0].fall == 1


def test_the_law_itself_may_end_a_programme_in_both_columns(tmp_path: Path) -> None:
    law = load_rulebook(write_programmes(tmp_path / "law", programme("a", until="2026-12-31")))
    year = tried(tmp_path, law, ADDED, facts((6_500, 200, 1))).years[0]
    assert (year.below_baseline, year.below_scenario, year.fall) == (1, 1, 0)


def test_what_is_added_lifts_from_the_year_in_which_it_begins(tmp_path: Path, law: Rulebook) -> None:
    found = tried(tmp_path, law, ADDED, facts((5_000, 30, 1)))
    assert [year.below_scenario for year in found.years] == [1, 0, 0]
    assert [year.rise for year in found.years] == [0, 1, 1]
    assert [year.lost_cny["fresh"] for year in found.years] == [0, -1_500, -1_500]


def test_converting_hands_over_to_the_new_programme(tmp_path: Path, law: Rulebook) -> None:
    text = ADDED + "converts: [{programme: a, on: 2028-01-01, to: fresh}]"
    found = tried(tmp_path, law, text, facts((7_000, 100, 1)))
    assert [round(sum(year.lost_cny.values())) for year in found.years] == [0, -4_000, -4_000]


SHOCK = """
shocks:
  - id: dry
    name: {zh: 旱, en: Drought}
    cause: drought
    since: 2027-01-01
    until: 2027-12-31
    factors: {business: 0.5}
"""


def test_a_shock_strikes_while_it_lasts(tmp_path: Path, law: Rulebook) -> None:
    found = tried(tmp_path, law, SHOCK, facts((10_000, 0, 1), (14_000, 0, 1), (-2_000, 0, 1)))
    assert [(year.struck, year.fall, year.below_scenario) for year in found.years] == [(3, 1, 2), (0, 0, 1), (0, 0, 1)]
    assert found.years[0].cost_scenario_cny == pytest.approx(1_000 + 7_000)


def test_a_shock_strikes_the_same_share_of_households_each_time(tmp_path: Path, law: Rulebook) -> None:
    text = SHOCK + "    share: 0.3\n"
    register = facts(*[(10_000.0, 0.0, 1)] * 1_000)
    struck = {tried(tmp_path, law, text, register).years[0].struck for _ in range(2)}
    assert len(struck) == 1 and 250 < struck.pop() < 350


def test_a_shock_may_be_for_some_households_only(tmp_path: Path, law: Rulebook) -> None:
    found = tried(
        tmp_path, law, SHOCK + "    who: forest_mu > 10\n", facts((10_000, 50, 1), (10_000, 0, 1), (10_000, 5, 1))
    )
    assert found.years[0].struck == 1
    lacking = tried(tmp_path, law, SHOCK + "    who: NOT safe_water\n", facts((10_000, 50, 1)))
    assert ([skip.rule_id for skip in lacking.skipped], lacking.years[0].struck) == (["dry"], 0)


def test_what_cannot_be_computed_is_left_out_and_counted(tmp_path: Path, law: Rulebook) -> None:
    register = facts((10_000, 0, 1), (None, 0, 1), (9_000, 0, 0), net_income_cny_per_capita=[None, None, None])
    found = tried(tmp_path, law, SHOCK, register)
    assert found.years[0].households == 1
    assert [(reason.en, count) for reason, count in found.left_out] == [
        ("households without an income", 1),
        ("households of no or unknown size", 1),
    ]


def test_an_income_without_components_stands_but_takes_no_shock(tmp_path: Path, law: Rulebook) -> None:
    register = facts((10_000, 0, 1), (None, 0, 1), net_income_cny_per_capita=[None, 9_000.0], stated_size=[1, 2])
    found = tried(tmp_path, law, SHOCK, register)
    assert (found.years[0].households, found.years[0].fall) == (2, 1)
    assert any("without components" in reason.en and count == 1 for reason, count in found.left_out)


@pytest.mark.parametrize(
    ("text", "told", "line"),
    [
        ("ends:\n  - {programme: b, on: 2027-01-01}", "There is no programme “b”", 4),
        ("ends:\n  - {programme: aa, on: 2027-01-01}", "Did you mean “a”?", 4),
        ("ends:\n  - {programme: a, on: 2026-01-01}", "before it is adopted on 2026-06-01", 4),
        (
            "ends:\n  - {programme: a, on: 2027-01-01}\n  - {programme: a, on: 2028-01-01}",
            "overlaps with the reform in line 4",
            5,
        ),
        ("ends:\n  - {programme: a}", "`programme` and `on`", 4),
        ("tapers:\n  - {programme: a, on: 2027-01-01, shares: [2]}", "between 0 and 1", 4),
        ("converts:\n  - {programme: a, on: 2027-01-01}", "(`to`) is missing", 4),
        (ADDED + "converts:\n  - {programme: a, on: 2027-01-01, to: fresh}", "not in force on 2027-01-01", 19),
        (ADDED.replace("forest_mu * 50", "forrest_mu"), "Did you mean “forest_mu”?", 10),
        (ADDED.replace("2028-01-01", "2026-01-01"), "before it is adopted", 16),
        (SHOCK.replace("drought", "rain"), "one of: drought", 7),
        (SHOCK.replace("business", "busines"), "Did you mean “business”?", 10),
        (SHOCK + "    who: forrest_mu > 1\n", "Did you mean “forest_mu”?", 11),
        ("endz: []", "Did you mean “ends”?", 3),
        ("", "changes nothing", 1),
    ],
)
def test_a_mistake_in_a_scenario_is_named_with_its_line(
    tmp_path: Path, law: Rulebook, text: str, told: str, line: int
) -> None:
    (tmp_path / "wrong.yaml").write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ScenarioFlawed) as raised:
        load_scenario(tmp_path / "wrong.yaml", law)
    assert told in raised.value.text.en
    assert any(flaw.place.line == line and told in flaw.text.en for flaw in raised.value.flaws), raised.value.text.en


def test_the_built_in_scenarios_fit_the_built_in_book() -> None:
    law = load_rulebook("cn_15")
    assert len(built_in_scenarios()) >= 3
    assert all(load_scenario(name, law).id == name for name in built_in_scenarios())
    with pytest.raises(UnknownScenario, match="drought"):
        load_scenario("nowhere", law)


def test_the_radar_shows_what_ends_without_a_successor(tmp_path: Path) -> None:
    law = load_rulebook(
        write_programmes(
            tmp_path / "law",
            programme("a", until="2027-12-31"),
            programme("b", amount="1", until="2027-12-31", successor="c"),
            programme("c", amount="2", since="2028-01-01"),
            programme("d", amount="3", until="2045-12-31"),
            programme("gone", amount="4", until="2026-06-30"),
        )
    )
    lines = radar(facts((1, 100, 1), (1, 0, 1)), law, on=DAY)
    assert [(line.programme.id, line.households, line.cny) for line in lines] == [("gone", 1, 4.0), ("a", 1, 1_000.0)]


def test_dependence_is_the_share_of_policy_money_in_net_income() -> None:
    rows = [
        {
            "household_id": id_,
            "income_year": 2026,
            "business_cny": own,
            "transfer_cny": policy,
            "policy_transfer_cny": policy,
        }
        for id_, own, policy in (
            ("H0", 6_000.0, 4_000.0),
            ("H1", -9_000.0, 4_000.0),
            ("H2", 9_500.0, 500.0),
            ("H4", 1.0, None),
        )
    ]
    homes = pa.table({"household_id": [f"H{n}" for n in range(5)], "region_code": ["15"] * 5})
    found = dependence(Facts.of(households=homes, incomes=pa.Table.from_pylist(rows)), on=DAY)
    assert (found.bands, found.unknown, found.negative) == ((1, 0, 1, 0, 0), 2, 1)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".xlsx"])
def test_a_simulation_is_written_whole(tmp_path: Path, law: Rulebook, suffix: str) -> None:
    found = tried(tmp_path, law, "ends: [{programme: a, on: 2027-01-01}]", facts((6_500, 200, 1)))
    path = write_simulation(found, tmp_path / f"found{suffix}", "en")
    assert path.stat().st_size > 100


@settings(max_examples=15, deadline=None)
@given(
    homes=st.lists(
        st.tuples(st.integers(-5_000, 30_000), st.integers(0, 900), st.integers(1, 4)), min_size=1, max_size=6
    )
)
def test_the_law_less_what_ends_is_the_scenario(homes: list[tuple[int, int, int]]) -> None:
    with tempfile.TemporaryDirectory(prefix="c_") as folder:
        law = load_rulebook(write_programmes(Path(folder) / "law", programme("a"), programme("b", amount="7")))
        register = facts(*[(float(income), float(mu), members) for income, mu, members in homes])
        found = tried(Path(folder), law, "ends: [{programme: a, on: 2027-01-01}]", register, 1)
        rows = register.connection.execute(f"SELECT household_id, base_2027, scn_2027 FROM {found.table}").fetchall()
        register.connection.close()
    assert len(rows) == len(homes)
    for id_, base, changed in rows:
        income, mu, members = homes[int(id_[1:])]
        assert base == pytest.approx(income / members)
        assert (base - changed) * members == pytest.approx(mu * 10)
    assert found.years[0].lost_cny["a"] == pytest.approx(sum(mu * 10 for _, mu, _ in homes))
