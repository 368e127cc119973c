"""Relocation sites: facilities with their gaps, and three outcomes worked out from what the register knows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from khotail.accounts.problems import NotAllowed
from khotail.jobs.actions import ask
from khotail.jobs.work import run_waiting
from khotail.partners import actions as partners
from khotail.partners.problems import DayAhead, EndsBeforeItBegins, NotFound, UnknownPlace
from khotail.register.actions import move_household
from khotail.register.models import Household
from khotail.register.statements import state
from khotail.relocation import actions, queries
from khotail.relocation.jobs import OUTCOMES
from khotail.relocation.models import Relocated, Site
from khotail.relocation.outcomes import work_out
from khotail.relocation.problems import HouseholdUnknown, InBeforeHandedOver, LeftAlready, MovedAlready, SiteTwice
from tests.record.conftest import BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE, make_household

DAY = date(2026, 5, 1)
NEW_HOME = {"handed_over_on": date(2018, 10, 1), "moved_in_on": date(2018, 11, 1), "origin_code": OTHER_VILLAGE}


@pytest.fixture
def officer(officers):
    return officers["banner_officer"]


@pytest.fixture
def site(officer, now) -> Site:
    return actions.open_site("演示安置区", VILLAGE, date(2018, 9, 1), by=officer, now=now, planned_households=3)


def stated(table: str, rows: list[dict[str, Any]], now) -> None:
    state(
        table, pa.Table.from_pylist(rows), as_of=DAY, source="test", batch_id=None, by=None, now=now, region_code=BANNER
    )  # fmt: skip


def says(household: Household, now, *, labour: str | None = "普通劳动力", **more: Any) -> None:
    """State what the register knows: a member's labour, and rows of other tables."""
    number = household.number
    person = {"household_id": number, "person_id": f"{number}01", "name": "演示甲", "labour": labour}
    stated("persons", [{name: value for name, value in person.items() if value is not None}], now)
    for table, row in more.items():
        stated(table, [{"household_id": number, **row}], now)


def incomes(household: Household, now, **years: float) -> None:
    rows = [
        {"household_id": household.number, "income_year": int(year[1:]), "wage_cny": float(amount), "members": 1}
        for year, amount in years.items()
    ]
    stated("incomes", rows, now)


def moved(site, officer, now, household, **more) -> Relocated:
    return actions.move_in(site, household.number, by=officer, now=now, **NEW_HOME | more)


# — outcomes —


def test_a_household_at_its_site_with_a_job_and_a_growing_income_has_all_three(site, officer, now, household):
    job = {"person_id": "D000101", "spell_start_on": date(2025, 1, 1), "spell_employer": "演示厂"}
    says(household, now, employment=job)
    incomes(household, now, y2024=8000, y2025=9500)
    row = moved(site, officer, now, household)
    assert (row.stays, row.works, row.richer, row.able) == ("yes", "job", "yes", 1)
    assert (row.income_year, row.income_now, row.income_before) == (2025, 9500, 8000)


def test_what_the_register_does_not_tell_is_not_known(site, officer, now, household):
    row = moved(site, officer, now, household, moved_in_on=None)
    assert (row.stays, row.works, row.richer, row.able) == ("", "", "", None)
    outcome = queries.outcomes_of([site])[site.pk]
    assert (outcome.stays.unknown, outcome.works.unknown, outcome.richer.unknown) == (1, 1, 1)
    assert outcome.works.percent is None


def test_labour_without_any_tie_is_the_gap_list(site, officer, now, household):
    says(household, now)
    row = moved(site, officer, now, household)
    assert row.works == "neither"
    assert list(queries.households(officer, site, works="neither")) == [row]
    assert queries.outcomes_of([site])[site.pk].works.percent == 0


