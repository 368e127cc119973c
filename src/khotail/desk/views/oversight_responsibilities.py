"""The register of responsibilities: who answers, where nobody does."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import LEVEL_NAMES, May
from khotail.desk.acting import acted
from khotail.desk.export import Column, export, is_asked
from khotail.desk.oversight_forms import HandOverForm, NameForm, ReasonForm
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.remembered import remembered
from khotail.desk.templatetags.khotail import spoken
from khotail.oversight import responsibilities as actions
from khotail.oversight.models import Responsibility
from khotail.oversight.problems import NotFound
from khotail.oversight.vacancies import Vacancy, households_without_owner, late_from, not_accepted, vacancies
from khotail.register.models import Household

_PER_PAGE = 30
_SHOWN = 50

_EXPORTED = (
    Column(gettext_lazy("For what"), "get_subject_display"),
    Column(gettext_lazy("Place"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Task"), "task", 24),
    Column(gettext_lazy("Household number"), "household.number", 20),
    Column(gettext_lazy("At which level"), "get_level_display"),
    Column(gettext_lazy("Name"), "who"),
    Column(gettext_lazy("Post"), "post", 20),
    Column(gettext_lazy("Named on"), "named_on"),
    Column(gettext_lazy("Accepted at"), "accepted_at"),
    Column(gettext_lazy("Ended on"), "ended_on"),
)
_VACANCIES = (
    Column(gettext_lazy("Place"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Code"), "region_code", 14),
    Column(gettext_lazy("At which level"), lambda row: spoken(LEVEL_NAMES[row.level])),
    Column(gettext_lazy("Task"), "task", 24),
    Column(gettext_lazy("Vacant since"), "since"),
)


class ResponsibilityFilter(forms.Form):
    subject = forms.ChoiceField(
        label=gettext_lazy("For what"), required=False,
        choices=[("", gettext_lazy("All")), *Responsibility.Subject.choices],
    )  # fmt: skip
    level = forms.ChoiceField(
        label=gettext_lazy("At which level"), required=False,
        choices=[("", gettext_lazy("All")), *Responsibility.Level.choices],
    )  # fmt: skip
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[
            ("", gettext_lazy("In office")), ("waiting", gettext_lazy("Not accepted yet")),
            ("ended", gettext_lazy("Ended")), ("all", gettext_lazy("All")),
        ],
    )  # fmt: skip

    def of(self, rows: Any) -> Any:
        values = self.cleaned_data if self.is_valid() else {}
        for name in ("subject", "level"):
            if values.get(name):
                rows = rows.filter(**{name: values[name]})
        if values.get("state") == "waiting":
            return rows.filter(ended_on=None, accepted_at=None)
        if values.get("state") == "ended":
            return rows.exclude(ended_on=None)
        return rows if values.get("state") == "all" else rows.filter(ended_on=None)


@login_required
@require_safe
def responsibilities(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    region = chosen_region(officer, request.GET.get("region", ""))
    form = ResponsibilityFilter(request.GET)
    rows = form.of(_of(officer).in_region(region)).select_related("officer", "household")
    if is_asked(request):
        return export(request, rows, _EXPORTED, "responsibilities")
    own = _of(officer).filter(officer=officer, ended_on=None, accepted_at=None)
    today = timezone.localdate()
    context = {
        "region": region,
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "page": KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page")),
        "mine": own.select_related("household"),
        "vacant": len(_vacancies(region)),
        "late_from": late_from(today, region),
        "keeps": officer.may(May.KEEP_POLICIES),
    }
    return render(request, "desk/oversight/responsibilities.html", context)


@login_required
@require_safe
def vacant(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    region = chosen_region(officer, request.GET.get("region", ""))
    found = _vacancies(region)
    if is_asked(request):
        return export(request, found, _VACANCIES, "vacancies")
    today = timezone.localdate()
    households = (
        households_without_owner(officer, region) if officer.may(May.SEE_REGISTER) else Household.objects.none()
    )
    context = {
        "region": region,
        "page": Paginator(found, _PER_PAGE).get_page(request.GET.get("page")),
        "households": households[:_SHOWN],
        "household_count": households.count(),
        "waiting": not_accepted(officer, region, today)[:_SHOWN],
        "late_from": late_from(today, region),
        "keeps": officer.may(May.KEEP_POLICIES),
    }
    return render(request, "desk/oversight/vacancies.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.KEEP_POLICIES)
    start = {
        name: request.GET[name]
        for name in ("subject", "region_code", "level", "task", "household")
        if name in request.GET
    }
    form = NameForm(officer, request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST":

        def act(values: dict[str, Any]) -> None:
            household = None
            if values["subject"] == Responsibility.Subject.HOUSEHOLD:
                household = Household.objects.visible_to(officer).filter(number=values["household"].strip()).first()
                if household is None:
                    raise NotFound
            actions.name_owner(
                values["subject"], values["region_code"], values["level"], form.owner(), task=values["task"],
                household=household, duty=values["duty"], by=officer, now=timezone.now(),
            )  # fmt: skip

        status = acted(request, form, act, _("Whoever answers is named; they still have to accept."))
        if not status:
            return redirect("responsibilities")
    context = {"form": form, "title": _("Name who answers"), "back": "responsibilities"}
    return render(request, "desk/oversight/form.html", context, status=status)


@login_required
@never_cache
@require_safe
def responsibility(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_POLICIES)
    return _show(request, get_object_or_404(_of(request.user), pk=pk))


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_POLICIES)
    found = get_object_or_404(_of(request.user), pk=pk)
    actions.accept(found, by=request.user, now=timezone.now())
    return redirect("responsibility", pk)


@login_required
@require_POST
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_POLICIES)
    found = get_object_or_404(_of(officer), pk=pk)
    form = HandOverForm(officer, request.POST)
    status = acted(
        request, form,
        lambda values: actions.hand_over(found, form.owner(), values["reason"], by=officer, now=timezone.now()),
        _("It is handed over; the next person still has to accept."),
    )  # fmt: skip
    return _show(request, found, status, hand_over_form=form) if status else redirect("responsibility", pk)


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_POLICIES)
    found = get_object_or_404(_of(officer), pk=pk)
    form = ReasonForm(request.POST)
    status = acted(
        request, form, lambda values: actions.end(found, values["reason"], by=officer, now=timezone.now()),
        _("It has ended; the place is vacant."),
    )  # fmt: skip
    return _show(request, found, status, end_form=form) if status else redirect("responsibility", pk)


def _of(officer: Officer) -> Any:
    """A household's owner is seen by whoever sees the household."""
    rows = Responsibility.objects.visible_to(officer)
    return rows.filter(household=None) | rows.filter(household__in=Household.objects.visible_to(officer))


def _vacancies(region: str) -> list[Vacancy]:
    today = timezone.localdate()
    return remembered(("vacancies", region, today), lambda: vacancies(region, today))


def _show(request: HttpRequest, found: Responsibility, status: int = 200, **more: Any) -> HttpResponse:
    officer = request.user
    keeps = officer.may(May.KEEP_POLICIES) and found.region_code.startswith(officer.region_code) and not found.ended_on
    chain, each = [found], found
    while (each := getattr(each, "predecessor", None)) is not None:
        chain.append(each)
    context = {
        "responsibility": found,
        "chain": chain,
        "may_accept": not found.ended_on and not found.accepted_at
        and (found.officer_id == officer.pk or (found.officer_id is None and keeps)),
        "hand_over_form": HandOverForm(officer) if keeps else None,
        "end_form": ReasonForm() if keeps else None,
        **more,
    }  # fmt: skip
    return render(request, "desk/oversight/responsibility.html", context, status=status)
