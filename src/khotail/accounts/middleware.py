from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from khotail.accounts.signed_in import has_totp

#: Pages that somebody may open whose sign-in is not complete yet.
_OPEN = ("/accounts/", "/static/", "/language/")


class SignInComplete:
    """Sends an officer with a first password to change it, and one without TOTP to set it up where it is asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        officer = request.user
        if officer.is_authenticated and not request.path.startswith(_OPEN):
            if officer.must_change_password:
                return redirect(reverse("account_change_password"))
            if settings.KHOTAIL_REQUIRE_TOTP and not has_totp(officer):
                return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


class OwnLanguage:
    """Speaks the officer's own language; before the sign-in, `LocaleMiddleware` looked at the cookie and the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
