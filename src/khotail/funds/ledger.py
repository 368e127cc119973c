"""Post to the ledger: the one place where a movement of money is written, and the rule that nobody gives what they lack.

Both accounts are held while a movement is checked and written, always in the order of their numbers: of two people who spend
the last yuan at once, one waits for the other and is told what is left.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from khotail.accounts.models import Officer
from khotail.funds.amounts import checked, fen, shown, yuan
from khotail.funds.models import Account, Entry, Fund, Project
from khotail.funds.problems import CannotReverse, NotEnough, PassedOn
from khotail.register.models import Region
from khotail.trail.chain import record as record_event

_Kind = Account.Kind


def held_by(fund: Fund, region_code: str) -> Account:
    return Account.objects.get_or_create(fund=fund, kind=_Kind.HELD, region_code=region_code, project=None)[0]


def origin_of(fund: Fund) -> Account:
    found = Account.objects.get_or_create(fund=fund, kind=_Kind.ORIGIN, region_code=fund.region_code, project=None)
    return found[0]


def account_of(fund: Fund, project: Project, kind: str = _Kind.PROJECT) -> Account:
    found = Account.objects.get_or_create(
        fund=fund, kind=kind, project=project, defaults={"region_code": project.region_code}
    )
    return found[0]


def balance(account: Account) -> Decimal:
    """What stands on the account in yuan: gained less given. Of an origin it is the negative of what it gave."""
    gained = Entry.objects.filter(debit=account).aggregate(sum=Sum("amount_fen"))["sum"] or 0
    given = Entry.objects.filter(credit=account).aggregate(sum=Sum("amount_fen"))["sum"] or 0
    return yuan(gained - given)


def hold(*accounts: Account) -> None:
    """Lock accounts until the transaction ends."""
    rows = Account.objects.select_for_update().filter(pk__in=[each.pk for each in accounts])
    list(rows.order_by("pk"))


@transaction.atomic
def post(
    kind: str,
    *,
    debit: Account,
    credit: Account,
    amount: Decimal,
    on: date,
    by: Officer,
    now: datetime,
    document: str = "",
    reason: str = "",
    key: str | None = None,
) -> Entry:
    """Move an amount from `credit` to `debit`. Raises AmountWrong, NotEnough."""
    amount = checked(amount)
    hold(debit, credit)
    if credit.kind != _Kind.ORIGIN and (left := balance(credit)) < amount:
        raise NotEnough(amount=shown(amount), left=shown(left), holder=holder_of(credit))
    entry = Entry.objects.create(
        kind=kind, debit=debit, credit=credit, amount_fen=fen(amount), on=on, document=document, reason=reason, by=by,
        at=now, key=key,
    )  # fmt: skip
    _record(entry, by, now, **({"reason": reason} if reason else {}))
    return entry


@transaction.atomic
def reverse(entry: Entry, reason: str, *, on: date, by: Officer, now: datetime) -> Entry:
    """Write the movement once more, the other way round. Raises CannotReverse, PassedOn."""
    hold(entry.debit, entry.credit)
    if entry.reverses_id or Entry.objects.filter(reverses=entry).exists():
        raise CannotReverse
    if (left := balance(entry.debit)) < entry.amount_cny:
        raise PassedOn(amount=shown(entry.amount_cny), left=shown(left), holder=holder_of(entry.debit))
    reversal = Entry.objects.create(
        kind=Entry.Kind.REVERSED, debit=entry.credit, credit=entry.debit, amount_fen=entry.amount_fen, on=on,
        document=entry.document, reason=reason, by=by, at=now, reverses=entry,
    )  # fmt: skip
    _record(reversal, by, now, reverses=entry.pk, reason=reason)
    return reversal


def holder_of(account: Account) -> str:
    """The name of who has the money: a region, or a project."""
    if account.project:
        return account.project.name
    region = Region.objects.filter(code=account.region_code).first()
    return region.name if region else account.region_code


def _record(entry: Entry, by: Officer, now: datetime, **more: object) -> None:
    record_event(
        by, f"money.{entry.kind}", entry, at=now, region_code=entry.debit.region_code, fund=entry.debit.fund_id,
        amount=f"{entry.amount_cny}", debit=entry.debit_id, credit=entry.credit_id,
        project=entry.debit.project_id or entry.credit.project_id, **more,
    )  # fmt: skip
