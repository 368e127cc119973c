"""Inspections and what they found, up to the second look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.acting import acted
from khotail.desk.export import Column, export, is_asked
from khotail.desk.oversight_forms import CloseForm, InspectionForm, LookForm, MendForm, ReasonForm, ShortcomingForm
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region, name_of
from khotail.oversight import inspections as actions
from khotail.oversight.inspections import may_inspect, may_mend
from khotail.oversight.models import Inspection, Shortcoming

_PER_PAGE = 30
_ALL = ("", gettext_lazy("All"))
_INSPECTIONS = (
    Column(gettext_lazy("Topic"), "topic", 30),
    Column(gettext_lazy("Place"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Who inspects"), "inspector", 20),
    Column(gettext_lazy("To be made by"), "due_on"),
    Column(gettext_lazy("State"), "get_state_display"),
    Column(gettext_lazy("Made on"), "done_on"),
    Column(gettext_lazy("Summary"), "summary", 50),
)
_SHORTCOMINGS = (
    Column(gettext_lazy("Inspection"), "inspection.topic", 30),
    Column(gettext_lazy("Place"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("What falls short"), "what", 50),
    Column(gettext_lazy("Who mends it"), "body", 20),
    Column(gettext_lazy("To be mended by"), "due_on"),
    Column(gettext_lazy("State"), "get_state_display"),
    Column(gettext_lazy("How it was mended"), "mended", 40),
    Column(gettext_lazy("What was seen"), "looked", 40),
    Column(gettext_lazy("Opened again"), "reopened"),
)


class StateFilter(forms.Form):
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    late = forms.ChoiceField(
        label=gettext_lazy("Deadline"), required=False, choices=[_ALL, ("1", gettext_lazy("Late"))]
    )  # fmt: skip

    def __init__(self, choices: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [_ALL, *choices]

    def of(self, rows: Any, open_state: str) -> Any:
        values = self.cleaned_data if self.is_valid() else {}
        if values.get("state"):
            rows = rows.filter(state=values["state"])
        return rows.filter(state=open_state, due_on__lt=timezone.localdate()) if values.get("late") else rows


@login_required
@require_safe
def inspections(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    region = chosen_region(officer, request.GET.get("region", ""))
    form = StateFilter(Inspection.State.choices, request.GET)
    rows = form.of(Inspection.objects.visible_to(officer).in_region(region), Inspection.State.PLANNED)
    if is_asked(request):
        return export(request, rows, _INSPECTIONS, "inspections")
    found = Shortcoming.objects.visible_to(officer).in_region(region)
    context = {
        "region": region,
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "page": KeysFirst(rows.order_by("-due_on", "-id"), _PER_PAGE).get_page(request.GET.get("page")),
        "open": found.exclude(state=Shortcoming.State.CLOSED).count(),
        "inspects": may_inspect(officer),
    }
    return render(request, "desk/oversight/inspections.html", context)


@login_required
@require_safe
def shortcomings(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    region = chosen_region(officer, request.GET.get("region", ""))
    form = StateFilter(Shortcoming.State.choices, request.GET)
    rows = form.of(Shortcoming.objects.visible_to(officer).in_region(region), Shortcoming.State.OPEN)
    rows = rows.select_related("inspection")
    if is_asked(request):
        return export(request, rows, _SHORTCOMINGS, "shortcomings")
    context = {
        "region": region,
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "page": KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "desk/oversight/shortcomings.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer, status = request.user, 200
    _check_inspects(officer)
    form = InspectionForm(officer, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        made: list[Inspection] = []

        def act(values: dict[str, Any]) -> None:
            values["months"] = values["months"] or 0
            made.append(actions.plan(**values, by=officer, now=timezone.now()))

        status = acted(request, form, act, _("The inspection is planned."))
        if not status:
            return redirect("inspection", made[0].pk)
    context = {"form": form, "title": _("Plan an inspection"), "back": "inspections"}
    return render(request, "desk/oversight/form.html", context, status=status)


@login_required
@never_cache
@require_safe
def inspection(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_POLICIES)
    return _show(request, get_object_or_404(Inspection.objects.visible_to(request.user), pk=pk))


@login_required
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """close: it was made; drop: it will not be; find: what fell short."""
    officer, now = request.user, timezone.now()
    _check_inspects(officer)
    found = get_object_or_404(Inspection.objects.visible_to(officer), pk=pk)
    deeds: dict[str, tuple[forms.Form, Any, str]] = {
        "close": (
            CloseForm(request.POST), lambda it: actions.close(found, it["done_on"], it["summary"], by=officer, now=now),
            _("The inspection is done. Write down what fell short."),
        ),
        "drop": (
            ReasonForm(request.POST), lambda it: actions.drop(found, it["reason"], by=officer, now=now),
            _("The inspection is dropped."),
        ),
        "find": (
            ShortcomingForm(request.POST),
            lambda it: actions.find(found, it["what"], it["body"], due_on=it["due_on"], by=officer, now=now),
            _("It is written down, with its deadline."),
        ),
    }  # fmt: skip
    form, act, done = deeds[deed]
    status = acted(request, form, act, done)
    return _show(request, found, status, **{f"{deed}_form": form}) if status else redirect("inspection", pk)


@login_required
@never_cache
@require_safe
def shortcoming(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_POLICIES)
    return _show_shortcoming(request, get_object_or_404(Shortcoming.objects.visible_to(request.user), pk=pk))


@login_required
@require_POST
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    if not may_mend(officer):
        raise NotAllowed
    found = get_object_or_404(Shortcoming.objects.visible_to(officer), pk=pk)
    form = MendForm(request.POST)
    status = acted(
        request, form, lambda values: actions.mend(found, values["how"], by=officer, now=timezone.now()),
        _("It is reported as mended; somebody else looks at it."),
    )  # fmt: skip
    return _show_shortcoming(request, found, status, mend_form=form) if status else redirect("shortcoming", pk)


@login_required
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    _check_inspects(officer)
    found = get_object_or_404(Shortcoming.objects.visible_to(officer), pk=pk)
    form = LookForm(request.POST)

    def act(values: dict[str, Any]) -> None:
        actions.look_again(
            found, values["holds"] == "yes", values["said"], due_on=values["due_on"], by=officer, now=timezone.now()
        )  # fmt: skip

    status = acted(request, form, act, _("The second look is recorded."))
    return _show_shortcoming(request, found, status, look_form=form) if status else redirect("shortcoming", pk)


def _check_inspects(officer: Officer) -> None:
    if not may_inspect(officer):
        raise NotAllowed


def _show(request: HttpRequest, found: Inspection, status: int = 200, **more: Any) -> HttpResponse:
    planned = may_inspect(request.user) and found.state == Inspection.State.PLANNED
    finds = may_inspect(request.user) and found.state != Inspection.State.DROPPED
    context = {
        "inspection": found,
        "shortcomings": found.shortcomings.order_by("id"),
        "close_form": CloseForm(initial={"done_on": timezone.localdate()}) if planned else None,
        "drop_form": ReasonForm() if planned else None,
        "find_form": ShortcomingForm() if finds else None,
        **more,
    }
    return render(request, "desk/oversight/inspection.html", context, status=status)


def _show_shortcoming(request: HttpRequest, found: Shortcoming, status: int = 200, **more: Any) -> HttpResponse:
    officer = request.user
    is_open, is_mended = found.state == Shortcoming.State.OPEN, found.state == Shortcoming.State.MENDED
    context = {
        "shortcoming": found,
        "mend_form": MendForm() if is_open and may_mend(officer) else None,
        "look_form": LookForm() if is_mended and may_inspect(officer) and found.mended_by_id != officer.pk else None,
        **more,
    }
    return render(request, "desk/oversight/shortcoming.html", context, status=status)
