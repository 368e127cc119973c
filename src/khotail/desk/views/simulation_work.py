"""The households that a simulation sees fall, as a work list; everybody below the line, as a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.simulation_forms import HandOverForm, SettleForm
from khotail.desk.views.simulations import seen
from khotail.facts.masking import masked_name
from khotail.problems import Problem
from khotail.register.models import Household
from khotail.simulation import actions, keeping, queries
from khotail.simulation.models import Fall, Simulation

_PER_PAGE = 30
_BELOW_PER_PAGE = 50
_MOST_PAGES = 100_000
_VISIT_DAYS = 30


@dataclass(frozen=True)
class Line:
    """A household that falls, with its name as far as the reader may have it."""

    fall: Fall
    name: str

    @property
    def years(self) -> list[dict[str, Any]]:
        names = ("year", "baseline", "scenario", "line", "hold")
        return [dict(zip(names, each, strict=True)) for each in self.fall.years]


_EXPORTED = (
    Column(gettext_lazy("Household number"), "fall.household.number", 22),
    Column(gettext_lazy("Head"), "name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.fall.region_code), 24),
    Column(gettext_lazy("People"), "fall.members"),
    Column(gettext_lazy("First year below"), "fall.first_year"),
    Column(gettext_lazy("Below the line, a person (CNY)"), "fall.gap_cny"),
    Column(gettext_lazy("Cost to hold, a year (CNY)"), "fall.hold_cny"),
    Column(gettext_lazy("How it stands"), lambda row: Fall.State(row.fall.standing).label),
    Column(gettext_lazy("Held by"), "fall.held_by", 24),
    Column(gettext_lazy("Reason"), "fall.reason", 30),
)
_BELOW_COLUMNS = (
    Column(gettext_lazy("Household number"), lambda row: row["household_id"], 22),
    Column(gettext_lazy("Village"), lambda row: name_of(row["region_code"] or ""), 24),
    Column(gettext_lazy("People"), lambda row: row["members"]),
    Column(gettext_lazy("Year"), lambda row: row["year"]),
    Column(gettext_lazy("Income a person, law (CNY)"), lambda row: round(row["baseline_cny"], 2)),
    Column(gettext_lazy("Income a person, scenario (CNY)"), lambda row: round(row["scenario_cny"], 2)),
    Column(gettext_lazy("Line (CNY)"), lambda row: row["line_cny"]),
    Column(gettext_lazy("Newly below"), lambda row: bool(row["falls"])),
    Column(gettext_lazy("Cost to hold, a year (CNY)"), lambda row: round(row["hold_cny"], 2)),
)


@login_required
@require_safe
@never_cache
def households(request: HttpRequest, pk: int) -> HttpResponse:
    """Who falls, village by village, with what is to be done about it."""
    require(request.user, May.SEE_HELP)
    found, region = seen(request, pk, computed=True)
    everybody = queries.falls_of(request.user, found, region)
    state = request.GET.get("state", "")
    state = state if state in Fall.State.values else ""
    rows = everybody.filter(standing=state) if state else everybody
    rows = rows.select_related("household", "assignment__round", "changed_by").defer("household__phone")
    if is_asked(request):
        return export(request, _lines(request.user, rows), _EXPORTED, f"simulation-{pk}-households")
    page = KeysFirst(rows.order_by("region_code", "id"), _PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(_lines(request.user, page.object_list))
    counts = queries.standings(everybody)
    villages = list(queries.handed_over(everybody).values()) if len(region) >= 6 else []
    return render(request, "desk/simulation/households.html", {
        "simulation": found, "region": region, "page": page, "state": state, "total": sum(counts.values()),
        "states": [(value, label, counts[value]) for value, label in Fall.State.choices],
        "villages": Paginator(villages, _PER_PAGE).get_page(request.GET.get("villages")),
        "free": sum(each["free"] for each in villages), "is_masked": not request.user.may(May.PLAN_HELP),
    })  # fmt: skip


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fall(request: HttpRequest, pk: int) -> HttpResponse:
    """One household that falls: its years, and how it stands."""
    require(request.user, May.SEE_POLICIES)
    require(request.user, May.SEE_HELP)
    rows = Fall.objects.visible_to(request.user).annotate(standing=queries.STANDING)
    related = ("household", "simulation", "changed_by", "assignment__round")
    found = get_object_or_404(rows.select_related(*related).defer("household__phone"), pk=pk)
    first = {"state": found.state, "held_by": found.held_by, "reason": found.reason, "was": found.state}
    form, status = SettleForm(request.POST or None, initial=first), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                actions.settle(found, by=request.user, now=timezone.now(), **form.cleaned_data)
            except Problem as problem:
                if problem.status in (403, 404):
                    raise
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("It is on record how this household stands."))
                return redirect("simulation_households", found.simulation_id)
    [line] = _lines(request.user, [found])
    context = {"line": line, "fall": found, "simulation": found.simulation, "form": form}
    return render(request, "desk/simulation/fall.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the households of a village that wait to a round of visits."""
    require(request.user, May.PLAN_VISITS)
    found, region = seen(request, pk, computed=True)
    region = chosen_region(request.user, request.POST.get("region_code", "")) if request.method == "POST" else region
    today = timezone.localdate()
    waiting = queries.falls_of(request.user, found, region).filter(
        state=Fall.State.TO_VISIT, assignment=None, household__ended_on=None
    )
    first = {
        "region_code": region, "title": f"{found.title} · {name_of(region)}"[:120], "starts_on": today,
        "due_on": today + timedelta(days=_VISIT_DAYS),
    }  # fmt: skip
    form, status = HandOverForm(request.user, request.POST or None, initial=first), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                opened = actions.hand_over(found, by=request.user, now=timezone.now(), **form.cleaned_data)
            except Problem as problem:
                if problem.status in (403, 404):
                    raise
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("The households are with those who visit them."))
                return redirect("visit_round", opened.pk)
    context = {"simulation": found, "region": region, "form": form, "number": waiting.count()}
    return render(request, "desk/simulation/hand_over.html", context, status=status)


