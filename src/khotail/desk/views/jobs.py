"""Long work that runs in the background: what runs, how far it is, what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from khotail.desk.job_names import name_of, outcome_lines
from khotail.jobs import actions
from khotail.jobs.models import Job
from khotail.jobs.queries import jobs_of, may_steer

_PER_PAGE = 50


@login_required
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    page = Paginator(jobs_of(request.user), _PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"job": each, "name": name_of(each.kind)} for each in page]
    return render(request, "desk/jobs/jobs.html", {"page": page, "rows": rows})


@login_required
@require_safe
def job(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "desk/jobs/job.html", _seen(request, number))


@login_required
@require_safe
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """The part of the job's page that changes while it runs."""
    return render(request, "desk/jobs/progress.html", _seen(request, number))


@login_required
@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    actions.cancel(get_object_or_404(jobs_of(request.user), pk=number), by=request.user, now=timezone.now())
    return redirect("job", number)


@login_required
@require_POST
def retry(request: HttpRequest, number: int) -> HttpResponse:
    actions.retry(get_object_or_404(jobs_of(request.user), pk=number), by=request.user, now=timezone.now())
    return redirect("job", number)


def _seen(request: HttpRequest, number: int) -> dict[str, Any]:
    seen = get_object_or_404(jobs_of(request.user), pk=number)
    steers, state = may_steer(request.user, seen), Job.State
    path = str(seen.outcome.get("path", ""))
    return {
        "job": seen,
        "name": name_of(seen.kind),
        "over": seen.state in (state.DONE, state.FAILED, state.CANCELLED),
        "percent": min(100, seen.done * 100 // seen.total) if seen.total else None,
        "may_cancel": steers and seen.state in (state.WAITING, state.RUNNING) and not seen.cancel_asked,
        "may_retry": steers and seen.state in (state.FAILED, state.CANCELLED),
        "outcome": outcome_lines(seen.outcome),
        "result": path if path.startswith("/") and url_has_allowed_host_and_scheme(path, None) else "",
        "problem": {"zh": seen.problem_zh, "en": seen.problem_en},
    }
