"""The transition clock, who answers for what, inspections."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from khotail.accounts.models import Notification, Officer
from khotail.accounts.problems import NotAllowed
from khotail.facts.regions import Regions
from khotail.oversight import inspections, responsibilities, transition
from khotail.oversight.catalogue import catalogue, key_list_of, key_lists
from khotail.oversight.models import Inspection, Responsibility, Shortcoming
from khotail.oversight.problems import (
    AlreadyAccepted,
    ClockThere,
    DatesWrong,
    InspectionOver,
    LevelWrong,
    NotABanner,
    NotFound,
    NotLonger,
    NotTheOwner,
    NotYet,
    OwnerElsewhere,
    OwnerMissing,
    OwnerThere,
    OwnMending,
    ResponsibilityOver,
    UnknownPlace,
    WordsMissing,
    WrongState,
)
from khotail.oversight.responsibilities import Owner
from khotail.oversight.vacancies import Vacancy, households_without_owner, late_from, not_accepted, vacancies
from khotail.register.models import Household
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE

EXIT, TODAY = date(2020, 3, 4), date(2026, 6, 3)


def test_the_clock_runs_five_years_from_the_exit_and_is_extended_with_a_reason(officers, now):
    by = officers["banner_officer"]
    clock = transition.set_clock(BANNER, EXIT, "演示公告", by=by, now=now)
    assert clock.ends_on == date(2025, 3, 4)
    with pytest.raises(ClockThere):
        transition.set_clock(BANNER, date(2019, 1, 1), "又一个公告", by=by, now=now)
    with pytest.raises(NotLonger):
        transition.extend(clock, date(2025, 3, 4), "理由", "文件", by=by, now=now)
    with pytest.raises(WordsMissing):
        transition.extend(clock, date(2026, 12, 31), " ", "文件", by=by, now=now)
    transition.extend(clock, date(2026, 12, 31), "原深度贫困地区", "演示1号", by=by, now=now)
    [shown] = transition.clocks(officers["village_cadre"], TODAY)
    assert (shown.days_left, shown.is_near, shown.is_over) == (211, True, False)
    assert [(each.before, each.until) for each in shown.extensions] == [(date(2025, 3, 4), date(2026, 12, 31))]
    assert 90 < shown.passed_percent < 100


def test_a_clock_is_a_banner_s_and_set_by_whoever_keeps_policies_there(officers, now):
    by = officers["banner_officer"]
    for code, problem in ((TOWNSHIP, NotABanner), (NEIGHBOUR_BANNER, UnknownPlace)):
        with pytest.raises(problem):
            transition.set_clock(code, EXIT, "公告", by=by, now=now)
    with pytest.raises(DatesWrong):
        transition.set_clock(BANNER, date(9999, 12, 31), "公告", by=by, now=now)
    for key in ("village_cadre", "leader", "banner_reviewer", "auditor"):
        with pytest.raises(NotAllowed):
            transition.set_clock(BANNER, EXIT, "公告", by=officers[key], now=now)
    clock = transition.set_clock(BANNER, EXIT, "公告", by=by, now=now)
    with pytest.raises(NotFound):
        transition.extend(clock, date(2027, 1, 1), "理由", "文件", by=officers["neighbour"], now=now)


def test_the_nation_s_ten_key_banners_are_known_with_their_source():
    [nation] = key_lists()
    names = {Regions.load().name(code) for code in nation.banners}
    assert names == {
        "鄂伦春自治旗", "科尔沁右翼中旗", "扎赉特旗", "科尔沁右翼前旗", "巴林左旗", "库伦旗", "正镶白旗", "商都县", "化德县",
        "四子王旗",
    }  # fmt: skip
    assert nation.source and key_list_of(BANNER, TODAY) is nation and key_list_of(BANNER, date(2020, 1, 1)) is None
    assert all(each.name.zh and each.name.en and each.chapter.zh for each in catalogue().values())


def named(officers, now, owner=None, *, subject="place", code=VILLAGE, level="village", by="banner_officer", **more):
    owner = owner or Owner(officer=officers["village_cadre"])
    return responsibilities.name_owner(subject, code, level, owner, by=officers[by], now=now, **more)


def test_somebody_is_named_accepts_and_hands_over_without_a_gap(officers, now):
    by, cadre = officers["banner_officer"], officers["village_cadre"]
    first = named(officers, now, duty="每月走访")
    assert Notification.objects.get(officer=cadre).kind == "responsibility-new"
    with pytest.raises(NotTheOwner):
        responsibilities.accept(first, by=by, now=now)
    responsibilities.accept(first, by=cadre, now=now)
    with pytest.raises(AlreadyAccepted):
        responsibilities.accept(first, by=cadre, now=now)
    with pytest.raises(OwnerThere):
        named(officers, now, Owner(person="演示书记", post="书记"))
    with pytest.raises(WordsMissing):
        responsibilities.hand_over(first, Owner(person="演示书记", post="书记"), "", by=by, now=now)
    heir = responsibilities.hand_over(first, Owner(person="演示书记", post="书记"), "换届，台账已移交", by=by, now=now)
    first.refresh_from_db()
    assert (first.successor, first.ended_on, heir.duty) == (heir, TODAY, "每月走访")
    assert (VILLAGE, "village") not in {(each.region_code, each.level) for each in vacancies(BANNER, TODAY)}
    with pytest.raises(ResponsibilityOver):
        responsibilities.end(first, "又一次", by=by, now=now)
    responsibilities.accept(heir, by=by, now=now)  # by whoever keeps the register, for somebody without an account
    responsibilities.end(heir, "调离", by=by, now=now)
    assert Vacancy(VILLAGE, "village", since=TODAY) in vacancies(BANNER, TODAY)
    assert Event.objects.filter(verb__startswith="responsibility.").count() == 5


def test_bad_owners_are_refused(officers, household, now):
    for owner, problem in (
        (Owner(), OwnerMissing), (Owner(person="演示"), OwnerMissing), (Owner(officers["neighbour"]), OwnerElsewhere),
        (Owner(officers["other_village_cadre"]), OwnerElsewhere),
    ):  # fmt: skip
        with pytest.raises(problem):
            named(officers, now, owner)
    with pytest.raises(LevelWrong):
        named(officers, now, code=TOWNSHIP, level="village")
    with pytest.raises(WordsMissing):
        named(officers, now, subject="task")
    with pytest.raises(NotFound):
        named(officers, now, subject="household")
    for key in ("village_cadre", "leader", "banner_reviewer"):
        with pytest.raises(NotAllowed):
            named(officers, now, by=key)
    with pytest.raises(UnknownPlace):
        named(officers, now, by="township_officer", code=BANNER, level="banner")


def test_vacancies_are_every_place_and_level_without_an_owner(officers, now):
    before = {(each.region_code, each.level) for each in vacancies(TOWNSHIP, TODAY)}
    assert before == {
        (TOWNSHIP, "township"), (TOWNSHIP, "banner"), *((code, level) for code in (VILLAGE, OTHER_VILLAGE)
                                                        for level in ("village", "township", "banner")),
    }  # fmt: skip
    named(officers, now)
    task = named(officers, now, subject="task", task="饮水管护", code=VILLAGE)
    assert (VILLAGE, "village") not in {(each.region_code, each.level) for each in vacancies(TOWNSHIP, TODAY)}
    responsibilities.end(task, "调离", by=officers["banner_officer"], now=now)
    assert vacancies(VILLAGE, TODAY)[-1] == Vacancy(VILLAGE, "village", "饮水管护", TODAY)
    Officer.objects.filter(pk=officers["village_cadre"].pk).update(is_active=False)
    assert (VILLAGE, "village") in {(each.region_code, each.level) for each in vacancies(TOWNSHIP, TODAY)}


def test_a_monitored_household_needs_a_helper_or_an_owner(officers, household, now):
    reader = officers["banner_officer"]
    assert not households_without_owner(reader, BANNER).exists()
    Household.objects.filter(pk=household.pk).update(monitored_type="边缘易致贫户")
    assert list(households_without_owner(reader, BANNER)) == [household]
    owned = named(officers, now, subject="household", household=household, code="")
    assert owned.region_code == VILLAGE and not households_without_owner(reader, BANNER).exists()
    responsibilities.end(owned, "调离", by=reader, now=now)
    assert households_without_owner(reader, BANNER).exists()
    Household.objects.filter(pk=household.pk).update(helper=officers["helper"])
    assert not households_without_owner(reader, BANNER).exists()


def test_whoever_does_not_accept_in_time_is_late(officers, now):
    old = now - timedelta(days=40)
    waiting = named(officers, old)
    assert list(not_accepted(officers["leader"], BANNER, TODAY)) == [waiting]
    assert waiting.named_on <= late_from(TODAY, BANNER) < TODAY
    assert not not_accepted(officers["neighbour"], NEIGHBOUR_BANNER, TODAY).exists()


def planned(officers, now, **more) -> Inspection:
    given = {
        "topic": "公益性岗位",
        "region_code": VILLAGE,
        "inspector": "演示检查组",
        "due_on": date(2026, 5, 20),
        **more,
    }
    return inspections.plan(**given, by=officers["banner_officer"], now=now)


def test_a_recurring_inspection_is_followed_by_the_next(officers, now):
    by = officers["banner_officer"]
    first = planned(officers, now, months=3)
    with pytest.raises(NotYet):
        inspections.close(first, date(2026, 6, 4), "看过", by=by, now=now)
    done = inspections.close(first, date(2026, 6, 1), "两处问题", by=by, now=now)
    assert (done.following.due_on, done.following.months, done.following.state) == (date(2026, 8, 20), 3, "planned")
    with pytest.raises(InspectionOver):
        inspections.close(done, date(2026, 6, 1), "又一次", by=by, now=now)
    dropped = inspections.drop(planned(officers, now), "与上级检查合并", by=by, now=now)
    with pytest.raises(InspectionOver):
        inspections.find(dropped, "问题", "演示单位", by=by, now=now)
    assert Inspection.objects.count() == 3


def test_what_fell_short_is_mended_looked_at_by_another_and_opened_again(officers, now):
    by, cadre, reviewer = officers["banner_officer"], officers["village_cadre"], officers["banner_reviewer"]
    fell = inspections.find(planned(officers, now), "管线未保温", "演示嘎查委员会", by=by, now=now)
    assert fell.due_on == date(2026, 7, 2)  # twenty working days on, over the Dragon Boat holiday
    with pytest.raises(WrongState):
        inspections.look_again(fell, True, "看过", by=reviewer, now=now)
    inspections.mend(fell, "已包保温层", by=cadre, now=now)
    with pytest.raises(NotAllowed):
        inspections.look_again(fell, True, "看过", by=cadre, now=now)
    again = inspections.look_again(fell, False, "还有一段没包", due_on=date(2026, 6, 20), by=reviewer, now=now)
    assert (again.state, again.reopened, again.due_on) == (Shortcoming.State.OPEN, 1, date(2026, 6, 20))
    inspections.mend(fell, "全部包好", by=by, now=now)
    with pytest.raises(OwnMending):
        inspections.look_again(fell, True, "看过", by=by, now=now)
    assert inspections.look_again(fell, True, "属实", by=reviewer, now=now).state == Shortcoming.State.CLOSED
    for key in ("leader", "auditor", "supervisor", "helper"):
        with pytest.raises(NotAllowed):
            inspections.mend(fell, "已改", by=officers[key], now=now)
    with pytest.raises(NotFound):
        inspections.mend(fell, "已改", by=officers["neighbour"], now=now)


def test_nothing_of_responsibilities_is_overwritten(officers, now):
    first = named(officers, now)
    heir = responsibilities.hand_over(
        first, Owner(person="甲", post="书记"), "换届", by=officers["administrator"], now=now
    )
    responsibilities.hand_over(heir, Owner(person="乙", post="书记"), "换届", by=officers["administrator"], now=now)
    assert [each.who for each in Responsibility.objects.order_by("id")] == [
        officers["village_cadre"].full_name,
        "甲",
        "乙",
    ]
