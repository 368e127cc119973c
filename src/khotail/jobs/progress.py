"""How a running job tells how far it is, keeps its lease, and learns that it must stop.

Each write is fenced: it counts only while this worker holds the job. A worker that slept past its lease finds out at
its next write, and what it had not committed is rolled back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from khotail.jobs.models import Job

#: How long a job stays with a worker that gives no sign of life.
LEASE = timedelta(seconds=60)


class Interrupted(BaseException):
    """Ends a job's function from within `progress`. Not an Exception, so that no `except Exception` swallows it."""


class Cancelled(Interrupted):
    """Somebody asked that the job end."""


class Stopped(Interrupted):
    """The worker is being stopped; the job goes back and is resumed later."""


class LostLease(Interrupted):
    """Another worker has the job by now."""


class Progress:
    """Called by a job's function as `progress(done, total, stage)` after each piece of work.

    now       the clock: business time for what the job writes
    stopping  says whether the worker was asked to stop
    pause     seconds between two writes of the numbers; calls in between only look whether to stop
    """

    def __init__(
        self, job: Job, now: Callable[[], datetime], stopping: Callable[[], bool] = lambda: False, pause: float = 0.0
    ) -> None:
        self.job = job
        self.now = now
        self._stopping = stopping
        self._pause = pause
        self._written = -pause

    def __call__(self, done: int, total: int | None = None, stage: str = "") -> None:
        """Tell how far the work is, in whatever unit `total` has. Raises Cancelled, Stopped or LostLease."""
        changed_stage = bool(stage) and stage != self.job.stage
        self.job.done, self.job.total = done, total if total is not None else self.job.total
        self.job.stage = stage[:60] or self.job.stage
        if changed_stage or done == total or time.monotonic() - self._written >= self._pause:
            self._write(done=self.job.done, total=self.job.total, stage=self.job.stage)
            self._written = time.monotonic()
            if Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
                raise Cancelled
        if self._stopping():
            raise Stopped

    def keep(self, **checkpoint: Any) -> None:
        """Write the checkpoint, within the transaction of the work that it tells of. Raises LostLease.

        A job that gets from one checkpoint to the next is well; only failures at one and the same place are counted.
        """
        self.job.checkpoint = checkpoint
        self._write(checkpoint=checkpoint, attempts=1)

    def _write(self, **values: Any) -> None:
        held = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, worker=self.job.worker)
        if not held.update(lease_until=self.now() + LEASE, **values):
            raise LostLease
