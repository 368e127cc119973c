"""Help that runs by itself, and the checks of effects that people ask for."""

from __future__ import annotations

from typing import Any

from khotail.assistance.effects import JOB, compute
from khotail.assistance.escalation import escalate_overdue
from khotail.assistance.models import EffectStudy
from khotail.assistance.planning import look_again
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress


@job("assistance.escalate")
def escalate(_: Job, progress: Progress) -> dict[str, Any]:
    """Send overdue papers one level up, and work out the gaps of plans anew. Twice changes nothing."""
    now = progress.now()
    return {"escalated": escalate_overdue(now, progress), "changed": look_again(now)}


@job(JOB)
def effect(asked: Job, progress: Progress) -> dict[str, Any]:
    """Check an effect: arguments {"study": id}."""
    study = compute(EffectStudy.objects.get(pk=asked.arguments["study"]), progress.now(), progress)
    return {"found": study.result.get("matched", 0), "path": f"/help/effects/{study.pk}/"}
