"""Money comes in by a document, goes down the levels, to projects, and back; what was wrong is reversed with a reason."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.accounts.roles import May
from khotail.funds import ledger
from khotail.funds.allowed import REASON, a_year, check_may, past_day, words
from khotail.funds.amounts import checked, shown
from khotail.funds.models import Account, Entry, Fund, Project
from khotail.funds.problems import (
    AllocationThere,
    FundThere,
    GoesUp,
    NotFound,
    NothingAllocated,
    ProjectClosed,
    ReversedAsPayment,
    UnknownPlace,
)
from khotail.register.models import Region
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_Kind = Entry.Kind
_DOCUMENT = Text("文号", "document number")


@transaction.atomic
def receive(
    source: str,
    year: int,
    document: str,
    amount: Decimal,
    *,
    on: date,
    by: Officer,
    now: datetime,
    task: str = "",
    region_code: str = "",
) -> Entry:
    """Enter money that came in by a document; the same document and task once.

    region_code  where it came in; the officer's own region if left out
    Raises NotAllowed, NotFound, UnknownPlace, YearWrong, DayWrong, AmountWrong, WordsMissing, FundThere.
    """
    region_code = region_code or by.region_code
    check_may(by, May.KEEP_FUNDS, region_code)
    _check_region(region_code)
    if source not in Fund.Source.values:
        raise NotFound
    document, task = words(document, 60, _DOCUMENT), words(task, 60)
    amount, on = checked(amount), past_day(on, now)
    fund, is_new = Fund.objects.get_or_create(
        region_code=region_code, source=source, year=a_year(year, now), document=document, task=task,
        defaults={"entered_by": by, "entered_at": now},
    )  # fmt: skip
    Fund.objects.select_for_update().get(pk=fund.pk)
    if there := receipt_of(fund):
        raise FundThere(document=document, task=task or "—", on=there.on, amount=shown(there.amount_cny))
    if is_new:
        record_event(by, "fund.entered", fund, at=now, source=source, year=year, document=document, task=task)
    return ledger.post(
        _Kind.RECEIVED, debit=ledger.held_by(fund, region_code), credit=ledger.origin_of(fund), amount=amount, on=on,
        by=by, now=now, document=document,
    )  # fmt: skip


def receipt_of(fund: Fund) -> Entry | None:
    """The entry by which it came in and that stands."""
    return Entry.objects.filter(credit__fund=fund, kind=_Kind.RECEIVED, reversed_by=None).first()


@transaction.atomic
def allocate(
    fund: Fund,
    amount: Decimal,
    *,
    on: date,
    by: Officer,
    now: datetime,
    holder: str = "",
    region_code: str = "",
    project: Project | None = None,
    document: str = "",
) -> Entry:
    """Pass money on: from the region that holds it to one below it, or to a project that it or one below carries out.

    holder       the region that gives; the officer's own if left out
    region_code  the region that gets it, unless it is for a project
    Raises NotAllowed, NotFound, UnknownPlace, GoesUp, ProjectClosed, DayWrong, AmountWrong, NotEnough, AllocationThere.
    """
    holder = holder or by.region_code
    check_may(by, May.KEEP_FUNDS, holder)
    if not Fund.objects.visible_to(by).filter(pk=fund.pk).exists():
        raise NotFound
    amount, on, document = checked(amount), past_day(on, now), words(document, 60)
    gives = ledger.held_by(fund, holder)
    gets = _project_account(fund, project, holder) if project else _region_account(fund, region_code, holder)
    key = allocation_key(fund, gives, gets, on, amount, document)
    ledger.hold(gives, gets)
    if Entry.objects.filter(key=key).exists():
        raise AllocationThere(on=on, amount=shown(amount), document=document or "—")
    return ledger.post(
        _Kind.ALLOCATED, debit=gets, credit=gives, amount=amount, on=on, by=by, now=now, document=document, key=key
    )


def allocation_key(fund: Fund, gives: Account, gets: Account, on: date, amount: Decimal, document: str) -> str:
    """Of one allocation among those that stand: whoever enters the same again is told. A reversed one makes room."""
    name = allocation_name(fund, gives, gets, on, amount, document)
    return f"{name}:{Entry.objects.filter(key__startswith=name).exclude(reversed_by=None).count()}"


def allocation_name(fund: Fund, gives: Account, gets: Account, on: date, amount: Decimal, document: str) -> str:
    content = f"{fund.pk}|{gives.pk}|{gets.pk}|{on}|{amount}|{document}"
    return hashlib.sha256(content.encode()).hexdigest()[:40]


@transaction.atomic
def give_back(
    fund: Fund, project: Project, amount: Decimal, reason: str, *, on: date, by: Officer, now: datetime
) -> Entry:
    """What a project does not need goes back to the region that gave it last.

    Raises NotAllowed, NotFound, NothingAllocated, WordsMissing, DayWrong, AmountWrong, NotEnough.
    """
    check_may(by, May.KEEP_FUNDS, project.region_code)
    reason = words(reason, 300, REASON)
    account = Account.objects.filter(fund=fund, project=project, kind=Account.Kind.PROJECT).first()
    given = account and account.debits.filter(kind=_Kind.ALLOCATED, reversed_by=None).order_by("-id").first()
    if account is None or given is None:
        raise NothingAllocated
    return ledger.post(
        _Kind.GIVEN_BACK, debit=given.credit, credit=account, amount=amount, on=past_day(on, now), by=by, now=now,
        reason=reason,
    )  # fmt: skip


@transaction.atomic
def reverse(entry: Entry, reason: str, *, by: Officer, now: datetime) -> Entry:
    """Correct a receipt, an allocation or what was given back. Payments have their own way.

    Raises NotAllowed, NotFound, WordsMissing, ReversedAsPayment, CannotReverse, PassedOn.
    """
    check_may(by, May.KEEP_FUNDS, entry.credit.region_code if entry.kind != _Kind.RECEIVED else entry.debit.region_code)
    if entry.kind == _Kind.PAID:
        raise ReversedAsPayment
    return ledger.reverse(entry, words(reason, 300, REASON), on=timezone.localdate(now), by=by, now=now)


def holders(fund: Fund, region_code: str) -> list[tuple[Account, Decimal]]:
    """Regions of a region that hold money of the fund now, with how much."""
    rows = fund.accounts.in_region(region_code).filter(kind=Account.Kind.HELD).order_by("region_code")
    found = [(account, ledger.balance(account)) for account in rows]
    return [(account, left) for account, left in found if left]


def passed_on(fund: Fund) -> list[Account]:
    """Projects that got money of it, newest first."""
    rows = fund.accounts.filter(kind=Account.Kind.PROJECT).select_related("project")
    return list(rows.order_by(F("id").desc()))


def _region_account(fund: Fund, region_code: str, holder: str) -> Account:
    _check_region(region_code)
    if not region_code.startswith(holder) or region_code == holder:
        raise GoesUp(to=_name(region_code), holder=_name(holder))
    return ledger.held_by(fund, region_code)


def _project_account(fund: Fund, project: Project, holder: str) -> Account:
    project = Project.objects.select_for_update().get(pk=project.pk)
    if not project.region_code.startswith(holder):
        raise GoesUp(to=project.name, holder=_name(holder))
    if project.state not in Project.OPEN:
        raise ProjectClosed(state=project.get_state_display())
    return ledger.account_of(fund, project)


def _check_region(region_code: str) -> None:
    if len(region_code) not in LEVEL_OF_DIGITS or not Region.objects.filter(code=region_code).exists():
        raise UnknownPlace(place=region_code[:20])


def _name(region_code: str) -> str:
    return Region.objects.filter(code=region_code).values_list("name", flat=True).first() or region_code
