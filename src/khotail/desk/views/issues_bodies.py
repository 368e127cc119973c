"""Bodies that answer for issues: who they are on each level, who works for them, which one follows when one ends."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import LEVEL_DIGITS, LEVEL_OF_DIGITS, Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.issue_body_forms import BodyForm, EndForm, PeopleForm
from khotail.desk.issue_lists import queues_of
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.issues import bodies as actions
from khotail.issues.models import Body
from khotail.issues.queries import OPEN_STATES
from khotail.problems import Problem
from khotail.trail.scope import in_region


@login_required
@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """Those of a region by level, those above that answer for it too, and the fields that nobody answers for."""
    officer = request.user
    require(officer, May.SEE_ISSUES)
    region = chosen_region(officer, request.GET.get("region", ""))
    above = [region[:digits] for digits in LEVEL_DIGITS.values() if digits < len(region)]
    rows = Body.objects.filter(Q(region_code__in=above) | in_region(region))
    if request.GET.get("ended") != "1":
        rows = rows.filter(ended_on=None)
    waiting = Count("issues", filter=Q(issues__state__in=OPEN_STATES), distinct=True)
    rows = rows.annotate(waiting=waiting).select_related("successor").prefetch_related("people")
    found = sorted(rows, key=lambda body: (len(body.region_code), body.region_code, body.name, body.pk))
    context = {
        "region": region,
        "queues": queues_of(officer),
        "levels": [
            (LEVEL_OF_DIGITS[digits], [(body, body.region_code.startswith(officer.region_code)) for body in group])
            for digits, group in groupby(found, key=lambda body: len(body.region_code))
        ],
        "nobody_for": actions.fields_without_body(region, timezone.localdate()),
        "manages": officer.may(May.MANAGE_BODIES),
        "ended": request.GET.get("ended") == "1",
    }
    return render(request, "desk/issues/bodies.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.MANAGE_BODIES)
    start = {"region_code": request.GET.get("region", officer.region_code), "field": request.GET.get("field", "")}
    form = BodyForm(officer, request.POST or None, initial=start)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                added = actions.add_body(**form.cleaned_data, by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("The body is entered. Say who works for it."))
                return redirect("body", added.pk)
    return render(request, "desk/issues/body_new.html", {"form": form}, status=status)


@login_required
@never_cache
@require_safe
def body(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _body(request.user, pk))


@login_required
@require_POST
def people(request: HttpRequest, pk: int) -> HttpResponse:
    found = _body(request.user, pk)
    form = PeopleForm(found, request.POST)

    def act(values: dict[str, Any]) -> None:
        actions.set_people(found, values["people"], by=request.user, now=timezone.now())

    return _done(request, found, "people_form", form, act, _("Who works for it is recorded."))


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    found = _body(request.user, pk)
    form = EndForm(found, request.POST)

    def act(values: dict[str, Any]) -> None:
        actions.end_body(found, values["on"], by=request.user, now=timezone.now(), successor=values["successor"])

    return _done(request, found, "end_form", form, act, _("The body ends; what was open has passed on."))


def _done(request: HttpRequest, found: Body, name: str, form: Any, act: Any, done: str) -> HttpResponse:
    status = 400
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except Problem as problem:
            form.add_error(None, sentence(problem))
            status = problem.status
        else:
            messages.success(request, done)
            return redirect("body", found.pk)
    return _show(request, found, status, **{name: form})


def _body(officer: Officer, pk: int) -> Body:
    require(officer, May.MANAGE_BODIES)
    return get_object_or_404(Body.objects.visible_to(officer), pk=pk)


def _show(request: HttpRequest, found: Body, status: int = 200, **forms: Any) -> HttpResponse:
    context = {"body": found, "people_form": PeopleForm(found), "end_form": EndForm(found), **forms}
    return render(request, "desk/issues/body.html", context, status=status)
