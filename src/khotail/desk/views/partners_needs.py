"""Needs: written down, published without personal data, matched, filled, taken down."""

from __future__ import annotations

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
from khotail.desk.entering import enter
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.partner_deeds import NEED
from khotail.desk.partner_forms import NeedForm
from khotail.desk.regions import chosen_region, name_of
from khotail.partners import needs as actions
from khotail.partners import queries
from khotail.partners.models import HelpKind, Need
from khotail.register.models import Household
from khotail.trail.scope import in_region

_PER_PAGE = 30
_EXPORTED = (
    Column(gettext_lazy("Number"), "number", 12),
    Column(gettext_lazy("Public words"), "title", 32),
    Column(gettext_lazy("Kind"), "get_kind_display"),
    Column(gettext_lazy("How much"), "quantity"),
    Column(gettext_lazy("Unit"), "unit"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Needed by"), "needed_by"),
    Column(gettext_lazy("State"), "get_state_display"),
)


@login_required
@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    officer, asked = request.user, request.GET
    require(officer, May.SEE_PARTNERS)
    region = chosen_region(officer, asked.get("region", ""))
    kind, state = asked.get("kind", ""), asked.get("state", "")
    rows = Need.objects.visible_to(officer).filter(in_region(region))
    if kind in HelpKind.values:
        rows = rows.filter(kind=kind)
    if state in Need.State.values:
        rows = rows.filter(state=state)
    elif state != "all":
        rows = rows.filter(state__in=(Need.State.DRAFT, Need.State.PUBLISHED))
    if is_asked(request):
        return export(request, rows, _EXPORTED, "needs")
    page = KeysFirst(rows, _PER_PAGE).get_page(asked.get("page"))
    standing = queries.standing_of(page.object_list)
    context = {
        "page": page, "rows": [(need, standing[need.pk]) for need in page], "region": region, "kind": kind, "state": state,
        "kinds": HelpKind.choices, "states": Need.State.choices, "filtered": bool(kind or state),
        "writes": any(officer.may(right) for right in actions.WRITERS),
    }  # fmt: skip
    return render(request, "desk/partners/needs.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_PARTNERS)
    if not any(officer.may(right) for right in actions.WRITERS):
        require(officer, May.KEEP_PARTNERS)
    home = request.GET.get("household", "")
    is_number = home.isascii() and home.isdecimal() and len(home) < 19 and officer.may(May.SEE_REGISTER)
    household = get_object_or_404(Household.objects.visible_to(officer), pk=home) if is_number else None
    form = NeedForm(household, officer, request.POST or None, initial={"region_code": officer.region_code})
    return enter(
        request, form, lambda values: actions.write_down(**values, by=officer, now=timezone.now()),
        _("The need is written down; it is not public yet."), to="need", title=_("Write a need down"), back="needs",
    )  # fmt: skip


@login_required
@never_cache
@require_safe
def need(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _seen(request, pk))


@login_required
@never_cache
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return deeds.do(request, NEED, deed, _seen(request, pk), _show, "need", pk)


def _seen(request: HttpRequest, pk: int) -> Need:
    require(request.user, May.SEE_PARTNERS)
    rows = Need.objects.visible_to(request.user).select_related("household", "written_by", "published_by")
    return get_object_or_404(rows, pk=pk)


def _show(request: HttpRequest, found: Need, bound: deeds.Bound | None = None, status: int = 200) -> HttpResponse:
    officer = request.user
    sees_household = found.household_id is not None and officer.may(May.SEE_REGISTER)
    context = {
        "need": found, "standing": queries.standing_of([found])[found.pk],
        "household": found.household if sees_household else None,
        "pledges": found.pledges.select_related("helper").order_by("-id"),
        **deeds.shown(NEED, found, officer, bound),
    }  # fmt: skip
    return render(request, "desk/partners/need.html", context, status=status)
