"""The public schema of fact tables.

A fact is a dated statement from a named source about a household, a person or a village. Each table below has a key,
and every table also carries `as_of` (DATE, the day the statement holds for) and `source` (TEXT, the batch it came
from); `Facts` keeps the newest row of each key.

Values of coded columns stay as the national register writes them (`残疾`, `普通劳动力`); `codes` gives the known values
with their English names. Units are in the column's `unit`, and in its name where a number could be misread.

Column names are unique across `households`, `persons` and `work_records`, so that a rule on a person can read the
household's columns without a prefix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "int", "number", "bool", "date"]

SQL_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "number": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in code, its header in the national register, its kind and unit."""

    name: str
    zh: str
    en: str
    kind: Kind = "text"
    unit: str = ""
    codes: tuple[tuple[str, str], ...] = ()

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One fact table. `key` names the columns that identify a row within one `as_of`."""

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


HOUSEHOLD_TYPES = (("脱贫户", "out-of-poverty household"), ("普通农户", "general household"))
MONITORED_TYPES = (
    ("脱贫不稳定户", "unstable out-of-poverty household"),
    ("边缘易致贫户", "marginal household"),
    ("突发严重困难户", "sudden-hardship household"),
)
RISKS = (
    ("因病", "illness"),
    ("因残", "disability"),
    ("因学", "schooling"),
    ("因自然灾害", "natural disaster"),
    ("因意外事故", "accident"),
    ("因产业失败", "failed business"),
    ("因务工就业不稳", "unstable work"),
    ("缺劳动力", "lack of labour"),
    ("因安全住房", "unsafe housing"),
    ("因安全饮水", "unsafe drinking water"),
    ("其他", "other"),
)
RISK_RESOLUTIONS = (("帮扶消除", "through help"), ("自然消除", "by itself"))
HEALTH = (
    ("健康", "healthy"),
    ("长期慢性病", "chronic illness"),
    ("患有大病", "serious illness"),
    ("残疾", "disabled"),
)
LABOUR = (
    ("普通劳动力", "ordinary labour"),
    ("技能劳动力", "skilled labour"),
    ("弱劳动力或半劳动力", "weak or half labour"),
    ("丧失劳动力", "lost ability to work"),
    ("无劳动力", "no labour"),
)
SCHOOL_STATUSES = (
    ("学龄前儿童", "below school age"),
    ("学前教育", "pre-school"),
    ("小学", "primary school"),
    ("七年级", "junior high 1"),
    ("八年级", "junior high 2"),
    ("九年级", "junior high 3"),
    ("普通高中一年级", "senior high 1"),
    ("普通高中二年级", "senior high 2"),
    ("普通高中三年级", "senior high 3"),
    ("中职一年级", "secondary vocational 1"),
    ("中职二年级", "secondary vocational 2"),
    ("中职三年级", "secondary vocational 3"),
    ("高职高专一年级", "higher vocational 1"),
    ("高职高专二年级", "higher vocational 2"),
    ("高职高专三年级", "higher vocational 3"),
    ("本科一年级", "undergraduate 1"),
    ("本科二年级", "undergraduate 2"),
    ("本科三年级", "undergraduate 3"),
    ("本科四年级", "undergraduate 4"),
    ("技师学院", "technician college"),
    ("硕士生及以上", "postgraduate"),
)
EDUCATION = (
    ("文盲或半文盲", "illiterate or semi-literate"),
    ("小学", "primary school"),
    ("初中", "junior high"),
    ("高中", "senior high"),
    ("大专", "college"),
    ("本科及以上", "bachelor or above"),
)
SUBSISTENCE = (("未享受", "none"), ("农村低保", "rural allowance"), ("城市低保", "urban allowance"))
EXTREME_POVERTY = (("不享受", "none"), ("农村特困", "rural support"), ("城市特困", "urban support"))
RELATIONS = (
    ("户主", "head"),
    ("配偶", "spouse"),
    ("之子", "son"),
    ("之女", "daughter"),
    ("之儿媳", "daughter-in-law"),
    ("之女婿", "son-in-law"),
    ("之孙子", "grandson"),
    ("之孙女", "granddaughter"),
    ("之外孙子", "grandson (daughter's)"),
    ("之外孙女", "granddaughter (daughter's)"),
    ("之父", "father"),
    ("之母", "mother"),
    ("之岳父", "wife's father"),
    ("之岳母", "wife's mother"),
    ("之公公", "husband's father"),
    ("之婆婆", "husband's mother"),
    ("之祖父", "grandfather"),
    ("之祖母", "grandmother"),
    ("之兄弟", "brother"),
    ("之姐妹", "sister"),
    ("其他", "other"),
)
ID_TYPES = (("居民身份证", "citizen ID"), ("残疾人证", "disability card"), ("其他", "other"))
WORK_CHANNELS = (
    ("自主就业", "found alone"),
    ("亲友介绍", "through friends"),
    ("政府组织", "organised by government"),
    ("企业招聘", "hired by a firm"),
    ("公益性岗位", "public post"),
    ("帮扶车间", "help workshop"),
    ("东西部协作", "East-West pairing"),
)
HOUSE_GRADES = (("A", "A"), ("B", "B"), ("C", "C"), ("D", "D"))
DISASTERS = (
    ("干旱", "drought"),
    ("雪灾", "snow"),
    ("洪涝", "flood"),
    ("风雹", "wind or hail"),
    ("火灾", "fire"),
    ("地震", "earthquake"),
    ("动物疫病", "animal disease"),
    ("病虫害", "crop pest"),
    ("低温冷冻", "frost"),
    ("其他", "other"),
)
INCIDENTS = (
    ("死亡", "death"),
    ("交通事故", "traffic accident"),
    ("工伤", "work injury"),
    ("刑事案件", "crime"),
    ("火灾", "house fire"),
    ("信访", "petition"),
    ("热线求助", "hotline call"),
    ("网络线索", "media or online lead"),
    ("产业失败", "failed business"),
    ("价格大跌", "price fall"),
    ("其他", "other"),
)


def _text(name: str, zh: str, en: str, codes: tuple[tuple[str, str], ...] = ()) -> Column:
    return Column(name, zh, en, "text", "", codes)


def _bool(name: str, zh: str, en: str) -> Column:
    return Column(name, zh, en, "bool")


def _date(name: str, zh: str, en: str) -> Column:
    return Column(name, zh, en, "date")


def _cny(name: str, zh: str, en: str, unit: str = "CNY") -> Column:
    return Column(name, zh, en, "number", unit)


def _number(name: str, zh: str, en: str, unit: str) -> Column:
    return Column(name, zh, en, "number", unit)


def _int(name: str, zh: str, en: str, unit: str = "") -> Column:
    return Column(name, zh, en, "int", unit)


_PROVENANCE = (
    _date("as_of", "数据日期", "day the statement holds for"),
    _text("source", "数据来源", "batch it came from"),
)

HOUSEHOLDS = Table(
    "households",
    "农牧户",
    "Households",
    ("household_id",),
    (
        _text("household_id", "户编号", "household number"),
        _text("region_code", "行政区划代码", "12-digit region code of the village"),
        _text("township_name", "乡镇", "township"),
        _text("village_name", "行政村", "village"),
        _text("group_name", "自然村", "natural village or group"),
        _text("household_type", "户类型", "household type", HOUSEHOLD_TYPES),
        _text("monitored_type", "监测对象类别", "monitored category", MONITORED_TYPES),
        _text("household_phone", "户联系电话", "household phone"),
        _int("stated_size", "人数", "household size as stated", "persons"),
        # identification
        _date("identified_on", "识别监测时间", "identified on"),
        _text("risk_1", "致贫/返贫风险1", "risk 1", RISKS),
        _text("risk_2", "致贫/返贫风险2", "risk 2", RISKS),
        _text("risk_3", "致贫/返贫风险3", "risk 3", RISKS),
        _text("risk_4", "致贫/返贫风险4", "risk 4", RISKS),
        _text("risk_5", "致贫/返贫风险5", "risk 5", RISKS),
        _text("disaster_kind", "自然灾害子项", "kind of natural disaster"),
        _text("other_risk_note", "其他备注", "note on other risk"),
        _bool("whole_household_no_labour", "整户无劳动能力兜底保障户", "marked as whole household without labour"),
        _bool("has_dropout", "是否义务教育阶段适龄儿童少年失学辍学", "a school-age child has dropped out"),
        _bool(
            "has_uninsured",
            "是否有家庭成员未参加城乡居民（职工）基本医疗保险",
            "a member lacks basic medical insurance",
        ),
        # income at identification, yuan in the 12 months before
        _cny("wage_income_cny", "工资性收入", "wage income"),
        _cny("business_income_cny", "生产经营性收入", "business income"),
        _cny("property_income_cny", "财产性收入", "property income"),
        _cny("transfer_income_cny", "转移性收入", "transfer income"),
        _cny("business_cost_cny", "生产经营性支出", "business cost"),
        _cny("family_planning_cny", "计划生育金", "family-planning money"),
        _cny("subsistence_allowance_cny", "低保金", "subsistence allowance"),
        _cny("extreme_poverty_support_cny", "特困人员救助供养金", "extreme-poverty support"),
        _cny("pension_cny", "养老保险金", "pension"),
        _cny("ecological_cny", "生态补偿金", "ecological compensation"),
        _cny("other_transfer_cny", "其他转移性收入", "other transfer income"),
        _cny("compliant_self_paid_cny", "合规自付支出", "compliant out-of-pocket spending"),
        _cny("net_income_cny_per_capita", "人均纯收入（元）", "net income per person", "CNY per person per year"),
        # measures, as ticked in the export: items separated by comma
        _text("measure_industry", "产业帮扶", "industry measures"),
        _text("measure_employment", "就业帮扶", "employment measures"),
        _text("measure_finance", "金融帮扶", "finance measures"),
        _text("measure_public_post", "公益岗位帮扶", "public-post measures"),
        _text("measure_public_post_note", "公益性岗位帮扶其他备注", "public-post measures, note"),
        _text("measure_housing", "住房安全保障", "housing measures"),
        _text("measure_relocation", "搬迁", "relocation measures"),
        _text("measure_water", "饮水安全保障", "water measures"),
        _text("measure_living_conditions", "生产生活条件改善", "better living and production conditions"),
        _text("measure_health", "健康帮扶", "health measures"),
        _text("measure_compulsory_education", "义务教育保障", "compulsory-education measures"),
        _text("measure_education", "教育帮扶", "education measures"),
        _text("measure_security", "综合保障", "social-security measures"),
        _text("measure_social", "社会帮扶", "social help"),
        _text("measure_infrastructure", "基础设施建设", "infrastructure measures"),
        _text("development_measures_state", "实施开发式帮扶措施情况", "state of development measures"),
        # resolution of the risk and what was seen after it
        _bool("risk_resolved", "风险是否已消除", "risk resolved"),
        _date("resolved_on", "消除监测时间", "resolved on"),
        _text("resolved_how", "风险消除方式", "how the risk was resolved", RISK_RESOLUTIONS),
        _bool("post_dropout", "风险消除后是否义务教育阶段适龄儿童少年失学辍学", "dropout after resolution"),
        _bool("post_house_damaged", "风险消除后是否住房损毁", "house damaged after resolution"),
        _bool("post_water_damaged", "风险消除后是否饮水设施损毁", "water facility damaged after resolution"),
        _bool("post_uninsured", "风险消除后是否有家庭成员未参加基本医疗保险", "member uninsured after resolution"),
        _cny("post_wage_income_cny", "风险消除后工资性收入", "wage income after resolution"),
        _cny("post_business_income_cny", "风险消除后生产经营性收入", "business income after resolution"),
        _cny("post_property_income_cny", "风险消除后财产性收入", "property income after resolution"),
        _cny("post_transfer_income_cny", "风险消除后转移性收入", "transfer income after resolution"),
        _cny("post_business_cost_cny", "风险消除后生产经营性支出", "business cost after resolution"),
        _cny("post_compliant_self_paid_cny", "风险消除后合规自付支出", "out-of-pocket spending after resolution"),
        _cny(
            "post_net_income_cny_per_capita",
            "风险消除后人均纯收入（元）",
            "net income per person after resolution",
            "CNY per person per year",
        ),
        _text("collector_name", "信息采集人", "information collector"),
        _text("collector_phone", "信息采集人联系电话", "collector's phone"),
        # guarantees and living conditions
        _bool("dangerous_house", "是否危房户", "lives in a dangerous house"),
        _text("house_grade", "危房级别", "house safety grade", HOUSE_GRADES),
        _number("house_area_m2", "住房面积", "floor area", "m²"),
        _bool("safe_water", "是否解决安全饮用水", "has safe drinking water"),
        _bool("has_electricity", "是否通生活用电", "has household electricity"),
        _bool("has_sanitary_toilet", "是否有卫生厕所", "has a sanitary toilet"),
        _bool("toilet_usable", "卫生厕所是否能正常使用", "sanitary toilet works"),
        _bool("paved_access_road", "入户道路是否硬化", "paved road to the house"),
        _number("road_distance_km", "与村主干路距离", "distance to the village's main road", "km"),
        _number("cropland_mu", "耕地面积（亩）", "cropland", "mu"),
        _number("forest_mu", "林地面积（亩）", "forest land", "mu"),
        _number("returned_forest_mu", "退耕还林面积（亩）", "farmland returned to forest or grass", "mu"),
        _number("orchard_mu", "林果面积（亩）", "orchard", "mu"),
        _number("grassland_mu", "牧草地面积", "grassland", "mu"),
        _number("water_surface_mu", "水面面积", "water surface", "mu"),
        *_PROVENANCE,
    ),
)

PERSONS = Table(
    "persons",
    "家庭成员",
    "Persons",
    ("household_id", "person_id"),
    (
        _text("person_id", "人编号", "person number"),
        _text("household_id", "户编号", "household number"),
        _text("name", "姓名", "name"),
        _text("id_type", "证件类型", "kind of ID", ID_TYPES),
        _text("id_number", "证件号码", "ID number"),
        _text("sex", "性别", "sex", (("男", "male"), ("女", "female"))),
        _date("birth_date", "出生日期", "date of birth"),
        _text("relation", "与户主关系", "relation to the head", RELATIONS),
        _text("ethnicity", "民族", "ethnic group"),
        _text("education", "文化程度", "education", EDUCATION),
        _text("school_status", "在校生状况", "school status", SCHOOL_STATUSES),
        _text("dropout_reason", "义务教育阶段未上学原因", "reason for not attending compulsory school"),
        _text("health", "健康状况", "health", HEALTH),
        _text("labour", "劳动技能", "labour ability", LABOUR),
        _bool("resident_medical_insurance", "是否参加城乡居民基本医疗保险", "in resident medical insurance"),
        _bool("employee_medical_insurance", "是否参加城镇职工基本医疗保险", "in employee medical insurance"),
        _bool("serious_illness_insurance", "是否参加大病保险", "in serious-illness insurance"),
        _bool("medical_aid_received", "是否接受医疗救助", "receives medical aid"),
        _bool("resident_pension", "是否参加城乡居民基本养老保险", "in resident pension insurance"),
        _bool("employee_pension", "是否参加城镇职工基本养老保险", "in employee pension insurance"),
        _text("subsistence_status", "享受低保政策情况", "subsistence allowance", SUBSISTENCE),
        _text("extreme_poverty_status", "享受特困供养政策情况", "extreme-poverty support", EXTREME_POVERTY),
        _text("public_post", "公益性岗位", "public posts held, separated by comma"),
        _number("public_post_months", "公益性岗位(月数)", "months in public posts", "months"),
        _text("person_phone", "家庭成员联系电话", "member's phone"),
        _text("stated_work_place", "务工所在地", "place of work as stated"),
        _text("stated_job_channel", "就业渠道（易地搬迁后扶使用）", "job channel as stated", WORK_CHANNELS),
        _number("stated_work_months", "务工时间（月）", "months worked away in the year", "months"),
        _date("person_identified_on", "人员识别时间", "person identified on"),
        _bool("has_left", "是否自然减少", "left the household (death, marriage, move)"),
        *_PROVENANCE,
    ),
)

WORK_RECORDS = Table(
    "work_records",
    "务工记录",
    "Work records",
    ("household_id", "person_id", "record_kind", "work_start_on"),
    (
        _text("household_id", "户编号", "household number"),
        _text("person_id", "人编号", "person number"),
        _text(
            "record_kind", "记录类别", "kind of record", (("已外出务工", "working away"), ("计划外出务工", "planned"))
        ),
        _bool("is_working", "是否已务工", "is working away now"),
        _bool("plans_work", "是否计划务工", "plans to work away"),
        _text("work_county", "务工所在县", "county of work"),
        _text("planned_work_county", "计划务工所在县", "county of planned work"),
        _text("work_channel", "就业渠道", "job channel", WORK_CHANNELS),
        _text("employer", "务工企业名称", "employer"),
        _text("work_industry", "所属行业", "industry"),
        _bool("point_to_point", "是否点对点输送", "sent point to point"),
        _cny("monthly_pay_cny", "务工月收入", "monthly pay", "CNY per month"),
        _cny("travel_subsidy_cny", "年度交通费补助", "travel subsidy in the year", "CNY per year"),
        _date("work_start_on", "开始时间", "work started on"),
        _date("work_end_on", "结束时间", "work ended on"),
        _text("work_phone", "务工联系电话", "phone at work"),
        _text("service_need", "就业服务需求", "job services wanted"),
        _text("work_note", "其他信息", "other information"),
        *_PROVENANCE,
    ),
)

VILLAGES = Table(
    "villages",
    "行政村",
    "Villages",
    ("region_code",),
    (
        _text("region_code", "行政区划代码", "12-digit region code"),
        _text("township_name", "乡镇", "township"),
        _text("village_name", "行政村", "village"),
        _bool("delisted", "是否出列", "taken off the list of poor villages"),
        _int("village_households", "总户数", "households", "households"),
        _int("village_population", "总人口数", "population", "persons"),
        _int("village_subsistence_households", "低保户数", "households on subsistence allowance", "households"),
        _int("village_subsistence_persons", "低保人口数", "persons on subsistence allowance", "persons"),
        _int("village_extreme_poverty_persons", "特困供养人口数", "persons on extreme-poverty support", "persons"),
        _int("village_disabled_persons", "残疾人口数", "disabled persons", "persons"),
        _int("village_pension_insured", "参加城乡居民基本养老保险人数", "persons in pension insurance", "persons"),
        _number("village_collective_income_10k", "村级集体经济收入（万元）", "collective income", "10,000 CNY"),
        _int("village_primary_schools", "村小学（个数）", "primary schools"),
        _int("village_clinics", "行政村卫生室个数", "clinics"),
        _int("village_doctors", "行政村执业（助理）医师（人）", "licensed doctors", "persons"),
        _int("village_public_toilets", "行政村公共卫生厕所个数", "public toilets"),
        _int("village_waste_points", "行政村生产生活垃圾集中堆放点个数（个）", "waste points"),
        _int("village_reading_rooms", "行政村文化（图书）室个数 （个）", "reading rooms"),
        _bool("village_bus", "是否通客运班车", "has a bus"),
        _bool("village_paved_road", "到乡镇是否通沥青（水泥）路", "paved road to the township"),
        _int("village_unsafe_water_households", "未实现饮水安全户数", "households without safe water", "households"),
        _int("village_dangerous_house_households", "危房户数", "households in dangerous houses", "households"),
        _number("village_cropland_mu", "村耕地面积（亩）", "cropland", "mu"),
        _number("village_forest_mu", "村林地面积（亩）", "forest land", "mu"),
        _number("village_returned_forest_mu", "村退耕还林面积（亩）", "farmland returned to forest", "mu"),
        _number("village_orchard_mu", "村林果面积（亩）", "orchard", "mu"),
        _number("village_grassland_mu", "村牧草地面积（亩）", "grassland", "mu"),
        _number("village_water_surface_mu", "村水面面积（亩）", "water surface", "mu"),
        *_PROVENANCE,
    ),
)

INCOMES = Table(
    "incomes",
    "家庭收入",
    "Incomes by year",
    ("household_id", "income_year"),
    (
        _text("household_id", "户编号", "household number"),
        _int("income_year", "收入年度", "income year; 2025 runs from 1 October 2024 to 30 September 2025"),
        _cny("wage_cny", "工资性收入", "wage income", "CNY per year"),
        _cny("business_cny", "生产经营性收入", "business income", "CNY per year"),
        _cny("property_cny", "财产性收入", "property income", "CNY per year"),
        _cny("transfer_cny", "转移性收入", "transfer income, policy transfers included", "CNY per year"),
        _cny("policy_transfer_cny", "政策性转移收入", "transfer income paid by policies", "CNY per year"),
        _cny("cost_cny", "生产经营性支出", "business cost", "CNY per year"),
        _int("members", "家庭人口数", "persons sharing the income", "persons"),
        *_PROVENANCE,
    ),
)

MEDICAL_COSTS = Table(
    "medical_costs",
    "医疗费用",
    "Medical cost",
    ("person_id", "paid_on", "treatment"),
    (
        _text("household_id", "户编号", "household number"),
        _text("person_id", "人编号", "person number"),
        _date("paid_on", "结算日期", "settled on"),
        _text("treatment", "就诊类别", "kind of treatment", (("住院", "inpatient"), ("门诊", "outpatient"))),
        _text("diagnosis", "病种", "diagnosis"),
        _cny("total_cny", "医疗总费用", "total cost"),
        _cny("reimbursed_cny", "报销金额", "reimbursed by all layers"),
        _cny("self_paid_cny", "合规自付费用", "compliant out-of-pocket cost"),
        *_PROVENANCE,
    ),
)

SCHOOLING = Table(
    "schooling",
    "就学情况",
    "Schooling",
    ("person_id", "school_year"),
    (
        _text("household_id", "户编号", "household number"),
        _text("person_id", "人编号", "person number"),
        _int("school_year", "学年", "school year, named by the year it begins in"),
        _text(
            "stage",
            "学段",
            "stage",
            (
                ("学前", "pre-school"),
                ("小学", "primary"),
                ("初中", "junior high"),
                ("高中", "senior high"),
                ("中职", "secondary vocational"),
                ("高职", "higher vocational"),
                ("本科", "undergraduate"),
                ("研究生", "postgraduate"),
            ),
        ),
        _bool("enrolled", "是否在读", "is enrolled"),
        _bool("suspected_dropout", "是否疑似辍学", "suspected dropout"),
        _cny("school_self_paid_cny", "自付学习费用", "self-paid study cost", "CNY per school year"),
        *_PROVENANCE,
    ),
)

HOUSE_CHECKS = Table(
    "house_checks",
    "住房鉴定",
    "House checks",
    ("household_id", "checked_on"),
    (
        _text("household_id", "户编号", "household number"),
        _date("checked_on", "鉴定日期", "checked on"),
        _text("grade", "鉴定等级", "safety grade", HOUSE_GRADES),
        _text("structure", "房屋结构", "structure"),
        *_PROVENANCE,
    ),
)

WATER_CHECKS = Table(
    "water_checks",
    "饮水检查",
    "Water checks",
    ("household_id", "checked_on"),
    (
        _text("household_id", "户编号", "household number"),
        _date("checked_on", "检查日期", "checked on"),
        _number("litres_per_person_day", "人均日供水量（升）", "water quantity", "litres per person and day"),
        _number("fetch_minutes", "取水往返时间（分钟）", "round trip to fetch water", "minutes"),
        _number("assurance_percent", "供水保证率（%）", "assurance of supply", "%"),
        _bool("quality_ok", "水质是否达标", "quality meets the standard"),
        *_PROVENANCE,
    ),
)

DISABILITIES = Table(
    "disabilities",
    "残疾认定",
    "Disabilities",
    ("person_id", "certified_on"),
    (
        _text("household_id", "户编号", "household number"),
        _text("person_id", "人编号", "person number"),
        _date("certified_on", "发证日期", "certified on"),
        _text(
            "disability_kind",
            "残疾类别",
            "kind",
            (
                ("视力", "sight"),
                ("听力", "hearing"),
                ("言语", "speech"),
                ("肢体", "physical"),
                ("智力", "intellectual"),
                ("精神", "mental"),
                ("多重", "multiple"),
            ),
        ),
        _int("disability_grade", "残疾等级", "grade, 1 is the most severe"),
        *_PROVENANCE,
    ),
)

EMPLOYMENT = Table(
    "employment",
    "就业经历",
    "Employment spells",
    ("person_id", "spell_start_on"),
    (
        _text("household_id", "户编号", "household number"),
        _text("person_id", "人编号", "person number"),
        _date("spell_start_on", "入职日期", "began on"),
        _date("spell_end_on", "离职日期", "ended on"),
        _text("spell_employer", "单位名称", "employer"),
        _cny("spell_monthly_pay_cny", "月工资", "monthly pay", "CNY per month"),
        _text(
            "end_reason",
            "离职原因",
            "why it ended",
            (("失业", "lost the job"), ("工伤", "work injury"), ("合同到期", "contract ended"), ("辞职", "left")),
        ),
        *_PROVENANCE,
    ),
)

DISASTER_LOSSES = Table(
    "disaster_losses",
    "受灾损失",
    "Disaster losses",
    ("household_id", "happened_on", "disaster"),
    (
        _text("household_id", "户编号", "household number"),
        _date("happened_on", "受灾日期", "happened on"),
        _text("disaster", "灾害种类", "disaster", DISASTERS),
        _cny("loss_cny", "经济损失（元）", "loss"),
        _cny("paid_cny", "已获赔付救助（元）", "paid by insurance and relief"),
        _int("animals_lost", "死亡牲畜（头只）", "animals lost", "head"),
        _number("crop_damaged_mu", "成灾面积（亩）", "crop damaged", "mu"),
        _bool("house_damaged", "住房是否受损", "house damaged"),
        *_PROVENANCE,
    ),
)

LIVESTOCK = Table(
    "livestock",
    "牲畜存栏",
    "Herd inventory",
    ("household_id", "herd_year", "species"),
    (
        _text("household_id", "户编号", "household number"),
        _int("herd_year", "牧业年度", "year, counted at the end of June"),
        _text(
            "species",
            "畜种",
            "species",
            (("羊", "sheep and goats"), ("牛", "cattle"), ("马", "horses"), ("骆驼", "camels")),
        ),
        _int("opening", "年初存栏", "at the beginning", "head"),
        _int("breeding", "能繁母畜", "breeding females at the end", "head"),
        _int("breeding_sold", "出售能繁母畜", "breeding females sold", "head"),
        _int("born", "繁殖成活", "born and alive", "head"),
        _int("bought", "购入", "bought", "head"),
        _int("sold", "出售", "sold", "head"),
        _int("eaten", "自食", "eaten", "head"),
        _int("died", "死亡", "died", "head"),
        _int("closing", "年末存栏", "at the end", "head"),
        *_PROVENANCE,
    ),
)

BENEFITS = Table(
    "benefits",
    "享受待遇",
    "Benefits received",
    ("household_id", "person_id", "programme", "paid_from"),
    (
        _text("household_id", "户编号", "household number"),
        _text("person_id", "人编号", "person number; empty where the household receives it"),
        _text(
            "programme",
            "待遇名称",
            "programme",
            (
                ("农村低保", "rural subsistence allowance"),
                ("特困供养", "extreme-poverty support"),
                ("临时救助", "temporary relief"),
                ("残疾人补贴", "disability benefit"),
                ("草原补奖", "grassland award"),
                ("公益性岗位", "public post"),
                ("医疗救助", "medical aid"),
                ("教育资助", "student aid"),
                ("其他", "other"),
            ),
        ),
        _date("paid_from", "开始年月", "paid from"),
        _date("paid_until", "停止年月", "paid until"),
        _cny("monthly_cny", "月发放额（元）", "amount", "CNY per month"),
        _cny("once_cny", "一次性金额（元）", "paid once"),
        _text("stop_reason", "停发原因", "why it stopped"),
        *_PROVENANCE,
    ),
)

MEASURES = Table(
    "measures",
    "帮扶措施",
    "Measures",
    ("household_id", "measure_category", "measure_start_on"),
    (
        _text("household_id", "户编号", "household number"),
        _text("measure_category", "措施类别", "category"),
        _text("measure_detail", "措施内容", "what it is"),
        _date("measure_start_on", "开始日期", "began on"),
        _date("measure_end_on", "结束日期", "ended on"),
        _cny("measure_amount_cny", "金额（元）", "amount"),
        _text("helper_name", "帮扶责任人", "helper"),
        *_PROVENANCE,
    ),
)

INCIDENTS_TABLE = Table(
    "incidents",
    "突发事件与线索",
    "Incidents and leads",
    ("household_id", "person_id", "occurred_on", "incident"),
    (
        _text("household_id", "户编号", "household number"),
        _text("person_id", "人编号", "person number; empty where it is about the household"),
        _date("occurred_on", "发生日期", "occurred on"),
        _text("incident", "事件类别", "kind of incident", INCIDENTS),
        _text("incident_note", "事件说明", "note"),
        _cny("incident_cost_cny", "自付费用（元）", "cost borne by the household"),
        *_PROVENANCE,
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        HOUSEHOLDS,
        PERSONS,
        WORK_RECORDS,
        VILLAGES,
        INCOMES,
        MEDICAL_COSTS,
        SCHOOLING,
        HOUSE_CHECKS,
        WATER_CHECKS,
        DISABILITIES,
        EMPLOYMENT,
        DISASTER_LOSSES,
        LIVESTOCK,
        BENEFITS,
        MEASURES,
        INCIDENTS_TABLE,
    )
}

#: The tables whose rows can be subjects of a rule, by the rule's `level`.
LEVEL_TABLES: dict[str, Table] = {
    "household": HOUSEHOLDS,
    "person": PERSONS,
    "work_record": WORK_RECORDS,
    "village": VILLAGES,
}
