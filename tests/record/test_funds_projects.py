"""Projects from their entry to what they leave behind: milestones, households, health of industries, assets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from khotail.accounts.problems import NotAllowed
from khotail.desk.fund_standing import fund_figures
from khotail.funds import assets, industry, milestones, projects, ties
from khotail.funds.escalation import escalate_overdue
from khotail.funds.models import HealthCard, Milestone, Participation, Project
from khotail.funds.problems import (
    AssetGone,
    DayWrong,
    KindFixed,
    MilestoneDone,
    MilestonesOpen,
    NotAccepted,
    NotFound,
    NotIndustry,
    NotYourDepartment,
    PlacesMissing,
    ProjectClosed,
    ProjectNumberTaken,
    ScoreWrong,
    TieEnded,
    UnknownDepartment,
)
from khotail.funds.queries import milestones_late
from khotail.register.models import Household
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE, make_household
from tests.record.funds_world import DAY, a_fund, a_project, given


def values(project: Project, **more):
    names = ("name", "kind", "year", "region_code", "department", "aims", "planned_cny", "starts_on", "ends_on")
    return {name: getattr(project, name) for name in names} | more


def test_a_project_is_seen_by_its_villages_and_by_those_above_and_by_nobody_else(officers, now):
    project = a_project(officers, now, region_code=BANNER, villages=[VILLAGE])
    assert project.number == f"2026-{project.pk:05d}"
    for key, sees in (("village_cadre", True), ("supervisor", True), ("township_officer", True), ("banner_officer", True),
                      ("other_village_cadre", False), ("neighbour", False)):  # fmt: skip
        assert Project.objects.visible_to(officers[key]).exists() is sees, key


def test_a_project_needs_its_villages_a_department_and_days_that_can_be(officers, now):
    for wrong, problem in (
        ({"villages": []}, PlacesMissing), ({"villages": [NEIGHBOUR_VILLAGE]}, PlacesMissing), ({"department": "moon"}, UnknownDepartment),
        ({"starts_on": date(2026, 5, 1), "ends_on": date(2026, 4, 1)}, DayWrong), ({"ends_on": date(3026, 4, 1)}, DayWrong),
        ({"region_code": "152222"}, NotFound), ({"by": "village_cadre"}, NotAllowed), ({"by": "department_officer", "region_code": BANNER}, NotYourDepartment),
    ):  # fmt: skip
        with pytest.raises(problem):
            a_project(officers, now, **wrong)
    a_project(officers, now, number="农1")
    with pytest.raises(ProjectNumberTaken):
        a_project(officers, now, number="农1")
    assert Project.objects.count() == 1


def test_kind_and_region_stay_once_there_is_money(officers, now):
    project, by = a_project(officers, now), officers["banner_officer"]
    projects.change_project(
        project, values(project, kind="other", name="演示改名"), [VILLAGE, OTHER_VILLAGE], by=by, now=now
    )
    project.refresh_from_db()
    assert project.name == "演示改名" and project.places.count() == 2
    given(a_fund(officers, now), project, officers, now, 10)
    with pytest.raises(KindFixed):
        projects.change_project(project, values(project, kind="industry"), [VILLAGE], by=by, now=now)
    told = Event.objects.get(verb="project.changed").details
    assert told["before"]["kind"] == "industry" and told["after"]["name"] == "演示改名"


def test_each_department_finishes_its_own_milestones_and_the_project_waits_for_all(officers, now):
    by, office = officers["banner_officer"], officers["department_officer"]
    project = a_project(officers, now, region_code=BANNER)
    theirs = milestones.add_milestone(project, "参保核对", "medical_insurance", DAY, by=by, now=now)
    other = milestones.add_milestone(project, "供水接通", "water", DAY, by=by, now=now)
    projects.begin(project, DAY, by=by, now=now)
    with pytest.raises(NotAllowed):
        milestones.finish(other, DAY, by=office, now=now)
    milestones.finish(theirs, DAY, by=office, now=now, said="已核对")
    with pytest.raises(MilestoneDone) as told:
        milestones.finish(theirs, DAY, by=by, now=now)
    assert "演示department_officer" in told.value.text.en
    with pytest.raises(MilestonesOpen):
        projects.accept(project, DAY, "合格", by=by, now=now)
    milestones.put_off(other, date(2026, 7, 1), "冻土", by=by, now=now)
    with pytest.raises(DayWrong):
        milestones.finish(other, date(2026, 6, 4), by=by, now=now)
    milestones.finish(other, date(2026, 6, 3), by=by, now=now)
    projects.accept(project, DAY, "合格", by=by, now=now)
    with pytest.raises(ProjectClosed):
        milestones.add_milestone(project, "再来", "water", DAY, by=by, now=now)


def test_an_overdue_milestone_stands_on_today_and_goes_one_level_up_once(officers, now):
    by = officers["township_officer"]
    project = a_project(officers, now, by="township_officer")
    milestone = milestones.add_milestone(project, "供水接通", "water", date(2026, 6, 2), by=by, now=now)
    today = timezone.localdate(now)
    assert milestones_late(by, today).get() == milestone
    assert not milestones_late(officers["banner_officer"], today).exists()
    assert escalate_overdue(now) == 1 and escalate_overdue(now) == 0
    assert milestones_late(officers["banner_officer"], today).get() == milestone
    assert officers["banner_officer"].notifications.get().kind == "milestones-late"
    assert [(str(each.name), each.number, each.late) for each in fund_figures(officers["banner_officer"], now)] == [
        ("Milestones overdue", 1, True)
    ]
    milestones.finish(milestone, today, by=officers["banner_officer"], now=now)
    assert not Milestone.objects.filter(done_on=None).exists()


def test_households_take_part_once_and_those_who_left_or_live_elsewhere_are_told(officers, household, now):
    by, project = officers["banner_officer"], a_project(officers, now)
    gone, away = make_household("D0002", VILLAGE, "演示乙", now), make_household("D0003", OTHER_VILLAGE, "演示丙", now)
    Household.objects.filter(pk=gone.pk).update(ended_on=date(2026, 5, 1), ending="moved")
    numbers = ["D0001", " D0001 ", "D0002", "D0003", "D9999", ""]
    done = ties.tie_all(project, numbers, "wage", DAY, by=by, now=now, promised=Decimal(3000))
    assert (done.added, done.there, len(done.refused)) == (1, 0, 3)
    assert "2026-05-01" in done.refused[0].zh and away.number in done.refused[1].zh
    again = ties.tie_all(project, ["D0001"], "wage", DAY, by=by, now=now)
    assert (again.added, again.there) == (0, 1)
    tie = ties.earned(Participation.objects.get(), 2026, Decimal("2800.50"), by=by, now=now)
    ties.untie(tie, DAY, by=by, now=now)
    with pytest.raises(TieEnded):
        ties.untie(tie, DAY, by=by, now=now)
    assert ties.tie_all(project, ["D0001"], "wage", DAY, by=by, now=now).added == 1


CARD = {"technology": 2, "facilities": 4, "marketing": 1, "talent": 3}
NOTES = {"technology": "缺兽医", "marketing": "没有订单"}


def test_a_health_card_says_why_it_is_weak_and_the_newest_counts(officers, now):
    by, project = officers["banner_officer"], a_project(officers, now)
    for scores, notes in ((CARD, {}), ({**CARD, "talent": 6}, NOTES), ({"technology": 3}, NOTES)):
        with pytest.raises(ScoreWrong):
            industry.examine(project, DAY, scores, notes, by=by, now=now)
    industry.examine(project, DAY, CARD, NOTES, by=by, now=now)
    rows = industry.with_newest_card(Project.objects.all())
    assert [(each.field, each.score, each.note) for each in industry.weak_points(rows)] == [
        ("marketing", 1, "没有订单"), ("technology", 2, "缺兽医"),
    ]  # fmt: skip
    industry.examine(project, DAY + timedelta(9), {**CARD, "marketing": 3}, NOTES, by=by, now=now)
    assert [each.field for each in industry.weak_points(industry.with_newest_card(Project.objects.all()))] == [
        "technology"
    ]
    assert HealthCard.objects.count() == 2
    with pytest.raises(NotIndustry):
        industry.examine(a_project(officers, now, kind="infrastructure"), DAY, CARD, NOTES, by=by, now=now)


def test_an_upgrade_is_shown_beside_the_years_before_and_after_it(officers, now):
    by, project = officers["banner_officer"], a_project(officers, now)
    for year, output in ((2023, 100), (2024, 120), (2026, 300)):
        figures = {"output_cny": output, "jobs": 3, "households": 10, "household_income_cny": 900}
        industry.state_year(project, year, figures, by=by, now=now)
    industry.upgrade(project, 2025, "改造冷库", by=by, now=now, before="仓储", after="冷链")
    [effect] = industry.effects(project)
    assert (effect.before.year, effect.after.year) == (2024, 2026)
    industry.state_year(project, 2026, {**figures, "output_cny": 310}, by=by, now=now)
    assert project.figures.get(year=2026).output_cny == 310


def test_an_asset_has_a_keeper_and_an_alarm_once_it_was_idle_for_too_long(officers, now):
    by, project = officers["banner_officer"], a_project(officers, now)
    entered = {"region_code": VILLAGE, "on": DAY, "by": by, "now": now}
    with pytest.raises(NotAccepted):
        assets.hand_over(project, "冷库", "operating", Decimal(300), "collective", "演示合作社", **entered)
    projects.begin(project, DAY, by=by, now=now)
    projects.accept(project, DAY, "合格", by=by, now=now)
    with pytest.raises(PlacesMissing):
        assets.hand_over(
            project,
            "冷库",
            "operating",
            Decimal(300),
            "collective",
            "演示合作社",
            **{**entered, "region_code": OTHER_VILLAGE},
        )
    asset = assets.hand_over(project, "冷库", "operating", Decimal(300), "collective", "演示合作社", **entered)
    assets.look(asset, DAY, "good", False, by=by, now=now, said="没有货源")
    cadre = officers["village_cadre"]
    assert list(assets.idle_too_long(cadre, now)) == [asset]  # since 2 March
    assert not assets.idle_too_long(cadre, now - timedelta(days=10)).exists()
    assets.look(asset, date(2026, 6, 3), "worn", True, by=by, now=now, keeper="演示新合作社")
    asset.refresh_from_db()
    assert (
        not assets.idle_too_long(cadre, now).exists() and asset.keeper == "演示新合作社" and asset.condition == "worn"
    )
    assert assets.not_looked_at(cadre, now + timedelta(days=400)).get() == asset
    assets.look(asset, date(2026, 6, 3), "gone", False, by=by, now=now)
    with pytest.raises(AssetGone):
        assets.look(asset, date(2026, 6, 3), "good", True, by=by, now=now)
