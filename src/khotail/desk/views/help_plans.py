"""Plans of help: which households have one, one plan in full, and what is done with its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.assistance import planning
from khotail.assistance.gaps import labour_in
from khotail.assistance.models import Plan, PlanLine
from khotail.assistance.queries import PlanPage, plan_page, templates_for
from khotail.casework.models import Case
from khotail.desk.acting import refused
from khotail.desk.assistance_forms import DayForm, PlanAgreeForm, PlanCloseForm, PlanLineForm, PlanStartForm, ReasonForm
from khotail.desk.assistance_lists import PLANS_EXPORTED, PlanFilter, plans
from khotail.desk.problems import sentence
from khotail.desk.views.help_lists import help_list
from khotail.problems import Problem
from khotail.register.documents import keep
from khotail.register.models import Document

_MOST_FILES = 10


@login_required
@require_safe
def help_plans(request: HttpRequest) -> HttpResponse:
    return help_list(request, plans, PlanFilter, PLANS_EXPORTED, "plans")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, case: int) -> HttpResponse:
    """Begin a plan for a case: empty, or from a template."""
    officer, status = request.user, 200
    require(officer, May.SEE_HELP)
    found = get_object_or_404(Case.objects.visible_to(officer).select_related("household"), pk=case)
    if (existing := Plan.objects.filter(case=found).first()) is not None:
        return redirect("help_plan", existing.pk)
    require(officer, May.PLAN_HELP)
    templates = templates_for(found, labour_in(found))
    form = PlanStartForm(templates, request.POST or None)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                plan = planning.start_plan(
                    found, template=form.cleaned_data["template"], aim=form.cleaned_data["aim"], by=officer,
                    now=timezone.now(),
                )  # fmt: skip
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(
                    request, _("The plan is begun. Add what is lacking, then agree it with the household.")
                )
                return redirect("help_plan", plan.pk)
    context = {"form": form, "case": found, "household": found.household, "templates": templates}
    return render(request, "desk/assistance/plan_start.html", context, status=status)


@login_required
@never_cache
@require_safe
def help_plan(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _plan(request, pk))


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    plan, officer, now = _plan(request, pk), request.user, timezone.now()
    require(officer, May.PLAN_HELP)
    form = PlanLineForm(plan, [], request.POST)

    def act(values: dict[str, Any]) -> None:
        planning.add_line(
            plan, values["category"], values["kind"], causes=values["causes"], starts_on=values["starts_on"],
            ends_on=values["ends_on"], amount_cny=values["amount_cny"], note=values["note"], person=values["person"],
            helper=values["helper"], by=officer, now=now,
        )  # fmt: skip

    if status := refused(form, act):
        return _show(request, plan, status=status, line_form=form)
    messages.success(request, _("The measure is planned."))
    _point_out_twice(request, plan, form.cleaned_data["category"], form.cleaned_data["kind"])
    return redirect("help_plan", pk)


@login_required
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    plan, officer, now = _plan(request, pk), request.user, timezone.now()
    require(officer, May.PLAN_HELP)
    form = PlanAgreeForm(True, request.POST)
    form.fields["gaps_reason"].required = False
    if status := refused(form, lambda values: planning.agree(plan, **values, by=officer, now=now)):
        return _show(request, plan, status=status, agree_form=form)
    messages.success(request, _("The plan holds from now on."))
    return redirect("help_plan", pk)


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    plan, officer, now = _plan(request, pk), request.user, timezone.now()
    require(officer, May.PLAN_HELP)
    form = PlanCloseForm(request.POST)
    if status := refused(form, lambda values: planning.close_plan(plan, **values, by=officer, now=now)):
        return _show(request, plan, status=status, close_form=form)
    messages.success(request, _("The plan is closed."))
    return redirect("help_plan", pk)


@login_required
@require_POST
def line_do(request: HttpRequest, line: int, deed: str) -> HttpResponse:
    """Begin, finish or drop a line, or add papers to it."""
    officer, now = request.user, timezone.now()
    require(officer, May.SEE_HELP)
    rows = PlanLine.objects.visible_to(officer).select_related("plan__case__household", "plan__household", "measure")
    found = get_object_or_404(rows, pk=line)
    require(officer, May.PLAN_HELP)
    if deed not in _DEEDS:
        raise Http404
    form_class, act, done = _DEEDS[deed]
    form = form_class(request.POST)

    def once(values: dict[str, Any]) -> None:
        with transaction.atomic():
            papers = [_keep(request, found, file) for file in request.FILES.getlist("files")[:_MOST_FILES]]
            act(found, values, papers, officer, now)

    if refused(form, once):
        problem = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return _show(request, found.plan, status=400, problem=problem, failed_line=found.pk, failed=form)
    messages.success(request, done)
    if deed == "begin":
        _point_out_twice(request, found.plan, found.category, found.kind)
    return redirect("help_plan", found.plan_id)


class _BeginForm(forms.Form):
    on = forms.DateField(required=False)


class _NoForm(forms.Form):
    """Files alone."""


def _begin(line: PlanLine, values: dict[str, Any], papers: list[Document], by: Any, now: Any) -> None:
    begun = planning.begin_line(line, starts_on=values["on"], by=by, now=now)
    if papers:
        planning.add_evidence(begun, papers, by=by, now=now)


_Act = Callable[[PlanLine, dict[str, Any], list[Document], Any, Any], Any]
_DEEDS: dict[str, tuple[type[forms.Form], _Act, Any]] = {
    "begin": (_BeginForm, _begin, gettext_lazy("The measure has begun; it is recorded in the case.")),
    "finish": (
        DayForm,
        lambda line, values, papers, by, now: planning.finish_line(
            line, on=values["on"], note=values["note"], documents=papers, by=by, now=now
        ),
        gettext_lazy("The measure is done."),
    ),
    "drop": (
        ReasonForm,
        lambda line, values, papers, by, now: planning.drop_line(line, values["reason"], by=by, now=now),
        gettext_lazy("The measure is dropped; the reason is on record."),
    ),
    "evidence": (
        _NoForm,
        lambda line, values, papers, by, now: planning.add_evidence(line, papers, by=by, now=now),
        gettext_lazy("The papers are added."),
    ),
}


def _keep(request: HttpRequest, line: PlanLine, file: Any) -> Document:
    return keep(
        file, household=line.household, kind="certificate", title=line.kind, by=request.user, now=timezone.now()
    )  # fmt: skip


def _plan(request: HttpRequest, pk: int) -> Plan:
    require(request.user, May.SEE_HELP)
    rows = Plan.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("case__household", "case__helper", "household", "template"), pk=pk)


def _show(request: HttpRequest, plan: Plan, *, status: int = 200, problem: str = "", **shown: Any) -> HttpResponse:
    page = plan_page(plan, timezone.now())
    officer = request.user
    is_open = plan.state != Plan.State.CLOSED and plan.case.state not in Case.CLOSED
    works = officer.may(May.PLAN_HELP) and is_open and not plan.household.ended_on
    fitting = list(dict.fromkeys(name for each in page.gaps for name in each.need.accepts))
    context = {
        "plan": plan,
        "page": page,
        "case": plan.case,
        "household": plan.household,
        "works": works,
        "problem": problem,
        "line_form": PlanLineForm(plan, fitting) if works else None,
        "agree_form": PlanAgreeForm(bool(page.gaps)) if works else None,
        "close_form": PlanCloseForm() if officer.may(May.PLAN_HELP) and plan.state != Plan.State.CLOSED else None,
        **shown,
    }
    return render(request, "desk/assistance/plan.html", context, status=status)


def _point_out_twice(request: HttpRequest, plan: Plan, category: str, kind: str) -> None:
    """Say so if the same kind lies in the same time already."""
    page: PlanPage = plan_page(plan, timezone.now())
    if any((span.category, span.kind) == (category, kind) for span, _other in page.twice):
        messages.warning(request, _("Another measure of the same kind lies in the same time: is it the same help?"))
