"""Did it work? Comparable households, the difference and its interval, and honest words where nothing can be said."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khotail.accounts.problems import NotAllowed
from khotail.assistance import problems
from khotail.assistance.effect_data import Lacking, lacking
from khotail.assistance.effects import ask_for_effect, compare, years_of
from khotail.assistance.matching import Pool, difference, match
from khotail.assistance.models import EffectStudy
from khotail.casework import actions
from khotail.desk.effect_words import chart_of, words_of
from khotail.facts.store import Facts
from khotail.jobs.work import run_waiting
from khotail.register.models import Household, Statement
from khotail.register.statements import state
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE
from tests.record.walking import opened

TODAY = date(2026, 6, 3)  # the last whole income year is 2025
START = date(2024, 3, 1)  # before: 2023, after: 2025


def population(
    helped: int, others: int, effect: float, *, start: date = START, seed: int = 1, drift: float = 0.0
) -> dict:
    """Households of two townships with a common growth of 500, and `effect` more for those that were helped in `start`."""
    dice = random.Random(seed)
    homes, people, incomes, measures = [], [], [], []
    for at in range(helped + others):
        number, is_helped = f"H{at:05d}", at < helped
        base, members, able = dice.uniform(6000, 14000), dice.choice((2, 3, 4)), dice.choice((1, 2))
        place = f"{TOWNSHIP if at % 2 else BANNER + '101'}200"
        homes.append({"household_id": number, "region_code": place, "household_type": "脱贫户"})
        people += [
            {"household_id": number, "person_id": f"{number}{n}", "labour": "普通劳动力" if n < able else "丧失劳动力"}
            for n in range(members)
        ]
        for year in (2022, 2023, 2024, 2025):
            grown = base + 500 * (year - 2022) + dice.gauss(0, 300)
            grown += effect * (year > 2024) * is_helped + drift * (year - 2022) * is_helped
            incomes.append(
                {"household_id": number, "income_year": year, "wage_cny": grown * members, "members": members}
            )
        if is_helped:
            measures.append(
                {"household_id": number, "measure_category": "产业帮扶", "measure_detail": "养殖业", "measure_start_on": start}
            )  # fmt: skip
    tables = {"households": homes, "persons": people, "incomes": incomes}
    return {name: pa.Table.from_pylist(rows) for name, rows in tables.items()} | {
        "measures": pa.Table.from_pylist(measures) if measures else measures_schema()
    }


def measures_schema() -> pa.Table:
    return pa.table({
        "household_id": pa.array([], pa.string()), "measure_category": pa.array([], pa.string()),
        "measure_detail": pa.array([], pa.string()), "measure_start_on": pa.array([], pa.date32()),
    })  # fmt: skip


def study(**more) -> EffectStudy:
    return EffectStudy(region_code=BANNER, category="产业帮扶", **more)


def test_the_years_before_and_after_are_whole_income_years():
    assert years_of(date(2024, 3, 1)) == (2023, 2025)  # 2024 is half with, half without
    assert years_of(date(2023, 10, 1)) == (2023, 2024)  # begins with the income year
    assert years_of(date(2023, 10, 2)) == (2023, 2025)
    assert years_of(date(2023, 9, 30)) == (2022, 2024)


@pytest.mark.django_db
def test_an_effect_is_found_with_its_interval_and_the_years_before_show_none():
    found = compare(Facts.of(**population(80, 400, 1000)), study(), TODAY)
    assert found["verdict"] == "more" and found["matched"] == found["helped"] == 80
    assert (
        found["effect"]["low"] < 1000 < found["effect"]["high"]
        and found["effect"]["high"] - found["effect"]["low"] < 400
    )
    assert found["earlier"]["low"] < 0 < found["earlier"]["high"]
    assert [year["offset"] for year in found["years"]] == [-1, 0, 1, 2]
    income, members, able = found["alike"]
    assert abs(income["helped"] - income["compared"]) < 200 and abs(members["helped"] - members["compared"]) < 0.2
    assert able["name"] == "able"


@pytest.mark.django_db
def test_the_same_facts_give_the_same_numbers():
    tables = population(30, 200, 300)
    assert compare(Facts.of(**tables), study(), TODAY) == compare(Facts.of(**tables), study(), TODAY)


@pytest.mark.django_db
def test_without_an_effect_no_difference_is_claimed():
    found = compare(Facts.of(**population(80, 400, 0)), study(), TODAY)
    assert found["verdict"] == "no_sign"
    words = words_of(study(result=found))
    assert "No difference can be told apart from chance" in words.finding and not words.sure


@pytest.mark.django_db
def test_where_the_groups_moved_apart_before_the_help_it_is_said():
    found = compare(Facts.of(**population(80, 400, 0, drift=600)), study(), TODAY)
    assert found["verdict"] == "more" and found["earlier"]["low"] > 0
    assert any("already in the year before the help" in line for line in words_of(study(result=found)).care)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tables", "verdict", "said"),
    [
        (population(5, 200, 1000), "too_few", "Too few to say: 5 households"),
        (population(0, 50, 0), "too_few", "Too few to say: 0 households"),
        (population(40, 0, 1000), "too_few", "Too few to say: 0 households"),
        (population(40, 200, 1000, start=date(2025, 12, 1)), "too_early", "Too early to say"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_said_that_is_said(tables, verdict, said):
    found = compare(Facts.of(**tables), study(), TODAY)
    assert found["verdict"] == verdict and words_of(study(result=found)).finding.startswith(said)


@pytest.mark.django_db
def test_facts_without_incomes_or_measures_compare_nothing():
    tables = population(10, 10, 0)
    for left_out in ("incomes", "measures", "persons"):
        kept = {name: table for name, table in tables.items() if name != left_out}
        found = compare(Facts.of(**kept), study(), TODAY)
        assert found["verdict"] == "too_few", left_out


@pytest.mark.django_db
def test_a_study_can_be_narrowed_to_a_kind_and_to_days():
    facts = Facts.of(**population(40, 200, 1000))
    assert compare(facts, study(kind="种植业"), TODAY)["helped"] == 0
    assert compare(facts, study(since=date(2024, 4, 1)), TODAY)["helped"] == 0
    assert compare(facts, study(until=date(2024, 3, 1)), TODAY)["helped"] == 40


def test_neighbours_come_from_the_same_stratum_and_township_and_a_thin_township_is_widened():
    others = Pool(
        np.array([[float(n), 1.0, 1.0] for n in range(12)]),
        ["a"] * 10 + ["b"] * 2,
        ["t1"] * 6 + ["t2"] * 6,
    )
    found = match(
        Pool(np.array([[2.0, 1.0, 1.0], [8.0, 1.0, 1.0], [2.0, 1.0, 1.0]]), ["a", "a", "c"], ["t1", "t2", "t1"]), others
    )
    assert list(found.helped) == [0, 1] and found.without == 1 and found.widened == 1
    assert set(found.compared[0]) <= set(range(6)) and 2 in found.compared[0]
    assert all(row < 10 for row in found.compared[1])


def test_nobody_far_away_is_comparable():
    others = Pool(np.array([[0.0, 1, 1]] * 9), ["a"] * 9, ["t"] * 9)
    assert match(Pool(np.array([[100.0, 1, 1]]), ["a"], ["t"]), others).without == 1


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), min_size=1, max_size=12),
    st.floats(-1e5, 1e5),
)
@settings(max_examples=25, deadline=None)
def test_the_difference_is_that_of_the_means_and_the_interval_is_in_order(compared, shift):
    rows = [np.array(each) for each in compared]
    changes = np.array([each.mean() + shift for each in rows])
    found = difference(changes, rows)
    assert found.value == pytest.approx(shift, abs=1e-3) and found.low <= found.high


def test_what_was_lacking_is_read_as_of_the_day(household, now):
    for day, values in ((date(2024, 1, 1), {"safe_water": False}), (date(2025, 1, 1), {"safe_water": True})):
        Statement.objects.create(
            table="households", household=household, region_code=VILLAGE, values=values, as_of=day, source="list",
            recorded_at=now, digest=str(day),
        )  # fmt: skip
    key = (household.number, date(2024, 3, 1), date(2025, 9, 30))
    early = (household.number, date(2023, 3, 1), date(2023, 9, 30))
    assert lacking([key, early]) == {key: Lacking(True, False, True), early: Lacking(None, None, False)}


def test_one_measure_is_checked_by_a_job_and_its_page_says_that_one_says_nothing(household, officers, signed_in, now):
    case, cadre = opened(household, officers, now), officers["village_cadre"]
    tables = population(0, 30, 0)
    own = {name: _renamed(table, household.number) for name, table in population(1, 0, 700).items()}
    for name in ("households", "persons", "incomes"):
        for rows in (tables[name], own[name]):
            state(
                name, rows, as_of=date(2025, 12, 1), source="list", batch_id=None, by=None, now=now, region_code=BANNER
            )
    measure = actions.record_measure(case, "产业帮扶", "养殖业", starts_on=START, by=cadre, now=now)
    asked = ask_for_effect(measure=measure, by=cadre, now=now)
    browser = signed_in("village_cadre")
    assert "Waiting" in browser.get(f"/help/effects/{asked.pk}/").content.decode()
    run_waiting(now)
    asked.refresh_from_db()
    assert asked.result["verdict"] == "one" and 0 < len(asked.result["ids"]) <= 5
    page = browser.get(f"/help/effects/{asked.pk}/").content.decode()
    assert "One household alone says nothing" in page and "no proof" in page and 'data-chart="effect"' in page
    visible = Household.objects.visible_to(cadre).filter(pk__in=asked.result["ids"]).count()
    assert page.count('class="line-title"') == visible + 1
    assert chart_of(asked).labels[0] == "Two years before"
    assert signed_in("other_village_cadre").get(f"/help/effects/{asked.pk}/").status_code == 404


def _renamed(table: pa.Table, number: str) -> pa.Table:
    rows = table.to_pylist()
    for row in rows:
        row["household_id"] = number
        if "person_id" in row:
            row["person_id"] = number + row["person_id"][-1]
        if "region_code" in row:
            row["region_code"] = VILLAGE
    return pa.Table.from_pylist(rows) if rows else table


@pytest.mark.parametrize(
    ("key", "asked", "problem"),
    [
        ("village_cadre", {"region_code": BANNER, "category": "产业帮扶"}, problems.NotYourPlace),
        ("banner_officer", {"region_code": BANNER, "category": "发钱"}, problems.UnknownCategory),
        ("banner_officer", {"region_code": BANNER, "category": "产业帮扶", "since": TODAY, "until": START}, problems.DatesWrong),
        ("supervisor", {"region_code": VILLAGE, "category": "产业帮扶"}, NotAllowed),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(officers, now, key, asked, problem):
    with pytest.raises(problem):
        ask_for_effect(**asked, by=officers[key], now=now)
