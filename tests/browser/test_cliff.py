"""A cliff in a real browser: built, run, read in charts and tables, set beside another, worked on; on a phone and at a desk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.jobs.work import run_waiting
from khotail.rulebook.parameters import income_year
from khotail.simulation.models import Fall, Simulation
from tests.browser.conftest import DESKTOP, PHONE, SignIn, scrolls_sideways, small_targets, violations
from tests.record.simulated import law, offer_form, register

Look = Callable[[Any, str], None]
WIDTHS = pytest.mark.parametrize("width", [PHONE, DESKTOP])


@pytest.fixture
def look() -> Look:
    """Looks at a page: no finding of axe, nothing beyond the edge, nothing too small to touch."""
    folder = os.environ.get("KHOTAIL_SCREENSHOTS")

    def look_at(page: Any, name: str) -> None:
        page.wait_for_load_state("networkidle")
        if folder:
            page.screenshot(path=f"{folder}/cliff-{name}-{page.viewport_size['width']}.png", full_page=True)
        page.evaluate("scrollTo(0, 0)")
        assert violations(page) == [], name
        assert not scrolls_sideways(page), name
        assert small_targets(page) == [], name

    return look_at


@pytest.fixture
def before_the_cliff(sign_in: SignIn, settings: Any, tmp_path: Path, officers: dict[str, Any]) -> SignIn:
    """Signs in where a register lives on programme `a`, which the law ends in two years."""
    settings.KHOTAIL_HOME = tmp_path

    def open_page(width: int, scripts: bool = True) -> Any:
        page, today = sign_in("banner_officer", width=width, scripts=scripts), timezone.localdate()
        # Only now: the start page, which one comes to first, reads more than the small rulebook has.
        law(tmp_path, until=f"{today.year + 2}-12-31")
        register(timezone.now(), year=income_year(today))
        return page

    return open_page


def fill_change(page: Any, kind: str, on: str, shares: str = "") -> None:
    page.select_option("[name=changes-0-programme]", "a")
    page.select_option("[name=changes-0-kind]", kind)
    page.fill("[name=changes-0-on]", on)
    page.fill("[name=changes-0-shares]", shares)


def run(page: Any) -> None:
    """Press "Run", and let the worker do what waits while the page looks on."""
    page.click("button:text-is('Run the simulation')")
    page.wait_for_selector("#job-progress")
    run_waiting(timezone.now())


@WIDTHS
def test_a_cliff_is_built_run_read_compared_and_worked_on(before_the_cliff: SignIn, look: Look, width: int) -> None:
    year, page = timezone.localdate().year + 1, before_the_cliff(width)
    page.goto(reverse("simulations"))
    look(page, "none")
    page.click("text=New simulation")
    look(page, "build")
    page.fill("[name=title]", "一次停止")
    fill_change(page, "ends", f"{year - 2}-01-01")
    page.click("button:text-is('Run the simulation')")
    page.wait_for_selector("text=before it is adopted")
    look(page, "flawed")
    fill_change(page, "ends", f"{year}-01-01")
    run(page)
    page.click("text=Open the result", timeout=10_000)
    page.wait_for_selector("[data-chart=below] canvas")
    assert page.locator(".figure-number").first.inner_text() == "3"
    assert re.search(rf"{year}\s+3\s", page.locator("table.table").first.inner_text().replace("\t", " "))
    look(page, "result")

    page.goto(reverse("simulation_new"))
    page.fill("[name=title]", "逐年渐退")
    fill_change(page, "tapers", f"{year}-01-01", "80 60 0")
    run(page)
    page.goto(reverse("simulations"))
    for box in page.locator("[name=with]").all():
        box.check()
    page.click("text=Compare the ticked ones")
    page.wait_for_selector("[data-chart=falls] canvas")
    assert "逐年渐退" in page.inner_text("main") and "一次停止" in page.inner_text("main")
    look(page, "compare")

    offer_form(timezone.now())
    page.goto(reverse("simulation", args=[Simulation.objects.get(title="一次停止").pk]))
    page.click("text=3 households fall: work list")
    look(page, "households")
    page.click("a.line-title >> nth=0")
    look(page, "fall")
    page.select_option("[name=state]", "held")
    page.fill("[name=held_by]", "低保")
    page.click("button:text-is('Save')")
    page.wait_for_selector("text=It is on record how this household stands.")
    assert Fall.objects.filter(state="held").count() == 1
    page.click("a:text-is('Hand over to visits')")
    look(page, "hand-over")
    page.click("button:text-is('Open the round')")
    page.wait_for_selector("text=The households are with those who visit them.")


@WIDTHS
def test_the_radar_leads_to_the_scenario_in_which_it_just_ends(
    before_the_cliff: SignIn, look: Look, width: int
) -> None:
    page = before_the_cliff(width)
    page.goto(reverse("radar"))
    look(page, "radar-unread")
    page.click("text=Read it anew")
    run_waiting(timezone.now())
    page.goto(reverse("radar"))
    look(page, "radar")
    page.click("text=What if it just ends?")
    assert page.locator("[name=goes_on]").is_checked()
    run(page)
    page.click("text=Open the result", timeout=10_000)
    page.wait_for_selector("[data-chart=below] canvas")
    assert "went on after its end" in page.inner_text("main")
    assert page.locator(".figure-number").first.inner_text() == "3"


def test_it_is_read_without_scripts(before_the_cliff: SignIn) -> None:
    page = before_the_cliff(PHONE, scripts=False)
    page.goto(reverse("simulation_new") + "?as=yaml")
    page.fill("[name=title]", "手写")
    page.fill("[name=text]", "name: {zh: 无, en: None}\nadopted: 2026-01-01\nends: [{programme: b, on: 2027-01-01}]\n")
    page.click("button:text-is('Run the simulation')")
    assert "Line 3" in page.inner_text("[role=alert]") and "There is no programme" in page.inner_text("[role=alert]")
