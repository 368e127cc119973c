"""The public pages on a phone: report with and without scripts, keep the receipt, read the board."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.issues import bodies
from khotail.issues.models import Issue
from khotail.issues.raising import raise_issue
from khotail.portal import places
from tests.browser.conftest import PHONE, scrolls_sideways, small_targets, violations
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE


@pytest.fixture
def water(officers: dict[str, Any], settings: Any) -> Any:
    settings.KHOTAIL_BANNER = BANNER
    places.forget()
    return bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=timezone.now())


@pytest.fixture
def visitor(chromium: Any, live_server: Any) -> Any:
    """A function that opens a stranger's phone, with or without scripts, knowing where it is if it is allowed to."""
    contexts, errors = [], []

    def open_phone(scripts: bool = True) -> Any:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": PHONE, "height": 800}, locale="en-GB", has_touch=True,
            java_script_enabled=scripts, geolocation={"latitude": 46.0712, "longitude": 121.9523},
            permissions=["geolocation"],
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_phone
    for context in contexts:
        context.close()
    assert not errors, errors


def _check(page: Any) -> None:
    assert not scrolls_sideways(page)
    assert violations(page) == []
    assert small_targets(page, least_px=24) == []


def test_an_issue_is_reported_on_a_phone_and_its_receipt_opens_it(visitor: Any, water: Any) -> None:
    page = visitor()
    page.goto(reverse("report"))
    _check(page)
    page.click(f"a[href*='place={TOWNSHIP}']")
    page.click(f".place-list a[href*='place={VILLAGE}']")
    page.locator("#words").press_sequentially("村口水管破了漏水")
    page.wait_for_selector("#suggested button[value=water-pipe]")
    _check(page)
    page.click("#suggested button[value=water-pipe]")
    page.click("[data-position] button")
    page.wait_for_function("document.querySelector('[name=lat]').value !== ''")
    page.fill("#place_words", "学校旁")
    _check(page)
    page.click("form[enctype] button:not([type=button])")
    receipt = page.inner_text(".receipt")
    assert re.fullmatch(r"[2-9A-Z]{8}-[2-9A-Z]{6}", receipt)
    _check(page)
    issue = Issue.objects.get()
    assert (float(issue.latitude), issue.route, issue.place_words) == (46.0712, "water-pipe", "学校旁")
    page.goto(reverse("receipt"))
    _check(page)
    page.fill("#receipt", receipt.lower())
    page.click("main form button")
    assert "村口水管破了漏水" in page.inner_text("main")
    _check(page)


def test_the_board_fits_a_phone_and_axe_finds_nothing(visitor: Any, water: Any) -> None:
    issue = raise_issue("水管破了", region_code=VILLAGE, channel="portal", route="water-pipe", now=timezone.now())
    page = visitor()
    for path in (reverse("public_board"), reverse("board_issue", args=[issue.number]), reverse("board_figures")):
        page.goto(path)
        _check(page)
    page.goto(reverse("public_board"))
    page.click(f"a[href='{reverse('board_issue', args=[issue.number])}']")
    assert "演示水利局" in page.inner_text("main")


def test_reporting_works_without_scripts(visitor: Any, water: Any) -> None:
    page = visitor(scripts=False)
    page.goto(f"{reverse('report')}?place={VILLAGE}")
    page.fill("#words", "停水三天了")
    page.click("main form button")
    page.click("#suggested button[value=water-cut]")
    page.fill("[name=a-days]", "3")
    page.click("form[enctype] button:not([type=button])")
    assert page.locator(".receipt").count() == 1
    assert Issue.objects.get().attributes == {"days": "3"}
