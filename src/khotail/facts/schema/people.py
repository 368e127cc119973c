"""Persons and their work records, as the national register has them."""

from __future__ import annotations

from khotail.facts.schema.codes import (
    EDUCATION,
    EXTREME_POVERTY,
    HEALTH,
    ID_TYPES,
    LABOUR,
    RELATIONS,
    SCHOOL_STATUSES,
    SUBSISTENCE,
    WORK_CHANNELS,
)
from khotail.facts.schema.columns import (
    PROVENANCE,
    Table,
    bool_column,
    date_column,
    money_column,
    number_column,
    text_column,
)

PERSONS = Table(
    "persons",
    "家庭成员",
    "Persons",
    ("household_id", "person_id"),
    (
        text_column("person_id", "人编号", "person number"),
        text_column("household_id", "户编号", "household number"),
        text_column("name", "姓名", "name"),
        text_column("id_type", "证件类型", "kind of ID", ID_TYPES),
        text_column("id_number", "证件号码", "ID number"),
        text_column("sex", "性别", "sex", (("男", "male"), ("女", "female"))),
        date_column("birth_date", "出生日期", "date of birth"),
        text_column("relation", "与户主关系", "relation to the head", RELATIONS),
        text_column("ethnicity", "民族", "ethnic group"),
        text_column("education", "文化程度", "education", EDUCATION),
        text_column("school_status", "在校生状况", "school status", SCHOOL_STATUSES),
        text_column("dropout_reason", "义务教育阶段未上学原因", "reason for not attending compulsory school"),
        text_column("health", "健康状况", "health", HEALTH),
        text_column("labour", "劳动技能", "labour ability", LABOUR),
        bool_column("resident_medical_insurance", "是否参加城乡居民基本医疗保险", "in resident medical insurance"),
        bool_column("employee_medical_insurance", "是否参加城镇职工基本医疗保险", "in employee medical insurance"),
        bool_column("serious_illness_insurance", "是否参加大病保险", "in serious-illness insurance"),
        bool_column("medical_aid_received", "是否接受医疗救助", "receives medical aid"),
        bool_column("resident_pension", "是否参加城乡居民基本养老保险", "in resident pension insurance"),
        bool_column("employee_pension", "是否参加城镇职工基本养老保险", "in employee pension insurance"),
        text_column("subsistence_status", "享受低保政策情况", "subsistence allowance", SUBSISTENCE),
        text_column("extreme_poverty_status", "享受特困供养政策情况", "extreme-poverty support", EXTREME_POVERTY),
        text_column("public_post", "公益性岗位", "public posts held, separated by comma"),
        number_column("public_post_months", "公益性岗位(月数)", "months in public posts", "months"),
        text_column("person_phone", "家庭成员联系电话", "member's phone"),
        text_column("stated_work_place", "务工所在地", "place of work as stated"),
        text_column("stated_job_channel", "就业渠道（易地搬迁后扶使用）", "job channel as stated", WORK_CHANNELS),
        number_column("stated_work_months", "务工时间（月）", "months worked away in the year", "months"),
        date_column("person_identified_on", "人员识别时间", "person identified on"),
        bool_column("has_left", "是否自然减少", "left the household (death, marriage, move)"),
        *PROVENANCE,
    ),
)

WORK_RECORDS = Table(
    "work_records",
    "务工记录",
    "Work records",
    ("household_id", "person_id", "record_kind", "work_start_on"),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("person_id", "人编号", "person number"),
        text_column(
            "record_kind", "记录类别", "kind of record", (("已外出务工", "working away"), ("计划外出务工", "planned"))
        ),
        bool_column("is_working", "是否已务工", "is working away now"),
        bool_column("plans_work", "是否计划务工", "plans to work away"),
        text_column("work_county", "务工所在县", "county of work"),
        text_column("planned_work_county", "计划务工所在县", "county of planned work"),
        text_column("work_channel", "就业渠道", "job channel", WORK_CHANNELS),
        text_column("employer", "务工企业名称", "employer"),
        text_column("work_industry", "所属行业", "industry"),
        bool_column("point_to_point", "是否点对点输送", "sent point to point"),
        money_column("monthly_pay_cny", "务工月收入", "monthly pay", "CNY per month"),
        money_column("travel_subsidy_cny", "年度交通费补助", "travel subsidy in the year", "CNY per year"),
        date_column("work_start_on", "开始时间", "work started on"),
        date_column("work_end_on", "结束时间", "work ended on"),
        text_column("work_phone", "务工联系电话", "phone at work"),
        text_column("service_need", "就业服务需求", "job services wanted"),
        text_column("work_note", "其他信息", "other information"),
        *PROVENANCE,
    ),
)
