"""What came back from visits: the list by state, one record with its answers and photos, and those to be looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.kept_files import as_answer
from khotail.desk.paging import KeysFirst
from khotail.desk.placemap import place_of
from khotail.desk.regions import chosen_region
from khotail.desk.visit_forms import SetAsideForm
from khotail.register.models import Household
from khotail.register.queries import search
from khotail.visits import queries
from khotail.visits.models import Submission, SubmissionFile
from khotail.visits.showing import laid_out
from khotail.visits.taking import look_at

_PER_PAGE = 30
_State = Submission.State


@login_required
@never_cache
@require_safe
def submissions(request: HttpRequest) -> HttpResponse:
    _may_look(request.user)
    region = chosen_region(request.user, request.GET.get("region", ""))
    state = request.GET.get("state", "")
    state = state if state in _State.values else ""
    page = KeysFirst(queries.submissions_of(request.user, region, state), _PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "region": region, "state": state, "states": [("", _("All")), *_State.choices]}
    return render(request, "desk/visits/submissions.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """One record. A POST looks for a household, whose words travel in the body, or says which one it is."""
    found = _submission(request, pk)
    if request.method == "POST" and (chosen := request.POST.get("household", "")):
        require(request.user, May.EDIT_REGISTER)
        about = _household(request.user, chosen)
        look_at(found, by=request.user, now=timezone.now(), household=about)
        messages.success(request, _("The record is entered for this household."))
        return redirect("submission", pk)
    return _show(request, found)


@login_required
@require_POST
def submission_set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    found = _submission(request, pk)
    require(request.user, May.EDIT_REGISTER)
    form = SetAsideForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form=form, status=400)
    look_at(found, by=request.user, now=timezone.now(), set_aside=form.cleaned_data["reason"])
    messages.success(request, _("The record is set aside; it is kept with its reason."))
    return redirect("submission", pk)


@login_required
@require_safe
def submission_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A photo, signature or recording of a record that the officer may see."""
    _may_look(request.user)
    visible = Submission.objects.visible_to(request.user)
    return as_answer(get_object_or_404(SubmissionFile.objects.filter(submission__in=visible), pk=pk).document)


def _show(
    request: HttpRequest, found: Submission, *, form: SetAsideForm | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    files = {one.name: one for one in found.files.select_related("document")}
    answers = [
        (one, [(value, files.get(value.zh) if one.is_file else None) for value in one.values])
        for one in laid_out(found)
    ]  # fmt: skip
    looked_for = found.state in (_State.TO_LOOK_AT, _State.WAITING) and request.user.may(May.EDIT_REGISTER)
    context = {
        "submission": found,
        "answers": answers,
        "missing": [name for name in found.files_expected if name not in files],
        "outcome": _outcome(found),
        "place": place_of(found.region_code, found.latitude, found.longitude),
        "problem": {"zh": found.problem_zh, "en": found.problem_en},
        "to_look_at": looked_for,
        "form": form or SetAsideForm(),
        **(_hits(request) if looked_for else {}),
    }
    return render(request, "desk/visits/submission.html", context, status=status)


def _outcome(found: Submission) -> dict[str, Any]:
    told = found.outcome or {}
    return {"statements": told.get("statements"), "lead": told.get("lead"), "issues": told.get("issues") or []}


def _hits(request: HttpRequest) -> dict[str, Any]:
    text = request.POST.get("q", "")
    homes = {hit.household.pk: hit for hit in search(request.user, text) if hit.household.ended_on is None}
    return {"q": text, "hits": list(homes.values()), "asked": bool(text.strip())}


def _household(officer: Officer, text: str) -> Household:
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return get_object_or_404(Household.objects.visible_to(officer), pk=pk)


def _may_look(officer: Officer) -> None:
    if not (officer.may(May.PLAN_VISITS) or officer.may(May.MAKE_VISITS)):
        raise NotAllowed


def _submission(request: HttpRequest, pk: int) -> Submission:
    _may_look(request.user)
    rows = Submission.objects.visible_to(request.user).select_related("form", "household", "officer", "looked_at_by")
    return get_object_or_404(rows, pk=pk)
