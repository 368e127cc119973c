"""How stable policies are in the transition: kept, begun, ended and put into another class, year by year; and who loses what ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.entitlements.models import Entitlement
from khotail.oversight.models import ClassChange, Policy
from khotail.trail.scope import in_region

YEARS = 5
#: Policies that ended within so many days, or end within them, are listed.
NEAR = timedelta(days=366)


@dataclass(frozen=True)
class Year:
    """Policies of a year: in force at its end (today in the present one) and what they cost a year in all."""

    year: int
    in_force: int
    begun: int
    ended: int
    changed: int
    money_cny: Decimal


@dataclass(frozen=True)
class Ending:
    """A policy that ended or is about to; `households` receive its programme, None where it has none in the rulebook."""

    policy: Policy
    households: int | None


def holding_in(officer: Officer, region_code: str) -> QuerySet[Policy]:
    """Policies kept in a region, and those above that hold in it."""
    above = [region_code[:digits] for digits in LEVEL_DIGITS.values() if digits < len(region_code)]
    return Policy.objects.visible_to(officer).filter(in_region(region_code) | Q(region_code__in=above))


def years(officer: Officer, region_code: str, today: date) -> list[Year]:
    """The last years, the present one last."""
    policies = list(holding_in(officer, region_code))
    changes = ClassChange.objects.filter(policy__in=[each.pk for each in policies]).exclude(before="")
    changed = [timezone.localdate(at).year for at in changes.values_list("at", flat=True)]
    found = []
    for year in range(today.year - YEARS + 1, today.year + 1):
        on = min(date(year, 12, 31), today)
        standing = [each for each in policies if each.standing(on) == "in_force"]
        found.append(
            Year(
                year, len(standing),
                sum(each.starts_on is not None and each.starts_on.year == year for each in policies),
                sum(each.ends_on is not None and each.ends_on.year == year and each.ends_on < today for each in policies),
                changed.count(year), sum((each.money_cny_year or Decimal() for each in standing), Decimal()),
            )
        )  # fmt: skip
    return found


def endings(officer: Officer, region_code: str, today: date) -> list[Ending]:
    """Policies that ended lately or end soon, the latest end last, with the households that lose them."""
    near = holding_in(officer, region_code).filter(ends_on__gte=today - NEAR, ends_on__lte=today + NEAR)
    return [
        Ending(policy, _households(losers(officer, policy, today, region_code)) if policy.programme else None)
        for policy in near.order_by("ends_on", "id")
    ]


def _households(rows: QuerySet[Entitlement]) -> int:
    return rows.order_by().values("household").distinct().count()


def losers(officer: Officer, policy: Policy, today: date, region_code: str = "") -> QuerySet[Entitlement]:
    """Entitlements of the policy's programme that were received on its last day, or are today if it still runs.

    Nobody loses who keeps the programme by another policy: that is for a person to see, and the hints name it.
    """
    day = min(policy.ends_on or today, today)
    rows = Entitlement.objects.visible_to(officer).in_region(policy.region_code).in_region(region_code)
    rows = rows.filter(programme_id=policy.programme, received=True, since__lte=day)
    return rows.filter(Q(ended_on=None) | Q(ended_on__gte=day)).select_related("household", "person")
