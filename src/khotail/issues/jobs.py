"""The issue loop that runs by itself."""

from __future__ import annotations

from typing import Any

from khotail.issues.checks import draw_checks
from khotail.issues.escalation import escalate_overdue
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress


@job("issues.escalate")
def escalate(_: Job, progress: Progress) -> dict[str, Any]:
    """Watch what is overdue one level up, and close what nobody answered. Twice changes nothing."""
    return dict(escalate_overdue(progress.now(), progress))


@job("issues.draw_checks")
def draw(_: Job, progress: Progress) -> dict[str, Any]:
    """Draw closings for the supervision committees. Twice draws the same."""
    return {"drawn": draw_checks(progress.now(), progress)}
