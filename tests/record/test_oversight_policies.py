"""Policies: the register, reviews by two people, four classes and their plans, hints, the workbook."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import xlsxwriter

from khotail.accounts.problems import NotAllowed
from khotail.entitlements.models import Entitlement, EntitlementRun
from khotail.oversight import plans, policies, reviews
from khotail.oversight.hints import hints, hints_of
from khotail.oversight.importing import take_list
from khotail.oversight.models import Policy, PolicyReview
from khotail.oversight.policies import Entry
from khotail.oversight.problems import (
    AlreadyDone,
    ChangeNotAllowed,
    ClassMissing,
    DatesWrong,
    NoPolicyList,
    NotFound,
    NotYet,
    NumberWrong,
    OwnReview,
    ParentWrong,
    PlanEnded,
    PolicyThere,
    ReviewDecided,
    ReviewNeeded,
    ReviewWaits,
    ScoreWrong,
    UnknownChoice,
    UnknownPlace,
    WordsMissing,
)
from khotail.oversight.stability import endings, losers, years
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, VILLAGE, make_household

NOTES = {name: "看过台账" for name in reviews.MARKS}
MARKS = {"effect": 4, "cost": 3, "fairness": 5, "cliff": 2, "load": 1}
DUE = date(2027, 6, 1)


def added(officers, now, title="演示低保办法", region_code=BANNER, by="banner_officer", **more) -> Policy:
    entry = Entry(**{"title": title, "field": "income", "level": "banner", "starts_on": date(2024, 1, 1), **more})
    return policies.add_policy(entry, region_code, by=officers[by], now=now)


def reviewed(policy, officers, now) -> PolicyReview:
    review = reviews.sign_review(policy, MARKS, NOTES, "adjust", by=officers["banner_reviewer"], now=now)
    return reviews.decide_review(review, True, by=officers["administrator"], now=now)


def classed(policy, transition, officers, now) -> Policy:
    if transition != "new":
        reviewed(policy, officers, now)
    return policies.put_into_class(policy, transition, "评估后归类", by=officers["banner_reviewer"], now=now)


def test_a_policy_is_entered_and_corrected_and_the_trail_knows_what_it_said(officers, now):
    policy = added(officers, now, beneficiaries="1,200", money_cny_year="9600000.50", programme="subsistence-allowance")
    assert (policy.beneficiaries, policy.money_cny_year) == (1200, Decimal("9600000.50"))
    changed = Entry(title="演示低保办法", field="income", level="banner", starts_on=date(2024, 1, 1), body="民政局")
    policies.change_policy(policy, changed, by=officers["banner_officer"], now=now)
    policies.change_policy(policy, changed, by=officers["banner_officer"], now=now)  # twice changes nothing
    [event] = Event.objects.filter(verb="policy.changed")
    assert event.details["before"]["programme"] == "subsistence-allowance"
    assert event.details["after"]["body"] == "民政局"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"title": "  "}, WordsMissing), ({"title": "长" * 201}, Exception), ({"field": "nothing"}, UnknownChoice),
        ({"level": "village"}, UnknownChoice), ({"programme": "no-such"}, UnknownChoice), ({"place": "nowhere"}, UnknownChoice),
        ({"ends_on": date(2023, 12, 31)}, DatesWrong), ({"starts_on": date(1800, 1, 1)}, DatesWrong),
        ({"money_cny_year": "-1"}, NumberWrong), ({"money_cny_year": "很多"}, NumberWrong),
        ({"beneficiaries": "1.5"}, NumberWrong), ({"money_cny_year": "NaN"}, NumberWrong),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_a_sentence(officers, now, more, problem):
    with pytest.raises(problem):
        added(officers, now, **more)
    assert not Policy.objects.exists()


def test_who_keeps_policies_keeps_those_of_their_own_region(officers, now):
    for key in ("village_cadre", "leader", "auditor", "helper", "supervisor", "banner_reviewer", "department_officer"):
        with pytest.raises(NotAllowed):
            added(officers, now, by=key)
    with pytest.raises(UnknownPlace):
        added(officers, now, region_code=NEIGHBOUR_BANNER)
    policy = added(officers, now)
    with pytest.raises(NotFound):
        entry = Entry(title="改", field="income", level="banner")
        policies.change_policy(policy, entry, by=officers["township_officer"], now=now)
    assert Policy.objects.visible_to(officers["village_cadre"]).get() == policy  # what holds there is read there
    assert not Policy.objects.visible_to(officers["neighbour"]).exists()


def test_the_same_policy_is_not_entered_twice_and_a_parent_is_above_and_no_circle(officers, now):
    policy = added(officers, now, number="1号")
    with pytest.raises(PolicyThere):
        added(officers, now, number="1号")
    child = added(officers, now, title="演示细则", parent=policy)
    with pytest.raises(ParentWrong):
        again = Entry(title=policy.title, number="1号", field="income", level="banner", parent=child)
        policies.change_policy(policy, again, by=officers["banner_officer"], now=now)
    township = added(officers, now, title="演示苏木办法", level="township")
    with pytest.raises(ParentWrong):
        added(officers, now, title="演示旗办法", parent=township)


def test_a_review_needs_five_marks_and_another_person(officers, now):
    policy, reviewer, other = added(officers, now), officers["banner_reviewer"], officers["administrator"]
    for marks, notes in (
        (MARKS | {"load": 6}, NOTES), (MARKS | {"load": "3"}, NOTES), (MARKS, NOTES | {"load": " "}),
        ({name: mark for name, mark in MARKS.items() if name != "cost"}, NOTES),
    ):  # fmt: skip
        with pytest.raises(ScoreWrong):
            reviews.sign_review(policy, marks, notes, "adjust", by=reviewer, now=now)
    review = reviews.sign_review(policy, MARKS, NOTES, "adjust", by=reviewer, now=now)
    assert review.total == 15
    with pytest.raises(ReviewWaits):
        reviews.sign_review(policy, MARKS, NOTES, "convert", by=other, now=now)
    with pytest.raises(OwnReview):
        reviews.decide_review(review, True, by=reviewer, now=now)
    with pytest.raises(NotAllowed):
        reviews.decide_review(review, True, by=officers["banner_officer"], now=now)
    with pytest.raises(WordsMissing):
        reviews.decide_review(review, False, by=other, now=now)
    reviews.decide_review(review, False, "悬崖效应没有依据", by=other, now=now)
    with pytest.raises(ReviewDecided):
        reviews.decide_review(review, True, by=other, now=now)
    reviewed(policy, officers, now)
    assert [each.state for each in policy.reviews.all()] == ["confirmed", "returned"]  # all of them are kept


def test_a_class_needs_a_confirmed_review_and_new_is_only_for_the_new(officers, now):
    policy, reviewer = added(officers, now), officers["banner_reviewer"]
    with pytest.raises(ReviewNeeded):
        policies.put_into_class(policy, "adjust", "标准过高", by=reviewer, now=now)
    policy = classed(policy, "adjust", officers, now)
    with pytest.raises(ChangeNotAllowed) as refused:
        policies.put_into_class(policy, "new", "再来", by=reviewer, now=now)
    assert "strengthen, convert" in refused.value.text.en
    policies.put_into_class(policy, "convert", "面向全部农牧户", by=reviewer, now=now)
    assert [(each.before, each.after) for each in policy.class_changes.all()] == [("adjust", "convert"), ("", "adjust")]
    fresh = policies.put_into_class(
        added(officers, now, title="新办法", starts_on=None), "new", "新设", by=reviewer, now=now
    )
    assert fresh.standing(date(2026, 6, 1)) == "draft"


@pytest.mark.parametrize(
    ("transition", "details", "target"),
    [
        ("adjust", {"level": "三重保障", "affected": 300, "protection": "监测户保留"}, 300),
        ("strengthen", {"works": "water", "investment": "6500000", "coverage_now": 80, "coverage": 95}, 95),
        ("convert", {"old_group": "脱贫户", "new_group": "全部农牧户", "newly": 410}, 410),
        ("new", {"draft": "监测办法", "approver": "旗政府", "approved_on": date(2026, 5, 1), "effect": 50}, 50),
    ],
)
def test_each_class_has_its_plan(officers, now, transition, details, target):
    by = officers["banner_officer"]
    policy = classed(added(officers, now), transition, officers, now)
    plan = plans.make_plan(policy, "到期前到位", details, DUE, by=by, now=now)
    assert plan.target == target
    plan.refresh_from_db()
    needed = next(each for each in plans.PLAN_FIELDS[transition] if each.required)
    with pytest.raises(WordsMissing):
        plans.make_plan(policy, "缺一项", details | {needed.name: ""}, DUE, by=by, now=now)
    assert policy.plans.get(ended_at=None) == plan  # what was refused ended nothing


def test_a_plan_is_carried_out_step_by_step_and_its_figures_say_how_far(officers, now):
    by, today = officers["banner_officer"], date(2026, 6, 3)
    policy = added(officers, now)
    with pytest.raises(ClassMissing):
        plans.make_plan(policy, "目标", {}, DUE, by=by, now=now)
    policy = classed(policy, "convert", officers, now)
    details = {"old_group": "脱贫户", "new_group": "全部农牧户", "newly": 400}
    plan = plans.make_plan(policy, "扩大对象", details, DUE, by=by, now=now)
    first = plans.add_step(plan, "摸底", date(2026, 6, 1), by=by, now=now)
    plans.add_step(plan, "发文", date(2026, 5, 1), "人社局", by=by, now=now)
    assert (plans.progress_of(plan, today).late, plans.progress_of(plan, today).percent) == (2, 0)
    with pytest.raises(NotYet):
        plans.finish_step(first, today + timedelta(days=1), by=by, now=now)
    plans.finish_step(first, date(2026, 6, 2), by=by, now=now)
    with pytest.raises(AlreadyDone):
        plans.finish_step(first, date(2026, 6, 2), by=by, now=now)
    with pytest.raises(NumberWrong):
        plans.report_figure(plan, "-4", today, by=by, now=now)
    plans.report_figure(plan, "100", today, "两个苏木", by=by, now=now)
    shown = plans.progress_of(plan, today)
    assert (shown.steps, shown.done, shown.late, shown.percent) == (2, 1, 1, 25)
    policies.put_into_class(policy, "strengthen", "改为加强", by=officers["banner_reviewer"], now=now)
    with pytest.raises(PlanEnded):
        plans.add_step(plan, "再来一步", DUE, by=by, now=now)


def test_policies_that_collide_are_named(officers, now):
    first = added(officers, now, programme="grassland-ban-award", number="7号")
    second = added(officers, now, title="演示又一办法", programme="grassland-ban-award", number="8号")
    later = added(officers, now, title="演示以后", programme="grassland-ban-award", starts_on=date(2030, 1, 1))
    policies.change_policy(
        first, Entry(**{**_entry(first), "ends_on": date(2027, 1, 1)}), by=officers["banner_officer"], now=now
    )
    child = added(officers, now, title="演示实施细则", programme="grassland-ban-award", parent=second)
    same = added(officers, now, title="演示同号", number="7号")
    first.refresh_from_db()
    assert {(hint.other.title, hint.kind) for hint in hints_of(first, officers["banner_officer"])} == {
        (second.title, "same_programme"), (child.title, "same_programme"), (same.title, "same_number"),
    }  # fmt: skip
    pairs = {(hint.policy.pk, hint.other.pk) for hint in hints(Policy.objects.order_by("id"))}
    assert (second.pk, child.pk) not in pairs and (first.pk, later.pk) not in pairs


def test_programmes_that_exclude_each_other_and_a_parent_that_ends_first_are_named(officers, now):
    from khotail.rulebook.programmes import rivals
    from khotail.screening.rulebook import current

    one, others = next((id_, found) for id_, found in rivals(current().programmes).items() if found)
    first = added(officers, now, programme=one, ends_on=date(2026, 12, 31))
    second = added(officers, now, title="演示另一项目", programme=others[0], parent=None)
    child = added(officers, now, title="演示下位", parent=first)
    assert [hint.kind for hint in hints_of(second, officers["banner_officer"])] == ["excluded"]
    assert [hint.kind for hint in hints_of(child, officers["banner_officer"])] == ["outlives_parent"]


def test_a_workbook_is_entered_row_by_row_and_the_bad_rows_say_why(officers, now, tmp_path):
    by = officers["banner_officer"]
    rows = [
        ["政策名称", "文号", "领域", "发布层级", "上位政策", "施行日期", "截止日期", "年资金（元）", "规则库项目", "目录位置"],
        ["演示细则", "2号", "产业", "旗县", "演示总办法", "2024年3月1日", "", "", "industry-grant", "特色种养与加工"],
        ["演示总办法", "1号", "产业", "国家", "", "45352", "2027-12-31", "12,000.50", "", ""],
        ["", "3号", "产业", "旗县", "", "", "", "", "", ""],
        ["演示坏日期", "4号", "产业", "旗县", "", "去年", "", "", "", ""],
        ["演示坏领域", "5号", "天气", "旗县", "", "", "", "", "", ""],
        ["演示坏金额", "6号", "产业", "旗县", "", "", "", "-3", "", ""],
        ["演示无上位", "7号", "产业", "旗县", "没有这个", "", "", "", "", ""],
        ["演示坏项目", "8号", "产业", "旗县", "", "", "", "", "不存在", ""],
    ]  # fmt: skip
    path = workbook(tmp_path, rows)
    taken = take_list(path, "政策.xlsx", BANNER, by=by, now=now)
    assert [policy.title for policy in taken.added] == ["演示总办法", "演示细则"]
    child = Policy.objects.get(title="演示细则")
    assert child.parent.title == "演示总办法" and child.starts_on == date(2024, 3, 1)
    assert child.parent.starts_on == date(2024, 3, 1) and child.parent.money_cny_year == Decimal("12000.50")
    assert [each.row for each in taken.refused] == [4, 5, 6, 7, 8, 9]
    assert "去年" in taken.refused[1].why.zh and "天气" in taken.refused[2].why.zh
    assert all(each.why.zh and each.why.en for each in taken.refused)
    again = take_list(path, "政策.xlsx", BANNER, by=by, now=now)
    assert (len(again.added), again.there, len(again.refused)) == (0, 2, 6)
    with pytest.raises(NoPolicyList):
        take_list(workbook(tmp_path, [["姓名", "角色"], ["甲", "乙"]]), "人员.xlsx", BANNER, by=by, now=now)
    with pytest.raises(NotAllowed):
        take_list(path, "政策.xlsx", BANNER, by=officers["leader"], now=now)


def test_who_loses_a_policy_that_ended_is_known(officers, household, now):
    policy = added(officers, now, programme="subsistence-allowance", ends_on=date(2026, 4, 30))
    kept = make_household("D0002", VILLAGE, "演示乙", now)
    run = EntitlementRun.objects.create(region_code=BANNER, as_of=date(2026, 1, 1), started_at=now, finished_at=now)
    for home, since, ended, received in (
        (household, date(2026, 1, 1), date(2026, 5, 2), True), (kept, date(2026, 5, 1), None, True),
        (make_household("D0003", VILLAGE, "演示丙", now), date(2026, 1, 1), None, False),
    ):  # fmt: skip
        Entitlement.objects.create(
            household=home, region_code=home.region_code, programme_id="subsistence-allowance", level="household",
            subject=home.number, state="entitled", received=received, since=since, ended_on=ended, judged_on=since,
            first_run=run,
        )  # fmt: skip
    today = date(2026, 6, 3)
    assert [each.household for each in losers(officers["leader"], policy, today)] == [household]
    assert not losers(officers["helper"], policy, today).exists()  # whose household it is not
    [ending] = endings(officers["leader"], BANNER, today)
    assert (ending.policy, ending.households) == (policy, 1)
    last = years(officers["leader"], BANNER, today)[-1]
    assert (last.year, last.in_force, last.ended) == (2026, 0, 1)


def workbook(folder, rows) -> object:
    path = folder / f"list-{len(rows)}.xlsx"
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    book.close()
    path.write_bytes(content.getvalue())
    return path


def _entry(policy: Policy) -> dict:
    return {name: getattr(policy, name) for name in Entry.__dataclass_fields__}
