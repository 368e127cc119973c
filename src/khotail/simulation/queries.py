"""Reads of simulations. Whoever works in a part of a simulated region sees what it found there, and no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case as Choice
from django.db.models import CharField, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Substr

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.simulation.models import Fall, RadarReading, Simulation, VillageYear
from khotail.trail.scope import in_region

COUNTED = ("households", "below_baseline", "below_scenario", "fall", "rise", "deeper", "struck")
MONEY = ("cost_baseline_cny", "cost_scenario_cny")


@dataclass
class Year:
    """What a simulation found in a place for a year; as `khotail.analysis.YearOutcome`."""

    year: int
    households: int = 0
    below_baseline: int = 0
    below_scenario: int = 0
    fall: int = 0
    rise: int = 0
    deeper: int = 0
    struck: int = 0
    cost_baseline_cny: Decimal = Decimal(0)
    cost_scenario_cny: Decimal = Decimal(0)
    lost: dict[str, Decimal] = field(default_factory=dict)

    @property
    def more_cny(self) -> Decimal:
        """What it takes more than by the law as it stands."""
        return self.cost_scenario_cny - self.cost_baseline_cny


@dataclass
class Place:
    """A region below, in one year."""

    code: str
    households: int
    fall: int
    rise: int
    below_baseline: int
    below_scenario: int
    deeper: int
    cost_baseline_cny: Decimal
    cost_scenario_cny: Decimal


def _covering(code: str) -> list[str]:
    return [code[:digits] for digits in LEVEL_DIGITS.values() if digits < len(code)]


def simulations_of(officer: Officer) -> QuerySet[Simulation]:
    """Simulations within the officer's region, and those above that take it in."""
    ours = Q(pk__in=Simulation.objects.visible_to(officer).values("pk"))
    return Simulation.objects.filter(ours | Q(region_code__in=_covering(officer.region_code))).select_related(
        "asked_by", "job"
    )


def covered(simulation: Simulation, region: str) -> bool:
    """Whether a simulation takes the whole of a region in."""
    return region.startswith(simulation.region_code)


def shown_region(simulation: Simulation, region: str) -> str:
    """The smaller of a simulation's region and the one asked for, one of which lies within the other."""
    return region if covered(simulation, region) else simulation.region_code


def years_of(simulation: Simulation, region: str) -> list[Year]:
    """Year by year, of the region: from the summary if that is the simulation's whole region, else from its villages."""
    if region == simulation.region_code:
        return [_from_summary(each) for each in simulation.summary.get("years", ())]
    rows = VillageYear.objects.filter(in_region(region), simulation=simulation)
    names = (*COUNTED, *MONEY)
    found = {
        row["year"]: Year(row["year"], **{name: row[f"sum_{name}"] for name in names})
        for row in rows.values("year").annotate(**_sums(names)).order_by("year")
    }
    for year, lost in rows.values_list("year", "lost"):
        for programme, money in lost.items():
            kept = found[year].lost
            kept[programme] = kept.get(programme, Decimal(0)) + Decimal(money)
    return list(found.values())


def _from_summary(each: dict[str, Any]) -> Year:
    money = {name: Decimal(each[name]) for name in MONEY}
    lost = {id_: Decimal(cny) for id_, cny in each["lost"].items()}
    return Year(**{**each, **money, "lost": lost})


def _sums(names: Iterable[str]) -> dict[str, Sum]:
    """A model's own field cannot be the name of a sum over it."""
    return {f"sum_{name}": Sum(name) for name in names}


def places_below(simulation: Simulation, region: str, year: int, digits: int | None = None) -> list[Place]:
    """The regions one level below (or of so many digits) in a year, those with most falls first."""
    digits = digits or next((each for each in LEVEL_DIGITS.values() if each > len(region)), 12)
    names = ("households", "fall", "rise", "below_baseline", "below_scenario", "deeper", *MONEY)
    rows = VillageYear.objects.filter(in_region(region), simulation=simulation, year=year).exclude(region_code="")
    summed = rows.annotate(code=Substr("region_code", 1, digits)).values("code").annotate(**_sums(names))
    found = [Place(row["code"], **{name: row[f"sum_{name}"] for name in names}) for row in summed]
    return sorted(found, key=lambda place: (-place.fall, -place.cost_scenario_cny, place.code))


def villages_of(simulation: Simulation, region: str, year: int) -> QuerySet[VillageYear]:
    """Villages of a region in a year, those with most falls first."""
    rows = VillageYear.objects.filter(in_region(region), simulation=simulation, year=year).exclude(region_code="")
    return rows.order_by("-fall", "-cost_scenario_cny", "region_code")


def worst_year(years: Sequence[Year]) -> int:
    """The year with most falls; the first of them where none falls."""
    return max(years, key=lambda each: (each.fall, -each.year)).year if years else 0


#: The state as it is shown: a household whose visit was made has been visited, whether somebody said so or not.
STANDING = Choice(
    When(state=Fall.State.TO_VISIT, assignment__done_at__isnull=False, then=Value(Fall.State.VISITED.value)),
    default=F("state"), output_field=CharField(),
)  # fmt: skip


def falls_of(officer: Officer, simulation: Simulation, region: str) -> QuerySet[Fall]:
    """Households of the region that fall, as far as the officer may see them, each with its `standing`."""
    return Fall.objects.visible_to(officer).filter(in_region(region), simulation=simulation).annotate(standing=STANDING)


def standings(rows: QuerySet[Fall]) -> dict[str, int]:
    """How many households stand at each state."""
    counted = dict(rows.order_by().values_list("standing").annotate(n=Count("id")))
    return {state: counted.get(state, 0) for state in Fall.State.values}


def handed_over(rows: QuerySet[Fall]) -> dict[str, dict[str, int]]:
    """Village → households that fall, that are still to be visited, and of those the ones that no round has."""
    counted = (
        rows.order_by()
        .values("region_code")
        .annotate(
            falls=Count("id"),
            waiting=Count("id", filter=Q(standing=Fall.State.TO_VISIT)),
            free=Count("id", filter=Q(state=Fall.State.TO_VISIT, assignment=None, household__ended_on=None)),
        )
    )
    return {row["region_code"]: row for row in counted.order_by("-falls", "region_code")}


def reading_for(officer: Officer) -> RadarReading | None:
    """The newest reading of the radar that takes the officer's region in."""
    regions = [*_covering(officer.region_code), officer.region_code]
    return RadarReading.objects.filter(region_code__in=regions).order_by("-id").first()


def hanging(line: dict[str, Any], region: str) -> tuple[int, Decimal] | None:
    """Households and CNY a year that hang on a programme in a region; None where it could not be judged."""
    if line["skipped"]:
        return None
    inside = [row for row in line["villages"] if row[0].startswith(region)]
    return sum(row[1] for row in inside), sum((Decimal(str(row[2])) for row in inside), Decimal(0))


def lost_by_programme(years: Iterable[Year]) -> list[tuple[str, list[Decimal]]]:
    """Programme → what is paid less in each year, the one that loses most first; those that lose nothing left out."""
    years = list(years)
    totals: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(years))
    for place, year in enumerate(years):
        for programme, money in year.lost.items():
            totals[programme][place] = money
    kept = [(programme, money) for programme, money in totals.items() if any(round(each) for each in money)]
    return sorted(kept, key=lambda pair: (-sum(pair[1]), pair[0]))
