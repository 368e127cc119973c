"""Declare a difficulty in a few taps, and the receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.language import said
from khotail.portal.chosen import Chosen
from khotail.portal.declaring import LOOK_UP_WORDS, causes
from khotail.portal.problems import NotHere
from khotail.portal.views.guard import at_home, new_key
from khotail.problems import Problem
from khotail.residents import declaring
from khotail.residents.models import Declaration


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def declare(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, {"key": new_key(), "who": "own"})
    sent = request.POST
    chosen = Chosen(request, f"declare:{sent.get('key', '')}", "photo", "voice", single=("voice",))
    try:
        made = declaring.declare(
            request.resident, sent.getlist("cause"), sent.get("words", ""), key=sent.get("key", "") or new_key(),
            now=timezone.now(), for_neighbour=sent.get("who") == "neighbour", neighbour=sent.get("neighbour", ""),
            consent_words=str(LOOK_UP_WORDS) if sent.get("consent") else "",
            files=chosen.files,
        )  # fmt: skip
    except Problem as problem:
        chosen.keep(problem, declaring.MOST_FILES)
        return _page(request, sent, status=problem.status, sentence=said(problem.text), chosen=chosen)
    return redirect("my_declared", made.pk)


@require_safe
@at_home
def declared(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt: that it arrived, who looks at it, and by when."""
    made = (
        Declaration.objects.filter(pk=pk, resident=request.resident).select_related("lead", "lead__household").first()
    )
    if made is None:
        raise NotHere
    return render(request, "portal/declared.html", {"declaration": made, "files": made.lead.documents.count()})


def _page(request: HttpRequest, values: Any, status: int = 200, **more: Any) -> HttpResponse:
    tapped = values.getlist("cause") if hasattr(values, "getlist") else []
    context = {"causes": causes(), "tapped": tapped, "values": values, "consent_words": LOOK_UP_WORDS, **more}
    return render(request, "portal/declare.html", context, status=status)
