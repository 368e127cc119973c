"""What households live through and receive, year by year and event by event, mostly from departments."""

from __future__ import annotations

from khotail.facts.schema.codes import DISASTERS, HOUSE_GRADES, INCIDENTS
from khotail.facts.schema.columns import (
    PROVENANCE,
    Table,
    bool_column,
    date_column,
    int_column,
    money_column,
    number_column,
    text_column,
)

INCOMES = Table(
    "incomes",
    "家庭收入",
    "Incomes by year",
    ("household_id", "income_year"),
    (
        text_column("household_id", "户编号", "household number"),
        int_column("income_year", "收入年度", "income year; 2025 runs from 1 October 2024 to 30 September 2025"),
        money_column("wage_cny", "工资性收入", "wage income", "CNY per year"),
        money_column("business_cny", "生产经营性收入", "business income", "CNY per year"),
        money_column("property_cny", "财产性收入", "property income", "CNY per year"),
        money_column("transfer_cny", "转移性收入", "transfer income, policy transfers included", "CNY per year"),
        money_column("policy_transfer_cny", "政策性转移收入", "transfer income paid by policies", "CNY per year"),
        money_column("cost_cny", "生产经营性支出", "business cost", "CNY per year"),
        int_column("members", "家庭人口数", "persons sharing the income", "persons"),
        *PROVENANCE,
    ),
)

MEDICAL_COSTS = Table(
    "medical_costs",
    "医疗费用",
    "Medical cost",
    ("person_id", "paid_on", "treatment"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("person_id", "人编号", "person number"),
        date_column("paid_on", "结算日期", "settled on"),
        text_column("treatment", "就诊类别", "kind of treatment", (("住院", "inpatient"), ("门诊", "outpatient"))),
        text_column("diagnosis", "病种", "diagnosis"),
        money_column("total_cny", "医疗总费用", "total cost"),
        money_column("reimbursed_cny", "报销金额", "reimbursed by all layers"),
        money_column("self_paid_cny", "合规自付费用", "compliant out-of-pocket cost"),
        *PROVENANCE,
    ),
)

