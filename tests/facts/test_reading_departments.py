"""Department lists know people by ID number; the register says whose household they are."""

from __future__ import annotations

import pytest
from small_lists import delimited, family, id_number, member, table, workbook

from khotail.facts import read
from khotail.facts.problems import BadSource, NoRegister, UnknownFile

MEDICAL = ["参保人姓名", "身份证号", "结算日期", "就诊类别", "合规自付费用"]


def bill(person: str, paid: str = "800", day: str = "2025/3/1", name: str = "示例11") -> dict[str, str | None]:
    return dict(zip(MEDICAL, [name, person, day, "普通住院", paid], strict=True))


@pytest.fixture
def register(tmp_path):
    return workbook(tmp_path / "监测对象信息.xlsx", family(3))


def medical(tmp_path, rows):
    return delimited(tmp_path / "医保自付费用.csv", rows, MEDICAL, encoding="gb18030")


def test_rows_find_their_household_by_id_number(tmp_path, register):
    facts = read(medical(tmp_path, [bill(id_number(11)), bill(id_number(21).lower())]), register)
    assert table(facts, "medical_costs", "household_id", "person_id", "treatment", by="person_id") == [
        ("152221000001", "15222100000101", "住院"),
        ("152221000002", "15222100000201", "住院"),
    ]


def test_rows_that_belong_to_nobody_come_back_with_the_reason(tmp_path, register):
    rows = [bill(id_number(11)), bill(id_number(99)), bill("1.52221E+17"), bill(""), bill(id_number(21), day="去年")]
    (reading,) = [r for r in read(register, medical(tmp_path, rows)).reading if r.source == "medical-insurance"]
    assert reading.rejected == {"not-in-register": 1, "id-destroyed": 1, "id-missing": 1, "unreadable-date-in-key": 1}
    assert (reading.rows, reading.kept) == (5, 1)


def test_two_bills_of_one_day_are_added_up_and_the_same_bill_twice_is_one(tmp_path, register):
    rows = [bill(id_number(11), "800"), bill(id_number(11), "800"), bill(id_number(11), "200")]
    facts = read(register, medical(tmp_path, rows))
    assert table(facts, "medical_costs", "self_paid_cny") == [(1000.0,)]


def test_a_name_that_differs_from_the_register_is_flagged(tmp_path, register):
    facts = read(register, medical(tmp_path, [bill(id_number(11), name="别人")]))
    assert facts.reading[-1].flagged == {"name-differs": 1}


def test_a_disability_card_number_in_the_register_is_found_by_the_id_number(tmp_path):
    register = workbook(tmp_path / "监测对象信息.xlsx", [member(1, 1, 证件号码=id_number(11) + "42")])
    assert read(register, medical(tmp_path, [bill(id_number(11))])).count("medical_costs") == 1


def test_a_list_without_any_register_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(NoRegister) as caught:
        read(medical(tmp_path, [bill(id_number(11))]))
    assert "监测对象信息" in caught.value.text.zh


def test_a_register_read_earlier_serves(tmp_path, register):
    earlier = read(register)
    assert read(medical(tmp_path, [bill(id_number(11))]), register=earlier).count("medical_costs") == 1


