"""Where an officer is signed in: one row per browser, and words for what it is.

A row is written at the sign-in and renewed while the browser is used, so that no page costs another query. To end a session
is to delete it from the table of sessions; the row goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from allauth.account.adapter import get_adapter
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from khotail.accounts.models import Device, Officer
from khotail.accounts.problems import SessionGone
from khotail.trail.chain import record

#: Last seen is told to the quarter of an hour.
_RENEWED_EVERY = timedelta(minutes=15)
#: In the session: the row's number, the key that the row knows, and when it was renewed.
_ROW, _KEY, _AT = "device", "device_key", "device_at"


@transaction.atomic
def begin(request: HttpRequest, officer: Officer, now: datetime) -> Device:
    """Note the browser of somebody who has just signed in; rows of sessions that are over go."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    Device.objects.filter(officer=officer).exclude(session_key__in=alive).delete()
    if not request.session.session_key:
        request.session.save()
    device = Device.objects.create(
        officer=officer, session_key=request.session.session_key, began_at=now, seen_at=now,
        agent=request.headers.get("User-Agent", "").replace("\x00", "")[:300], address=_address(request),
    )  # fmt: skip
    request.session[_ROW] = device.pk
    _remember(request, now)
    return device


def renew(request: HttpRequest, now: datetime) -> None:
    """Say when the browser was last used, and follow a session that got another key, as after a change of password."""
    row = request.session.get(_ROW)
    at = request.session.get(_AT, 0)
    fresh = now.timestamp() - at < _RENEWED_EVERY.total_seconds()
    if row is None or (fresh and request.session.get(_KEY) == request.session.session_key):
        return
    values = {"session_key": request.session.session_key, "seen_at": now, "address": _address(request)}
    Device.objects.filter(pk=row, officer=request.user.pk).update(**values)
    _remember(request, now)


class Renewing:
    """Middleware: renews the row of the browser once its page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.user.is_authenticated and request.session.session_key and answer.status_code < 500:
            renew(request, timezone.now())
        return answer


def devices_of(officer: Officer, now: datetime) -> list[Device]:
    """Browsers in which the officer is signed in, the one used last first. One query."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    return list(Device.objects.filter(officer=officer, session_key__in=alive).order_by("-seen_at", "-pk"))


@transaction.atomic
def end(device: Device, *, by: Officer, now: datetime) -> None:
    """End one of one's own sessions. Raises SessionGone."""
    found = Device.objects.select_for_update().filter(pk=device.pk, officer=by).first()
    if found is None:
        raise SessionGone
    Session.objects.filter(session_key=found.session_key).delete()
    found.delete()
    record(by, "officer.session_ended", by, at=now, began_at=device.began_at)


def end_all(officer: Officer, besides: str | None = "") -> int:
    """End the officer's sessions, but for the one with the key `besides`; returns how many. The caller leaves the event."""
    devices = Device.objects.filter(officer=officer).exclude(session_key=besides or "")
    Session.objects.filter(session_key__in=devices.values("session_key")).delete()
    return devices.delete()[0]


class Kind(NamedTuple):
    """What a browser calls itself: names of programs, the same in every language; empty if it says nothing known."""

    browser: str
    system: str


def kind_of(agent: str) -> Kind:
    """Browser and system by the user agent, such as Chrome and Windows."""
    return Kind(_first(_BROWSERS, agent), _first(_SYSTEMS, agent))


#: In this order: the later ones stand in the user agents of the earlier ones too.
_BROWSERS = (
    ("MicroMessenger", "微信 WeChat"), ("DingTalk", "钉钉 DingTalk"), ("HuaweiBrowser", "Huawei"), ("MiuiBrowser", "Xiaomi"),
    ("VivoBrowser", "vivo"), ("HeyTapBrowser", "OPPO"), ("Quark", "夸克 Quark"), ("UCBrowser|UBrowser", "UC"),
    ("MQQBrowser|QQBrowser", "QQ"), ("360SE|QihooBrowser|360Browser", "360"), ("SamsungBrowser", "Samsung"),
    ("Edg(e|A|iOS)?/", "Edge"), ("OPR/", "Opera"), ("Firefox|FxiOS", "Firefox"), ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"), ("curl|python|okhttp", "API"),
)  # fmt: skip
_SYSTEMS = (
    ("OpenHarmony|HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Macintosh|Mac OS X", "macOS"), ("UOS", "UOS"), ("Kylin", "Kylin"), ("Linux", "Linux"),
)  # fmt: skip


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, agent)), "")


def _remember(request: HttpRequest, now: datetime) -> None:
    request.session[_KEY] = request.session.session_key
    request.session[_AT] = int(now.timestamp())


def _address(request: HttpRequest) -> str:
    return str(get_adapter(request).get_client_ip(request) or "")[:45]
