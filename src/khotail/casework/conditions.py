"""Expressions of procedures, worked out for one case: conditions of outcomes, days, bounds of fields."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb
from django.utils import timezone

from khotail.casework.models import Case, Objection, Step
from khotail.casework.needs import measures_of, unmet_needs
from khotail.casework.procedures import rulebook
from khotail.facts.store import connect
from khotail.rulebook.expressions import Expression
from khotail.rulebook.parameters import Scope
from khotail.rulebook.procedures import Procedure
from khotail.screening.models import Finding, Kind
from khotail.screening.rulebook import setting

#: As the register writes it.
OUT_OF_POVERTY = "脱贫户"
SEVERITIES = ("high", "medium", "low")


def evaluate(
    expressions: Iterable[Expression], procedure: Procedure, values: dict[str, Any], on: date, region_code: str
) -> list[Any]:
    """The expressions' values for one case on one day; None where something they read is not known.

    values  of `procedure.columns`; those left out are NULL
    """
    sql_of = Scope(rulebook(), on, region_code).sql_of
    selected = ", ".join(f"({expression.filled(sql_of)})" for expression in expressions)
    if not selected:
        return []
    columns = procedure.columns
    frame = ", ".join(f'CAST(? AS {kind}) AS "{name}"' for name, kind in columns.items())
    given = [values.get(name) for name in columns]
    with_region = f"{frame}, CAST(? AS VARCHAR) AS region_code"
    with _calculator(os.getpid()).cursor() as connection:
        row = connection.execute(f"SELECT {selected} FROM (SELECT {with_region})", [*given, region_code]).fetchall()[0]
    return list(row)


@lru_cache(maxsize=1)
def _calculator(_: int) -> duckdb.DuckDBPyConnection:
    """One DuckDB without tables for each process; a cursor of it costs a fiftieth of a connection."""
    return connect()


def known_of(case: Case, step: Step | None, procedure: Procedure, on: date) -> dict[str, Any]:
    """What is known of a case: its own columns, and what earlier steps of the procedure recorded."""
    recorded: dict[str, Any] = {}
    for earlier in case.steps.exclude(closed_at=None).order_by("id"):
        if earlier.procedure == procedure.key:
            recorded |= earlier.record
    objections = Objection.objects.filter(step=step) if step else Objection.objects.none()
    has_labour = labour_of(case)
    running = [measure for measure in measures_of(case) if measure.starts_on <= on]
    development = next((need for need in rulebook().needs.values() if need.household == "with_labour"), None)
    return recorded | {
        "opened_on": case.opened_on,
        "identified_on": case.identified_on,
        "step_opened_on": day_of(step) if step else on,
        "case_category": case.category or None,
        "is_out_of_poverty": case.household.household_type == OUT_OF_POVERTY if case.household.household_type else None,
        "has_labour": has_labour,
        "has_helper": case.helper_id is not None,
        "measures": len(running),
        "development_measures": sum(m.category in development.accepts for m in running) if development else 0,
        "unmet_needs": len(unmet_needs(case.causes, has_labour, (m.category for m in running), on)),
        "unanswered_objections": objections.filter(answered_at=None).count(),
        "upheld_objections": objections.filter(upheld=True).count(),
        "open_signals": open_signals(case, on),
    }


def labour_of(case: Case) -> bool | None:
    """Whether somebody in the household can work, as the newest visit found; None if no visit has told."""
    for record in case.steps.exclude(closed_at=None).order_by("-id").values_list("record", flat=True):
        if record.get("members_able_to_work") is not None:
            return float(record["members_able_to_work"]) > 0
    return None


def open_signals(case: Case, on: date) -> int:
    """Signals about the household that hold now and are severe enough to raise a lead."""
    severe = severities_that_raise(on, case.region_code)
    return Finding.objects.filter(
        household_id=case.household_id, kind=Kind.SIGNAL, ended_on=None, severity__in=severe
    ).count()


def severities_that_raise(on: date, region_code: str) -> tuple[str, ...]:
    least = setting("lead_severity_least", on, region_code)
    return SEVERITIES[: SEVERITIES.index(least) + 1]


def amount(expression: Expression, case: Case, step: Step | None, procedure: Procedure, on: date) -> int:
    """A number of days or months for this case."""
    [value] = evaluate([expression], procedure, known_of(case, step, procedure, on), on, case.region_code)
    return int(value)


def day_of(step: Step) -> date:
    """The business day on which the step opened."""
    return timezone.localdate(step.opened_at)