@pytest.mark.parametrize(
    ("name", "header", "row", "fact_table"),
    [
        ("民政", "姓名|身份证号码|待遇名称|开始年月|月发放额（元）", "示例11|{id}|低保|202401|520", "benefits"),
        ("残联", "姓名|残疾证号|残疾类别|残疾等级|发证日期", "示例11|{id}42|肢体残疾|二级|2024-01-01", "disabilities"),
        ("教育", "学生姓名|身份证号|学年|学段|是否在读|是否疑似辍学", "示例11|{id}|2024-2025学年|初级中学|否|是", "schooling"),
        ("人社失业登记", "姓名|证件号码|入职日期|离职日期|离职原因", "示例11|{id}|202301|202503|裁员", "employment"),
        ("住建", "户主姓名|户主身份证号|鉴定日期|鉴定等级", "示例11|{id}|2025.3.1|C级", "house_checks"),
        ("水利", "户主姓名|户主身份证号|检查日期|人均日供水量（升）", "示例11|{id}|20250301|35升", "water_checks"),
        ("应急", "户主姓名|户主身份证号|受灾日期|灾害种类|经济损失（万元）", "示例11|{id}|2025-03-01|白灾|2.5", "disaster_losses"),
        ("公安", "姓名|身份证号|发生日期|事件类别", "示例11|{id}|2025-03-01|车祸", "incidents"),
        ("信访", "信访人姓名|身份证号|登记日期|诉求内容", "示例11|{id}|2025-03-01|住房", "incidents"),
        ("牲畜存栏", "户主姓名|户主身份证号|牧业年度|畜种|年末存栏", "示例11|{id}|2025年|绵羊|120只", "livestock"),
        ("产业失败", "户主姓名|户主身份证号|失败时间|项目名称|损失金额", "示例11|{id}|2025-03-01|大棚|20000", "incidents"),
        ("卫健大病患者", "患者姓名|身份证号|就诊日期|疾病名称|总费用|个人自付", "示例11|{id}|2025-03-01|肺癌|90000|30000", "medical_costs"),
        ("农户收入台账", "户主姓名|户主身份证号|收入年度|工资性收入|转移性收入", "示例11|{id}|2025|1万|2,000", "incomes"),
        ("公益性岗位", "姓名|身份证号|上岗时间|岗位补贴", "示例11|{id}|2025-01-01|800", "benefits"),
        ("帮扶措施", "户主姓名|户主身份证号|措施类别|开始日期", "示例11|{id}|产业帮扶|2025-01-01", "measures"),
    ],
)  # fmt: skip
def test_every_departments_list_is_known_by_its_headers(tmp_path, register, name, header, row, fact_table):
    columns = header.split("|")
    cells = dict(zip(columns, row.format(id=id_number(11)).split("|"), strict=True))
    facts = read(register, delimited(tmp_path / f"{name}.csv", [cells], columns))
    assert facts.count(fact_table) == 1
    assert table(facts, fact_table, "household_id") == [("152221000001",)]
    assert not facts.reading[-1].unknown
    assert not facts.reading[-1].flagged


OWN = """
id: herders-cooperative
name: {zh: 合作社分红, en: Cooperative dividends}
kind: department
tables: {benefits: [paid_from, programme, once_cny]}
titles: [分红]
needs: [once_cny, paid_from]
headers: {once_cny: [分红金额], paid_from: [分红日期]}
constants: {programme: 其他}
"""


def test_a_banner_adds_a_list_of_its_own_without_code(tmp_path, register):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "coop.yaml").write_text(OWN, encoding="utf-8")
    header = ["姓名", "身份证号", "分红日期", "分红金额"]
    rows = [dict(zip(header, ["示例11", id_number(11), "20250301", "500"], strict=True))]
    dividends = delimited(tmp_path / "分红.csv", rows, header)
    with pytest.raises(UnknownFile):
        read(register, dividends)
    facts = read(register, dividends, sources=tmp_path / "own")
    assert table(facts, "benefits", "programme", "once_cny") == [("其他", 500.0)]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("once_cny]", "once_cn]", "once_cny"),
        ("tables:", "tabels:", "tables"),
        ("kind: department", "kind: office", "register"),
        ("}", "}}", "YAML"),
    ],
)
def test_a_typo_in_a_mapping_is_told_with_file_line_and_the_nearest_name(tmp_path, register, old, new, says):
    (tmp_path / "coop.yaml").write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadSource) as caught:
        read(register, sources=tmp_path / "coop.yaml")
    assert "coop.yaml" in caught.value.text.en
    assert says in caught.value.text.en
    assert caught.value.exit_code == 4
