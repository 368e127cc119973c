"""Where our case stands and why, and saying that a decision is wrong."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.language import said
from khotail.casework.models import Step
from khotail.casework.objections import can_object
from khotail.portal.problems import NotHere
from khotail.portal.views.guard import at_home
from khotail.portal.way import ways_of
from khotail.problems import Problem
from khotail.residents.models import Declaration
from khotail.residents.objecting import object_from_home


@require_safe
@at_home
def case(request: HttpRequest) -> HttpResponse:
    household = request.resident.household
    declared = (
        Declaration.objects.filter(lead__household=household, resident__person__household=household)
        .select_related("lead").order_by("-id")[:20]
    )  # fmt: skip
    told = Declaration.objects.filter(resident=request.resident, lead__household=None).order_by("-id")[:20]
    ways = ways_of(household, timezone.localdate())
    return render(request, "portal/case.html", {"ways": ways, "declared": declared, "told": told})


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Why the decision is wrong, in the household's words. Whoever decided does not answer it."""
    step = Step.objects.filter(pk=pk, household=request.resident.household).select_related("case", "household").first()
    if step is None:
        raise NotHere
    sentence, status = "", 200
    if request.method == "POST":
        try:
            object_from_home(request.resident, step, request.POST.get("words", ""), now=timezone.now())
        except Problem as problem:
            sentence, status = said(problem.text), problem.status
        else:
            messages.success(request, _("Sent. Somebody who did not decide it will answer you here."))
            return redirect("my_case")
    may = can_object(step, timezone.localdate())
    context = {"step": step, "may": may, "sentence": sentence, "words": request.POST.get("words", "")}
    return render(request, "portal/objection.html", context, status=status)
