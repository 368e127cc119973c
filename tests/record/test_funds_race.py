"""Two people approve at the same moment, in two connections: together they never spend more than there is."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection

from khotail.funds import payments, receiving
from khotail.funds.models import Payment
from khotail.funds.problems import PassedOn, PaymentDecided, PaymentTooLarge
from tests.record.funds_world import a_fund, a_project, given, stands

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="the test database in memory has no waiting writers"),
]


def at_once(*acts) -> list[object]:
    """What each of several people got who pressed their button at one moment: None, or the problem they were told."""
    start, ends = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act) -> None:
        try:
            start.wait()
            act()
        except (PaymentTooLarge, PaymentDecided, PassedOn) as told:
            ends[place] = told
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


@pytest.fixture
def two(officers, now):
    """Two payments of 300 that were asked for while 600 were there, of which only 400 are left."""
    fund, project = a_fund(officers, now), a_project(officers, now)
    given(fund, project, officers, now, 400)
    extra = given(fund, project, officers, now, 200)
    asked = [
        payments.ask(project, fund, Decimal(300), "演示公司", "演示", by=officers["banner_officer"], now=now)
        for _ in range(2)
    ]
    return fund, project, extra, asked


def test_two_approvals_at_once_do_not_overspend(officers, now, two):
    fund, project, extra, asked = two
    receiving.reverse(extra, "录错", by=officers["banner_officer"], now=now)
    people = (officers["banner_reviewer"], officers["administrator"])
    ends = at_once(*(
        lambda each=each, by=by: payments.approve(each, by=by, now=now) for each, by in zip(asked, people, strict=True)
    ))  # fmt: skip
    [told] = [each for each in ends if each]
    assert isinstance(told, PaymentTooLarge) and "100.00 CNY are left" in told.text.en
    assert stands(fund, project) == 100 and stands(fund, project, kind="paid") == 300
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["asked", "paid"]


def test_one_payment_approved_twice_at_once_is_paid_once(officers, now, two):
    fund, project, _, asked = two
    people = (officers["banner_reviewer"], officers["administrator"])
    ends = at_once(*(lambda by=by: payments.approve(asked[0], by=by, now=now) for by in people))
    assert [type(each) for each in ends if each] == [PaymentDecided]
    assert stands(fund, project, kind="paid") == 300


def test_a_correction_and_a_payment_at_once_do_not_take_the_same_money(officers, now, two):
    fund, project, extra, asked = two
    payments.approve(asked[0], by=officers["banner_reviewer"], now=now)  # 300 are left
    ends = at_once(
        lambda: payments.approve(asked[1], by=officers["banner_reviewer"], now=now),
        lambda: receiving.reverse(extra, "录错", by=officers["banner_officer"], now=now),
    )
    assert len([each for each in ends if each]) == 1
    assert stands(fund, project) in (0, 100)
