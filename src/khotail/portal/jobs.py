"""What of the portal runs by itself."""

from __future__ import annotations

from typing import Any

from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.portal.chosen import forget_old


@job("portal.forget_chosen")
def forget(_: Job, progress: Progress) -> dict[str, Any]:
    """Remove photos and recordings of forms that were never sent."""
    return {"removed": forget_old(progress.now().timestamp())}
