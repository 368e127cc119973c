"""The transition clock of each banner."""

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
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.models import LEVEL_DIGITS
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.acting import acted
from khotail.desk.export import Column, export, is_asked
from khotail.desk.oversight_forms import ClockForm, ExtendForm
from khotail.desk.regions import name_of
from khotail.oversight import transition as actions
from khotail.oversight.catalogue import key_lists
from khotail.oversight.models import Transition

_EXPORTED = (
    Column(gettext_lazy("Banner"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Left poverty on"), "transition.exited_on"),
    Column(gettext_lazy("Transition ends on"), "transition.ends_on"),
    Column(gettext_lazy("Days left"), "days_left"),
    Column(gettext_lazy("Extensions"), lambda row: len(row.extensions)),
    Column(gettext_lazy("Key banner of the nation"), lambda row: row.key_list is not None),
    Column(gettext_lazy("Key banner of the region"), lambda row: bool(row.transition and row.transition.is_key_here)),
)


@login_required
@never_cache
@require_safe
def transition(request: HttpRequest) -> HttpResponse:
    require(request.user, May.SEE_POLICIES)
    if is_asked(request):
        return export(request, actions.clocks(request.user, timezone.localdate()), _EXPORTED, "transition")
    return _show(request)


@login_required
@require_POST
def set_clock(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_POLICIES)
    form = ClockForm(officer, request.POST)

    def act(values: dict[str, Any]) -> None:
        actions.set_clock(**values, by=officer, now=timezone.now())

    status = acted(request, form, act, _("The clock runs."))
    return _show(request, status, clock_form=form) if status else redirect("transition")


@login_required
@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_POLICIES)
    found = get_object_or_404(Transition.objects.in_region(officer.region_code), pk=pk)
    form = ExtendForm(request.POST, prefix=str(pk))

    def act(values: dict[str, Any]) -> None:
        actions.extend(found, values["until"], values["reason"], values["document"], by=officer, now=timezone.now())

    status = acted(request, form, act, _("The extension is recorded."))
    return _show(request, status, extended=(found.pk, form)) if status else redirect("transition")


def _show(
    request: HttpRequest, status: int = 200, clock_form: forms.Form | None = None,
    extended: tuple[int, forms.Form] | None = None,
) -> HttpResponse:  # fmt: skip
    officer = request.user
    keeps = officer.may(May.KEEP_POLICIES) and len(officer.region_code) <= LEVEL_DIGITS["banner"]
    rows = []
    for clock in actions.clocks(officer, timezone.localdate()):
        form = None
        if keeps and clock.transition:
            bound = extended is not None and extended[0] == clock.transition.pk
            form = extended[1] if bound else ExtendForm(prefix=str(clock.transition.pk))
        rows.append((clock, form))
    missing = any(clock.transition is None for clock, _form in rows)
    context = {
        "rows": rows,
        "key_lists": [(each, [(code, name_of(code)) for code in each.banners]) for each in key_lists()],
        "clock_form": clock_form or (ClockForm(officer) if keeps and missing else None),
    }
    return render(request, "desk/oversight/transition.html", context, status=status)
