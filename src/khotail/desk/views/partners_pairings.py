"""Pairings: who supports whom, what was promised and what came, and who took over from whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk import deeds
from khotail.desk.charts import Chart, Series
from khotail.desk.entering import enter
from khotail.desk.export import Column, export, is_asked
from khotail.desk.kept_files import as_answer
from khotail.desk.paging import KeysFirst
from khotail.desk.partner_deeds import PAIRING
from khotail.desk.partner_forms import PairForm
from khotail.desk.regions import chosen_region, name_of
from khotail.partners import pairings as actions
from khotail.partners import queries
from khotail.partners.models import FIGURES, Agreement, Delivered, Pairing
from khotail.trail.scope import in_region

_PER_PAGE = 30
_MOST_CONTACTS = 50
_EXPORTED = (
    Column(gettext_lazy("Kind"), "get_kind_display"),
    Column(gettext_lazy("Supporting unit"), "supporting", 28),
    Column(gettext_lazy("Supported unit"), "supported", 28),
    Column(gettext_lazy("Place that is supported"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Since"), "since"),
    Column(gettext_lazy("Until"), "until"),
    Column(gettext_lazy("Followed by"), "successor.supporting", 28),
    Column(gettext_lazy("Village team withdrew"), "team_left_on"),
    Column(gettext_lazy("Last contact"), "last_contact"),
    Column(gettext_lazy("Agreed until"), "agreed_until"),
)
#: A figure of the yearly chart: field, its name, and by how much it is divided for the axis.
_CHARTS = (
    ("money", gettext_lazy("Money and sales"), gettext_lazy("10,000 CNY"), (("money_cny", gettext_lazy("Money")), ("sales_cny", gettext_lazy("Sales"))), 10_000),
    ("work", gettext_lazy("Jobs and people sent"), "", (("jobs", gettext_lazy("Jobs")), ("people_sent", gettext_lazy("People sent"))), 1),
)  # fmt: skip


@login_required
@require_safe
def pairings(request: HttpRequest) -> HttpResponse:
    officer, today = request.user, timezone.localdate()
    require(officer, May.SEE_PARTNERS)
    region = chosen_region(officer, request.GET.get("region", ""))
    kind = request.GET.get("kind", "")
    kind = kind if kind in Pairing.Kind.values else ""
    ended = request.GET.get("ended") == "1"
    rows = queries.pairings(officer, kind=kind, on=today, ended=ended).filter(in_region(region))
    if is_asked(request):
        return export(request, rows, _EXPORTED, "pairings")
    context = {
        "page": KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page")),
        "kinds": Pairing.Kind.choices, "kind": kind, "ended": ended, "region": region,
        "silent_since": queries.silent_since(today),
        "ending": queries.ending_agreements(officer, today).filter(in_region(region))[:20],
        "charts": _charts(officer, kind, region),
    }  # fmt: skip
    return render(request, "desk/partners/pairings.html", context)


def _charts(officer: Any, kind: str, region: str) -> list[Chart]:
    rows = Pairing.objects.visible_to(officer).filter(in_region(region))
    years = queries.totals_by_year(rows.filter(kind=kind) if kind else rows)
    return [
        Chart(
            f"pairings-{id_}", "bar", str(title), _("Year"), [str(row["year"]) for row in years],
            [Series(str(name), [_divided(row[field], by) for row in years]) for field, name in series], str(unit),
        )
        for id_, title, unit, series, by in _CHARTS if years
    ]  # fmt: skip


def _divided(value: Any, by: int) -> float | None:
    return None if value is None else round(float(value) / by, 2) if by > 1 else float(value)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_PARTNERS)
    start = {"kind": request.GET.get("kind", ""), "region_code": request.GET.get("region", officer.region_code)}
    form = PairForm(None, officer, request.POST or None, initial=start)
    return enter(
        request, form, lambda values: actions.pair(**values, by=officer, now=timezone.now()),
        _("The pairing is recorded. Add its agreement."), to="pairing", title=_("Record a pairing"), back="pairings",
    )  # fmt: skip


@login_required
@never_cache
@require_safe
def pairing(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _seen(request, pk))


@login_required
@never_cache
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return deeds.do(request, PAIRING, deed, _seen(request, pk), _show, "pairing", pk)


@login_required
@never_cache
@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed paper of an agreement."""
    require(request.user, May.SEE_PARTNERS)
    rows = Agreement.objects.visible_to(request.user).exclude(document=None).select_related("document")
    return as_answer(get_object_or_404(rows, pk=pk).document)


def _seen(request: HttpRequest, pk: int) -> Pairing:
    require(request.user, May.SEE_PARTNERS)
    rows = Pairing.objects.visible_to(request.user).select_related("successor", "recorded_by")
    return get_object_or_404(rows, pk=pk)


def _show(request: HttpRequest, found: Pairing, bound: deeds.Bound | None = None, status: int = 200) -> HttpResponse:
    today: date = timezone.localdate()
    contacts = list(found.contacts.select_related("recorded_by")[:_MOST_CONTACTS])
    context = {
        "pairing": found, "years": queries.years_of(found), "agreements": found.agreements.all(), "contacts": contacts,
        "before": queries.way_back(found), "today": today,
        "is_silent": found.runs_on(today) and (contacts[0].on if contacts else found.since) < queries.silent_since(today),
        "figure_names": [Delivered._meta.get_field(name).verbose_name for name in FIGURES],
        **deeds.shown(PAIRING, found, request.user, bound),
    }  # fmt: skip
    return render(request, "desk/partners/pairing.html", context, status=status)
