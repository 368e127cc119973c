"""The radar of ends: programmes that end without a successor, and who hangs on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.export import Column, export, is_asked
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.templatetags.khotail import spoken
from khotail.jobs.models import Job
from khotail.rulebook.model import Rulebook
from khotail.screening import rulebook
from khotail.simulation import queries
from khotail.simulation.actions import ask_for_radar
from khotail.simulation.ending import YEARS
from khotail.simulation.models import RadarReading

_AHEAD = (1, 3, 5, YEARS)
_MOST_VILLAGES = 20


@dataclass(frozen=True)
class EndingLine:
    """A programme that ends. households and cny are None where they could not be judged, or were not looked for yet."""

    id: str
    name: str
    until: date
    fund: str
    assumed: bool
    skipped: dict[str, str] | None
    households: int | None
    cny: Decimal | None
    villages: list[tuple[str, int, Decimal]]


_EXPORTED = (
    Column(gettext_lazy("Programme"), "name", 30),
    Column(gettext_lazy("Ends"), "until"),
    Column(gettext_lazy("Fund"), "fund", 30),
    Column(gettext_lazy("Households"), "households"),
    Column(gettext_lazy("CNY a year"), "cny"),
    Column(gettext_lazy("Assumed from who is entitled"), "assumed"),
)


@login_required
@require_safe
@never_cache
def radar(request: HttpRequest) -> HttpResponse:
    """What ends within some years, the soonest first; numbers as they were read last."""
    require(request.user, May.SEE_POLICIES)
    region, today = chosen_region(request.user, request.GET.get("region", "")), timezone.localdate()
    ahead = {str(each): each for each in _AHEAD}.get(request.GET.get("years", ""), 5)
    reading, book = queries.reading_for(request.user), rulebook.current()
    lines = _lines(reading, region, date(today.year + ahead, 12, 31), book)
    if is_asked(request):
        return export(request, lines, _EXPORTED, "radar")
    working = Job.objects.filter(
        kind="simulation.radar", state__in=(Job.State.WAITING, Job.State.RUNNING), region_code=request.user.region_code
    )
    return render(request, "desk/simulation/radar.html", {
        "region": region, "lines": lines, "reading": reading, "ahead": ahead, "choices": _AHEAD,
        "working": working.exists(), "total": sum((line.cny or Decimal(0) for line in lines), Decimal(0)), "today": today,
        "endless": [spoken(each.name) for each in book.programmes.values() if each.until is None and each.holds_on(today)],
    })  # fmt: skip


@login_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    ask_for_radar(by=request.user, now=timezone.now())
    messages.success(request, _("The radar is being read; come back in a moment."))
    return redirect("radar")


def _lines(reading: RadarReading | None, region: str, last: date, book: Rulebook) -> list[EndingLine]:
    if reading is None:
        return []
    found = [_line(each, region) for each in reading.lines]
    return [line for line in found if line.until <= last and line.id in book.programmes]


def _line(each: dict[str, Any], region: str) -> EndingLine:
    hanging = queries.hanging(each, region)
    inside = [row for row in each["villages"] if row[0].startswith(region)]
    most = sorted(inside, key=lambda row: (-row[2], row[0]))[:_MOST_VILLAGES]
    return EndingLine(
        each["programme"], spoken(each), date.fromisoformat(each["until"]), each["fund"], each["assumed"], each["skipped"],
        *(hanging or (None, None)), villages=[(name_of(code), number, Decimal(str(cny))) for code, number, cny in most],
    )  # fmt: skip
