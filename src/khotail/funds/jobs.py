"""What the app does by itself."""

from __future__ import annotations

from typing import Any

from khotail.funds.escalation import escalate_overdue
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress


@job("funds.escalate")
def escalate(_: Job, progress: Progress) -> dict[str, Any]:
    """Watch overdue milestones one level up. Twice changes nothing."""
    return {"escalated": escalate_overdue(progress.now(), progress)}
