"""The start: one column of large tiles."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from khotail.casework.models import Case, Lead
from khotail.entitlements.models import Missed
from khotail.issues.models import Issue
from khotail.portal.views.guard import at_home
from khotail.residents.models import Correction


@require_safe
@at_home
def home(request: HttpRequest) -> HttpResponse:
    resident = request.resident
    household = resident.household
    answers = Issue.objects.filter(resident=resident, state__in=(Issue.State.RESOLVED, Issue.State.NOT_RESOLVED))
    return render(
        request,
        "portal/home.html",
        {
            "household": household,
            "case": Case.objects.filter(household=household).order_by("-id").first(),
            "waiting": Lead.objects.filter(declaration__resident__person__household=household, household=household, state=Lead.State.OPEN).count(),
            "answers": answers.count(),
            "missed": Missed.objects.filter(household=household, closed_on=None).count(),
            "corrections": Correction.objects.filter(household=household, state=Correction.State.OPEN).count(),
        },
    )  # fmt: skip
