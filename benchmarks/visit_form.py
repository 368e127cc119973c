"""A visit form opens without signal, in a Chromium whose processor is throttled to a quarter, as a cheap phone's.

From the tap on a household of the list to the form with all its questions, the app having been open for a while; from the
tap right after the app started, while nothing has been read beforehand; and from nothing, the app's address being opened.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import web
from benchmarks.table import Table
from benchmarks.visits import _python, _sqlite

GOAL_MS = 1000
SLOWER = 4
TIMES, VISITS = 7, 20
#: Taps the household at a place of the list and tells the milliseconds until the form stands there, drawn.
_TAP = """async (place) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const began = performance.now();
  document.querySelectorAll(".visit-line")[place].click();
  while (!document.getElementById("finish")) await new Promise((done) => setTimeout(done, 1));
  await drawn();
  return performance.now() - began;
}"""
_SHOWN = "performance.getEntriesByName('form-shown')[0].startTime"


def run(runs: int, _: tuple[int, ...]) -> list[Table]:
    table = Table(
        f"A visit form opens offline, processor throttled {SLOWER}×",
        ("from", "questions", f"median (goal {GOAL_MS} ms)", "slowest", "not throttled"),
        note="Household visit of the built-in rulebook; Chromium, service worker, no network. Medians of "
        f"{max(runs, TIMES)} openings; other work on the machine counts.",
    )
    with _phone() as (page, throttle):
        slow, fast = (_openings(page, throttle, rate, max(runs, TIMES)) for rate in (SLOWER, 1))
        questions = str(page.locator("[data-reference]").count())
    for name in slow:
        table.rows.append(
            (
                name,
                questions,
                f"{median(slow[name]):.0f} ms",
                f"{max(slow[name]):.0f} ms",
                f"{median(fast[name]):.0f} ms",
            )
        )
    return [table]


def _openings(page: Any, throttle: Any, rate: int, runs: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"tap": [], "tap right after the start": [], "app closed": []}
    throttle.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    for place in range(runs):
        _start(page, "[data-warm]")
        found["tap"].append(page.evaluate(_TAP, place))
        opened = page.url
        _start(page, "[data-ready]")
        found["tap right after the start"].append(page.evaluate(_TAP, place))
        page.goto("about:blank")
        page.goto(opened)
        page.wait_for_selector("#finish")
        found["app closed"].append(page.evaluate(_SHOWN))
    return found


def _start(page: Any, until: str) -> None:
    page.goto("about:blank")
    page.goto("/visits/")
    page.wait_for_selector(until)


@contextmanager
def _phone() -> Iterator[tuple[Any, Any]]:
    """A page of the app without network, with twenty households to visit; and what throttles its processor."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import ARGUMENTS, CHROMIUM

    with _sqlite() as environment, tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        device = json.loads(_python("prepare", "1", str(VISITS), environment=environment))["devices"][0]
        with web._server(environment, "khotail") as (port, _):
            address = f"http://127.0.0.1:{port}"
            context = started.chromium.launch_persistent_context(
                str(Path(folder) / "phone"), executable_path=str(CHROMIUM), args=ARGUMENTS, base_url=address,
                viewport={"width": 360, "height": 780}, has_touch=True,
            )  # fmt: skip
            context.add_cookies([{"name": "sessionid", "value": device["session"], "url": address}])
            page = context.pages[0]
            _start(page, "[data-warm]")
            page.evaluate("navigator.serviceWorker.ready.then(() => null)")
            context.set_offline(True)
            _start(page, "[data-warm]")
            yield page, context.new_cdp_session(page)
            context.close()


if __name__ == "__main__":
    for found in run(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES, ()):
        found.show()
