from datetime import UTC, datetime, time, timedelta

import pytest

from khotail.jobs.kinds import KINDS
from khotail.jobs.models import Job
from khotail.jobs.schedule import BadSchedule, Recurring, ask_for_what_is_due, recurring
from khotail.jobs.work import run_waiting
from khotail.trail.chain import record

NIGHTLY = Recurring("nightly", "test.nightly", time(2, 0), "every")
WORKING = Recurring("escalation", "test.nightly", time(6, 0), "working")
SUNDAYS = Recurring("audit", "test.nightly", time(3, 0), ("sunday",))


@pytest.fixture(autouse=True)
def worked_before(household, settings, now, monkeypatch):
    """Somebody worked here a month ago; a kind that does nothing."""
    settings.KHOTAIL_BANNER = "152221"
    monkeypatch.setitem(KINDS, "test.nightly", lambda job, progress: {})
    record(None, "household.seen", household, at=now - timedelta(days=30))


def shanghai(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def asked(entry: Recurring, now: datetime) -> int:
    return len(ask_for_what_is_due(now, [entry]))


def test_a_slot_is_asked_for_once_however_often_workers_look():
    assert [asked(NIGHTLY, shanghai(3, 1, 59)), asked(NIGHTLY, shanghai(3, 2, 0))] == [0, 1]
    assert asked(NIGHTLY, shanghai(3, 2, 1)) == 0
    run_waiting(shanghai(3, 2, 1))
    assert asked(NIGHTLY, shanghai(3, 2, 5)) == 0
    assert asked(NIGHTLY, shanghai(4, 2, 0)) == 1
    assert Job.objects.filter(region_code="152221", asked_by=None).count() == 2


def test_a_missed_slot_is_made_up_for_within_half_a_day_and_only_the_latest():
    assert asked(NIGHTLY, shanghai(3, 13, 0)) == 1
    assert asked(NIGHTLY, shanghai(9, 15, 0)) == 0


def test_working_days_leave_out_weekends_and_holidays():
    assert asked(WORKING, shanghai(3, 6)) == 1  # a Wednesday
    assert asked(WORKING, shanghai(6, 6)) == 0  # a Saturday
    assert asked(WORKING, shanghai(1, 6, month=10)) == 0  # National Day


def test_a_weekday_is_that_weekday_in_shanghai():
    assert [asked(SUNDAYS, shanghai(6, 3, 30)), asked(SUNDAYS, shanghai(7, 3, 30))] == [0, 1]


def test_nothing_is_due_before_anybody_worked_here():
    assert asked(NIGHTLY, shanghai(3, 2, month=4)) == 0


def test_the_built_in_table_is_right():
    assert {entry.id for entry in recurring()} >= {"nightly-screening", "weekly-audit", "escalation", "digests"}


@pytest.mark.parametrize("row", ["{id: a, kind: k, at: '25:00', days: every}", "{id: a, kind: k, at: '02:00', days: sometimes}", "{id: a, at: '02:00', days: every}"])  # fmt: skip
def test_a_bad_table_names_file_and_entry(tmp_path, settings, row):
    path = tmp_path / "mine.yaml"
    path.write_text(f"- {row}\n")
    settings.KHOTAIL_SCHEDULE = str(path)
    recurring.cache_clear()
    with pytest.raises(BadSchedule) as told:
        recurring()
    recurring.cache_clear()
    assert "mine.yaml" in told.value.text.en and "“a”" in told.value.text.en
