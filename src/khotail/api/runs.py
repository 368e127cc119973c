"""Runs of the rulebook over a region, and jobs: what waits, how far it is, what came of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Words, listed, one, within
from khotail.jobs.models import Job
from khotail.jobs.queries import jobs_of
from khotail.screening.actions import ask_for_run
from khotail.screening.models import Run
from khotail.screening.queries import NOT_A_RUN

router = Router(tags=["runs"])


class JobLine(Schema):
    """Long work. `total` is null while it is not known; `problem` is empty unless it failed."""

    id: int
    kind: str
    state: str
    region_code: str
    asked_at: datetime
    finished_at: datetime | None
    stage: str
    done: int
    total: int | None
    outcome: dict[str, Any]
    problem: dict[str, str]


class RunLine(Schema):
    """`counts`: subjects, found, new, lasting, ended, and the rules that could not run with the reason."""

    id: int
    kind: str
    region_code: str
    as_of: date
    rulebook: str
    rulebook_digest: str
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, Any]


class Wanted(Schema):
    """`signal` screens, `audit` checks the data; your whole region if none is named."""

    kind: Literal["signal", "audit"]
    region_code: Words = ""


@router.get("/runs", response=Listed[RunLine], summary="Runs within your region")
def runs(request: HttpRequest, limit: Limit, after: After) -> Any:
    officer = caller(request, May.SEE_CASES)
    return listed(Run.objects.visible_to(officer).exclude(NOT_A_RUN), after, limit, _run)


@router.post("/runs", response={202: JobLine}, summary="Ask for a run; it waits in the queue")
def start(request: HttpRequest, sent: Wanted) -> Any:
    """409 while one is at work in the region. Follow it by GET /jobs/{id}; `outcome.run` is the run."""
    officer = caller(request, May.SCREEN)
    asked = ask_for_run(sent.kind, within(officer, sent.region_code), by=officer, now=timezone.now())
    return Status(202, job_line(asked))


@router.get("/runs/{id}", response=RunLine, summary="One run")
def run(request: HttpRequest, id: Id) -> Any:
    return _run(one(Run.objects.visible_to(caller(request, May.SEE_CASES)), id))


@router.get("/jobs/{id}", response=JobLine, summary="How far long work is")
def job(request: HttpRequest, id: Id) -> Any:
    return job_line(one(jobs_of(caller(request)), id))


def _run(run: Run) -> dict[str, Any]:
    names = ("kind", "region_code", "as_of", "rulebook", "rulebook_digest", "started_at", "finished_at", "counts")
    return {"id": run.pk} | {name: getattr(run, name) for name in names}


def job_line(job: Job) -> dict[str, Any]:
    names = ("kind", "state", "region_code", "asked_at", "finished_at", "stage", "done", "total", "outcome")
    problem = {"zh": job.problem_zh, "en": job.problem_en} if job.problem_zh else {}
    return {"id": job.pk, "problem": problem} | {name: getattr(job, name) for name in names}
