"""Social helpers and their pledges."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
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
from khotail.desk.kept_files import as_answer
from khotail.desk.paging import KeysFirst
from khotail.desk.partner_deeds import HELPER, PLEDGE
from khotail.desk.partner_forms import HelperForm
from khotail.desk.regions import chosen_region, name_of
from khotail.partners import helping as actions
from khotail.partners import queries
from khotail.partners.models import Delivery, HelpKind, Pledge, SocialHelper
from khotail.partners.receipts import receipt_of
from khotail.trail.scope import in_region

_PER_PAGE = 30
_HELPERS_EXPORTED = (
    Column(gettext_lazy("Name"), "name", 28),
    Column(gettext_lazy("Kind"), "get_kind_display"),
    Column(gettext_lazy("Where they come from"), "seat", 24),
    Column(gettext_lazy("Place that keeps in touch"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Since"), "since"),
    Column(gettext_lazy("Pledges"), "made"),
    Column(gettext_lazy("Delivered"), "brought"),
    Column(gettext_lazy("Overdue"), "late"),
)
_PLEDGES_EXPORTED = (
    Column(gettext_lazy("Number"), "number", 12),
    Column(gettext_lazy("What is pledged"), "title", 28),
    Column(gettext_lazy("Kind"), "get_kind_display"),
    Column(gettext_lazy("How much"), "quantity"),
    Column(gettext_lazy("Unit"), "unit"),
    Column(gettext_lazy("Who helps"), "helper.name", 28),
    Column(gettext_lazy("Meant for"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Need"), "need.title", 28),
    Column(gettext_lazy("To be brought by"), "due_on"),
    Column(gettext_lazy("State"), "get_state_display"),
)
#: What a list of pledges may be narrowed to.
_STATES = {
    "offered": (Pledge.State.OFFERED,),
    "open": Pledge.WAITING,
    "delivered": (Pledge.State.DELIVERED,),
    "told": (Pledge.State.TOLD,),
    "over": Pledge.OVER,
}

_SHOWN = (
    ("offered", gettext_lazy("Offered, to be taken up")),
    ("free", gettext_lazy("Free, to be matched")),
    ("open", gettext_lazy("Not here yet")),
    ("late", gettext_lazy("Overdue")),
    ("delivered", gettext_lazy("Delivered, result to be told")),
    ("told", gettext_lazy("Result told")),
    ("over", gettext_lazy("Fell through")),
)


@login_required
@require_safe
def helpers(request: HttpRequest) -> HttpResponse:
    officer, today = request.user, timezone.localdate()
    require(officer, May.SEE_PARTNERS)
    region = chosen_region(officer, request.GET.get("region", ""))
    kind, named = request.GET.get("kind", ""), request.GET.get("name", "").replace("\x00", "").strip()[:60]
    rows = SocialHelper.objects.visible_to(officer).filter(in_region(region))
    rows = rows.filter(ended_on__isnull=request.GET.get("ended") != "1")
    if kind in SocialHelper.Kind.values:
        rows = rows.filter(kind=kind)
    if named:
        rows = rows.filter(name__contains=named)
    late = Q(pledges__state__in=Pledge.WAITING, pledges__due_on__lt=today)
    came = Q(pledges__state__in=(Pledge.State.DELIVERED, Pledge.State.TOLD))
    rows = rows.annotate(
        made=Count("pledges"), brought=Count("pledges", filter=came), late=Count("pledges", filter=late)
    ).order_by("name", "id")
    if is_asked(request):
        return export(request, rows, _HELPERS_EXPORTED, "helpers")
    context = {
        "page": KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page")), "region": region, "kind": kind,
        "kinds": SocialHelper.Kind.choices, "named": named, "ended": request.GET.get("ended") == "1",
        "filtered": bool(kind or named),
    }  # fmt: skip
    return render(request, "desk/partners/helpers.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_PARTNERS)
    form = HelperForm(None, officer, request.POST or None, initial={"region_code": officer.region_code})
    return enter(
        request, form, lambda values: actions.take_in(**values, by=officer, now=timezone.now()),
        _("The helper is recorded. Add what they pledge."), to="helper_social", title=_("Record a helper"), back="helpers_social",
    )  # fmt: skip


@login_required
@never_cache
@require_safe
def helper(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_helper(request, _seen_helper(request, pk))


@login_required
@never_cache
@require_POST
def helper_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return deeds.do(request, HELPER, deed, _seen_helper(request, pk), _show_helper, "helper_social", pk)


@login_required
@never_cache
@require_POST
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the phone once, with an event in the trail."""
    found = _seen_helper(request, pk)
    return _show_helper(request, found, phone=actions.phone_of(found, by=request.user, now=timezone.now()))


