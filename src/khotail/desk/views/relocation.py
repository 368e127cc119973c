"""Relocation sites: three outcomes, the checklist with its gaps, the households behind each number."""

from __future__ import annotations

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
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.relocation_forms import HOUSEHOLD, SITE, SiteForm
from khotail.relocation import actions, queries
from khotail.relocation.models import Relocated, Site
from khotail.trail.scope import in_region

_PER_PAGE = 30
_EXPORTED = (
    Column(gettext_lazy("Household number"), "household.number", 20),
    Column(gettext_lazy("Head"), "household.head_name"),
    Column(gettext_lazy("Site"), "site.name", 24),
    Column(gettext_lazy("Where it lives by the register"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Came from"), lambda row: row.origin or name_of(row.origin_code), 24),
    Column(gettext_lazy("Home handed over on"), "handed_over_on"),
    Column(gettext_lazy("Moved in on"), "moved_in_on"),
    Column(gettext_lazy("Stays"), "get_stays_display"),
    Column(gettext_lazy("Work"), "get_works_display", 20),
    Column(gettext_lazy("Members who can work"), "able"),
    Column(gettext_lazy("Gets richer"), "get_richer_display"),
    Column(gettext_lazy("Income year"), "income_year"),
    Column(gettext_lazy("Income per person (CNY)"), "income_now"),
    Column(gettext_lazy("The year before (CNY)"), "income_before"),
    Column(gettext_lazy("Left on"), "left_on"),
)
#: What the filters call "not known", which is empty in the table.
_UNKNOWN = "unknown"


@login_required
@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    officer, today = request.user, timezone.localdate()
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    rows = Site.objects.visible_to(officer).filter(in_region(region))
    page = KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page"))
    outcomes, facilities = queries.outcomes_of(page.object_list), queries.facilities_of(page.object_list)
    shown = [
        {
            "site": site, "outcome": outcomes[site.pk],
            "gaps": sum(each.is_gap for each in facilities[site.pk]),
            "late": sum(each.is_late(today) for each in facilities[site.pk]),
            "unseen": sum(each.is_unknown for each in facilities[site.pk]),
        }
        for site in page
    ]  # fmt: skip
    return render(request, "desk/relocation/sites.html", {"page": page, "rows": shown, "region": region})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_PROJECTS)
    form = SiteForm(None, officer, request.POST or None)
    return enter(
        request, form, lambda values: actions.open_site(**values, by=officer, now=timezone.now()),
        _("The site is entered. Add the households that moved there."), to="site", title=_("Enter a site"), back="sites",
    )  # fmt: skip


@login_required
@never_cache
@require_safe
def site(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _seen(request, pk))


@login_required
@never_cache
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return deeds.do(request, SITE, deed, _seen(request, pk), _show, "site", pk)


@login_required
@require_safe
def households(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Households that moved, by outcome: of one site, or of all. With labour and without work they are the gap list."""
    officer, asked = request.user, request.GET
    require(officer, May.SEE_FUNDS)
    require(officer, May.SEE_REGISTER)
    found = _seen(request, pk) if pk else None
    region = chosen_region(officer, asked.get("region", ""))
    chosen = {name: _chosen(asked.get(name, ""), kinds) for name, kinds in _FILTERS.items()}
    rows = queries.households(officer, found, region_code=region, **chosen)
    if is_asked(request):
        return export(request, rows, _EXPORTED, "relocated")
    context = {
        "site": found, "region": region, "page": KeysFirst(rows, _PER_PAGE).get_page(asked.get("page")),
        "filters": [
            (name, label, asked.get(name, ""), [(value or _UNKNOWN, text) for value, text in _FILTERS[name].choices])
            for name, label in (("works", _("Work")), ("stays", _("Stays")), ("richer", _("Gets richer")))
        ],
        "is_gap_list": chosen["works"] == Relocated.Works.NEITHER,
    }  # fmt: skip
    return render(request, "desk/relocation/households.html", context)


_FILTERS = {"works": Relocated.Works, "stays": Relocated.Stays, "richer": Relocated.Richer}


def _chosen(value: str, kinds: Any) -> str | None:
    if value == _UNKNOWN:
        return ""
    return value if value and value in kinds.values else None


@login_required
@never_cache
@require_safe
def household(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_household(request, _seen_household(request, pk))


@login_required
@never_cache
@require_POST
def household_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return deeds.do(request, HOUSEHOLD, deed, _seen_household(request, pk), _show_household, "relocated", pk)


def _seen(request: HttpRequest, pk: int) -> Site:
    require(request.user, May.SEE_FUNDS)
    return get_object_or_404(Site.objects.visible_to(request.user).select_related("recorded_by"), pk=pk)


def _seen_household(request: HttpRequest, pk: int) -> Relocated:
    require(request.user, May.SEE_FUNDS)
    require(request.user, May.SEE_REGISTER)
    rows = Relocated.objects.visible_to(request.user).select_related("household", "site", "recorded_by")
    return get_object_or_404(rows, pk=pk)


def _show(request: HttpRequest, found: Site, bound: deeds.Bound | None = None, status: int = 200) -> HttpResponse:
    officer = request.user
    outcome = queries.outcomes_of([found])[found.pk]
    context = {
        "site": found, "outcome": outcome, "chart": _chart(outcome) if outcome.households else None,
        "facilities": queries.facilities_of([found])[found.pk], "today": timezone.localdate(),
        "activities": found.activities.select_related("recorded_by")[:20],
        "issues": queries.open_issues(officer, found) if officer.may(May.SEE_ISSUES) else None,
        "sees_households": officer.may(May.SEE_REGISTER),
        **deeds.shown(SITE, found, officer, bound),
    }  # fmt: skip
    return render(request, "desk/relocation/site.html", context, status=status)


def _show_household(
    request: HttpRequest, found: Relocated, bound: deeds.Bound | None = None, status: int = 200
) -> HttpResponse:
    context = {"row": found, **deeds.shown(HOUSEHOLD, found, request.user, bound)}
    return render(request, "desk/relocation/household.html", context, status=status)


def _chart(outcome: queries.Outcome) -> Chart:
    shares = (outcome.stays, outcome.works, outcome.richer)
    return Chart(
        "outcomes", "stacked", _("Three outcomes"), _("Outcome"), [_("Stays"), _("Works"), _("Gets richer")],
        [
            Series(_("yes"), [each.yes for each in shares]),
            Series(_("no"), [each.no for each in shares]),
            Series(_("No record tells"), [each.unknown for each in shares]),
        ],
        _("households"),
    )  # fmt: skip
