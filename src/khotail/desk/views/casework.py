"""One case: what it waits for, the form of its open step, and everything that was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May, Role
from khotail.assistance.models import Plan
from khotail.casework import actions
from khotail.casework.actors import TAKES_OVER, check_actor, doers_of
from khotail.casework.models import Case, Objection, Step
from khotail.casework.objections import answers_at
from khotail.casework.papers import Paper, papers_of
from khotail.casework.problems import NotFound, ProcedureGone, StepAlreadyDone
from khotail.casework.procedures import procedure_of, spec_of
from khotail.casework.queries import CasePage, StepRow, case_page
from khotail.desk.casework_forms import (
    AnswerForm,
    HelperForm,
    MeasureForm,
    ObjectionForm,
    StepForm,
    evidence_of,
)
from khotail.desk.problems import sentence
from khotail.desk.templatetags.casework import field_value
from khotail.desk.templatetags.khotail import spoken
from khotail.problems import Problem
from khotail.register.documents import keep
from khotail.rulebook.procedures import EVIDENCE
from khotail.screening.models import Finding, Kind
from khotail.screening.queries import why

#: Photos that one step takes at once.
_MOST_FILES = 20
_MOST_NAMES = 3


@dataclass(frozen=True)
class _History:
    """A step of the past or the open one, as the page shows it."""

    row: StepRow
    papers: list[Paper]
    objections: list[tuple[Objection, AnswerForm | None]]


@login_required
@never_cache
@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_CASES)
    return show_case(request, pk)


@login_required
@require_POST
def close(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Close the step with what was filled in. Papers are kept first: they need not be sent again if something is amiss."""
    require(request.user, May.SEE_CASES)
    rows = Step.objects.visible_to(request.user).select_related("case", "household")
    found = get_object_or_404(rows, pk=step, case_id=pk)
    spec = spec_of(found)
    form = StepForm(found, spec, request.POST)
    now = timezone.now()
    try:
        check_actor(request.user, found, spec)
        # A step that somebody has closed meanwhile goes straight to the action, which tells who and with what outcome.
        if found.closed_at is not None or (_keep_papers(request, found, form) & form.look_over()):
            closed = actions.close_step(
                found, request.user, form.outcome, reason=form.reason, record=form.written, now=now
            )
            chosen = spec.outcome(closed.outcome)
            words = {"step": spoken(spec.name), "outcome": spoken(chosen.label) if chosen else closed.outcome}
            messages.success(request, _("Recorded: %(step)s, %(outcome)s") % words)
            return redirect("case", pk)
        status = 400
    except StepAlreadyDone as problem:
        return show_case(request, pk, status=problem.status, lost=_typed(form), problem=sentence(problem))
    except Problem as problem:
        form.add(problem)
        status = problem.status
    # Made anew, so that papers that were kept are shown as being there.
    shown = StepForm(found, spec, request.POST)
    shown.problems = form.problems
    return show_case(request, pk, form=shown, status=status)


def show_case(
    request: HttpRequest,
    pk: int,
    *,
    status: int = 200,
    form: StepForm | None = None,
    problem: str = "",
    lost: list[tuple[str, str]] | None = None,
    answered: tuple[int, AnswerForm] | None = None,
    **forms: Any,
) -> HttpResponse:
    """The case's page, with a form as it was sent if something was amiss, and what somebody typed in vain."""
    officer, now = request.user, timezone.now()
    try:
        page = case_page(officer, pk, now)
    except NotFound:
        raise Http404 from None
    waiting = page.waiting
    its_turn = bool(waiting and waiting.spec and waiting.may_close)
    if form is not None and not (waiting and its_turn and form.step.pk == waiting.step.pk):
        # The form is no longer this reader's to send: what was typed stays to be read.
        lost, problem, form = _typed(form), problem or " ".join(form.problems.get("__all__", [])), None
    if form is None and waiting and waiting.spec and its_turn:
        form = StepForm(waiting.step, waiting.spec)
    is_open = page.case.state not in Case.CLOSED
    works = officer.may(May.WORK_CASES) and is_open
    context = {
        "page": page,
        "case": page.case,
        "household": page.case.household,
        "waits": _waits(waiting) if waiting and waiting.spec else None,
        "form": form,
        "problem": problem,
        "lost": lost,
        "history": [
            _History(row, papers_of(row.step), _objections(officer, row, answered)) for row in page.steps[::-1]
        ],
        "signals": [(each, why(each)) for each in _signals(page)],
        "lead_whys": [(lead, why(lead.finding) if lead.finding else None) for lead in page.leads],
        "is_open": is_open,
        "plan": Plan.objects.filter(case=page.case).first(),
        "measure_form": MeasureForm(page.case, page.missing) if works else None,
        "helper_form": HelperForm(page.case) if works and officer.role != Role.HELPER else None,
        "objection_form": ObjectionForm() if officer.may(May.RAISE_LEADS) else None,
        "may_recheck": _may_recheck(officer, page),
        "may_raise": officer.may(May.RAISE_LEADS),
        "re_entries": list(page.case.re_entries.order_by("id")),
    }
    return render(request, "desk/casework/case.html", context | forms, status=status)


