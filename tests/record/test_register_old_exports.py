"""Exports hold numbers in clear once they are opened: they are not kept for ever."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.jobs.schedule import recurring
from khotail.jobs.work import run_waiting
from khotail.register.jobs import REMOVE_EXPORTS, ask_for_export, exported
from khotail.register.problems import ExportRemoved
from khotail.trail.models import Event
from tests.record.conftest import BANNER, TOWNSHIP


def test_exports_are_removed_once_they_are_old_and_newer_ones_stay(household, officers, now, settings, tmp_path):
    settings.KHOTAIL_HOME, settings.KHOTAIL_KEEP_EXPORTS_DAYS = tmp_path, 7
    jobs = [ask_for_export(code, by=officers["banner_officer"], now=now) for code in (BANNER, TOWNSHIP)]
    run_waiting(now)
    for job, days in zip(jobs, (8, 6), strict=True):
        at = (now - timedelta(days=days)).timestamp()
        os.utime(tmp_path / "exports" / f"{job.pk}.zip.sealed", (at, at))
    asked = ask(REMOVE_EXPORTS, {}, by=None, region_code=BANNER, now=now)
    run_waiting(now)
    asked.refresh_from_db()
    assert (asked.state, asked.outcome) == (Job.State.DONE, {"removed": 1})
    assert Event.objects.get(verb="register.exports-removed").details["exports"] == [jobs[0].pk]
    with pytest.raises(ExportRemoved):
        exported(jobs[0])
    assert exported(jobs[1])


def test_it_runs_every_day():
    (entry,) = [one for one in recurring() if one.kind == REMOVE_EXPORTS]
    assert entry.days == "every"
