"""The national exports: from member rows to households and persons, whatever the file looks like."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest
import xlwt
from small_lists import HEADER, delimited, family, id_number, member, table, workbook

from khotail.facts import read


def test_member_rows_become_one_household_row_and_all_members(tmp_path):
    facts = read(workbook(tmp_path / "a.xlsx", family(3)))
    assert table(facts, "households", "household_id", "region_code", "household_type", "identified_on") == [
        (f"15222100000{n}", "152221100200", "脱贫户", date(2022, 10, 1)) for n in (1, 2, 3)
    ]
    assert facts.count("persons") == 6
    assert table(facts, "persons", "sex", "birth_date", by="person_id")[0] == ("男", date(1990, 1, 1))
    (reading,) = facts.reading
    assert (reading.source, reading.header_row, reading.rows, reading.kept) == ("national-monitored", 3, 6, 6)
    assert reading.as_of == date(2025, 10, 31)
    assert not reading.rejected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_same_facts_come_out_of_every_encoding(tmp_path, encoding):
    facts = read(delimited(tmp_path / "监测对象信息.csv", family(2), encoding=encoding))
    assert facts.count("persons") == 4
    assert table(facts, "persons", "name", by="person_id")[0] == ("示例11",)


def test_an_old_xls_workbook_is_read(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("监测对象信息")
    sheet.write(0, 0, "监测对象信息表")
    for number, row in enumerate([dict(zip(HEADER, HEADER, strict=True)), *family(2)], 1):
        for at, name in enumerate(HEADER):
            sheet.write(number, at, row[name])
    book.save(str(tmp_path / "旧表.xls"))
    assert read(tmp_path / "旧表.xls").count("persons") == 4


def test_parquet_is_read_like_a_workbook(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(family(2)), tmp_path / "监测对象信息.parquet")
    assert read(tmp_path / "监测对象信息.parquet").count("persons") == 4


def test_cells_merged_over_a_households_rows_are_filled_down(tmp_path):
    path = workbook(tmp_path / "a.xlsx", family(3))
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for column in (1, 2, 3, 9):
        sheet.merge_cells(start_row=4, end_row=9, start_column=column, end_column=column)
    for row in (4, 6, 8):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=4, end_column=4)
    book.save(path)
    facts = read(path)
    assert {row[0] for row in table(facts, "households", "village_name")} == {"远征村"}
    assert facts.count("households") == 3
    assert facts.count("persons") == 6
    assert not facts.reading[0].rejected


def test_a_table_that_does_not_begin_in_column_a_keeps_its_merged_cells(tmp_path):
    plain = workbook(tmp_path / "a.xlsx", family(1))
    book = openpyxl.load_workbook(plain)
    book.active.move_range("A1:R10", rows=1, cols=2)
    book.active.merge_cells("F5:F6")
    book.save(tmp_path / "b.xlsx")
    assert table(read(tmp_path / "b.xlsx"), "persons", "household_id") == [("152221000001",), ("152221000001",)]


def test_renamed_and_reordered_headers_change_nothing(tmp_path):
    other = {
        "户编号": "户编码",
        "证件号码": "身份证\n号码",
        "乡(镇)": "苏木乡镇",
        "人数": " 家庭人口 ",
        "工资性收入": "工资性收入（元）",
    }
    header = [other.get(name, name) for name in reversed(HEADER)]
    rows = [{other.get(name, name): cell for name, cell in row.items()} for row in family(2)]
    shuffled, plain = read(workbook(tmp_path / "b.xlsx", rows, header)), read(workbook(tmp_path / "a.xlsx", family(2)))
    for name in ("households", "persons"):
        columns = sorted(plain.tables[name] - {"source"})
        assert table(shuffled, name, *columns) == table(plain, name, *columns)
    assert not shuffled.reading[0].unknown


def test_an_unknown_header_gets_suggestions_and_the_rest_is_read(tmp_path):
    header = ["健康状况况" if name == "健康状况" else name for name in HEADER]
    facts = read(workbook(tmp_path / "a.xlsx", family(1), header))
    (unknown,) = facts.reading[0].unknown
    assert unknown.header == "健康状况况"
    assert "健康状况" in unknown.suggestions
    assert "健康状况" in facts.reading[0].missing


def test_a_unit_in_the_header_is_converted(tmp_path):
    header = ["工资性收入（万元）" if name == "工资性收入" else name for name in HEADER]
    rows = [member(1, 1, **{"工资性收入（万元）": "1.2"})]
    assert table(read(workbook(tmp_path / "a.xlsx", rows, header)), "households", "wage_income_cny") == [(12000.0,)]


def test_identical_rows_are_dropped_and_contradicting_rows_come_back(tmp_path):
    rows = [*family(2), member(1, 1), member(2, 2, 健康状况="残疾")]
    facts = read(workbook(tmp_path / "a.xlsx", rows))
    assert facts.count("persons") == 4
    assert facts.reading[0].dropped == {"duplicate-row": 1}
    assert facts.reading[0].rejected == {"key-conflict": 1}
    assert facts.reading[0].kept == 4


def test_household_cells_that_differ_between_members_are_flagged(tmp_path):
    facts = read(workbook(tmp_path / "a.xlsx", [member(1, 1), member(1, 2, 人数="3")]))
    assert table(facts, "households", "stated_size") == [(2,)]
    assert facts.reading[0].flagged == {"household-conflict": 1}


def test_a_row_without_a_household_number_comes_back(tmp_path):
    facts = read(
        workbook(tmp_path / "a.xlsx", [member(1, 1), member(2, 1, 户编号=None), member(3, 1, 户编号="1.5E+11")])
    )
    assert facts.reading[0].rejected == {"household-number-missing": 1, "number-destroyed": 1}
    assert facts.count("households") == 1


def test_a_destroyed_id_number_is_emptied_and_the_person_kept(tmp_path):
    rows = [member(1, 1, 证件号码="1.52221E+17"), member(1, 2, 证件号码=id_number(7)[:15] + "000")]
    facts = read(workbook(tmp_path / "a.xlsx", rows))
    assert table(facts, "persons", "id_number") == [(None,), (None,)]
    assert facts.reading[0].flagged == {"id-destroyed": 2}


def test_a_person_in_two_households_stays_in_both(tmp_path):
    twice = id_number(55)
    facts = read(workbook(tmp_path / "a.xlsx", [member(1, 1, 证件号码=twice), member(2, 1, 证件号码=twice)]))
    assert facts.count("persons") == 2


def test_without_person_numbers_members_get_numbers_that_do_not_tell_their_id(tmp_path):
    header = [name for name in HEADER if name != "人编号"]
    rows = family(2)
    first = table(read(workbook(tmp_path / "a.xlsx", rows, header)), "persons", "person_id", "id_number")
    again = table(read(workbook(tmp_path / "b.xlsx", rows[::-1], header)), "persons", "person_id", "id_number")
    assert first == again
    assert len({person for person, _ in first}) == 4
    assert all(number[6:] not in person for person, number in first)


def test_an_unknown_village_is_flagged_with_the_nearest_name_and_keeps_the_townships_code(tmp_path):
    facts = read(workbook(tmp_path / "a.xlsx", [member(1, 1, 行政村="远怔村"), member(2, 1, **{"乡(镇)": "不存在镇"})]))
    assert table(facts, "households", "region_code", by="household_id") == [("152221100000",), ("152221000000",)]
    assert facts.reading[0].flagged == {"unknown-region": 2}


def test_totals_and_repeated_headers_are_no_data(tmp_path):
    repeated = dict(zip(HEADER, HEADER, strict=True))
    total = {"县(市、区、旗)": "合计", "人数": "4"}
    facts = read(workbook(tmp_path / "a.xlsx", [*family(1), repeated, *family(2)[2:], total]))
    assert facts.count("persons") == 4
    assert facts.reading[0].rejected == {"total-row": 1}
    assert facts.reading[0].dropped == {"repeated-header": 1}


def test_construction_columns_complete_the_same_households(tmp_path):
    header = ["户编号", "户类型", "是否解决安全饮用水", "是否有卫生厕所", "住房面积"]
    rows = [
        {
            "户编号": "152221000001",
            "户类型": "脱贫户",
            "是否解决安全饮用水": "否",
            "是否有卫生厕所": "√",
            "住房面积": "80㎡",
        }
    ]
    construction = workbook(tmp_path / "b.xlsx", rows, header, titles=("乡村建设户信息",), sheet="乡村建设户信息")
    facts = read(workbook(tmp_path / "a.xlsx", family(2)), construction)
    assert table(facts, "households", "household_id", "has_sanitary_toilet", "house_area_m2", "monitored_type") == [
        ("152221000001", True, 80.0, "脱贫不稳定户"),
        ("152221000002", None, None, "脱贫不稳定户"),
    ]


def test_work_and_village_exports_are_read(tmp_path):
    work = workbook(
        tmp_path / "b.xlsx",
        [{"户编号": "152221000001", "证件号码": id_number(11), "是否已务工": "是", "务工月收入": "4000", "开始时间": "202502"}],
        ["户编号", "证件号码", "是否已务工", "务工月收入", "开始时间"], titles=("已外出务工信息表",), sheet="已外出务工信息",
    )  # fmt: skip
    villages = workbook(
        tmp_path / "c.xlsx", [{"县": "科右前旗", "乡": "科尔沁镇", "村": "远征嘎查村委会", "总户数": "210户", "是否出列": "是"}],
        ["县", "乡", "村", "总户数", "是否出列"], titles=(), sheet="行政村信息",
    )  # fmt: skip
    facts = read(villages, work, workbook(tmp_path / "a.xlsx", family(1)))
    assert table(facts, "work_records", "person_id", "record_kind", "monthly_pay_cny") == [
        ("15222100000101", "已外出务工", 4000.0)
    ]
    assert table(facts, "villages", "region_code", "village_households") == [("152221100200", 210)]
