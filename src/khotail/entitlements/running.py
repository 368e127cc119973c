"""Run the programmes over the register, and keep what comes of it for as long as it holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from khotail import engine
from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.engine.entitlements import Entitlements
from khotail.entitlements.comparing import Difference, difference, left_alone, vanished
from khotail.entitlements.depending import keep_dependence
from khotail.entitlements.models import Entitlement, EntitlementRun, Missed
from khotail.entitlements.problems import EntitlementsRunAlready, MayNotRunProgrammes, OutsideYourRegion
from khotail.entitlements.telling import tell_villages
from khotail.entitlements.writing import Progress, follow_moves, write_difference
from khotail.facts.regions import Regions
from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.jobs.progress import Cancelled
from khotail.screening import rulebook, snapshot
from khotail.trail import chain

KIND = "entitlements.run"
#: A run that no job belongs to has died if it is not over by then.
_LONGEST = timedelta(hours=2)
_AT_WORK = (Job.State.WAITING, Job.State.RUNNING)


def ask_for_run(region_code: str, *, by: Officer | None, now: datetime) -> Job:
    """Put a run into the queue. Raises MayNotRunProgrammes, OutsideYourRegion, EntitlementsRunAlready."""
    _check_may(region_code, by)
    _check_free(region_code, now)
    for job in Job.objects.filter(kind=KIND, state__in=_AT_WORK).select_related("asked_by"):
        if _overlap(job.region_code, region_code):
            raise _runs_already(job.region_code, job.asked_by, job.asked_at)
    return ask(KIND, by=by, region_code=region_code, now=now)


def run(
    region_code: str,
    as_of: date,
    by: Officer | None,
    now: datetime,
    progress: Progress = lambda done, total, stage: None,
    job: Job | None = None,
) -> EntitlementRun:
    """Judge everybody in a region by the programmes in force, and write what is new, what changed and what is over.

    It may be cut off at any point: the same job goes on with the same run, and what is written is compared anew. Programmes
    that lack data are left out and counted, and their rows stay. What lasts is not touched.
    Raises MayNotRunProgrammes, OutsideYourRegion, EntitlementsRunAlready, NothingStated, NothingCanRun, BeforeTheRulebook.
    """
    _check_may(region_code, by)
    made = _begin(region_code, as_of, by, now, job)
    try:
        snapshot.refresh(progress)
        facts = snapshot.facts()
        with facts.connection:
            found = engine.entitle(
                facts, rulebook.current(), on=made.as_of, region=region_code,
                progress=lambda level, done, total: progress(done, total, "rules"),
            )  # fmt: skip
            follow_moves()
            told = difference(found, region_code)
            changed = write_difference(made, told, now, progress)
            depends = keep_dependence(made, facts, progress)
            return _finish(made, found, told, changed, depends, by, now)
    except OperationalError:  # the database is away: the job goes on with this run once it is back
        raise
    except Cancelled:
        _give_up(made, now, "cancelled")
        raise
    except Exception:
        _give_up(made, now, "failed")
        raise


def _begin(region_code: str, as_of: date, by: Officer | None, now: datetime, job: Job | None) -> EntitlementRun:
    """The job's own unfinished run, or a new one."""
    mine = EntitlementRun.objects.filter(job=job, finished_at=None).first() if job else None
    if mine:
        return mine
    _check_free(region_code, now, besides=job)
    book = rulebook.current()
    try:
        with transaction.atomic():
            return EntitlementRun.objects.create(
                region_code=region_code, as_of=as_of, rulebook=book.id, rulebook_digest=rulebook.digest(), job=job,
                asked_by=by, started_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise _runs_already(region_code, None, now) from error


def _check_may(region_code: str, by: Officer | None) -> None:
    if by is None:
        return
    if not by.may(May.SCREEN):
        raise MayNotRunProgrammes
    if not region_code.startswith(by.region_code):
        raise OutsideYourRegion(code=region_code)


def _check_free(region_code: str, now: datetime, besides: Job | None = None) -> None:
    """Raise EntitlementsRunAlready if one is at work in the region; end those that died."""
    for other in EntitlementRun.objects.filter(finished_at=None).select_related("job", "asked_by"):
        alive = other.job.state in _AT_WORK if other.job else now - other.started_at < _LONGEST
        if not alive:
            _give_up(other, now, "failed")
        elif (besides is None or other.job_id != besides.pk) and _overlap(other.region_code, region_code):
            raise _runs_already(other.region_code, other.asked_by, other.started_at)


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _runs_already(region_code: str, who: Officer | None, since: datetime) -> EntitlementsRunAlready:
    return EntitlementsRunAlready(
        place=Regions.load().full_name(region_code) or region_code, who=who.full_name if who else "—",
        since=f"{timezone.localtime(since):%Y-%m-%d %H:%M}",
    )  # fmt: skip


def _give_up(made: EntitlementRun, now: datetime, how: str) -> None:
    """Close a run that will not end by itself; what it had written stays, and the next run goes on from there."""
    EntitlementRun.objects.filter(pk=made.pk, finished_at=None).update(
        finished_at=now, counts={**made.counts, how: True}
    )


@transaction.atomic
def _finish(
    made: EntitlementRun, found: Entitlements, told: Difference, changed: int, depends: dict[str, Any], by: Officer | None,
    now: datetime,
) -> EntitlementRun:  # fmt: skip
    lines = [_line(count) for count in found.counts()]
    alone, gone = left_alone(found), vanished(found)
    open_missed = Missed.objects.in_region(made.region_code).filter(closed_on=None)
    numbers = {
        "subjects": sum(found.subjects.values()),
        "programmes": len(lines),
        "new": Entitlement.objects.filter(first_run=made).count(),
        "changed": changed,
        "ended": Entitlement.objects.filter(last_run=made).count(),
        "missed": open_missed.count(),
        "households_missing": open_missed.values("household").distinct().count(),
        "opened": Missed.objects.filter(first_run=made).count(),
        "closed": Missed.objects.filter(closed_run=made).count(),
        "unknown": sum(line["unknown"] for line in lines),
        "left_out": len(found.skipped),
        "vanished": len(gone),
    }
    made.counts = {
        **numbers,
        "lines": lines,
        "skipped": [
            {"programme": skip.rule_id, "zh": skip.reason.zh, "en": skip.reason.en, "rows": alone.get(skip.rule_id, 0)}
            for skip in found.skipped
        ],
        "gone": [{"programme": id_, "rows": rows} for id_, rows in gone],
        "endings": told.endings(),
        "dependence": depends,
    }
    made.finished_at = now
    made.save(update_fields=["counts", "finished_at"])
    tell_villages(made, now)
    chain.record(by, "entitlement_run.finished", made, at=now, as_of=made.as_of, **numbers)
    return made


def _line(count: Any) -> dict[str, Any]:
    """One programme's figures as they are kept with the run."""
    names = ("entitled", "received", "missed", "unknown", "given_up", "withdrawing", "received_unentitled")
    money = ("amount_cny", "received_cny", "missed_cny")
    return (
        {"programme": count.programme.id, "seen": count.is_seen}
        | {name: int(getattr(count, name)) for name in names}
        | {name: round(float(getattr(count, name)), 2) for name in money}
    )