def _seen_helper(request: HttpRequest, pk: int) -> SocialHelper:
    require(request.user, May.SEE_PARTNERS)
    return get_object_or_404(SocialHelper.objects.visible_to(request.user), pk=pk)


def _show_helper(
    request: HttpRequest, found: SocialHelper, bound: deeds.Bound | None = None, status: int = 200, phone: str = ""
) -> HttpResponse:
    context = {
        "helper": found, "phone": phone,
        "pledges": found.pledges.select_related("need").order_by("-id")[:100],
        **deeds.shown(HELPER, found, request.user, bound),
    }  # fmt: skip
    return render(request, "desk/partners/helper.html", context, status=status)


@login_required
@require_safe
def pledges(request: HttpRequest) -> HttpResponse:
    officer, today, asked = request.user, timezone.localdate(), request.GET
    require(officer, May.SEE_PARTNERS)
    region = chosen_region(officer, asked.get("region", ""))
    rows = Pledge.objects.visible_to(officer).filter(in_region(region)).select_related("helper", "need")
    kind, state = asked.get("kind", ""), asked.get("state", "")
    if kind in HelpKind.values:
        rows = rows.filter(kind=kind)
    if state == "late":
        rows = queries.overdue(rows, today)
    elif state == "free":
        rows = rows.filter(need=None, state=Pledge.State.PROMISED)
    elif state in _STATES:
        rows = rows.filter(state__in=_STATES[state])
    rows = rows.order_by("due_on", "id") if state == "late" else rows.order_by("-id")
    if is_asked(request):
        return export(request, rows, _PLEDGES_EXPORTED, "pledges")
    context = {
        "page": KeysFirst(rows, _PER_PAGE).get_page(asked.get("page")), "region": region, "kind": kind, "state": state,
        "kinds": HelpKind.choices, "states": _SHOWN, "filtered": bool(kind or state),
    }  # fmt: skip
    return render(request, "desk/partners/pledges.html", context)


@login_required
@never_cache
@require_safe
def pledge(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_pledge(request, _seen_pledge(request, pk))


@login_required
@never_cache
@require_POST
def pledge_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return deeds.do(request, PLEDGE, deed, _seen_pledge(request, pk), _show_pledge, "pledge", pk)


@login_required
@never_cache
@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt as a sheet to print for the helper."""
    found = _seen_pledge(request, pk)
    context = {"pledge": found, "receipt": receipt_of(found), "parts": queries.parts_of(found)}
    return render(request, "desk/partners/sheet.html", context)


@login_required
@never_cache
@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper of one delivery."""
    require(request.user, May.SEE_PARTNERS)
    seen: Any = Pledge.objects.visible_to(request.user)
    rows = Delivery.objects.filter(pledge__in=seen).exclude(document=None).select_related("document")
    return as_answer(get_object_or_404(rows, pk=pk).document)


def _seen_pledge(request: HttpRequest, pk: int) -> Pledge:
    require(request.user, May.SEE_PARTNERS)
    rows = Pledge.objects.visible_to(request.user).select_related("helper", "need", "need__household", "recorded_by")
    return get_object_or_404(rows, pk=pk)


def _show_pledge(
    request: HttpRequest, found: Pledge, bound: deeds.Bound | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "pledge": found, "receipt": receipt_of(found), "today": timezone.localdate(),
        "deliveries": found.deliveries.select_related("recorded_by"),
        "parts": [each for each in queries.parts_of(found) if each.pk != found.pk],
        **deeds.shown(PLEDGE, found, request.user, bound),
    }  # fmt: skip
    return render(request, "desk/partners/pledge.html", context, status=status)
