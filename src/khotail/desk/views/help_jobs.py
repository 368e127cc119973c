"""Jobs that people have, those that were lost, and lists of jobs that come as files."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.assistance.employing import end_job, enter_job
from khotail.assistance.importing import import_jobs
from khotail.assistance.models import Employment
from khotail.desk.assistance_forms import JobEndForm, JobForm, JobsFileForm
from khotail.desk.assistance_lists import JOBS_EXPORTED, JobFilter, JobLostFilter, jobs, lost
from khotail.desk.household_finding import find_page, household_or_404
from khotail.desk.problems import sentence
from khotail.desk.views.help_lists import help_list
from khotail.problems import Problem


@login_required
@require_safe
def jobs_kept(request: HttpRequest) -> HttpResponse:
    return help_list(request, jobs, JobFilter, JOBS_EXPORTED, "jobs")


@login_required
@require_safe
def jobs_lost(request: HttpRequest) -> HttpResponse:
    return help_list(request, lost, JobLostFilter, JOBS_EXPORTED, "jobs_lost")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Find the household, then enter whose job it is."""
    officer = request.user
    require(officer, May.PLAN_HELP)
    chosen = request.POST.get("household", "") or request.GET.get("household", "")
    if not chosen:
        return find_page(request, _("Enter a job"))
    household, status = household_or_404(officer, chosen), 200
    sent = "employer" in request.POST
    form = JobForm(household, request.POST if sent else None)
    if sent:
        status = 400
        if form.is_valid():
            values = dict(form.cleaned_data)
            try:
                job = enter_job(values.pop("person"), values.pop("employer"), **values, by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("The job is entered."))
                return redirect("job_kept", job.pk)
    context = {"form": form, "household": household}
    return render(request, "desk/assistance/job_new.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def job_kept(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; sent, it has ended."""
    officer, status = request.user, 200
    require(officer, May.SEE_HELP)
    rows = Employment.objects.visible_to(officer).select_related("person", "household", "lead", "recorded_by")
    job = get_object_or_404(rows.defer("person__id_number", "person__phone"), pk=pk)
    form = JobEndForm(request.POST or None)
    if request.method == "POST":
        require(officer, May.PLAN_HELP)
        status = 400
        if form.is_valid():
            try:
                ended = end_job(job, **form.cleaned_data, by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                told = _("The job has ended. A lead is raised, so that somebody looks at the household.")
                messages.success(request, told if ended.lead_id else _("The job has ended."))
                return redirect("job_kept", pk)
    works = officer.may(May.PLAN_HELP) and job.ended_on is None
    context = {
        "job": job,
        "household": job.household,
        "form": form if works else None,
        "problem": "" if works else " ".join(map(str, form.non_field_errors())) if form.is_bound else "",
    }
    return render(request, "desk/assistance/job.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def jobs_import(request: HttpRequest) -> HttpResponse:
    """A list of jobs: rows that are right are taken, the others come back with their reasons. Twice changes nothing."""
    officer, status, outcome = request.user, 200, None
    require(officer, May.PLAN_HELP)
    form = JobsFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                outcome = import_jobs(form.cleaned_data["file"], by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                status = 200
                words = ngettext("%(number)d job taken.", "%(number)d jobs taken.", outcome.taken)
                messages.success(request, words % {"number": outcome.taken})
    context = {"form": form, "outcome": outcome}
    return render(request, "desk/assistance/jobs_import.html", context, status=status)
