"""A live server and a real Chromium. Skipped where there is none (KHOTAIL_CHROMIUM names another path)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.record.conftest import household, neighbour_household, now, officers, regions, signed_in

__all__ = ["household", "neighbour_household", "now", "officers", "regions", "signed_in"]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
#: What every page must meet.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = 360, 1280

SignIn = Callable[..., Any]


@pytest.fixture
def sign_in(chromium: Any, live_server: Any, officers: dict[str, Any]) -> Iterator[SignIn]:
    """`page = sign_in("village_cadre", width=360)`: the named officer's start page, signed in already, at that width.

    Errors of the page's scripts, refused resources included, fail the test when it ends.
    """
    contexts, errors = [], []

    def open_page(key: str, width: int = DESKTOP, dark: bool = False, scripts: bool = True) -> Any:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale="en-GB",
            has_touch=width < 600,
        )
        contexts.append(context)
        client = Client()
        client.force_login(officers[key])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
        page.goto(reverse("home"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, errors


def _is_error(message: Any) -> bool:
    """Errors of the console, but for a form that was sent back (400) or came too late (409): those are pages to read."""
    return message.type == "error" and not message.text.endswith(("400 (Bad Request)", "409 (Conflict)"))


def violations(page: Any) -> list[str]:
    """What axe finds on the page: rule, sentence, and the elements."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "\n;0")
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", AXE_TAGS)["violations"]
    return [f"{each['id']}: {each['help']} — {[node['html'][:160] for node in each['nodes']]}" for each in found]


def scrolls_sideways(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def small_targets(page: Any, least_px: int = 24) -> list[str]:
    """Buttons and links outside running text that are smaller than WCAG 2.2 allows."""
    script = """least => [...document.querySelectorAll('a, button, summary, input, select')]
      .filter(each => each.offsetParent && !each.matches('.skip, [type=hidden], p a, .muted a'))
      .map(each => [each, each.matches('a.line-title') ? each.closest('.line').getBoundingClientRect() : each.getBoundingClientRect()])
      .filter(([, box]) => box.width && (box.width < least || box.height < least))
      .map(([each]) => each.outerHTML.slice(0, 120))"""
    return list(page.evaluate(script, least_px))
