"""The run of the programmes as long work: on demand and on schedule, after the nightly screening."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from khotail.entitlements.running import KIND, run
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.screening.jobs import Kept

_COUNTED = ("subjects", "programmes", "new", "changed", "ended", "missed", "closed", "left_out")


@job(KIND)
def run_programmes(asked: Job, progress: Progress) -> dict[str, Any]:
    """Work out the entitlements of the job's region."""
    now = progress.now()
    made = run(asked.region_code, timezone.localdate(now), asked.asked_by, now, Kept(asked, progress), asked)
    return {
        **{name: made.counts[name] for name in _COUNTED},
        "run": made.pk,
        "path": f"/help/entitlements/runs/{made.pk}/",
    }