@pytest.mark.parametrize(
    ("table", "row", "works"),
    [
        ("employment", {"person_id": "D000101", "spell_start_on": date(2024, 1, 1), "spell_end_on": date(2026, 3, 1)}, "neither"),
        ("work_records", {"person_id": "D000101", "record_kind": "已外出务工", "is_working": True}, "job"),
        ("work_records", {"person_id": "D000101", "record_kind": "计划外出务工", "plans_work": True}, "neither"),
        ("benefits", {"programme": "公益性岗位", "paid_from": date(2026, 1, 1), "monthly_cny": 800.0}, "job"),
        ("measures", {"measure_category": "产业帮扶", "measure_start_on": date(2026, 1, 1)}, "industry"),
        ("measures", {"measure_category": "产业帮扶", "measure_start_on": date(2024, 1, 1), "measure_end_on": date(2025, 1, 1)}, "neither"),
        ("measures", {"measure_category": "健康帮扶", "measure_start_on": date(2026, 1, 1)}, "neither"),
        ("incomes", {"income_year": 2025, "business_cny": 5000.0, "cost_cny": 2000.0}, "industry"),
        ("incomes", {"income_year": 2025, "business_cny": 2000.0, "cost_cny": 5000.0}, "neither"),
    ],
)  # fmt: skip
def test_a_tie_is_a_job_now_a_post_a_running_measure_or_business_that_earns(
    site, officer, now, household, table, row, works
):
    says(household, now, **{table: row})
    assert moved(site, officer, now, household).works == works


def test_a_share_of_a_sale_ties_to_an_industry(site, officer, now, household):
    says(household, now)
    product = partners.product("演示牛肉", "kg", VILLAGE, by=officer, now=now)
    sale = partners.sell(product, DAY, Decimal(1), Decimal(100), "fair", by=officer, now=now)
    partners.share(sale, household.number, Decimal(50), by=officer, now=now)
    assert moved(site, officer, now, household).works == "industry"


def test_nobody_who_can_work_is_no_gap(site, officer, now, household):
    says(household, now, labour="无劳动力")
    row = moved(site, officer, now, household)
    assert (row.works, row.able) == ("no_labour", 0)
    outcome = queries.outcomes_of([site])[site.pk]
    assert (outcome.no_labour, outcome.works.known, outcome.works.unknown) == (1, 0, 0)


def test_incomes_of_years_that_do_not_follow_one_another_tell_nothing(site, officer, now, household):
    incomes(household, now, y2022=5000, y2025=9000)
    assert moved(site, officer, now, household).richer == ""
    incomes(household, now, y2024=9000)
    row = Relocated.objects.get()
    work_out([row.pk], now)
    row.refresh_from_db()
    assert (row.richer, row.income_before) == ("no", 9000), "as much as before is not richer"


def test_staying_is_told_by_where_the_register_has_the_household(site, officer, now, household):
    row = moved(site, officer, now, household)
    cases = {OTHER_VILLAGE: "", VILLAGE: "yes", "152221101200": "no"}
    for village, stays in cases.items():
        if Household.objects.get(pk=household.pk).region_code != village:
            move_household(Household.objects.get(pk=household.pk), to=village, by=officer, on=DAY, now=now)
        work_out([row.pk], now)
        row.refresh_from_db()
        assert (row.region_code, row.stays) == (village, stays), village


def test_a_household_that_ended_has_left_and_one_that_was_merged_is_looked_for_there(site, officer, now, household):
    row = moved(site, officer, now, household)
    other = make_household("D0002", VILLAGE, "演示乙", now)
    says(other, now)
    Household.objects.filter(pk=household.pk).update(ended_on=DAY, ending="merged", successor=other)
    work_out([row.pk], now)
    row.refresh_from_db()
    assert row.stays == "yes"
    Household.objects.filter(pk=household.pk).update(ending="moved", successor=None)
    work_out([row.pk], now)
    row.refresh_from_db()
    assert row.stays == "no"


def test_the_job_works_out_a_site_and_running_it_twice_changes_nothing(site, officer, now, household):
    row = moved(site, officer, now, household)
    says(household, now)
    for _ in range(2):
        ask(OUTCOMES, {"site": site.pk}, by=officer, region_code=VILLAGE, now=now)
        run_waiting(now)
        row.refresh_from_db()
        assert row.works == "neither"


