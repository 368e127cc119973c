"""Pages of partners in the desk, and of published needs for everybody."""

from __future__ import annotations

import html
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khotail.partners import actions
from khotail.partners.models import Need, Pairing, Pledge, Sale, SocialHelper
from khotail.partners.receipts import receipt_of
from khotail.portal import floods, places
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE
from tests.record.test_partners import helped, needed, paired, pledged


@pytest.fixture(autouse=True)
def no_messages(settings):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"
    settings.KHOTAIL_BANNER = BANNER
    places.forget()
    yield
    places.forget()


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def officer(officers):
    return officers["banner_officer"]


@pytest.fixture
def browser(signed_in) -> Client:
    return signed_in("banner_officer")


def page(answer) -> str:
    return html.unescape(answer.content.decode())


def done(browser: Client, thing: str, pk: int, deed: str, /, **posted: object) -> str:
    """Do a deed and read the page after it."""
    answer = browser.post(reverse(f"{thing}_do", args=[pk, deed]), posted, follow=True)
    assert answer.status_code == 200, page(answer)
    return page(answer)


def test_a_pairing_from_its_beginning_to_its_follower(browser, now):
    today = timezone.localdate(now)
    assert "No pairing here." in page(browser.get(reverse("pairings")))
    said = {
        "kind": "beijing",
        "supporting": "北京市演示区",
        "supported": "演示旗",
        "region_code": BANNER,
        "since": "2024-01-01",
    }
    browser.post(reverse("pairing_add"), said)
    pairing = Pairing.objects.get()
    agreed = {"title": "协议", "signed_on": "2024-01-02", "starts_on": "2024-01-02", "ends_on": "2027-01-01"}
    paper = io.BytesIO(b"%PDF-1.7\n%%EOF")
    paper.name = "a.pdf"
    done(browser, "pairing", pairing.pk, "agreement", **agreed, file=paper)
    agreement = pairing.agreements.get()
    assert browser.get(reverse("agreement_paper", args=[agreement.pk])).content.startswith(b"%PDF")
    done(browser, "pairing", pairing.pk, "promise", agreement=agreement.pk, year=2025, jobs=100, money_cny="30000000")
    text = done(browser, "pairing", pairing.pk, "year", year=2025, jobs=80, money_cny="30000000")
    assert "80 %" in text and "100 %" in text and "30,000,000" in text
    done(browser, "pairing", pairing.pk, "contact", on=today, way="phone", words="问候")
    text = done(
        browser, "pairing", pairing.pk, "follow", supporting="北京市新区", kind="beijing", on=today, reason="调整"
    )
    assert "北京市新区" in text
    assert "北京市演示区" in page(
        browser.get(reverse("pairing", args=[Pairing.objects.get(supporting="北京市新区").pk]))
    )
    assert "data-chart" in page(browser.get(reverse("pairings")))
    assert browser.get(reverse("pairings"), {"export": "xlsx"}).status_code == 200


def test_what_an_action_refuses_is_given_back_with_its_sentence(browser, officer, now):
    pairing = paired(officer, now)
    address = reverse("pairing_do", args=[pairing.pk, "year"])
    answer = browser.post(address, {"year": 2001, "jobs": 7, "note": "我写的话"})
    assert answer.status_code == 400 and "lies outside its time" in page(answer) and "我写的话" in page(answer)
    answer = browser.post(address, {"year": "二零二五", "money_cny": "很多"})
    assert answer.status_code == 400
    actions.end(pairing, timezone.localdate(now) - timedelta(days=1), "到期", by=officer, now=now)
    answer = browser.post(reverse("pairing_do", args=[pairing.pk, "end"]), {"on": "2026-01-01", "reason": "我写的话"})
    assert answer.status_code == 409 and "我写的话" in page(answer), "also when the deed is no longer offered"
    assert browser.post(reverse("pairing_do", args=[pairing.pk, "nothing"])).status_code == 404


def test_a_helper_pledges_and_the_need_is_matched_filled_and_told(browser, now):
    browser.post(
        reverse("helper_social_add"),
        {"kind": "firm", "name": "演示公司", "region_code": BANNER, "phone": "13912345678"},
    )
    helper = SocialHelper.objects.get()
    text = page(browser.get(reverse("helper_social", args=[helper.pk])))
    assert "13912345678" not in text and "5678" in text
    assert "13912345678" in page(browser.post(reverse("helper_social_phone", args=[helper.pk])))
    said = {"kind": "goods", "title": "冬衣", "quantity": "50", "unit": "件", "region_code": VILLAGE}
    browser.post(reverse("need_add"), said)
    need = Need.objects.get()
    answer = browser.post(reverse("need_do", args=[need.pk, "publish"]), {"title": "冬衣"})
    assert answer.status_code == 400 and "Confirm first" in page(answer)
    done(browser, "need", need.pk, "publish", title="冬衣", has_read="on")
    done(browser, "helper_social", helper.pk, "pledge", **said | {"region_code": BANNER})
    pledge = Pledge.objects.get()
    assert "演示公司" in page(browser.get(reverse("need", args=[need.pk]))), "suggested"
    done(browser, "pledge", pledge.pk, "match", need=need.pk)
    done(browser, "pledge", pledge.pk, "receive", on=timezone.localdate(now), quantity="50")
    done(browser, "pledge", pledge.pk, "result", result="孩子们穿上了冬衣")
    assert Need.objects.get().state == "filled"
    sheet = page(browser.get(reverse("pledge_sheet", args=[pledge.pk])))
    assert receipt_of(pledge) in sheet and "孩子们穿上了冬衣" in sheet
    for name in ("helpers_social", "needs", "pledges"):
        assert browser.get(reverse(name)).status_code == 200
        assert browser.get(reverse(name), {"export": "xlsx"}).status_code == 200


