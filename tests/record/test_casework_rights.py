"""Who may not, twice, too late, and what is not right: nothing of a refused attempt is kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from khotail.casework import actions, queries
from khotail.casework.models import Case, Lead, Measure, Step
from khotail.casework.problems import (
    AmountWrong,
    CaseIsClosed,
    DatesWrong,
    EvidenceMissing,
    FieldWrong,
    ForeignDocument,
    HouseholdGone,
    MayNot,
    NoHousehold,
    NotFound,
    NotTheHelper,
    NotYours,
    StepAlreadyDone,
    UnknownField,
    UnknownOutcome,
    UnknownWord,
    WordsMissing,
)
from khotail.casework.procedures import spec_of
from khotail.trail.models import Event
from tests.record.conftest import OTHER_VILLAGE, VILLAGE, make_household
from tests.record.walking import FORWARD, close, declared, filled_in, opened, paper, waiting, walk

EVERYBODY = {
    "administrator", "banner_officer", "banner_reviewer", "township_officer", "township_reviewer", "village_cadre",
    "other_village_cadre", "helper", "department_officer", "leader", "auditor", "neighbour",
}  # fmt: skip

MAY_CLOSE = {
    "home-check": {"village_cadre"},
    "village-review": {"village_cadre"},
    "village-notice": {"village_cadre"},
    "township-review": {"township_officer", "township_reviewer"},
    "county-decision": {"banner_reviewer", "administrator"},
    "announcement": {"banner_officer"},
}


def test_each_step_is_closed_by_its_own_people_alone(household, officers, now) -> None:
    case = opened(household, officers, now)
    for step_id, may in MAY_CLOSE.items():
        now = walk(case, officers, now, until=[step_id])
        step = waiting(case)
        at = now + timedelta(days=5)
        for name in EVERYBODY - may:
            with pytest.raises((NotYours, MayNot, NotFound)):
                close(step, officers, at, FORWARD[step_id], by=name)
            assert step not in queries.steps_to_do(officers[name])
        for name in may:
            assert step in queries.steps_to_do(officers[name])
        step.refresh_from_db()
        assert step.closed_at is None and not step.documents.exists()
        now = at
        close(step, officers, now)


def test_a_helper_sees_and_does_only_what_is_theirs(household, officers, now) -> None:
    case = opened(household, officers, now)
    with pytest.raises(NotFound):
        close(waiting(case), officers, now, by="helper")
    actions.assign_helper(case, officers["helper"], officers["village_cadre"], now)
    close(waiting(case), officers, now, by="helper")


def test_two_people_decide_the_same_step_and_the_second_is_told_who_and_what(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["township-review"])
    seen_by_both = waiting(case)
    close(seen_by_both, officers, now, by="township_officer")
    with pytest.raises(StepAlreadyDone, match=r"演示township_officer closed .* Agreed; goes to the banner"):
        close(seen_by_both, officers, now, "not-agreed", by="township_reviewer", reason="不同意")
    assert waiting(case).step_id == "county-decision"
    assert case.steps.filter(step_id="township-review").count() == 1


def test_a_form_from_before_a_return_does_not_close_the_new_step(household, officers, now) -> None:
    case = opened(household, officers, now)
    stale = waiting(case)
    now = walk(case, officers, now, until=["township-review"])
    close(waiting(case), officers, now, "return", reason="补正")
    with pytest.raises(StepAlreadyDone):
        close(stale, officers, now)
    assert waiting(case).pk != stale.pk


def test_nothing_of_a_refused_attempt_is_kept(household, officers, now) -> None:
    case = opened(household, officers, now)
    step = waiting(case)
    events = Event.objects.count()
    photo = paper(household, "photo", officers["village_cadre"], now)
    with pytest.raises(EvidenceMissing, match="authorisation"):
        actions.close_step(
            step, officers["village_cadre"], "confirmed", record=filled_in(step, now), documents=[photo], now=now
        )
    assert Event.objects.count() == events
    assert not step.documents.exists()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"visited_on": None}, FieldWrong),
        ({"visited_on": "1900-01-01"}, FieldWrong),
        ({"visited_on": "2100-01-01"}, Exception),
        ({"visited_on": "last week"}, FieldWrong),
        ({"members": "many"}, FieldWrong),
        ({"members": float("inf")}, FieldWrong),
        ({"members": True}, FieldWrong),
        ({"members": 0}, FieldWrong),
        ({"members_able_to_work": 4}, FieldWrong),
        ({"causes_found": ["bad luck"]}, FieldWrong),
        ({"causes_found": []}, FieldWrong),
        ({"situation": "x" * 5000}, FieldWrong),
        ({"visited_by": ["x" * 100]}, FieldWrong),
    ],
)
def test_a_field_that_is_not_right_is_named(household, officers, now, changed, problem) -> None:
    case = opened(household, officers, now)
    with pytest.raises(problem) as caught:
        close(waiting(case), officers, now, **changed)
    if isinstance(caught.value, FieldWrong):
        assert caught.value.field == next(iter(changed))
    assert waiting(case).step_id == "home-check"


def test_text_is_kept_as_it_is(household, officers, now) -> None:
    case = opened(household, officers, now)
    words = '<script>alert(1)</script> =HYPERLINK("x")\x00 \'; DROP TABLE'
    step = close(waiting(case), officers, now, situation=words)
    assert step.record["situation"] == words.replace("\x00", "")


def test_unknown_outcomes_and_fields_are_refused(household, officers, now) -> None:
    case = opened(household, officers, now)
    step = waiting(case)
    with pytest.raises(UnknownOutcome):
        actions.close_step(step, officers["village_cadre"], "approve-all", now=now)
    with pytest.raises(UnknownField):
        actions.close_step(step, officers["village_cadre"], "no-risk", reason="x", record={"state": "helped"}, now=now)


def test_evidence_of_another_household_does_not_count(household, officers, now) -> None:
    case = opened(household, officers, now)
    other = make_household("D0002", VILLAGE, "演示乙", now)
    foreign = paper(other, "survey", officers["village_cadre"], now)
    with pytest.raises(ForeignDocument):
        actions.attach(waiting(case), foreign, officers["village_cadre"], now)


def test_papers_may_be_added_before_the_step_is_closed(household, officers, now) -> None:
    case = opened(household, officers, now)
    step, cadre = waiting(case), officers["village_cadre"]
    for kind in ("authorisation", "survey", "photo"):
        actions.attach(step, paper(household, kind, cadre, now), cadre, now)
    actions.close_step(step, cadre, "confirmed", record=filled_in(step, now), now=now)
    assert waiting(case).step_id == "village-review"


def test_the_category_fits_income_and_type(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["county-decision"])
    for category in ("unstable", "sudden_hardship"):
        with pytest.raises(Exception, match=r"household|line"):
            close(waiting(case), officers, now, category=category)
    with pytest.raises(Exception, match="Something was found"):
        close(waiting(case), officers, now, house_found=True)
    close(waiting(case), officers, now, house_found=True, explanation="继承的老房")


def test_leads_are_raised_and_taken_within_the_region(household, neighbour_household, officers, now) -> None:
    with pytest.raises(NotFound):
        declared(neighbour_household, officers, now)
    lead = declared(household, officers, now)
    for name in ("neighbour", "other_village_cadre"):
        with pytest.raises(NotFound):
            actions.open_case(lead, officers[name], now)
    for name in ("leader", "auditor"):
        with pytest.raises(MayNot):
            actions.open_case(lead, officers[name], now)
        with pytest.raises(MayNot):
            actions.raise_lead(household, "visit", [], "x", by=officers[name], now=now)
    with pytest.raises(NotFound):
        queries.case_page(officers["neighbour"], opened(household, officers, now).pk, now)


def test_a_lead_without_household_waits_until_it_is_known(household, officers, now) -> None:
    township = officers["township_officer"]
    lead = actions.raise_lead(
        None, "hotline", [], "有一户困难", by=township, now=now, region_code=VILLAGE, told_by="邻居"
    )
    assert lead in queries.leads_to_do(township)
    with pytest.raises(NoHousehold):
        actions.open_case(lead, township, now)
    actions.link_lead(lead, household, township, now)
    assert actions.open_case(lead, township, now).household == household


def test_bad_leads_are_refused(household, officers, now) -> None:
    cadre = officers["village_cadre"]
    with pytest.raises(UnknownWord):
        actions.raise_lead(household, "rumour", [], "x", by=cadre, now=now)
    with pytest.raises(UnknownWord):
        actions.raise_lead(household, "visit", ["laziness"], "x", by=cadre, now=now)
    with pytest.raises(WordsMissing):
        actions.raise_lead(household, "visit", [], " \x00", by=cadre, now=now)
    with pytest.raises(NotFound):
        actions.raise_lead(None, "visit", [], "x", by=cadre, now=now, region_code=OTHER_VILLAGE)
    assert not Lead.objects.exists()


def test_no_case_for_a_household_that_is_no_more(household, officers, now) -> None:
    lead = declared(household, officers, now)
    household.ended_on = date(2026, 1, 1)
    household.save()
    with pytest.raises(HouseholdGone):
        actions.open_case(lead, officers["village_cadre"], now)


def test_bad_measures_are_refused(household, officers, now) -> None:
    case, cadre = opened(household, officers, now), officers["village_cadre"]

    def record(category="健康帮扶", kind="大病救助", starts_on=date(2026, 6, 3), by=cadre, **more):
        actions.record_measure(case, category, kind, starts_on=starts_on, by=by, now=now, **more)

    for problem, given in (
        (UnknownWord, {"category": "发钱"}),
        (WordsMissing, {"kind": " "}),
        (WordsMissing, {"kind": "其他"}),
        (DatesWrong, {"starts_on": date(1900, 1, 1)}),
        (DatesWrong, {"ends_on": date(2026, 6, 2)}),
        (AmountWrong, {"amount_cny": "NaN"}),
        (AmountWrong, {"amount_cny": "-1"}),
        (AmountWrong, {"amount_cny": "1.005"}),
        (AmountWrong, {"amount_cny": "一百"}),
        (MayNot, {"by": officers["leader"]}),
        (NotFound, {"by": officers["neighbour"]}),
    ):
        with pytest.raises(problem):
            record(**given)
    assert not Measure.objects.exists()
    record()  # urgent help comes before the decision
    close(waiting(case), officers, now, "no-risk", reason="无风险")
    with pytest.raises(CaseIsClosed):
        record()


def test_a_helper_works_in_the_village(household, officers, now) -> None:
    case = opened(household, officers, now)
    for name in ("other_village_cadre", "leader", "neighbour"):
        with pytest.raises(NotTheHelper):
            actions.assign_helper(case, officers[name], officers["village_cadre"], now)


def test_lists_are_one_query(household, officers, now, django_assert_num_queries) -> None:
    for n in range(8):
        other = make_household(f"D10{n}", VILLAGE, "演示丙", now)
        opened(other, officers, now)
        declared(make_household(f"D20{n}", VILLAGE, "演示丁", now), officers, now)
    with django_assert_num_queries(1):
        assert len([step.household.number for step in queries.steps_to_do(officers["village_cadre"])]) == 8
    with django_assert_num_queries(1):
        assert len([lead.household.number for lead in queries.leads_to_do(officers["village_cadre"])]) == 8
    with django_assert_num_queries(1):
        assert queries.board(officers["leader"])["deciding"] == 8
    with django_assert_num_queries(1):
        [waits] = queries.waiting_by_step(officers["leader"], date(2027, 1, 1))
    assert (waits.step_id, waits.count, waits.overdue) == ("home-check", 8, 8)


def test_the_page_of_a_case_says_what_each_may_do(household, officers, now) -> None:
    case = opened(household, officers, now)
    page = queries.case_page(officers["village_cadre"], case.pk, now)
    assert page.waiting and page.waiting.may_close and page.waiting.spec == spec_of(page.waiting.step)
    assert not queries.case_page(officers["leader"], case.pk, now).waiting.may_close
    assert Case.objects.count() == 1 and Step.objects.count() == 1
