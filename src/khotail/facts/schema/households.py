"""Households: what the national register states once per household."""

from __future__ import annotations

from khotail.facts.schema.codes import HOUSE_GRADES, HOUSEHOLD_TYPES, MONITORED_TYPES, RISK_RESOLUTIONS, RISKS
from khotail.facts.schema.columns import (
    PROVENANCE,
    Table,
    bool_column,
    date_column,
    int_column,
    money_column,
    number_column,
    personal_column,
    text_column,
)

HOUSEHOLDS = Table(
    "households",
    "农牧户",
    "Households",
    ("household_id",),
    (
        text_column("household_id", "户编号", "household number"),
        text_column("region_code", "行政区划代码", "12-digit region code of the village"),
        text_column("township_name", "乡镇", "township"),
        text_column("village_name", "行政村", "village"),
        text_column("group_name", "自然村", "natural village or group"),
        text_column("household_type", "户类型", "household type", HOUSEHOLD_TYPES),
        text_column("monitored_type", "监测对象类别", "monitored category", MONITORED_TYPES),
        personal_column("household_phone", "户联系电话", "household phone"),
        int_column("stated_size", "人数", "household size as stated", "persons"),
        # identification
        date_column("identified_on", "识别监测时间", "identified on"),
        text_column("risk_1", "致贫/返贫风险1", "risk 1", RISKS),
        text_column("risk_2", "致贫/返贫风险2", "risk 2", RISKS),
        text_column("risk_3", "致贫/返贫风险3", "risk 3", RISKS),
        text_column("risk_4", "致贫/返贫风险4", "risk 4", RISKS),
        text_column("risk_5", "致贫/返贫风险5", "risk 5", RISKS),
        text_column("disaster_kind", "自然灾害子项", "kind of natural disaster"),
        text_column("other_risk_note", "其他备注", "note on other risk"),
        bool_column(
            "whole_household_no_labour", "整户无劳动能力兜底保障户", "marked as whole household without labour"
        ),
        bool_column("has_dropout", "是否义务教育阶段适龄儿童少年失学辍学", "a school-age child has dropped out"),
        bool_column(
            "has_uninsured",
            "是否有家庭成员未参加城乡居民（职工）基本医疗保险",
            "a member lacks basic medical insurance",
        ),
        # income at identification, yuan in the 12 months before
        money_column("wage_income_cny", "工资性收入", "wage income"),
        money_column("business_income_cny", "生产经营性收入", "business income"),
        money_column("property_income_cny", "财产性收入", "property income"),
        money_column("transfer_income_cny", "转移性收入", "transfer income"),
        money_column("business_cost_cny", "生产经营性支出", "business cost"),
        money_column("family_planning_cny", "计划生育金", "family-planning money"),
        money_column("subsistence_allowance_cny", "低保金", "subsistence allowance"),
        money_column("extreme_poverty_support_cny", "特困人员救助供养金", "extreme-poverty support"),
        money_column("pension_cny", "养老保险金", "pension"),
        money_column("ecological_cny", "生态补偿金", "ecological compensation"),
        money_column("other_transfer_cny", "其他转移性收入", "other transfer income"),
        money_column("compliant_self_paid_cny", "合规自付支出", "compliant out-of-pocket spending"),
        money_column(
            "net_income_cny_per_capita", "人均纯收入（元）", "net income per person", "CNY per person per year"
        ),
        # measures, as ticked in the export: items separated by comma
        text_column("measure_industry", "产业帮扶", "industry measures"),
        text_column("measure_employment", "就业帮扶", "employment measures"),
        text_column("measure_finance", "金融帮扶", "finance measures"),
        text_column("measure_public_post", "公益岗位帮扶", "public-post measures"),
        text_column("measure_public_post_note", "公益性岗位帮扶其他备注", "public-post measures, note"),
        text_column("measure_housing", "住房安全保障", "housing measures"),
        text_column("measure_relocation", "搬迁", "relocation measures"),
        text_column("measure_water", "饮水安全保障", "water measures"),
        text_column("measure_living_conditions", "生产生活条件改善", "better living and production conditions"),
        text_column("measure_health", "健康帮扶", "health measures"),
        text_column("measure_compulsory_education", "义务教育保障", "compulsory-education measures"),
        text_column("measure_education", "教育帮扶", "education measures"),
        text_column("measure_security", "综合保障", "social-security measures"),
        text_column("measure_social", "社会帮扶", "social help"),
        text_column("measure_infrastructure", "基础设施建设", "infrastructure measures"),
        text_column("development_measures_state", "实施开发式帮扶措施情况", "state of development measures"),
        # resolution of the risk and what was seen after it
        bool_column("risk_resolved", "风险是否已消除", "risk resolved"),
        date_column("resolved_on", "消除监测时间", "resolved on"),
        text_column("resolved_how", "风险消除方式", "how the risk was resolved", RISK_RESOLUTIONS),
        bool_column("post_dropout", "风险消除后是否义务教育阶段适龄儿童少年失学辍学", "dropout after resolution"),
        bool_column("post_house_damaged", "风险消除后是否住房损毁", "house damaged after resolution"),
        bool_column("post_water_damaged", "风险消除后是否饮水设施损毁", "water facility damaged after resolution"),
        bool_column(
            "post_uninsured", "风险消除后是否有家庭成员未参加基本医疗保险", "member uninsured after resolution"
        ),
        money_column("post_wage_income_cny", "风险消除后工资性收入", "wage income after resolution"),
        money_column("post_business_income_cny", "风险消除后生产经营性收入", "business income after resolution"),
        money_column("post_property_income_cny", "风险消除后财产性收入", "property income after resolution"),
        money_column("post_transfer_income_cny", "风险消除后转移性收入", "transfer income after resolution"),
        money_column("post_business_cost_cny", "风险消除后生产经营性支出", "business cost after resolution"),
        money_column(
            "post_compliant_self_paid_cny", "风险消除后合规自付支出", "out-of-pocket spending after resolution"
        ),
        money_column(
            "post_net_income_cny_per_capita",
            "风险消除后人均纯收入（元）",
            "net income per person after resolution",
            "CNY per person per year",
        ),
        text_column("collector_name", "信息采集人", "information collector"),
        personal_column("collector_phone", "信息采集人联系电话", "collector's phone"),
        # guarantees and living conditions
        bool_column("dangerous_house", "是否危房户", "lives in a dangerous house"),
        text_column("house_grade", "危房级别", "house safety grade", HOUSE_GRADES),
        number_column("house_area_m2", "住房面积", "floor area", "m²"),
        bool_column("safe_water", "是否解决安全饮用水", "has safe drinking water"),
        bool_column("has_electricity", "是否通生活用电", "has household electricity"),
        bool_column("has_sanitary_toilet", "是否有卫生厕所", "has a sanitary toilet"),
        bool_column("toilet_usable", "卫生厕所是否能正常使用", "sanitary toilet works"),
        bool_column("paved_access_road", "入户道路是否硬化", "paved road to the house"),
        number_column("road_distance_km", "与村主干路距离", "distance to the village's main road", "km"),
        number_column("cropland_mu", "耕地面积（亩）", "cropland", "mu"),
        number_column("forest_mu", "林地面积（亩）", "forest land", "mu"),
        number_column("returned_forest_mu", "退耕还林面积（亩）", "farmland returned to forest or grass", "mu"),
        number_column("orchard_mu", "林果面积（亩）", "orchard", "mu"),
        number_column("grassland_mu", "牧草地面积", "grassland", "mu"),
        number_column("water_surface_mu", "水面面积", "water surface", "mu"),
        *PROVENANCE,
    ),
)
