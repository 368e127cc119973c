"""Cells of every kind: what is understood, what is mended, what is flagged."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khotail.facts.reading.cleaning import ARROW_TYPES, clean, clean_columns, cleaner
from khotail.facts.schema import TABLES

connection = cleaner()


def cleaned(table: str, column: str, *cells: str | None):
    result = clean(connection, TABLES[table].column(column), pa.array(cells, pa.string()))
    reasons = [None] * len(cells) if result.reasons is None else result.reasons.to_pylist()
    return list(zip(result.values.to_pylist(), reasons, strict=True))


@pytest.mark.parametrize("cell", ["202210", "2022-10", "2022.10", "2022/10/1", "2022.10.01", "2022年10月", "2022年10月1日", "20221001", "44835", "44835.0", "2022-10-01 00:00:00", "2022/10/1 8:30", "２０２２１０", " 202210 ", "2022－10－01"])  # fmt: skip
def test_one_day_in_many_forms(cell):
    assert cleaned("households", "identified_on", cell)[0][0] == date(2022, 10, 1)


@pytest.mark.parametrize("cell", ["202213", "2022", "去年", "20220231", "10/1/2022", "99999999", "1"])
def test_what_is_no_day_is_flagged(cell):
    assert cleaned("households", "identified_on", cell) == [(None, "flagged:unreadable-date")]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,200元", 1200), ("3.5万", 35000), ("１２００", 1200), ("-5", -5), ("¥12.50", 12.5), ("1e3", 1000), ("0", 0)],
)
def test_amounts(cell, value):
    assert cleaned("households", "wage_income_cny", cell)[0][0] == value


def test_land_and_distance_in_other_units():
    assert cleaned("households", "cropland_mu", "2公顷", "12.5亩") == [
        (30.0, "mended:number-form"),
        (12.5, "mended:number-form"),
    ]
    assert cleaned("households", "road_distance_km", "500米")[0][0] == 0.5


@pytest.mark.parametrize("cell", ["", "/", "-", "—", "空", "无", "　", "／", "N/A"])
@pytest.mark.parametrize(("table", "column"), [("households", "wage_income_cny"), ("households", "risk_2"), ("persons", "ethnicity"), ("persons", "birth_date"), ("persons", "id_number")])  # fmt: skip
def test_words_for_nothing_are_empty(table, column, cell):
    assert cleaned(table, column, cell) == [(None, None)]


def test_none_is_kept_where_it_is_a_value():
    assert cleaned("persons", "dropout_reason", "无")[0][0] == "无"
    assert cleaned("persons", "subsistence_status", "无")[0][0] == "未享受"
    assert cleaned("households", "safe_water", "无")[0][0] is False


def test_codes_take_the_registers_spelling_and_unknown_ones_stay():
    assert cleaned("persons", "labour", "普通劳动", "技能劳动能力", " 无劳动力") == [
        ("普通劳动力", "mended:code-spelling"), ("技能劳动力", "mended:code-spelling"), ("无劳动力", "mended:tidied")
    ]  # fmt: skip
    assert cleaned("households", "risk_1", "务工就业不稳", "因故") == [
        ("因务工就业不稳", "mended:code-spelling"), ("因故", "flagged:unknown-code")
    ]  # fmt: skip


def test_yes_and_no():
    assert [value for value, _ in cleaned("households", "safe_water", "是", "√", "1", "有", "否", "×", "0", "没有", "？")] == [
        True, True, True, True, False, False, False, False, None
    ]  # fmt: skip


def test_names_and_lists_are_tidied():
    assert cleaned("persons", "name", "张　三", "Bat Erdene", "李·四")[0][0] == "张三"
    assert cleaned("persons", "name", "Bat Erdene")[0] == ("Bat Erdene", None)
    assert cleaned("persons", "public_post", "护林员、保洁员；护路员")[0][0] == "护林员,保洁员,护路员"


def test_a_column_that_excel_went_over_is_destroyed_as_a_whole():
    rounded = [f"15222119900101{n:01d}000" for n in range(10)] + [f"15222119910101{n:01d}000" for n in range(10)]
    rounded += [f"15222119920101{n:01d}000" for n in range(10)]
    assert {value for value, _ in cleaned("persons", "id_number", *rounded)} == {None}


ALL = [column for table in TABLES.values() for column in table.columns]
cells = st.lists(
    st.one_of(st.none(), st.text(max_size=30), st.from_regex(r"[0-9.,/年月Ee+\-xX元万亩]{1,20}", fullmatch=True)),
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(cells)
def test_no_text_in_any_column_breaks_cleaning(texts):
    raw = pa.array([None if text is None else text.encode("utf-8", "replace").decode() for text in texts], pa.string())
    for column, result in zip(ALL, clean_columns(connection, [(column, raw, 1) for column in ALL]), strict=True):
        assert len(result.values) == len(texts)
        assert result.values.type == ARROW_TYPES[column.kind]


@settings(max_examples=50, deadline=None)
@given(
    st.dates(date(1950, 1, 1), date(2030, 12, 31)),
    st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日"]),
)
def test_every_day_survives_every_form(day, form):
    assert cleaned("persons", "birth_date", day.strftime(form))[0][0] == day


@settings(max_examples=50, deadline=None)
@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_every_amount_survives(amount):
    assert cleaned("households", "wage_income_cny", repr(amount))[0][0] == amount
