"""Outcomes of relocation, worked out again every night from what the register has learned."""

from __future__ import annotations

from typing import Any

from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.relocation.models import Relocated
from khotail.relocation.outcomes import work_out

OUTCOMES = "relocation.outcomes"


@job(OUTCOMES)
def outcomes(job: Job, progress: Progress) -> dict[str, Any]:
    """Work out every household, or those of one site: arguments {"site": id}. Twice changes nothing."""
    rows = Relocated.objects.filter(left_on=None)
    if site := job.arguments.get("site"):
        rows = rows.filter(site=site)
    ids = list(rows.values_list("pk", flat=True))
    return {"found": work_out(ids, progress.now(), progress)}
