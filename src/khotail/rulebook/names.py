"""What a name in a rule stands for: a fact column or an indicator, of the rule's level or of one above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from khotail.facts.schema import LEVEL_TABLES, TABLES
from khotail.rulebook.model import PARENTS, Indicator, Rulebook

#: The level whose rows a fact table holds, for tables that are levels themselves.
LEVEL_OF_TABLE = {table.name: level for level, table in LEVEL_TABLES.items()}

KEYS: dict[str, tuple[str, ...]] = {
    "household": ("household_id",),
    "person": ("household_id", "person_id"),
    "work_record": ("household_id", "person_id", "record_kind", "work_start_on"),
    "village": ("region_code",),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A name resolved: the level that owns it, and the indicator it is (or `None` for a fact column)."""

    owner: str
    indicator: Indicator | None


def lineage(level: str) -> Iterator[str]:
    """The level itself, then the levels above it."""
    current: str | None = level
    while current is not None:
        yield current
        current = PARENTS[current]


def meaning(rulebook: Rulebook, level: str, name: str) -> Meaning | None:
    """What `name` stands for in a rule of `level`, or `None` if nothing."""
    for owner in lineage(level):
        indicator = rulebook.indicators.get((owner, name))
        if indicator:
            return Meaning(owner, indicator)
        if name in LEVEL_TABLES[owner].column_names:
            return Meaning(owner, None)
    return None


def names_at(rulebook: Rulebook, level: str) -> set[str]:
    """Every name that a rule of `level` may read."""
    names: set[str] = set()
    for owner in lineage(level):
        names.update(LEVEL_TABLES[owner].column_names)
        names.update(indicator.id for indicator in rulebook.indicators_of(owner))
    return names


def names_over(rulebook: Rulebook, table: str) -> set[str]:
    """Every name that an aggregate over `table` may read."""
    if table in LEVEL_OF_TABLE:
        return names_at(rulebook, LEVEL_OF_TABLE[table])
    return set(TABLES[table].column_names)


def group_key(indicator: Indicator) -> tuple[str, ...]:
    """The columns that tie the rows of an indicator's `over` table to its subject."""
    if indicator.by:
        return (indicator.by,)
    if indicator.level == "work_record":
        return KEYS["person"]
    return KEYS[indicator.level]
