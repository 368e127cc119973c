"""Trouble that households run into, as departments come to know of it.

The register lags behind: it still shows the household as it was, and only the lists of the departments tell. Rates
follow the village's hardship, so that a map of townships has something to show; disasters strike whole townships.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from khotail.demo.households import Household, Income, Person
from khotail.demo.places import Village

#: share of households in trouble in a village of average hardship
BASE_RATE = 0.034
_WEIGHTS = {
    "illness": 24, "disability": 8, "schooling": 9, "dropout": 9, "accident": 5, "death": 5, "job loss": 14,
    "income fall": 12, "house": 8, "water": 6, "policy dependence": 4, "herd loss": 5, "business": 5, "petition": 4,
}  # fmt: skip
_DISASTERS = {"干旱": "drought", "洪涝": "flood", "雪灾": "snow"}


class Trouble:
    def __init__(self, villages: list[Village], rng: random.Random, as_of: date) -> None:
        self._rng, self._as_of = rng, as_of
        townships = sorted({village.township for village in villages})
        herding = [name for name in townships if name.endswith(("苏木", "牧场", "马场"))]
        farming = [name for name in townships if name not in herding] or townships
        #: township → disaster, share of its households struck, day
        self.disasters = {
            name: ("干旱", rng.uniform(0.04, 0.09), _last(as_of, 7, 20)) for name in _pick(rng, farming, 2)
        }
        self.disasters |= {
            name: ("洪涝", rng.uniform(0.03, 0.06), _last(as_of, 8, 9)) for name in _pick(rng, farming, 1)
        }
        self.disasters |= {
            name: ("雪灾", rng.uniform(0.06, 0.12), _last(as_of, 5, 4)) for name in _pick(rng, herding, 2)
        }

    def strike(self, household: Household) -> list[str]:
        """Plant trouble in `household`, or none; returns the kinds planted."""
        rng = self._rng
        village = household.village
        if village.township in self.disasters:
            disaster, share, day = self.disasters[village.township]
            if (disaster != "雪灾" or household.herds) and rng.random() < share:
                self._disaster(household, disaster, day)
                household.trouble.append(_DISASTERS[disaster])
        if rng.random() < BASE_RATE * village.hardship:
            wanted = 1 if rng.random() < 0.8 else 2
            # Not every kind can befall every household: no child, no dropout. Then another kind does.
            for kind in rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=6):
                if wanted and kind not in household.trouble and getattr(self, "_" + kind.replace(" ", "_"))(household):
                    household.trouble.append(kind)
                    wanted -= 1
        return household.trouble

    def _recent(self, days: int = 150) -> date:
        return self._as_of - timedelta(days=self._rng.randint(8, days))

    def _illness(self, household: Household) -> bool:
        rng = self._rng
        person = rng.choice(household.members)
        total = rng.randint(80, 260) * 1000
        paid = round(total * rng.uniform(0.28, 0.4))
        diagnosis = rng.choice(("恶性肿瘤", "脑卒中", "终末期肾病", "冠心病"))
        household.report(
            "medical", person=person, on=self._recent(), treatment="住院", diagnosis=diagnosis,
            total=total, reimbursed=total - paid, self_paid=paid,
        )  # fmt: skip
        return True

    def _disability(self, household: Household) -> bool:
        people = [p for p in household.members if p.disability is None]
        if not people:
            return False
        kind = self._rng.choice(("肢体", "肢体", "精神", "视力", "多重"))
        household.report(
            "disabilities",
            person=self._rng.choice(people),
            on=self._recent(),
            kind=kind,
            grade=self._rng.choice((1, 1, 2)),
        )
        return True

    def _schooling(self, household: Household) -> bool:
        students = [p for p in household.members if p.stage in ("高中", "中职", "高职", "本科")]
        if not students:
            return False
        household.report(
            "schooling", person=students[0], enrolled=True, dropout=False, paid=self._rng.randint(16, 34) * 1000
        )
        return True

    def _dropout(self, household: Household) -> bool:
        children = [p for p in household.members if p.stage in ("小学", "初中") and p.age >= 8]
        if not children:
            return False
        household.report("schooling", person=children[0], enrolled=False, dropout=True, paid=None)
        return True

    def _accident(self, household: Household) -> bool:
        rng = self._rng
        incident, note = rng.choice((("交通事故", "交通事故致重伤"), ("工伤", "务工时受伤"), ("火灾", "住房起火")))
        cost = rng.randint(20, 90) * 1000
        household.report(
            "incidents", person=self._earner(household), on=self._recent(), incident=incident, note=note, cost=cost
        )
        return True

    def _death(self, household: Household) -> bool:
        if len(household.members) < 2:
            return False
        person = self._earner(household)
        household.report(
            "incidents", person=person, on=self._recent(), incident="死亡", note="因病或意外死亡", cost=None
        )
        return True

    def _job_loss(self, household: Household) -> bool:
        workers = [p for p in household.members if p.work]
        if not workers:
            return False
        person, rng = workers[0], self._rng
        assert person.work is not None
        household.report(
            "employment", person=person, start=person.work.started, end=self._recent(75), employer=person.work.employer,
            pay=person.work.monthly_pay, reason=rng.choice(("失业", "失业", "失业", "工伤")),
        )  # fmt: skip
        return True

    def _income_fall(self, household: Household) -> bool:
        latest = max(household.incomes)
        household.incomes[latest] = _scaled(household.incomes[latest], self._rng.uniform(0.3, 0.58))
        return True

    def _house(self, household: Household) -> bool:
        rng = self._rng
        structure = rng.choice(("土木结构", "砖木结构"))
        household.report("house_checks", on=self._recent(), grade=rng.choice("CCD"), structure=structure)
        return True

    def _water(self, household: Household) -> bool:
        litres, minutes, assurance, good = self._rng.choice(
            ((12, 35, 80, True), (15, 15, 85, True), (40, 5, 95, False))
        )
        household.report(
            "water_checks", on=self._recent(), litres=litres, minutes=minutes, assurance=assurance, good=good
        )
        return True

    def _policy_dependence(self, household: Household) -> bool:
        latest = max(household.incomes)
        income = household.incomes[latest]
        policy = round(income.net * self._rng.uniform(0.66, 0.85))
        rest = income.net - policy
        household.incomes[latest] = Income(rest // 2, rest - rest // 2 + income.cost, 0, policy, policy, income.cost)
        return True

    def _herd_loss(self, household: Household) -> bool:
        if not household.herds:
            return False
        household.report("herd_loss", share=self._rng.uniform(0.22, 0.5), sells_breeding=self._rng.random() < 0.5)
        return True

    def _business(self, household: Household) -> bool:
        rng = self._rng
        incident, note = rng.choice((("产业失败", "养殖项目失败"), ("价格大跌", "肉牛价格持续大跌")))
        cost = rng.randint(15, 60) * 1000
        household.report("incidents", person=None, on=self._recent(), incident=incident, note=note, cost=cost)
        return True

    def _petition(self, household: Household) -> bool:
        incident, note = self._rng.choice(
            (("信访", "反映生活困难"), ("热线求助", "12345 求助"), ("网络线索", "网帖反映困难"))
        )
        household.report("incidents", person=None, on=self._recent(80), incident=incident, note=note, cost=None)
        return True

    def _disaster(self, household: Household, disaster: str, day: date) -> None:
        rng = self._rng
        loss = rng.randint(15, 70) * 1000
        farmed = household.land["耕地面积（亩）"]
        animals = rng.randint(15, 60) if disaster == "雪灾" else 0
        mu = round(farmed * rng.uniform(0.4, 0.9), 1) if disaster != "雪灾" else 0
        household.report(
            "disasters", on=day + timedelta(days=rng.randint(0, 6)), disaster=disaster, loss=loss,
            paid=round(loss * rng.uniform(0.05, 0.3)), animals=animals, mu=mu,
            house=disaster == "洪涝" and rng.random() < 0.2,
        )  # fmt: skip
        if disaster == "雪灾":
            household.report("herd_loss", share=rng.uniform(0.25, 0.5), sells_breeding=rng.random() < 0.6)

    def _earner(self, household: Household) -> Person:
        return next((p for p in household.members if p.can_work), household.head)


def _last(as_of: date, month: int, day: int) -> date:
    """The last such day that lies at least a week before `as_of`. Snow comes as a late blizzard in May."""
    this_year = date(as_of.year, month, day)
    return this_year if this_year + timedelta(days=7) <= as_of else this_year.replace(year=as_of.year - 1)


def _scaled(income: Income, factor: float) -> Income:
    """Earnings shrink by `factor`; transfers stay."""
    return Income(
        round(income.wage * factor), round((income.business - income.cost) * factor) + income.cost,
        income.rents, income.transfer, income.policy, income.cost,
    )  # fmt: skip


def _pick(rng: random.Random, names: list[str], count: int) -> list[str]:
    return rng.sample(names, min(count, len(names)))
