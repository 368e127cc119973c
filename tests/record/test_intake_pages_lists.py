"""Lists of files by their sender, doubtful rows by their file, and taking back the last decision of a file."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khotail.intake.models import Batch, DoubtfulMatch
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER


@pytest.fixture
def browser(signed_in):
    return signed_in("banner_officer")


def batch_of(sender, now, number: int, region: str = BANNER, doubts: int = 0) -> Batch:
    batch = Batch.objects.create(
        region_code=region, source="medical-insurance", file_name=f"文件{number}.xlsx", sha256=f"{number:064}",
        path=str(number), size_bytes=1, as_of=date(2026, 5, 1), state=Batch.State.IMPORTED, sent_by=sender, sent_at=now,
    )  # fmt: skip
    for row in range(doubts):
        DoubtfulMatch.objects.create(
            batch=batch, region_code=region, source="medical-insurance", row_number=row + 2, table="medical_costs",
            values={"name": f"某{number}{row}"},
        )  # fmt: skip
    return batch


def test_files_are_filtered_by_who_sent_them(browser, officers, now):
    batch_of(officers["banner_officer"], now, 1)
    batch_of(officers["administrator"], now, 2)
    page = browser.get(reverse("batches"), {"sender": officers["administrator"].pk}).content.decode()
    assert "文件2.xlsx" in page and "文件1.xlsx" not in page


def test_only_senders_whose_files_one_sees_are_offered_and_found(browser, officers, now):
    batch_of(officers["banner_officer"], now, 1)
    batch_of(officers["neighbour"], now, 2, NEIGHBOUR_BANNER)
    page = browser.get(reverse("batches")).content.decode()
    assert officers["banner_officer"].full_name in page and officers["neighbour"].full_name not in page
    page = browser.get(reverse("batches"), {"sender": officers["neighbour"].pk}).content.decode()
    assert "文件2.xlsx" not in page


@pytest.mark.parametrize("sender", ["x", "-1", "9" * 30, "1 OR 1=1"])
def test_a_sender_that_is_nobody_filters_nothing(browser, officers, now, sender):
    batch_of(officers["banner_officer"], now, 1)
    assert "文件1.xlsx" in browser.get(reverse("batches"), {"sender": sender}).content.decode()


def test_each_sender_is_offered_once_however_many_files_they_sent(browser, officers, now):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(reverse("batches")).content.decode()
        assert page.count(f'<option value="{officers["banner_officer"].pk}"') == 1
        return len(captured)

    batch_of(officers["banner_officer"], now, 1, doubts=2)
    few = asked()
    for number in range(2, 40):
        batch_of(officers["banner_officer"], now, number, doubts=2)
    assert asked() == few


def test_doubtful_rows_stand_below_their_file(browser, officers, now):
    first, second = (batch_of(officers["banner_officer"], now, number, doubts=2) for number in (1, 2))
    page = browser.get(reverse("doubtful_matches")).content.decode()
    places = [page.index(said) for said in ("文件1.xlsx", "某10", "某11", "文件2.xlsx", "某20", "某21")]
    assert places == sorted(places)
    assert page.count("文件1.xlsx") == page.count("文件2.xlsx") == 1
    assert reverse("batch_doubtful", args=[first.pk]) in page and reverse("batch_doubtful", args=[second.pk]) in page


def test_the_last_decision_of_a_file_can_be_taken_back_where_one_lands(browser, officers, now):
    batch_of(officers["banner_officer"], now, 1, doubts=1)
    row = DoubtfulMatch.objects.get()
    page = browser.post(reverse("doubtful_decide", args=[row.pk]), {"person": "nobody"}, follow=True).content.decode()
    assert "Nothing else waits here" in page and reverse("doubtful_undo", args=[row.pk]) in page
    browser.post(reverse("doubtful_undo", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == DoubtfulMatch.State.OPEN


def test_from_a_row_that_is_decided_one_goes_on_to_the_next(browser, signed_in, officers, now):
    batch_of(officers["banner_officer"], now, 1, doubts=2)
    first, second = DoubtfulMatch.objects.order_by("row_number")
    browser.post(reverse("doubtful_decide", args=[first.pk]), {"person": "nobody"})
    late = signed_in("administrator").post(reverse("doubtful_decide", args=[first.pk]), {"person": "nobody"})
    assert late.status_code == 409 and reverse("doubtful_match", args=[second.pk]) in late.content.decode()
