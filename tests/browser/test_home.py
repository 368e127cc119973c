"""The start page in a real browser: narrow and wide, light and dark, by keyboard, with and without scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.casework.models import Lead
from khotail.register.models import Household
from tests.browser.conftest import DESKTOP, PHONE, SignIn, scrolls_sideways, small_targets, violations
from tests.record.conftest import PASSWORD


@pytest.fixture
def lead(household: Household) -> Lead:
    """A lead of ten days ago that nobody verified, about a household whose head has a long name."""
    household.head_name = "乌云其其格·阿拉坦呼雅格图·斯日古楞"
    household.save()
    now = timezone.now()
    return Lead.objects.create(
        household=household, region_code=household.region_code, channel=Lead.Channel.SCREENING, raised_at=now,
        due_on=timezone.localdate(now) - timedelta(days=10),
    )  # fmt: skip


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("key", ["village_cadre", "banner_officer"])
def test_the_start_page_fits_and_axe_finds_nothing(
    sign_in: SignIn, lead: Lead, width: int, dark: bool, key: str
) -> None:
    page = sign_in(key, width=width, dark=dark)
    page.wait_for_load_state("networkidle")
    assert not scrolls_sideways(page)
    assert violations(page) == []
    assert small_targets(page, least_px=44 if width == PHONE else 24) == []


def test_name_and_password_lead_to_the_start_page(chromium: Any, live_server: Any, officers: dict[str, Any]) -> None:
    context = chromium.new_context(base_url=live_server.url, viewport={"width": PHONE, "height": 800})
    page = context.new_page()
    page.goto(reverse("account_login"))
    page.fill("input[name=login]", "village_cadre")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{live_server.url}/", timeout=8000)
    assert page.locator("html").get_attribute("lang") == "en"
    context.close()


def test_a_cadre_sees_the_late_lead_first(sign_in: SignIn, lead: Lead) -> None:
    page = sign_in("village_cadre", width=PHONE)
    first = page.locator(".lines .line").first
    assert "late" in first.inner_text() and "乌云其其格" in first.inner_text()


def test_the_keyboard_reaches_everything(sign_in: SignIn, lead: Lead) -> None:
    page = sign_in("banner_officer")
    wanted = _focusable(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = 1
    for _ in range(wanted + 10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached += 1
        outline = page.evaluate(
            "[document.activeElement, '::after'].some(() => ['', '::after'].some(part =>"
            " getComputedStyle(document.activeElement, part || null).outlineStyle !== 'none'))"
        )
        assert outline, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
    assert reached == wanted


def test_a_menu_opens_by_keyboard_and_escape_closes_it(sign_in: SignIn) -> None:
    page = sign_in("village_cadre")
    page.locator("details.menu > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".menu-sheet").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("details.menu .menu-sheet").is_visible()


def test_the_language_switch_stays(sign_in: SignIn, officers: dict[str, Any]) -> None:
    page = sign_in("village_cadre")
    assert page.locator("html").get_attribute("lang") == "en"
    page.click(".bar-language button")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    officers["village_cadre"].refresh_from_db()
    assert officers["village_cadre"].language == "zh-hans"


def test_the_page_reads_without_scripts(sign_in: SignIn, lead: Lead) -> None:
    page = sign_in("banner_officer", width=PHONE, scripts=False)
    page.click("text=As a table")
    assert page.locator(".chart table").is_visible()
    page.click("details.menu > summary")
    assert page.locator("details.menu .menu-sheet").is_visible()


def _focusable(page: Any) -> int:
    script = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, textarea')]
      .filter(each => each.checkVisibility() && each.tabIndex >= 0).length"""
    return int(page.evaluate(script))
