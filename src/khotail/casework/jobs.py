"""Casework that runs by itself."""

from __future__ import annotations

from typing import Any

from khotail.casework.escalation import escalate_overdue
from khotail.casework.screened import leads_from_run
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.screening.models import Run


@job("casework.escalate")
def escalate(_: Job, progress: Progress) -> dict[str, Any]:
    """Send what is overdue one level up. Asked for every working day; running it twice changes nothing."""
    return dict(escalate_overdue(progress.now(), progress))


@job("casework.leads")
def leads(job: Job, progress: Progress) -> dict[str, Any]:
    """Raise leads from a run: arguments {"run": id}."""
    return dict(leads_from_run(Run.objects.get(pk=job.arguments["run"]), progress.now(), progress))
