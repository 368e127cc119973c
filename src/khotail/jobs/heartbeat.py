"""A thread that renews the lease of a running job, so that one long statement does not lose it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import OperationalError, connection

from khotail.jobs.models import Job
from khotail.jobs.progress import LEASE


@contextmanager
def heartbeat(job: Job, clock: Callable[[], datetime], *, on: bool = True) -> Iterator[None]:
    """Renew the lease four times within its length until the block is left."""
    if not on:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, clock, over), name=f"heartbeat of job {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(job: Job, clock: Callable[[], datetime], over: threading.Event) -> None:
    try:
        while not over.wait(LEASE.total_seconds() / 4):
            try:
                held = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, worker=job.worker)
                if not held.update(lease_until=clock() + LEASE):
                    return
            except OperationalError:  # the database is away or busy: the next beat may reach it
                connection.close()
    finally:
        connection.close()
