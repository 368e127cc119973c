"""The visits app in a real Chromium on a phone 360 pixels wide, with the network off: what is filled in arrives, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from khotail.casework.models import Lead
from khotail.jobs.work import run_waiting
from khotail.register.models import Statement
from khotail.visits import forms, rounds
from khotail.visits.models import Submission
from tests.browser.conftest import PHONE
from tests.conftest import ARGUMENTS, CHROMIUM
from tests.record.conftest import BANNER, VILLAGE, make_household

HOUSEHOLDS = 50
PATIENCE_MS = 20_000

#: Fills in and finishes the visits of the list from one place to another, by the app's own model.
FILL = """async ([from, to]) => {
  const [{ newDraft, Filling, leaves }, { queueUp }, store, { offeredForms }] = await Promise.all(
    ["filling", "queue", "store", "work"].map((name) => import(`/static/field/${name}.js`)));
  const form = (await offeredForms()).find((each) => each.form === "household_visit");
  const rows = (await store.all("work")).sort((a, b) => a.number.localeCompare(b.number));
  for (const row of rows.slice(from, to)) {
    const filling = await Filling.open(await newDraft(form, row), () => null);
    const ask = (name) => [...leaves(filling.root)].find((node) => node.currentState.reference.endsWith(`/${name}`));
    ask("met").selectValue("head");
    ask("members").setValue("3");
    ask("wage").setValue("12000");
    if (filling.violations().length) throw new Error(JSON.stringify(filling.violations().map((each) => each.reference)));
    await filling.save();
    const { xml, files, instanceId } = await filling.finish();
    await queueUp(filling.draft, xml, files, instanceId);
  }
}"""
OPENED = """async () => {
  const [store, sealed] = await Promise.all(["store", "sealed"].map((name) => import(`/static/field/${name}.js`)));
  return Promise.all((await store.all("queue")).map(sealed.opened));
}"""
STATES = """async () => (await (await import("/static/field/store.js")).all("queue")).map((each) => each.state)"""


class Device:
    """A phone: a Chromium with its own folder, which outlives the browser."""

    def __init__(self, chromium: Any, folder: Path, address: str) -> None:
        self.chromium, self.folder, self.address = chromium, folder, address
        self.errors: list[str] = []
        self.context: Any = None

    def open(self) -> Any:
        self.context = self.chromium.browser_type.launch_persistent_context(
            str(self.folder), executable_path=str(CHROMIUM), args=ARGUMENTS, base_url=self.address, locale="zh-CN",
            viewport={"width": PHONE, "height": 780}, has_touch=True, permissions=["geolocation"],
            geolocation={"latitude": 46.07, "longitude": 122.05, "accuracy": 8},
        )  # fmt: skip
        self.page = self.context.pages[0]
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())
        return self.page

    def sign_in(self, officer: Any) -> None:
        client = Client()
        client.force_login(officer)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address}])

    def start(self, path: str = "/visits/") -> Any:
        self.page.goto("about:blank")
        self.page.goto(path)
        self.page.wait_for_selector("[data-warm]", timeout=PATIENCE_MS)
        return self.page

    def take_along(self, officer: Any) -> Any:
        """The app with its list and its worker, and then no network any more."""
        page = self.open()
        self.sign_in(officer)
        self.start()
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        self.context.set_offline(True)
        return self.start()

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None

    def states(self) -> list[str]:
        return list(self.page.evaluate(STATES))


@pytest.fixture
def device(chromium: Any, live_server: Any, tmp_path: Path, settings: Any) -> Iterator[Device]:
    settings.KHOTAIL_LIMITS = ()
    phone = Device(chromium, tmp_path / "phone", live_server.url)
    yield phone
    phone.close()
    assert not phone.errors, phone.errors


@pytest.fixture
def plan(officers: dict[str, Any], now: Any) -> Callable[[int], None]:
    """Households of one village, each to be visited."""

    def opened(households: int) -> None:
        for number in range(1, households + 1):
            make_household(f"D{number:04d}", VILLAGE, f"演示{number}", now)
        moment = timezone.now()
        forms.publish_rulebook_forms(moment)
        today = timezone.localdate(moment)
        rounds.open_round(
            "走访", "household_visit", BANNER, "all", starts_on=today, due_on=today + timedelta(days=30),
            by=officers["banner_officer"], now=moment,
        )  # fmt: skip

    return opened


def question(page: Any, name: str) -> Any:
    return page.locator(f"[data-reference$='/{name}']").last


def open_visit(page: Any, number: str) -> None:
    page.click(f".visit-line:has-text('{number}')")
    page.wait_for_selector("#finish", timeout=PATIENCE_MS)


def fill_by_hand(page: Any, photo: Path) -> None:
    """Every kind of answer that the visit form asks for."""
    question(page, "met").locator("[value=head]").check()
    question(page, "members").locator("input").fill("4")
    wage = question(page, "wage").locator("input")
    wage.press_sequentially("20000")
    assert wage.input_value() == "20000"
    question(page, "causes").locator("[value=illness]").check()
    question(page, "words").locator("textarea").fill("住院 <b>花费</b> & 大")
    page.click(".repeat > .button")
    question(page, "what").locator("input").fill("手术")
    question(page, "amount").locator("input").fill("8000.5")
    question(page, "place").locator("button").first.click()
    page.wait_for_selector("output:has-text('46.07')")
    question(page, "photo").locator("input").set_input_files(photo)
    page.wait_for_selector(".preview:visible")
    sign(page)


def sign(page: Any) -> None:
    canvas = question(page, "signature").locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 80, steps=5)
    page.mouse.up()
    page.wait_for_selector("button:has-text('重新签名'), button:has-text('Sign again')")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    from PIL import Image

    path = tmp_path / "door.jpg"
    Image.new("RGB", (3000, 2000), "steelblue").save(path)
    return path


def test_fifty_visits_without_signal_outlive_the_browser_and_arrive_once(
    device: Device, plan: Any, officers: dict[str, Any], photo: Path
) -> None:
    plan(HOUSEHOLDS)
    page = device.take_along(officers["village_cadre"])
    assert page.locator(".visit-line").count() == HOUSEHOLDS
    page.evaluate(FILL, [2, HOUSEHOLDS])
    page.reload()
    open_visit(page, "D0001")
    fill_by_hand(page, photo)
    page.click("#finish")
    page.wait_for_selector("#send")
    page.goto("/visits/#/")
    open_visit(page, "D0002")
    question(page, "met").locator("[value=nobody]").check()
    page.wait_for_selector(".saved:not(:empty)")
    device.close()

    page = device.open()
    device.context.set_offline(True)
    device.start()
    assert device.states().count("waiting") == HOUSEHOLDS - 1
    open_visit(page, "D0002")
    assert question(page, "met").locator("[value=nobody]").is_checked()
    page.click("#finish")
    page.wait_for_selector("#send")
    assert Submission.objects.count() == 0

    device.context.set_offline(False)
    page.wait_for_selector("main a[href*='sign-in']", timeout=PATIENCE_MS)  # the session ended with the browser
    device.sign_in(officers["village_cadre"])
    page.click("#send")
    page.wait_for_selector(".chip-low", timeout=PATIENCE_MS)
    page.reload()  # while it sends
    wait_until_arrived(page, device)
    assert Submission.objects.count() == HOUSEHOLDS
    numbers = Submission.objects.values_list("household__number", flat=True)
    assert sorted(numbers) == [f"D{number:04d}" for number in range(1, HOUSEHOLDS + 1)]
    enter_and_compare(HOUSEHOLDS)


def wait_until_arrived(page: Any, device: Device) -> None:
    page.wait_for_selector("[data-ready]", timeout=PATIENCE_MS)
    for _ in range(PATIENCE_MS // 100):
        if set(device.states()) == {"arrived"}:
            return
        page.wait_for_timeout(100)
    raise AssertionError(device.states())


def enter_and_compare(households: int) -> None:
    run_waiting(timezone.now())
    assert Submission.objects.filter(state="taken").count() == households
    by_hand = Submission.objects.get(household__number="D0001")
    assert by_hand.files.count() == 2 and round(float(by_hand.latitude), 2) == 46.07
    income = Statement.objects.get(household__number="D0001", table="incomes")
    assert (income.values["wage_cny"], income.values["members"]) == (20000.0, 4)
    lead = Lead.objects.get()
    assert (lead.causes, lead.household.number) == (["illness"], "D0001") and "<b>花费</b> & 大" in lead.words


def test_an_answer_lost_on_its_way_is_asked_for_again(device: Device, plan: Any, officers: dict[str, Any]) -> None:
    plan(12)
    page = device.take_along(officers["village_cadre"])
    page.evaluate(FILL, [0, 12])
    page.evaluate("""() => { // the server takes the first two posts, and the device never hears of it
        const ask = window.fetch; let lost = 2;
        window.fetch = async (address, how) => {
          const answer = await ask(address, how);
          if (how?.method === "POST" && lost-- > 0) throw new TypeError("connection lost");
          return answer;
        };
      }""")
    device.context.set_offline(False)
    page.goto("/visits/#/queue")
    for _ in range(4):
        page.click("#send:not([disabled])", timeout=PATIENCE_MS)
        page.wait_for_timeout(500)
    wait_until_arrived(page, device)
    assert Submission.objects.count() == 12


def test_who_signs_out_leaves_no_names_but_their_unsent_visits(
    device: Device, plan: Any, officers: dict[str, Any]
) -> None:
    plan(3)
    page = device.take_along(officers["village_cadre"])
    page.evaluate(FILL, [0, 1])
    page.click("#bar button:last-child")
    page.wait_for_selector("main .notice")
    assert page.evaluate("async () => (await (await import('/static/field/store.js')).all('work')).length") == 0
    assert device.states() == ["waiting"]

    device.context.set_offline(False)
    device.page.goto("/visits/")  # the session ends now that there is a connection
    page.wait_for_url("**/accounts/sign-in/**", timeout=PATIENCE_MS)
    device.sign_in(officers["other_village_cadre"])
    device.start("/visits/#/queue")
    page.wait_for_selector("main .notice")
    assert page.locator("[data-state]").count() == 0 and device.states() == ["waiting"]
    assert Submission.objects.count() == 0

    device.sign_in(officers["village_cadre"])
    device.start()
    wait_until_arrived(page, device)
    assert Submission.objects.get().officer == officers["village_cadre"]


def test_signing_out_on_the_desk_clears_the_list_as_well(device: Device, plan: Any, officers: dict[str, Any]) -> None:
    plan(2)
    page = device.take_along(officers["village_cadre"])
    device.context.set_offline(False)
    page.goto("/accounts/sign-out/")
    page.click("main button")
    page.wait_for_url("**/accounts/sign-in/**", timeout=PATIENCE_MS)
    page.goto("/visits/shell")
    left = "async () => (await (await import('/static/field/store.js')).all('work')).length"
    assert page.evaluate(left) == 0


def test_a_form_says_what_is_wrong_and_asks_only_what_applies(
    device: Device, plan: Any, officers: dict[str, Any]
) -> None:
    plan(1)
    page = device.take_along(officers["village_cadre"])
    open_visit(page, "D0001")
    question(page, "met").locator("[value=nobody]").check()
    assert not question(page, "members").is_visible()
    question(page, "met").locator("[value=member]").check()
    assert question(page, "members").is_visible()
    page.click("#finish")
    assert question(page, "members").locator(".errorlist").is_visible()
    for wrong in ("31", "viele", "-1"):
        question(page, "members").locator("input").fill(wrong)
        question(page, "members").locator("input").blur()
        assert question(page, "members").locator(".errorlist").is_visible(), wrong
    question(page, "members").locator("input").fill("3")
    question(page, "wage").locator("input").fill("30000")
    assert page.locator(".notice:has-text('10000')").is_visible()
    question(page, "away").locator("input").fill("5")
    question(page, "away").locator("input").blur()
    assert "不能多于" in page.inner_text("main") or "Not more than" in page.inner_text("main")
    question(page, "away").locator("input").fill("1")
    question(page, "causes").locator("[value=water]").check()
    page.click("#finish")
    assert question(page, "words").locator(".errorlist").is_visible()
    question(page, "causes").locator("[value=water]").uncheck()
    page.click("#finish")
    page.wait_for_selector("#send")
    assert device.states() == ["waiting"]
