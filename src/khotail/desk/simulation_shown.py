"""What a simulation found, made ready for the eye: charts, a map, tinted tiles, lines of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from khotail.desk.charts import Chart, Series
from khotail.desk.regionmap import CLASSES, RegionMap, region_map
from khotail.desk.regions import name_of
from khotail.desk.standing import Tile
from khotail.desk.templatetags.khotail import spoken
from khotail.simulation.models import Simulation
from khotail.simulation.queries import Place, Year, lost_by_programme


def below_chart(years: Sequence[Year]) -> Chart:
    return Chart(
        "below", "line", _("Households below the line"), _("Year"), [str(each.year) for each in years],
        [
            Series(_("Law as it stands"), [each.below_baseline for each in years]),
            Series(_("Scenario"), [each.below_scenario for each in years]),
            Series(_("Newly below in the scenario"), [each.fall for each in years]),
        ],
    )  # fmt: skip


def cost_chart(years: Sequence[Year]) -> Chart:
    return Chart(
        "cost", "bar", _("What it takes to hold everybody at the line"), _("Year"), [str(each.year) for each in years],
        [
            Series(_("Law as it stands"), [round(each.cost_baseline_cny) for each in years]),
            Series(_("Scenario"), [round(each.cost_scenario_cny) for each in years]),
        ],
        _("CNY"),
    )  # fmt: skip


@dataclass(frozen=True)
class TintedPlace:
    place: Place
    name: str
    shade: int


def tinted(found: Sequence[Place]) -> list[TintedPlace]:
    """Regions below with the class of their falls, by which they are tinted; none falls in class 0."""
    most = max((each.fall for each in found), default=0)
    step = max(1, -(-most // (CLASSES - 1)))
    return [TintedPlace(each, name_of(each.code), min(-(-each.fall // step), CLASSES - 1)) for each in found]


def falls_map(banners: Sequence[Place]) -> RegionMap | None:
    """The banners as a map, tinted by falls; None where a map of one banner would say nothing."""
    tiles = [Tile(each.code, name_of(each.code), each.fall, 0, 0) for each in banners]
    return region_map(tiles) if len(tiles) > 1 else None


@dataclass(frozen=True)
class Loss:
    """A programme that is paid less, or more where the money is negative."""

    name: str
    by_year: list[Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.by_year, Decimal(0))


def losses(simulation: Simulation, years: Sequence[Year]) -> list[Loss]:
    names = simulation.summary.get("programmes", {})
    return [Loss(spoken(names.get(id_, id_)), money) for id_, money in lost_by_programme(years)]


@dataclass(frozen=True)
class Beside:
    """One simulation of those that are compared, for the part of the region that all of them take in."""

    simulation: Simulation
    years: list[Year]

    def of(self, year: int) -> Year | None:
        return next((each for each in self.years if each.year == year), None)

    @property
    def falls_most(self) -> int:
        return max((each.fall for each in self.years), default=0)

    @property
    def more_cny(self) -> Decimal:
        return sum((each.more_cny for each in self.years), Decimal(0))

    @property
    def lost_cny(self) -> Decimal:
        return sum((money for each in self.years for money in each.lost.values()), Decimal(0))


def compared_charts(beside: Sequence[Beside]) -> list[Chart]:
    """Falls and cost of each simulation, over the years that any of them has."""
    years = years_of_all(beside)
    labels = [str(year) for year in years]

    def series(what: Any) -> list[Series]:
        return [
            Series(each.simulation.title, [what(found) if (found := each.of(year)) else None for year in years])
            for each in beside
        ]

    return [
        Chart("falls", "line", _("Households newly below the line"), _("Year"), labels, series(lambda found: found.fall)),
        Chart("below", "line", _("Households below the line"), _("Year"), labels, series(lambda found: found.below_scenario)),
        Chart("cost", "bar", _("What it takes to hold everybody at the line"), _("Year"), labels,
              series(lambda found: round(found.cost_scenario_cny)), _("CNY")),
    ]  # fmt: skip


def years_of_all(beside: Sequence[Beside]) -> list[int]:
    return sorted({found.year for each in beside for found in each.years})
