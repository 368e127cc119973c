"""Villages."""

from __future__ import annotations

from khotail.facts.schema.columns import PROVENANCE, Table, bool_column, int_column, number_column, text_column

VILLAGES = Table(
    "villages",
    "行政村",
    "Villages",
    ("region_code",),
    (
        text_column("region_code", "行政区划代码", "12-digit region code"),
        text_column("township_name", "乡镇", "township"),
        text_column("village_name", "行政村", "village"),
        bool_column("delisted", "是否出列", "taken off the list of poor villages"),
        int_column("village_households", "总户数", "households", "households"),
        int_column("village_population", "总人口数", "population", "persons"),
        int_column("village_subsistence_households", "低保户数", "households on subsistence allowance", "households"),
        int_column("village_subsistence_persons", "低保人口数", "persons on subsistence allowance", "persons"),
        int_column(
            "village_extreme_poverty_persons", "特困供养人口数", "persons on extreme-poverty support", "persons"
        ),
        int_column("village_disabled_persons", "残疾人口数", "disabled persons", "persons"),
        int_column(
            "village_pension_insured", "参加城乡居民基本养老保险人数", "persons in pension insurance", "persons"
        ),
        number_column("village_collective_income_10k", "村级集体经济收入（万元）", "collective income", "10,000 CNY"),
        int_column("village_primary_schools", "村小学（个数）", "primary schools"),
        int_column("village_clinics", "行政村卫生室个数", "clinics"),
        int_column("village_doctors", "行政村执业（助理）医师（人）", "licensed doctors", "persons"),
        int_column("village_public_toilets", "行政村公共卫生厕所个数", "public toilets"),
        int_column("village_waste_points", "行政村生产生活垃圾集中堆放点个数（个）", "waste points"),
        int_column("village_reading_rooms", "行政村文化（图书）室个数 （个）", "reading rooms"),
        bool_column("village_bus", "是否通客运班车", "has a bus"),
        bool_column("village_paved_road", "到乡镇是否通沥青（水泥）路", "paved road to the township"),
        int_column(
            "village_unsafe_water_households", "未实现饮水安全户数", "households without safe water", "households"
        ),
        int_column("village_dangerous_house_households", "危房户数", "households in dangerous houses", "households"),
        number_column("village_cropland_mu", "村耕地面积（亩）", "cropland", "mu"),
        number_column("village_forest_mu", "村林地面积（亩）", "forest land", "mu"),
        number_column("village_returned_forest_mu", "村退耕还林面积（亩）", "farmland returned to forest", "mu"),
        number_column("village_orchard_mu", "村林果面积（亩）", "orchard", "mu"),
        number_column("village_grassland_mu", "村牧草地面积（亩）", "grassland", "mu"),
        number_column("village_water_surface_mu", "村水面面积（亩）", "water surface", "mu"),
        *PROVENANCE,
    ),
)
