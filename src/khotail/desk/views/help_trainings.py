"""Training: classes, who sits in them, attendance, certificates, and the jobs that followed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.assistance import training as actions
from khotail.assistance.checks import check_keeper, keeps_for_all
from khotail.assistance.models import Trainee, Training
from khotail.assistance.queries import people_of
from khotail.desk.assistance_forms import AttendanceForm, TrainingForm
from khotail.desk.assistance_lists import TRAININGS_EXPORTED
from khotail.desk.assistance_lists import trainings as rows_of
from khotail.desk.household_finding import hits, household_or_404
from khotail.desk.problems import sentence
from khotail.desk.views.help_lists import help_list
from khotail.problems import Problem
from khotail.register.models import Person

#: Seats on one page; a class of more is a list of several sittings.
_MOST_SEATS = 200


@login_required
@require_safe
def trainings(request: HttpRequest) -> HttpResponse:
    return help_list(request, rows_of, None, TRAININGS_EXPORTED, "trainings", keeps=keeps_for_all(request.user))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer, status = request.user, 200
    check_keeper(officer)
    form = TrainingForm(officer, request.POST or None)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                opened = actions.open_training(**form.cleaned_data, by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("The class is open."))
                return redirect("training", opened.pk)
    return render(request, "desk/assistance/training_new.html", {"form": form}, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def training(request: HttpRequest, pk: int) -> HttpResponse:
    """One class; sent, its attendance is written."""
    found, officer, status, problem = _seen(request, pk), request.user, 200, ""
    trainees = _trainees(found, officer)
    data = request.POST if request.method == "POST" else None
    seats = [(trainee, AttendanceForm(trainee, data)) for trainee in trainees]
    if request.method == "POST":
        require(officer, May.PLAN_HELP)
        status = 400
        if all([form.is_valid() for _trainee, form in seats]):  # a list, so that each says what is wrong
            rows = [{"trainee": trainee.pk, **form.cleaned_data} for trainee, form in seats]
            try:
                actions.write_attendance(found, rows, by=officer, now=timezone.now())
            except Problem as refused:
                problem, status = sentence(refused), refused.status
            else:
                messages.success(request, _("The attendance is written."))
                return redirect("training", pk)
    return _show(request, found, trainees, seats, problem=problem, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest, pk: int) -> HttpResponse:
    """Find a household, then choose who of it gets a seat."""
    found, officer, status, problem = _seen(request, pk), request.user, 200, ""
    require(officer, May.PLAN_HELP)
    chosen = request.POST.get("household", "") or request.GET.get("household", "")
    household = household_or_404(officer, chosen) if chosen else None
    person = request.POST.get("person", "")
    if household and person:
        who = get_object_or_404(
            Person, pk=int(person) if person.isdecimal() and len(person) < 19 else 0, household=household
        )
        try:
            actions.enrol(found, who, by=officer, now=timezone.now())
        except Problem as refused:
            problem, status = sentence(refused), refused.status
        else:
            messages.success(request, _("%(name)s has a seat.") % {"name": who.name})
            return redirect("training", pk)
    context: dict[str, Any] = {"training": found, "household": household, "problem": problem}
    context |= {"people": people_of(household)} if household else hits(request)
    return render(request, "desk/assistance/training_enrol.html", context, status=status)


def _seen(request: HttpRequest, pk: int) -> Training:
    require(request.user, May.SEE_HELP)
    return get_object_or_404(Training.objects.offered_to(request.user).select_related("opened_by"), pk=pk)


def _trainees(training: Training, officer: Any) -> list[Trainee]:
    rows = (
        Trainee.objects.visible_to(officer).filter(training=training).select_related("person", "household", "training")
    )
    return list(rows.defer("person__id_number", "person__phone", "household__phone").order_by("id")[:_MOST_SEATS])


def _show(
    request: HttpRequest, found: Training, trainees: list[Trainee], seats: list[Any], *, problem: str, status: int
) -> HttpResponse:
    after = actions.jobs_after(found, trainees)
    context = {
        "training": found,
        "seats": [(trainee, form, after.get(trainee.pk)) for trainee, form in seats],
        "outcome": actions.outcome_of(found, trainees, after, timezone.localdate()),
        "works": request.user.may(May.PLAN_HELP),
        "problem": problem,
    }
    return render(request, "desk/assistance/training.html", context, status=status)