def _keep_papers(request: HttpRequest, step: Step, form: StepForm) -> bool:
    """Keep what was sent, each file in its own right. Returns whether all of it could be taken."""
    complete = True
    for kind, file in _files(request, form):
        try:
            with transaction.atomic():
                now = timezone.now()
                title = spoken(EVIDENCE[kind])
                document = keep(file, household=step.household, kind=kind, title=title, by=request.user, now=now)
                actions.attach(step, document, request.user, now)
        except StepAlreadyDone:
            raise
        except Problem as problem:
            complete = False
            form.add(problem)
    return complete


def _files(request: HttpRequest, form: StepForm) -> Iterator[tuple[str, Any]]:
    for kind in evidence_of(form.spec):
        for file in request.FILES.getlist(f"paper-{kind}")[:_MOST_FILES]:
            yield kind, file


def _typed(form: StepForm) -> list[tuple[str, str]]:
    """Label and words of everything that was typed, for whoever was too late."""
    shown = []
    for field in form.spec.fields:
        value = form.written[field.id]
        if value:
            shown.append((spoken(field.label), field_value(field, value)))
    chosen = form.spec.outcome(form.outcome)
    if chosen is not None:
        shown.append((_("Outcome"), spoken(chosen.label)))
    return [*shown, (_("Reason"), form.reason)] if form.reason.strip() else shown


def _waits(row: StepRow) -> dict[str, Any]:
    """What the case waits for: the step, who does it, until when."""
    step, spec = row.step, row.spec
    assert spec is not None
    people = list(doers_of(step, spec)[: _MOST_NAMES + 1])
    level = step.escalated_to or step.level
    return {
        "step": step,
        "spec": spec,
        "procedure": procedure_of(step).name,
        "level": level,
        "roles": TAKES_OVER if step.escalated_to else spec.roles,
        "people": people[:_MOST_NAMES],
        "more_people": len(people) > _MOST_NAMES,
        "papers": papers_of(step),
    }


def _objections(
    officer: Officer, row: StepRow, answered: tuple[int, AnswerForm] | None
) -> list[tuple[Objection, AnswerForm | None]]:
    """Objections to a step, each with the form that answers it where this reader may."""
    may = any(each.answered_at is None for each in row.objections) and _may_answer(officer, row)
    found: list[tuple[Objection, AnswerForm | None]] = []
    for each in row.objections:
        form = AnswerForm(auto_id=f"id_{each.pk}_%s") if may and each.answered_at is None else None
        found.append((each, answered[1] if form and answered and answered[0] == each.pk else form))
    return found


def _signals(page: CasePage) -> list[Finding]:
    rows = Finding.objects.filter(household=page.case.household_id, kind=Kind.SIGNAL, ended_on=None)
    return list(rows.order_by("-since", "-id"))


def _may_answer(officer: Officer, row: StepRow) -> bool:
    """Whether the officer could answer objections to this step: the same test as `answer_objection` makes."""
    if row.spec is None or not officer.may(May.WORK_CASES) or officer.pk == row.step.closed_by_id:
        return False
    try:
        at_level = officer.level == answers_at(row.step)
    except ProcedureGone:
        return False
    return at_level and (officer.role in TAKES_OVER or (row.step.closed_at is None and officer.role in row.spec.roles))


def _may_recheck(officer: Officer, page: CasePage) -> bool:
    works = officer.may(May.WORK_CASES) and officer.role in TAKES_OVER
    return works and page.case.state == Case.State.EXITED and page.waiting is None and not page.case.re_entries.exists()
