"""Cliff simulations: the list, what one found year by year and place by place, and up to three of them side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk import simulation_shown as shown
from khotail.desk.export import Column, export, is_asked
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.simulation_shown import Beside
from khotail.jobs.models import Job
from khotail.jobs.queries import jobs_of, may_steer
from khotail.simulation import actions, queries
from khotail.simulation.actions import may_remove
from khotail.simulation.models import Simulation
from khotail.simulation.problems import NotComputedYet, TooManyToCompare

_PER_PAGE = 20
_PLACES_SHOWN = 12
_VILLAGES_PER_PAGE = 50
MOST_COMPARED = 3
_YEAR_COLUMNS = (
    Column(gettext_lazy("Year"), "year"),
    Column(gettext_lazy("Households"), "households"),
    Column(gettext_lazy("Newly below"), "fall"),
    Column(gettext_lazy("Back above"), "rise"),
    Column(gettext_lazy("Below, law"), "below_baseline"),
    Column(gettext_lazy("Below, scenario"), "below_scenario"),
    Column(gettext_lazy("Further below"), "deeper"),
    Column(gettext_lazy("Cost to hold, law (CNY)"), "cost_baseline_cny"),
    Column(gettext_lazy("Cost to hold, scenario (CNY)"), "cost_scenario_cny"),
)
_VILLAGE_COLUMNS = (
    Column(gettext_lazy("Region code"), "region_code"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    *_YEAR_COLUMNS,
)


@login_required
@require_safe
@never_cache
def simulations(request: HttpRequest) -> HttpResponse:
    """Simulations that concern the reader's region."""
    require(request.user, May.SEE_POLICIES)
    rows = queries.simulations_of(request.user).defer("scenario")
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/simulation/simulations.html", {"page": page, "most": MOST_COMPARED})


@login_required
@require_safe
@never_cache
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """One simulation: while it is computed, how far it is; then what it found in the reader's region."""
    found, region = seen(request, pk)
    context: dict[str, Any] = {"simulation": found, "region": region, "job": found.job, **_job(request, found)}
    if found.computed_at is None:
        context["removes"] = context["failed"] and may_remove(request.user, found)
        return render(request, "desk/simulation/waiting.html", context)
    years = queries.years_of(found, region)
    if is_asked(request):
        return export(request, years, _YEAR_COLUMNS, f"simulation-{pk}")
    year = _year(request, years)
    below = queries.places_below(found, region, year) if len(region) < 12 else []
    context |= {
        "years": years,
        "year": year,
        "now": next((each for each in years if each.year == year), None),
        "struck": any(each.struck for each in years),
        "worst": queries.worst_year(years),
        "charts": [shown.below_chart(years), shown.cost_chart(years)],
        "places": shown.tinted(below),
        "map": shown.falls_map(queries.places_below(found, region, year, 6)) if len(region) < 6 else None,
        "villages": [each for each in queries.villages_of(found, region, year)[:_PLACES_SHOWN] if each.fall],
        "losses": shown.losses(found, years),
        "falls": queries.falls_of(request.user, found, region).count() if request.user.may(May.SEE_HELP) else None,
        "removes": may_remove(request.user, found),
        "outside": len(found.region_code) < len(region),
    }
    return render(request, "desk/simulation/simulation.html", context)


@login_required
@require_safe
@never_cache
def villages(request: HttpRequest, pk: int) -> HttpResponse:
    """Every village of the region in one year."""
    found, region = seen(request, pk, computed=True)
    years = queries.years_of(found, region)
    year = _year(request, years)
    rows = queries.villages_of(found, region, year)
    if is_asked(request):
        return export(request, rows, _VILLAGE_COLUMNS, f"simulation-{pk}-villages")
    page = Paginator(rows, _VILLAGES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"simulation": found, "region": region, "page": page, "years": years, "year": year}
    return render(request, "desk/simulation/villages.html", context)


@login_required
@require_safe
def scenario(request: HttpRequest, pk: int) -> HttpResponse:
    """The scenario's YAML, as it was written."""
    found, _region = seen(request, pk)
    answer = HttpResponse(found.scenario, content_type="text/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="simulation-{pk}.yaml"'
    return answer


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a simulation away."""
    found, _region = seen(request, pk)
    actions.remove(found, by=request.user, now=timezone.now())
    messages.success(request, _("The simulation is removed."))
    return redirect("simulations")


@login_required
@require_safe
@never_cache
def compare(request: HttpRequest) -> HttpResponse:
    """Simulations side by side, over the part of the reader's region that all of them take in."""
    require(request.user, May.SEE_POLICIES)
    chosen = [
        int(each) for each in request.GET.getlist("with") if each.isascii() and each.isdecimal() and len(each) < 19
    ]
    chosen = list(dict.fromkeys(chosen))
    if len(chosen) > MOST_COMPARED:
        raise TooManyToCompare(most=MOST_COMPARED)
    by_id = {each.pk: each for each in queries.simulations_of(request.user).filter(pk__in=chosen)}
    if len(by_id) != len(chosen):
        raise Http404
    beside, region = [], chosen_region(request.user, request.GET.get("region", ""))
    for each in by_id.values():
        if each.computed_at is None:
            raise NotComputedYet(title=each.title)
        region = queries.shown_region(each, region) if _meet(each, region) else ""
    if region:
        beside = [Beside(by_id[pk], queries.years_of(by_id[pk], region)) for pk in chosen]
    context = {
        "beside": beside,
        "region": region,
        "charts": shown.compared_charts(beside) if beside else [],
        "years": [(year, [each.of(year) for each in beside]) for year in shown.years_of_all(beside)],
        "days": len({each.simulation.as_of for each in beside}) > 1,
        "rulebooks": len({each.simulation.rulebook_digest for each in beside}) > 1,
        "apart": bool(chosen) and not region,
    }
    return render(request, "desk/simulation/compare.html", context)


def _meet(found: Simulation, region: str) -> bool:
    return bool(region) and (region.startswith(found.region_code) or found.region_code.startswith(region))


def seen(request: HttpRequest, pk: int, *, computed: bool = False) -> tuple[Simulation, str]:
    """A simulation that the reader may see, and the region of it that is shown. Raises Http404, NotComputedYet."""
    officer = request.user
    require(officer, May.SEE_POLICIES)
    found = get_object_or_404(queries.simulations_of(officer), pk=pk)
    if computed and found.computed_at is None:
        raise NotComputedYet(title=found.title)
    asked = chosen_region(officer, request.GET.get("region", ""))
    if not _meet(found, asked):
        raise Http404
    return found, queries.shown_region(found, asked)


def _year(request: HttpRequest, years: list[queries.Year]) -> int:
    """The year asked for; the worst one if none is."""
    asked = request.GET.get("year", "")
    known = {str(each.year): each.year for each in years}
    return known.get(asked) or queries.worst_year(years)


def _job(request: HttpRequest, found: Simulation) -> dict[str, Any]:
    """How far the job is, for whoever may look at it."""
    job = found.job
    if job is None:
        return {"working": False, "failed": found.computed_at is None}
    looks = jobs_of(request.user).filter(pk=job.pk).exists()
    return {
        "working": job.state in (Job.State.WAITING, Job.State.RUNNING),
        "failed": job.state in (Job.State.FAILED, Job.State.CANCELLED),
        "problem": {"zh": job.problem_zh, "en": job.problem_en} if job.state == Job.State.FAILED else None,
        "looks": looks,
        "steers": looks and may_steer(request.user, job),
        "today": timezone.localdate(),
    }