@login_required
@require_safe
@never_cache
def below(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody below the line in a year, by the law or by the scenario, as the simulation kept it."""
    require(request.user, May.SEE_HELP)
    found, region = seen(request, pk, computed=True)
    years = queries.years_of(found, region)
    asked = request.GET.get("year", "")
    year = {str(each.year): each.year for each in years}.get(asked) or queries.worst_year(years)
    if is_asked(request):
        return export(
            request, _visible_below(request.user, found, region, year), _BELOW_COLUMNS, f"simulation-{pk}-below"
        )
    number = request.GET.get("page", "1")
    number = min(int(number), _MOST_PAGES) if number.isascii() and number.isdecimal() and number != "0" else 1
    total, rows = keeping.below(pk, region, year, number, _BELOW_PER_PAGE)
    context = {
        "simulation": found, "region": region, "years": years, "year": year,
        "page": Paginator(range(total), _BELOW_PER_PAGE).get_page(number), "rows": _with_households(request.user, rows),
    }  # fmt: skip
    return render(request, "desk/simulation/below.html", context)


def _lines(officer: Officer, rows: Iterable[Fall]) -> Iterator[Line]:
    """Names in full for those who work with the households; the others read the first character."""
    full = officer.may(May.PLAN_HELP)
    for row in rows.iterator(chunk_size=1000) if hasattr(rows, "iterator") else rows:
        name = row.household.head_name or ""
        yield Line(row, name if full else masked_name(name))


def _with_households(officer: Officer, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the kept list with the household of the register that each is; those that the reader may not see left out."""
    numbers = [row["household_id"] for row in rows]
    known = Household.objects.visible_to(officer).filter(number__in=numbers).only("number", "head_name", "region_code")
    homes = {home.number: home for home in known}
    full = officer.may(May.PLAN_HELP)
    return [
        {**row, "pk": home.pk, "name": home.head_name if full else masked_name(home.head_name or "")}
        for row in rows if (home := homes.get(row["household_id"]))
    ]  # fmt: skip


def _visible_below(officer: Officer, found: Simulation, region: str, year: int) -> Iterator[dict[str, Any]]:
    part: list[dict[str, Any]] = []
    for row in keeping.every_below(found.pk, region, year):
        part.append(row)
        if len(part) == 500:
            yield from _with_households(officer, part)
            part = []
    yield from _with_households(officer, part)
