"""The app itself: one page that knows nothing of anybody, so that it may lie on the device, and what makes it installable.

Names, households and tokens come by /visits/work.json, for whoever is signed in.
"""

from __future__ import annotations

import json
from typing import Any

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.field.precache import ENGINE, FILES, GRAMMAR, SCRIPTS, WORKER, version
from khotail.field.words import catalogue

#: The engine of the forms compiles its grammar of XPath from bytes beside it.
_engine_may_run = csp_update({"script-src": ["'self'", "'wasm-unsafe-eval'"], "connect-src": ["'self'"]})


@require_safe
@login_required
@_engine_may_run
def start(request: HttpRequest) -> HttpResponse:
    """The app, for who makes visits. Raises NotAllowed."""
    if not request.user.may(May.MAKE_VISITS):
        raise NotAllowed
    return _page(request)


@require_safe
@_engine_may_run
def shell(request: HttpRequest) -> HttpResponse:
    """The same page for the worker to keep: it says nothing of anybody, so nobody need be signed in."""
    return _page(request)


def _page(request: HttpRequest) -> HttpResponse:
    addresses = {
        "work": reverse("visits_work"),
        "sync": reverse("visits_sync"),
        "worker": reverse("visits_worker"),
        "home": reverse("visits_app"),
        "desk": reverse("home"),
        "signIn": f"{reverse('account_login')}?next={reverse('visits_app')}",
        "signOut": reverse("account_logout"),
        "icons": static("desk/icons.svg"),
        "engine": static(ENGINE),
    }
    context = {
        "words": catalogue(),
        "addresses": addresses,
        "language": get_language() or "zh-hans",
        "scripts": (*SCRIPTS, ENGINE),
        "grammar": GRAMMAR,
    }
    answer = render(request, "field/app.html", context)
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to put the app on its first screen."""
    icon = {"src": static("field/icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    content: dict[str, Any] = {
        "id": reverse("visits_app"),
        "name": gettext("Khotail visits"),
        "short_name": gettext("Visits"),
        "start_url": reverse("visits_app"),
        "scope": reverse("visits_app"),
        "display": "standalone",
        "background_color": "#f7f5ef",
        "theme_color": "#16363a",
        "lang": get_language(),
        "icons": [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}],
    }
    answer = JsonResponse(content, content_type="application/manifest+json")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker's script, headed by what it keeps on the device and of which version."""
    kept = {
        "version": version(),
        "home": reverse("visits_app"),
        "shell": reverse("visits_shell"),
        "files": [static(name) for name in FILES] + [reverse("visits_manifest")],
    }
    source = f"const KEPT = {json.dumps(kept)};\n{WORKER.read_text(encoding='utf-8')}"
    return HttpResponse(source, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
