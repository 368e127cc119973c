"""The languages that the portal speaks, and how large its letters are."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from khotail.portal import mongolian

LANGUAGE_COOKIE, SIZE_COOKIE = "portal_language", "portal_size"
SIZES = ("normal", "large")
_YEAR_SECONDS = 365 * 86_400


class Offered(NamedTuple):
    """A language as the switch shows it: its own name, and how a browser calls it."""

    code: str
    name: str
    tag: str


def offered() -> list[Offered]:
    """Every language, the reader's own included."""
    return [Offered(code, name, tag_of(code)) for code, name in settings.KHOTAIL_PORTAL_LANGUAGES]


def tag_of(code: str) -> str:
    """The BCP 47 tag that goes into `lang`, so that a browser picks the right letters and voice."""
    return {"zh-hans": "zh-Hans", "mn-mong": "mn-Mong"}.get(code, code)


def is_offered(code: str) -> bool:
    return code in dict(settings.KHOTAIL_PORTAL_LANGUAGES)


def choose(request: HttpRequest) -> None:
    """Speak the language that whoever reads has chosen; without a choice it stays as it was found from the browser."""
    resident = request.resident
    code = resident.language if resident else request.COOKIES.get(LANGUAGE_COOKIE, "")
    if not is_offered(code):
        return
    if code == mongolian.CODE:
        mongolian.install()
    translation.activate(code)
    request.LANGUAGE_CODE = code


def is_large(request: HttpRequest) -> bool:
    """Large letters, where they were asked for."""
    if request.COOKIES.get(SIZE_COOKIE) in SIZES:
        return request.COOKIES[SIZE_COOKIE] == "large"
    return bool(request.resident and request.resident.large_type)


def keep(response: object, code: str, size: str) -> None:
    """Remember the choice on this phone."""
    for name, value in ((LANGUAGE_COOKIE, code), (SIZE_COOKIE, size)):
        response.set_cookie(name, value, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True)  # type: ignore[attr-defined]
