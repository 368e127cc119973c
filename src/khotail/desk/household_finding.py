"""Find a household before a form about it: what is looked for travels in the body, what is chosen in the address as an id."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.register.models import Household
from khotail.register.queries import search


def hits(request: HttpRequest) -> dict[str, Any]:
    """What the search box found: households that are still there, each once."""
    text = request.POST.get("q", "")
    found = search(request.user, text) if request.user.may(May.SEE_REGISTER) else []
    homes = {hit.household.pk: hit for hit in found if hit.household.ended_on is None}
    return {"q": text, "hits": list(homes.values()), "asked": bool(text.strip())}


def household_or_404(officer: Officer, text: str) -> Household:
    require(officer, May.SEE_REGISTER)
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return get_object_or_404(Household.objects.visible_to(officer), pk=pk)


def find_page(request: HttpRequest, title: str | Promise) -> HttpResponse:
    """The page that asks for the household first; choosing one comes back to the same address."""
    return render(request, "desk/assistance/find.html", {"title": title, **hits(request)})
