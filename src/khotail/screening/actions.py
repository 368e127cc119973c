"""Run the rulebook over the register, and keep what it finds for as long as it holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from khotail import engine
from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.engine.findings import Findings
from khotail.facts.regions import Regions
from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.register.bulk import execute_for, insert, rows_with, stored, update
from khotail.register.models import Household
from khotail.screening import rulebook, snapshot
from khotail.screening.comparing import Difference, difference, sealed_values
from khotail.screening.models import Finding, Kind, Run
from khotail.screening.problems import MayNotScreen, OutsideYourRegion, RunsAlready
from khotail.texts import Text
from khotail.trail import chain

#: Findings that are written in one transaction.
CHUNK = 5_000
#: A run that no job belongs to has died if it is not over by then.
_LONGEST = timedelta(hours=2)
_KINDS = {Kind.SIGNAL: Text("筛查", "screening"), Kind.AUDIT: Text("数据核查", "data audit")}
_COLUMNS = (
    "kind", "household_id", "region_code", "level", "subject", "rule_id", "severity", "cause", "values", "digest",
    "since", "first_run_id",
)  # fmt: skip

#: Called with how much is done, of how much, and what.
Progress = Callable[[int, int, str], None]


def ask_for_run(kind: str, region_code: str, *, by: Officer | None, now: datetime) -> Job:
    """Put a run into the queue. Raises MayNotScreen, OutsideYourRegion, RunsAlready."""
    _check_may(region_code, by)
    _check_free(kind, region_code, now)
    for job in Job.objects.filter(kind="screening.run", state__in=(Job.State.WAITING, Job.State.RUNNING)):
        if job.arguments.get("kind") == kind and _overlap(job.region_code, region_code):
            raise _runs_already(kind, job.region_code, job.asked_by, job.asked_at)
    return ask("screening.run", {"kind": str(kind)}, by=by, region_code=region_code, now=now)


def run(
    kind: str,
    region_code: str,
    as_of: date,
    by: Officer | None,
    now: datetime,
    progress: Progress = lambda done, total, stage: None,
    job: Job | None = None,
) -> Run:
    """Screen (`signal`) or audit (`audit`) a region and write what changed: what is new, what ended, what has other values.

    It may be cut off at any point: the same job goes on with the same Run, and what is written is compared anew, so that
    everything is there once. A finding that lasts is not touched.
    Raises MayNotScreen, OutsideYourRegion, RunsAlready, NothingStated, NothingCanRun, BeforeTheRulebook.
    """
    _check_may(region_code, by)
    made = _begin(kind, region_code, as_of, by, now, job)
    snapshot.refresh(progress)
    try:
        facts = snapshot.facts()
        with facts.connection:
            judge = engine.screen if kind == Kind.SIGNAL else engine.audit
            findings = judge(
                facts, rulebook.current(), as_of=made.as_of, region=region_code,
                progress=lambda level, done, total: progress(done, total, "rules"),
            )  # fmt: skip
            _follow_moves()
            found = difference(findings, kind, region_code)
            changed = write_difference(made, found, progress)
            return _finish(made, findings, found, changed, by, now)
    except OperationalError:  # the database is away: the job goes on with this run once it is back
        raise
    except Exception:
        _give_up(made, now)
        raise


def _begin(kind: str, region_code: str, as_of: date, by: Officer | None, now: datetime, job: Job | None) -> Run:
    """The job's own unfinished run, or a new one."""
    mine = Run.objects.filter(job=job, kind=kind, finished_at=None).first() if job else None
    if mine:
        return mine
    _check_free(kind, region_code, now, besides=job)
    book = rulebook.current()
    try:
        return Run.objects.create(
            kind=kind, region_code=region_code, as_of=as_of, rulebook=book.id, rulebook_digest=rulebook.digest(),
            job=job, asked_by=by, started_at=now,
        )  # fmt: skip
    except IntegrityError as error:
        raise _runs_already(kind, region_code, None, now) from error


def _check_may(region_code: str, by: Officer | None) -> None:
    if by is None:
        return
    if not by.may(May.SCREEN):
        raise MayNotScreen
    if not region_code.startswith(by.region_code):
        raise OutsideYourRegion(code=region_code)


