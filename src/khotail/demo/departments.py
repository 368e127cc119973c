"""The lists that departments send. They know people by ID number, not by the register's household number."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from khotail.demo.households import Household, Person
from khotail.demo.sheets import Cell, Sheet, text, yes

Row = dict[str, Any]

_SPECIES = (("羊", 0.95, 40, 260), ("牛", 0.6, 6, 40), ("马", 0.1, 2, 12))


def department_lists(households: Sequence[Household], rng: random.Random, as_of: date) -> list[Sheet]:
    """One sheet per list, filled from what the households' reports and daily life hold."""
    sheets = {
        name: Sheet(f"departments/{path}", header.split("|"), encoding=code) for name, path, code, header in _LISTS
    }
    for household in households:
        for name, rows in household.reports.items():
            if name in _ROWS:
                sheets[name].rows += [_ROWS[name](household, row, as_of) for row in rows]
        _daily_life(sheets, household, rng, as_of)
        _incomes(sheets["incomes"], household)
        if household.herds:
            _herds(sheets["livestock"], household, rng, as_of)
    return list(sheets.values())


_LISTS = (
    ("medical", "医保自付费用.xlsx", "", "参保人姓名|身份证号|结算日期|就诊类别|病种|医疗总费用|报销金额|合规自付费用"),
    ("benefits", "民政低保特困临时救助.csv", "gb18030", "姓名|身份证号码|待遇名称|开始年月|停止年月|月发放额（元）|一次性金额（元）|停发原因"),
    ("disabilities", "残联新增残疾证.xlsx", "", "姓名|身份证号|残疾类别|残疾等级|发证日期"),
    ("schooling", "教育疑似辍学及费用.xlsx", "", "学生姓名|身份证号|学年|学段|是否在读|是否疑似辍学|自付学习费用"),
    ("employment", "人社失业登记.csv", "utf-8-sig", "姓名|证件号码|单位名称|入职日期|离职日期|月工资|离职原因"),
    ("house_checks", "住建房屋鉴定.xlsx", "", "户主姓名|户主身份证号|鉴定日期|鉴定等级|房屋结构"),
    ("water_checks", "水利饮水检查.xlsx", "", "户主姓名|户主身份证号|检查日期|人均日供水量（升）|取水往返时间（分钟）|供水保证率（%）|水质是否达标"),
    ("disasters", "应急受灾.xlsx", "", "户主姓名|户主身份证号|受灾日期|灾害种类|经济损失（元）|已获赔付救助（元）|死亡牲畜（头只）|成灾面积（亩）|住房是否受损"),
    ("livestock", "农牧牲畜存栏.csv", "gb18030", "户主姓名|户主身份证号|牧业年度|畜种|年初存栏|能繁母畜|出售能繁母畜|繁殖成活|购入|出售|自食|死亡|年末存栏"),
    ("deaths", "公安事故死亡.xlsx", "", "姓名|身份证号|发生日期|事件类别|事件说明|自付费用（元）"),
    ("leads", "信访线索.csv", "utf-8-sig", "姓名|身份证号|发生日期|事件类别|事件说明|自付费用（元）"),
    ("incomes", "农户收入台账.csv", "utf-8-sig", "户主姓名|户主身份证号|收入年度|工资性收入|生产经营性收入|财产性收入|转移性收入|政策性转移收入|生产经营性支出|家庭人口数"),
    ("measures", "帮扶措施.xlsx", "", "户主姓名|户主身份证号|措施类别|措施内容|开始日期|结束日期|金额（元）|帮扶责任人"),
)  # fmt: skip


def day(value: date | None) -> Cell:
    return None if value is None else f"{value:%Y-%m-%d}"


def _who(person: Person) -> list[Cell]:
    return [person.name, person.id_number]


def _medical(household: Household, row: Row, as_of: date) -> list[Cell]:
    return [
        *_who(row["person"]), day(row["on"]), row["treatment"], row["diagnosis"],
        text(row["total"]), text(row["reimbursed"]), text(row["self_paid"]),
    ]  # fmt: skip


def _schooling(household: Household, row: Row, as_of: date) -> list[Cell]:
    # The school year that began two months ago is what is reported in autumn.
    year = as_of.year if as_of.month >= 9 else as_of.year - 1
    person = row["person"]
    return [*_who(person), str(year), person.stage, yes(row["enrolled"]), yes(row["dropout"]), text(row["paid"])]


_ROWS: dict[str, Callable[[Household, Row, date], list[Cell]]] = {
    "medical": _medical,
    "schooling": _schooling,
    "disabilities": lambda h, r, _: [*_who(r["person"]), r["kind"], f"{'一二三四'[r['grade'] - 1]}级", day(r["on"])],
    "employment": lambda h, r, _: [
        *_who(r["person"]), r["employer"], day(r["start"]), day(r["end"]), text(r["pay"]), r["reason"]
    ],
    "house_checks": lambda h, r, _: [*_who(h.head), day(r["on"]), f"{r['grade']}级", r["structure"]],
    "water_checks": lambda h, r, _: [
        *_who(h.head), day(r["on"]), text(r["litres"]), text(r["minutes"]), text(r["assurance"]), yes(r["good"])
    ],
    "disasters": lambda h, r, _: [
        *_who(h.head), day(r["on"]), r["disaster"], text(r["loss"]), text(r["paid"]), text(r["animals"]), text(r["mu"], 1),
        yes(r["house"]),
    ],
    "measures": lambda h, r, _: [
        *_who(h.head), r["category"], r["detail"], day(r["start"]), day(r["end"]), text(r["amount"]), r["helper"]
    ],
}  # fmt: skip


