"""Payments: one person asks, another approves; never above what is left of what was allocated.

Whoever approves holds the payment, then the accounts: of two approvals at once the second finds what the first left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import MAY, May
from khotail.funds import ledger
from khotail.funds.allowed import REASON, check_keeps, check_may, words
from khotail.funds.amounts import checked, shown, yuan
from khotail.funds.models import Account, Entry, Fund, Payment, Project
from khotail.funds.problems import (
    NotEnough,
    NotFound,
    NothingAllocated,
    NotYourPayment,
    PaymentDecided,
    PaymentTooLarge,
    ProjectClosed,
    YourOwnPayment,
)
from khotail.funds.projects import keep_papers
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_State = Payment.State
_PAYEE, _PURPOSE = Text("收款单位", "payee"), Text("支付内容", "what is paid for")
APPROVERS = [role for role, things in MAY.items() if May.APPROVE_PAYMENTS in things]


@transaction.atomic
def ask(
    project: Project,
    fund: Fund,
    amount: Decimal,
    payee: str,
    purpose: str,
    *,
    by: Officer,
    now: datetime,
    files: Iterable[Any] = (),
    key: str = "",
) -> Payment:
    """Ask for a payment from one fund of a project. Sent twice with one `key`, it is asked for once.

    Raises NotAllowed, NotFound, NotYourDepartment, AmountWrong, WordsMissing, ProjectClosed, NothingAllocated,
    PaymentTooLarge, TooManyFiles.
    """
    check_keeps(by, project)
    if key and (there := Payment.objects.filter(key=key, asked_by=by).first()):
        return there
    project = Project.objects.select_for_update().get(pk=project.pk)
    _check_may_pay(project)
    amount = checked(amount)
    account = _account(fund, project)
    ledger.hold(account)
    _check_left(account, amount, waiting(account))
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                project=project, fund=fund, region_code=project.region_code, amount_cny=amount,
                payee=words(payee, 80, _PAYEE), purpose=words(purpose, 200, _PURPOSE), asked_by=by, asked_at=now,
                key=key or None,
            )  # fmt: skip
    except IntegrityError:  # the same form in two browsers at once
        there = Payment.objects.filter(key=key, asked_by=by).first()
        if there is None:
            raise NotFound from None
        return there
    papers = keep_papers(project, files, by, now, payment)
    record_event(
        by, "payment.asked", payment, at=now, project=project.pk, fund=fund.pk, amount=str(amount), papers=papers
    )
    people = Officer.objects.filter(is_active=True, region_code=project.region_code, role__in=APPROVERS)
    notify(people.exclude(pk=by.pk), "payment-asked", _path(payment), now, project=project.number)
    return payment


@transaction.atomic
def approve(payment: Payment, *, by: Officer, now: datetime) -> Payment:
    """Approve and post it. Raises NotAllowed, NotFound, YourOwnPayment, PaymentDecided, ProjectClosed, PaymentTooLarge."""
    payment = _held(payment, by)
    if payment.asked_by_id == by.pk:
        raise YourOwnPayment
    _check_may_pay(payment.project)
    account = _account(payment.fund, payment.project)
    paid = ledger.account_of(payment.fund, payment.project, Account.Kind.PAID)
    try:
        payment.entry = ledger.post(
            Entry.Kind.PAID, debit=paid, credit=account, amount=payment.amount_cny, on=timezone.localdate(now), by=by,
            now=now,
        )  # fmt: skip
    except NotEnough:
        _check_left(account, payment.amount_cny, Decimal(0))
        raise
    return _decided(payment, _State.PAID, "payment.approved", by, now)


@transaction.atomic
def refuse(payment: Payment, reason: str, *, by: Officer, now: datetime) -> Payment:
    """Raises NotAllowed, NotFound, PaymentDecided, WordsMissing."""
    payment = _held(payment, by)
    return _decided(payment, _State.REFUSED, "payment.refused", by, now, words(reason, 300, REASON))


@transaction.atomic
def withdraw(payment: Payment, *, by: Officer, now: datetime) -> Payment:
    """Whoever asked takes it back. Raises NotAllowed, NotFound, NotYourPayment, PaymentDecided."""
    check_may(by, May.KEEP_PROJECTS, payment.region_code)
    if payment.asked_by_id != by.pk:
        raise NotYourPayment
    return _decided(_locked(payment, _State.ASKED), _State.WITHDRAWN, "payment.withdrawn", by, now)


@transaction.atomic
def reverse(payment: Payment, reason: str, *, by: Officer, now: datetime) -> Payment:
    """What was paid wrongly comes back to the project. Not by whoever asked for it.

    Raises NotAllowed, NotFound, YourOwnPayment, PaymentDecided, WordsMissing, CannotReverse.
    """
    check_may(by, May.APPROVE_PAYMENTS, payment.region_code)
    if payment.asked_by_id == by.pk:
        raise YourOwnPayment
    reason = words(reason, 300, REASON)
    payment = _locked(payment, _State.PAID)
    assert payment.entry is not None
    ledger.reverse(payment.entry, reason, on=timezone.localdate(now), by=by, now=now)
    return _decided(payment, _State.REVERSED, "payment.reversed", by, now, reason)


def left_of(account: Account) -> Decimal:
    """What may still be asked for: what stands with the project less what is asked for and not decided."""
    return ledger.balance(account) - waiting(account)


def waiting(account: Account) -> Decimal:
    rows = Payment.objects.filter(project=account.project_id, fund=account.fund_id, state=_State.ASKED)
    return rows.aggregate(sum=Sum("amount_cny"))["sum"] or Decimal(0)


def _held(payment: Payment, by: Officer) -> Payment:
    check_may(by, May.APPROVE_PAYMENTS, payment.region_code)
    return _locked(payment, _State.ASKED)


def _locked(payment: Payment, state: str) -> Payment:
    found = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if found.state != state:
        raise PaymentDecided(
            state=found.get_state_display(), who=found.decided_by.full_name if found.decided_by else "—"
        )
    return found


def _decided(payment: Payment, state: str, verb: str, by: Officer, now: datetime, reason: str = "") -> Payment:
    payment.state, payment.decided_by, payment.decided_at, payment.reason = state, by, now, reason
    payment.save()
    record_event(
        by, verb, payment, at=now, project=payment.project_id, amount=str(payment.amount_cny),
        **({"reason": reason} if reason else {}),
    )  # fmt: skip
    if by.pk != payment.asked_by_id:
        notify(payment.asked_by, "payment-decided", _path(payment), now, project=payment.project.number,
               state=_SAID[state])  # fmt: skip
    return payment


_SAID = {
    _State.PAID: Text("已支付", "approved and paid"), _State.REFUSED: Text("被退回", "refused"),
    _State.REVERSED: Text("已冲销", "reversed"), _State.WITHDRAWN: Text("已撤回", "withdrawn"),
}  # fmt: skip


def _check_may_pay(project: Project) -> None:
    if project.state == Project.State.GIVEN_UP:
        raise ProjectClosed(state=project.get_state_display())


def _account(fund: Fund, project: Project) -> Account:
    found = Account.objects.filter(fund=fund, project=project, kind=Account.Kind.PROJECT).first()
    if found is None:
        raise NothingAllocated
    return found


def _check_left(account: Account, amount: Decimal, asked: Decimal) -> None:
    stands = ledger.balance(account)
    if amount <= stands - asked:
        return
    paid = Account.objects.filter(fund=account.fund_id, project=account.project_id, kind=Account.Kind.PAID).first()
    spent = ledger.balance(paid) if paid else yuan(0)
    raise PaymentTooLarge(
        amount=shown(amount), allocated=shown(stands + spent), paid=shown(spent), left=shown(stands),
        waiting_zh=f"，其中 {shown(asked)} 元已在申请中" if asked else "",
        waiting_en=f", of which {shown(asked)} CNY are asked for already" if asked else "",
    )  # fmt: skip


def _path(payment: Payment) -> str:
    return f"/funds/payments/{payment.pk}/"
