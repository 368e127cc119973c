"""What of visits runs by itself."""

from __future__ import annotations

from typing import Any

from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.visits.forms import publish_rulebook_forms
from khotail.visits.models import Submission
from khotail.visits.taking import take


@job("visits.take")
def take_all(_: Job, progress: Progress) -> dict[str, Any]:
    """Enter what has been received. Each in a transaction of its own: a kill loses nothing and doubles nothing."""
    waiting = list(
        Submission.objects.filter(state=Submission.State.RECEIVED).order_by("id").values_list("pk", flat=True)
    )
    for done, pk in enumerate(waiting, start=1):
        take(Submission(pk=pk), progress.now())
        progress(done, len(waiting))
    return {"taken": len(waiting)}


@job("visits.publish_forms")
def publish(_: Job, progress: Progress) -> dict[str, Any]:
    """Offer the forms of the rulebook in force."""
    return {"published": len(publish_rulebook_forms(progress.now()))}
