"""Pressing the import button with corrections beside it that were not saved."""

from __future__ import annotations

import pytest
from django.urls import reverse

from khotail.intake import actions
from khotail.intake.models import Batch
from khotail.jobs.models import Job
from tests.facts.small_lists import id_number
from tests.record.intake_files import MEDICAL, as_upload, bill, medical, register_of

pytestmark = pytest.mark.one_database


@pytest.fixture
def batch(tmp_path, officers, now) -> Batch:
    """A list that is known, with one column too many that somebody may give a meaning to."""
    officer = officers["banner_officer"]
    register_of(tmp_path, officer, now)
    row = bill("示例11", id_number(11), 家里电话="13800000000")
    path = medical(tmp_path / "医保20260501.xlsx", [row], [*MEDICAL, "家里电话"])
    return actions.upload(as_upload(path), by=officer, now=now)


@pytest.fixture
def browser(signed_in):
    return signed_in("banner_officer")


def press_import(browser, batch: Batch, **said: str):
    as_shown = {"source": batch.source, "as_of": batch.as_of.isoformat()}
    return browser.post(reverse("batch_import", args=[batch.pk]), as_shown | said, follow=True)


def test_what_was_not_changed_is_imported_at_once(browser, batch):
    press_import(browser, batch)
    batch.refresh_from_db()
    assert batch.state == Batch.State.IMPORTING


def test_an_unsaved_change_is_saved_and_shown_before_anything_is_imported(browser, batch):
    jobs = Job.objects.count()
    page = press_import(browser, batch, as_of="2026-04-30").content.decode()
    batch.refresh_from_db()
    assert batch.state == Batch.State.UPLOADED and f"{batch.as_of}" == "2026-04-30" and Job.objects.count() == jobs
    assert "Your changes are saved" in page
    press_import(browser, batch)
    batch.refresh_from_db()
    assert batch.state == Batch.State.IMPORTING


def test_a_wrong_day_is_said_beside_the_field_and_nothing_is_imported(browser, batch):
    answer = press_import(browser, batch, as_of="yesterday")
    batch.refresh_from_db()
    assert answer.status_code == 400 and "errorlist" in answer.content.decode()
    assert batch.state == Batch.State.UPLOADED


def test_pressing_it_twice_imports_once(browser, batch):
    jobs = Job.objects.count()
    press_import(browser, batch)
    assert press_import(browser, batch).status_code == 409
    assert Job.objects.count() == jobs + 1


def test_who_may_not_send_files_changes_nothing(signed_in, batch):
    answer = press_import(signed_in("leader"), batch, as_of="2026-04-30")
    batch.refresh_from_db()
    assert answer.status_code == 403 and f"{batch.as_of}" == "2026-05-01"


def test_columns_that_are_not_known_come_first(browser, batch):
    page = browser.get(reverse("batch", args=[batch.pk]), {"all": "1"}).content.decode()
    assert page.index(">家里电话</label>") < page.index(">姓名</label>")
