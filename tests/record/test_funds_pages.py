"""Money, projects and assets in the desk: from a document to what a household got by it."""

from __future__ import annotations

import html
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khotail.funds.models import Asset, Entry, Fund, Milestone, Participation, Payment, Project
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE
from tests.record.funds_world import DOCUMENT, a_fund, a_project, given, stands

FUND = {
    "source": "central", "year": "2026", "document": DOCUMENT, "task": "产业", "amount": "1000", "on": "2026-03-02",
    "region_code": BANNER,
}  # fmt: skip
PROJECT = {
    "name": "演示肉羊育肥", "kind": "industry", "year": "2026", "number": "", "region_code": TOWNSHIP, "department": "agriculture",
    "villages": [VILLAGE], "planned_cny": "500", "starts_on": "2026-03-02", "ends_on": "2026-12-01", "aims": "",
}  # fmt: skip


def page(answer) -> str:
    assert answer.status_code in (200, 400, 403, 409), answer.status_code
    return html.unescape(answer.content.decode())


def do(browser, address: str, pk: int, deed: str, **values):
    return browser.post(reverse(address, args=[pk, deed]), values)


def test_from_the_document_to_the_household_and_the_asset(officers, household, signed_in, now):
    browser, reviewer = signed_in("banner_officer"), signed_in("banner_reviewer")
    assert "Enter what came in" in page(browser.get(reverse("funds")))
    fund = Fund.objects.get(pk=int(browser.post(reverse("fund_add"), FUND)["Location"].split("/")[-2]))
    again = browser.post(reverse("fund_add"), FUND)
    assert again.status_code == 409 and "is on record since 2026-03-02" in page(again)
    project = Project.objects.get(pk=int(browser.post(reverse("project_add"), PROJECT)["Location"].split("/")[-2]))
    passed = {"holder": BANNER, "to": f"p{project.pk}", "amount": "400", "on": "2026-03-05", "document": "5号"}
    browser.post(reverse("fund_allocate", args=[fund.pk]), passed)
    assert "400 CNY" in page(browser.get(reverse("fund", args=[fund.pk])))
    too_much = browser.post(reverse("fund_allocate", args=[fund.pk]), {**passed, "amount": "601", "document": "6号"})
    assert too_much.status_code == 409 and "600.00 CNY left" in page(too_much)
    do(browser, "project_do", project.pk, "begin", on="2026-03-06")
    do(browser, "project_do", project.pk, "milestone", title="供水接通", department="water", due_on="2026-04-01")
    milestone = Milestone.objects.get()
    assert "供水接通" in page(browser.get(reverse("milestones")))
    do(browser, "milestone_do", milestone.pk, "finish", on="2026-04-01", said="通水")
    asked = {"fund": fund.pk, "amount": "150", "payee": "演示建筑公司", "purpose": "第一期", "key": "k" * 32}
    do(browser, "project_do", project.pk, "pay", **asked)
    payment = Payment.objects.get()
    own = page(browser.get(reverse("payment", args=[payment.pk])))
    assert "somebody else approves it" in own and "Take it back" in own and ">Approve<" not in own
    assert do(browser, "payment_do", payment.pk, "approve").status_code == 403
    assert "They wait for you" in page(reviewer.get(reverse("payments")))
    assert "Payments to approve" in page(reviewer.get("/"))
    do(reviewer, "payment_do", payment.pk, "approve")
    refused = do(browser, "project_do", project.pk, "pay", **{**asked, "amount": "250.01", "key": "l" * 32})
    assert refused.status_code == 409 and "250.00 CNY are left" in page(refused) and "250.01" in page(refused)
    rows = {"numbers": "D0001\nD9999", "tie": "wage", "promised": "3000", "since": "2026-03-06"}
    told = page(browser.post(reverse("project_households", args=[project.pk]), rows, follow=True))
    assert "1 household added" in told and "D9999" in told and "演示甲" in told
    do(browser, "project_tie_do", Participation.objects.get().pk, "earned", year="2026", amount="2800")
    card = {
        "on": "2026-05-01",
        "technology": "2",
        "technology_note": "缺兽医",
        "facilities": "4",
        "marketing": "3",
        "talent": "3",
    }
    do(browser, "project_do", project.pk, "examine", **card)
    assert "缺兽医" in page(browser.get(reverse("industry")))
    do(browser, "project_do", project.pk, "accept", on="2026-05-20", found="合格")
    value = {
        "name": "冷库",
        "kind": "operating",
        "value": "120",
        "region_code": VILLAGE,
        "keeper_kind": "collective",
        "keeper": "演示合作社",
        "on": "2026-05-21",
    }
    do(browser, "project_do", project.pk, "asset", **value)
    asset = Asset.objects.get()
    do(browser, "project_asset_do", asset.pk, "look", on="2026-05-22", condition="good", is_used="no", said="没有货源")
    village = signed_in("village_cadre")
    seen = page(village.get(reverse("project", args=[project.pk])))
    assert all(
        words in seen for words in ("演示肉羊育肥", "第一期", "供水接通", "演示甲", "缺兽医", "冷库", "idle since")
    )
    assert (
        "Ask for a payment" not in seen
        and village.post(reverse("project_do", args=[project.pk, "begin"])).status_code == 403
    )
    for key in ("village_cadre", "banner_officer"):
        assert "演示肉羊育肥" in page(signed_in(key).get(reverse("household", args=[household.pk])))
    totals = page(browser.get(reverse("fund_totals")))
    assert "15.0 %" in totals and "100.0 %" in totals and "difference 0 CNY" in totals


