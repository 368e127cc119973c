"""Long work of the intake."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError

from khotail.accounts.notifications import notify
from khotail.intake.actions import IMPORT
from khotail.intake.importing import Import, address
from khotail.intake.models import Batch
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Cancelled, Progress
from khotail.texts import Text


@job(IMPORT)
def import_batch(job: Job, progress: Progress) -> dict[str, Any]:
    """Goes on after the last piece that was written. What cannot be imported is marked as failed, to be started again."""
    try:
        return Import(job, progress).run()
    except OperationalError:
        raise  # the database is away; the job waits for it
    except (Cancelled, Exception) as error:
        _failed(job, progress, told=not isinstance(error, Cancelled))
        raise


def _failed(job: Job, progress: Progress, *, told: bool) -> None:
    rows = Batch.objects.filter(pk=job.arguments["batch"], state=Batch.State.IMPORTING)
    batch = rows.select_related("sent_by").first()
    if batch is None:
        return
    rows.update(state=Batch.State.FAILED)
    if told:
        name = Text(f"导入第 {batch.pk} 号批次", f"import of batch {batch.pk}")
        notify(job.asked_by or batch.sent_by, "job-failed", address(batch), progress.now(), job=name)
