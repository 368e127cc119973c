"""Reads of partners: what was promised and delivered, what a need still lacks, which pledges fit it, what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, ExtractYear

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.partners.models import (
    FIGURES,
    Agreement,
    Delivered,
    Need,
    Pairing,
    Pledge,
    Promised,
    Sale,
)

#: An agreement that ends so soon is to be renewed or followed.
SOON_DAYS = 90
#: A pairing of which nobody heard for so long is asked after.
SILENT_DAYS = 180
_MOST_SUGGESTED = 10
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Kept:
    """One figure of one year: what was promised and what came. None where nobody said."""

    name: str
    promised: Any
    delivered: Any

    @property
    def share(self) -> int | None:
        """Whole per cent of the promise."""
        return int(100 * self.delivered / self.promised) if self.promised and self.delivered is not None else None

    @property
    def falls_short(self) -> bool:
        return bool(self.promised) and (self.delivered or 0) < self.promised


@dataclass(frozen=True)
class Year:
    year: int
    figures: tuple[Kept, ...]
    note: str = ""


def years_of(pairing: Pairing) -> list[Year]:
    """Promised beside delivered, the newest year first. The promises of all its agreements for a year add up."""
    promised: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in Promised.objects.filter(agreement__pairing=pairing):
        for name in FIGURES:
            if (value := getattr(row, name)) is not None:
                promised[row.year][name] = promised[row.year].get(name, 0) + value
    delivered = {row.year: row for row in Delivered.objects.filter(pairing=pairing)}
    return [
        Year(
            year,
            tuple(
                Kept(name, promised[year].get(name), getattr(delivered[year], name) if year in delivered else None)
                for name in FIGURES
            ),
            delivered[year].note if year in delivered else "",
        )
        for year in sorted({*promised, *delivered}, reverse=True)
    ]


def totals_by_year(pairings: QuerySet[Pairing]) -> list[dict[str, Any]]:
    """Year → what these pairings did, oldest first; a figure that no pairing stated is None."""
    sums = {name: Sum(name) for name in FIGURES}
    rows = Delivered.objects.filter(pairing__in=pairings).order_by().values("year").annotate(**sums)
    return sorted(rows, key=lambda row: row["year"])


def pairings(officer: Officer, *, kind: str = "", on: date, ended: bool = False) -> QuerySet[Pairing]:
    """Those that run on a day, or those that ended before it, each with its last contact and when its agreements end."""
    rows = Pairing.objects.visible_to(officer)
    rows = rows.filter(until__lt=on) if ended else rows.filter(Q(until=None) | Q(until__gte=on))
    if kind:
        rows = rows.filter(kind=kind)
    rows = rows.annotate(last_contact=Max("contacts__on"), agreed_until=Max("agreements__ends_on"))
    return rows.select_related("successor").order_by("region_code", "kind", "supporting", "id")


def silent_since(on: date) -> date:
    return on - timedelta(days=SILENT_DAYS)


def ending_agreements(officer: Officer, on: date) -> QuerySet[Agreement]:
    """Agreements of running pairings that end soon and have no later one."""
    later = Agreement.objects.filter(ends_on__gt=on + timedelta(days=SOON_DAYS)).values("pairing")
    rows = Agreement.objects.visible_to(officer).filter(
        Q(pairing__until=None) | Q(pairing__until__gte=on), ends_on__range=(on, on + timedelta(days=SOON_DAYS))
    )
    return rows.exclude(pairing__in=later).select_related("pairing").order_by("ends_on", "id")


def way_back(pairing: Pairing) -> list[Pairing]:
    """The pairings that this one followed, the newest first."""
    found: list[Pairing] = []
    waiting = [pairing.pk]
    while waiting:
        rows = list(Pairing.objects.filter(successor__in=waiting).order_by("-since", "-id"))
        found += rows
        waiting = [row.pk for row in rows]
    return found


@dataclass(frozen=True)
class Standing:
    """Of a need: how much it asks for, how much was promised and not yet brought, how much has arrived.

    offered  in public, and not taken up yet: it keeps nobody else from helping
    """

    quantity: Decimal
    promised: Decimal
    arrived: Decimal
    offered: Decimal = _NOTHING

    @property
    def left(self) -> Decimal:
        return max(self.quantity - self.promised - self.arrived, _NOTHING)


def standing_of(needs: Iterable[Need]) -> Mapping[int, Standing]:
    """Need id → where it stands. One query, however many there are."""
    asked = {need.pk: need.quantity for need in needs}
    promised: dict[int, Decimal] = defaultdict(Decimal)
    arrived: dict[int, Decimal] = defaultdict(Decimal)
    offered: dict[int, Decimal] = defaultdict(Decimal)
    rows = Pledge.objects.filter(need__in=list(asked)).exclude(state__in=Pledge.OVER).order_by()
    brought = Coalesce(Sum("deliveries__quantity"), Value(_NOTHING))
    for need_id, state, quantity, came in rows.annotate(came=brought).values_list(
        "need_id", "state", "quantity", "came"
    ):
        arrived[need_id] += came
        if state == Pledge.State.OFFERED:
            offered[need_id] += quantity
        elif state in Pledge.WAITING:
            promised[need_id] += max(quantity - came, _NOTHING)
    return {pk: Standing(quantity, promised[pk], arrived[pk], offered[pk]) for pk, quantity in asked.items()}


def fitting_pledges(officer: Officer, need: Need) -> list[Pledge]:
    """Free pledges that could fill a need, the likeliest first: meant for nearest, of the same unit, in like words."""
    codes = [need.region_code[:digits] for digits in LEVEL_DIGITS.values() if digits <= len(need.region_code)]
    rows = Pledge.objects.visible_to(officer).filter(
        kind=need.kind, need=None, state=Pledge.State.PROMISED, region_code__in=codes
    )
    found = rows.select_related("helper").order_by("due_on", "id")[:200]
    return sorted(found, key=lambda each: _unlikeness(each, need))[:_MOST_SUGGESTED]


def fitting_needs(officer: Officer, made: Pledge) -> list[Need]:
    """Open needs that a free pledge could fill, the likeliest first."""
    rows = Need.objects.visible_to(officer).in_region(made.region_code)
    rows = rows.filter(kind=made.kind, state__in=(Need.State.PUBLISHED, Need.State.DRAFT))
    found = list(rows.order_by("needed_by", "id")[:200])
    standing = standing_of(found)
    lacking = [each for each in found if standing[each.pk].left > 0]
    return sorted(lacking, key=lambda each: _unlikeness(made, each))[:_MOST_SUGGESTED]


def _unlikeness(made: Pledge, need: Need) -> tuple[Any, ...]:
    ours, theirs = _pairs(made.title), _pairs(need.title)
    alike = len(ours & theirs) / max(len(ours | theirs), 1)
    return made.unit != need.unit, -round(alike, 2), -len(made.region_code), made.pk, need.pk


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def overdue(rows: QuerySet[Pledge], on: date) -> QuerySet[Pledge]:
    return rows.filter(state__in=Pledge.WAITING, due_on__lt=on)


def published_needs(region_code: str = "", kind: str = "") -> QuerySet[Need]:
    """What everybody may see. A household's need is found by its township at most, which is all that is said of it."""
    rows = Need.objects.filter(state=Need.State.PUBLISHED).in_region(region_code)
    if len(region_code) > LEVEL_DIGITS["township"]:
        rows = rows.filter(household=None)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.defer("words").order_by("needed_by", "-id")


def parts_of(made: Pledge) -> list[Pledge]:
    """A pledge and what it was parted into, with what arrived of each."""
    rows = Pledge.objects.filter(Q(pk=made.part_of_id or made.pk) | Q(part_of=made.part_of_id or made.pk))
    return list(rows.select_related("need").prefetch_related("deliveries").order_by("id"))


@dataclass(frozen=True)
class Earned:
    """What sales brought, by a year or a channel."""

    key: Any
    orders: int
    amount_cny: Decimal
    income_cny: Decimal


def earned(sales: QuerySet[Sale], by: str) -> Sequence[Earned]:
    """Sums of the orders that stand, by "year" or "channel", in that order."""
    rows = sales.filter(cancelled_at=None).order_by()
    key = ExtractYear("on") if by == "year" else F(by)
    summed = (
        rows.annotate(by=key)
        .values("by")
        .annotate(orders=Count("pk"), amount=Sum("amount_cny"), income=Sum("income_cny"))
    )
    found = [Earned(row["by"], row["orders"], row["amount"] or _NOTHING, row["income"] or _NOTHING) for row in summed]
    return sorted(found, key=lambda each: each.key)
