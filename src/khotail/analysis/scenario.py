"""What a scenario consists of: changes of programmes, programmes that it adds, and shocks to incomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from khotail.problems import Problem
from khotail.rulebook.expressions import Expression
from khotail.rulebook.model import Place, Rulebook
from khotail.rulebook.problems import Flaw
from khotail.rulebook.programmes import Programme
from khotail.texts import Text

ChangeKind = Literal["ends", "tapers", "converts"]

#: Kinds of shocks, by what strikes.
SHOCKS: dict[str, Text] = {
    "drought": Text("旱灾", "drought"),
    "snow": Text("雪灾", "snow"),
    "epidemic": Text("疫情", "epidemic"),
    "price_fall": Text("价格下跌", "price fall"),
    "job_loss": Text("失业", "job losses"),
}

#: Components of income that a shock may strike, and the column of `incomes` that holds each.
COMPONENTS: dict[str, str] = {
    "wage": "wage_cny",
    "business": "business_cny",
    "property": "property_cny",
    "transfer": "transfer_cny",
    "cost": "cost_cny",
}


class ScenarioFlawed(Problem):
    """A scenario cannot be used as it stands. `flaws` lists everything that is wrong."""

    sentence = Text("情景有 {count} 处错误：\n{zh}", "The scenario has {count} errors:\n{en}")
    exit_code = 3

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__(
            count=len(flaws),
            zh="\n".join(flaw.in_words("zh") for flaw in flaws),
            en="\n".join(flaw.in_words("en") for flaw in flaws),
        )


class UnknownScenario(Problem):
    sentence = Text(
        "没有名为“{name}”的情景。自带的有：{known}；也可以给出情景文件（.yaml）的路径。",
        "There is no scenario “{name}”. There are: {known}; or give the path of a scenario's file (.yaml).",
    )
    exit_code = 2


@dataclass(frozen=True)
class Reform:
    """A programme that ends, is tapered or is converted into another, in the regions whose code starts with `region`.

    on      the first day on which it is so
    shares  tapers: share of the amount that is still paid in the first, second, … year from `on`; the last one stays
    to      converts: the programme that takes its place
    """

    kind: ChangeKind
    programme: str
    on: date
    region: str
    shares: tuple[float, ...]
    to: str | None
    place: Place

    def paid(self, day: date) -> float:
        """The share of the amount that is still paid on a day."""
        if day < self.on:
            return 1.0
        if self.kind != "tapers":
            return 0.0
        years = day.year - self.on.year - ((day.month, day.day) < (self.on.month, self.on.day))
        return self.shares[min(years, len(self.shares) - 1)]


@dataclass(frozen=True)
class Shock:
    """Something that strikes a share of the households of a region while it lasts.

    factors  component of income → what it is multiplied by
    who      a condition on the household's frame; None strikes anybody
    share    share of these households that are struck, drawn by a hash of the household's number that never changes
    """

    id: str
    name: Text
    cause: str
    since: date
    until: date
    region: str
    share: float
    factors: Mapping[str, float]
    who: Expression | None
    place: Place

    def weight(self, year: int) -> float:
        """The share of a year in which it lasts."""
        return mean_over(year, lambda day: float(self.since <= day <= self.until))


@dataclass(frozen=True)
class Scenario:
    """What is tried out. `rulebook` is the law with the programmes that the scenario adds."""

    id: str
    name: Text
    adopted: date
    rulebook: Rulebook
    reforms: tuple[Reform, ...]
    added: frozenset[str]
    shocks: tuple[Shock, ...]

    def paid(self, programme: Programme, year: int) -> dict[str, float]:
        """Region prefix → share of the year's amount that is paid there, longest prefix first; "" is everywhere else."""
        reforms = [reform for reform in self.reforms if reform.programme == programme.id]
        shares = {"": mean_over(year, lambda day: _in_force(programme, day))}
        for reform in reforms:
            shares[reform.region] = mean_over(year, lambda day, r=reform: _in_force(programme, day) * r.paid(day))
        return dict(sorted(shares.items(), key=lambda pair: -len(pair[0])))


def paid_unchanged(programme: Programme, year: int) -> float:
    """The share of the year in which the law as it stands has the programme."""
    return mean_over(year, lambda day: _in_force(programme, day))


def mean_over(year: int, value: object) -> float:
    """The mean of a function of the day over the days of a year."""
    first, days = date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return sum(value(first + timedelta(days=n)) for n in range(days)) / days  # type: ignore[operator]


def _in_force(programme: Programme, day: date) -> float:
    return float(programme.since <= day and (programme.until is None or day <= programme.until))
