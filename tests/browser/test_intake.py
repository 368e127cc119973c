"""Files that come in and doubtful rows in a real browser: readable at both widths, by keyboard, and without scripts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.intake.models import Batch, DoubtfulMatch
from khotail.jobs.work import run_waiting
from khotail.register.models import Person, Statement
from tests.browser.conftest import DESKTOP, PHONE, scrolls_sideways, small_targets, violations
from tests.facts.small_lists import family, id_number, workbook
from tests.record.intake_files import MEDICAL, bill, imported, medical, register_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bills(tmp_path, officers) -> Batch:
    """A department's list: one row with a sound number, two damaged ones, one about nobody."""
    now, officer = timezone.now(), officers["banner_officer"]
    register_of(tmp_path, officer, now)
    rows = [
        bill("示例11", id_number(11)), bill("示例12", "1.52221E+17"), bill("示例21", id_number(21)[:17]),
        bill("无此人", ""),
    ]  # fmt: skip
    return imported(medical(tmp_path / "医保20260501.xlsx", rows), officer, now)


def check(page, name: str) -> None:
    assert not violations(page), name
    assert not scrolls_sideways(page), name
    assert not small_targets(page), name
    if folder := os.environ.get("KHOTAIL_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}_{page.viewport_size['width']}.png"), full_page=True)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_file_is_sent_looked_at_corrected_and_imported(tmp_path, officers, sign_in, width):
    register_of(tmp_path, officers["banner_officer"], timezone.now())
    header = ["个人掏的钱" if name == "合规自付费用" else name for name in MEDICAL]
    row = {
        "个人掏的钱" if name == "合规自付费用" else name: cell for name, cell in bill("示例11", id_number(11)).items()
    }
    path = medical(tmp_path / "医保20260501.xlsx", [row], header)
    page = sign_in("banner_officer", width=width)
    page.goto(reverse("batch_new"))
    check(page, "new")
    page.set_input_files("input[type=file]", [str(path)])
    page.select_option("[name=source]", "medical-insurance")
    page.click("form.card button.button")
    check(page, "preview")
    page.select_option("[name=source]", "medical-insurance")
    page.get_by_label("个人掏的钱").select_option("self_paid_cny")
    page.get_by_role("button", name="Save, and look again").click()
    assert page.get_by_text("Files with the same headers").is_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_selector("#batch-progress")
    check(page, "progress")
    run_waiting(timezone.now())
    page.wait_for_selector(".figures", timeout=8000)
    check(page, "counts")
    page.goto(reverse("batches"))
    check(page, "batches")
    assert Statement.objects.filter(table="medical_costs").count() == 1


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_wide_export_is_previewed_within_the_page(tmp_path, officers, sign_in, width):
    path = workbook(tmp_path / "监测对象信息20260501.xlsx", family(), titles=("监测对象信息表",))
    page = sign_in("banner_officer", width=width)
    page.goto(reverse("batch_new"))
    page.set_input_files("input[type=file]", [str(path)])
    page.click("form.card button.button")
    check(page, "export")
    page.get_by_role("link", name="Correct them too").click()
    check(page, "export_all")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_doubtful_rows_are_decided_by_key_and_taken_back(bills, sign_in, width):
    page = sign_in("banner_officer", width=width)
    page.goto(reverse("doubtful_matches"))
    check(page, "doubtful")
    page.goto(reverse("doubtful_match", args=[DoubtfulMatch.objects.get(values__name="示例12").pk]))
    check(page, "doubt")
    page.wait_for_function("document.activeElement.id === 'choices'")
    page.keyboard.press("1")
    page.get_by_text("The row before is decided").wait_for()
    row = DoubtfulMatch.objects.get(values__name="示例12")
    assert row.person == Person.objects.get(name="示例12")
    check(page, "doubt_next")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("The row waits again", exact=False).or_(page.get_by_text("the row waits again")).first.wait_for()
    row.refresh_from_db()
    assert row.state == DoubtfulMatch.State.OPEN


def test_a_doubtful_row_is_decided_without_scripts(bills, sign_in):
    page = sign_in("banner_officer", scripts=False)
    row = DoubtfulMatch.objects.get(values__name="无此人")
    page.goto(reverse("doubtful_match", args=[row.pk]))
    page.fill("#q", "示例22")
    page.get_by_role("button", name="Search").last.click()
    page.get_by_role("button", name="It is 示例22").click()
    row.refresh_from_db()
    assert row.person.name == "示例22"
