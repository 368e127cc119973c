"""Programmes: who is entitled to which help, how much, from when to when, and who pays.

A programme is two expressions over the frame of its level: `who` (a boolean) and `amount` (CNY a year, 0 for help in
kind). `khotail.rulebook.entitlement` compiles all of them into one query; `khotail.engine.entitle` runs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from khotail.rulebook.expressions import BUILT_IN_PARAMETERS, Expression
from khotail.rulebook.model import Confidence, Level, Place, Worked
from khotail.rulebook.procedures import LEVELS
from khotail.texts import Text

Transition = Literal["adjust", "strengthen", "convert", "new"]
CountsAs = Literal["transfer", "wage", "property", "business", "nothing"]

PROGRAMME_LEVELS: tuple[Level, ...] = ("household", "person")

#: The four classes in which the policies of the transition are reviewed.
TRANSITIONS: dict[str, Text] = {
    "adjust": Text("调整", "adjust"),
    "strengthen": Text("加强", "strengthen"),
    "convert": Text("转化", "convert"),
    "new": Text("新设", "new"),
}

#: What the money is in the household's net income. Help in kind, temporary or for a fixed purpose is no income.
COUNTS_AS: dict[str, Text] = {
    "transfer": Text("转移性收入", "transfer income"),
    "wage": Text("工资性收入", "wages"),
    "property": Text("财产性收入", "property income"),
    "business": Text("生产经营性收入", "business income"),
    "nothing": Text("不计入收入", "no income"),
}

#: Levels that may pay: those of the procedures, and the nation.
PAYING_LEVELS: dict[str, Text] = {**LEVELS, "nation": Text("中央", "nation")}


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays, and out of which fund."""

    level: str
    fund: str


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that is paid in a year. What a cap reads and does not know makes the amount unknown.

    household  CNY for a household in all; persons' amounts are cut in proportion
    share, of  at most this share of what `of` comes to
    """

    household: Expression | None = None
    share: float | None = None
    of: Expression | None = None

    def expressions(self) -> Iterator[tuple[str, Expression]]:
        """The key that each expression stands under, and the expression."""
        if self.household is not None:
            yield "household", self.household
        if self.of is not None:
            yield "of", self.of


@dataclass(frozen=True, slots=True)
class Seen:
    """By what one sees that it is received: a value of `benefits.programme`, a measure, or a condition on the frame."""

    benefits: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    when: Expression | None = None


@dataclass(frozen=True)
class Programme:
    """One kind of help.

    order        place in the catalogue, by which equal amounts of conflicting programmes are decided
    region       code prefix of the places that have it
    conflicts    programmes that cannot be had together with this one: the better is kept, then the one stated first
    withdrawal   months for which whoever no longer qualifies keeps what was received (渐退); 0 for none
    successor    what takes its place when it ends
    lines        key of the entry → the line of the file that it stands on
    """

    id: str
    name: Text
    category: str
    level: Level
    who: Expression
    amount: Expression
    because: Text
    mend: Text
    pays: Payer
    conflicts: tuple[str, ...]
    cap: Cap
    withdrawal: int
    transition: Transition
    successor: str | None
    received_as: Seen
    counts_as: CountsAs
    region: str
    since: date
    until: date | None
    source: str
    confidence: Confidence
    worked: Worked
    place: Place
    order: int = 0
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def at(self, key: str) -> Place:
        """Where one key of the entry stands."""
        return replace(self.place, line=self.lines.get(key, self.place.line))

    def holds_on(self, day: date, region: str = "") -> bool:
        """Whether it is in force on `day` somewhere in a region, whose code or prefix is given."""
        somewhere = region.startswith(self.region) or self.region.startswith(region)
        return self.since <= day and (self.until is None or day <= self.until) and somewhere

    def overlaps(self, other: Programme) -> bool:
        """Whether both are in force on some day in some place."""
        in_time = self.since <= (other.until or date.max) and other.since <= (self.until or date.max)
        return in_time and (self.region.startswith(other.region) or other.region.startswith(self.region))

    def expressions(self) -> Iterator[tuple[str, Expression]]:
        """The key that each of its expressions stands under, and the expression."""
        yield "who", self.who
        yield "amount", self.amount
        for _, expression in self.cap.expressions():
            yield "cap", expression
        if self.received_as.when is not None:
            yield "received_as", self.received_as.when

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that it reads and that have values in files."""
        read = dict.fromkeys(name for _, expression in self.expressions() for name in expression.parameters)
        return tuple(name for name in read if name not in BUILT_IN_PARAMETERS)


def rivals(programmes: Mapping[str, Programme]) -> dict[str, tuple[str, ...]]:
    """Programme → those that it cannot be had with, whichever of the two says so."""
    found: dict[str, dict[str, None]] = {id_: {} for id_ in programmes}
    for programme in programmes.values():
        for other in programme.conflicts:
            if other in found and other != programme.id:
                found[programme.id][other] = None
                found[other][programme.id] = None
    return {id_: tuple(others) for id_, others in found.items()}
