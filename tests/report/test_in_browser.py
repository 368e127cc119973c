"""The page in a real browser: no sideways scrolling, both languages, lists that open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.registers import OTHER_VILLAGE, VILLAGE, found, page, register, rulebook

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    long_name = "科右前旗现代农牧业示范园区管理委员会第一居民委员会" * 2
    households = [(f"152221{number:012}", VILLAGE, 100.0) for number in range(130)]
    facts = register(*households, ("OTHER", OTHER_VILLAGE, 9e9), phone=None, village_name=long_name)
    page(folder / "report.html", **found(facts, rulebook(folder / "book")))
    return folder / "report.html"


@pytest.fixture(params=[1280, 360])
def opened(request: pytest.FixtureRequest, chromium: sync_api.Browser, report: Path) -> Iterator[sync_api.Page]:
    opened = chromium.new_page(viewport={"width": request.param, "height": 800})
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda sent: problems.append(sent.url) if not sent.url.startswith("file:") else None)
    opened.goto(report.as_uri())
    yield opened
    assert problems == []
    opened.close()


def overflows(opened: sync_api.Page) -> bool:
    return bool(opened.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_nothing_scrolls_sideways_in_either_language_even_when_all_is_open(opened: sync_api.Page) -> None:
    assert not overflows(opened)
    opened.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    opened.wait_for_selector(".household")
    assert not overflows(opened)
    opened.click("[data-to=en]")
    assert not overflows(opened)


def test_the_language_switch_shows_one_language_at_a_time(opened: sync_api.Page) -> None:
    heading = opened.locator("h1")
    assert "防返贫监测报告" in heading.inner_text() and "Monitoring" not in heading.inner_text()
    opened.focus("[data-to=en]")
    opened.keyboard.press("Enter")
    assert "Monitoring report" in heading.inner_text() and "防返贫" not in heading.inner_text()
    assert opened.evaluate("document.documentElement.lang") == "en"
    assert opened.get_attribute("[data-to=en]", "aria-pressed") == "true"


def test_a_township_opens_to_villages_and_a_village_to_households_by_keyboard(opened: sync_api.Page) -> None:
    for place in (f"#area-{VILLAGE[:9]}", f"#area-{VILLAGE}"):
        opened.focus(f"{place} > summary")
        opened.keyboard.press("Enter")
    opened.wait_for_selector(f"#area-{VILLAGE} .household")
    assert opened.locator(".household").count() == 100
    opened.click(".more-rows")
    assert opened.locator(".household").count() == 130
    assert "人均 100 元，低于 6,500 元" in opened.locator(".household").first.inner_text()


def test_a_household_is_found_by_its_number(opened: sync_api.Page) -> None:
    opened.fill("#household", "152221000000000129")
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".household.found")
    assert "152221000000000129" in opened.locator(".household.found").inner_text()
    opened.fill("#household", "nobody")
    opened.keyboard.press("Enter")
    opened.wait_for_selector(".search [role=status] span")


def test_a_tile_leads_to_its_township(opened: sync_api.Page) -> None:
    opened.locator(".tile").first.click()
    opened.wait_for_selector(f"#area-{VILLAGE[:9]}[open]")
