"""What a rulebook consists of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from khotail.rulebook.expressions import Expression
from khotail.texts import Text

if TYPE_CHECKING:
    from khotail.rulebook.forms import VisitForm
    from khotail.rulebook.procedures import Need, Procedure
    from khotail.rulebook.programmes import Programme
    from khotail.rulebook.routes import Route, RouteGroup

Level = Literal["household", "person", "work_record", "village"]
Confidence = Literal["high", "medium", "low"]
RuleKind = Literal["signal", "audit"]

#: The level whose columns a rule of this level may read too.
PARENTS: dict[str, str | None] = {"household": None, "person": "household", "work_record": "person", "village": None}

CAUSES: dict[str, Text] = {
    "income": Text("收入", "income"),
    "illness": Text("因病", "illness"),
    "disability": Text("因残", "disability"),
    "schooling": Text("因学", "schooling"),
    "disaster": Text("因灾", "disaster"),
    "accident": Text("因意外事故", "accident"),
    "business": Text("产业", "business"),
    "employment": Text("务工就业不稳", "unstable work"),
    "labour": Text("缺劳动力", "lack of labour"),
    "housing": Text("安全住房", "safe housing"),
    "water": Text("安全饮水", "safe water"),
}

SEVERITIES: dict[str, dict[str, Text]] = {
    "signal": {
        "high": Text("高", "high"),
        "medium": Text("中", "medium"),
        "low": Text("低", "low"),
    },
    "audit": {
        "decisive": Text("否决性错误", "decisive error"),
        "logic": Text("逻辑错误", "logic error"),
        "missing": Text("漏填", "missing"),
        "doubtful": Text("疑似", "doubtful"),
        "check": Text("待核", "to be checked"),
        "provincial": Text("省级核查", "provincial check"),
    },
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: rulebook, file and line."""

    book: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A value from a day on, in the regions whose code starts with `region`."""

    since: date
    region: str
    value: float | int | str | date
    source: str
    confidence: Confidence
    place: Place


@dataclass(frozen=True)
class Parameter:
    """A line, threshold, deadline or cut-off that changes by date and region."""

    id: str
    name: Text
    unit: str
    values: tuple[ParameterValue, ...]
    place: Place

    def in_force(self, on: date, region: str = "") -> ParameterValue | None:
        """The value on a day for a region code: the longest matching prefix wins, then the latest `since`."""
        matching = (v for v in self.values if v.since <= on and region.startswith(v.region))
        return max(matching, key=lambda v: (len(v.region), v.since), default=None)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The prefixes that have values of their own, longest first."""
        return tuple(sorted({v.region for v in self.values}, key=lambda region: (-len(region), region)))


@dataclass(frozen=True)
class Indicator:
    """A derived column of a level's frame: a scalar expression, or with `over` an aggregate over a table's rows.

    by      with `over`: the column that the rows share with the subject, instead of being its own rows
    empty   with `over`: the value where the subject has no row (`None` leaves it unknown)
    lines   key of the entry → the line of the file that it stands on
    """

    id: str
    name: Text
    level: Level
    unit: str
    expression: Expression
    over: str | None
    by: str | None
    empty: Any
    worked: Worked
    place: Place
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def at(self, key: str) -> Place:
        """Where one key of the entry stands."""
        return replace(self.place, line=self.lines.get(key, self.place.line))


@dataclass(frozen=True, slots=True)
class Example:
    """A worked case beside a rule: these facts, on this day, and whether the rule fires (or the indicator's value)."""

    given: Mapping[str, Any]
    on: date
    expect: Any
    region: str
    line: int


class Worked(Protocol):
    """The worked examples of an entry, read when they are asked for (see `khotail.rulebook.worked`)."""

    def read(self) -> tuple[Example, ...]: ...


@dataclass(frozen=True)
class Rule:
    """A signal or an audit: one boolean expression over the frame of its level.

    lines   key of the entry → the line of the file that it stands on
    """

    id: str
    kind: RuleKind
    name: Text
    level: Level
    cause: str | None
    severity: str
    when: Expression
    because: Text
    mend: Text
    fields: tuple[str, ...]
    source: str
    confidence: Confidence
    since: date
    until: date | None
    worked: Worked
    place: Place
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def at(self, key: str) -> Place:
        """Where one key of the entry stands."""
        return replace(self.place, line=self.lines.get(key, self.place.line))

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an overlay adds, replaces or sets, relative to the rulebook that it extends."""

    action: Literal["adds", "replaces", "sets"]
    kind: Literal["signal", "audit", "indicator", "parameter", "procedure", "need", "route", "form", "programme"]
    id: str
    detail: str
    place: Place


@dataclass(frozen=True)
class Rulebook:
    """The law as data, of one book laid over those that it extends."""

    id: str
    name: Text
    region: str
    parameters: dict[str, Parameter]
    indicators: dict[tuple[str, str], Indicator]
    rules: dict[str, Rule]
    books: tuple[str, ...]
    changes: tuple[Change, ...] = field(default=())
    procedures: dict[str, Procedure] = field(default_factory=dict)  # by id and day: identification@2021-05-14
    needs: dict[str, Need] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    route_groups: dict[str, RouteGroup] = field(default_factory=dict)
    forms: dict[str, VisitForm] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)

    @cached_property
    def signals(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules.values() if rule.kind == "signal")

    @cached_property
    def audits(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules.values() if rule.kind == "audit")

    def indicators_of(self, level: str) -> Iterator[Indicator]:
        return (indicator for indicator in self.indicators.values() if indicator.level == level)

    def procedure(self, kind: str, on: date, region: str = "") -> Procedure | None:
        """The procedure of a kind that holds on a day: the longest matching region wins, then the latest `since`."""
        matching = (p for p in self.procedures.values() if p.kind == kind and p.holds_on(on, region))
        return max(matching, key=lambda p: (len(p.region), p.since), default=None)

    def routes_open(self, on: date, region: str = "") -> tuple[Route, ...]:
        """The classes of issues that may be raised on a day in a region, branch by branch as they are written."""
        order = {id_: n for n, id_ in enumerate(self.route_groups)}
        open_ = [route for route in self.routes.values() if route.holds_on(on, region)]
        return tuple(sorted(open_, key=lambda route: order[route.group]))
