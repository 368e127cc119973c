"""Plans of help: from causes to measures, gaps named, agreed, carried out; templates; who may not, and twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from khotail.accounts.problems import NotAllowed
from khotail.assistance import planning, problems
from khotail.assistance.gaps import needs_named
from khotail.assistance.models import Plan, PlanLine, PlanTemplate
from khotail.assistance.queries import plan_page, templates_for
from khotail.assistance.templates import retire_template, write_template
from khotail.casework import actions
from khotail.casework.models import Case, Measure
from khotail.casework.problems import HouseholdLeft
from khotail.register.models import Statement
from khotail.register.statements import state
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, VILLAGE
from tests.record.walking import close, opened, paper, waiting

import pyarrow as pa  # isort: skip


@pytest.fixture
def case(household, officers, now) -> Case:
    """An open case, illness its cause; a visit found one who can work."""
    case = opened(household, officers, now)
    close(waiting(case), officers, now, members_able_to_work=1)
    case.refresh_from_db()
    return case


@pytest.fixture
def plan(case, officers, now) -> Plan:
    return planning.start_plan(case, by=officers["village_cadre"], now=now)


def add(plan, officers, now, category="健康帮扶", kind="大病救治", key="village_cadre", **more) -> PlanLine:
    values = {"causes": ["illness"], "starts_on": timezone.localdate(now)} | more
    return planning.add_line(plan, category, kind, by=officers[key], now=now, **values)


def test_a_household_with_labour_needs_a_development_measure_besides_what_its_cause_calls_for(plan):
    assert plan.has_labour is True
    assert plan.gaps == ["illness", "development"]


def test_a_household_without_labour_needs_the_floor(household, officers, now):
    case = opened(household, officers, now)
    close(waiting(case), officers, now, members_able_to_work=0)
    plan = planning.start_plan(case, by=officers["village_cadre"], now=now)
    assert plan.has_labour is False and plan.gaps == ["illness", "floor"]


def test_before_any_visit_the_register_says_whether_somebody_can_work(household, officers, now):
    row = {"household_id": household.number, "person_id": "D000101", "name": "演示甲", "labour": "普通劳动力"}
    state(
        "persons", pa.Table.from_pylist([row]), as_of=date(2026, 1, 1), source="list", batch_id=None, by=None, now=now,
        region_code=BANNER,
    )  # fmt: skip
    plan = planning.start_plan(opened(household, officers, now), by=officers["village_cadre"], now=now)
    assert plan.has_labour is True and "development" in plan.gaps


def test_where_nothing_is_known_of_labour_nothing_is_asked_for_it(household, officers, now):
    plan = planning.start_plan(opened(household, officers, now), by=officers["village_cadre"], now=now)
    assert plan.has_labour is None and plan.gaps == ["illness"]


def test_what_is_planned_closes_a_gap_and_what_begins_is_a_measure_of_the_case(plan, officers, now):
    line = add(plan, officers, now, amount_cny="1,200.50")
    plan.refresh_from_db()
    assert plan.gaps == ["development"] and not Measure.objects.exists()
    begun = planning.begin_line(line, by=officers["village_cadre"], now=now)
    assert (begun.state, begun.measure.category, str(begun.measure.amount_cny)) == ("running", "健康帮扶", "1200.50")
    assert Statement.objects.filter(table="measures", household=plan.household).count() == 1
    with pytest.raises(problems.LineNotOpen):
        planning.begin_line(line, by=officers["village_cadre"], now=now)
    assert Measure.objects.count() == 1
    assert {"plan.started", "plan.line-added", "plan.line-begun"} <= set(Event.objects.values_list("verb", flat=True))


def test_a_plan_is_not_agreed_with_a_gap_unless_somebody_says_why(plan, officers, now):
    by = officers["village_cadre"]
    with pytest.raises(problems.PlanEmpty):
        planning.agree(plan, agreed_with="演示甲", by=by, now=now)
    add(plan, officers, now)
    with pytest.raises(problems.PlanHasGaps) as refused, transaction.atomic():
        planning.agree(plan, agreed_with="演示甲", by=by, now=now)
    assert "产业帮扶" in refused.value.text.zh and "development measure" in refused.value.text.en
    agreed = planning.agree(plan, agreed_with="演示甲", gaps_reason="正在治病，出院后安排", by=by, now=now)
    assert (agreed.state, agreed.gaps, agreed.review_on) == ("agreed", ["development"], date(2026, 9, 3))
    add(plan, officers, now, "公益岗位帮扶", "保洁员", starts_on=date(2026, 7, 1))
    agreed = planning.agree(plan, agreed_with="演示甲", by=by, now=now)
    assert agreed.gaps == []


def test_a_measure_that_has_ended_answers_nothing_any_more(plan, officers, now):
    today = timezone.localdate(now)
    line = add(plan, officers, now, ends_on=today + timedelta(days=10))
    planning.begin_line(line, by=officers["village_cadre"], now=now)
    plan.refresh_from_db()
    assert plan.gaps == ["development"]
    assert planning.look_again(now) == 0
    assert planning.look_again(now + timedelta(days=12)) == 1
    plan.refresh_from_db()
    assert plan.gaps == ["illness", "development"]


def test_a_line_is_finished_with_its_papers_and_the_measure_ends_on_the_same_day(plan, household, officers, now):
    by, later = officers["village_cadre"], now + timedelta(days=20)
    line = planning.begin_line(add(plan, officers, now), by=by, now=now)
    evidence = paper(household, "certificate", by, later)
    with pytest.raises(problems.NotYet):
        planning.finish_line(line, on=date(2027, 1, 1), by=by, now=later)
    done = planning.finish_line(line, on=date(2026, 6, 20), documents=[evidence], by=by, now=later)
    assert done.state == "done" and list(done.documents.all()) == [evidence]
    assert Measure.objects.get().ends_on == date(2026, 6, 20)


def test_papers_of_another_household_are_no_evidence(plan, neighbour_household, officers, now):
    line = add(plan, officers, now)
    foreign = paper(neighbour_household, "certificate", officers["neighbour"], now)
    with pytest.raises(problems.ForeignDocument):
        planning.add_evidence(line, [foreign], by=officers["village_cadre"], now=now)


def test_dropping_a_line_needs_a_reason_and_opens_the_gap_again(plan, officers, now):
    line = add(plan, officers, now)
    with pytest.raises(problems.ReasonMissing):
        planning.drop_line(line, " \x00", by=officers["village_cadre"], now=now)
    planning.drop_line(line, "医院改为减免", by=officers["village_cadre"], now=now)
    plan.refresh_from_db()
    assert plan.gaps == ["illness", "development"]


def test_for_a_household_that_has_left_nothing_is_planned_or_recorded(plan, household, officers, now):
    line = add(plan, officers, now)
    household.ended_on, household.ending = date(2026, 6, 2), "moved"
    household.save()
    for act in (
        lambda: add(plan, officers, now),
        lambda: planning.begin_line(line, by=officers["village_cadre"], now=now),
        lambda: actions.record_measure(
            plan.case, "健康帮扶", "救治", starts_on=date(2026, 6, 3), by=officers["village_cadre"], now=now
        ),
    ):
        with pytest.raises(HouseholdLeft) as refused, transaction.atomic():
            act()
        assert "2026-06-02" in refused.value.text.zh and "2026-06-02" in refused.value.text.en
    closed = planning.close_plan(plan, "迁出", by=officers["village_cadre"], now=now)
    assert closed.state == "closed"


def test_two_of_the_same_kind_at_the_same_time_are_pointed_out_and_not_refused(plan, officers, now):
    add(plan, officers, now, starts_on=date(2026, 6, 1), ends_on=date(2026, 8, 31))
    add(plan, officers, now, starts_on=date(2026, 9, 1))
    assert plan_page(plan, now).twice == ()
    add(plan, officers, now, starts_on=date(2026, 8, 1), ends_on=date(2026, 8, 2))
    [(one, other)] = plan_page(plan, now).twice
    assert (one.kind, other.starts_on) == ("大病救治", date(2026, 8, 1))


def test_training_alone_is_shown_as_no_development(plan, officers, now):
    add(plan, officers, now, "就业帮扶", "技能培训")
    assert plan_page(plan, now).passive_only
    add(plan, officers, now, "产业帮扶", "养殖业")
    assert not plan_page(plan, now).passive_only


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"category": "发钱"}, problems.UnknownCategory),
        ({"kind": " "}, problems.KindMissing),
        ({"kind": "其他"}, problems.KindMissing),
        ({"amount_cny": "-1"}, problems.AmountWrong),
        ({"amount_cny": "三千"}, problems.AmountWrong),
        ({"amount_cny": "0.001"}, problems.AmountWrong),
        ({"starts_on": date(1026, 6, 3)}, problems.DatesWrong),
        ({"ends_on": date(2026, 6, 2)}, problems.DatesWrong),
        ({"note": "长" * 3000}, problems.WordsTooLong),
    ],
)
def test_what_is_wrong_with_a_line_is_said(plan, officers, now, changed, problem):
    with pytest.raises(problem):
        add(plan, officers, now, **changed)
    assert not plan.lines.exists()


def test_there_is_one_plan_for_a_case_and_none_without_an_open_case(plan, case, officers, now):
    with pytest.raises(problems.PlanExists):
        planning.start_plan(case, by=officers["village_cadre"], now=now)
    Plan.objects.all().delete()
    Case.objects.update(state=Case.State.REFUSED)
    with pytest.raises(problems.NoOpenCase):
        planning.start_plan(case, by=officers["village_cadre"], now=now)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("neighbour", problems.NotFound), ("other_village_cadre", problems.NotFound), ("helper", problems.NotFound),
        ("leader", NotAllowed), ("auditor", NotAllowed), ("department_officer", NotAllowed),
    ],
)  # fmt: skip
def test_others_cannot_change_a_plan(plan, officers, now, key, problem):
    with pytest.raises(problem):
        add(plan, officers, now, key=key)


def test_a_template_of_the_banner_gives_its_lines_to_a_plan(case, officers, now):
    lines = [
        {"category": "健康帮扶", "kind": "大病救治", "causes": ["illness"], "months": 12, "amount_cny": "5000"},
        {"category": "产业帮扶", "kind": "庭院经济", "months": None, "amount_cny": ""},
    ]
    written = write_template("因病户", BANNER, lines, household="with_labour", by=officers["banner_officer"], now=now)
    assert templates_for(case, True) == [written] and templates_for(case, False) == []
    plan = planning.start_plan(case, template=written, by=officers["village_cadre"], now=now)
    first, second = plan.lines.order_by("id")
    assert (first.ends_on, str(first.amount_cny), second.causes) == (date(2027, 6, 3), "5000.00", ["illness"])
    assert plan.gaps == []
    retire_template(written, by=officers["banner_officer"], now=now)
    assert templates_for(case, True) == []


def test_a_village_writes_templates_for_itself_and_nobody_for_others(officers, now):
    lines = [{"category": "社会帮扶", "kind": "邻里互助"}]
    cadre = officers["village_cadre"]
    with pytest.raises(NotAllowed):
        write_template("帮扶人", VILLAGE, lines, by=officers["helper"], now=now)
    with pytest.raises(problems.NotYourPlace):
        write_template("全旗", BANNER, lines, by=cadre, now=now)
    mine = write_template("本村", VILLAGE, lines, by=cadre, now=now)
    with pytest.raises(problems.NotFound):
        retire_template(mine, by=officers["other_village_cadre"], now=now)
    theirs = write_template("邻旗", NEIGHBOUR_BANNER, lines, by=officers["neighbour"], now=now)
    assert set(PlanTemplate.objects.offered_to(cadre)) == {mine}
    assert theirs not in PlanTemplate.objects.offered_in(VILLAGE)
    for bad, problem in (
        ([], problems.NoLines), ([{"category": "x", "kind": "y"}], problems.UnknownCategory), (lines * 13, problems.TooManyLines)
    ):  # fmt: skip
        with pytest.raises(problem):
            write_template("空", VILLAGE, bad, by=cadre, now=now)


def test_needs_that_the_rulebook_has_lost_are_left_out():
    assert [need.id for need in needs_named(["illness", "gone"])] == ["illness"]
