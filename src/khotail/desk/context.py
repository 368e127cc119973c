"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from khotail.accounts.roles import MAY
from khotail.accounts.signed_in import unread
from khotail.desk.addresses import address
from khotail.desk.navigation import navigation


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """may: what the role may; unread and navigation are worked out only by pages that show them (parts do not)."""
    officer = getattr(request, "user", None)
    if not (officer and officer.is_authenticated):
        return {"demo": settings.KHOTAIL_DEMO, "may": {}, "unread": 0, "today": timezone.localdate()}
    return {
        "demo": settings.KHOTAIL_DEMO,
        "may": {str(thing): True for thing in MAY[officer.role]},
        "unread": lambda: unread(officer),
        "navigation": lambda: navigation(officer.role, request.path),
        "search_address": address("search"),
        "today": timezone.localdate(),
    }
