"""Who may see a page of a household: somebody of it, who is signed in."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

View = Callable[..., HttpResponse]


def at_home(view: View) -> View:
    """Send whoever is not signed in to the sign-in, and back to this page after it."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.resident is None:
            back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return redirect(f"{reverse('my_sign_in')}?{back}" if back else reverse("my_sign_in"))
        return view(request, *args, **kwargs)

    return guarded


def own_path(request: HttpRequest, path: str, otherwise: str = "my_home") -> str:
    """The path if it lies within this site; a page of the portal otherwise."""
    safe = url_has_allowed_host_and_scheme(path, {request.get_host()}, require_https=request.is_secure())
    return path if path.startswith("/") and safe else reverse(otherwise)


def new_key() -> str:
    """A form's own name: sent twice, it is taken once."""
    return secrets.token_urlsafe(16)
