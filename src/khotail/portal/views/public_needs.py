"""What is needed and how to help, for everybody. No household is named: of its need there is the township alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now as clock
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.language import said
from khotail.partners import helping
from khotail.partners.checks import township_of
from khotail.partners.models import HelpKind, Need, Pledge
from khotail.partners.problems import AmountWrong
from khotail.partners.queries import Standing, parts_of, published_needs, standing_of
from khotail.partners.receipts import by_receipt, receipt_of
from khotail.portal import floods, places
from khotail.problems import Problem

_PER_PAGE = 30


@dataclass(frozen=True)
class Shown:
    """A need as everybody sees it."""

    need: Need
    place: str
    standing: Standing

    @property
    def is_open(self) -> bool:
        return self.standing.left > 0


@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    region = places.chosen(asked.get("place", ""))
    if asked.get("place") and region is None:
        raise Http404
    kind = asked.get("kind", "")
    kind = kind if kind in HelpKind.values else ""
    rows = published_needs(region.code if region else "", kind)
    page = Paginator(rows, _PER_PAGE).get_page(asked.get("page"))
    context = {
        "page": page, "rows": _shown(list(page)), "region": region, "way": places.way_to(region),
        "below": places.below(region), "kind": kind, "kinds": HelpKind.choices,
    }  # fmt: skip
    return render(request, "portal/public/needs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def need(request: HttpRequest, number: str) -> HttpResponse:
    """One need, and the form by which anybody offers to fill it."""
    found = published_needs().filter(number=number[:24]).first() if number.isascii() and number.isalnum() else None
    if found is None:
        raise Http404
    problem = None
    if request.method == "POST":
        try:
            made = _offered(request, found)
        except Problem as refused:
            problem = refused
        else:
            context = {"need": found, "pledge": made, "receipt": receipt_of(made)}
            return render(request, "portal/public/need_offered.html", context)
    [row] = _shown([found])
    context = {
        "row": row, "need": found, "given": request.POST, "key": request.POST.get("key") or secrets.token_hex(16),
        "problem": said(problem.text) if problem else "", "trap": floods.TRAP,
    }  # fmt: skip
    return render(request, "portal/public/need.html", context, status=problem.status if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """How far a pledge is and what came of it. The receipt is posted, never in an address."""
    given = request.POST.get("receipt", "")[:40]
    if request.method != "POST":
        return render(request, "portal/public/pledge_enter.html", {"receipt": ""})
    try:
        found = by_receipt(given)
    except Problem as problem:
        context = {"receipt": given, "problem": said(problem.text)}
        return render(request, "portal/public/pledge_enter.html", context, status=problem.status)
    parts = [(each, each.need.title if _may_be_named(each) else gettext("not matched yet")) for each in parts_of(found)]
    context = {"pledge": found, "parts": parts, "receipt": receipt_of(found)}
    return render(request, "portal/public/pledge.html", context)


def _may_be_named(made: Pledge) -> bool:
    """Words of a need are for everybody once somebody has published them."""
    return made.need is not None and made.need.published_at is not None


def _offered(request: HttpRequest, found: Need) -> Pledge:
    floods.check(request)
    sent = request.POST
    try:
        quantity = Decimal(sent.get("quantity", "").strip()[:20])
    except InvalidOperation:
        raise AmountWrong from None
    if quantity.is_finite():
        quantity = quantity.quantize(Decimal("0.01")) if abs(quantity) < 10**12 else Decimal(10) ** 12
    key = sent.get("key", "")[:64].encode("utf-8", "replace").hex()[:48] or secrets.token_hex(16)
    return helping.offer(
        found, sent.get("name", ""), sent.get("phone", ""), quantity, now=clock(), key=f"{found.pk}:{key}"[:64]
    )


def _shown(rows: list[Need]) -> list[Shown]:
    standing = standing_of(rows)
    return [Shown(each, _place(each), standing[each.pk]) for each in rows]


def _place(each: Need) -> str:
    if each.household_id is None:
        return places.name_of(each.region_code)
    return gettext("a household in %(township)s") % {"township": places.name_of(township_of(each.region_code))}
