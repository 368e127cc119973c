"""Everything that the rulebook says about one household."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from khotail.engine.findings import Explanation
from khotail.engine.problems import UnknownHousehold
from khotail.engine.run import audit, screen
from khotail.facts.regions import Regions
from khotail.facts.store import Facts
from khotail.rulebook.model import Rulebook


@dataclass(frozen=True)
class HouseholdExplained:
    """One household: where it lives, how many members it has, its warnings and what is wrong in its data."""

    household_id: str
    place: str
    members: int
    signals: list[Explanation]
    audits: list[Explanation]


def explain(facts: Facts, rulebook: Rulebook, household_id: str, *, as_of: date) -> HouseholdExplained:
    """Judge one household on `as_of` and say why. Raises UnknownHousehold."""
    find = "SELECT region_code FROM households WHERE household_id = ?"
    found = facts.connection.execute(find, [household_id]).fetchall() if "households" in facts.tables else []
    if not found:
        raise UnknownHousehold(household=household_id)
    members = (
        "SELECT count(*) FROM persons WHERE household_id = ?" if "persons" in facts.tables else "SELECT 0 WHERE ? <> ''"
    )
    return HouseholdExplained(
        household_id,
        Regions.load().full_name(found[0][0] or ""),
        int(facts.connection.execute(members, [household_id]).fetchall()[0][0]),
        screen(facts, rulebook, as_of=as_of, household=household_id).explanations(household_id),
        audit(facts, rulebook, as_of=as_of, household=household_id).explanations(household_id),
    )
