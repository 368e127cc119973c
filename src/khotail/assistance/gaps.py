"""What a household's causes and labour call for, and what of it is running, planned, or lacking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from khotail.assistance.models import Plan, PlanLine
from khotail.casework.conditions import labour_of
from khotail.casework.measures import measures_of
from khotail.casework.models import Case, Measure
from khotail.casework.needs import needs_of
from khotail.casework.procedures import rulebook
from khotail.register.known import known
from khotail.rulebook.procedures import Need

#: Labour ability as the register writes it; those with the last can do something, and no development is asked of them.
_ABLE = ("普通劳动力", "技能劳动力")
_WEAK = "弱劳动力或半劳动力"
#: Kinds that the data audit does not count as development: they change nothing by themselves (rule 5_12_011).
_PASSIVE = {"产业帮扶": {"其他"}, "就业帮扶": {"其他", "技能培训"}, "金融帮扶": {"其他"}}


@dataclass(frozen=True)
class Answered:
    """A need, and what answers it: measures that run now, and lines that are planned."""

    need: Need
    running: tuple[str, ...]
    planned: tuple[str, ...]

    @property
    def is_gap(self) -> bool:
        return not self.running and not self.planned


@dataclass(frozen=True)
class Span:
    """Something of a category and kind from a day to a day, whether planned or running."""

    category: str
    kind: str
    starts_on: date
    ends_on: date | None

    def meets(self, other: Span) -> bool:
        """Of the same kind, and at the same time."""
        return (
            (self.category, self.kind) == (other.category, other.kind)
            and (self.ends_on is None or self.ends_on >= other.starts_on)
            and (other.ends_on is None or other.ends_on >= self.starts_on)
        )


def labour_in(case: Case) -> bool | None:
    """Whether somebody in the household can work: as the newest visit found, else as the register says; None: not known."""
    found = labour_of(case)
    if found is not None:
        return found
    gone = set(case.household.members.exclude(left_on=None).values_list("pk", flat=True))
    rows = [row for row in known(case.household, ["persons"]).get("persons", []) if row.person_id not in gone]
    said = [str(row.values["labour"]) for row in rows if row.values.get("labour")]
    if any(word in _ABLE or word == _WEAK for word in said):
        return any(word in _ABLE for word in said) or None
    return False if said and len(said) == len(rows) else None


def answers(
    causes: Iterable[str],
    has_labour: bool | None,
    measures: Iterable[Measure],
    lines: Iterable[PlanLine],
    today: date,
) -> list[Answered]:
    """Each need of the rulebook's matrix with what answers it. What has ended answers nothing any more."""
    running = {each.category: None for each in measures if runs(each, today)}
    planned = {each.category: None for each in lines if each.state == PlanLine.State.PLANNED}
    return [
        Answered(
            need,
            tuple(name for name in running if name in need.accepts),
            tuple(name for name in planned if name in need.accepts),
        )
        for need in needs_of(causes, has_labour, today)
    ]


def runs(measure: Measure, today: date) -> bool:
    return measure.starts_on <= today and (measure.ends_on is None or measure.ends_on >= today)


def gaps_of(plan: Plan, today: date) -> list[Need]:
    """What nothing planned or running answers."""
    case = plan.case
    found = answers(case.causes, plan.has_labour, measures_of(case), plan.lines.all(), today)
    return [each.need for each in found if each.is_gap]


def needs_named(ids: Iterable[str]) -> list[Need]:
    """Needs by their ids; those that the rulebook has lost are left out."""
    book = rulebook().needs
    return [book[id_] for id_ in ids if id_ in book]


def overlaps(measures: Sequence[Measure], lines: Sequence[PlanLine]) -> list[tuple[Span, Span]]:
    """Pairs of the same kind that lie in the same time: perhaps the same help, written down twice."""
    spans = [Span(each.category, each.kind, each.starts_on, each.ends_on) for each in measures]
    spans += [
        Span(each.category, each.kind, each.starts_on, each.ends_on)
        for each in lines
        if each.state == PlanLine.State.PLANNED
    ]
    return [(one, other) for one, other in combinations(spans, 2) if one.meets(other)]


def is_passive_only(categories: Iterable[tuple[str, str]]) -> bool:
    """Whether the only development among (category, kind) is of kinds that the data audit does not count as such."""
    development = [
        (category, kind) for category, kind in categories if category in _PASSIVE or category == "公益岗位帮扶"
    ]
    return bool(development) and all(kind in _PASSIVE.get(category, ()) for category, kind in development)
