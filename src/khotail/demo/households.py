"""A population that could live in a banner: households, their members, land, herds, income over five years.

Everything here is consistent, so that an audit finds nothing; what is wrong is planted afterwards (`trouble`, `dirt`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from khotail.demo.people import FAMILY_NAMES, IdNumbers, Phones, age_on, birth_for, name_of
from khotail.demo.places import Village

WORK_COUNTIES = ("科尔沁右翼前旗", "乌兰浩特市", "扎赉特旗", "突泉县", "霍林郭勒市", "科尔沁区", "赛罕区", "昆都仑区")
WORK_INDUSTRIES = ("建筑业", "制造业", "住宿和餐饮业", "交通运输业", "居民服务业", "批发和零售业")
STAGES = {
    "小": "小学",
    "七": "初中",
    "八": "初中",
    "九": "初中",
    "普": "高中",
    "中": "中职",
    "高": "高职",
    "本": "本科",
}
#: share in percent of each kind of household. Households of old people alone are rarer than in life, where they would
#: outnumber every other warning.
_SHAPES = (
    (0.8, "elder alone"), (1.2, "elders"), (23, "older couple"), (28, "couple with child"), (13, "couple with children"),
    (16, "three generations"), (13, "couple with grown child"), (3, "couple"), (2, "adult alone"),
)  # fmt: skip


@dataclass(slots=True)
class Work:
    """One spell of work away; `ended` None while it lasts."""

    county: str
    channel: str
    employer: str
    industry: str
    monthly_pay: int
    travel_subsidy: int
    started: date
    ended: date | None = None


@dataclass(slots=True)
class Person:
    number: str
    name: str
    sex: str
    birth: date
    relation: str
    ethnicity: str
    id_number: str
    age: int
    health: str = "健康"
    education: str | None = None
    school: str | None = None
    labour: str = "无劳动力"
    disability: tuple[int, int] | None = None
    phone: str | None = None
    work: Work | None = None
    plans_work: bool = False
    public_post: str | None = None
    public_post_months: int | None = None
    subsistence: bool = False
    extreme_poverty: bool = False
    has_left: bool = False

    @property
    def can_work(self) -> bool:
        return self.labour in ("普通劳动力", "技能劳动力")

    @property
    def stage(self) -> str | None:
        return None if self.school is None or self.school.startswith("学") else STAGES.get(self.school[0])


@dataclass(slots=True)
class Income:
    """One income year, yuan for the whole household."""

    wage: int
    business: int
    rents: int
    transfer: int
    policy: int
    cost: int

    @property
    def net(self) -> int:
        return self.wage + self.business + self.rents + self.transfer - self.cost


@dataclass(slots=True)
class Household:
    number: str
    village: Village
    group: str
    exited: bool
    phone: str
    members: list[Person]
    herds: bool
    land: dict[str, float]
    house_area: int
    house_grade: str
    sanitary_toilet: bool
    road_km: float
    monitored: Any = None
    incomes: dict[int, Income] = field(default_factory=dict)
    #: rows that departments will report: list name → rows of named values
    reports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)

    @property
    def head(self) -> Person:
        return next(person for person in self.members if person.relation == "户主")

    @property
    def in_register(self) -> bool:
        return self.exited or self.monitored is not None

    @property
    def subsistence(self) -> bool:
        return any(person.subsistence for person in self.members)

    def report(self, list_name: str, **values: Any) -> None:
        self.reports.setdefault(list_name, []).append(values)


class Population:
    """Makes households one after another; the same seed makes the same ones."""

    def __init__(self, rng: random.Random, as_of: date) -> None:
        self._rng = rng
        self._as_of = as_of
        self._ids = IdNumbers(rng)
        self._phones = Phones()

    def households(self, villages: list[Village]) -> Iterator[Household]:
        for village in villages:
            for serial in range(1, village.households + 1):
                yield self._household(village, f"{village.code}{serial:04d}")

    def _household(self, village: Village, number: str) -> Household:
        rng = self._rng
        herds = rng.random() < village.herding_share
        household = Household(
            number=number,
            village=village,
            group=f"{rng.randint(1, 6)}{'独贵龙' if village.is_gacha else '组'}",
            exited=rng.random() < 0.235,
            phone=self._phones.next(),
            members=[],
            herds=herds,
            land=self._land(herds),
            house_area=rng.randint(45, 130),
            house_grade=rng.choice("AAB"),
            sanitary_toilet=rng.random() < 0.8,
            road_km=round(rng.uniform(0, 3), 1),
        )
        self._people(household)
        frail = any(p.health == "患有大病" or (p.disability and p.disability[1] <= 2) for p in household.members)
        whole = not any(p.can_work or p.labour.startswith("弱") for p in household.members)
        if whole or (frail and rng.random() < 0.35):
            for person in household.members:
                # An old person alone outside the register is supported as 特困; nobody gets both kinds of support.
                person.extreme_poverty = (
                    whole and not household.exited and len(household.members) == 1 and person.age >= 60
                )
                person.subsistence = not person.extreme_poverty
        self._work(household)
        self._income(household)
        return household

    def _land(self, herds: bool) -> dict[str, float]:
        rng = self._rng
        grass = rng.randint(200, 2600) if herds else rng.randint(0, 60)
        return {
            "耕地面积（亩）": rng.randint(0, 30) if herds else rng.randint(8, 90),
            "林地面积（亩）": rng.choice((0, 0, 3, 8, 15)),
            "退耕还林面积（亩）": rng.choice((0, 0, 0, 5, 10)),
            "林果面积（亩）": rng.choice((0, 0, 0, 1, 2)),
            "牧草地面积": grass,
            "水面面积": 0,
        }

    def _people(self, household: Household) -> None:
        rng = self._rng
        family, ethnicity = rng.choice(FAMILY_NAMES), rng.choice(("蒙古族", "蒙古族", "汉族", "汉族", "满族"))
        shape = rng.choices([name for _, name in _SHAPES], [weight for weight, _ in _SHAPES])[0]
        old = shape.startswith("elder")
        middle = "grown" in shape or shape == "older couple"
        head_age = rng.randint(61, 79) if old else rng.randint(48, 58) if middle else rng.randint(27, 47)
        head_sex = "男" if rng.random() < 0.85 else "女"
        members: list[tuple[str, str, int, str | None]] = [("户主", head_sex, head_age, family)]
        if shape not in ("elder alone", "adult alone"):
            spouse_age = max(22, head_age + rng.randint(-4, 2))
            members.append(("配偶", "女" if head_sex == "男" else "男", spouse_age, None))
        children = {"couple with child": 1, "couple with children": 2, "three generations": 1 + (rng.random() < 0.4)}
        for _ in range(children.get(shape, 0)):
            sex = rng.choice(("男", "女"))
            members.append(("之子" if sex == "男" else "之女", sex, rng.randint(1, min(21, head_age - 21)), family))
        if "grown" in shape:
            sex = rng.choice(("男", "女"))
            members.append(("之子" if sex == "男" else "之女", sex, rng.randint(22, head_age - 22), family))
        if shape == "three generations":
            sex = rng.choice(("男", "女", "女"))
            members.append(("之父" if sex == "男" else "之母", sex, head_age + rng.randint(22, 30), family))
        for at, (relation, sex, age, line) in enumerate(members, 1):
            birth = birth_for(rng, age, self._as_of)
            person = Person(
                f"{household.number}{at:02d}", name_of(rng, sex, line), sex, birth, relation, ethnicity,
                self._ids.of(birth, sex), age_on(birth, self._as_of),
            )  # fmt: skip
            self._describe(person)
            household.members.append(person)

    def _describe(self, person: Person) -> None:
        """Schooling, health and labour that agree with the age."""
        rng, age = self._rng, person.age
        person.school = self._school(age)
        if person.school is None and age >= 3:
            young = ("初中", "初中", "高中", "大专", "本科及以上")
            person.education = rng.choice(("小学", "小学", "初中") if age > 55 else young if age < 35 else ("初中",))
        draw = rng.random()
        sick = 0.16 if age >= 60 else 0.05
        if draw < sick:
            person.health = "长期慢性病"
        elif draw < sick * 1.15:
            person.health = "患有大病"
        elif draw < sick * 1.15 + (0.035 if age >= 16 else 0.005):
            person.health = "残疾"
            person.disability = (rng.choice((1, 2, 4, 4, 4, 5, 6)), rng.choice((1, 2, 2, 3, 3, 4, 4)))
        if person.health != "健康" and person.education in ("大专", "本科及以上"):
            # Whoever has been to college works away; the audit asks after those who do not.
            person.education = "高中"
        if age < 16 or (person.school is not None):
            person.labour = "无劳动力"
        elif age >= 75 or (person.disability and person.disability[1] == 1):
            person.labour = "无劳动力" if age >= 60 else "丧失劳动力"
        elif age >= 60 or person.health != "健康":
            person.labour = "弱劳动力或半劳动力"
        else:
            person.labour = "技能劳动力" if rng.random() < 0.12 else "普通劳动力"

    def _school(self, age: int) -> str | None:
        rng = self._rng
        if age < 3:
            return "学龄前儿童"
        if age < 6:
            return "学前教育"
        if age < 12:
            return "小学"
        if age < 15:
            return f"{'七八九'[age - 12]}年级"
        if age < 18:
            return f"{'普通高中' if rng.random() < 0.7 else '中职'}{'一二三'[age - 15]}年级"
        if age < 22 and rng.random() < 0.75:
            year = age - 18
            return f"本科{'一二三四'[year]}年级" if rng.random() < 0.5 or year == 3 else f"高职高专{'一二三'[year]}年级"
        return None

    def _work(self, household: Household) -> None:
        rng = self._rng
        for person in household.members:
            if not person.can_work:
                continue
            college = person.education in ("大专", "本科及以上")
            if college or person.labour == "技能劳动力" or rng.random() < 0.45:
                county = rng.choice(WORK_COUNTIES)
                away = county != household.village.banner
                person.phone = self._phones.next()
                person.work = Work(
                    county=county,
                    channel=rng.choice(
                        ("自主就业", "亲友介绍", "政府组织", "企业招聘")
                        if away
                        else ("自主就业", "亲友介绍", "帮扶车间")
                    ),
                    employer=f"示例{rng.choice(('建设', '食品', '物流', '服装', '农牧'))}公司{rng.randint(1, 40)}",
                    industry=rng.choice(WORK_INDUSTRIES),
                    monthly_pay=rng.randint(28, 65) * 100,
                    travel_subsidy=500 if away else 0,
                    started=date(self._working_since(person), rng.randint(1, 12), 1),
                )
            elif household.exited and rng.random() < 0.05:
                person.public_post = rng.choice(("护林员", "草管员", "保洁员"))
                person.public_post_months = rng.randint(3, 12)
                person.phone = self._phones.next()
            elif rng.random() < 0.08:
                person.plans_work = True

    def _working_since(self, person: Person) -> int:
        last = self._as_of.year - 1
        return self._rng.randint(min(last, max(last - 3, person.birth.year + 18)), last)

    def _income(self, household: Household) -> None:
        rng, people = self._rng, len(household.members)
        latest_year = self._as_of.year if (self._as_of.month, self._as_of.day) >= (9, 30) else self._as_of.year - 1
        policy_share = (
            0.34
            if any(p.subsistence or p.extreme_poverty for p in household.members)
            else rng.uniform(0.18, 0.3)
            if household.head.age > 60
            else 0.07
        )
        away = sum(1 for person in household.members if person.work)
        # Two thirds of what is not transfer come from wages where somebody works away, a tenth where nobody does.
        wage_share = (1 - policy_share) * (0.65 if away else 0.1)
        per_capita = 14_500 + rng.lognormvariate(8.6, 0.6)
        for year in range(latest_year, latest_year - 5, -1):
            household.incomes[year] = split_income(round(per_capita) * people, wage_share, policy_share, rng)
            per_capita /= 1.05 * rng.uniform(0.97, 1.03)


def split_income(net: int, wage_share: float, policy_share: float, rng: random.Random) -> Income:
    """Components that add up to `net`; business costs about a third of what it brings in."""
    wage, policy = round(net * wage_share), round(net * policy_share)
    rents = round(net * rng.uniform(0, 0.04))
    gifts = round(net * 0.02)
    earned = max(0, net - wage - policy - gifts - rents)
    cost = round(earned * rng.uniform(0.4, 0.6))
    return Income(wage, earned + cost, rents, policy + gifts, policy, cost)
