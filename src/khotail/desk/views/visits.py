"""Rounds of visits: how far each has come, opening one, and one round by village and by person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.export import Column, export, is_asked
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.visit_forms import ExcuseForm, RoundForm
from khotail.problems import Problem
from khotail.visits import queries, rounds
from khotail.visits.forms import forms_for
from khotail.visits.models import Assignment, Round

_PER_PAGE = 20
_SHOWN = 50
_EXPORTED = (
    Column(gettext_lazy("Household number"), "household.number"),
    Column(gettext_lazy("Head"), "household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("By whom"), "officer.full_name"),
    Column(gettext_lazy("Until"), "due_on"),
    Column(gettext_lazy("Made"), "done_at"),
    Column(gettext_lazy("Why there is no visit"), "excused", 30),
)


@login_required
@never_cache
@require_safe
def visit_rounds(request: HttpRequest) -> HttpResponse:
    require(request.user, May.PLAN_VISITS)
    officer, today = request.user, timezone.localdate()
    region = chosen_region(officer, request.GET.get("region", ""))
    page = Paginator(queries.rounds_of(officer, region), _PER_PAGE).get_page(request.GET.get("page"))
    titles = {form.form_id: {"zh": form.title_zh, "en": form.title_en} for form in forms_for(officer.region_code)}
    rows = [(one, found, titles.get(one.form_id, one.form_id)) for one, found in queries.counted(page, officer, today)]
    waiting = queries.submissions_to_look_at(officer).count()
    return render(
        request, "desk/visits/rounds.html", {"page": page, "rows": rows, "region": region, "waiting": waiting}
    )  # fmt: skip


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_round_new(request: HttpRequest) -> HttpResponse:
    """Open a round: once its households were counted, at a second press of the button."""
    officer, now = request.user, timezone.now()
    require(officer, May.PLAN_VISITS)
    form = RoundForm(officer, request.POST or None, initial={"starts_on": timezone.localdate(now)})
    number, status = None, 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            values = form.cleaned_data
            number, status = rounds.whom(values["who"], values["region_code"]).count(), 200
            if request.POST.get("counted") == _counted(values, number):
                try:
                    opened = rounds.open_round(**values, by=officer, now=now)
                except Problem as problem:
                    form.add_error(None, sentence(problem))
                    status = problem.status
                else:
                    messages.success(request, _("The round is open; its visits are with those who make them."))
                    return redirect("visit_round", opened.pk)
    counted = _counted(form.cleaned_data, number) if number is not None else ""
    context = {"form": form, "number": number, "counted": counted}
    return render(request, "desk/visits/round_new.html", context, status=status)


@login_required
@never_cache
@require_safe
def visit_round(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.PLAN_VISITS)
    return _show(request, pk)


@login_required
@require_POST
def visit_round_close(request: HttpRequest, pk: int) -> HttpResponse:
    rounds.close_round(_round(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("The round is closed. Visits that were not made stay as not made."))
    return redirect("visit_round", pk)


@login_required
@require_POST
def visit_round_remind(request: HttpRequest, pk: int) -> HttpResponse:
    number = rounds.remind(_round(request, pk), by=request.user, now=timezone.now())
    told = ngettext("%(number)d person was reminded.", "%(number)d people were reminded.", number)
    messages.success(request, told % {"number": number})
    return redirect("visit_round", pk)


@login_required
@require_POST
def visit_excuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why a household of a round is not visited."""
    require(request.user, May.MAKE_VISITS)
    found = get_object_or_404(Assignment.objects.visible_to(request.user), pk=pk)
    rounds.excuse(found, request.POST.get("reason", ""), by=request.user, now=timezone.now())
    messages.success(request, _("The reason is on record."))
    return redirect("visit_round", found.round_id)


def _show(request: HttpRequest, pk: int) -> HttpResponse:
    officer, today = request.user, timezone.localdate()
    found = _round(request, pk)
    rows = Assignment.objects.visible_to(officer).filter(round=found)
    if is_asked(request):
        return export(request, rows.select_related("household", "officer"), _EXPORTED, f"round-{pk}")
    left = rows.filter(done_at=None, excused="").select_related("household", "officer")
    steers = found.region_code.startswith(officer.region_code) and found.closed_at is None
    context: dict[str, Any] = {
        "round": found,
        "who": rounds.name_of(found.who),
        "coverage": rounds.coverage(rows, today),
        "villages": queries.by_village(rows, today),
        "people": queries.by_person(rows, today),
        "left": Paginator(left, _SHOWN).get_page(request.GET.get("page")),
        "excuse_form": ExcuseForm(auto_id=False),
        "steers": steers,
    }
    return render(request, "desk/visits/round.html", context)


def _round(request: HttpRequest, pk: int) -> Round:
    require(request.user, May.PLAN_VISITS)
    return get_object_or_404(queries.rounds_of(request.user, request.user.region_code), pk=pk)


def _counted(values: dict[str, Any], number: int) -> str:
    """What was counted for what: another region or other people are counted anew."""
    return f"{values['who']} {values['region_code']} {number}"
