"""Whatever people enter, pay, refuse and correct, in any order: every total is the sum of its lines.

Three witnesses: a plain dictionary that the test keeps, the ledger in the database, and the same movements posted to a
ledger that somebody else wrote (abacus-minimal).
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from abacus import Asset, Double, Equity, Ledger
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from khotail.funds import ledger, payments, receiving
from khotail.funds.models import Account, Entry, Fund, Payment
from khotail.funds.problems import (
    CannotReverse,
    NotEnough,
    NothingAllocated,
    PassedOn,
    PaymentDecided,
    PaymentTooLarge,
    YourOwnPayment,
)
from khotail.funds.totals import Line, added_up, of_projects, totals
from tests.record.conftest import BANNER, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from tests.record.funds_world import DAY, a_project

AMOUNTS = st.decimals(Decimal("0.01"), Decimal(3000), places=2, allow_nan=False)
NUMBERS = st.integers(0, 1_000_000)
REGIONS = (BANNER, TOWNSHIP, VILLAGE, OTHER_TOWNSHIP)


class Books(RuleBasedStateMachine):
    """`money` is what each holder of a fund has: (fund, region or project, "" or "paid") → yuan."""

    def __init__(self, officers: dict[str, Any], projects: list[Any], now: Any) -> None:
        super().__init__()
        self.officers, self.projects, self.now = officers, projects, now
        self.by, self.names = officers["banner_officer"], count(1)
        self.funds: list[Fund] = []
        self.came_in: Counter[Any] = Counter()
        self.money: Counter[Any] = Counter()
        self.block = transaction.atomic()
        self.block.__enter__()

    @rule(amount=AMOUNTS, year=st.sampled_from((2025, 2026)), source=st.sampled_from(Fund.Source.values))
    def money_comes_in(self, amount: Decimal, year: int, source: str) -> None:
        entry = receiving.receive(
            source, year, f"演示{next(self.names)}号", amount, on=DAY, by=self.by, now=self.now
        )  # fmt: skip
        fund = entry.debit.fund
        self.funds.append(fund)
        self.came_in[fund.pk] += amount
        self.money[fund.pk, BANNER, ""] += amount

    @precondition(lambda self: self.funds)
    @rule(which=NUMBERS, giver=st.sampled_from(REGIONS[:2]), to=st.sampled_from(REGIONS[1:]), amount=AMOUNTS)
    def it_goes_down_a_level(self, which: int, giver: str, to: str, amount: Decimal) -> None:
        if not to.startswith(giver) or to == giver:
            return
        fund = self.funds[which % len(self.funds)]
        may = self.money[fund.pk, giver, ""] >= amount
        self._done(may, NotEnough, lambda: receiving.allocate(
            fund, amount, holder=giver, region_code=to, on=DAY, by=self.by, now=self.now, document=str(next(self.names))
        ))  # fmt: skip
        if may:
            self._move(fund.pk, (giver, ""), (to, ""), amount)

    @precondition(lambda self: self.funds)
    @rule(which=NUMBERS, giver=st.sampled_from(REGIONS[:3]), project=st.integers(0, 2), amount=AMOUNTS)
    def a_project_gets_some(self, which: int, giver: str, project: int, amount: Decimal) -> None:
        fund, chosen = self.funds[which % len(self.funds)], self.projects[project]
        if not chosen.region_code.startswith(giver):
            return
        may = self.money[fund.pk, giver, ""] >= amount
        self._done(may, NotEnough, lambda: receiving.allocate(
            fund, amount, holder=giver, project=chosen, on=DAY, by=self.by, now=self.now, document=str(next(self.names))
        ))  # fmt: skip
        if may:
            self._move(fund.pk, (giver, ""), (chosen.pk, ""), amount)

    @precondition(lambda self: self.funds)
    @rule(which=NUMBERS, project=st.integers(0, 2), amount=AMOUNTS)
    def a_payment_is_asked_for(self, which: int, project: int, amount: Decimal) -> None:
        fund, chosen = self.funds[which % len(self.funds)], self.projects[project]
        waiting = sum(each.amount_cny for each in self._payments(fund=fund, project=chosen, state="asked"))
        may = self.money[fund.pk, chosen.pk, ""] - waiting >= amount
        self._done(may, (PaymentTooLarge, NothingAllocated), lambda: payments.ask(
            chosen, fund, amount, "演示公司", "演示", by=self.by, now=self.now
        ))  # fmt: skip

    @rule(which=NUMBERS, who=st.sampled_from(("banner_reviewer", "administrator", "banner_reviewer")))
    def a_payment_is_approved(self, which: int, who: str) -> None:
        found = self._payments(state="asked")
        if not found:
            return
        payment = found[which % len(found)]
        may = self.money[payment.fund_id, payment.project_id, ""] >= payment.amount_cny
        self._done(may, PaymentTooLarge, lambda: payments.approve(payment, by=self.officers[who], now=self.now))
        if may:
            self._move(payment.fund_id, (payment.project_id, ""), (payment.project_id, "paid"), payment.amount_cny)

    @rule(which=NUMBERS, what=st.sampled_from(("refuse", "withdraw", "approve again", "reverse")))
    def a_payment_is_refused_withdrawn_or_corrected(self, which: int, what: str) -> None:
        found = self._payments(state="paid" if what in ("reverse", "approve again") else "asked")
        if not found:
            return
        payment, other = found[which % len(found)], self.officers["administrator"]
        if what == "refuse":
            payments.refuse(payment, "不合规定", by=other, now=self.now)
        elif what == "withdraw":
            payments.withdraw(payment, by=self.by, now=self.now)
        elif what == "approve again":
            self._done(
                False, (PaymentDecided, YourOwnPayment), lambda: payments.approve(payment, by=other, now=self.now)
            )
        else:
            payments.reverse(payment, "录错", by=other, now=self.now)
            self._move(payment.fund_id, (payment.project_id, "paid"), (payment.project_id, ""), payment.amount_cny)

    @precondition(lambda self: self.funds)
    @rule(which=NUMBERS, project=st.integers(0, 2), amount=AMOUNTS)
    def a_project_gives_some_back(self, which: int, project: int, amount: Decimal) -> None:
        fund, chosen = self.funds[which % len(self.funds)], self.projects[project]
        may = self.money[fund.pk, chosen.pk, ""] >= amount
        entry = self._done(may, (NotEnough, NothingAllocated), lambda: receiving.give_back(
            fund, chosen, amount, "结余", on=DAY, by=self.by, now=self.now
        ), or_refused=NothingAllocated)  # fmt: skip
        if entry:
            self._move(fund.pk, (chosen.pk, ""), (entry.debit.region_code, ""), amount)

    @precondition(lambda self: self.funds)
    @rule(which=NUMBERS)
    def an_entry_is_reversed(self, which: int) -> None:
        found = list(Entry.objects.exclude(kind="paid").filter(debit__fund__in=self.funds).order_by("id"))
        found = [each for each in found if not (each.reverses and each.reverses.kind == "paid")]
        entry = found[which % len(found)]
        done_before = entry.reverses_id or Entry.objects.filter(reverses=entry).exists()
        has = self.money[self._place(entry.debit)]
        may = not done_before and has >= entry.amount_cny
        self._done(may, (CannotReverse, PassedOn), lambda: receiving.reverse(entry, "录错", by=self.by, now=self.now))
        if may:
            self.money[self._place(entry.debit)] -= entry.amount_cny
            if entry.kind == "received":
                self.came_in[entry.debit.fund_id] -= entry.amount_cny
            else:
                self.money[self._place(entry.credit)] += entry.amount_cny

    def teardown(self) -> None:
        try:
            self._check()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
        super().teardown()

    def _check(self) -> None:
        accounts = list(Account.objects.select_related("fund", "project"))
        balances = {each.pk: ledger.balance(each) for each in accounts}
        witness = Ledger.from_accounts(
            [(Equity if each.kind == "origin" else Asset)(str(each.pk)) for each in accounts]
        )
        for entry in Entry.objects.order_by("id"):
            witness.apply(Double(str(entry.debit_id), str(entry.credit_id), entry.amount_cny))
        assert witness.balance_sheet().is_balanced()
        for each in accounts:
            theirs = witness.balances[str(each.pk)]
            if each.kind == "origin":
                assert -balances[each.pk] == theirs == self.came_in[each.fund_id]
            else:
                assert balances[each.pk] == theirs == self.money[self._place(each)] >= 0
        for region in REGIONS:
            self._check_totals(region, accounts, balances)
        for each in of_projects([each for each in accounts if each.kind == "project"]):
            assert each.left == balances[each.account.pk]
            assert each.paid == self.money[each.account.fund_id, each.account.project_id, "paid"]

    def _check_totals(self, region: str, accounts: list[Account], balances: dict[int, Decimal]) -> None:
        lines = totals(region)
        whole = added_up(lines)[0] if lines else Line()
        inside = [each for each in accounts if each.region_code.startswith(region) and each.kind != "origin"]
        assert whole.came_in == sum((balances[each.pk] for each in inside), Decimal(0))
        assert whole.paid == sum((balances[each.pk] for each in inside if each.kind == "paid"), Decimal(0))
        assert [each.difference for each in lines] == [0] * len(lines)
        for by in ("year", "source"):
            parts = added_up(lines, by)
            assert sum((each.came_in for each in parts), Decimal(0)) == whole.came_in
            assert sum((each.allocated for each in parts), Decimal(0)) == whole.allocated == whole.left + whole.paid
        if region == BANNER:
            assert whole.came_in == sum(self.came_in.values(), Decimal(0))

    def _done(self, may: bool, problems: Any, act: Any, or_refused: Any = ()) -> Any:
        """Do it: it must succeed if it may, and otherwise be refused by one of the problems."""
        if may:
            try:
                return act()
            except or_refused:
                return None
        with pytest.raises(problems):
            act()
        return None

    def _move(self, fund: int, giver: tuple[Any, str], to: tuple[Any, str], amount: Decimal) -> None:
        self.money[fund, *giver] -= amount
        self.money[fund, *to] += amount

    def _payments(self, **which: Any) -> list[Payment]:
        return list(Payment.objects.filter(fund__in=self.funds, **which).order_by("id"))

    def _place(self, account: Account) -> tuple[Any, ...]:
        return account.fund_id, account.project_id or account.region_code, "paid" if account.kind == "paid" else ""


def test_whatever_happens_every_total_is_the_sum_of_its_lines(officers, now):
    projects = [
        a_project(officers, now, region_code=BANNER, kind="infrastructure", name="演示旗级"),
        a_project(officers, now, region_code=TOWNSHIP, name="演示苏木级"),
        a_project(officers, now, region_code=VILLAGE, kind="employment", name="演示村级"),
    ]
    run_state_machine_as_test(
        lambda: Books(officers, projects, now),
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
