"""The portal on a phone 360 pixels wide: sign in, declare with a photo, read why, correct; in every language and size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from khotail.accounts.sms import Memory
from khotail.casework.models import Lead
from khotail.residents.models import Correction, Declaration, OneTimeCode
from tests.browser.conftest import PHONE, small_targets, violations
from tests.record.portal_people import PHONE as NUMBER
from tests.record.portal_people import give_phone, state
from tests.record.test_casework_refusal import refused_at_review
from tests.record.test_register_documents import png

PAGES = (
    "",
    "declare/",
    "case/",
    "record/",
    "record/corrections/",
    "received/",
    "consents/",
    "looked/",
    "issues/",
    "account/",
)
LEAST_TARGET = 48


@pytest.fixture
def home(household: Any, officers: Any) -> Any:
    now = timezone.now()
    person = give_phone(household, NUMBER)
    state(household, "households", {"house_grade": "C", "safe_water": True, "has_uninsured": False}, now)
    state(household, "persons", {"education": "小学", "health": "长期慢性病", "labour": "普通劳动力"}, now, person)
    state(household, "incomes", {"income_year": 2025, "wage_cny": 12000.0, "cost_cny": 3100.5}, now, key="2025")
    state(
        household,
        "benefits",
        {"programme": "农村低保", "paid_from": "2026-01-01", "monthly_cny": 420.0},
        now,
        key="低保",
    )
    refused_at_review(household, officers, now - timedelta(minutes=5))
    return household


@pytest.fixture
def phone(chromium: Any, live_server: Any, home: Any) -> Iterator[Callable[..., Any]]:
    """`page = phone("mn-mong")`: the sign-in page on a phone that speaks the language."""
    contexts, errors = [], []

    def open_page(language: str = "zh-hans", scripts: bool = True, dark: bool = False) -> Any:
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": PHONE, "height": 740}, has_touch=True, locale="zh-CN",
            java_script_enabled=scripts, color_scheme="dark" if dark else "light",
        )  # fmt: skip
        context.add_cookies([{"name": "portal_language", "value": language, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                errors.append(message.text) if message.type == "error" and "(Bad Request)" not in message.text else None
            ),
        )
        page.goto("/my/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, errors


def come_in(page: Any) -> None:
    """Type the phone, then the code that was sent to it."""
    Memory.sent.clear()
    OneTimeCode.objects.all().delete()
    page.fill("#phone", NUMBER)
    page.click("form:has(#phone) button")
    page.wait_for_selector("#code")
    page.fill("#code", re.search(r"\d{6}", Memory.sent[-1][1])[0])
    page.click("form:has(#code) button")
    page.wait_for_selector(".tiles")


def test_sign_in_declare_with_a_photo_read_why_and_correct(phone: Callable[..., Any]) -> None:
    page = phone()
    come_in(page)
    page.click("a[href='/my/declare/']")
    assert page.locator("#neighbour").is_hidden()
    page.locator("label.choice", has=page.locator("[value=illness]")).click()
    page.fill("#words", "老人住院了")
    page.set_input_files("#photo", [{"name": "a.png", "mimeType": "image/png", "buffer": png()}])
    page.locator("label.choice", has=page.locator("[name=consent]")).click()
    page.click("main form button.button-wide")
    page.wait_for_url("**/my/declare/*/")
    lead = Lead.objects.get(declaration__isnull=False)
    assert lead.documents.count() == 1 and lead.consent

    page.goto("/my/case/")
    assert "收入高于监测范围" in page.inner_text("main")
    page.click("a[href*='/my/case/objection/']")
    page.fill("#words", "孩子在住院，钱不够")
    page.click("main form button")
    page.wait_for_url("**/my/case/")
    assert "孩子在住院" in page.inner_text("main")

    page.goto("/my/record/")
    page.locator("details", has_text="小学").locator("summary").click()
    page.click("a[href*='column=education']")
    page.fill("#wanted", "高中") if page.locator("input#wanted").count() else page.select_option("#wanted", "高中")
    page.click("main form button")
    page.wait_for_url("**/my/record/corrections/")
    assert Correction.objects.get().wanted == "高中"


def test_a_large_photo_is_made_smaller_on_the_phone_and_a_form_goes_once(phone: Callable[..., Any]) -> None:
    page = phone()
    come_in(page)
    page.goto("/my/declare/")
    noise = page.evaluate("""async () => {
        const canvas = document.createElement('canvas'); canvas.width = 2600; canvas.height = 2000;
        const painter = canvas.getContext('2d'), picture = painter.createImageData(2600, 2000);
        for (let n = 0; n < picture.data.length; n++) picture.data[n] = Math.random() * 255;
        painter.putImageData(picture, 0, 0);
        const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.95));
        const files = new DataTransfer(); files.items.add(new File([blob], 'big.jpg', {type: 'image/jpeg'}));
        const input = document.querySelector('#photo'); input.files = files.files;
        input.dispatchEvent(new Event('change', {bubbles: true}));
        return blob.size;
    }""")
    page.locator("label.choice", has=page.locator("[value=water]")).click()
    page.evaluate(
        """() => { const button = document.querySelector('main form button.button-wide'); button.click(); button.click(); }"""
    )
    page.wait_for_url("**/my/declare/*/")
    document = Declaration.objects.get().lead.documents.get()
    assert document.size_bytes < noise / 2


def test_without_javascript_a_difficulty_is_declared_too(phone: Callable[..., Any]) -> None:
    page = phone(scripts=False)
    come_in(page)
    page.goto("/my/declare/")
    page.check("[value=housing]")
    page.click("main form button.button-wide")
    page.wait_for_url("**/my/declare/*/")
    assert Declaration.objects.count() == 1


def test_a_voice_is_recorded_in_the_page(phone: Callable[..., Any]) -> None:
    page = phone()
    come_in(page)
    page.add_init_script("""
        class Recorder extends EventTarget {
            constructor() { super(); this.mimeType = 'audio/webm;codecs=opus'; }
            start() {}
            stop() {
                const data = new Event('dataavailable');
                data.data = new Blob([new Uint8Array([26, 69, 223, 163, 1, 2, 3])]);
                this.dispatchEvent(data);
                this.dispatchEvent(new Event('stop'));
            }
        }
        window.MediaRecorder = Recorder;
        Object.defineProperty(navigator, 'mediaDevices', {value: {getUserMedia: async () => ({getTracks: () => []})}});
    """)
    page.goto("/my/declare/")
    page.click("[data-record]")
    page.wait_for_selector("[data-record][aria-pressed=true]")
    page.click("[data-record]")
    page.wait_for_selector("[data-record][aria-pressed=false]")
    page.check("[value=water]", force=True)
    page.click("main form button.button-wide")
    page.wait_for_url("**/my/declare/*/")
    assert Declaration.objects.get().lead.documents.get().content_type == "audio/webm"


@pytest.mark.parametrize(("language", "dark"), [("zh-hans", False), ("en", True), ("mn-mong", False)])
def test_axe_finds_nothing_and_every_target_is_large_enough(
    phone: Callable[..., Any], language: str, dark: bool
) -> None:
    page = phone(language, dark=dark)
    wrong = [f"sign-in: {each}" for each in violations(page)]
    come_in(page)
    for path in PAGES:
        page.goto(f"/my/{path}")
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        wrong += [f"{path}: {each}" for each in violations(page)]
        wrong += [f"{path}: small {each}" for each in small_targets(page, LEAST_TARGET) if "type=" not in each]
        wrong += [f"{path} runs over the edge"] if _runs_over(page) else []
    assert not wrong, "\n".join(wrong)


def test_the_page_turns_for_mongolian_and_says_how_much_is_translated(phone: Callable[..., Any]) -> None:
    page = phone()
    page.click("button[value=mn-mong]")
    page.wait_for_selector("html.vertical")
    assert page.evaluate("getComputedStyle(document.documentElement).writingMode") == "vertical-lr"
    assert page.get_attribute("html", "lang") == "mn-Mong"
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('20px \"Noto Sans Mongolian\"', '\u182e')")
    assert "登录" in page.inner_text("h1") and "/" not in page.inner_text(".share")
    come_in(page)
    assert page.get_attribute("html", "lang") == "mn-Mong"
    page.goto("/my/case/")
    assert any("\u1820" <= letter <= "\u18aa" for letter in page.inner_text("main"))


def test_letters_grow_and_stay_large(phone: Callable[..., Any]) -> None:
    page = phone()
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    assert page.evaluate(size) == 18
    page.click("button[value=large]")
    page.wait_for_selector("html.large")
    assert page.evaluate(size) == 22
    page.goto("/my/sign-in/")
    assert page.evaluate(size) == 22


def _runs_over(page: Any) -> bool:
    """Beyond the edge along the line: to the side, or below where lines run downwards."""
    return bool(
        page.evaluate("""() => { const page = document.documentElement;
        return page.matches('.vertical') ? page.scrollHeight > page.clientHeight + 1 : page.scrollWidth > page.clientWidth; }""")
    )
