"""Money comes in, goes down and is paid; whatever is wrong is refused with what is left, and corrected by reversal only."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from khotail.accounts.problems import NotAllowed
from khotail.funds import payments, projects, receiving
from khotail.funds.models import Account, Entry, Fund, Payment
from khotail.funds.problems import (
    AllocationThere,
    AmountWrong,
    CannotReverse,
    DayWrong,
    FundThere,
    GoesUp,
    NotEnough,
    NotFound,
    NothingAllocated,
    NotYourPayment,
    PassedOn,
    PaymentDecided,
    PaymentTooLarge,
    ProjectClosed,
    ReversedAsPayment,
    WordsMissing,
    YourOwnPayment,
)
from khotail.funds.protection import protect, unprotect
from khotail.funds.totals import added_up, allocated_to_projects, totals
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from tests.record.funds_world import DAY, DOCUMENT, a_fund, a_project, given, stands


def asked(project, fund, officers, now, amount, by="banner_officer", **more) -> Payment:
    return payments.ask(project, fund, Decimal(amount), "演示建筑公司", "第一期", by=officers[by], now=now, **more)


def test_money_goes_down_the_levels_to_a_payment_and_every_step_is_in_the_trail(officers, now):
    fund, project = a_fund(officers, now), a_project(officers, now)
    receiving.allocate(fund, Decimal(600), region_code=TOWNSHIP, on=DAY, by=officers["banner_officer"], now=now)
    given(fund, project, officers, now, 400, by=officers["township_officer"], holder=TOWNSHIP)
    payment = asked(project, fund, officers, now, 150)
    payments.approve(payment, by=officers["banner_reviewer"], now=now)
    assert stands(fund, kind="held", region_code=BANNER) == 400
    assert stands(fund, kind="held", region_code=TOWNSHIP) == 200
    assert stands(fund, project) == 250
    assert stands(fund, project, kind="paid") == 150
    verbs = list(
        Event.objects.filter(verb__regex="^(fund|money|payment)").order_by("id").values_list("verb", flat=True)
    )
    assert verbs == [
        "fund.entered", "money.received", "money.allocated", "money.allocated", "payment.asked", "money.paid", "payment.approved",
    ]  # fmt: skip


def test_the_same_document_comes_in_once_until_it_is_reversed(officers, now):
    fund = a_fund(officers, now)
    with pytest.raises(FundThere) as told:
        a_fund(officers, now, 900)
    assert "1,000.00" in told.value.text.zh
    receiving.reverse(fund.accounts.get(kind="held").debits.get(), "金额录错", by=officers["banner_officer"], now=now)
    a_fund(officers, now, 900)
    assert Fund.objects.count() == 1 and stands(fund, kind="held", region_code=BANNER) == 900


def test_a_payment_above_what_is_left_is_refused_and_told_how_much_is_left(officers, now):
    fund, project = a_fund(officers, now), a_project(officers, now)
    given(fund, project, officers, now, 400)
    payments.approve(asked(project, fund, officers, now, 300), by=officers["banner_reviewer"], now=now)
    with pytest.raises(PaymentTooLarge) as told:
        asked(project, fund, officers, now, "100.01")
    assert "还剩 100.00 元" in told.value.text.zh and "100.00 CNY are left" in told.value.text.en
    asked(project, fund, officers, now, 60)
    with pytest.raises(PaymentTooLarge) as told:
        asked(project, fund, officers, now, 41)
    assert "60.00 元已在申请中" in told.value.text.zh
    assert Payment.objects.count() == 2


def test_whoever_asks_does_not_approve_and_only_they_withdraw(officers, now):
    fund, project = a_fund(officers, now), a_project(officers, now)
    given(fund, project, officers, now, 400)
    payment = asked(project, fund, officers, now, 100, by="administrator")
    with pytest.raises(YourOwnPayment):
        payments.approve(payment, by=officers["administrator"], now=now)
    with pytest.raises(NotAllowed):
        payments.approve(payment, by=officers["banner_officer"], now=now)
    with pytest.raises(NotYourPayment):
        payments.withdraw(payment, by=officers["banner_officer"], now=now)
    with pytest.raises(NotFound):
        payments.approve(payment, by=officers["neighbour"], now=now)
    with pytest.raises(WordsMissing):
        payments.refuse(payment, " ", by=officers["banner_reviewer"], now=now)
    payments.refuse(payment, "缺合同", by=officers["banner_reviewer"], now=now)
    with pytest.raises(PaymentDecided) as told:
        payments.approve(payment, by=officers["banner_reviewer"], now=now)
    assert "演示banner_reviewer" in told.value.text.zh
    assert stands(fund, project) == 400


def test_a_payment_is_asked_for_once_however_often_the_form_is_sent(officers, now):
    fund, project = a_fund(officers, now), a_project(officers, now)
    given(fund, project, officers, now, 400)
    first, again = (asked(project, fund, officers, now, 300, key="a" * 32) for _ in range(2))
    assert first.pk == again.pk and Payment.objects.count() == 1


def test_a_payment_that_was_wrong_is_reversed_by_somebody_else_and_the_money_is_back(officers, now):
    fund, project = a_fund(officers, now), a_project(officers, now)
    given(fund, project, officers, now, 400)
    payment = asked(project, fund, officers, now, 300)
    payments.approve(payment, by=officers["banner_reviewer"], now=now)
    payment.refresh_from_db()
    with pytest.raises(ReversedAsPayment):
        receiving.reverse(payment.entry, "x", by=officers["banner_officer"], now=now)
    payments.reverse(payment, "收款单位有误", by=officers["administrator"], now=now)
    assert stands(fund, project) == 400 and stands(fund, project, kind="paid") == 0
    with pytest.raises(PaymentDecided):
        payments.reverse(payment, "再来一次", by=officers["administrator"], now=now)


def test_what_was_passed_on_cannot_be_reversed_before_what_followed(officers, now):
    by = officers["banner_officer"]
    fund, project = a_fund(officers, now), a_project(officers, now)
    down = receiving.allocate(fund, Decimal(600), region_code=TOWNSHIP, on=DAY, by=by, now=now)
    onwards = given(fund, project, officers, now, 500, holder=TOWNSHIP)
    with pytest.raises(PassedOn) as told:
        receiving.reverse(down, "拨错", by=by, now=now)
    assert "100.00" in told.value.text.zh
    back = receiving.reverse(onwards, "拨错", by=by, now=now)
    receiving.reverse(down, "拨错", by=by, now=now)
    for entry in (down, back):
        with pytest.raises(CannotReverse):
            receiving.reverse(entry, "再冲", by=by, now=now)
    assert stands(fund, kind="held", region_code=BANNER) == 1000


def test_money_goes_down_only_and_never_beyond_what_there_is(officers, now):
    by = officers["banner_officer"]
    fund, project = a_fund(officers, now), a_project(officers, now)
    with pytest.raises(NotEnough) as told:
        given(fund, project, officers, now, "1000.01")
    assert "1,000.00" in told.value.text.zh
    for to in (BANNER, "15", NEIGHBOUR_BANNER):
        with pytest.raises(GoesUp):
            receiving.allocate(fund, Decimal(1), region_code=to, on=DAY, by=by, now=now)
    with pytest.raises(GoesUp):
        given(fund, project, officers, now, 1, holder=OTHER_TOWNSHIP)
    with pytest.raises(NotFound):
        given(fund, project, officers, now, 1, by=officers["township_officer"], holder=BANNER)
    with pytest.raises(NotAllowed):
        given(fund, project, officers, now, 1, by=officers["banner_reviewer"])
    with pytest.raises(NothingAllocated):
        asked(project, fund, officers, now, 1)
    for wrong in ("0", "-1", "0.001", "NaN", "1e30"):
        with pytest.raises(AmountWrong):
            given(fund, project, officers, now, wrong)
    with pytest.raises(DayWrong):
        given(fund, project, officers, now, 1, on=date(2026, 6, 4))
    assert Entry.objects.count() == 1


def test_the_same_allocation_entered_twice_is_told_and_may_be_entered_anew_once_reversed(officers, now):
    fund, project = a_fund(officers, now), a_project(officers, now)
    first = given(fund, project, officers, now, 100, document="5号")
    with pytest.raises(AllocationThere):
        given(fund, project, officers, now, 100, document="5号")
    given(fund, project, officers, now, 100, document="6号")
    receiving.reverse(first, "录错", by=officers["banner_officer"], now=now)
    given(fund, project, officers, now, 100, document="5号")
    assert stands(fund, project) == 200


def test_what_a_project_does_not_need_goes_back_and_then_it_may_be_given_up(officers, now):
    by = officers["banner_officer"]
    fund, project = a_fund(officers, now), a_project(officers, now)
    given(fund, project, officers, now, 400)
    with pytest.raises(Exception, match=r"400\.00"):
        projects.give_up(project, DAY, "选址不成", by=by, now=now)
    receiving.give_back(fund, project, Decimal(400), "选址不成", on=DAY, by=by, now=now)
    projects.give_up(project, DAY, "选址不成", by=by, now=now)
    with pytest.raises(ProjectClosed):
        given(fund, project, officers, now, 1)
    assert stands(fund, kind="held", region_code=BANNER) == 1000


def test_totals_of_each_level_reconcile_and_show_use_and_industry(officers, now):
    by = officers["banner_officer"]
    fund, other = a_fund(officers, now), a_fund(officers, now, 200, source="region", document="演示2号", year=2025)
    industry, road = a_project(officers, now), a_project(officers, now, kind="infrastructure", name="演示路")
    receiving.allocate(fund, Decimal(700), region_code=TOWNSHIP, on=DAY, by=by, now=now)
    given(fund, industry, officers, now, 300, holder=TOWNSHIP)
    given(other, road, officers, now, 100)
    payments.approve(asked(industry, fund, officers, now, 250), by=officers["banner_reviewer"], now=now)
    banner, township = totals(BANNER), totals(TOWNSHIP)
    assert [(line.year, line.source, line.came_in, line.paid) for line in banner] == [
        (2026, "central", 1000, 250), (2025, "region", 200, 0),
    ]  # fmt: skip
    assert dict(banner[0].held) == {"banner": 300, "township": 400}
    assert [line.came_in for line in township] == [700, 100]
    assert all(line.difference == 0 for line in banner + township)
    [whole] = added_up(banner)
    assert (whole.came_in, whole.allocated, whole.left, whole.not_allocated) == (1200, 400, 150, 800)
    assert whole.industry_share == 0.75 and banner[0].use_rate == 0.25
    assert allocated_to_projects(VILLAGE[:9], DAY, DAY) == 400
    assert allocated_to_projects(BANNER, DAY + timedelta(1), DAY + timedelta(9)) == 0


def test_the_database_refuses_to_change_or_remove_an_entry(officers, now):
    entry = a_fund(officers, now).accounts.get(kind="held").debits.get()
    protect(connection)
    try:
        for attempt in (
            lambda: Entry.objects.filter(pk=entry.pk).update(amount_fen=1),
            lambda: Entry.objects.filter(pk=entry.pk).delete(),
            lambda: Account.objects.filter(pk=entry.debit_id).delete(),
        ):
            with pytest.raises(Exception, match=r"reversed, not|protected"), transaction.atomic():
                attempt()
        if connection.vendor == "sqlite":
            with (
                pytest.raises(IntegrityError, match="not replaced"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute("INSERT OR REPLACE INTO funds_entry SELECT * FROM funds_entry WHERE id = %s", [entry.pk])
    finally:
        unprotect(connection)
    entry.refresh_from_db()
    assert entry.amount_cny == 1000 and entry.document == DOCUMENT
