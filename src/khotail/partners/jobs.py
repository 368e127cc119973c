"""Work on partners that runs by itself."""

from __future__ import annotations

from typing import Any

from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.partners.reminding import remind_overdue


@job("partners.remind")
def remind(_: Job, progress: Progress) -> dict[str, Any]:
    """Tell of pledges that are newly overdue. Twice tells once."""
    return {"sent": remind_overdue(progress.now())}
