"""Files from upload to counts, and doubtful rows from the list to the decision, in a real browser.

Each page is looked over by axe on the way, on a phone 360 pixels wide and at a desk. KHOTAIL_SCREENSHOTS names a folder
for pictures of the pages.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.intake.models import Batch, DoubtfulMatch
from khotail.jobs.work import run_waiting
from khotail.register.models import Statement
from tests.browser.conftest import DESKTOP, PHONE, SignIn, scrolls_sideways, small_targets, violations
from tests.facts.small_lists import family, id_number, workbook
from tests.record.intake_files import MEDICAL, bill, imported, medical, register_of

Look = Callable[..., None]
WIDTHS = pytest.mark.parametrize("width", [PHONE, DESKTOP])
LONG_NAME = "科尔沁右翼前旗医疗保障局" * 4 + "_2026-05-01_final_final_really_final_version.xlsx"


@pytest.fixture
def look() -> Look:
    """Looks at a page: no finding of axe, nothing beyond the edge, nothing too small to touch."""
    folder = os.environ.get("KHOTAIL_SCREENSHOTS")

    def look_at(page: Any, name: str) -> None:
        page.wait_for_load_state("networkidle")
        if folder:
            page.screenshot(path=f"{folder}/intake-{name}-{page.viewport_size['width']}.png", full_page=True)
        page.evaluate("scrollTo(0, 0)")  # what lies under the bar is no fault of the page
        assert violations(page) == [], name
        assert not scrolls_sideways(page), name
        assert small_targets(page) == [], name

    return look_at


@pytest.fixture
def doubts(tmp_path: Path, officers: dict[str, Any]) -> list[DoubtfulMatch]:
    """Two bills whose ID number a spreadsheet destroyed, and one of somebody whom nobody knows."""
    officer, now = officers["banner_officer"], timezone.now()
    register_of(tmp_path, officer, now)
    rows = [bill("示例11", "1.52221E+17"), bill("示例21", "1.52221E+17"), bill("无此人", "1.52221E+17")]
    batch = imported(medical(tmp_path / "医保20260501.xlsx", rows), officer, now)
    return list(DoubtfulMatch.objects.filter(batch=batch).order_by("row_number"))


def export(
    folder: Path, rows: list[dict[str, str | None]] | None = None, name: str = "监测对象信息20260501.xlsx"
) -> Path:
    return workbook(folder / name, rows or family(), titles=("监测对象信息表",))


def press_access_key(page: Any, key: str) -> None:
    """Alt and a digit, as a keyboard sends it; Playwright's own Alt comes without the text that access keys go by."""
    stroke = {
        "modifiers": 1,
        "key": key,
        "code": f"Digit{key}",
        "windowsVirtualKeyCode": ord(key),
        "unmodifiedText": key,
    }
    page.context.new_cdp_session(page).send("Input.dispatchKeyEvent", {"type": "keyDown", **stroke})


@WIDTHS
def test_a_file_is_sent_looked_at_imported_and_followed(
    sign_in: SignIn, tmp_path: Path, look: Look, width: int
) -> None:
    page = sign_in("banner_officer", width=width)
    page.goto(reverse("batches"))
    look(page, "batches-empty")
    page.click("text=Send files")
    look(page, "upload")
    rows = [*family(12), {**family(1)[0], "户编号": None}]
    page.set_input_files("[name=files]", export(tmp_path, rows))
    page.click("main button:text-is('Send')")
    page.wait_for_selector("text=The first rows as they will be read")
    look(page, "preview")
    page.get_by_role("link", name="Correct them too").click()
    look(page, "preview-all")
    page.go_back()
    assert page.locator(".preview thead").bounding_box()["height"] < 60
    page.locator(".preview").evaluate("frame => frame.scrollTo(200, 300)")
    frame, head = (page.locator(name).bounding_box() for name in (".preview", ".preview thead th >> nth=0"))
    assert abs(head["y"] - frame["y"]) < 3, "the header stays while the rows scroll"
    page.click("button:text-is('Import')")
    page.wait_for_selector("#batch-progress")
    look(page, "progress")
    with page.expect_navigation(timeout=10_000):  # the page asks again by itself
        run_waiting(timezone.now())
    page.wait_for_selector("text=What became of it")
    look(page, "counts")
    with page.expect_download() as saved:
        page.click("text=Rejected rows and cells to check")
    assert saved.value.suggested_filename.endswith(".xlsx")


@WIDTHS
def test_several_files_each_have_their_result(sign_in: SignIn, tmp_path: Path, look: Look, width: int) -> None:
    page = sign_in("banner_officer", width=width)
    broken = tmp_path / "说明.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    first = export(tmp_path)
    page.goto(reverse("batch_new"))
    page.set_input_files("[name=files]", [first])
    page.click("main button:text-is('Send')")
    page.wait_for_selector("text=The first rows")
    page.goto(reverse("batch_new"))
    second = medical(tmp_path / LONG_NAME, [bill("示例11", id_number(11))])
    page.set_input_files("[name=files]", [first, broken, second])
    page.click("main button:text-is('Send')")
    page.wait_for_selector("text=What became of the files")
    assert page.locator("main .lines > li").count() == 3
    assert page.locator("main .problem").count() == 1 and Batch.objects.count() == 2
    look(page, "results")
    page.goto(reverse("batches"))
    look(page, "batches")
    page.goto(reverse("batch", args=[Batch.objects.latest("id").pk]))
    look(page, "long-name")


