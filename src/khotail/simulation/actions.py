"""What people do with simulations: ask for one, work on the households that fall, hand a village over to a round of visits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.screening import rulebook
from khotail.simulation import keeping, scenarios
from khotail.simulation.models import Fall, Simulation
from khotail.simulation.problems import (
    ChangedMeanwhile,
    HeldByMissing,
    NobodyToHandOver,
    NotFound,
    ReasonMissing,
    StillComputing,
    TitleMissing,
    WorkedOn,
    YearsWrong,
)
from khotail.simulation.queries import falls_of, simulations_of
from khotail.texts import Text, typed
from khotail.trail import chain
from khotail.visits.models import Assignment, Round
from khotail.visits.rounds import open_round_for

MOST_YEARS = 20
_CHUNK = 2_000
_STATES = {
    Fall.State.TO_VISIT: Text("待走访", "to visit"), Fall.State.VISITED: Text("已走访", "visited"),
    Fall.State.HELD: Text("已托住", "held"), Fall.State.NO_NEED: Text("不需要", "no need"),
}  # fmt: skip


@transaction.atomic
def ask_for_simulation(
    title: str,
    scenario: str,
    region_code: str,
    *,
    by: Officer,
    now: datetime,
    file_name: str = scenarios.FILE_NAME,
    years: int = 5,
    goes_on: Iterable[str] = (),
) -> Simulation:
    """Put a scenario into the queue. The same one that still waits or runs is not asked for twice.

    Raises NotAllowed, NotFound, TitleMissing, YearsWrong, ScenarioFlawed with every flaw and its line, ScenarioTooLong,
    UnknownProgramme, NotEnding.
    """
    if not by.may(May.SIMULATE):
        raise NotAllowed
    if not region_code.startswith(by.region_code):
        raise NotFound
    title, scenario, goes_on = typed(title)[:120], scenario.replace("\x00", ""), sorted(set(goes_on))
    if not title:
        raise TitleMissing
    if not 1 <= years <= MOST_YEARS:
        raise YearsWrong(most=MOST_YEARS)
    read = scenarios.read(scenario, file_name, rulebook.current(), goes_on)
    told = [{"zh": text.zh, "en": text.en} for text in scenarios.in_words(read, goes_on)]
    same = Simulation.objects.filter(
        asked_by=by, title=title, scenario=scenario, region_code=region_code, years=years, goes_on=goes_on,
        job__state__in=(Job.State.WAITING, Job.State.RUNNING),
    ).first()  # fmt: skip
    if same:
        return same
    asked = Simulation.objects.create(
        title=title, region_code=region_code, scenario=scenario, file_name=scenarios.clean_name(file_name),
        goes_on=goes_on, told=told, as_of=timezone.localdate(now), years=years, asked_by=by, asked_at=now,
    )  # fmt: skip
    asked.job = ask("simulation.run", {"simulation": asked.pk}, by=by, region_code=region_code, now=now)
    asked.save(update_fields=["job"])
    chain.record(by, "simulation.asked", asked, at=now, years=years, changes=len(told))
    return asked


@transaction.atomic
def remove(simulation: Simulation, *, by: Officer, now: datetime) -> None:
    """Take a simulation away, with its files and its list, as long as nobody has worked on that.

    Whoever asked for it may, and whoever screens its region. Raises NotAllowed, NotFound, StillComputing, WorkedOn.
    """
    found = Simulation.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=simulation.pk).first()
    if found is None:
        raise NotFound
    if not may_remove(by, found):
        raise NotAllowed
    if found.job and found.job.state in (Job.State.WAITING, Job.State.RUNNING):
        raise StillComputing
    falls = Fall.objects.filter(simulation=found)
    worked_on = falls.exclude(state=Fall.State.TO_VISIT, assignment=None).count()
    if worked_on:
        raise WorkedOn(number=worked_on)
    chain.record(by, "simulation.removed", found, at=now, households=falls.count())
    number = found.pk
    found.delete()
    transaction.on_commit(lambda: keeping.forget(number))


def may_remove(officer: Officer, simulation: Simulation) -> bool:
    """Whether the officer may take the simulation away."""
    inside = simulation.region_code.startswith(officer.region_code)
    return inside and officer.may(May.SIMULATE) and (simulation.asked_by_id == officer.pk or officer.may(May.SCREEN))


def ask_for_radar(*, by: Officer, now: datetime) -> Job:
    """Look anew at which programmes end, and who hangs on them, in the officer's region. Raises NotAllowed."""
    if not by.may(May.SIMULATE):
        raise NotAllowed
    return ask("simulation.radar", {}, by=by, region_code=by.region_code, now=now)


@transaction.atomic
def settle(
    fall: Fall, state: str, *, was: str, by: Officer, now: datetime, held_by: str = "", reason: str = ""
) -> Fall:
    """Say how it stands with a household that falls.

    was   the state that the officer saw; another one by now is somebody else's decision
    Raises NotAllowed, NotFound, ChangedMeanwhile, HeldByMissing, ReasonMissing.
    """
    if not by.may(May.PLAN_HELP):
        raise NotAllowed
    found = Fall.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=fall.pk).first()
    if found is None or state not in Fall.State.values:
        raise NotFound
    if found.state != was:
        name = _STATES[Fall.State(found.state)]
        who = found.changed_by.full_name if found.changed_by else "—"
        raise ChangedMeanwhile(who=who, state_zh=name.zh, state_en=name.en)
    held_by, reason = typed(held_by)[:200], typed(reason)[:500]
    if state == Fall.State.HELD and not held_by:
        raise HeldByMissing
    if state == Fall.State.NO_NEED and not reason:
        raise ReasonMissing
    found.state, found.reason = state, reason
    found.held_by = held_by if state == Fall.State.HELD else ""
    found.changed_by, found.changed_at = by, now
    found.save(update_fields=["state", "reason", "held_by", "changed_by", "changed_at"])
    chain.record(
        by, "fall.settled", found, at=now, before={"state": was}, after={"state": state}, household=found.household_id
    )
    return found


@transaction.atomic
def hand_over(
    simulation: Simulation, region_code: str, title: str, form_id: str, *, starts_on: date, due_on: date, by: Officer, now: datetime
) -> Round:  # fmt: skip
    """Open a round of visits for the households of a region that are to be visited and that no round has yet.

    Raises NotAllowed, NotFound, NobodyToHandOver, and what `visits.rounds.open_round_for` raises.
    """
    if not by.may(May.PLAN_VISITS):
        raise NotAllowed
    if not simulations_of(by).filter(pk=simulation.pk).exists() or not region_code.startswith(by.region_code):
        raise NotFound
    waiting = falls_of(by, simulation, region_code).filter(
        state=Fall.State.TO_VISIT, assignment=None, household__ended_on=None
    )
    households = dict(waiting.select_for_update(of=("self",)).order_by("id").values_list("household_id", "id"))
    if not households:
        raise NobodyToHandOver
    opened = open_round_for(
        households, title, form_id, region_code, starts_on=starts_on, due_on=due_on, by=by, now=now
    )  # fmt: skip
    visits = Assignment.objects.filter(round=opened).values_list("household_id", "id")
    rows = [Fall(pk=households[household], assignment_id=visit) for household, visit in visits]
    Fall.objects.bulk_update(rows, ["assignment"], batch_size=_CHUNK // 10)
    chain.record(
        by, "simulation.handed_over", simulation, at=now, region=region_code, households=len(rows), round=opened.pk
    )
    return opened
