"""Rechecks (回头看): draw a sample of exited households, and see how far each draw has come."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.casework import actions
from khotail.casework.actors import TAKES_OVER
from khotail.casework.models import Case, Step
from khotail.casework.procedures import rulebook
from khotail.desk.casework_forms import CampaignForm
from khotail.desk.casework_lists import PER_PAGE
from khotail.desk.problems import sentence
from khotail.desk.views.casework import show_case
from khotail.problems import Problem
from khotail.register.models import Region
from khotail.trail.models import Event
from khotail.trail.scope import in_region

#: Draws that the page shows, the newest.
_DRAWS = 20
#: Largest number from which a draw starts: it must survive JSON.
_SEEDS = 2**31


@dataclass(frozen=True)
class Draw:
    """One draw: when, where, by whom, of how many, and what came of it."""

    at: datetime
    who: str
    region_code: str
    of: int
    drawn: int
    seed: int
    done: int
    risks: int


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rechecks(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_CASES)
    may_draw = officer.may(May.WORK_CASES) and officer.role in TAKES_OVER
    form, status = None, 200
    if may_draw:
        codes = list(_places(officer))
        form = CampaignForm(officer, codes, request.POST or None, initial={"region_code": officer.region_code})
    if request.method == "POST":
        require(officer, May.WORK_CASES)
        if form is not None and form.is_valid() and _draw(request, form):
            return redirect("rechecks")
        status = 400
    steps = _recheck_steps(officer)
    waiting = steps.filter(closed_at=None).select_related("household", "case").order_by("due_on", "id")
    context = {
        "form": form,
        "exited": _exited(officer).count(),
        "draws": _draws(officer),
        "page": Paginator(waiting, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "desk/casework/rechecks.html", context, status=status)


@login_required
@require_POST
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again at one household."""
    require(request.user, May.WORK_CASES)
    case = get_object_or_404(Case.objects.visible_to(request.user), pk=pk)
    try:
        actions.start_recheck(case, request.user, timezone.now())
    except Problem as problem:
        return show_case(request, pk, status=problem.status, problem=sentence(problem))
    messages.success(request, _("The recheck has begun."))
    return redirect("case", pk)


def _draw(request: HttpRequest, form: CampaignForm) -> bool:
    values = form.cleaned_data
    try:
        steps = actions.start_recheck_campaign(
            values["region_code"], values["size"], seed=secrets.randbelow(_SEEDS), by=request.user, now=timezone.now()
        )
    except Problem as problem:
        form.add_error(None, sentence(problem))
        return False
    words = ngettext("%(number)d household was drawn.", "%(number)d households were drawn.", len(steps))
    messages.success(request, words % {"number": len(steps)})
    return True


def _draws(officer: Officer) -> list[Draw]:
    """The newest draws with how far each has come. Two queries: a draw's steps opened at the moment of its event."""
    events = list(Event.objects.filter(in_region(officer.region_code), verb="recheck.drawn").order_by("-id")[:_DRAWS])
    opened = _recheck_steps(officer).filter(opened_at__in=[event.at for event in events])
    done: Counter[Any] = Counter()
    risks: Counter[Any] = Counter()
    for at, closed_at, outcome in opened.values_list("opened_at", "closed_at", "outcome"):
        done[at] += closed_at is not None
        risks[at] += outcome in _raising()
    return [
        Draw(
            event.at, event.actor_name, str(event.details.get("region_code", "")), int(event.details.get("of", 0)),
            int(event.details.get("drawn", 0)), int(event.details.get("seed", 0)), done[event.at], risks[event.at],
        )
        for event in events
    ]  # fmt: skip


def _raising() -> set[str]:
    """Outcomes of rechecks that raise a lead again."""
    procedures = (each for each in rulebook().procedures.values() if each.kind == "recheck")
    return {o.id for each in procedures for step in each.steps for o in step.outcomes if o.ends == "raised"}


def _recheck_steps(officer: Officer) -> QuerySet[Step]:
    keys = [each.key for each in rulebook().procedures.values() if each.kind == "recheck"]
    return Step.objects.visible_to(officer).filter(procedure__in=keys)


def _exited(officer: Officer) -> QuerySet[Case]:
    exited = Case.objects.visible_to(officer).filter(state=Case.State.EXITED, re_entries=None)
    return exited.exclude(pk__in=Step.objects.filter(closed_at=None).values("case"))


def _places(officer: Officer) -> list[str]:
    """The officer's own region and those below it down to townships."""
    below = Q(level__in=("league", "banner", "township"))
    codes = Region.objects.filter(in_region(officer.region_code, "code")).filter(below).values_list("code", flat=True)
    return list(dict.fromkeys([officer.region_code, *codes.order_by("code")]))
