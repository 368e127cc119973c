"""Simulations and the radar as long work."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.simulation.computing import compute
from khotail.simulation.ending import read_radar
from khotail.simulation.models import Fall, Simulation


@job("simulation.run")
def run(asked: Job, progress: Progress) -> dict[str, Any]:
    """Compute one simulation: arguments {"simulation": id}."""
    found = compute(Simulation.objects.get(pk=asked.arguments["simulation"]), asked, progress)
    falls = Fall.objects.filter(simulation=found).count()
    return {"falls": falls, "simulation": found.pk, "path": f"/policies/simulations/{found.pk}/"}


@job("simulation.radar")
def radar(asked: Job, progress: Progress) -> dict[str, Any]:
    """Read the radar of ends for the job's region."""
    now = progress.now()
    made = read_radar(
        asked.region_code, by=asked.asked_by, as_of=timezone.localdate(now), now=now, tell=progress
    )  # fmt: skip
    return {"ending": len(made.lines), "path": "/policies/radar/"}
