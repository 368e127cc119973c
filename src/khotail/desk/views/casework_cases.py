"""Cases as lists: all of them, the board by step, and the queue of one step."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.casework import actions
from khotail.casework.actors import may_close
from khotail.casework.models import Step
from khotail.casework.procedures import spec_of
from khotail.casework.queries import open_steps, steps_to_do_together
from khotail.desk.casework_forms import StepForm, evidence_of
from khotail.desk.casework_lists import (
    CASES_EXPORTED,
    PER_PAGE,
    CaseFilter,
    board_columns,
    steps_in_order,
)
from khotail.desk.casework_lists import cases as cases_of
from khotail.desk.paging import KeysFirst
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.desk.templatetags.khotail import spoken
from khotail.desk.views.casework_lists import filtered_list
from khotail.problems import Problem
from khotail.register.documents import MAX_MB, keep
from khotail.rulebook.procedures import EVIDENCE
from khotail.trail.scope import in_region

#: Cases that go at once.
_MOST_AT_ONCE = 100


@login_required
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    require(request.user, May.SEE_CASES)
    return filtered_list(request, cases_of, CaseFilter, CASES_EXPORTED, "cases")


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    require(request.user, May.SEE_CASES)
    columns = board_columns(request.user, timezone.localdate())
    return render(request, "desk/casework/board.html", {"columns": columns})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest, step_id: str) -> HttpResponse:
    """Everything that waits for one step; steps that decide nothing can be recorded for many cases at once."""
    officer = request.user
    require(officer, May.SEE_CASES)
    if step_id not in steps_in_order() and not open_steps(officer, step_id=step_id).exists():
        raise Http404
    region = chosen_region(officer, request.GET.get("region", ""))
    rows = open_steps(officer, step_id=step_id).filter(in_region(region))
    if request.GET.get("late"):
        rows = rows.filter(due_on__lt=timezone.localdate())
    mine = steps_to_do_together(officer, step_id)
    first = mine.first()
    form, status = None, 200
    if first is not None:
        form = StepForm(first, spec_of(first), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form is None:
            raise Http404
        done, status = _close_together(request, form, mine)
        if done:
            return redirect("queue", step_id)
    page = KeysFirst(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "step_id": step_id,
        "page": page,
        "region": region,
        "form": form,
        "ticked": set(request.POST.getlist("step")),
        "mine": {step.pk for step in page if spec_of(step).bulk and may_close(officer, step)} if form else set(),
    }
    return render(request, "desk/casework/queue.html", context, status=status)


def _close_together(request: HttpRequest, form: StepForm, mine: Any) -> tuple[bool, int]:
    """Close the steps that were ticked, each by itself: what one household lacks stops no other."""
    ticked = [int(each) for each in request.POST.getlist("step") if each.isascii() and each.isdecimal()]
    chosen = list(mine.filter(pk__in=ticked[:_MOST_AT_ONCE]))
    if not chosen:
        form.problems["__all__"] = [_("Tick the cases first.")]
        return False, 400
    if not form.look_over():
        return False, 400
    papers = _papers(request, form)
    closed = 0
    for step in chosen:
        try:
            _close_one(request, form, step, papers)
            closed += 1
        except Problem as problem:
            messages.error(request, f"{step.household.number}: {sentence(problem)}")
    if closed:
        words = ngettext("Recorded for %(number)d case.", "Recorded for %(number)d cases.", closed)
        messages.success(request, words % {"number": closed})
    return closed > 0, 400


@transaction.atomic
def _close_one(request: HttpRequest, form: StepForm, step: Step, papers: list[tuple[str, bytes]]) -> None:
    now = timezone.now()
    kept = [
        keep(
            io.BytesIO(content),
            household=step.household,
            kind=kind,
            title=spoken(EVIDENCE[kind]),
            by=request.user,
            now=now,
        )
        for kind, content in papers
    ]
    actions.close_step(
        step, request.user, form.outcome, reason=form.reason, record=form.written, documents=kept, now=now
    )


def _papers(request: HttpRequest, form: StepForm) -> list[tuple[str, bytes]]:
    """Kind and content of what was sent; one byte over the limit is enough to be refused when it is kept."""
    limit = MAX_MB * 1024 * 1024 + 1
    return [
        (kind, file.read(limit))
        for kind in evidence_of(form.spec)
        for file in request.FILES.getlist(f"paper-{kind}")[:5]
    ]
