"""Pairings, helpers, pledges, needs and sales: what is kept, who may, what cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from khotail.accounts.models import Notification, Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.sms import Memory
from khotail.partners import actions, problems, queries
from khotail.partners.models import Need, Pairing, Pledge, Product, SocialHelper
from khotail.partners.receipts import by_receipt, receipt_of
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, TOWNSHIP, VILLAGE

DAY = date(2026, 5, 1)


@pytest.fixture(autouse=True)
def messages(settings):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"
    Memory.sent.clear()
    return Memory.sent


@pytest.fixture
def officer(officers) -> Officer:
    return officers["banner_officer"]


def paired(officer, now, **more) -> Pairing:
    said = {
        "kind": "beijing",
        "supporting": "北京市演示区",
        "supported": "演示旗",
        "region_code": BANNER,
        "since": date(2024, 1, 1),
    }
    return actions.pair(**said | more, by=officer, now=now)


def helped(officer, now, name="演示公司", **more) -> SocialHelper:
    return actions.take_in("firm", name, BANNER, by=officer, now=now, **more)


def needed(officer, now, **more) -> Need:
    said = {"kind": "goods", "title": "学生冬衣", "quantity": Decimal(50), "unit": "件", "region_code": VILLAGE}
    return actions.write_down(**said | more, by=officer, now=now)


def pledged(officer, now, helper=None, **more) -> Pledge:
    said = {"kind": "goods", "title": "冬衣", "quantity": Decimal(50), "unit": "件"}
    return actions.pledge(helper or helped(officer, now), **said | more, by=officer, now=now)


def verbs() -> list[str]:
    return list(Event.objects.order_by("id").values_list("verb", flat=True))


# — pairings —


def test_a_pairing_that_another_follows_keeps_the_map_from_old_to_new(officer, now):
    old = paired(officer, now)
    new = actions.follow(old, "北京市新演示区", date(2026, 7, 1), "结对关系调整", by=officer, now=now)
    old.refresh_from_db()
    assert (old.until, old.successor) == (date(2026, 6, 30), new)
    assert (new.kind, new.supported, new.region_code) == (old.kind, old.supported, BANNER)
    third = actions.follow(new, "北京市再演示区", date(2027, 7, 1), "再次调整", by=officer, now=now)
    assert queries.way_back(third) == [new, old]
    with pytest.raises(problems.AlreadyEnded):
        actions.end(new, date(2027, 8, 1), "重复", by=officer, now=now)


def test_one_unit_is_paired_once_with_a_place_and_again_after_the_end(officer, now):
    first = paired(officer, now)
    with pytest.raises(problems.AlreadyPaired):
        paired(officer, now)
    actions.end(first, date(2026, 5, 1), "到期", by=officer, now=now)
    assert paired(officer, now, since=date(2026, 6, 1)).pk != first.pk
    with pytest.raises(problems.AlreadyEnded):
        actions.end(first, date(2026, 6, 1), "再结束", by=officer, now=now)


def test_a_village_keeps_its_contact_unit_when_the_team_withdraws(officer, now):
    unit = paired(officer, now, kind="contact", region_code=VILLAGE, supported="第一嘎查")
    actions.team_left(unit, date(2026, 5, 31), by=officer, now=now)
    actions.keep_in_touch(unit, date(2026, 6, 2), "phone", "询问秋季农活", by=officer, now=now)
    [row] = queries.pairings(officer, on=date(2026, 6, 3))
    assert (row.team_left_on, row.until, row.last_contact) == (date(2026, 5, 31), None, date(2026, 6, 2))


def test_promises_of_all_agreements_add_up_and_stand_beside_what_came(officer, now):
    pairing = paired(officer, now)
    funds = actions.agree(pairing, "资金协议", DAY, DAY, date(2028, 12, 31), by=officer, now=now)
    labour = actions.agree(pairing, "劳务协议", DAY, DAY, date(2026, 12, 31), by=officer, now=now)
    actions.promise(funds, 2026, {"money_cny": Decimal(30_000_000), "jobs": 100}, by=officer, now=now)
    actions.promise(labour, 2026, {"jobs": 50}, by=officer, now=now)
    actions.deliver(
        pairing, 2026, {"money_cny": Decimal(15_000_000), "villages": 2}, by=officer, now=now, note="上半年"
    )
    [year] = queries.years_of(pairing)
    found = {each.name: (each.promised, each.delivered, each.share, each.falls_short) for each in year.figures}
    assert found["money_cny"] == (Decimal(30_000_000), Decimal(15_000_000), 50, True)
    assert found["jobs"] == (150, None, None, True)
    assert found["villages"] == (None, 2, None, False)
    assert found["sales_cny"] == (None, None, None, False)


def test_a_year_said_again_takes_the_place_of_the_first_and_the_trail_keeps_both(officer, now):
    pairing = paired(officer, now)
    actions.deliver(pairing, 2025, {"jobs": 10}, by=officer, now=now)
    actions.deliver(pairing, 2025, {"jobs": 12}, by=officer, now=now)
    assert [row.jobs for row in pairing.years.all()] == [12]
    event = Event.objects.filter(verb="pairing.delivered").latest("id")
    assert event.details["before"] == {"jobs": 10} and event.details["after"] == {"jobs": 12}


def test_years_and_days_that_cannot_be_get_a_sentence(officer, now):
    pairing = paired(officer, now)
    for year in (2023, 2027):
        with pytest.raises(problems.OutsideItsTime):
            actions.deliver(pairing, year, {"jobs": 1}, by=officer, now=now)
    with pytest.raises(problems.NothingStated):
        actions.deliver(pairing, 2025, {}, by=officer, now=now)
    agreement = actions.agree(pairing, "协议", DAY, DAY, date(2026, 12, 31), by=officer, now=now)
    with pytest.raises(problems.OutsideItsTime):
        actions.promise(agreement, 2027, {"jobs": 1}, by=officer, now=now)
    with pytest.raises(problems.AgreementTwice):
        actions.agree(pairing, "协议", DAY, DAY, date(2026, 12, 31), by=officer, now=now)
    with pytest.raises(problems.EndsBeforeItBegins):
        actions.agree(pairing, "协议二", DAY, DAY, date(2026, 4, 1), by=officer, now=now)
    with pytest.raises(problems.DayAhead):
        actions.keep_in_touch(pairing, date(2026, 6, 4), "phone", "未来", by=officer, now=now)
    with pytest.raises(problems.DayOutOfReach):
        paired(officer, now, supporting="某地", since=date(1066, 1, 1))


def test_an_agreement_that_ends_soon_is_named_until_a_later_one_is_there(officer, now):
    pairing = paired(officer, now)
    actions.agree(pairing, "旧协议", date(2025, 8, 1), date(2025, 8, 1), date(2026, 7, 31), by=officer, now=now)
    assert [each.title for each in queries.ending_agreements(officer, date(2026, 6, 3))] == ["旧协议"]
    actions.agree(pairing, "新协议", DAY, date(2026, 8, 1), date(2029, 7, 31), by=officer, now=now)
    assert not queries.ending_agreements(officer, date(2026, 6, 3))


# — needs —


def test_a_need_is_published_only_when_its_words_name_nobody(officer, now, household):
    need = needed(officer, now, household_number="D0001", region_code=BANNER)
    assert (need.region_code, need.household) == (VILLAGE, household)
    for title, problem in (
        ("演示甲家的冬衣", problems.NamesSomebody),
        ("D0001 户冬衣", problems.NamesSomebody),
        ("冬衣，电话13912345678", problems.NamesANumber),
    ):
        with pytest.raises(problem):
            actions.publish(need, title, True, by=officer, now=now)
    with pytest.raises(problems.NotRead):
        actions.publish(need, "学生冬衣", False, by=officer, now=now)
    actions.publish(need, "学生冬衣", True, by=officer, now=now)
    assert list(queries.published_needs(TOWNSHIP)) == [need]
    assert not queries.published_needs(VILLAGE), "its village would say too much of a household"


def test_a_need_is_taken_down_when_it_is_filled(officer, now):
    need = needed(officer, now)
    actions.publish(need, "学生冬衣", True, by=officer, now=now)
    made = actions.match(pledged(officer, now), need, by=officer, now=now)
    actions.receive(made, DAY, Decimal(20), by=officer, now=now)
    made.refresh_from_db()
    assert made.state == "partly" and queries.standing_of([need])[need.pk].left == 0
    actions.receive(made, DAY, Decimal(30), by=officer, now=now)
    need.refresh_from_db()
    assert need.state == "filled" and not queries.published_needs()


def test_a_village_writes_a_need_down_and_the_office_publishes_it(officers, now):
    cadre = officers["village_cadre"]
    need = needed(cadre, now)
    with pytest.raises(NotAllowed):
        actions.publish(need, "学生冬衣", True, by=cadre, now=now)
    with pytest.raises(problems.NotFound):
        needed(cadre, now, region_code=NEIGHBOUR_VILLAGE)
    with pytest.raises(problems.HouseholdElsewhere):
        needed(cadre, now, household_number="D9999")


def test_nothing_less_than_something_is_needed(officer, now):
    for quantity in (Decimal(0), Decimal(-1), Decimal("NaN")):
        with pytest.raises(problems.AmountWrong):
            needed(officer, now, quantity=quantity)


# — pledges —


def test_what_a_need_does_not_lack_stays_free_for_another(officer, now):
    need, other = needed(officer, now, quantity=Decimal(30)), needed(officer, now, quantity=Decimal(40))
    made = actions.match(pledged(officer, now), need, by=officer, now=now)
    assert made.quantity == 30
    [rest] = made.parts.all()
    assert (rest.quantity, rest.need, rest.state) == (20, None, "promised")
    with pytest.raises(problems.NoMoreNeeded):
        actions.match(rest, need, by=officer, now=now)
    assert queries.fitting_needs(officer, rest) == [other]
    actions.match(rest, other, by=officer, now=now)
    assert [each.quantity for each in queries.parts_of(made)] == [30, 20]


def test_pledge_and_need_fit_in_kind_unit_and_place(officer, now):
    helper, need = helped(officer, now), needed(officer, now)
    for more, problem in (
        ({"kind": "money", "unit": ""}, problems.KindsDiffer),
        ({"unit": "吨"}, problems.UnitsDiffer),
        ({"region_code": "152221101"}, problems.MeantForElsewhere),
    ):
        with pytest.raises(problem):
            actions.match(pledged(officer, now, helper, **more), need, by=officer, now=now)
    made = actions.match(pledged(officer, now, helper), need, by=officer, now=now)
    with pytest.raises(problems.AlreadyMatched):
        actions.match(made, needed(officer, now), by=officer, now=now)


def test_likely_pledges_come_first(officer, now):
    helper, need = helped(officer, now), needed(officer, now, title="学生冬衣和棉鞋")
    far = pledged(officer, now, helper, title="课桌椅")
    likely = pledged(officer, now, helper, title="学生冬衣")
    pledged(officer, now, helper, kind="jobs", unit="")
    taken = pledged(officer, now, helper)
    actions.match(taken, needed(officer, now), by=officer, now=now)
    assert queries.fitting_pledges(officer, need) == [likely, far]


def test_the_helper_reads_by_the_receipt_what_came_of_it(
    officer, now, household, messages, django_capture_on_commit_callbacks
):
    need = needed(officer, now, household_number="D0001")
    made = actions.match(pledged(officer, now, helped(officer, now, phone="13912345678")), need, by=officer, now=now)
    with pytest.raises(problems.WrongState):
        actions.tell_result(made, "已发放", by=officer, now=now)
    actions.receive(made, DAY, Decimal(40), by=officer, now=now, value_cny=Decimal(4000), is_last=True)
    with pytest.raises(problems.NamesSomebody):
        actions.tell_result(made, "演示甲收到了", by=officer, now=now)
    with django_capture_on_commit_callbacks(execute=True):
        actions.tell_result(made, "一户家庭的孩子穿上了冬衣", by=officer, now=now)
    found = by_receipt(receipt_of(made).lower())
    assert (found.state, found.result) == ("told", "一户家庭的孩子穿上了冬衣")
    [(phone, words)] = messages
    assert phone == "13912345678" and receipt_of(made) in words
    for wrong in (made.number, f"{made.number}-AAAAAA", "", "长" * 30, "\x00"):
        with pytest.raises(problems.NotTheHelper):
            by_receipt(wrong)


def test_an_offer_of_the_public_binds_once_an_officer_takes_it_up(officer, now):
    need = needed(officer, now)
    actions.publish(need, "学生冬衣", True, by=officer, now=now)
    made = actions.offer(need, "演示好人", "13900000000", Decimal(10), now=now, key="k")
    assert actions.offer(need, "演示好人", "13900000000", Decimal(10), now=now, key="k") == made
    standing = queries.standing_of([need])[need.pk]
    assert (standing.left, standing.offered) == (50, 10), "an offer keeps nobody else from helping"
    with pytest.raises(problems.NoMoreNeeded):
        actions.offer(need, "演示好人", "13900000000", Decimal(60), now=now, key="m")
    actions.take_up(made, "person", date(2026, 6, 30), by=officer, now=now)
    made.refresh_from_db()
    assert (made.state, made.helper.name, made.helper.phone) == ("promised", "演示好人", "13900000000")
    assert queries.standing_of([need])[need.pk].left == 40


def test_an_offer_for_what_is_no_longer_lacking_is_free_for_another_need(officer, now):
    need = needed(officer, now)
    actions.publish(need, "学生冬衣", True, by=officer, now=now)
    late = actions.offer(need, "演示甲乙", "13900000000", Decimal(20), now=now, key="a")
    actions.match(pledged(officer, now, quantity=Decimal(50)), need, by=officer, now=now)
    assert actions.take_up(late, "person", None, by=officer, now=now).need is None


def test_what_fell_through_opens_the_need_again(officer, now):
    need = needed(officer, now)
    made = actions.match(pledged(officer, now), need, by=officer, now=now)
    assert queries.standing_of([need])[need.pk].left == 0
    with pytest.raises(problems.WordsMissing):
        actions.settle(made, " ", by=officer, now=now)
    actions.settle(made, "企业停产", by=officer, now=now)
    assert queries.standing_of([need])[need.pk].left == 50
    with pytest.raises(problems.WrongState):
        actions.receive(made, DAY, Decimal(1), by=officer, now=now)


def test_what_came_of_a_pledge_that_fell_through_half_way_still_counts(officer, now):
    need = needed(officer, now)
    made = actions.match(pledged(officer, now), need, by=officer, now=now)
    actions.receive(made, DAY, Decimal(20), by=officer, now=now)
    made = actions.settle(made, "余下不能送到", by=officer, now=now)
    standing = queries.standing_of([need])[need.pk]
    assert (made.state, standing.arrived, standing.left) == ("delivered", 20, 30)


def test_overdue_pledges_are_told_of_once(officer, officers, now):
    helper = helped(officer, now)
    for due in (date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3), None):
        pledged(officer, now, helper, due_on=due)
    assert actions.remind_overdue(now) == 2
    assert actions.remind_overdue(now) == 0
    told = Notification.objects.filter(kind="pledges-late")
    assert {row.officer.username for row in told} == {"administrator", "banner_officer"}
    assert all(row.values == {"count": 2} for row in told)
    assert actions.remind_overdue(now + timedelta(days=1)) == 1


def test_a_helper_goes_when_nothing_is_open(officer, now):
    helper = helped(officer, now)
    made = pledged(officer, now, helper)
    with pytest.raises(problems.HelperTwice):
        helped(officer, now)
    with pytest.raises(problems.OpenPledges):
        actions.let_go(helper, timezone.localdate(now), by=officer, now=now)
    actions.settle(made, "取消", by=officer, now=now)
    actions.let_go(helper, timezone.localdate(now), by=officer, now=now)
    with pytest.raises(problems.HelperGone):
        pledged(officer, now, helper)
    assert helped(officer, now).pk != helper.pk


def test_only_the_office_keeps_partners_and_only_its_own(officers, officer, now):
    helper, pairing = helped(officer, now), paired(officer, now)
    for key in ("village_cadre", "helper", "leader", "auditor", "department_officer", "supervisor"):
        with pytest.raises((NotAllowed, problems.NotFound)):
            actions.keep_in_touch(pairing, DAY, "phone", "话", by=officers[key], now=now)
    with pytest.raises(problems.NotFound):
        pledged(officers["neighbour"], now, helper)
    with pytest.raises(problems.NotFound):
        paired(officers["township_officer"], now, supporting="别处")


def test_the_phone_of_a_helper_is_sealed_and_shown_with_an_event(officer, now):
    helper = helped(officer, now, phone="13912345678")
    assert actions.phone_of(helper, by=officer, now=now) == "13912345678"
    assert verbs()[-1] == "helper.phone_shown"
    assert "13912345678" not in str(Event.objects.values_list("details", flat=True))


# — sales —


def sold(officer, now, **more):
    product = actions.product("演示牛肉", "kg", VILLAGE, by=officer, now=now, producer="演示合作社")
    said = {"quantity": Decimal(100), "amount_cny": Decimal(8000), "channel": "platform", "income_cny": Decimal(3000)}
    return actions.sell(product, DAY, **said | more, by=officer, now=now)


def test_sales_add_up_by_year_and_channel_and_a_cancelled_order_counts_nowhere(officer, now):
    sold(officer, now)
    sold(officer, now, channel="fair", income_cny=Decimal(0))
    wrong = sold(officer, now, amount_cny=Decimal(999_999))
    actions.cancel(wrong, "录入错误", by=officer, now=now)
    [year] = queries.earned(type(wrong).objects.visible_to(officer), "year")
    assert (year.key, year.orders, year.amount_cny, year.income_cny) == (2026, 2, 16000, 3000)
    assert [each.key for each in queries.earned(type(wrong).objects.all(), "channel")] == ["fair", "platform"]
    with pytest.raises(problems.SaleCancelled):
        actions.cancel(wrong, "再取消", by=officer, now=now)
    assert Product.objects.count() == 1


def test_shares_of_households_are_within_the_order(officer, now, household, neighbour_household):
    sale = sold(officer, now, income_cny=Decimal(500))
    actions.share(sale, "D0001", Decimal(600), by=officer, now=now)
    sale.refresh_from_db()
    assert (sale.income_cny, sale.households) == (600, 1), "what is named is at least what was earned"
    with pytest.raises(problems.ShareTwice):
        actions.share(sale, "D0001", Decimal(1), by=officer, now=now)
    with pytest.raises(problems.HouseholdElsewhere):
        actions.share(sale, "D9001", Decimal(1), by=officer, now=now)
    with pytest.raises(problems.MoreThanTheOrder):
        sold(officer, now, income_cny=Decimal(8001))


def test_an_order_sent_twice_is_one(officer, now):
    assert sold(officer, now, key="k") == sold(officer, now, key="k")


def test_a_pairing_of_another_place_sells_nothing_here(officer, now):
    elsewhere = paired(officer, now, region_code="152221101")
    with pytest.raises(problems.PairingElsewhere):
        sold(officer, now, pairing=elsewhere)
    assert sold(officer, now, pairing=paired(officer, now)).pairing
