"""Pages of relocation sites."""

from __future__ import annotations

import html
import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.jobs.work import run_waiting
from khotail.relocation.models import Relocated, Site
from tests.record.conftest import VILLAGE
from tests.record.test_relocation import says


@pytest.fixture
def now():
    return timezone.now()


def page(answer) -> str:
    return html.unescape(answer.content.decode())


def test_a_site_its_gaps_its_households_and_the_list_of_those_without_work(signed_in, now, household):
    browser, today = signed_in("banner_officer"), timezone.localdate(now)
    assert "No relocation site here." in page(browser.get(reverse("sites")))
    browser.post(reverse("site_add"), {"name": "演示安置区", "region_code": VILLAGE, "opened_on": "2018-09-01"})
    site = Site.objects.get()
    says(household, now)
    browser.post(
        reverse("site_do", args=[site.pk, "move-in"]), {"household_number": "D0001", "moved_in_on": "2018-11-01"}
    )
    browser.post(reverse("site_do", args=[site.pk, "check"]), {"kind": "clinic", "state": "lacks", "on": today})
    browser.post(reverse("site_do", args=[site.pk, "organise"]), {"organisation": "演示居委会"})
    text = page(browser.get(reverse("site", args=[site.pk])))
    assert "Labour, but no work: 1" in text and "Is lacking" in text and "演示居委会" in text
    assert "1 gap" in page(browser.get(reverse("sites")))
    gaps = reverse("site_households", args=[site.pk])
    assert "演示甲" in page(browser.get(gaps, {"works": "neither"}))
    assert "演示甲" not in page(browser.get(gaps, {"works": "job"}))
    workbook = browser.get(reverse("relocated_households"), {"works": "neither", "export": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(b"".join(workbook.streaming_content))) as archive:
        assert "演示甲" in "".join(archive.read(each).decode("utf-8", "replace") for each in archive.namelist())


def test_a_household_of_a_site_gets_its_days_and_leaves(signed_in, now, household):
    browser = signed_in("banner_officer")
    browser.post(reverse("site_add"), {"name": "演示安置区", "region_code": VILLAGE, "opened_on": "2018-09-01"})
    site = Site.objects.get()
    browser.post(reverse("site_do", args=[site.pk, "move-in"]), {"household_number": "D0001"})
    row = Relocated.objects.get()
    days = {"handed_over_on": "2018-10-01", "moved_in_on": "2018-09-01", "registered_here": "no"}
    answer = browser.post(reverse("relocated_do", args=[row.pk, "days"]), days)
    assert answer.status_code == 400 and "handed over" in page(answer)
    browser.post(reverse("relocated_do", args=[row.pk, "days"]), days | {"moved_in_on": "2018-11-01"})
    row.refresh_from_db()
    assert (row.registered_here, row.stays) == (False, "yes")
    browser.post(reverse("site_do", args=[site.pk, "outcomes"]))
    run_waiting(timezone.now())
    browser.post(reverse("relocated_do", args=[row.pk, "leave"]), {"on": "2020-01-01", "reason": "返乡"})
    assert "返乡" in page(browser.get(reverse("relocated", args=[row.pk])))
    answer = browser.post(reverse("relocated_do", args=[row.pk, "leave"]), {"on": "2020-01-01", "reason": "再次"})
    assert answer.status_code == 409 and "再次" in page(answer)


def test_whoever_sees_no_register_sees_the_site_and_no_household(signed_in, now, household):
    signed_in("banner_officer").post(
        reverse("site_add"), {"name": "演示安置区", "region_code": VILLAGE, "opened_on": "2018-09-01"}
    )
    site = Site.objects.get()
    browser = signed_in("department_officer")
    assert browser.get(reverse("site", args=[site.pk])).status_code == 200
    assert browser.get(reverse("site_households", args=[site.pk])).status_code == 403
    refused = browser.post(reverse("site_do", args=[site.pk, "move-in"]), {"household_number": "D0001"})
    assert refused.status_code == 403 and not Relocated.objects.exists()
    assert signed_in("other_village_cadre").get(reverse("site", args=[site.pk])).status_code == 404
