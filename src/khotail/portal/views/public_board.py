"""The public board: what was raised, who answers for it, how far it is. Quiet issues are not there, nor in any number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khotail.issues.models import Body, Issue, Photo
from khotail.issues.publishing import PICTURES
from khotail.issues.queries import Figures, board, figures_by, of_place, public_issue, public_moves
from khotail.portal import places, public_rows
from khotail.register.documents import content
from khotail.register.models import Region
from khotail.register.pictures import cleaned
from khotail.screening.rulebook import current

_FIGURES_DAYS = 90
_FIGURES_KEPT_SECONDS = 900
#: Of fewer a mean would tell what one person said.
LEAST_FOR_A_MEAN = 5


@require_safe
def board_page(request: HttpRequest) -> HttpResponse:
    asked, today = request.GET, timezone.localdate()
    region = _region(request)
    route, state = asked.get("class", ""), asked.get("state", "")
    known = current().routes.get(route)
    route = route if known and not known.quiet else ""
    overdue = asked.get("overdue") == "1"
    page = board(
        region.code if region else "", route=route, state=state, overdue_on=today if overdue else None,
        before=_number(asked.get("before", "")),
    )  # fmt: skip
    return render(
        request,
        "portal/public/board.html",
        {
            "rows": public_rows.shown(page.issues, today), "before": page.before, "region": region,
            "way": places.way_to(region), "below": places.below(region), "route": route, "state": state,
            "overdue": overdue, "first_page": not asked.get("before"), "options": public_rows.public_options(),
            "chosen": public_rows.class_name(route) if route else None,
        },
    )  # fmt: skip


@require_safe
def issue_page(request: HttpRequest, number: str) -> HttpResponse:
    issue = public_issue(number)
    if issue is None:
        raise Http404
    today = timezone.localdate()
    (row,) = public_rows.shown([issue], today)
    card = public_rows.promise(
        current().routes.get(issue.route), timezone.localdate(issue.raised_at), issue.region_code
    )
    return render(
        request,
        "portal/public/issue.html",
        {"row": row, "issue": issue, "moves": public_moves(issue), "promise": card, "joined": issue.number != number.upper()},
    )  # fmt: skip


@require_safe
def photo(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A picture that somebody has chosen for everybody to see, without what the camera wrote into it."""
    if not (number.isascii() and number.isalnum()):
        raise Http404
    found = get_object_or_404(
        Photo.objects.select_related("document"), pk=pk, public=True, issue__in=Issue.objects.shown_in_public(),
        issue__number=number,
    )  # fmt: skip
    document = found.document
    picture = cleaned(content(document), document.content_type) if document.content_type in PICTURES else None
    if picture is None:
        raise Http404
    return HttpResponse(
        picture, content_type=document.content_type,
        headers={"Cache-Control": "public, max-age=300", "Content-Disposition": "inline"},
    )  # fmt: skip


@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    """How bodies and classes did lately, of public issues only."""
    region = _region(request)
    by_body, by_class = _figures(region.code if region else "")
    bodies = {body.pk: body.name for body in Body.objects.filter(pk__in=[pk for pk in by_body if pk])}
    return render(
        request,
        "portal/public/figures.html",
        {
            "region": region, "way": places.way_to(region), "below": places.below(region), "days": _FIGURES_DAYS,
            "least": LEAST_FOR_A_MEAN,
            "bodies": _sorted((bodies.get(pk, ""), figures) for pk, figures in by_body.items() if pk),
            "classes": _sorted((public_rows.class_name(str(id_)), figures) for id_, figures in by_class.items()),
        },
    )  # fmt: skip


def _figures(region_code: str) -> tuple[dict[str | int, Figures], dict[str | int, Figures]]:
    today = timezone.localdate()
    name = f"board-figures:{region_code}:{today}"
    found = cache.get(name)
    if found is None:
        until = timezone.now()
        since = until - timedelta(days=_FIGURES_DAYS)
        rows = of_place(Issue.objects.shown_in_public(), region_code)
        found = tuple(figures_by(field, rows, since, until, today) for field in ("body_id", "route"))
        cache.set(name, found, _FIGURES_KEPT_SECONDS)
    return found


def _sorted(rows: Iterable[tuple[Any, Figures]]) -> list[tuple[Any, Figures]]:
    return sorted(rows, key=lambda row: (-row[1].raised, str(row[0])))


def _region(request: HttpRequest) -> Region | None:
    code = request.GET.get("place", "")
    region = places.chosen(code)
    if code and region is None:
        raise Http404
    return region


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
