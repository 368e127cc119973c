"""Every page of the site on a phone 360 pixels wide: axe finds nothing, and in neither language lies anything beyond the edge.

Addresses come from the resolver and objects from the walk of the rights, so a new page is looked at from its first day.
One browser and one site serve the whole walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client

from khotail.accounts.models import Officer
from tests.browser.conftest import PHONE, scrolls_sideways, violations
from tests.record.world import Address, World, addresses, build

#: Whoever sees a page first looks at it; nobody at all for the pages of the sign-in.
READERS = ("administrator", "township_officer", "banner_reviewer", "village_cadre", "department_officer", "")
LANGUAGES = ("zh-hans", "en")


@pytest.fixture
def world(household: Any, officers: dict[str, Officer], now: Any) -> World:
    return build(household, "乌云其其格·阿拉坦呼雅格图", officers["administrator"], now)


@pytest.fixture
def browsers(officers: dict[str, Officer], settings: Any) -> dict[str, Client]:
    settings.KHOTAIL_LIMITS = ()
    found = {}
    for key in READERS:
        found[key] = Client()
        if key:
            found[key].force_login(officers[key])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_phone_and_axe_finds_nothing(
    chromium: Any,
    live_server: Any,
    officers: dict[str, Officer],
    world: World,
    browsers: dict[str, Client],
    language: str,
) -> None:
    """Axe looks at the Chinese pages: the English ones are made of the same templates and colours."""
    Officer.objects.update(language=language)
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": PHONE, "height": 780},
        locale="zh-CN",
        has_touch=True,
        service_workers="block",
    )
    page, wrong, seen = context.new_page(), [], set()
    for address, key in _pages(world, browsers):
        context.clear_cookies()
        cookies = {site_settings.LANGUAGE_COOKIE_NAME: language}
        if key:
            cookies[site_settings.SESSION_COOKIE_NAME] = browsers[key].cookies["sessionid"].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        page.goto(address.path(world))
        page.locator("h1").first.wait_for(state="attached")  # the application of the visits writes its own
        seen.add(address.name)
        told = f"{address.name} ({key or 'nobody'}, {language})"
        spoken = page.locator("html").get_attribute("lang")
        wrong += [f"{told}: {each}" for each in violations(page)] if language == LANGUAGES[0] else []
        wrong += [f"{told} scrolls sideways"] if scrolls_sideways(page) else []
        wrong += [f"{told} speaks {spoken}"] if spoken.lower() != language else []
    context.close()
    assert not wrong, "\n".join(wrong)
    assert {"home", "household", "case", "lead", "run", "rule", "officer", "trail", "account_login"} <= seen
    assert len(seen) > 50, seen


def _pages(world: World, browsers: dict[str, Client]) -> Iterator[tuple[Address, str]]:
    """Every address that answers with a whole page, and the first reader who is shown it."""
    for address in addresses():
        for key, browser in browsers.items():
            if address.is_api or (address.name == "account_logout" and not key):
                continue
            answer = browser.get(address.path(world))
            is_page = answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html")
            if is_page and not answer.streaming and b"<html" in answer.content:
                yield address, key
                break
