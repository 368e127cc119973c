"""Raise an issue for somebody: what was said, the class that it suggests, what is like it already, and the receipt."""

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
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.issue_forms import LATER, QuestionsForm, RaiseForm, route_or_none
from khotail.desk.issue_words import route_choices
from khotail.desk.problems import sentence
from khotail.issues.alike import alike
from khotail.issues.models import Issue
from khotail.issues.moving import LONGEST_WORDS
from khotail.issues.raising import raise_issue
from khotail.issues.receipts import receipt_of
from khotail.issues.routing import known_routes
from khotail.issues.sorting import suggest
from khotail.problems import Problem
from khotail.register.models import Household
from khotail.register.queries import search
from khotail.rulebook.routes import Route
from khotail.screening.rulebook import setting

_SUGGESTED = 3
#: What was chosen, where it is none of the suggestions.
_OTHER = "other"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """One form, sent as often as it takes: first it shows class and likeness, then it raises the issue."""
    officer = request.user
    require(officer, May.RAISE_ISSUES)
    if request.method != "POST" or "words" not in request.POST:
        start = {"region_code": request.GET.get("region", "") or officer.region_code}
        household = _household(officer, request.GET.get("household", ""))
        if household:
            start["region_code"] = household.region_code
        return _page(request, RaiseForm(officer, initial=start), household=household)
    form = RaiseForm(officer, request.POST)
    household = _household(officer, request.POST.get("household", ""))
    if "find" in request.POST:
        return _page(request, form, household=household, hits=_hits(officer, request.POST.get("q", "")))
    if not form.is_valid():
        return _page(request, form, household=household, status=400)
    try:
        route = route_or_none(_chosen(request), timezone.localdate(), form.cleaned_data["region_code"])
    except Problem as problem:
        form.add_error(None, sentence(problem))
        return _page(request, form, household=household, status=problem.status)
    questions = _questions(request, route)
    asked = not questions or request.POST.get("asked") == route.id  # type: ignore[union-attr]
    if not request.POST.get("looked") or not asked:
        return _page(request, form, household=household, questions=questions)
    if questions and not questions.is_valid():
        return _page(request, form, household=household, questions=questions, status=400)
    try:
        issue = _raise(request, form, route, household, questions.cleaned_data if questions else {})
    except Problem as problem:
        form.add_error(None, sentence(problem))
        return _page(request, form, household=household, questions=questions, status=problem.status)
    messages.success(request, _("The issue is raised. Give them the receipt."))
    return redirect("issue_receipt", issue.pk)


@login_required
@never_cache
@require_POST
def suggested(request: HttpRequest) -> HttpResponse:
    """The part that follows the words while they are written."""
    require(request.user, May.RAISE_ISSUES)
    form = RaiseForm(request.user, request.POST)
    region_code = form.data.get("region_code", "")
    known = {code for code, _name in form.fields["region_code"].choices}
    context = _suggested(request, region_code if region_code in known else "")
    return render(request, "desk/issues/suggested_part.html", context | {"is_part": True})


@login_required
@never_cache
@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """To print or to read out: only for whoever wrote the issue down."""
    require(request.user, May.RAISE_ISSUES)
    issue = get_object_or_404(Issue.objects.visible_to(request.user).select_related("body"), pk=pk)
    if issue.raised_by_id != request.user.pk:
        return redirect("issue", pk)
    return render(
        request,
        "desk/issues/receipt.html",
        {"issue": issue, "receipt": receipt_of(issue), "route": known_routes().get(issue.route)},
    )


def _page(
    request: HttpRequest,
    form: RaiseForm,
    *,
    household: Household | None,
    hits: list[Household] | None = None,
    questions: QuestionsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_sent = request.method == "POST" and bool(request.POST.get("words", "").strip())
    context = {
        "form": form,
        "household": household,
        "hits": hits,
        "q": request.POST.get("q", "") if hits is not None else "",
        "questions": questions,
        "key": request.POST.get("key") or form["key"].initial,
        "longest": LONGEST_WORDS,
        **(_suggested(request, form.data.get("region_code", "")) if is_sent else {}),
    }
    return render(request, "desk/issues/new.html", context, status=status)


def _suggested(request: HttpRequest, region_code: str) -> dict[str, Any]:
    """Classes with their per cent, and issues that may be the same."""
    words, now = request.POST.get("words", "").strip()[:LONGEST_WORDS], timezone.now()
    today = timezone.localdate(now)
    if not words or not region_code.startswith(request.user.region_code):
        return {"suggestions": [], "alike": [], "looked": False}
    routes, found = known_routes(), suggest(words, region_code, today)[:_SUGGESTED]
    chosen = _chosen(request)
    shown = [(routes[each.route], round(100 * each.confidence)) for each in found]
    is_sure = bool(found) and found[0].confidence >= setting("issue_sure", today, region_code)
    return {
        "suggestions": shown,
        "is_sure": is_sure,
        "chosen": chosen or (found[0].route if is_sure and "route" not in request.POST else LATER),
        "is_other": bool(chosen) and chosen not in {each.route for each in found},
        "classes": route_choices(today, region_code),
        "alike": alike(
            words, region_code, now, officer=request.user, latitude=_number(request, "latitude"),
            longitude=_number(request, "longitude"),
        ),
        "looked": True,
    }  # fmt: skip


def _chosen(request: HttpRequest) -> str:
    """The class that was picked: a suggestion, or another from the whole list; "" to leave it to whoever sorts."""
    picked = request.POST.get("route", "")
    return request.POST.get("other_route", "") if picked == _OTHER else picked


def _questions(request: HttpRequest, route: Route | None) -> QuestionsForm | None:
    if route is None or not route.attributes:
        return None
    return QuestionsForm(route, request.POST if request.POST.get("asked") == route.id else None)


def _raise(
    request: HttpRequest, form: RaiseForm, route: Route | None, household: Household | None, answers: dict[str, Any]
) -> Issue:
    values = form.cleaned_data
    return raise_issue(
        values["words"], region_code=values["region_code"], now=timezone.now(), channel=values["channel"],
        by=request.user, household=household, route=route.id if route else "", latitude=values["latitude"],
        longitude=values["longitude"], place_words=values["place_words"], name=values["name"], phone=values["phone"],
        attributes=answers, files=request.FILES.getlist("files"), key=values["key"],
        consent=bool(request.POST.get("consent")),
    )  # fmt: skip


def _household(officer: Officer, text: str) -> Household | None:
    """The household that was chosen; None without one. Raises Http404 for one that the officer may not see."""
    if not text or not officer.may(May.SEE_REGISTER):
        return None
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return get_object_or_404(Household.objects.visible_to(officer), pk=pk)


def _hits(officer: Officer, text: str) -> list[Household]:
    if not officer.may(May.SEE_REGISTER):
        return []
    found = {hit.household.pk: hit.household for hit in search(officer, text) if hit.household.ended_on is None}
    return list(found.values())


def _number(request: HttpRequest, name: str) -> float | None:
    try:
        value = float(request.POST.get(name) or "nan")
    except ValueError:
        return None
    return value if abs(value) <= 180 else None  # not a number is in no order
