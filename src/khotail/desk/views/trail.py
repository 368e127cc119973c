"""The audit trail, for auditors and administrators."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.account_forms import TrailFilter
from khotail.desk.trail_words import Line, subject_names
from khotail.jobs.actions import ask
from khotail.trail.models import ChainHead
from khotail.trail.queries import events, page
from khotail.trail.verification import verify

#: So many events are proved while somebody waits for the page; more are a job.
_AT_ONCE = 100_000


@login_required
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    require(request.user, May.SEE_TRAIL)
    form = TrailFilter(request.GET)
    before = request.GET.get("before", "")
    found, following = page(events(request.user, **form.wanted()), before=int(before) if _is_id(before) else None)
    lines = [Line(event) for event in found]
    shown = {"lines": lines, "form": form, "following": following, "kinds": subject_names(), "paged": bool(before)}
    return render(request, "desk/trail/trail.html", shown)


@login_required
@require_POST
def verify_trail(request: HttpRequest) -> HttpResponse:
    """Prove the whole trail: at once if it is short, as a job otherwise. It reads no content to anybody."""
    require(request.user, May.SEE_TRAIL)
    head = ChainHead.objects.filter(pk=1).first()
    if head and head.length > _AT_ONCE:
        job = ask("trail.verify", by=request.user, region_code=request.user.region_code, now=timezone.now())
        return redirect("job", job.pk)
    return render(request, "desk/trail/verified.html", {"verified": verify()})


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
