"""The register in the national format, written in the background."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.jobs.models import Job
from khotail.register.jobs import EXPORT, ask_for_export, exported
from khotail.trail import chain


@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """The exports that the reader asked for, and a button that asks for another."""
    require(request.user, May.EXPORT)
    require(request.user, May.UNMASK)
    own = request.user.region_code
    if request.method == "POST":
        region = request.POST.get("region") or own
        ask_for_export(region, by=request.user, now=timezone.now())
        return redirect("register_export")
    asked = Job.objects.filter(kind=EXPORT, asked_by=request.user).order_by("-id")[:20]
    return render(request, "desk/register/export.html", {"jobs": asked, "region": request.GET.get("region") or own})


@login_required
@never_cache
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.EXPORT)
    require(request.user, May.UNMASK)
    job = get_object_or_404(
        Job.objects.visible_to(request.user), pk=pk, kind=EXPORT, asked_by=request.user, state=Job.State.DONE
    )
    content = exported(job)
    chain.record(request.user, "register.export-taken", job, at=timezone.now())
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="register-{job.region_code}-{job.pk}.zip"'
    return response