def _check_free(kind: str, region_code: str, now: datetime, besides: Job | None = None) -> None:
    """Raise RunsAlready if a run of the kind is at work in the region; end those that died."""
    for other in Run.objects.filter(kind=kind, finished_at=None).select_related("job", "asked_by"):
        alive = (
            other.job.state in (Job.State.WAITING, Job.State.RUNNING)
            if other.job
            else now - other.started_at < _LONGEST
        )
        if not alive:
            _give_up(other, now)
        elif (besides is None or other.job_id != besides.pk) and _overlap(other.region_code, region_code):
            raise _runs_already(kind, other.region_code, other.asked_by, other.started_at)


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _runs_already(kind: str, region_code: str, who: Officer | None, since: datetime) -> RunsAlready:
    name = _KINDS[Kind(kind)]
    return RunsAlready(
        place=Regions.load().full_name(region_code) or region_code, kind_zh=name.zh, kind_en=name.en,
        who=who.full_name if who else "—", since=f"{timezone.localtime(since):%Y-%m-%d %H:%M}",
    )  # fmt: skip


def _give_up(made: Run, now: datetime) -> None:
    """Close a run that will not end by itself; what it had written stays, and the next run goes on from there."""
    Run.objects.filter(pk=made.pk, finished_at=None).update(finished_at=now, counts={**made.counts, "failed": True})


def _follow_moves() -> None:
    """Let open findings follow households that moved to another village."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE screening_finding SET region_code = (
                SELECT h.region_code FROM register_household h WHERE h.id = screening_finding.household_id)
            WHERE ended_on IS NULL AND household_id IS NOT NULL AND region_code <> (
                SELECT h.region_code FROM register_household h WHERE h.id = screening_finding.household_id)"""
        )


def write_difference(made: Run, found: Difference, progress: Progress = lambda done, total, stage: None) -> int:
    """Write a run's difference in chunks, each in one transaction; returns how many findings got other values."""
    counts = {table: found.count(table) for table in ("gone", "changed", "fresh")}
    total, done = sum(counts.values()), 0
    for table, write in (("gone", _end), ("changed", _change), ("fresh", _add)):
        for rows in found.chunks(table, CHUNK):
            with transaction.atomic():
                write(made, rows)
            done += len(rows)
            progress(done, total, "writing")
    return counts["changed"]


def _end(made: Run, rows: list[tuple[Any, ...]]) -> None:
    execute_for(
        "UPDATE screening_finding SET ended_on = %s, last_run_id = %s WHERE ended_on IS NULL AND id {inside}",
        [row[0] for row in rows], stored(Finding, "ended_on", made.as_of), made.pk,
    )  # fmt: skip


def _change(made: Run, rows: list[tuple[Any, ...]]) -> None:
    """New values, the same `since`: it is still the same warning."""
    update(Finding, {
        pk: {"severity": severity, "cause": cause, "values": sealed_values(values), "digest": digest, "region_code": region}
        for pk, _level, _subject, _rule, severity, cause, values, digest, _number, region in rows
    })  # fmt: skip


def _add(made: Run, rows: list[tuple[Any, ...]]) -> None:
    numbers = {row[7] for row in rows if row[7]}
    homes = {number: pk for pk, number in rows_with(Household, ["id", "number"], "number", numbers)}
    since = stored(Finding, "since", made.as_of)
    insert(Finding, _COLUMNS, [
        (made.kind, homes.get(number), region[:12], level, subject, rule, severity, cause, sealed_values(values), digest,
         since, made.pk)
        for level, subject, rule, severity, cause, values, digest, number, region in rows
        if number is None or number in homes
    ])  # fmt: skip


@transaction.atomic
def _finish(made: Run, findings: Findings, found: Difference, changed: int, by: Officer | None, now: datetime) -> Run:
    new = Finding.objects.filter(first_run=made).count()
    made.counts = {
        "subjects": sum(findings.subjects.values()),
        "found": found.found,
        "new": new,
        "lasting": max(found.found - new, 0),
        "changed": changed,
        "ended": Finding.objects.filter(last_run=made).count(),
        "households": findings.households(),
        "rules": len(findings.ran),
        "skipped": [
            {"rule": rule.rule_id, "zh": rule.reason.zh, "en": rule.reason.en} for rule in findings.skipped
        ],
    }  # fmt: skip
    made.finished_at = now
    made.save(update_fields=["counts", "finished_at"])
    told = {name: number for name, number in made.counts.items() if name != "skipped"}
    chain.record(
        by, "run.finished", made, at=now, kind=made.kind, as_of=made.as_of, **told, skipped=len(findings.skipped)
    )
    return made
