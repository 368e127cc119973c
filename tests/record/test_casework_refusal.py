"""A household that is refused: told why, how to object, and looked at again one level up by somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import Role
from khotail.casework import actions
from khotail.casework.models import Case, Lead
from khotail.casework.problems import (
    CannotObject,
    ConditionNotMet,
    HandledByYourself,
    LeadAlreadyDecided,
    NotFound,
    NotYours,
    ObjectionAlreadyAnswered,
    ReasonMissing,
)
from tests.record.conftest import BANNER
from tests.record.walking import close, declared, opened, waiting, walk


def refused_at_review(household, officers, now):
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    step = close(waiting(case), officers, now, "not-agreed", reason="收入高于监测范围", in_favour=1)
    return Case.objects.get(pk=case.pk), step


def test_a_refusal_needs_a_reason_and_closes_the_case(household, officers, now) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    with pytest.raises(ReasonMissing):
        close(waiting(case), officers, now, "not-agreed", reason="  ", in_favour=1)
    close(waiting(case), officers, now, "not-agreed", reason="收入高于监测范围", in_favour=1)
    case.refresh_from_db()
    assert (case.state, case.reason) == ("refused", "收入高于监测范围")
    assert case.closed_on == timezone.localdate(now)
    assert not case.steps.filter(closed_at=None).exists()


def test_a_vote_is_recorded_as_it_was(household, officers, now) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    step = waiting(case)
    with pytest.raises(ConditionNotMet, match="Not more than half"):
        close(step, officers, now, in_favour=3)
    with pytest.raises(ConditionNotMet, match="result is agreement"):
        close(step, officers, now, "not-agreed", reason="x", in_favour=4)
    with pytest.raises(ConditionNotMet, match="two thirds"):
        close(step, officers, now, present=5, attended=["a"] * 5, in_favour=5)


def test_an_upheld_objection_opens_the_review_again_one_level_up(household, officers, now) -> None:
    case, step = refused_at_review(household, officers, now)
    now += timedelta(days=2)
    objection = actions.object_to(step, "孩子在住院", said_by="户主", taken_by=officers["village_cadre"], now=now)
    with pytest.raises(CannotObject):
        actions.object_to(step, "再说一次", taken_by=officers["village_cadre"], now=now)
    with pytest.raises(NotYours):
        actions.answer_objection(objection, True, "属实", officers["village_cadre"], now)
    actions.answer_objection(objection, True, "属实", officers["township_officer"], now)
    with pytest.raises(ObjectionAlreadyAnswered):
        actions.answer_objection(objection, False, "不属实", officers["township_reviewer"], now)
    case.refresh_from_db()
    again = waiting(case)
    assert (case.state, again.step_id, again.escalated_to, again.opened_again) == (
        "deciding", "village-review", "township", step,
    )  # fmt: skip
    with pytest.raises(NotYours):
        close(again, officers, now)
    close(again, officers, now, by="township_reviewer")
    assert waiting(case).step_id == "village-notice"


def test_an_objection_that_is_not_upheld_leaves_the_refusal(household, officers, now) -> None:
    case, step = refused_at_review(household, officers, now)
    objection = actions.object_to(step, "不服", taken_by=officers["village_cadre"], now=now)
    actions.answer_objection(objection, False, "核实无误", officers["township_officer"], now)
    case.refresh_from_db()
    assert case.state == "refused"


def test_nobody_answers_an_objection_to_their_own_refusal(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["county-decision"])
    step = close(waiting(case), officers, now, "refused", reason="有商品房")
    objection = actions.object_to(step, "房子已卖", taken_by=officers["village_cadre"], now=now)
    with pytest.raises(HandledByYourself):
        actions.answer_objection(objection, True, "属实", officers["banner_reviewer"], now)
    actions.answer_objection(objection, True, "属实", officers["banner_officer"], now)
    another = Officer.objects.create_user("second", "x", full_name="复核", role=Role.REVIEWER, region_code=BANNER)
    with pytest.raises(HandledByYourself):
        close(waiting(case), officers, now)
    close(waiting(case), officers | {"second": another}, now, by="second")


def test_objections_come_in_time(household, officers, now) -> None:
    _, step = refused_at_review(household, officers, now)
    with pytest.raises(CannotObject):
        actions.object_to(step, "太晚", taken_by=officers["village_cadre"], now=now + timedelta(days=61))


def test_a_notice_with_an_upheld_objection_goes_back(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["village-notice"])
    objection = actions.object_to(waiting(case), "他家有车", taken_by=officers["village_cadre"], now=now)
    later = now + timedelta(days=6)
    with pytest.raises(ConditionNotMet, match="not been answered"):
        close(waiting(case), officers, later)
    actions.answer_objection(objection, True, "属实", officers["village_cadre"], now)
    with pytest.raises(ConditionNotMet, match="upheld"):
        close(waiting(case), officers, later)
    close(waiting(case), officers, now, "objection-upheld", reason="有车，重新评议")
    assert waiting(case).step_id == "village-review"


def test_a_returned_case_is_corrected_and_comes_back(household, officers, now) -> None:
    case = opened(household, officers, now)
    now = walk(case, officers, now, until=["township-review"])
    with pytest.raises(ReasonMissing):
        close(waiting(case), officers, now, "return")
    close(waiting(case), officers, now, "return", reason="缺照片")
    assert waiting(case).step_id == "home-check"
    walk(case, officers, now, until=["visit"])
    assert case.steps.filter(step_id="home-check").count() == 2


def test_a_lead_is_dismissed_once_and_with_a_reason(household, officers, now) -> None:
    lead = declared(household, officers, now)
    with pytest.raises(ReasonMissing):
        actions.dismiss_lead(lead, " ", officers["village_cadre"], now)
    actions.dismiss_lead(lead, "不属实", officers["village_cadre"], now)
    with pytest.raises(LeadAlreadyDecided, match="not confirmed"):
        actions.open_case(lead, officers["village_cadre"], now)
    with pytest.raises(LeadAlreadyDecided):
        actions.dismiss_lead(lead, "不属实", officers["township_officer"], now)


def test_a_refused_household_may_be_raised_again(household, officers, now) -> None:
    case, _ = refused_at_review(household, officers, now)
    again = opened(household, officers, now + timedelta(days=1))
    assert again.previous == case
    assert Lead.objects.filter(household=household).count() == 2


def test_an_objection_stays_within_the_region(household, officers, now) -> None:
    _, step = refused_at_review(household, officers, now)
    with pytest.raises(NotFound):
        actions.object_to(step, "不服", taken_by=officers["neighbour"], now=now)
