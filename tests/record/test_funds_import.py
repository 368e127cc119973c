"""Funds from a list: shown first, taken once, and whatever is wrong comes back with its sentence."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.urls import reverse

from khotail.funds import importing, receiving
from khotail.funds.models import Entry, Fund
from khotail.funds.problems import AmountUnitMissing, NoListInFile
from tests.record.conftest import BANNER, TOWNSHIP
from tests.record.funds_world import a_fund, a_project, stands

HEADER = ["年度", "资金来源", "文号", "用途", "金额（万元）", "日期", "拨付到", "拨付文号"]
DOC = "演示财农〔2026〕9号"
ROWS = [
    [2026, "中央", DOC, "产业", 100, "2026-03-01", None, None],
    ["2026年", "自治区", DOC, "产业", "20.5", "2026/3/1", None, None],
    [2026, "中央", DOC, "产业", 30, "2026年3月5日", "科尔沁镇", "5号"],
    [2026, "中央", DOC, "产业", 10, "20260306", "P1", "6号"],
]


def workbook(rows, header=HEADER, above=()):
    book = openpyxl.Workbook()
    for row in (*above, header, *rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def listed(tmp_path, officers, now):
    def show(rows, **more):
        path = tmp_path / "list.xlsx"
        path.write_bytes(workbook(rows, **more))
        return importing.preview(path, "list.xlsx", by=officers["banner_officer"], now=now)

    return show


def test_a_list_is_shown_first_then_taken_and_the_second_time_it_changes_nothing(officers, now, listed):
    a_project(officers, now, number="P1")
    found = listed(ROWS, above=(["演示旗 2026 年衔接资金"],))
    assert (found.received, found.received_cny, found.allocated, found.allocated_cny) == (
        2,
        "1205000.00",
        2,
        "400000.00",
    )
    assert not found.rejects and not Fund.objects.exists()
    by = officers["banner_officer"]
    importing.take(importing.Preview.loaded(found.stored()), by=by, now=now)
    fund = Fund.objects.get(source="central")
    assert stands(fund, kind="held", region_code=BANNER) == 600_000
    assert stands(fund, kind="held", region_code=TOWNSHIP) == 300_000
    again = listed(ROWS)
    assert (again.received, again.allocated, again.unchanged, again.rejects) == (0, 0, 4, [])
    importing.take(again, by=by, now=now)
    assert Entry.objects.count() == 4


def test_wrong_rows_come_back_with_a_sentence_and_the_others_are_taken(officers, now, listed):
    a_fund(officers, now, 10, document="旧文号")
    wrong = [
        ["今年", "中央", "a", "", 1, "2026-03-01", None, None], [2026, "月球", "a", "", 1, "2026-03-01", None, None],
        [2026, "中央", "a", "", "一万", "2026-03-01", None, None], [2026, "中央", "a", "", -1, "2026-03-01", None, None],
        [2026, "中央", "a", "", 1, "2026-13-41", None, None], [2026, "中央", "a", "", 1, "2027-03-01", None, None],
        [2026, "中央", "", "", 1, "2026-03-01", None, None], [2026, "中央", "没有", "", 1, "2026-03-01", "科尔沁镇", None],
        [2026, "中央", "旧文号", "", 1, "2026-03-01", "火星镇", None], [2026, "中央", "旧文号", "", 1, "2026-03-01", "科尔沁镇", None],
        [2026, "中央", "旧文号", "", 1, None, "科尔沁镇", None], [2026, "中央", "旧文号", "", 2, "2026-03-01", None, None],
        [2026, "中央", "好", "", 1, "2026-03-01", None, None], [2026, "中央", "好", "", 1, "2026-03-01", None, None],
    ]  # fmt: skip
    found = listed(wrong)
    reasons = {one.row: one.zh for one in found.rejects}
    for row, said in {
        2: "年度", 3: "月球", 4: "不是数字", 5: "大于 0", 6: "2026-13-41", 7: "2027-03-01", 8: "文号", 9: "请先登记到账", 10: "火星镇",
        11: "只剩 10.00 元", 12: "须写明日期", 13: "10.00 元", 15: "与第 14 行相同",
    }.items():  # fmt: skip
        assert said in reasons[row], (row, reasons[row])
    assert found.received == 1 and len(found.rejects) == 13
    back = openpyxl.load_workbook(io.BytesIO(importing.rejects(found))).active
    assert back.max_row == 14 and back.cell(2, back.max_column - 1).value == reasons[2]
    importing.take(found, by=officers["banner_officer"], now=now)
    assert Fund.objects.filter(document="好").exists()


def test_a_file_without_a_list_or_without_the_unit_of_its_amounts_is_told_so(listed):
    with pytest.raises(NoListInFile):
        listed([["a", "b"]], header=["x", "y"])
    with pytest.raises(AmountUnitMissing) as told:
        listed(ROWS, header=[*HEADER[:4], "金额", *HEADER[5:]])
    assert "一万倍" in told.value.text.zh


def test_what_was_reversed_by_hand_does_not_come_back_with_the_list(officers, now, listed):
    by = officers["banner_officer"]
    rows = [ROWS[0], ROWS[2]]
    importing.take(listed(rows), by=by, now=now)
    receiving.reverse(Entry.objects.get(kind="allocated"), "拨错苏木", by=by, now=now)
    found = listed(rows)
    assert (found.unchanged, found.allocated) == (1, 0) and "拨错苏木" in found.rejects[0].zh


def test_the_pages_send_show_take_and_give_back_the_refused_rows(officers, signed_in, now):
    browser = signed_in("banner_officer")
    file = io.BytesIO(workbook([ROWS[0], [2026, "月球", "a", "", 1, "2026-03-01", None, None]]))
    file.name = "资金.xlsx"
    answer = browser.post(reverse("funds_import"), {"file": file})
    assert answer["Location"] == reverse("funds_preview")
    page = browser.get(answer["Location"]).content.decode()
    assert "资金.xlsx" in page and "1,000,000" in page and "月球" in page
    browser.post(reverse("funds_confirm"))
    assert Fund.objects.count() == 1
    assert browser.get(reverse("funds_rejects")).content[:2] == b"PK"
    assert browser.get(reverse("funds_example")).content[:2] == b"PK"
    assert signed_in("village_cadre").get(reverse("funds_import")).status_code == 403
    bad = io.BytesIO(b"not a workbook")
    bad.name = "x.xlsx"
    assert browser.post(reverse("funds_import"), {"file": bad}).status_code == 400
