"""Products and the orders for them, and what households earned."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.partners import checks
from khotail.partners.models import Pairing, Product, Sale, SaleShare
from khotail.partners.problems import HouseholdElsewhere, MoreThanTheOrder, PairingElsewhere, SaleCancelled, ShareTwice
from khotail.register.models import Household
from khotail.texts import Text, typed
from khotail.trail.chain import record


@transaction.atomic
def product(name: str, unit: str, region_code: str, *, by: Officer, now: datetime, producer: str = "") -> Product:
    """A product of a place; the same name of the same producer is the same product.

    Raises NotAllowed, NotFound, UnknownPlace, WordsMissing.
    """
    checks.check_may(by, region_code)
    checks.place(region_code)
    name, producer = checks.words(name, Text("产品名称", "product"), 80), typed(producer)[:120]
    unit = checks.words(unit, Text("单位", "unit"), 20)
    made, is_new = Product.objects.get_or_create(
        region_code=region_code, name=name, producer=producer, defaults={"unit": unit, "recorded_at": now}
    )
    if is_new:
        record(by, "product.entered", made, at=now)
    return made


@transaction.atomic
def sell(
    of: Product,
    on: date,
    quantity: Decimal,
    amount_cny: Decimal,
    channel: str,
    *,
    by: Officer,
    now: datetime,
    key: str | None = None,
    buyer: str = "",
    project: str = "",
    pairing: Pairing | None = None,
    income_cny: Decimal = Decimal(0),
    households: int = 0,
) -> Sale:
    """Record an order. `income_cny` is what households earned by it. Sent twice with one key, it is one.

    Raises NotAllowed, NotFound, AmountWrong, DayAhead, MoreThanTheOrder, PairingElsewhere.
    """
    if key and (earlier := Sale.objects.visible_to(by).filter(key=key).first()):
        return earlier
    checks.check_may(by, of.region_code)
    of = checks.held(of, by)
    checks.happened(on, timezone.localdate(now))
    checks.more_than_nothing(quantity)
    checks.more_than_nothing(amount_cny)
    if income_cny < 0 or income_cny > amount_cny:
        raise MoreThanTheOrder(shares=income_cny, most=amount_cny)
    if pairing is not None and not of.region_code.startswith(pairing.region_code):
        raise PairingElsewhere
    sale = Sale(
        product=of, region_code=of.region_code, on=on, quantity=quantity, amount_cny=amount_cny, channel=channel,
        buyer=typed(buyer)[:120], project=typed(project)[:120], pairing=pairing, income_cny=income_cny,
        households=households, recorded_by=by, recorded_at=now, key=key and key[:64],
    )  # fmt: skip
    try:
        with transaction.atomic():
            sale.save(force_insert=True)
    except IntegrityError:  # the same form, sent twice at the same moment
        return Sale.objects.get(key=sale.key)
    record(by, "sale.recorded", sale, at=now, amount=amount_cny, income=income_cny, channel=channel)
    return sale


@transaction.atomic
def share(sale: Sale, household_number: str, income_cny: Decimal, *, by: Officer, now: datetime) -> SaleShare:
    """What one household earned by an order. All shares together are within what the order brought to households.

    Raises NotAllowed, NotFound, SaleCancelled, HouseholdElsewhere, AmountWrong, MoreThanTheOrder, ShareTwice.
    """
    checks.check_may(by, sale.region_code)
    sale = _standing(sale, by)
    number = typed(household_number)[:40]
    households = Household.objects.visible_to(by).in_region(sale.region_code)
    household = households.filter(number=number, ended_on=None).first() if by.may(May.SEE_REGISTER) else None
    if household is None:
        raise HouseholdElsewhere(number=number)
    checks.more_than_nothing(income_cny)
    if sale.shares.filter(household=household).exists():
        raise ShareTwice
    shares = (sale.shares.aggregate(sum=Sum("income_cny"))["sum"] or Decimal(0)) + income_cny
    if shares > sale.amount_cny:
        raise MoreThanTheOrder(shares=shares, most=sale.amount_cny)
    made = SaleShare.objects.create(
        sale=sale, household=household, region_code=household.region_code, income_cny=income_cny, recorded_at=now
    )
    sale.income_cny, sale.households = max(sale.income_cny, shares), max(sale.households, sale.shares.count())
    sale.save(update_fields=["income_cny", "households"])
    record(by, "sale.shared", sale, at=now, household=household.pk, income=income_cny)
    return made


@transaction.atomic
def cancel(sale: Sale, reason: str, *, by: Officer, now: datetime) -> Sale:
    """The order was wrong or was given back: it counts nowhere. Raises NotAllowed, NotFound, SaleCancelled, WordsMissing."""
    checks.check_may(by, sale.region_code)
    sale = _standing(sale, by)
    sale.cancelled_at, sale.reason = now, checks.words(reason, Text("原因", "reason"))
    sale.save(update_fields=["cancelled_at", "reason"])
    record(by, "sale.cancelled", sale, at=now, reason=sale.reason)
    return sale


def _standing(sale: Sale, by: Officer) -> Sale:
    sale = checks.held(sale, by)
    if sale.cancelled_at:
        raise SaleCancelled
    return sale
