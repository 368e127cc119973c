"""Today: what the reader must do, how things stand, and how the work of others can be watched."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from khotail.desk import standing
from khotail.desk.fund_standing import fund_figures
from khotail.desk.help_standing import help_figures
from khotail.desk.issue_standing import issue_figures
from khotail.desk.oversight_standing import oversight_figures
from khotail.desk.queries import todo
from khotail.desk.regionmap import region_map
from khotail.desk.regions import chosen_region
from khotail.desk.visit_standing import visit_figures
from khotail.jobs.models import Job
from khotail.jobs.queries import jobs_of

#: Digits of a region above banner level: those see the map of banners.
_ABOVE_BANNER = 4


@login_required
def home(request: HttpRequest) -> HttpResponse:
    officer, now = request.user, timezone.now()
    region = chosen_region(officer, request.GET.get("region", ""))
    tiles = standing.of_region("tiles", standing.tiles, officer, region)
    return render(
        request,
        "desk/home.html",
        {
            "todo": todo(officer, now) if region == officer.region_code else None,
            "visit_figures": visit_figures(officer, now) if region == officer.region_code else [],
            "issue_figures": issue_figures(officer, now) if region == officer.region_code else [],
            "help_figures": help_figures(officer, now) if region == officer.region_code else [],
            "oversight_figures": oversight_figures(officer, now) if region == officer.region_code else [],
            "fund_figures": fund_figures(officer, now) if region == officer.region_code else [],
            "region": region,
            "figures": standing.of_region("figures", standing.figures, officer, region, now),
            "steps": standing.of_region("steps", standing.steps_by_kind, officer, region),
            "trend": standing.of_region("trend", standing.trend, officer, region, timezone.localdate(now)),
            "tiles": tiles,
            "most": max((tile.warned for tile in tiles), default=0),
            "map": region_map(tiles) if len(region) <= _ABOVE_BANNER else None,
        },
    )


@login_required
def job_bar(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a job is, for the page that waits for it; when it has ended, that page is loaded anew."""
    job = get_object_or_404(jobs_of(request.user), pk=pk)
    response = render(request, "desk/parts/progress.html", {"job": job})
    if request.htmx and job.state not in (Job.State.WAITING, Job.State.RUNNING):
        response["HX-Refresh"] = "true"
    return response