def test_overdue_pledges_have_their_list(browser, officer, now):
    helper, today = helped(officer, now), timezone.localdate(now)
    pledged(officer, now, helper, title="迟到的冬衣", due_on=today - timedelta(days=1))
    pledged(officer, now, helper, title="未到期的课桌", due_on=today)
    text = page(browser.get(reverse("pledges"), {"state": "late"}))
    assert "迟到的冬衣" in text and "未到期的课桌" not in text


def test_orders_are_recorded_shared_and_cancelled(browser, now, household):
    today = timezone.localdate(now)
    assert "No product is entered yet." in page(browser.get(reverse("sale_add")))
    browser.post(reverse("product_add"), {"name": "演示牛肉", "unit": "kg", "region_code": VILLAGE})
    form = page(browser.get(reverse("sale_add")))
    assert "演示牛肉" in form
    said = {"product": 1, "on": today, "quantity": "10", "amount_cny": "800", "channel": "fair", "key": "k"}
    said["product"] = Sale._meta.get_field("product").related_model.objects.get().pk
    browser.post(reverse("sale_add"), said)
    browser.post(reverse("sale_add"), said)
    sale = Sale.objects.get()
    assert "演示甲" in done(browser, "sale", sale.pk, "share", household_number="D0001", income_cny="300")
    text = page(browser.get(reverse("sales"), {"year": str(today.year), "channel": "fair", "text": "牛肉"}))
    assert "800" in text and "300" in text
    done(browser, "sale", sale.pk, "cancel", reason="退货")
    assert "Cancelled" in page(browser.get(reverse("sales")))
    for odd in ({"year": "９９"}, {"year": "99999999999"}, {"text": "\x00"}, {"channel": "x"}):
        assert browser.get(reverse("sales"), odd).status_code == 200


# — for everybody —


def published(officer, now, **more) -> Need:
    return actions.publish(needed(officer, now, **more), "学生冬衣", True, by=officer, now=now)


def test_everybody_reads_what_is_needed_and_nobody_whose_it_is(client, officer, now, household):
    need = published(officer, now, household_number="D0001", words="演示甲家三个孩子")
    client.cookies["khotail_portal_language"] = "en"
    for address in (reverse("public_needs"), reverse("public_need", args=[need.number])):
        text = page(client.get(address))
        assert "学生冬衣" in text and "科尔沁镇" in text
        assert not any(mark in text for mark in ("演示甲", "D0001", "第一嘎查", "三个孩子"))
    assert "学生冬衣" in page(client.get(reverse("public_needs"), {"place": TOWNSHIP}))
    assert "学生冬衣" not in page(client.get(reverse("public_needs"), {"place": VILLAGE}))
    assert client.get(reverse("public_needs"), {"place": "9"}).status_code == 404
    actions.take_down(need, "已解决", by=officer, now=now)
    assert client.get(reverse("public_need", args=[need.number])).status_code == 404
    assert "学生冬衣" not in page(client.get(reverse("public_needs")))


def test_anybody_promises_something_and_reads_by_the_receipt_how_far_it_is(client, officer, now):
    need = published(officer, now)
    address = reverse("public_need", args=[need.number])
    sent = {"quantity": "10", "name": "演示好人", "phone": "13900000000", "key": "k"}
    receipt = receipt_of(Pledge.objects.get()) if client.post(address, sent).status_code == 200 else ""
    assert receipt in page(client.post(address, sent)) and Pledge.objects.count() == 1
    assert "演示好人" not in page(client.get(address))
    made = Pledge.objects.get()
    assert (made.state, made.offered_name, made.quantity) == ("offered", "演示好人", 10)
    actions.take_up(made, "person", None, by=officer, now=now)
    actions.receive(made, timezone.localdate(now), Decimal(10), by=officer, now=now)
    actions.tell_result(made, "孩子们很高兴", by=officer, now=now)
    text = page(client.post(reverse("pledge_receipt"), {"receipt": receipt}))
    assert "孩子们很高兴" in text and "13900000000" not in text
    assert client.post(reverse("pledge_receipt"), {"receipt": "X-Y"}).status_code == 404


def test_what_cannot_be_promised_gets_a_sentence_and_keeps_what_was_typed(client, officer, now):
    address = reverse("public_need", args=[published(officer, now).number])
    said = {"name": "演示好人", "phone": "13900000000", "key": "k"}
    for quantity in ("", "很多", "0", "-3", "NaN", "1e400", "51", "9" * 30):
        answer = client.post(address, said | {"quantity": quantity})
        assert answer.status_code in (400, 409) and "演示好人" in page(answer), quantity
    assert client.post(address, {"quantity": "1", "key": "k"}).status_code == 400
    trapped = client.post(address, said | {"quantity": "1", floods.TRAP: "http://x"})
    assert trapped.status_code == 400 and not Pledge.objects.exists()


def test_an_offer_waits_in_the_desk_to_be_taken_up(client, browser, officer, now):
    need = published(officer, now)
    client.post(
        reverse("public_need", args=[need.number]), {"quantity": "5", "name": "演示好人", "phone": "139", "key": "k"}
    )
    made = Pledge.objects.get()
    assert need.title in page(browser.get(reverse("pledges"), {"state": "offered"}))
    text = done(browser, "pledge", made.pk, "take-up", kind="person", name="演示好人", due_on="")
    assert "Promised" in text and SocialHelper.objects.get().name == "演示好人"
    assert "演示好人" in page(browser.get(reverse("helpers_social")))
