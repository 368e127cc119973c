"""The five national exports and the village ledger, in the form in which counties get them.

All cells are text. The monitored-household export repeats the household's columns in every member's row and holds only
households that were lifted out of poverty or are monitored; the rural-construction export holds every household.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

from khotail.demo.households import Household, Income, Person
from khotail.demo.places import Village
from khotail.demo.sheets import Cell, Sheet, text, yes
from khotail.facts.schema import HOUSEHOLDS, PERSONS, VILLAGES

_PLACES = ["县(市、区、旗)", "乡(镇)", "行政村", "自然村"]
_ELSEWHERE = {"region_code", "township_name", "village_name", "group_name", "household_id", "as_of", "source"}
_PERSON_HEADERS = [c.zh for c in PERSONS.columns if c.name not in _ELSEWHERE]
_HOUSEHOLD_HEADERS = [c.zh for c in HOUSEHOLDS.columns if c.name not in _ELSEWHERE]
_CONSTRUCTION = [
    "是否危房户", "危房级别", "住房面积", "是否解决安全饮用水", "是否通生活用电", "是否有卫生厕所", "卫生厕所是否能正常使用",
    "入户道路是否硬化", "与村主干路距离", "耕地面积（亩）", "林地面积（亩）", "退耕还林面积（亩）", "林果面积（亩）", "牧草地面积", "水面面积",
]  # fmt: skip
_DISABILITIES = {1: "视力", 2: "听力", 3: "言语", 4: "肢体", 5: "智力", 6: "精神", 7: "多重"}
_LEDGER = [
    "旗县", "乡镇", "嘎查村", "户编号", "户类型", "人编号", "姓名", "证件号码", "与户主关系", "性别", "出生日期", "民族", "文化程度",
    "在校生状况", "健康状况", "劳动技能", "是否参加城乡居民基本医疗保险", "是否参加大病保险", "是否参加城乡居民基本养老保险",
    "享受低保政策情况", "享受特困供养政策情况", "家庭成员联系电话", "户联系电话",
]  # fmt: skip


def month(day: date | None) -> Cell:
    return None if day is None else f"{day:%Y%m}"


def register_id(person: Person) -> str:
    """The ID number as the register keeps it: a disability card's number where the person has one."""
    if person.disability is None:
        return person.id_number
    kind, grade = person.disability
    return f"{person.id_number}{kind}{grade}"


def monitored_export(households: Sequence[Household], rng: random.Random, as_of: date) -> Sheet:
    """监测对象信息: one row per member of each household that was lifted out of poverty or is monitored."""
    header = ["序号", *_PLACES, "户编号", *_PERSON_HEADERS, *_HOUSEHOLD_HEADERS]
    banner = households[0].village.banner
    sheet = Sheet(
        "registers/监测对象信息.xlsx", header, sheet_name="监测对象信息",
        titles=("防返贫监测对象信息表", f"单位：{banner}　　导出时间：{as_of:%Y-%m-%d} 08:30"),
    )  # fmt: skip
    for household in households:
        if not household.in_register:
            continue
        shared = _household_cells(household, rng)
        for person in household.members:
            cells = {**shared, **_person_cells(household, person), "序号": str(len(sheet.rows) + 1)}
            sheet.rows.append([cells.get(name) for name in header])
    return sheet


def construction_export(households: Sequence[Household]) -> Sheet:
    """乡村建设户信息: every rural household, with its house, water, roads and land."""
    header = [*_PLACES, "户编号", "户主姓名", "户主证件号码", "户类型", "户联系电话", "人数", *_CONSTRUCTION]
    sheet = Sheet(
        "registers/乡村建设户信息.xlsx", header, sheet_name="乡村建设户信息", titles=("乡村建设信息采集（农户）",)
    )
    for household in households:
        cells = _place_cells(household) | _living_cells(household)
        head = household.head
        cells |= {
            "户编号": household.number, "户主姓名": head.name, "户主证件号码": head.id_number,
            "户类型": _household_type(household), "户联系电话": household.phone, "人数": str(len(household.members)),
        }  # fmt: skip
        sheet.rows.append([cells.get(name) for name in header])
    return sheet


def ledger(households: Sequence[Household]) -> Sheet:
    """一般农户成员: members of the households that the national export leaves out, as villages keep them."""
    sheet = Sheet("registers/一般农户成员.csv", _LEDGER, encoding="gb18030")
    for household in households:
        if household.in_register:
            continue
        village = household.village
        for person in household.members:
            cells = _person_cells(household, person) | {
                "旗县": village.banner, "乡镇": village.township, "嘎查村": village.name, "户编号": household.number,
                "户类型": "普通农户", "证件号码": person.id_number, "户联系电话": household.phone,
            }  # fmt: skip
            sheet.rows.append([cells.get(name) for name in _LEDGER])
    return sheet


