"""Households whose entitlements are worked out in tests: a programme of the banner's own, and what is stated."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from khotail.entitlements import actions
from khotail.entitlements.models import Entitlement, EntitlementRun, Missed
from khotail.register.statements import state
from khotail.screening import rulebook
from tests.record.conftest import BANNER, OTHER_VILLAGE, VILLAGE

DAY = date(2026, 6, 1)
WATER = "water-cart"
ALLOWANCE = "subsistence-allowance"
_PROGRAMME = """
- id: water-cart
  name: {{zh: 送水补贴, en: Water cart}}
  category: 饮水安全保障
  level: household
  who: {who}
  amount: "{amount}"
  because: {{zh: 没有安全饮水, en: it has no safe water}}
  mend: {{zh: 到嘎查申请, en: Apply at the village}}
  pays: {{level: banner, fund: 旗级财政}}
  transition: new
  received_as: {{benefits: [其他]}}
  counts_as: nothing
  since: 2021-01-01
  {until}
  source: 旗政府会议纪要
  confidence: high
  examples:
    - {{given: {given}, on: 2021-06-30, expect: {amount}}}
"""


def offer(who: str = "NOT safe_water", amount: int = 600, until: str = "", given: str = "{safe_water: false}") -> None:
    """Let the banner have a programme of its own."""
    text = _PROGRAMME.format(who=who, amount=amount, until=f"until: {until}" if until else "", given=given)
    rulebook.put_in_force({"programmes/ours.yaml": text}, BANNER)


def withdraw() -> None:
    """Let the banner have no programme of its own any more."""
    rulebook.put_in_force({}, BANNER)


def stated(table, rows, now, as_of=DAY) -> None:
    state(
        table, pa.Table.from_pylist(rows), as_of=as_of, source="test", batch_id=None, by=None, now=now, region_code=BANNER
    )  # fmt: skip


def state_households(now) -> None:
    """H1 has no safe water and 1,000 yuan; H2 has water, 90,000 yuan and every benefit, so that the data tell of them."""
    stated("households", [
        {"household_id": "H1", "region_code": VILLAGE, "household_type": "脱贫户", "monitored_type": "", "safe_water": False},
        {"household_id": "H2", "region_code": OTHER_VILLAGE, "household_type": "脱贫户", "monitored_type": "", "safe_water": True},
    ], now)  # fmt: skip
    stated("persons", [
        {"household_id": "H1", "person_id": "P1", "name": "演示甲", "relation": "户主", "extreme_poverty_status": "不享受"},
        {"household_id": "H2", "person_id": "P2", "name": "演示乙", "relation": "户主", "extreme_poverty_status": "不享受"},
    ], now)  # fmt: skip
    income("H1", 1000.0, now)
    income("H2", 90000.0, now)
    pay("H2", "其他", now)
    pay("H2", "农村低保", now, until=date(2030, 1, 1))


def income(number, wage, now, as_of=DAY, policy=0.0) -> None:
    others = dict.fromkeys(("business_cny", "property_cny", "cost_cny"), 0.0)
    stated("incomes", [{
        "household_id": number, "income_year": 2025, "members": 1, "wage_cny": wage, "transfer_cny": policy,
        "policy_transfer_cny": policy, **others,
    }], now, as_of)  # fmt: skip


def pay(number, programme, now, monthly=50.0, until=None, as_of=DAY) -> None:
    stated("benefits", [{
        "household_id": number, "person_id": None, "programme": programme, "paid_from": date(2026, 1, 1),
        "monthly_cny": monthly, "paid_until": until,
    }], now, as_of)  # fmt: skip


def worked_out(by, now, region=BANNER, days=0) -> EntitlementRun:
    """A run, on the day that is `days` after `now`."""
    later = now + timedelta(days=days)
    return actions.run(region, later.date(), by, later)


def of_programme(programme: str = WATER):
    return Entitlement.objects.filter(programme_id=programme).order_by("id")


def missed_of(programme: str = WATER):
    return Missed.objects.filter(programme_id=programme).order_by("id")


def everything() -> list[list[tuple]]:
    """All that a run writes of households, as it stands in the database."""
    from khotail.entitlements.models import Dependence

    return [list(model.objects.order_by("id").values_list()) for model in (Entitlement, Missed, Dependence)]
