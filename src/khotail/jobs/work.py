"""The worker: takes the oldest job that waits, or one whose worker died, and sees it through.

Nothing is lost and nothing is done twice: a job belongs to one worker by a lease, its checkpoint is committed together
with the work, and every write of a worker that no longer holds the job fails (`khotail.jobs.progress`).
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone

from khotail.jobs import schedule
from khotail.jobs.heartbeat import heartbeat
from khotail.jobs.kinds import KINDS, job
from khotail.jobs.models import Job
from khotail.jobs.problems import JobFailed, NoSuchKind, WorkerDied
from khotail.jobs.progress import LEASE, Cancelled, LostLease, Progress, Stopped
from khotail.problems import Problem

__all__ = ["Progress", "Worker", "job", "run_waiting"]

#: A job that ends its worker so often at one place is not tried again.
ATTEMPTS = 3
_IDLE_SECONDS = 1.0
_WITHOUT_DATABASE = timedelta(seconds=10)
_log = logging.getLogger(__name__)


class Worker:
    """One process that works through the queue.

    clock  gives the time; a fixed one in tests
    alone  no thread that renews the lease: for tests, whose rows no other connection sees
    """

    def __init__(self, clock: Callable[[], datetime] = timezone.now, *, alone: bool = False) -> None:
        self.clock = clock
        self.alone = alone
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.stopping = threading.Event()

    def run_for_ever(self) -> None:
        """Work until SIGTERM or SIGINT; then finish the current piece of work and give the job back."""
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, lambda *_: self.stopping.set())
        while not self.stopping.is_set():
            try:
                schedule.ask_for_what_is_due(self.clock())
                found = self.run_one()
            except OperationalError as error:
                _log.warning("the database does not answer (%s); trying again", type(error).__name__)
                connection.close()
                found = False
            close_old_connections()
            if not found:
                self.stopping.wait(_IDLE_SECONDS)

    def run_one(self) -> bool:
        """Take a job and see it through; False if none is to be done."""
        taken = self.take()
        if taken is None:
            return False
        if not self._given_up(taken):
            self._see_through(taken)
        return True

    def take(self) -> Job | None:
        """The oldest job that waits or whose lease ran out, now this worker's."""
        now = self.clock()
        due = Q(state=Job.State.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
        abandoned = Q(state=Job.State.RUNNING, lease_until__lt=now)
        rows = Job.objects.filter(due | abandoned).order_by("id")
        if not connection.features.has_select_for_update_skip_locked:
            return self._claim(rows.first(), now)
        with transaction.atomic():
            return self._claim(rows.select_for_update(skip_locked=True).first(), now)

    def _claim(self, found: Job | None, now: datetime) -> Job | None:
        """Make the job this worker's, unless another was quicker."""
        if found is None:
            return None
        values: dict[str, Any] = {
            "state": Job.State.RUNNING,
            "worker": self.name,
            "lease_until": now + LEASE,
            "started_at": found.started_at or now,
            "attempts": found.attempts + 1,
        }
        unchanged = Job.objects.filter(
            pk=found.pk, state=found.state, worker=found.worker, lease_until=found.lease_until
        )
        if not unchanged.update(**values):
            return None
        for name, value in values.items():
            setattr(found, name, value)
        return found

    def _given_up(self, taken: Job) -> bool:
        if taken.cancel_asked:
            self._end(taken, Job.State.CANCELLED)
        elif taken.attempts > ATTEMPTS:
            self._fail(taken, WorkerDied(number=taken.pk, attempts=ATTEMPTS))
        elif taken.kind not in KINDS:
            self._fail(taken, NoSuchKind(kind=taken.kind))
        else:
            return False
        return True

    def _see_through(self, taken: Job) -> None:
        progress = Progress(taken, self.clock, self.stopping.is_set, pause=0.0 if self.alone else 0.2)
        try:
            with heartbeat(taken, self.clock, on=not self.alone):
                outcome = KINDS[taken.kind](taken, progress)
            self._end(taken, Job.State.DONE, outcome=outcome or {})
        except Cancelled:
            self._end(taken, Job.State.CANCELLED)
        except Stopped:
            self._give_back(taken, attempts=0)
        except LostLease:
            _log.warning("job %s went to another worker", taken.pk)
        except OperationalError as error:
            _log.warning("job %s waits for the database (%s)", taken.pk, type(error).__name__)
            connection.close()
            self._give_back(taken, attempts=taken.attempts, not_before=self.clock() + _WITHOUT_DATABASE)
        except Problem as problem:
            self._fail(taken, problem)
        except Exception as error:
            _log_without_data(taken, error)
            self._fail(taken, JobFailed(number=taken.pk))

    def _fail(self, taken: Job, problem: Problem) -> None:
        self._end(taken, Job.State.FAILED, problem_zh=problem.text.zh, problem_en=problem.text.en)

    def _end(self, taken: Job, state: str, **values: Any) -> None:
        self._mine(taken).update(state=state, finished_at=self.clock(), lease_until=None, **values)

    def _give_back(self, taken: Job, **values: Any) -> None:
        self._mine(taken).update(state=Job.State.WAITING, worker="", lease_until=None, **values)

    def _mine(self, taken: Job) -> Any:
        return Job.objects.filter(pk=taken.pk, state=Job.State.RUNNING, worker=self.name)


def run_waiting(now: datetime) -> int:
    """Do everything that waits, here and now; for tests and the first set-up. Returns how many jobs were done."""
    worker = Worker(lambda: now, alone=True)
    count = 0
    while worker.run_one():
        count += 1
    return count


def _log_without_data(taken: Job, error: Exception) -> None:
    """Kind and place of the error, not its message: that may quote a row."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    _log.error("job %s (%s) failed: %s at %s", taken.pk, taken.kind, type(error).__name__, " < ".join(places[::-1]))
    if os.environ.get("KHOTAIL_DEBUG"):
        _log.error("details", exc_info=error)
