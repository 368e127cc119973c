"""GeoReport v2 (wiki.open311.org/GeoReport_v2): discovery, services, requests, tokens.

Nothing personal is ever answered, and quiet issues are not there at all: one that was raised here is known to its sender
by the answer to the POST alone. Places are rounded to about a hundred metres.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from khotail.api.open311.asked import Asked, Refused, asked
from khotail.api.open311.formats import answered, answered_one, refused
from khotail.api.open311.posted import raised
from khotail.api.open311.rows import request_rows, service_row
from khotail.issues.models import Issue
from khotail.issues.queries import DONE_STATES, public_issue
from khotail.issues.routing import open_routes
from khotail.problems import Problem
from khotail.rulebook.routes import Route
from khotail.screening.rulebook import current

_CHANGESET = "2026-11-24T00:00:00+08:00"
_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def _view(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Of one format and some methods; what is not valid is answered as the standard has it."""

    def wrapped(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def shown(request: HttpRequest, form: str, **more: Any) -> HttpResponse:
            if request.method not in (*methods, "HEAD"):
                return refused(form, 400, f"Use {' or '.join(methods)} here.")
            try:
                place = (request.POST if request.method == "POST" else request.GET).get("jurisdiction_id", "").strip()
                if place and place != settings.KHOTAIL_BANNER:
                    return refused(form, 404, "There is no such jurisdiction_id here.")
                return view(request, form, **more)
            except Refused as error:
                return refused(form, error.status, error.description)
            except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
                return refused(form, 400, "The body could not be read.")
            except Problem as problem:
                status = problem.status if problem.status in (403, 404) else 400
                return refused(form, status, f"{problem.text.zh} {problem.text.en}")

        return shown

    return wrapped


@_view("GET")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    url = request.build_absolute_uri(reverse("open311_services", args=["xml"])).removesuffix("/services.xml")
    endpoint = {
        "specification": _SPECIFICATION, "url": url, "changeset": _CHANGESET,
        "type": "test" if settings.KHOTAIL_DEMO else "production", "formats": ["text/xml", "application/json"],
    }  # fmt: skip
    content = {
        "changeset": _CHANGESET,
        "contact": "旗县信访和热线工作机构 / the banner's office for petitions and the hotline",
        "key_service": "由旗县管理员发放访问令牌 / ask the banner's administrator for an access token",
        "endpoints": [endpoint],
    }
    return answered_one("discovery", content, form, {"endpoints": "endpoint", "formats": "format"})


@_view("GET")
def services(request: HttpRequest, form: str) -> HttpResponse:
    return answered("services", "service", [service_row(route) for route in _open()], form)


@_view("GET")
def service(request: HttpRequest, form: str, code: str) -> HttpResponse:
    """The questions of a class; a class without questions has no definition."""
    found = next((route for route in _open() if route.id == code), None)
    if found is None or not found.attributes:
        return refused(form, 404, "There is no definition of that service_code.")
    attributes = [
        {
            "variable": True, "code": one.id, "datatype": one.kind, "required": one.required,
            "datatype_description": "", "order": order, "description": one.label.zh,
            "values": [{"key": key, "name": label.zh} for key, label in one.values],
        }
        for order, one in enumerate(found.attributes, start=1)
    ]  # fmt: skip
    content = {"service_code": found.id, "attributes": attributes}
    return answered_one("service_definition", content, form, {"attributes": "attribute", "values": "value"})


@_view("GET", "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    if request.method == "POST":
        return answered("service_requests", "request", [raised(request)], form)
    rows = request_rows(_found(asked(request.GET, timezone.now())), request.build_absolute_uri)
    return answered("service_requests", "request", rows, form)


@_view("GET")
def one_request(request: HttpRequest, form: str, number: str) -> HttpResponse:
    found = public_issue(number)
    if found is None:
        return refused(form, 404, "There is no such service_request_id.")
    return answered("service_requests", "request", request_rows([found], request.build_absolute_uri), form)


@_view("GET")
def token(request: HttpRequest, form: str, token: str) -> HttpResponse:
    """Requests get their number at once, so no token was ever given."""
    return refused(form, 404, "There is no such token.")


def nothing(request: HttpRequest, path: str) -> HttpResponse:
    """Whatever is not an address of the standard, another suffix included."""
    return refused(
        "json" if path.endswith(".json") else "xml", 404, "There is nothing here; suffixes are xml and json."
    )


def _found(wanted: Asked) -> list[Issue]:
    rows = Issue.objects.shown_in_public().select_related("body")
    if wanted.numbers is not None:
        return list(rows.filter(number__in=wanted.numbers).order_by("-raised_at", "-id"))
    rows = rows.filter(raised_at__gte=wanted.start, raised_at__lte=wanted.end)
    if wanted.services:
        known = [code for code in wanted.services if code in current().routes]
        if not known:
            raise Refused(404, "There is no such service_code.")
        rows = rows.filter(route__in=known)
    if len(wanted.statuses) == 1:
        rows = (
            rows.filter(state__in=DONE_STATES) if "closed" in wanted.statuses else rows.exclude(state__in=DONE_STATES)
        )
    first = (wanted.page - 1) * wanted.page_size
    return list(rows.order_by("-raised_at", "-id")[first : first + wanted.page_size])


def _open() -> tuple[Route, ...]:
    return open_routes(timezone.localdate(), settings.KHOTAIL_BANNER)