@WIDTHS
def test_columns_said_by_hand_are_kept_though_import_was_pressed(
    sign_in: SignIn, officers: dict[str, Any], tmp_path: Path, look: Look, width: int
) -> None:
    register_of(tmp_path, officers["banner_officer"], timezone.now())
    page = sign_in("banner_officer", width=width)
    odd = {"身份证号": "参保人号", "合规自付费用": "个人掏的钱"}
    row = {odd.get(name, name): value for name, value in bill("示例11", id_number(11)).items()}
    path = medical(tmp_path / "医保20260501.xlsx", [row], [odd.get(name, name) for name in MEDICAL])
    page.goto(reverse("batch_new"))
    page.set_input_files("[name=files]", path)
    page.select_option("[name=source]", "medical-insurance")
    page.click("main button:text-is('Send')")
    page.wait_for_selector("text=Header in the file")
    page.get_by_label("Which list").select_option("medical-insurance")
    page.get_by_label("参保人号").select_option("id_number")
    look(page, "columns")
    page.get_by_role("button", name="Save, and look again").click()
    page.wait_for_selector("text=Files with the same headers")
    page.get_by_label("个人掏的钱").select_option("self_paid_cny")
    page.get_by_role("button", name="Save, and look again").click()
    page.wait_for_function("() => !document.querySelector('.problem')")
    assert Batch.objects.latest("id").mapping == {"参保人号": "id_number", "个人掏的钱": "self_paid_cny"}
    look(page, "columns-saved")
    page.click("text=Correct them too")
    page.wait_for_selector("text=What its columns mean")
    look(page, "columns-all")
    page.go_back()
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_selector("#batch-progress")
    run_waiting(timezone.now())
    assert Statement.objects.filter(table="medical_costs").count() == 1


@WIDTHS
def test_doubtful_rows_are_decided_one_after_the_other(
    sign_in: SignIn, doubts: list[DoubtfulMatch], look: Look, width: int
) -> None:
    page = sign_in("banner_officer", width=width)
    page.goto(reverse("doubtful_matches"))
    look(page, "doubtful")
    page.click(".line-title >> nth=0")
    page.wait_for_selector("text=Whom is this row about?")
    look(page, "doubt")
    page.wait_for_function("document.activeElement.id === 'choices'")
    press_access_key(page, "1")
    page.wait_for_url(f"**{reverse('doubtful_match', args=[doubts[1].pk])}")
    look(page, "doubt-next")
    page.fill("#q", "示例22")
    page.press("#q", "Enter")
    page.wait_for_selector("#found .line")
    look(page, "doubt-search")
    page.click("#found button")
    page.wait_for_url(f"**{reverse('doubtful_match', args=[doubts[2].pk])}")
    look(page, "doubt-nobody")
    page.keyboard.press("0")
    page.wait_for_selector("text=Nothing else waits here")
    look(page, "doubtful-done")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("The row waits again").first.wait_for()
    assert DoubtfulMatch.objects.get(pk=doubts[2].pk).state == DoubtfulMatch.State.OPEN
    page.goto(reverse("doubtful_match", args=[doubts[0].pk]))
    look(page, "doubt-decided")
    assert [row.state for row in DoubtfulMatch.objects.order_by("row_number")] == ["matched", "matched", "open"]


def test_who_decides_second_reads_who_was_first(sign_in: SignIn, doubts: list[DoubtfulMatch], look: Look) -> None:
    first, second = sign_in("banner_officer"), sign_in("administrator", width=PHONE)
    for page in (first, second):
        page.goto(reverse("doubtful_match", args=[doubts[0].pk]))
    first.click("article button >> nth=0")
    first.wait_for_url(f"**{reverse('doubtful_match', args=[doubts[1].pk])}")
    second.click("[data-key='0']")
    second.wait_for_selector(".problem:has-text('演示banner_officer')")
    look(second, "doubt-second")


def test_everything_is_sent_without_scripts(sign_in: SignIn, tmp_path: Path) -> None:
    page = sign_in("banner_officer", width=PHONE, scripts=False)
    page.goto(reverse("batch_new"))
    page.set_input_files("[name=files]", export(tmp_path))
    page.click("main button:text-is('Send')")
    page.click("button:text-is('Import')")
    assert page.locator("#batch-progress").is_visible()
    run_waiting(timezone.now())
    page.click("text=Look again")
    assert page.locator("text=What became of it").is_visible()


def test_a_doubtful_row_is_decided_without_scripts(sign_in: SignIn, doubts: list[DoubtfulMatch]) -> None:
    page = sign_in("banner_officer", scripts=False)
    row = doubts[2]
    page.goto(reverse("doubtful_match", args=[row.pk]))
    page.fill("#q", "示例22")
    page.get_by_role("button", name="Search").last.click()
    page.get_by_role("button", name="It is 示例22").click()
    row.refresh_from_db()
    assert row.person.name == "示例22"
