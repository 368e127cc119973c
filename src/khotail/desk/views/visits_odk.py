"""How an ODK client is set up: the server's address, a token, and a code that ODK Collect scans."""

from __future__ import annotations

import base64
import json
import zlib

from allauth.mfa.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.accounts.tokens import make_token


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_odk(request: HttpRequest) -> HttpResponse:
    """A POST makes a token for one phone, and shows it and the code this once."""
    require(request.user, May.MAKE_VISITS)
    server = request.build_absolute_uri("/openrosa")
    context = {"server": server}
    if request.method == "POST":
        name = request.POST.get("name", "").strip() or _("ODK Collect")
        made = make_token(request.user, name, None, now=timezone.now())
        context |= {"secret": made.secret, "code": _drawn(settings_for(server, request.user.username, made.secret))}
    return render(request, "desk/visits/odk.html", context)


def settings_for(server: str, name: str, secret: str) -> str:
    """What ODK Collect reads from a code: JSON, deflated, base64 (docs.getodk.org/collect-import-export)."""
    told = {
        "general": {"protocol": "odk_default", "server_url": server, "username": name, "password": secret},
        "admin": {},
        "project": {"name": "Khotail"},
    }
    return base64.b64encode(zlib.compress(json.dumps(told).encode())).decode()


def _drawn(text: str) -> str:
    """The text as a code, drawn as SVG: it is base64 alone, so it is safe on a page."""
    svg = get_adapter().build_totp_svg(text)
    return mark_safe(svg[svg.index("<svg") :])
