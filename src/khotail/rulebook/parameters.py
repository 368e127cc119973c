"""Parameters put into an expression: a literal where one value holds, a choice by region or day where several do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from khotail.facts.sql import quoted
from khotail.rulebook.expressions import Expression
from khotail.rulebook.model import Parameter, ParameterValue, Rulebook

REGION_COLUMN = "region_code"
COUNTY_DIGITS = 6


def income_year(as_of: date) -> int:
    """The last income year complete on `as_of`. Year 2025 runs from 1 October 2024 to 30 September 2025."""
    return as_of.year if as_of.month >= 10 else as_of.year - 1


@dataclass(frozen=True)
class Scope:
    """What a run is about: a rulebook on a day, for the subjects inside a region, or for one household.

    It also knows the parameters' values there.

    counties   first six digits of every region code in the facts: values for other counties stay out of the SQL, since
               a query with a value for each county takes long to plan; None if they are not known
    """

    rulebook: Rulebook
    as_of: date
    region: str = ""
    household: str = ""
    counties: frozenset[str] | None = None

    def has(self, name: str) -> bool:
        """Whether a parameter has a value for some subject of the region on that day."""
        return name in self._built_in or bool(self._in_force(self.rulebook.parameters[name]))

    def needs_region(self, expression: Expression) -> bool:
        """Whether the expression's value depends on where in the region the subject lives."""
        return any(self._varies(name) for name in expression.parameters)

    def fill(self, expression: Expression) -> str:
        """The expression as SQL, with every parameter replaced by its value or a choice of values."""
        return expression.filled(self.sql_of)

    def sql_of(self, name: str, day: str | None = None) -> str:
        """SQL for a parameter's value on the run's day, or on the day that the SQL `day` gives."""
        if name in self._built_in:
            return self._built_in[name]
        parameter = self.rulebook.parameters[name]
        if day is None:
            return self._by_region([(region, literal(value.value)) for region, value in self._in_force(parameter)])
        regions = self._regions(parameter)
        return self._by_region([(region, _through_time(parameter, region, day)) for region in regions])

    @cached_property
    def _built_in(self) -> dict[str, str]:
        return {"as_of": literal(self.as_of), "income_year": literal(income_year(self.as_of))}

    def _varies(self, name: str) -> bool:
        return name not in self._built_in and not self._covers(self._regions(self.rulebook.parameters[name]))

    def _in_force(self, parameter: Parameter) -> list[tuple[str, ParameterValue]]:
        found = ((region, parameter.in_force(self.as_of, region)) for region in self._regions(parameter))
        return [(region, value) for region, value in found if value is not None]

    def _regions(self, parameter: Parameter) -> list[str]:
        """The prefixes that matter inside the region, longest first, down to one that covers the whole of it."""
        return list(self._relevant(parameter))

    def _relevant(self, parameter: Parameter) -> Iterator[str]:
        for region in parameter.regions:
            if self.region.startswith(region):
                yield region
                return
            if region.startswith(self.region):
                yield region

    def _covers(self, regions: list[str]) -> bool:
        return bool(regions) and self.region.startswith(regions[0])

    def _is_met(self, region: str) -> bool:
        return self.counties is None or any(county.startswith(region[:COUNTY_DIGITS]) for county in self.counties)

    def _by_region(self, choices: list[tuple[str, str]]) -> str:
        if not choices:
            return "NULL"
        same_everywhere = self._covers([choices[-1][0]]) and len({value for _, value in choices}) == 1
        if same_everywhere or self._covers([choices[0][0]]):
            return choices[0][1]
        met = [(region, value) for region, value in choices if self._is_met(region)] or choices[-1:]
        branches = (f"WHEN starts_with({REGION_COLUMN}, {literal(region)}) THEN {value}" for region, value in met)
        return f"(CASE {' '.join(branches)} END)"


def _through_time(parameter: Parameter, region: str, day: str) -> str:
    days = sorted({value.since for value in parameter.values if region.startswith(value.region)}, reverse=True)
    values = ((since, parameter.in_force(since, region)) for since in days)
    branches = (f"WHEN {day} >= {literal(since)} THEN {literal(value.value)}" for since, value in values if value)
    return f"(CASE {' '.join(branches)} END)"


def literal(value: float | int | str | date) -> str:
    """A constant as DuckDB SQL."""
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return quoted(value)
    return f"({value!r})" if value < 0 else repr(value)
