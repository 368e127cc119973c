"""Ask for long work, cancel it, start it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from khotail.accounts.models import Officer
from khotail.jobs.kinds import KINDS
from khotail.jobs.models import Job
from khotail.jobs.problems import AlreadyOver, NoSuchKind, NothingToRetry, NotYourJob
from khotail.jobs.queries import may_steer
from khotail.trail import chain


@transaction.atomic
def ask(
    kind: str,
    arguments: dict[str, Any] | None = None,
    *,
    by: Officer | None,
    region_code: str,
    now: datetime,
    key: str | None = None,
    not_before: datetime | None = None,
) -> Job:
    """Put a job into the queue. What waits already with the same kind, region and arguments is not asked for twice.

    arguments  JSON values, without personal data
    by         None for what the schedule asks for
    key        names one occasion; a second request with the same key, at any time, gives the first one's job
    """
    if kind not in KINDS:
        raise NoSuchKind(kind=kind)
    arguments = arguments or {}
    if key and (earlier := Job.objects.filter(key=key).first()):
        return earlier
    if not key:
        for waiting in Job.objects.filter(kind=kind, state=Job.State.WAITING, region_code=region_code, key=None):
            if waiting.arguments == arguments:
                return waiting
    job = Job(
        kind=kind, arguments=arguments, region_code=region_code, asked_by=by, asked_at=now, key=key,
        not_before=not_before,
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:  # the same occasion, asked for at the same moment elsewhere
        return Job.objects.get(key=key)
    chain.record(by, "job.asked", job, at=now, kind=kind)
    return job


@transaction.atomic
def cancel(job: Job, *, by: Officer, now: datetime) -> Job:
    """End a job: at once if it waits, after its current piece of work if it runs. Raises NotYourJob, AlreadyOver."""
    if not may_steer(by, job):
        raise NotYourJob
    rows = Job.objects.filter(pk=job.pk)
    waited = rows.filter(state=Job.State.WAITING).update(
        state=Job.State.CANCELLED, cancel_asked=True, finished_at=now
    )  # fmt: skip
    if not waited and not rows.filter(state=Job.State.RUNNING).update(cancel_asked=True):
        raise AlreadyOver(number=job.pk)
    job.refresh_from_db()
    chain.record(by, "job.cancelled", job, at=now, kind=job.kind)
    return job


@transaction.atomic
def retry(job: Job, *, by: Officer, now: datetime) -> Job:
    """Let a failed or cancelled job go on from where it stopped. Raises NotYourJob, NothingToRetry."""
    if not may_steer(by, job):
        raise NotYourJob
    over = Job.objects.filter(pk=job.pk, state__in=(Job.State.FAILED, Job.State.CANCELLED))
    again = over.update(
        state=Job.State.WAITING, attempts=0, cancel_asked=False, finished_at=None, worker="", lease_until=None,
        not_before=None, problem_zh="", problem_en="",
    )  # fmt: skip
    if not again:
        raise NothingToRetry(number=job.pk)
    job.refresh_from_db()
    chain.record(by, "job.retried", job, at=now, kind=job.kind)
    return job