def working_away_export(households: Sequence[Household], rng: random.Random, as_of: date) -> Sheet:
    """已外出务工信息: one row per member of working age who works or worked away."""
    header = [
        "县", "乡", "村", "户编号", "人编号", "姓名", "证件号码", "户类型", "监测对象类别", "是否已务工", "务工所在县", "就业渠道",
        "务工企业名称", "所属行业", "是否点对点输送", "务工月收入", "年度交通费补助", "开始时间", "结束时间", "务工联系电话", "其他信息",
    ]  # fmt: skip
    sheet = Sheet("registers/已外出务工信息.xlsx", header, sheet_name="已外出务工信息", titles=("已外出务工信息表",))
    for household in households:
        if not household.in_register:
            continue
        for person in household.members:
            if (work := person.work) is None:
                continue
            point = work.channel == "政府组织" and rng.random() < 0.6
            sheet.rows.append([
                *_worker_cells(household, person), yes(work.ended is None), work.county, work.channel, work.employer,
                work.industry, yes(point), text(work.monthly_pay), text(work.travel_subsidy),
                month(work.started), month(work.ended), person.phone, None,
            ])  # fmt: skip
    return sheet


def planned_work_export(households: Sequence[Household], rng: random.Random) -> Sheet:
    """计划外出务工信息: one row per member who plans to work away."""
    header = [
        "县", "乡", "村", "户编号", "人编号", "姓名", "证件号码", "户类型", "监测对象类别", "是否计划务工", "计划务工所在县",
        "就业服务需求", "务工联系电话",
    ]  # fmt: skip
    sheet = Sheet(
        "registers/计划外出务工信息.xlsx", header, sheet_name="计划外出务工信息", titles=("计划外出务工信息表",)
    )
    for household in households:
        if household.in_register:
            for person in household.members:
                if person.plans_work:
                    wanted, need = (
                        rng.choice(("乌兰浩特市", "科尔沁区", "赛罕区")),
                        rng.choice(("岗位推荐", "技能培训", "政策咨询")),
                    )
                    sheet.rows.append([*_worker_cells(household, person), "是", wanted, need, person.phone])
    return sheet


def village_export(villages: Sequence[Village], households: Sequence[Household], rng: random.Random) -> Sheet:
    """行政村信息: one row per village; sums agree with the households'."""
    header = [
        "县(市、区、旗)",
        "乡(镇)",
        *[c.zh for c in VILLAGES.columns if c.name not in (_ELSEWHERE - {"village_name"})],
    ]
    sheet = Sheet("registers/行政村信息.xlsx", header, sheet_name="行政村信息", titles=("行政村基本信息表",))
    by_village: dict[str, list[Household]] = {}
    for household in households:
        by_village.setdefault(household.village.code, []).append(household)
    land_headers = dict(
        zip(_CONSTRUCTION[-6:], [name for name in header if name.startswith("村") and "面积" in name], strict=True)
    )
    for village in villages:
        here = by_village.get(village.code, [])
        people = [person for household in here for person in household.members]
        poor = [household for household in here if household.subsistence]
        cells = {
            "县(市、区、旗)": village.banner, "乡(镇)": village.township, "行政村": village.name, "是否出列": yes(rng.random() < 0.4),
            "总户数": str(len(here)), "总人口数": str(len(people)), "低保户数": str(len(poor)),
            "低保人口数": str(sum(p.subsistence for p in people)), "特困供养人口数": str(sum(p.extreme_poverty for p in people)),
            "残疾人口数": str(sum(p.disability is not None for p in people)),
            "参加城乡居民基本养老保险人数": str(sum(p.age >= 16 and p.school is None for p in people)),
            "村级集体经济收入（万元）": text(rng.uniform(5, 80), 1), "村小学（个数）": rng.choice("001"), "行政村卫生室个数": "1",
            "行政村执业（助理）医师（人）": rng.choice("112"), "行政村公共卫生厕所个数": rng.choice("1123"),
            "行政村生产生活垃圾集中堆放点个数（个）": rng.choice("2345"), "行政村文化（图书）室个数 （个）": "1", "是否通客运班车": "是",
            "到乡镇是否通沥青（水泥）路": "是", "未实现饮水安全户数": "0", "危房户数": "0",
        }  # fmt: skip
        for name, total_name in land_headers.items():
            cells[total_name] = text(1.2 * sum(household.land[name] for household in here) + 100)
        sheet.rows.append([cells.get(name) for name in header])
    return sheet


def _household_type(household: Household) -> str:
    return "脱贫户" if household.exited else "普通农户"


def _place_cells(household: Household) -> dict[str, Cell]:
    village = household.village
    return dict(zip(_PLACES, (village.banner, village.township, village.name, household.group), strict=True))


