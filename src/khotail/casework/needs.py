"""Which measures a household's causes call for, and which of them it does not have yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from khotail.casework.models import Case, Measure
from khotail.casework.procedures import rulebook
from khotail.rulebook.procedures import Need


def measures_of(case: Case) -> list[Measure]:
    return list(case.measures.order_by("id"))


def needs_of(causes: Iterable[str], has_labour: bool | None, on: date) -> list[Need]:
    """What the rulebook's matrix asks for. While labour is not known, neither its presence nor its lack asks anything."""
    household = {True: "with_labour", False: "without_labour", None: ""}[has_labour]
    wanted = set(causes)
    return [
        need
        for need in rulebook().needs.values()
        if need.holds_on(on) and (need.cause in wanted if need.cause else need.household == household)
    ]


def unmet_needs(causes: Iterable[str], has_labour: bool | None, categories: Iterable[str], on: date) -> list[Need]:
    """Needs that no measure of these categories answers."""
    given = set(categories)
    return [need for need in needs_of(causes, has_labour, on) if not given.intersection(need.accepts)]
