"""Which households are monitored, for which risk, with which measures: a record that an audit finds nothing in."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

from khotail.demo.households import Household, Income, split_income

DEVELOPMENT_INDUSTRY = ("养殖业", "种植业", "光伏分红", "合作社带动")


@dataclass(slots=True)
class Monitoring:
    """The monitored household's own block of the export."""

    category: str
    identified: date
    risks: list[str]
    income: Income
    self_paid: int
    whole_household_without_labour: bool
    resolved: date | None = None
    income_after: Income | None = None
    measures: dict[str, list[str]] = field(default_factory=dict)
    disaster_kind: str | None = None


def monitor(household: Household, rng: random.Random, as_of: date) -> None:
    """Make `household` a monitored one: about two in five still have their risk."""
    months_ago = rng.randint(8, 62)
    identified = _months_before(as_of, months_ago)
    without_labour = not any(p.can_work or p.labour.startswith("弱") for p in household.members)
    size = len(household.members)
    sudden = rng.random() < 0.15
    category = "突发严重困难户" if sudden else "脱贫不稳定户" if household.exited else "边缘易致贫户"
    risk = rng.choice(_possible_risks(household))
    per_capita = rng.randint(9_500, 14_000) if sudden else rng.randint(4_600, 5_900)
    record = Monitoring(
        category, identified, [risk], split_income(per_capita * size, 0.3, 0.3, rng),
        rng.randint(4_000, 40_000) if risk == "因病" else rng.randint(0, 900), without_labour,
    )  # fmt: skip
    if risk == "因自然灾害":
        record.disaster_kind = rng.choice(("干旱", "洪涝", "雪灾") if household.herds else ("干旱", "洪涝", "风雹"))
    household.monitored = record
    _measures(household, record, rng, as_of)
    if not without_labour and rng.random() < 0.6 and months_ago > 9:
        record.resolved = _months_before(as_of, rng.randint(1, months_ago - 7))
        record.income_after = split_income(rng.randint(10_500, 17_000) * size, 0.4, 0.25, rng)
    else:
        _stay_poor(household, rng)


def _possible_risks(household: Household) -> list[str]:
    people = household.members
    risks = []
    if any(p.health in ("长期慢性病", "患有大病") for p in people):
        risks += ["因病"] * 4
    if any(p.disability for p in people):
        risks += ["因残"] * 4
    if any(p.stage in ("高中", "中职", "高职", "本科") for p in people):
        risks += ["因学"] * 2
    if any(p.can_work and p.work for p in people):
        risks += ["因务工就业不稳"]
    if 4 * sum(p.can_work for p in people) <= len(people) and any(
        p.labour in ("无劳动力", "丧失劳动力") for p in people
    ):
        risks += ["缺劳动力"] * 2
    return [*risks, "因自然灾害", "因意外事故", "因产业失败"]


def _measures(household: Household, record: Monitoring, rng: random.Random, as_of: date) -> None:
    people, measures = household.members, record.measures
    security = []
    if household.subsistence:
        security.append("农村低保")
    if any(p.extreme_poverty for p in people):
        security.append("特困供养")
    if any(p.disability for p in people):
        security.append("残疾人补贴")
    if security:
        measures["综合保障"] = security
    if any(p.stage in ("中职", "高职") for p in people):
        measures["教育帮扶"] = ["雨露计划"]
    if "因学" in record.risks:
        measures["社会帮扶"] = ["爱心助学"]
    # The premium subsidy is open until the end of March of each year, and everyone in the register by then has it.
    if (record.identified.year, record.identified.month) < (as_of.year, 4):
        measures["健康帮扶"] = ["参加城乡居民基本医疗保险个人缴费补贴"]
    if "因病" in record.risks:
        measures.setdefault("健康帮扶", []).append("大病救治")
    if "因残" in record.risks or record.whole_household_without_labour:
        measures["社会帮扶"] = ["邻里照料"]
    if not record.whole_household_without_labour:
        measures["产业帮扶"] = [rng.choice(DEVELOPMENT_INDUSTRY)]
        if any(p.public_post for p in people) and any(p.work for p in people):
            measures["公益岗位帮扶"] = sorted({p.public_post for p in people if p.public_post})
    for category, items in measures.items():
        started = _months_after(record.identified, 1)
        household.report(
            "measures", category=category, detail=items[0], start=started,
            end=None if rng.random() < 0.8 else _months_after(started, 11),
            amount=rng.randint(3, 50) * 100, helper=f"示干部{rng.randint(1, 400)}",
        )  # fmt: skip


def _stay_poor(household: Household, rng: random.Random) -> None:
    size = len(household.members)
    latest = max(household.incomes)
    per_capita = household.monitored.income.net / size
    for year in range(latest, latest - 5, -1):
        household.incomes[year] = split_income(round(per_capita * rng.uniform(0.97, 1.03)) * size, 0.35, 0.25, rng)
        per_capita /= 1.02
    current = household.incomes[latest]
    # What the household earns now lies above what it was identified with, and still inside the monitored range.
    lift = rng.uniform(1.15, 1.4)
    household.incomes[latest] = Income(
        round(current.wage * lift), round(current.business * lift), current.rents,
        round(current.transfer * lift), round(current.policy * lift), round(current.cost * lift),
    )  # fmt: skip


def _months_before(day: date, months: int) -> date:
    return _months_after(day, -months)


def _months_after(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)
