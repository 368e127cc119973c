"""What of the portal runs by itself."""

from __future__ import annotations

from typing import Any

from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.residents.codes import forget_old


@job("residents.forget_codes")
def forget(_: Job, progress: Progress) -> dict[str, Any]:
    """Remove one-time codes of more than a day ago."""
    return {"removed": forget_old(progress.now())}