def _daily_life(sheets: dict[str, Sheet], household: Household, rng: random.Random, as_of: date) -> None:
    """What departments report of households without trouble, so that a list is not a list of trouble alone."""
    head = household.head
    if household.trouble and rng.random() < 0.25:
        relief = day(date(as_of.year, as_of.month, rng.randint(1, 20)))
        sheets["benefits"].rows.append(
            [*_who(head), "临时救助", relief, relief, None, str(rng.randint(10, 40) * 100), None]
        )
    for row in household.reports.get("incidents", ()):
        by_police = row["incident"] in ("死亡", "交通事故", "工伤", "火灾", "刑事案件")
        sheets["deaths" if by_police else "leads"].rows.append(
            [*_who(row["person"] or head), day(row["on"]), row["incident"], row["note"], text(row["cost"])]
        )
    for person in household.members:
        if person.health != "健康" or rng.random() < 0.03:
            for year in range(as_of.year - 4, as_of.year + 1):
                if rng.random() < 0.5:
                    continue
                treatment = rng.choice(("住院", "门诊"))
                total = rng.randint(6, 60) * 100 if treatment == "住院" else rng.randint(2, 12) * 100
                paid = round(total * rng.uniform(0.2, 0.4))
                on = date(year, rng.randint(1, as_of.month if year == as_of.year else 12), rng.randint(1, 28))
                sheets["medical"].rows.append([
                    *_who(person), day(on), treatment, rng.choice(("高血压", "糖尿病", "慢性胃炎", "骨折")),
                    text(total), text(total - paid), text(paid),
                ])  # fmt: skip
        if person.subsistence:
            since = date(rng.randint(2021, 2024), rng.randint(1, 12), 1)
            sheets["benefits"].rows.append(
                [*_who(person), "农村低保", day(since), None, str(rng.randint(42, 75) * 10), None, None]
            )
        if person.extreme_poverty:
            sheets["benefits"].rows.append([*_who(person), "特困供养", "2023-01-01", None, "980", None, None])
        if person.disability and person.disability[1] <= 2:
            sheets["benefits"].rows.append([*_who(person), "残疾人补贴", "2022-01-01", None, "100", None, None])
        # Schools list what a family pays also where it is far from a burden.
        if (
            person.stage in ("高中", "中职", "高职", "本科")
            and rng.random() < 0.25
            and not household.reports.get("schooling")
        ):
            sheets["schooling"].rows.append(
                _schooling(
                    household,
                    {"person": person, "enrolled": True, "dropout": False, "paid": rng.randint(10, 70) * 100},
                    as_of,
                )
            )
        if person.work and household.in_register and rng.random() < 0.05 and not household.reports.get("employment"):
            left = date(as_of.year - 2, rng.randint(1, 12), 28)
            sheets["employment"].rows.append([
                *_who(person), "示例旧单位", day(left.replace(year=left.year - 1)), day(left), text(person.work.monthly_pay), "合同到期"
            ])  # fmt: skip
    if rng.random() < 0.03 and "house" not in household.trouble:
        sheets["house_checks"].rows.append(
            [*_who(head), day(date(as_of.year, 6, rng.randint(1, 28))), rng.choice("AB") + "级", "砖混结构"]
        )
    if rng.random() < 0.03 and "water" not in household.trouble:
        sheets["water_checks"].rows.append(
            [*_who(head), day(date(as_of.year, 5, rng.randint(1, 28))), "60", "0", "97", "是"]
        )


def _incomes(sheet: Sheet, household: Household) -> None:
    who, members = _who(household.head), str(len(household.members))
    for year in sorted(household.incomes):
        income = household.incomes[year]
        sheet.rows.append([
            *who, str(year), str(income.wage), str(income.business), str(income.rents), str(income.transfer),
            str(income.policy), str(income.cost), members,
        ])  # fmt: skip


def _herds(sheet: Sheet, household: Household, rng: random.Random, as_of: date) -> None:
    """Five years of each species; opening + born + bought − sold − eaten − died = closing, and the next year goes on."""
    who = _who(household.head)
    loss = household.reports.get("herd_loss", [None])[-1]
    last_year = as_of.year if as_of.month > 6 else as_of.year - 1
    for number, (species, share, low, high) in enumerate(_SPECIES):
        if number and rng.random() > share:
            continue
        stock = rng.randint(low, high)
        for year in range(last_year - 4, last_year + 1):
            struck = loss is not None and year == last_year and number == 0
            breeding = round(stock * rng.uniform(0.5, 0.65))
            born, bought = round(breeding * rng.uniform(0.75, 0.95)), rng.choice((0, 0, 0, 2))
            left = stock + born + bought - 1
            died = min(left, round(stock * (loss["share"] if struck and loss else rng.uniform(0, 0.03))))
            eaten = min(left - died, rng.randint(0, 3))
            breeding_sold = round(
                breeding * (0.45 if struck and loss and loss["sells_breeding"] else rng.uniform(0, 0.06))
            )
            sold = round((born + bought - eaten - died) * rng.uniform(0.85, 1.05))
            sold = min(left - died - eaten, max(breeding_sold, sold, 0))
            closing = 1 + left - died - eaten - sold
            counts = (stock, round(closing * 0.6), min(breeding_sold, sold), born, bought, sold, eaten, died, closing)
            sheet.rows.append([*who, str(year), species, *map(str, counts)])
            stock = closing
