"""Which dated values a report rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from khotail.report.names import unit_name
from khotail.rulebook import Rule, Rulebook
from khotail.rulebook.model import Parameter, ParameterValue
from khotail.texts import Text

_IN_TEXT = re.compile(r"\{:(\w+)")


@dataclass(frozen=True, slots=True)
class ParameterRead:
    """A parameter with the value in force; `value` is None where none is in force yet."""

    parameter: Parameter
    value: ParameterValue | None
    rules: int

    @property
    def unit(self) -> Text:
        return unit_name(self.parameter.unit)

    @property
    def shown(self) -> str:
        """The value for reading: thousands separated, a share in percent."""
        value = self.value.value if self.value else None
        if not isinstance(value, int | float):
            return "—" if value is None else str(value)
        if self.parameter.unit.startswith("share"):
            return f"{value * 100:,.4g}%"
        return f"{value:,.10g}"


def parameters_read(rules: Iterable[Rule], rulebook: Rulebook, as_of: date, region: str) -> list[ParameterRead]:
    """The parameters that `rules` read, themselves or through indicators, most read first."""
    counts: dict[str, int] = {}
    for rule in rules:
        for name in _read_by(rule, rulebook):
            counts[name] = counts.get(name, 0) + 1
    return [
        ParameterRead(rulebook.parameters[name], rulebook.parameters[name].in_force(as_of, region), count)
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if name in rulebook.parameters
    ]


def _read_by(rule: Rule, rulebook: Rulebook) -> set[str]:
    names = {*rule.when.parameters, *_IN_TEXT.findall(rule.because.zh), *_IN_TEXT.findall(rule.because.en)}
    waiting = list(rule.when.columns)
    seen: set[str] = set()
    while waiting:
        column = waiting.pop()
        if column in seen:
            continue
        seen.add(column)
        for (_, indicator_id), indicator in rulebook.indicators.items():
            if indicator_id == column:
                names.update(indicator.expression.parameters)
                waiting.extend(indicator.expression.columns)
    return names