def test_many_households_are_worked_out_in_few_queries(site, officer, now, django_assert_max_num_queries):
    rows = []
    for n in range(30):
        home = make_household(f"M{n:03d}", VILLAGE, f"演示{n}", now)
        rows.append(Relocated(site=site, household=home, region_code=VILLAGE, recorded_by=officer, recorded_at=now))
    ids = [row.pk for row in Relocated.objects.bulk_create(rows)]
    with django_assert_max_num_queries(12):
        assert work_out(ids, now) == 30


# — households and sites —


def test_a_household_moves_to_one_site_at_a_time(site, officer, now, household):
    row = moved(site, officer, now, household)
    other = actions.open_site("另一安置区", TOWNSHIP, DAY, by=officer, now=now)
    with pytest.raises(MovedAlready):
        moved(other, officer, now, household)
    actions.leave(row, DAY, "回到原嘎查", by=officer, now=now)
    assert moved(other, officer, now, household).site == other
    with pytest.raises(LeftAlready):
        actions.leave(row, DAY, "再次", by=officer, now=now)
    outcome = queries.outcomes_of([site])[site.pk]
    assert (outcome.households, outcome.stays.no, outcome.works.unknown) == (1, 1, 0)


def test_days_that_cannot_be_get_a_sentence(site, officer, now, household):
    with pytest.raises(InBeforeHandedOver):
        moved(site, officer, now, household, moved_in_on=date(2018, 9, 1))
    with pytest.raises(DayAhead):
        moved(site, officer, now, household, moved_in_on=date(2026, 6, 4))
    with pytest.raises(UnknownPlace):
        moved(site, officer, now, household, origin_code="150000000000")
    row = moved(site, officer, now, household)
    with pytest.raises(EndsBeforeItBegins):
        actions.leave(row, date(2017, 1, 1), "早于入住", by=officer, now=now)
    with pytest.raises(SiteTwice):
        actions.open_site("演示安置区", VILLAGE, DAY, by=officer, now=now)


def test_whoever_does_not_keep_projects_or_sees_no_register_adds_nobody(site, officers, now, household):
    for key in ("village_cadre", "leader", "supervisor", "department_officer"):
        with pytest.raises((NotAllowed, NotFound)):
            moved(site, officers[key], now, household)
    with pytest.raises(NotFound):
        moved(site, officers["neighbour"], now, household)
    with pytest.raises(HouseholdUnknown):
        actions.move_in(site, "D9999", by=officers["banner_officer"], now=now)


# — facilities —


def test_the_newest_look_at_a_facility_holds_and_gaps_come_first(site, officer, officers, now):
    actions.check_facility(site, "clinic", "works", date(2025, 1, 1), by=officer, now=now)
    actions.check_facility(
        site, "clinic", "lacks", date(2026, 5, 1), by=officers["village_cadre"], now=now, responsible="演示卫健委",
        due_on=date(2026, 6, 1),
    )  # fmt: skip
    actions.check_facility(site, "water", "works", date(2026, 5, 1), by=officer, now=now, due_on=date(2026, 6, 1))
    found = queries.facilities_of([site])[site.pk]
    assert (found[0].kind, found[0].is_gap, found[0].is_late(date(2026, 6, 3))) == ("clinic", True, True)
    assert sum(each.is_unknown for each in found) == len(found) - 2
    assert next(each for each in found if each.kind == "water").check.due_on is None
    with pytest.raises(DayAhead):
        actions.check_facility(site, "shop", "works", date(2026, 6, 4), by=officer, now=now)


def test_a_site_says_who_runs_it_and_what_was_done(site, officer, now):
    actions.organise(site, "演示居委会", date(2019, 1, 1), "0482-1", by=officer, now=now)
    actions.hold_activity(site, DAY, "演示联欢", 60, by=officer, now=now)
    site.refresh_from_db()
    assert site.organisation == "演示居委会" and site.activities.get().attended == 60
