"""Who calls: HTTP Basic with the sign-in name and, as the password, one of the officer's access tokens.

An account with a second factor has no other way, and a phone that is lost is shut out by withdrawing its token. Only wrong
tokens are counted: a right one works at once, whatever somebody else has tried under the same name.
"""

from __future__ import annotations

import base64
import binascii

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.accounts.tokens import officer_of
from khotail.field.openrosa.problems import SignInNeeded, TooManyFailures

#: As for the sign-in page: of one name, and of one address that an office shares.
_FAILURES = {"openrosa_failed": "5/15m/key,50/15m/ip"}
_LONGEST = 1000


def officer_who_calls(request: HttpRequest) -> Officer:
    """Raises SignInNeeded, TooManyFailures, NotAllowed for who makes no visits."""
    name, secret = _credentials(request)
    if not secret:
        raise SignInNeeded
    officer = officer_of(secret, timezone.now())
    if officer is None or officer.username.casefold() != name.casefold():
        counted = ratelimit.consume(
            request, app="khotail.field", action="openrosa_failed", config=_FAILURES, limit_get=True,
            key=f"{name.casefold()}:{get_adapter(request).get_client_ip(request)}",
        )  # fmt: skip
        raise SignInNeeded if counted else TooManyFailures
    if not officer.may(May.MAKE_VISITS):
        raise NotAllowed
    return officer


def _credentials(request: HttpRequest) -> tuple[str, str]:
    kind, _, packed = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic" or len(packed) > _LONGEST:
        return "", ""
    try:
        name, _, secret = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret
