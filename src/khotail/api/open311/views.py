"""GeoReport v2 (wiki.open311.org/GeoReport_v2): discovery, services, requests, tokens.

Nothing personal is ever answered, and quiet issues are not there at all: one that was raised here is known to its sender
by the answer to the POST alone. Places are rounded to about a hundred metres.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.accounts.tokens import officer_of
from khotail.api.open311.asked import Asked, NotValid, asked
from khotail.api.open311.formats import answered, answered_one, refused
from khotail.issues.models import Issue
from khotail.issues.queries import public_issue
from khotail.issues.raising import raise_issue
from khotail.issues.routing import open_routes, route_of
from khotail.problems import Problem
from khotail.register.models import Region
from khotail.rulebook.routes import Route
from khotail.screening.rulebook import current

_CHANGESET = "2026-11-24T00:00:00+08:00"
_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_CLOSED = (Issue.State.RESOLVED, Issue.State.CONFIRMED, Issue.State.NOT_RESOLVED)
_LONGEST_DESCRIPTION = 4000
_PLACE_DIGITS = 3


def _view(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Of one format and some methods; what is not valid is answered as the standard has it."""

    def wrapped(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def shown(request: HttpRequest, form: str, **more: Any) -> HttpResponse:
            if request.method not in (*methods, "HEAD"):
                return refused(form, 400, f"Use {' or '.join(methods)} here.")
            place = (request.POST if request.method == "POST" else request.GET).get("jurisdiction_id", "").strip()
            if place and place != settings.KHOTAIL_BANNER:
                return refused(form, 404, "There is no such jurisdiction_id here.")
            try:
                return view(request, form, **more)
            except NotValid as error:
                return refused(form, 400, str(error))
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
    return answered("services", "service", [_service(route) for route in _open()], form)


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
        return _raised(request, form)
    wanted = asked(request.GET, timezone.now())
    return answered("service_requests", "request", [_request(request, issue) for issue in _found(wanted)], form)


@_view("GET")
def one_request(request: HttpRequest, form: str, number: str) -> HttpResponse:
    found = public_issue(number)
    if found is None:
        return refused(form, 404, "There is no such service_request_id.")
    return answered("service_requests", "request", [_request(request, found)], form)


@_view("GET")
def token(request: HttpRequest, form: str, token: str) -> HttpResponse:
    """Requests get their number at once, so no token was ever given."""
    return refused(form, 404, "There is no such token.")


def _raised(request: HttpRequest, form: str) -> HttpResponse:
    officer = _caller(request)
    if officer is None or not officer.may(May.RAISE_ISSUES):
        return refused(form, 403, "api_key is missing or not valid.")
    given = request.POST
    code = given.get("service_code", "").strip()
    if not code:
        return refused(form, 400, "service_code is required.")
    today = timezone.localdate()
    region_code = given.get("address_id", "").strip() or settings.KHOTAIL_BANNER
    if not Region.objects.filter(code=region_code).exists():
        return refused(form, 404, "There is no such address_id; use the 12 digits of the village.")
    latitude, longitude = given.get("lat", "").strip(), given.get("long", "").strip()
    address = given.get("address_string", "").strip()
    if not (address or given.get("address_id", "").strip() or (latitude and longitude)):
        return refused(form, 400, "A place is required: lat and long, address_string or address_id.")
    description = given.get("description", "").strip()
    if len(description) > _LONGEST_DESCRIPTION:
        return refused(form, 400, f"description may have at most {_LONGEST_DESCRIPTION} letters.")
    chosen = route_of(code, today, region_code)
    issue = raise_issue(
        description or chosen.name.zh,
        region_code=region_code,
        now=timezone.now(),
        channel=Issue.Channel.OPEN311,
        by=officer,
        route=code,
        latitude=latitude,
        longitude=longitude,
        place_words=address,
        name=f"{given.get('last_name', '').strip()}{given.get('first_name', '').strip()}",
        phone=given.get("phone", "").strip(),
        attributes=_attributes(given, chosen),
        files=request.FILES.getlist("media"),
    )
    row = {"service_request_id": issue.number, "service_notice": chosen.card.steps[0].zh if chosen.card.steps else "",
           "account_id": None}  # fmt: skip
    return answered("service_requests", "request", [row], form)


def _caller(request: HttpRequest) -> Officer | None:
    """The officer of api_key, which is an access token."""
    key = request.POST.get("api_key", "").strip() or request.GET.get("api_key", "").strip()
    return officer_of(key, timezone.now()) if key else None


def _attributes(given: Any, route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in route.attributes:
        many = given.getlist(f"attribute[{attribute.id}][]")
        one = given.get(f"attribute[{attribute.id}]", "").strip()
        if many or one:
            found[attribute.id] = many if attribute.kind == "multivaluelist" else one or many[0]
    return found


def _found(wanted: Asked) -> list[Issue]:
    rows = Issue.objects.shown_in_public().select_related("body")
    if wanted.numbers:
        return list(rows.filter(number__in=wanted.numbers).order_by("-id"))
    rows = rows.filter(raised_at__gte=wanted.start, raised_at__lte=wanted.end)
    if wanted.services:
        known = {route.id for route in _open()} | set(current().routes)
        if not set(wanted.services) & known:
            raise NotValid("There is no such service_code.")
        rows = rows.filter(route__in=wanted.services)
    if len(wanted.statuses) == 1:
        rows = rows.filter(state__in=_CLOSED) if "closed" in wanted.statuses else rows.exclude(state__in=_CLOSED)
    first = (wanted.page - 1) * wanted.page_size
    return list(rows.order_by("-id")[first : first + wanted.page_size])


def _open() -> tuple[Route, ...]:
    return open_routes(timezone.localdate(), settings.KHOTAIL_BANNER)


def _service(route: Route) -> dict[str, Any]:
    return {
        "service_code": route.id,
        "service_name": route.name.zh,
        "description": route.description.zh,
        "metadata": bool(route.attributes),
        "type": "realtime",
        "keywords": ",".join(route.words),
        "group": current().route_groups[route.group].name.zh,
    }


def _request(request: HttpRequest, issue: Issue) -> dict[str, Any]:
    closed = issue.state in _CLOSED
    last = issue.closed_at or issue.resolved_at if closed else None
    route = current().routes.get(issue.route)
    photo = issue.photos.filter(public=True).order_by("id").values_list("pk", flat=True).first()
    notes = issue.moves.exclude(public_words="").order_by("-id").values_list("public_words", flat=True).first()
    return {
        "service_request_id": issue.number,
        "status": "closed" if closed else "open",
        "status_notes": notes or "",
        "service_name": route.name.zh if route else issue.route,
        "service_code": issue.route,
        "description": issue.public_words,
        "agency_responsible": issue.body.name if issue.body else "",
        "service_notice": "",
        "requested_datetime": _said(issue.raised_at),
        "updated_datetime": _said(last or issue.changed_at),
        "expected_datetime": _said_day(issue.due_on),
        "address": _address(issue.region_code),
        "address_id": issue.region_code,
        "zipcode": None,
        "lat": _rounded(issue.latitude),
        "long": _rounded(issue.longitude),
        "media_url": request.build_absolute_uri(reverse("board_photo", args=[issue.number, photo])) if photo else "",
        "state": str(issue.state),
    }


def _address(code: str) -> str:
    names = dict(Region.objects.filter(code__in=[code[:n] for n in (6, 9, 12)]).values_list("code", "name"))
    return "".join(names[key] for key in sorted(names))


def _rounded(degrees: Any) -> float | None:
    return None if degrees is None else round(float(degrees), _PLACE_DIGITS)


def _said(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


def _said_day(day: date | None) -> str:
    """A deadline ends with its day."""
    if day is None:
        return ""
    return datetime.combine(day, time(23, 59, 59), tzinfo=timezone.get_default_timezone()).isoformat()
