"""Papers of a case as PDF, and the page that tells a household why it was refused."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.casework import papers
from khotail.casework.models import Case, Step
from khotail.casework.objections import answers_at, can_object
from khotail.casework.procedures import spec_of
from khotail.screening.rulebook import setting


@login_required
@never_cache
@require_safe
def paper(request: HttpRequest, pk: int, step: int, kind: str) -> HttpResponse:
    require(request.user, May.SEE_CASES)
    rows = Step.objects.visible_to(request.user).select_related("case__household", "household")
    found = get_object_or_404(rows, pk=step, case_id=pk)
    pdf = papers.render(kind, found.case, found, request.user, timezone.now())
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="case-{pk}-{kind}.pdf"'
    return response


@login_required
@never_cache
@require_safe
def refusal(request: HttpRequest, pk: int) -> HttpResponse:
    """Why the household was not taken in, until when it may object, and to whom."""
    require(request.user, May.SEE_CASES)
    rows = Case.objects.visible_to(request.user).select_related("household")
    case = get_object_or_404(rows, pk=pk, state=Case.State.REFUSED)
    step = case.steps.exclude(closed_at=None).select_related("closed_by").order_by("-id").first()
    if step is None:
        raise Http404
    step.case = case
    today = timezone.localdate()
    days = int(setting("objection_after_refusal_days", today, case.region_code))
    spec = spec_of(step)
    context = {
        "case": case,
        "household": case.household,
        "step": step,
        "spec": spec,
        "outcome": spec.outcome(step.outcome),
        "until": timezone.localdate(step.closed_at) + timedelta(days=days),
        "days": days,
        "answers_at": answers_at(step),
        "can_object": can_object(step, today),
        "objections": list(step.objections.select_related("answered_by").order_by("id")),
    }
    return render(request, "desk/casework/refusal.html", context)
