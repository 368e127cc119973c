"""Simulations of the demo: the three examples that come with Khotail, and the radar of ends."""

from __future__ import annotations

from datetime import datetime

from khotail.jobs.work import run_waiting
from khotail.screening import rulebook
from khotail.simulation.actions import ask_for_radar, ask_for_simulation
from khotail.simulation.models import Fall
from khotail.simulation.scenarios import example_text, examples
from khotail.site.demo_people import People


def simulate_examples(people: People, banner: str, now: datetime) -> int:
    """Compute every example for the banner and read the radar; returns how many households fall in all."""
    officer = people["banner-officer"]
    for id_, name in examples(rulebook.current()).items():
        ask_for_simulation(name.zh, example_text(id_) or "", banner, by=officer, now=now, file_name=f"{id_}.yaml")
    ask_for_radar(by=officer, now=now)
    run_waiting(now)
    return Fall.objects.count()
