"""No ID number, phone number or bank card in full outside the register."""

from __future__ import annotations

import duckdb
import pytest

from khotail.facts.identity import masked
from khotail.facts.masking import masked_text, masked_value, masked_value_sql

SAID = [
    ("证件号码 152221198003071243 有误", "证件号码 152221********1243 有误"),
    ("证件号码 152221800307124", "证件号码 152221*****7124"),
    (
        "残疾证 15222119800307124343，旧证 1522211980030712434344",
        "残疾证 152221**********4343，旧证 152221************4344",
    ),
    ("152221198003071243,152221198003071251", "152221********1243,152221********1251"),
    ("电话 13904791234、13904791235", "电话 139****1234、139****1235"),
    ("卡号 6228480402564890018", "卡号 622848*********0018"),
    ("自付 35,000 元，户编号 1522210000001262", "自付 35,000 元，户编号 1522210000001262"),
    ("收入 13904791234.50 元", "收入 13904791234.50 元"),
]


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_numbers_of_persons_in_a_sentence_are_masked(text, expected):
    assert masked_text(text) == expected


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("employer", text) for text, _ in SAID),
        ("id_number", "1.52221E+17"),
        ("helper_id_number", "1234"),
        ("id_number", "152221199001011234"),
        ("person_phone", "13904791234"),
        ("person_phone", "0482-1234"),
        ("person_phone", "1234567"),
        ("wage_income_cny", "12000.0"),
    ],
)
def test_the_engine_masks_as_the_report_does(column, value):
    sql = f"SELECT {masked_value_sql('k', 'v')} FROM (SELECT ? AS k, ? AS v)"
    assert duckdb.execute(sql, [column, value]).fetchall() == [(masked_value(column, value),)]


def test_a_broken_id_number_is_masked_too():
    assert masked("1.52221E+17") == "1.5222*E+17"
    assert masked("1234") == "****"
