"""Missed help: which villages miss how much, the work list, and one line of it with what is done about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.language import said
from khotail.accounts.queries import require
from khotail.accounts.roles import May, Role
from khotail.desk.entitlement_forms import MarkForm, MissedFilter
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.remembered import remembered
from khotail.entitlements.marking import mark
from khotail.entitlements.models import Missed
from khotail.entitlements.queries import Village, Why, explained, explained_all, last_run, villages
from khotail.entitlements.queries import missed_help as work_list
from khotail.problems import Problem
from khotail.rulebook.programmes import PAYING_LEVELS

_PER_PAGE = 30
_NARROWED_BY = ("programme", "state", "asked", "least")
#: What is not read with a line: sealed numbers.
_SEALED = ("household__phone", "entitlement__person__id_number", "entitlement__person__phone")
_RELATED = ("household", "entitlement", "entitlement__person", "changed_by")


@dataclass(frozen=True)
class Line:
    """One line of the work list, with its why."""

    missed: Missed
    why: Why

    @property
    def person(self) -> str:
        person = self.missed.entitlement.person
        return person.name if person else ""

    @property
    def payer(self) -> str:
        return payer_of(self.why)


def payer_of(why: Why) -> str:
    """Who pays, and out of which fund."""
    if why.programme is None:
        return ""
    return f"{said(PAYING_LEVELS[why.programme.pays.level])} · {why.programme.pays.fund}"


_EXPORTED = (
    Column(gettext_lazy("Household number"), "missed.household.number", 22),
    Column(gettext_lazy("Head"), "missed.household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.missed.region_code), 24),
    Column(gettext_lazy("Person"), "person"),
    Column(gettext_lazy("Programme"), lambda row: said(row.why.name), 26),
    Column(gettext_lazy("CNY a year"), "missed.amount_cny"),
    Column(gettext_lazy("Paid by"), "payer", 26),
    Column(gettext_lazy("Why"), lambda row: said(row.why.sentence), 60),
    Column(gettext_lazy("What to do"), lambda row: said(row.why.mend), 40),
    Column(gettext_lazy("Missed since"), "missed.since"),
    Column(gettext_lazy("State"), "missed.get_state_display"),
    Column(gettext_lazy("Reason or note"), "missed.reason", 40),
    Column(gettext_lazy("Asked for by the household"), "missed.asked_at", 18),
)


@login_required
@require_safe
@never_cache
def missed_help(request: HttpRequest) -> HttpResponse:
    """Villages with what their households miss, and below it the lines themselves."""
    require(request.user, May.SEE_HELP)
    officer = request.user
    region = chosen_region(officer, request.GET.get("region", ""))
    form = MissedFilter(request.GET)
    narrowed = form.narrowed(work_list(officer, region))
    rows = form.ordered(narrowed).select_related(*_RELATED).defer(*_SEALED)
    if is_asked(request):
        return export(request, _lines(rows), _EXPORTED, "missed-help")
    page = KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = _shown(page.object_list)
    places = _villages(request, region, narrowed)
    return render(request, "desk/entitlements/missed_help.html", {
        "region": region, "form": form, "page": page, "last": last_run(region), "places": places if len(region) < 12 else (),
        "totals": _totals(places), "filtered": any(request.GET.get(name) for name in (*_NARROWED_BY, "order")),
    })  # fmt: skip


@login_required
@require_safe
@never_cache
def missed(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, pk)


@login_required
@require_POST
@never_cache
def mark_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Record how far it is. What was typed is given back if it cannot be recorded."""
    found = _seen(request, pk)
    form = MarkForm(found, request.POST)
    if not form.is_valid():
        return _show(request, pk, form, status=400)
    sent = form.cleaned_data
    try:
        mark(found, sent["state"], sent["reason"], was=sent["was"], by=request.user, now=timezone.now())
    except Problem as problem:
        form.add_error(None, sentence(problem))
        return _show(request, pk, form, status=problem.status)
    messages.success(request, _("Recorded."))
    back = request.POST.get("next", "")
    if back.startswith("/help/missed/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("missed", pk)


def _show(request: HttpRequest, pk: int, form: MarkForm | None = None, status: int = 200) -> HttpResponse:
    found = _seen(request, pk)
    line = Line(found, explained(found.entitlement))
    may_mark = request.user.may(May.PLAN_HELP) and not found.closed_on and not found.household.ended_on
    return render(request, "desk/entitlements/missed.html", {
        "line": line, "missed": found, "why": line.why, "form": form or (MarkForm(found) if may_mark else None),
        "may_mark": may_mark, "history": found.moves.select_related("by", "asked_by__person"),
    }, status=status)  # fmt: skip


def _seen(request: HttpRequest, pk: int) -> Missed:
    require(request.user, May.SEE_HELP)
    rows = Missed.objects.visible_to(request.user).select_related(*_RELATED, "asked_by__person").defer(*_SEALED)
    return get_object_or_404(rows, pk=pk)


def _villages(request: HttpRequest, region: str, rows: QuerySet[Missed]) -> tuple[Village, ...]:
    """Counts over a region, at most a minute old; a helper's own households are counted anew."""
    if request.user.role == Role.HELPER:
        return tuple(villages(rows))
    narrowed = tuple(request.GET.get(name, "") for name in _NARROWED_BY)
    return remembered(("missed", region, *narrowed), lambda: tuple(villages(rows)))


def _totals(places: Iterable[Village]) -> dict[str, Any]:
    names = ("households", "missed", "amount_cny", "to_do", "asked")
    found = list(places)
    return {name: round(sum(getattr(each, name) for each in found)) for name in names}


def _shown(rows: Iterable[Missed]) -> list[Line]:
    found = list(rows)
    whys = explained_all(each.entitlement for each in found)
    return [Line(each, why) for each, why in zip(found, whys, strict=True)]


def _lines(rows: QuerySet[Missed]) -> Iterable[Line]:
    for each in rows.iterator(chunk_size=1000):
        yield Line(each, explained(each.entitlement))
