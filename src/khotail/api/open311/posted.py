"""POST /requests: a program raises an issue with the access token of its officer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.accounts.tokens import officer_of
from khotail.api.open311.asked import Refused
from khotail.issues.models import Issue
from khotail.issues.raising import raise_issue
from khotail.issues.routing import route_of
from khotail.register.models import Region
from khotail.rulebook.routes import Route

_LONGEST_DESCRIPTION = 4000


def raised(request: HttpRequest) -> dict[str, Any]:
    """The answer's row. Raises Refused, and the problems of raising an issue."""
    officer, given = _caller(request), request.POST
    code = _text(given, "service_code")
    if not code:
        raise Refused(400, "service_code is required.")
    region_code = _place(given, officer)
    chosen = route_of(code, timezone.localdate(), region_code)
    description = _text(given, "description")
    if len(description) > _LONGEST_DESCRIPTION:
        raise Refused(400, f"description may have at most {_LONGEST_DESCRIPTION} letters.")
    latitude, longitude = _text(given, "lat"), _text(given, "long")
    issue = raise_issue(
        _with_media(description or chosen.name.zh, _text(given, "media_url")),
        region_code=region_code,
        now=timezone.now(),
        channel=Issue.Channel.OPEN311,
        by=officer,
        route=code,
        latitude=latitude,
        longitude=longitude,
        place_words=_text(given, "address_string"),
        name=_text(given, "last_name") + _text(given, "first_name"),
        phone=_text(given, "phone"),
        contact={name: _text(given, name) for name in Issue.CONTACT},
        attributes=_attributes(given, chosen),
        files=request.FILES.getlist("media"),
    )
    notice = chosen.card.steps[0].zh if chosen.card.steps else ""
    return {"service_request_id": issue.number, "service_notice": notice, "account_id": None}


def _caller(request: HttpRequest) -> Officer:
    """The officer of api_key, which is an access token."""
    key = _text(request.POST, "api_key") or _text(request.GET, "api_key")
    found = officer_of(key, timezone.now()) if key else None
    if found is None:
        raise Refused(403, "api_key is missing or not valid.")
    if not found.may(May.RAISE_ISSUES):
        raise Refused(403, "The officer of this api_key may not raise issues.")
    return found


def _place(given: QueryDict, officer: Officer) -> str:
    """Code of the place: address_id, else as near as the officer's own region says."""
    address_id = _text(given, "address_id")
    point = _text(given, "lat") and _text(given, "long")
    if not (address_id or point or _text(given, "address_string")):
        raise Refused(400, "A place is required: lat and long, address_string or address_id.")
    if not address_id:
        return max(officer.region_code, settings.KHOTAIL_BANNER, key=len)
    known = address_id.isascii() and address_id.isdecimal() and len(address_id) <= 12
    if not known or not Region.objects.filter(code=address_id).exists():
        raise Refused(404, "There is no such address_id; use the 12 digits of the village.")
    return address_id


def _attributes(given: QueryDict, route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in route.attributes:
        many = [one.strip() for one in given.getlist(f"attribute[{attribute.id}][]") if one.strip()]
        one = _text(given, f"attribute[{attribute.id}]")
        if many or one:
            found[attribute.id] = (many or [one]) if attribute.kind == "multivaluelist" else one or many[0]
    return found


def _with_media(words: str, address: str) -> str:
    """The address of a picture elsewhere is kept as words: nothing is fetched from addresses that strangers give."""
    together = f"{words}\n{address}"
    return together if address and len(together) <= _LONGEST_DESCRIPTION else words


def _text(given: QueryDict, name: str) -> str:
    """An empty parameter is a missing one."""
    return given.get(name, "").replace("\x00", "").strip()
