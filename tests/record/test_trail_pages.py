from datetime import timedelta

import pytest
from django.urls import reverse

from khotail.jobs.actions import ask
from khotail.jobs.work import run_waiting
from khotail.trail.chain import record
from khotail.trail.models import ChainHead, Event
from tests.record.conftest import BANNER, PEOPLE

READERS = ("administrator", "auditor")


@pytest.fixture
def events(officers, household, neighbour_household, now):
    cadre = officers["village_cadre"]
    for number in range(60):
        record(cadre, "household.seen", household, at=now + timedelta(days=number), number=number)
    record(
        officers["administrator"], "officer.changed", cadre, at=now, before={"role": "helper"},
        after={"role": "<script>alert(1)</script>"},
    )  # fmt: skip
    record(officers["neighbour"], "household.secret", neighbour_household, at=now)


@pytest.mark.parametrize("key", PEOPLE)
def test_the_trail_is_for_auditors_and_administrators(officers, signed_in, events, key):
    allowed = key in (*READERS, "neighbour")
    browser = signed_in(key)
    assert browser.get(reverse("trail")).status_code == (200 if allowed else 403)
    assert browser.post(reverse("trail_verify")).status_code == (200 if allowed else 403)


def test_nothing_of_the_neighbours_is_shown(signed_in, events):
    assert "household.secret" not in signed_in("auditor").get(reverse("trail")).content.decode()
    page = signed_in("neighbour").get(reverse("trail")).content.decode()
    assert "household.secret" in page and "household.seen" not in page


def test_before_and_after_are_read_as_text(signed_in, events):
    page = signed_in("auditor").get(reverse("trail") + "?verb=officer.").content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page and "helper" in page


def test_pages_go_by_id_and_filters_stay(signed_in, events, django_assert_max_num_queries):
    browser = signed_in("auditor")
    browser.get(reverse("trail"))
    with django_assert_max_num_queries(6):
        first = browser.get(reverse("trail") + "?verb=household.seen")
    assert len(first.context["lines"]) == 50
    second = browser.get(reverse("trail") + f"?verb=household.seen&before={first.context['following']}")
    assert len(second.context["lines"]) == 10 and second.context["following"] is None
    assert "verb=household.seen" in first.content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("actor=演示village_cadre", 50), ("actor=演示admin", 1), ("kind=officer", 1), ("since=2026-07-30", 3),
        ("until=2026-06-03", 2), ("since=2026-06-04&until=2026-06-05", 2), ("verb=nothing", 0), ("since=1900-01-01", 50),
        ("since=nonsense&before=x", 50), ("actor=99999999999999999999", 0), ("subject=%00", 50),
    ],
)  # fmt: skip
def test_filters_find_what_they_say(signed_in, events, query, count):
    answer = signed_in("auditor").get(reverse("trail") + "?" + query)
    assert answer.status_code == 200 and len(answer.context["lines"]) == count


def test_the_proof_tells_what_was_altered(signed_in, events):
    browser = signed_in("auditor")
    assert "is whole" in browser.post(reverse("trail_verify")).content.decode()
    Event.objects.filter(verb="household.secret").update(verb="household.harmless")
    assert "was altered" in browser.post(reverse("trail_verify")).content.decode()


def test_a_long_trail_is_proved_as_a_job(signed_in, officers, events, now):
    ChainHead.objects.update(length=100_001)
    answer = signed_in("auditor").post(reverse("trail_verify"))
    assert answer.status_code == 302 and "/jobs/" in answer.headers["Location"]
    ChainHead.objects.update(length=Event.objects.count())
    job = ask("trail.verify", {"again": True}, by=officers["auditor"], region_code=BANNER, now=now)
    run_waiting(now)
    job.refresh_from_db()
    assert job.state == "done" and job.outcome["breaks"] == []


def test_digests_are_a_job_that_runs(officers, now):
    job = ask("accounts.digests", by=None, region_code=BANNER, now=now)
    run_waiting(now)
    job.refresh_from_db()
    assert job.outcome == {"sent": 0}