def _worker_cells(household: Household, person: Person) -> list[Cell]:
    village, record = household.village, household.monitored
    return [
        village.banner, village.township, village.name, household.number, person.number, person.name, register_id(person),
        _household_type(household), record.category if record else None,
    ]  # fmt: skip


def _living_cells(household: Household) -> dict[str, Cell]:
    return {
        "是否危房户": "否", "危房级别": household.house_grade, "住房面积": str(household.house_area), "是否解决安全饮用水": "是",
        "是否通生活用电": "是", "是否有卫生厕所": yes(household.sanitary_toilet), "卫生厕所是否能正常使用": yes(household.sanitary_toilet),
        "入户道路是否硬化": "是", "与村主干路距离": text(household.road_km, 1),
        **{name: text(mu, 1) for name, mu in household.land.items()},
    }  # fmt: skip


def _income_cells(income: Income, prefix: str, size: int) -> dict[str, Cell]:
    return {
        prefix + "工资性收入": text(income.wage), prefix + "生产经营性收入": text(income.business),
        prefix + "财产性收入": text(income.rents), prefix + "转移性收入": text(income.transfer),
        prefix + "生产经营性支出": text(income.cost), prefix + "人均纯收入（元）": text(income.net / size, 2),
    }  # fmt: skip


def _household_cells(household: Household, rng: random.Random) -> dict[str, Cell]:
    size, record = len(household.members), household.monitored
    latest = household.incomes[max(household.incomes)]
    income = record.income if record else latest
    pension = round(income.policy * 0.3) if household.head.age >= 60 else 0
    allowance = round(income.policy * 0.5) if household.subsistence else 0
    cells = _place_cells(household) | _living_cells(household) | _income_cells(income, "", size)
    cells |= {
        "户编号": household.number, "户类型": _household_type(household), "户联系电话": household.phone, "人数": str(size),
        "养老保险金": text(pension), "低保金": text(allowance), "生态补偿金": text(income.policy - pension - allowance),
        "其他转移性收入": text(income.transfer - income.policy),
    }  # fmt: skip
    if record is None:
        return cells
    cells |= {
        "监测对象类别": record.category, "识别监测时间": month(record.identified), "合规自付支出": text(record.self_paid),
        "自然灾害子项": record.disaster_kind, "整户无劳动能力兜底保障户": yes(record.whole_household_without_labour),
        "是否义务教育阶段适龄儿童少年失学辍学": "否", "是否有家庭成员未参加城乡居民（职工）基本医疗保险": "否",
        "风险是否已消除": yes(record.resolved is not None), "实施开发式帮扶措施情况": None if record.whole_household_without_labour else "是",
    }  # fmt: skip
    cells |= {f"致贫/返贫风险{at}": risk for at, risk in enumerate(record.risks, 1)}
    cells |= {category: ",".join(items) for category, items in record.measures.items()}
    if record.resolved and record.income_after:
        cells |= _income_cells(record.income_after, "风险消除后", size) | {
            "消除监测时间": month(record.resolved), "风险消除方式": "帮扶消除", "风险消除后合规自付支出": "0",
            "风险消除后是否义务教育阶段适龄儿童少年失学辍学": "否", "风险消除后是否住房损毁": "否",
            "风险消除后是否饮水设施损毁": "否", "风险消除后是否有家庭成员未参加基本医疗保险": "否",
            "信息采集人": f"示采集{rng.randint(1, 99)}", "信息采集人联系电话": f"154999{rng.randint(10000, 99999)}",
        }  # fmt: skip
    return cells


def _person_cells(household: Household, person: Person) -> dict[str, Cell]:
    work, record = person.work, household.monitored
    pension_age = person.age >= 16 and person.school is None
    return {
        "人编号": person.number, "姓名": person.name, "证件类型": "残疾人证" if person.disability else "居民身份证",
        "证件号码": register_id(person), "性别": person.sex, "出生日期": f"{person.birth:%Y%m%d}", "与户主关系": person.relation,
        "民族": person.ethnicity, "文化程度": person.education, "在校生状况": person.school, "健康状况": person.health,
        "劳动技能": person.labour, "是否参加城乡居民基本医疗保险": "是", "是否参加城镇职工基本医疗保险": "否",
        "是否参加大病保险": "是", "是否接受医疗救助": "否", "是否参加城乡居民基本养老保险": yes(pension_age),
        "是否参加城镇职工基本养老保险": "否", "享受低保政策情况": "农村低保" if person.subsistence else "未享受",
        "享受特困供养政策情况": "农村特困" if person.extreme_poverty else "不享受", "公益性岗位": person.public_post,
        "公益性岗位(月数)": text(person.public_post_months), "家庭成员联系电话": person.phone,
        "务工所在地": work.county if work else None, "就业渠道（易地搬迁后扶使用）": work.channel if work else None,
        "务工时间（月）": "10" if work else None, "人员识别时间": month(record.identified) if record else None,
        "是否自然减少": "否",
    }  # fmt: skip
