"""Long work of the apps to the left, which know nothing of jobs: digests of notifications, proof of the audit trail."""

from __future__ import annotations

from typing import Any

from khotail.accounts.notifications import send_digests
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.trail.verification import verify


@job("accounts.digests")
def digests(asked: Job, progress: Progress) -> dict[str, Any]:
    """Send everybody their news of the day."""
    return {"sent": send_digests(progress.now())}


@job("trail.verify")
def verify_trail(asked: Job, progress: Progress) -> dict[str, Any]:
    """Read the whole trail and prove it."""
    return verify(lambda done, total: progress(done, total, "reading")).outcome()
