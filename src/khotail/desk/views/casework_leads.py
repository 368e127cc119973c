"""Leads: the queue by deadline, one lead, and raising one at the desk or by phone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.casework import actions
from khotail.casework.models import Case, Lead
from khotail.desk.casework_forms import DismissForm, LeadForm
from khotail.desk.casework_lists import LEADS_EXPORTED, LeadFilter
from khotail.desk.casework_lists import leads as leads_of
from khotail.desk.problems import sentence
from khotail.desk.views.casework_lists import filtered_list
from khotail.problems import Problem
from khotail.register.documents import keep
from khotail.register.models import Household
from khotail.register.queries import search
from khotail.screening.queries import why

_MOST_PHOTOS = 20


@login_required
@require_safe
def leads(request: HttpRequest) -> HttpResponse:
    require(request.user, May.SEE_CASES)
    return filtered_list(request, leads_of, LeadFilter, LEADS_EXPORTED, "leads")


@login_required
@never_cache
@require_safe
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _lead(request, pk))


@login_required
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the lead into a case."""
    found = _lead(request, pk)
    try:
        case = actions.open_case(found, request.user, timezone.now())
    except Problem as problem:
        return _show(request, _lead(request, pk), problem=problem)
    messages.success(request, _("The lead is in this case now."))
    return redirect("case", case.pk)


@login_required
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _lead(request, pk), DismissForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form=form, status=400)
    try:
        actions.dismiss_lead(found, form.cleaned_data["reason"], request.user, timezone.now())
    except Problem as problem:
        return _show(request, _lead(request, pk), form=form, problem=problem)
    messages.success(request, _("The lead is not confirmed; the reason is on record."))
    return redirect("leads")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def household(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which household the lead is about: search, then choose. Words that are looked for travel in the body."""
    found = _lead(request, pk)
    require(request.user, May.WORK_CASES)
    if chosen := request.POST.get("household", ""):
        about = _household(request.user, chosen)
        actions.link_lead(found, about, request.user, timezone.now())
        messages.success(request, _("The lead is about this household now."))
        return redirect("lead", pk)
    context = {"lead": found, **_hits(request)}
    return render(request, "desk/casework/lead_household.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Raise a lead: first find the household, or go on without it; then write what was heard."""
    officer = request.user
    require(officer, May.RAISE_LEADS)
    chosen = request.POST.get("household", "") or request.GET.get("household", "")
    unknown = "unknown" in request.GET or "unknown" in request.POST or not officer.may(May.SEE_REGISTER)
    if not chosen and not unknown:
        return render(request, "desk/casework/lead_find.html", _hits(request))
    about = _household(officer, chosen) if chosen else None
    sent = request.method == "POST" and "words" in request.POST
    form = LeadForm(officer, request.POST if sent else None, known=about is not None)
    status = 200
    if sent:
        status = 400
        if form.is_valid():
            try:
                raised = _raise(request, about, form)
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(
                    request, _("The lead is raised; it is to be verified by %(day)s.") % {"day": raised.due_on}
                )
                return redirect("lead", raised.pk) if officer.may(May.SEE_CASES) else redirect("lead_raise")
    takes_photos = about is not None and officer.may(May.WORK_CASES)
    context = {"form": form, "household": about, "takes_photos": takes_photos}
    return render(request, "desk/casework/lead_new.html", context, status=status)


@transaction.atomic
def _raise(request: HttpRequest, about: Household | None, form: LeadForm) -> Lead:
    officer, now, values = request.user, timezone.now(), form.cleaned_data
    photos = []
    if about is not None and officer.may(May.WORK_CASES):
        for file in request.FILES.getlist("photos")[:_MOST_PHOTOS]:
            photos.append(keep(file, household=about, kind="photo", title=_("Photo"), by=officer, now=now))
    return actions.raise_lead(
        about, values["channel"], values["causes"], values["words"], by=officer, now=now,
        region_code=values.get("region_code", ""), told_by=form.speaker, consent=values.get("consent", False),
        documents=photos,
    )  # fmt: skip


def _hits(request: HttpRequest) -> dict[str, Any]:
    text = request.POST.get("q", "")
    hits = search(request.user, text) if request.user.may(May.SEE_REGISTER) else []
    homes = {hit.household.pk: hit for hit in hits if hit.household.ended_on is None}
    return {"q": text, "hits": list(homes.values()), "asked": bool(text.strip())}


def _household(officer: Officer, text: str) -> Household:
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    require(officer, May.SEE_REGISTER)
    return get_object_or_404(Household.objects.visible_to(officer), pk=pk)


def _lead(request: HttpRequest, pk: int) -> Lead:
    require(request.user, May.SEE_CASES)
    rows = Lead.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("household", "finding", "case", "raised_by", "decided_by"), pk=pk)


def _show(
    request: HttpRequest,
    found: Lead,
    *,
    form: DismissForm | None = None,
    problem: Problem | None = None,
    status: int = 200,
) -> HttpResponse:
    about = found.household
    others = Lead.objects.filter(household=about, state=Lead.State.OPEN).exclude(pk=found.pk) if about else ()
    is_open = found.state == Lead.State.OPEN
    context = {
        "lead": found,
        "household": about,
        "why": why(found.finding) if found.finding else None,
        "others": list(others),
        "case": Case.objects.filter(household=about).exclude(state__in=Case.CLOSED).first() if about else None,
        "is_open": is_open,
        "works": is_open and request.user.may(May.WORK_CASES),
        "form": form or DismissForm(),
        "problem": sentence(problem) if problem else "",
        "lost": form.data.get("reason", "") if form and not is_open else "",
        "documents": list(found.documents.all()),
    }
    return render(request, "desk/casework/lead.html", context, status=problem.status if problem else status)
