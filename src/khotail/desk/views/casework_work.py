"""What accompanies a case: measures, the helper, objections."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.casework import actions
from khotail.casework.measures import missing_measures
from khotail.casework.models import Case, Objection, Step
from khotail.desk.acting import refused
from khotail.desk.casework_forms import AnswerForm, HelperForm, MeasureForm, ObjectionForm
from khotail.desk.problems import sentence
from khotail.desk.views.casework import show_case
from khotail.problems import Problem


@login_required
@require_POST
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    case, now = _case(request, pk), timezone.now()
    form = MeasureForm(case, tuple(missing_measures(case, now)), request.POST)

    def record(values: dict[str, Any]) -> None:
        actions.record_measure(
            case, values["category"], values["kind"], causes=values["causes"], starts_on=values["starts_on"],
            ends_on=values["ends_on"], amount_cny=values["amount_cny"].replace(",", ""), note=values["note"],
            by=request.user, now=now,
        )  # fmt: skip

    if status := refused(form, record):
        return show_case(request, pk, status=status, measure_form=form)
    messages.success(request, _("The measure is recorded."))
    return redirect("case", pk)


@login_required
@require_POST
def helper(request: HttpRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    form = HelperForm(case, request.POST)

    def assign(values: dict[str, Any]) -> None:
        actions.assign_helper(case, values["helper"], request.user, timezone.now())

    if status := refused(form, assign):
        return show_case(request, pk, status=status, helper_form=form)
    messages.success(request, _("The helper is named."))
    return redirect("case", pk)


@login_required
@require_POST
def object_to(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    require(request.user, May.SEE_CASES)
    found = get_object_or_404(Step.objects.visible_to(request.user), pk=step, case_id=pk)
    form = ObjectionForm(request.POST)
    status, problem_words, lost = 400, "", None
    if form.is_valid():
        values = form.cleaned_data
        try:
            actions.object_to(
                found, values["words"], said_by=values["said_by"], taken_by=request.user, now=timezone.now()
            )
        except Problem as problem:
            status, problem_words = problem.status, sentence(problem)
            lost = [(_("What was said"), values["words"])]
        else:
            messages.success(request, _("The objection is registered; it will be answered."))
            return redirect("case", pk)
    return show_case(request, pk, status=status, objection_form=form, problem=problem_words, lost=lost)


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_CASES)
    visible = Case.objects.visible_to(request.user)
    objection = get_object_or_404(Objection.objects.select_related("step"), pk=pk, step__case__in=visible)
    case_id = objection.step.case_id
    form = AnswerForm(request.POST, auto_id=f"id_{pk}_%s")
    status, problem_words = 400, ""
    if form.is_valid():
        upheld = form.cleaned_data["upheld"] == "yes"
        try:
            actions.answer_objection(objection, upheld, form.cleaned_data["answer"], request.user, timezone.now())
        except Problem as problem:
            problem_words, status = sentence(problem), problem.status
        else:
            messages.success(request, _("The objection is answered."))
            return redirect("case", case_id)
    lost = [(_("Answer"), form.data.get("answer", ""))] if problem_words else None
    return show_case(request, case_id, status=status, answered=(pk, form), problem=problem_words, lost=lost)


def _case(request: HttpRequest, pk: int) -> Case:
    require(request.user, May.WORK_CASES)
    return get_object_or_404(Case.objects.visible_to(request.user), pk=pk)
