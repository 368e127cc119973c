"""Help at once: given in two taps, its papers later."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.assistance import emergencies as actions
from khotail.assistance.models import Emergency
from khotail.desk.assistance_forms import EmergencyForm, ReasonForm
from khotail.desk.assistance_lists import EMERGENCIES_EXPORTED, EmergencyFilter
from khotail.desk.assistance_lists import emergencies as rows_of
from khotail.desk.household_finding import find_page, household_or_404
from khotail.desk.problems import sentence
from khotail.desk.views.help_lists import help_list
from khotail.problems import Problem
from khotail.register.documents import keep
from khotail.register.models import Document, Household

_MOST_FILES = 10


@login_required
@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    return help_list(request, rows_of, EmergencyFilter, EMERGENCIES_EXPORTED, "emergencies")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Find the household, then what was given. From a household's page it is the form at once."""
    officer = request.user
    require(officer, May.PLAN_HELP)
    chosen = request.POST.get("household", "") or request.GET.get("household", "")
    if not chosen:
        return find_page(request, _("Help at once"))
    household, status = household_or_404(officer, chosen), 200
    sent = "kind" in request.POST
    form = EmergencyForm(request.POST if sent else None)
    if sent:
        status = 400
        if form.is_valid():
            try:
                given = _give(request, household, form.cleaned_data)
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(
                    request, _("Recorded. Its papers are due by %(day)s.") % {"day": given.due_on}
                )  # fmt: skip
                return redirect("emergency", given.pk)
    context = {"form": form, "household": household}
    return render(request, "desk/assistance/emergency_new.html", context, status=status)


@login_required
@never_cache
@require_safe
def emergency(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _seen(request, pk))


@login_required
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Add papers and close with them, or close without any and say why."""
    found, officer, now = _seen(request, pk), request.user, timezone.now()
    require(officer, May.PLAN_HELP)
    form = ReasonForm(request.POST if deed == "excuse" else None)
    try:
        if deed == "papers":
            with transaction.atomic():
                papers = _papers(request, found.household, "certificate", _("Papers of help at once"))
                if papers:
                    actions.add_papers(found, papers, by=officer, now=now)
                if request.POST.get("complete"):
                    actions.complete(found, by=officer, now=now)
            done = _("The papers are complete.") if request.POST.get("complete") else _("The papers are added.")
        elif deed == "excuse":
            if not form.is_valid():
                return _show(request, found, reason_form=form, status=400)
            actions.excuse(found, form.cleaned_data["reason"], by=officer, now=now)
            done = _("Closed without papers; the reason is on record.")
        else:
            raise Http404
    except Problem as problem:
        return _show(request, _seen(request, pk), reason_form=form, problem=sentence(problem), status=problem.status)
    messages.success(request, done)
    return redirect("emergency", pk)


@transaction.atomic
def _give(request: HttpRequest, household: Household, values: dict[str, Any]) -> Emergency:
    known = Emergency.objects.visible_to(request.user).filter(key=values["key"]).exists() if values["key"] else False
    photos = [] if known else _papers(request, household, "photo", _("Photo"), "photos")
    return actions.give_at_once(
        household, values["kind"], values["cause"], amount_cny=values["amount_cny"], words=values["words"],
        given_on=values["given_on"], photos=photos, key=values["key"] or None, by=request.user, now=timezone.now(),
    )  # fmt: skip


def _papers(request: HttpRequest, household: Household, kind: str, title: str, name: str = "files") -> list[Document]:
    return [
        keep(file, household=household, kind=kind, title=title, by=request.user, now=timezone.now())
        for file in request.FILES.getlist(name)[:_MOST_FILES]
    ]


def _seen(request: HttpRequest, pk: int) -> Emergency:
    require(request.user, May.SEE_HELP)
    rows = Emergency.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("household", "given_by", "closed_by", "measure", "lead"), pk=pk)


def _show(
    request: HttpRequest,
    found: Emergency,
    *,
    reason_form: ReasonForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "emergency": found,
        "household": found.household,
        "photos": list(found.photos.order_by("id")),
        "papers": list(found.papers.order_by("id")),
        "works": found.state == Emergency.State.OPEN and request.user.may(May.PLAN_HELP),
        "reason_form": reason_form or ReasonForm(),
        "problem": problem,
    }
    return render(request, "desk/assistance/emergency.html", context, status=status)