def test_an_entry_is_reversed_on_its_page_with_a_reason(officers, signed_in, now):
    browser, fund = signed_in("banner_officer"), a_fund(officers, now)
    address = reverse("entry_reverse", args=[Entry.objects.get().pk])
    assert browser.post(address, {"reason": ""}).status_code == 400
    assert browser.post(address, {"reason": "金额录错"})["Location"] == reverse("fund", args=[fund.pk])
    assert "金额录错" in page(browser.get(reverse("fund", args=[fund.pk])))
    assert browser.post(address, {"reason": "再冲"}).status_code == 409
    assert signed_in("banner_reviewer").get(address).status_code == 403
    assert signed_in("neighbour").get(address).status_code == 404


@pytest.mark.parametrize(
    "name", ["funds", "projects", "payments", "milestones", "project_assets", "industry", "fund_totals"]
)
def test_lists_ask_few_questions_and_can_be_exported_and_filtered(officers, signed_in, now, name):
    fund = a_fund(officers, now, 10_000)
    browser = signed_in("banner_officer")
    for number in range(3):
        given(fund, a_project(officers, now, number=f"P{number}"), officers, now, 100 + number)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert browser.get(reverse(name)).status_code == 200
    for number in range(3, 12):
        given(fund, a_project(officers, now, number=f"P{number}"), officers, now, 100 + number)
    with CaptureQueriesContext(connection) as more:
        assert browser.get(reverse(name), {"year": "2026", "state": "nonsense", "kind": "\x00"}).status_code == 200
    assert len(more) <= len(few) + 2
    workbook = openpyxl.load_workbook(
        io.BytesIO(b"".join(browser.get(reverse(name), {"export": "xlsx"}).streaming_content))
    )
    assert workbook.active.max_column > 5
    assert signed_in("helper").get(reverse(name)).status_code == 403


def test_a_fund_is_seen_where_its_money_went_and_its_workbook_holds_every_movement(officers, signed_in, now):
    fund, project = a_fund(officers, now), a_project(officers, now)
    township = signed_in("township_officer")
    assert township.get(reverse("fund", args=[fund.pk])).status_code == 404
    given(fund, project, officers, now, 400)
    assert "400 CNY" in page(township.get(reverse("fund", args=[fund.pk])))
    answer = signed_in("banner_officer").get(reverse("fund", args=[fund.pk]), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [row[4] for row in sheet.iter_rows(min_row=2, values_only=True)] == [400, 1000]
    assert stands(fund, project) == Decimal(400)
