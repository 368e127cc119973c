"""Oversight that runs by itself."""

from __future__ import annotations

from typing import Any

from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.oversight.continuity import count


@job("oversight.count")
def count_series(_: Job, progress: Progress) -> dict[str, Any]:
    """Count the series of the four not-removes and raise alarms. Twice writes the same."""
    return dict(count(progress.now(), progress))
