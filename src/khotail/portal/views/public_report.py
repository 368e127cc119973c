"""Reporting without signing in: where, what, which class it is, and whatever else helps. Works without scripts.

Nothing that was written is lost on the way: every step carries it on, and a refusal shows the form again with its reason.
The form's own key and what is in it make the name under which it is taken, so that the same words sent twice are one
issue and changed words are another.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from khotail.accounts.language import said
from khotail.issues.alike import alike
from khotail.issues.answering import say_more
from khotail.issues.models import Issue
from khotail.issues.moving import MOST_FILES
from khotail.issues.queries import public_issue
from khotail.issues.raising import raise_issue
from khotail.issues.receipts import Raiser, receipt_of
from khotail.issues.routing import open_routes
from khotail.issues.sorting import suggest
from khotail.portal import floods, places, public_rows
from khotail.portal.chosen import Chosen
from khotail.problems import Problem
from khotail.register.models import Region
from khotail.rulebook.routes import Route
from khotail.screening.rulebook import current

_SUGGESTED, _ALIKE = 2, 3
#: Fewer letters say nothing about a class.
_LEAST_LETTERS = 4
_LONGEST_SEARCHED = 500
_NOT_WRITTEN = ("csrfmiddlewaretoken", "left_out")


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The place by steps, then the words, then (once a class is chosen or left open) the rest."""
    given = request.POST if request.method == "POST" else request.GET
    region = places.chosen(given.get("place", "") or (request.resident.region_code if request.resident else ""))
    whole = given.get("whole") == "1" and region is not None
    if not (places.is_village(region) or whole):
        context = {"region": region, "way": places.way_to(region), "below": places.below(region)}
        return render(request, "portal/public/report_place.html", context)
    if request.method == "POST" and ("route" in given or given.get("like")) and given.get("words", "").strip():
        return _details(request, region)
    context = _step(request, region) | {"empty": request.method == "POST" and not given.get("words", "").strip()}
    return render(request, "portal/public/report_words.html", context | _suggestions(request, region))


@require_POST
def suggested(request: HttpRequest) -> HttpResponse:
    """What the words may be about, while somebody writes them."""
    region = places.chosen(request.POST.get("place", ""))
    return render(request, "portal/public/report_suggested.html", _suggestions(request, region))


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("report")
    region = places.chosen(request.POST.get("place", ""))
    if region is None:
        return redirect("report")
    chosen = Chosen(request, f"report:{request.POST.get('key', '')}", "photos", "voice", single=("voice",))
    try:
        floods.check(request)
        issue = _raised(request, region, chosen.files)
    except Problem as problem:
        chosen.keep(problem, MOST_FILES)
        return _details(request, region, said(problem.text), problem.status, chosen)
    route = current().routes.get(issue.route)
    promise = public_rows.promise(route, timezone.localdate(issue.raised_at), issue.region_code)
    return render(
        request,
        "portal/public/receipt_new.html",
        {
            "receipt": receipt_of(issue), "issue": issue, "promise": promise, "phone_left": bool(issue.phone_digest),
            "is_public": not issue.quiet and issue.state != Issue.State.SORTING,
        },
    )  # fmt: skip


def _raised(request: HttpRequest, region: Region, files: list[Any]) -> Issue:
    given, now = request.POST, timezone.now()
    key = _key(request, files)
    known = Issue.objects.filter(key=key).first()
    if known:
        return known
    route = _route(_asked_route(request), region.code)
    phone = "" if request.resident else given.get("phone", "")
    try:
        with transaction.atomic():
            issue = raise_issue(
                given.get("words", ""),
                region_code=region.code,
                now=now,
                channel=Issue.Channel.PORTAL,
                resident=request.resident,
                route=route.id if route else "",
                latitude=given.get("lat", "").strip(),
                longitude=given.get("long", "").strip(),
                place_words=given.get("place_words", ""),
                name="" if request.resident else given.get("name", ""),
                phone=phone,
                attributes=_answers(request, route),
                files=files,
                key=key,
            )
            same = public_issue(given.get("like", ""))
            if same:
                raiser = Raiser(resident=request.resident, receipt=receipt_of(issue), phone=phone)
                say_more(issue, f"反映人认为与 {same.number} 是同一件事", raiser=raiser, now=now)
    except IntegrityError:  # the same form was taken a moment ago
        return Issue.objects.get(key=key)
    return issue


def _details(
    request: HttpRequest, region: Region, problem: str = "", status: int = 200, chosen: Chosen | None = None
) -> HttpResponse:
    """The last step. A class that came with "that is mine too" is that of the other issue."""
    given = request.POST
    same = public_issue(given.get("like", ""))
    route = _route(_asked_route(request) or (same.route if same else ""), region.code)
    today = timezone.localdate()
    context = _step(request, region) | {
        "route": route,
        "questions": [(one, given.get(f"a-{one.id}", ""), given.getlist(f"a-{one.id}")) for one in route.attributes]
        if route
        else [],
        "promise": public_rows.promise(route, today, region.code),
        "same": same,
        "problem": problem,
        "chosen": chosen,
        "trap": floods.TRAP,
    }
    return render(request, "portal/public/report_details.html", context, status=status)


def _step(request: HttpRequest, region: Region) -> dict[str, Any]:
    """What every step knows and carries on."""
    given = request.POST
    return {
        "region": region,
        "way": places.way_to(region),
        "given": given,
        "key": given.get("key", "")[:64] or secrets.token_hex(16),
        "classes": public_rows.grouped(open_routes(timezone.localdate(), region.code)),
    }


def _suggestions(request: HttpRequest, region: Region | None) -> dict[str, Any]:
    words, now = request.POST.get("words", "").strip()[:_LONGEST_SEARCHED], timezone.now()
    if region is None or len(words) < _LEAST_LETTERS:
        return {"first": [], "alike": []}
    first = suggest(words, region.code, timezone.localdate(now))[:_SUGGESTED]
    found = alike(words, region.code, now)[:_ALIKE]
    return {
        "first": [(one.route, public_rows.class_name(one.route)) for one in first],
        "alike": public_rows.shown([one.issue for one in found], timezone.localdate(now)),
    }


def _route(id_: str, region_code: str) -> Route | None:
    return next((route for route in open_routes(timezone.localdate(), region_code) if route.id == id_), None)


def _asked_route(request: HttpRequest) -> str:
    """A suggestion's button, else what was chosen from all classes."""
    return request.POST.get("route", "") or request.POST.get("other", "")


def _answers(request: HttpRequest, route: Route | None) -> dict[str, Any]:
    given = request.POST
    return {
        one.id: given.getlist(f"a-{one.id}") if one.kind == "multivaluelist" else given.get(f"a-{one.id}", "")
        for one in (route.attributes if route else ())
    }


def _key(request: HttpRequest, files: list[Any]) -> str:
    """The form's key with everything that was written: what somebody changed and sends again is not taken for the same."""
    who = request.resident.pk if request.resident else ""
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in _NOT_WRITTEN)
    named = sorted((file.name, file.size) for file in files)
    return hashlib.sha256(repr((who, fields, named)).encode()).hexdigest()
