"""Templates of plans: what many households need alike, written once."""

from __future__ import annotations

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
from khotail.assistance import templates as actions
from khotail.assistance.checks import check_keeper, keeps_for_all
from khotail.assistance.models import PlanTemplate
from khotail.desk.assistance_forms import TemplateForm, TemplateLines
from khotail.desk.problems import sentence
from khotail.problems import Problem

_SHOWN = 300


@login_required
@require_safe
def plan_templates(request: HttpRequest) -> HttpResponse:
    require(request.user, May.SEE_HELP)
    rows = PlanTemplate.objects.offered_to(request.user).order_by("retired_at", "region_code", "title")[:_SHOWN]
    return render(
        request, "desk/assistance/templates.html", {"templates": list(rows), "keeps": keeps_for_all(request.user)}
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer, status = request.user, 200
    check_keeper(officer)
    form = TemplateForm(officer, request.POST or None)
    lines = TemplateLines(request.POST or None, prefix="line")
    if request.method == "POST":
        status = 400
        if form.is_valid() and lines.is_valid():
            written = [each.cleaned_data for each in lines if each.is_filled]
            try:
                template = actions.write_template(**form.cleaned_data, lines=written, by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("The template is offered to its place now."))
                return redirect("plan_template", template.pk)
    return render(request, "desk/assistance/template_new.html", {"form": form, "lines": lines}, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan_template(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_HELP)
    found = get_object_or_404(PlanTemplate.objects.offered_to(officer).select_related("written_by"), pk=pk)
    mine = keeps_for_all(officer) and found.region_code.startswith(officer.region_code)
    if request.method == "POST":
        require(officer, May.PLAN_HELP)
        actions.retire_template(found, by=officer, now=timezone.now())
        messages.success(request, _("The template is retired; plans that began from it stay."))
        return redirect("plan_template", pk)
    return render(request, "desk/assistance/template.html", {"template": found, "mine": mine})
