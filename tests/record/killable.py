"""A real worker process for tests that kill it, forked by tests.record.forked.

The job copies numbers into a table that has no constraint, in pieces, so that anything done twice would show.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

PIECE = 10
KIND = "test.killable"


def prepare(rows: int) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from khotail.jobs import actions

    for app in ("trail", "jobs"):
        call_command("migrate", app, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE copied (number INTEGER)")
    register()
    actions.ask(KIND, {"rows": rows}, by=None, region_code="152221", now=timezone.now())


def work(nth: int) -> None:
    """The nth worker's clock is ahead by so many leases: whoever died before it has lost the job."""
    from django.utils import timezone

    from khotail.jobs.progress import LEASE
    from khotail.jobs.work import Worker

    register()
    Worker(lambda: timezone.now() + nth * (LEASE + timedelta(seconds=1))).run_for_ever()


def state() -> None:
    from django.db import connection

    from khotail.jobs.models import Job

    job = Job.objects.get(kind=KIND)  # before the rows: when it is done, they are all there
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT number) FROM copied")
        rows, different = cursor.fetchone()
    told = {"rows": rows, "different": different, "state": job.state, "worker": job.worker, "outcome": job.outcome}
    print(json.dumps({**told, "next": job.checkpoint.get("next", 0)}))


def register() -> None:
    from django.db import connection, transaction

    from khotail.jobs.kinds import job

    @job(KIND)
    def copy(job: Any, progress: Any) -> dict[str, int]:
        total = job.arguments["rows"]
        print("taken", flush=True)
        for start in range(job.checkpoint.get("next", 0), total, PIECE):
            with transaction.atomic(), connection.cursor() as cursor:
                for number in range(start, start + PIECE):
                    cursor.execute("INSERT INTO copied VALUES (%s)", [number])
                    time.sleep(0.003)
                progress.keep(next=start + PIECE)
            progress(start + PIECE, total, "copying")
        return {"rows": total}