SCHOOLING = Table(
    "schooling",
    "就学情况",
    "Schooling",
    ("person_id", "school_year"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("person_id", "人编号", "person number"),
        int_column("school_year", "学年", "school year, named by the year it begins in"),
        text_column(
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
        bool_column("enrolled", "是否在读", "is enrolled"),
        bool_column("suspected_dropout", "是否疑似辍学", "suspected dropout"),
        money_column("school_self_paid_cny", "自付学习费用", "self-paid study cost", "CNY per school year"),
        *PROVENANCE,
    ),
)

HOUSE_CHECKS = Table(
    "house_checks",
    "住房鉴定",
    "House checks",
    ("household_id", "checked_on"),
    (
        text_column("household_id", "户编号", "household number"),
        date_column("checked_on", "鉴定日期", "checked on"),
        text_column("grade", "鉴定等级", "safety grade", HOUSE_GRADES),
        text_column("structure", "房屋结构", "structure"),
        *PROVENANCE,
    ),
)

WATER_CHECKS = Table(
    "water_checks",
    "饮水检查",
    "Water checks",
    ("household_id", "checked_on"),
    (
        text_column("household_id", "户编号", "household number"),
        date_column("checked_on", "检查日期", "checked on"),
        number_column("litres_per_person_day", "人均日供水量（升）", "water quantity", "litres per person and day"),
        number_column("fetch_minutes", "取水往返时间（分钟）", "round trip to fetch water", "minutes"),
        number_column("assurance_percent", "供水保证率（%）", "assurance of supply", "%"),
        bool_column("quality_ok", "水质是否达标", "quality meets the standard"),
        *PROVENANCE,
    ),
)

DISABILITIES = Table(
    "disabilities",
    "残疾认定",
    "Disabilities",
    ("person_id", "certified_on"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("person_id", "人编号", "person number"),
        date_column("certified_on", "发证日期", "certified on"),
        text_column(
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
        int_column("disability_grade", "残疾等级", "grade, 1 is the most severe"),
        *PROVENANCE,
    ),
)

EMPLOYMENT = Table(
    "employment",
    "就业经历",
    "Employment spells",
    ("person_id", "spell_start_on"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("person_id", "人编号", "person number"),
        date_column("spell_start_on", "入职日期", "began on"),
        date_column("spell_end_on", "离职日期", "ended on"),
        text_column("spell_employer", "单位名称", "employer"),
        money_column("spell_monthly_pay_cny", "月工资", "monthly pay", "CNY per month"),
        text_column(
            "end_reason",
            "离职原因",
            "why it ended",
            (("失业", "lost the job"), ("工伤", "work injury"), ("合同到期", "contract ended"), ("辞职", "left")),
        ),
        *PROVENANCE,
    ),
)

DISASTER_LOSSES = Table(
    "disaster_losses",
    "受灾损失",
    "Disaster losses",
    ("household_id", "happened_on", "disaster"),
    (
        text_column("household_id", "户编号", "household number"),
        date_column("happened_on", "受灾日期", "happened on"),
        text_column("disaster", "灾害种类", "disaster", DISASTERS),
        money_column("loss_cny", "经济损失（元）", "loss"),
        money_column("paid_cny", "已获赔付救助（元）", "paid by insurance and relief"),
        int_column("animals_lost", "死亡牲畜（头只）", "animals lost", "head"),
        number_column("crop_damaged_mu", "成灾面积（亩）", "crop damaged", "mu"),
        bool_column("house_damaged", "住房是否受损", "house damaged"),
        *PROVENANCE,
    ),
)

LIVESTOCK = Table(
    "livestock",
    "牲畜存栏",
    "Herd inventory",
    ("household_id", "herd_year", "species"),
    (
        text_column("household_id", "户编号", "household number"),
        int_column("herd_year", "牧业年度", "year, counted at the end of June"),
        text_column(
            "species",
            "畜种",
            "species",
            (("羊", "sheep and goats"), ("牛", "cattle"), ("马", "horses"), ("骆驼", "camels")),
        ),
        int_column("opening", "年初存栏", "at the beginning", "head"),
        int_column("breeding", "能繁母畜", "breeding females at the end", "head"),
        int_column("breeding_sold", "出售能繁母畜", "breeding females sold", "head"),
        int_column("born", "繁殖成活", "born and alive", "head"),
        int_column("bought", "购入", "bought", "head"),
        int_column("sold", "出售", "sold", "head"),
        int_column("eaten", "自食", "eaten", "head"),
        int_column("died", "死亡", "died", "head"),
        int_column("closing", "年末存栏", "at the end", "head"),
        *PROVENANCE,
    ),
)

BENEFITS = Table(
    "benefits",
    "享受待遇",
    "Benefits received",
    ("household_id", "person_id", "programme", "paid_from"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("person_id", "人编号", "person number; empty where the household receives it"),
        text_column(
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
        date_column("paid_from", "开始年月", "paid from"),
        date_column("paid_until", "停止年月", "paid until"),
        money_column("monthly_cny", "月发放额（元）", "amount", "CNY per month"),
        money_column("once_cny", "一次性金额（元）", "paid once"),
        text_column("stop_reason", "停发原因", "why it stopped"),
        *PROVENANCE,
    ),
)

MEASURES = Table(
    "measures",
    "帮扶措施",
    "Measures",
    ("household_id", "measure_category", "measure_start_on"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("measure_category", "措施类别", "category"),
        text_column("measure_detail", "措施内容", "what it is"),
        date_column("measure_start_on", "开始日期", "began on"),
        date_column("measure_end_on", "结束日期", "ended on"),
        money_column("measure_amount_cny", "金额（元）", "amount"),
        text_column("helper_name", "帮扶责任人", "helper"),
        *PROVENANCE,
    ),
)

INCIDENTS_TABLE = Table(
    "incidents",
    "突发事件与线索",
    "Incidents and leads",
    ("household_id", "person_id", "occurred_on", "incident"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("person_id", "人编号", "person number; empty where it is about the household"),
        date_column("occurred_on", "发生日期", "occurred on"),
        text_column("incident", "事件类别", "kind of incident", INCIDENTS),
        text_column("incident_note", "事件说明", "note"),
        money_column("incident_cost_cny", "自付费用（元）", "cost borne by the household"),
        *PROVENANCE,
    ),
)
