"""Compute a simulation, and list the households that fall. It may be cut off at any point and goes on from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from khotail import analysis
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.register.bulk import insert, rows_with
from khotail.register.models import Household
from khotail.screening import rulebook, snapshot
from khotail.simulation import keeping, scenarios
from khotail.simulation.models import Fall, Simulation, VillageYear
from khotail.simulation.queries import COUNTED
from khotail.trail import chain

#: Households that are written in one transaction.
CHUNK = 2_000
_VILLAGES_AT_ONCE = 500
_COLUMNS = (
    "simulation_id", "household_id", "region_code", "members", "first_year", "gap_cny", "hold_cny", "years", "state",
    "held_by", "reason",
)  # fmt: skip


def compute(simulation: Simulation, job: Job, progress: Progress) -> Simulation:
    """See a simulation through. Raises ScenarioFlawed where the rulebook has changed meanwhile, NothingStated, NothingCanRun."""
    if simulation.computed_at is None:
        _simulate(simulation, progress)
    _list(simulation, job, progress)
    return simulation


def _simulate(simulation: Simulation, progress: Progress) -> None:
    snapshot.refresh(progress)
    book, digest = rulebook.current(), rulebook.digest()
    scenario = scenarios.read(simulation.scenario, simulation.file_name, book, simulation.goes_on)
    progress(0, None, "simulating")
    facts = snapshot.facts()
    with facts.connection:
        found = analysis.simulate(
            facts, scenario, on=simulation.as_of, region=simulation.region_code, years=simulation.years
        )  # fmt: skip
        progress(0, None, "writing")
        falls = keeping.keep(simulation.pk, found)
        villages = [_village(simulation, code, outcome) for code, outcome in found.by_place()]
        summary = {**_summary(found), "falls": falls}
    with transaction.atomic():
        VillageYear.objects.filter(simulation=simulation).delete()
        VillageYear.objects.bulk_create(villages, batch_size=_VILLAGES_AT_ONCE)
        simulation.summary, simulation.rulebook, simulation.rulebook_digest = summary, book.id, digest
        simulation.computed_at = progress.now()
        simulation.save(update_fields=["summary", "rulebook", "rulebook_digest", "computed_at"])
        progress.keep(listed=0)


def _village(simulation: Simulation, code: str, outcome: analysis.YearOutcome) -> VillageYear:
    return VillageYear(
        simulation=simulation, region_code=code, year=outcome.year,
        **{name: getattr(outcome, name) for name in COUNTED},
        cost_baseline_cny=_cny(outcome.cost_baseline_cny), cost_scenario_cny=_cny(outcome.cost_scenario_cny),
        lost=_lost(outcome),
    )  # fmt: skip


def _summary(found: analysis.Simulation) -> dict[str, Any]:
    """What the pages show of the whole region. Money is text, so that it stays as exact as it is."""
    programmes = found.scenario.rulebook.programmes
    named = {id_: programmes[id_].name for id_ in found.programmes}
    return {
        "years": [
            {
                "year": outcome.year,
                **{name: getattr(outcome, name) for name in COUNTED},
                "cost_baseline_cny": str(_cny(outcome.cost_baseline_cny)),
                "cost_scenario_cny": str(_cny(outcome.cost_scenario_cny)),
                "lost": _lost(outcome),
            }
            for outcome in found.years
        ],
        "programmes": {id_: {"zh": name.zh, "en": name.en} for id_, name in named.items()},
        "left_out": [{"zh": reason.zh, "en": reason.en, "count": count} for reason, count in found.left_out],
        "assumed": [{"zh": each.name.zh, "en": each.name.en} for each in found.assumed],
        "skipped": [
            {"rule": each.rule_id, "zh": each.reason.zh, "en": each.reason.en} for each in found.skipped
        ],
        "endless": [
            {"zh": programmes[id_].name.zh, "en": programmes[id_].name.en}
            for id_ in sorted(found.scenario.added) if programmes[id_].until is None
        ],
    }  # fmt: skip


def _lost(outcome: analysis.YearOutcome) -> dict[str, str]:
    return {id_: str(_cny(money)) for id_, money in outcome.lost_cny.items() if round(money, 2)}


def _cny(amount: float) -> Decimal:
    return Decimal(f"{amount:.2f}")


def _list(simulation: Simulation, job: Job, progress: Progress) -> None:
    """Write a row for each household that falls, chunk by chunk."""
    total, listed = simulation.summary["falls"], int(job.checkpoint.get("listed", 0))
    seen = 0
    for rows in keeping.falls_of(simulation.pk, CHUNK) if total else ():
        seen += len(rows)
        if seen > listed:
            with transaction.atomic():
                _write(simulation, rows)
                progress.keep(listed=seen)
            progress(seen, total, "writing")
    _finish(simulation, job, progress.now)


def _write(simulation: Simulation, rows: list[dict[str, Any]]) -> None:
    numbers = [row["household_id"] for row in rows]
    living = rows_with(Household, ["number", "id", "region_code"], "number", numbers, "AND ended_on IS NULL")
    known = {number: (pk, region) for number, pk, region in living}
    insert(Fall, _COLUMNS, [
        (simulation.pk, *known[row["household_id"]], row["members"], row["first_year"], f"{row['gap_cny']:.2f}",
         f"{row['hold_cny']:.2f}", json.dumps(json.loads(row["years"])), Fall.State.TO_VISIT.value, "", "")
        for row in rows if row["household_id"] in known
    ])  # fmt: skip


@transaction.atomic
def _finish(simulation: Simulation, job: Job, clock: Callable[[], datetime]) -> None:
    if simulation.listed_at is None:
        simulation.listed_at = clock()
        simulation.save(update_fields=["listed_at"])
        falls = Fall.objects.filter(simulation=simulation).count()
        chain.record(job.asked_by, "simulation.computed", simulation, at=clock(), falls=falls, years=simulation.years)
