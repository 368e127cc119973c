"""Sieves: what must hold for any of a few rules to fire, said where it spares a join.

A rule is mostly a conjunction, and a part of it often reads one table only. With few rules, the subjects that fail such
a part for every rule are left out before tables are joined; with many, hardly anybody would be.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from khotail.rulebook.expressions import Expression
from khotail.rulebook.frames import Frames
from khotail.rulebook.model import Rule
from khotail.rulebook.names import group_key, meaning
from khotail.rulebook.parameters import REGION_COLUMN

_FEW_RULES = 20
_OWN = "own"
_ABOVE = "above"


@dataclass(frozen=True)
class Share:
    """Rules of a level that are run together.

    own          a condition on the level's own columns without which none of them fires; "" if there is none
    aggregates   the same on the only aggregates that they read, false for a subject that has nothing to aggregate
    """

    rules: tuple[Rule, ...]
    own: str = ""
    aggregates: str = ""


def shares(frames: Frames, level: str, rules: tuple[Rule, ...], reads: Callable[[Rule], list[str]]) -> list[Share]:
    """Rules of a level in shares, each with its sieve. `reads` tells the columns that a rule reads or shows."""
    if len(rules) > _FEW_RULES or frames.given:
        return [Share(rules)]
    sources = _Sources(frames, level)
    aggregating = tuple(rule for rule in rules if sources.of_names(reads(rule)) - {_OWN, _ABOVE})
    tables = sources.of_names(name for rule in aggregating for name in reads(rule)) - {_OWN, _ABOVE}
    if len(tables) == 1:
        sieve = _any_of(sources.aggregate_parts(rule) for rule in aggregating)
        rest = tuple(rule for rule in rules if rule not in aggregating)
        if sieve:
            found = [Share(aggregating, aggregates=sieve)]
            return [*shares(frames, level, rest, reads), *found] if rest else found
    if sources.of_names(name for rule in rules for name in reads(rule)) == {_OWN}:
        return [Share(rules)]
    return [Share(rules, own=_any_of(sources.own_parts(rule) for rule in rules))]


def _any_of(parts_of_rules: Iterable[list[str]]) -> str:
    """One of the rules' conjunctions; "" if a rule has no part to go by."""
    listed = list(parts_of_rules)
    if not all(listed):
        return ""
    return " OR ".join(f"({' AND '.join(f'({part})' for part in parts)})" for parts in listed)


class _Sources:
    """Where the names of a level come from: its own table, the level above, or an aggregate (named by table and key)."""

    def __init__(self, frames: Frames, level: str) -> None:
        self._frames = frames
        self._level = level

    def of_names(self, names: Iterable[str]) -> set[str]:
        return {source for name in names for source in self._of_name(name)}

    def own_parts(self, rule: Rule) -> list[str]:
        return [self._filled(part) for part in rule.when.conjuncts if self._of(part) == {_OWN}]

    def aggregate_parts(self, rule: Rule) -> list[str]:
        """Parts that read nothing but aggregates; none unless one of them is false where there is nothing to aggregate."""
        parts = [part for part in rule.when.conjuncts if part.columns and all(map(self._empty_of, part.columns))]
        parts = [part for part in parts if not self._frames.scope.needs_region(part)]
        if not any(_value(part.tree, self._empties(part)) is False for part in parts):
            return []
        return [self._filled(part) for part in parts]

    def _filled(self, part: Expression) -> str:
        return self._frames.filled(self._level, part)

    def _of(self, expression: Expression) -> set[str]:
        regional = [REGION_COLUMN] if self._frames.scope.needs_region(expression) else []
        return self.of_names((*expression.columns, *regional))

    def _of_name(self, name: str) -> Iterator[str]:
        found = meaning(self._frames.scope.rulebook, self._level, name)
        if found is None or found.owner != self._level:
            yield _ABOVE
        elif found.indicator is None:
            yield _OWN
        elif found.indicator.over:
            yield f"{found.indicator.over} by {', '.join(group_key(found.indicator))}"
        else:
            yield from self._of(found.indicator.expression)

    def _empty_of(self, name: str) -> list[bool | float | str | None]:
        """What an aggregate is where there is nothing to aggregate, in a list; an empty list for another name."""
        indicator = self._frames.scope.rulebook.indicators.get((self._level, name))
        return [indicator.empty] if indicator and indicator.over else []

    def _empties(self, part: Expression) -> dict[str, bool | float | str | None]:
        return {name: self._empty_of(name)[0] for name in part.columns}


_COMPARISONS: dict[type[exp.Expr], Callable[[float, float], bool]] = {
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.EQ: operator.eq,
}


def _value(node: exp.Expr, empties: dict[str, bool | float | str | None]) -> bool | float | None:
    """What a comparison of numbers comes to with these values; None if that is not plain to see."""
    if isinstance(node, exp.Literal) and not node.is_string:
        return float(node.name)
    if isinstance(node, exp.Column):
        value = empties[node.name]
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    compare = _COMPARISONS.get(type(node))
    if compare is None:
        return None
    left, right = _value(node.this, empties), _value(node.expression, empties)
    return None if left is None or right is None else compare(left, right)
