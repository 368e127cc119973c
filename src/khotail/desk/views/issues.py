"""Issues: the queues, one issue with what may be done with it now, and its files."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.casework.models import Lead
from khotail.desk.export import export, is_asked
from khotail.desk.issue_deeds import DEEDS, Deed
from khotail.desk.issue_forms import DeedForm
from khotail.desk.issue_lists import EXPORTED, QUEUES, IssueFilter, issues, queues_of
from khotail.desk.issue_words import shown_suggestions
from khotail.desk.kept_files import as_answer
from khotail.desk.paging import KeysFirst
from khotail.desk.placemap import place_of
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.issues.alike import alike
from khotail.issues.allowed import deeds_of, most_days
from khotail.issues.contact import contact_of, knows_raiser, left_contact
from khotail.issues.models import Issue, Photo
from khotail.issues.queries import joined_to
from khotail.issues.routing import known_routes
from khotail.problems import Problem
from khotail.register.models import Household

_PER_PAGE = 30
_MOST_FILES = 7  # one more than an action takes, so that it says so


@login_required
@require_safe
def queue(request: HttpRequest, name: str = "all") -> HttpResponse:
    """One of the lists that the reader has."""
    officer, found = request.user, QUEUES[name]
    mine = queues_of(officer)
    if found not in mine:
        raise NotAllowed
    region = chosen_region(officer, request.GET.get("region", ""))
    narrowed = IssueFilter(
        request.GET, issues(found, officer, region), request=request, open_only=found.open_only, region=region
    )
    if is_asked(request):
        return export(request, narrowed.qs, EXPORTED, f"issues-{name}")
    page = KeysFirst(narrowed.qs, _PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    sorting = name == "to-sort"
    context = {
        "queue": found,
        "queues": mine,
        "page": page,
        "rows": [(issue, shown_suggestions(issue, today) if sorting else []) for issue in page],
        "filter": narrowed,
        "region": region,
        "filtered": any(value for key, value in request.GET.items() if key not in ("region", "page")),
        "saved_as": f"issues-{name}",
    }
    return render(request, "desk/issues/issues.html", context)


@login_required
@never_cache
@require_safe
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    return show_issue(request, pk)


@login_required
@never_cache
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """One thing done with an issue. Whatever was typed is given back if it cannot be done."""
    if deed not in DEEDS:
        raise Http404
    officer, now, chosen = request.user, timezone.now(), DEEDS[deed]
    found = seen(officer, pk)
    form = chosen.form(found, officer, timezone.localdate(now), request.POST, auto_id=f"id_{deed}_%s")
    if not form.is_valid():
        return show_issue(request, pk, bound=(deed, form), status=400)
    files = request.FILES.getlist("files")[:_MOST_FILES] if chosen.files else []
    try:
        chosen.act(found, form.cleaned_data, files, officer, now)
    except Problem as problem:
        form.add_error(None, sentence(problem))
        return show_issue(request, pk, bound=(deed, form), status=problem.status)
    messages.success(request, chosen.done)
    back = request.POST.get("next", "")
    if back.startswith("/issues/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("issue", pk) if Issue.objects.visible_to(officer).filter(pk=pk).exists() else redirect("issues")


@login_required
@never_cache
@require_POST
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show once how to reach the raiser, with an event in the trail."""
    found = seen(request.user, pk)
    return show_issue(request, pk, phone=contact_of(found, by=request.user, now=timezone.now()))


@login_required
@never_cache
@require_safe
def file(request: HttpRequest, pk: int, photo: int) -> HttpResponse:
    found = seen(request.user, pk)
    return as_answer(get_object_or_404(Photo.objects.select_related("document"), pk=photo, issue=found).document)


def seen(officer: Officer, pk: int) -> Issue:
    """An issue that the officer may see. Raises NotAllowed, Http404."""
    if not (officer.may(May.SEE_ISSUES) or officer.may(May.RAISE_ISSUES)):
        raise NotAllowed
    related = (
        "body",
        "household",
        "raised_by",
        "published_by",
        "route_chosen_by",
        "duplicate_of",
        "matter",
        "resident",
    )
    return get_object_or_404(Issue.objects.visible_to(officer).select_related(*related), pk=pk)


def show_issue(
    request: HttpRequest,
    pk: int,
    *,
    bound: tuple[str, DeedForm] | None = None,
    phone: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of an issue; `bound` is a form that was sent and not taken."""
    officer, now = request.user, timezone.now()
    found, today = seen(officer, pk), timezone.localdate(now)
    offered = deeds_of(officer, found, today)
    deeds = [
        (deed, bound[1] if bound and bound[0] == name else deed.form(found, officer, today, auto_id=f"id_{name}_%s"))
        for name, deed in DEEDS.items()
        if name in offered
    ]
    lost = bound if bound and bound[0] not in offered else None
    route = known_routes().get(found.route)
    context = {
        "issue": found,
        "route": route,
        "deeds": [pair for pair in deeds if not pair[0].first],
        "next_deeds": [pair for pair in deeds if pair[0].first],
        "problem": " ".join(map(str, bound[1].non_field_errors())) if bound else "",
        "lost": _typed(DEEDS[lost[0]], lost[1]) if lost else None,
        "history": _history(found),
        "suggestions": shown_suggestions(found, today) if "sort" in offered else [],
        "alike": _alike(found, officer, now) if "merge" in offered else [],
        "merges": "merge" in offered,
        "joined": [one for one in joined_to(found) if one.quiet == found.quiet],
        "most_days": most_days(found, today),
        "knows_raiser": knows_raiser(officer, found),
        "has_phone": left_contact(found),
        "phone": phone,
        "household": _visible(Household, officer, found.household_id) if officer.may(May.SEE_REGISTER) else None,
        "lead": _visible(Lead, officer, found.lead_id) if officer.may(May.SEE_CASES) else None,
        "answers": _answers(found, route),
        "place": place_of(found.region_code, found.latitude, found.longitude),
        "wrote_it": found.raised_by_id == officer.pk,
    }
    return render(request, "desk/issues/issue.html", context, status=status)


def _history(found: Issue) -> list[tuple[Any, list[Photo]]]:
    """Every move with the files that came with it, newest first."""
    files: dict[int | None, list[Photo]] = defaultdict(list)
    for photo in found.photos.select_related("document").order_by("id"):
        files[photo.move_id].append(photo)
    moves = list(found.moves.select_related("by", "from_body", "to_body").order_by("-id"))
    if moves and files[None]:
        files[moves[-1].pk] += files[None]
    return [(move, files[move.pk]) for move in moves]


def _alike(found: Issue, officer: Officer, now: datetime) -> list[Any]:
    north = float(found.latitude) if found.latitude is not None else None
    east = float(found.longitude) if found.longitude is not None else None
    near = alike(found.words, found.region_code, now, latitude=north, longitude=east, officer=officer, but=found)
    return [each for each in near if each.issue.quiet == found.quiet]


def _visible(model: Any, officer: Officer, pk: int | None) -> Any:
    return model.objects.visible_to(officer).filter(pk=pk).first() if pk else None


def _answers(found: Issue, route: Any) -> list[tuple[Any, str]]:
    labels = {each.id: each.label for each in route.attributes} if route else {}
    return [
        (labels.get(name, name), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in found.attributes.items()
    ]


def _typed(deed: Deed, form: DeedForm) -> dict[str, Any]:
    """What somebody typed for a thing that can no longer be done."""
    words = [str(form.data.get(name, "")) for name in ("words", "public_words")]
    return {"label": deed.label, "words": "\n".join(word for word in words if word.strip())}
