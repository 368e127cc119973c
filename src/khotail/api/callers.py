"""Who calls: a program with a token, or a page in a browser's session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.accounts.tokens import caller_by_token
from khotail.api.problems import SignInNeeded


class Token(HttpBearer):
    """A token of an officer, made on “My account”. It sees and does what the officer would."""

    def authenticate(self, request: HttpRequest, token: str) -> Officer | None:
        return caller_by_token(request, timezone.now())


class Session(SessionAuth):
    """The session of somebody who is signed in. Whatever writes needs the CSRF token too."""

    def _get_key(self, request: HttpRequest) -> str | None:
        # A call that names a token, even a wrong one, is no page's: it is told about the token, not about CSRF.
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        return super()._get_key(request)


def caller(request: HttpRequest, *needed: May) -> Officer:
    """The officer that the call acts for. Raises NotAllowed without the rights that it needs."""
    officer: Officer = request.auth  # type: ignore[attr-defined]
    for thing in needed:
        require(officer, thing)
    return officer


def for_people_who_are_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The documentation is for whoever may call; a browser is sent to sign in."""

    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated or Token()(request):
            return view(request, *args, **kwargs)
        if request.path.endswith(".json"):
            raise SignInNeeded
        return redirect_to_login(request.get_full_path())

    return shown
