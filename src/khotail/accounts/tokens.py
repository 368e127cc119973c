"""Keys for programs. A token acts as its officer; only its digest is kept, so it is shown once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest

from khotail.accounts.models import Officer, Token
from khotail.accounts.problems import BadValue, ExpiresInThePast, TokenGone, TooManyTokens
from khotail.texts import typed
from khotail.trail.chain import record

#: Tokens of Khotail are told by this beginning, so that one that leaks into a file is found.
PREFIX = "kht_"
MOST = 20
#: A use is written down at most so often: reading through the API is no write.
_NOTED_EVERY = timedelta(minutes=10)


class Made(NamedTuple):
    token: Token
    secret: str


@transaction.atomic
def make_token(officer: Officer, name: str, expires: datetime | None, *, now: datetime) -> Made:
    """A new token and its secret, which cannot be shown again. Raises BadValue, ExpiresInThePast, TooManyTokens."""
    name = typed(name)
    if not name or len(name) > 60:
        raise BadValue(field="name", why="1–60")
    if expires is not None and expires <= now:
        raise ExpiresInThePast
    Officer.objects.select_for_update().get(pk=officer.pk)  # two at once do not pass the limit together
    if Token.objects.filter(officer=officer, withdrawn_at=None).count() >= MOST:
        raise TooManyTokens(most=MOST)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        officer=officer, name=name, digest=_digest(secret), created_at=now, expires_at=expires
    )  # fmt: skip
    record(officer, "token.made", token, at=now, expires_at=expires)
    return Made(token, secret)


@transaction.atomic
def withdraw_token(token: Token, *, by: Officer, now: datetime) -> Token:
    """End one of one's own tokens. Raises TokenGone."""
    if not Token.objects.filter(pk=token.pk, officer=by, withdrawn_at=None).update(withdrawn_at=now):
        raise TokenGone
    token.refresh_from_db()
    record(by, "token.withdrawn", token, at=now)
    return token


def officer_of(secret: str, now: datetime) -> Officer | None:
    """Whom the secret acts for; None if it is unknown, withdrawn or expired, or the officer may not sign in.

    Nor does a token work while its officer has not changed a first password.
    """
    if not secret.startswith(PREFIX):
        return None
    token = Token.objects.select_related("officer").filter(digest=_digest(secret), withdrawn_at=None).first()
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    if not token.officer.is_active or token.officer.must_change_password:
        return None
    if token.last_used_at is None or now - token.last_used_at >= _NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.officer


def caller_by_token(request: HttpRequest, now: datetime) -> Officer | None:
    """Whom the request's `Authorization: Bearer …` acts for; looked up once for each request."""
    if not hasattr(request, "caller_by_token"):
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        request.caller_by_token = officer_of(secret.strip(), now) if kind.lower() == "bearer" else None
    found: Officer | None = request.caller_by_token
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
