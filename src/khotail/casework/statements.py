"""What casework makes known: each outcome that changes what is known of a household is a new statement in the register."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa

from khotail.accounts.models import Officer
from khotail.casework.models import Case, Measure
from khotail.register.statements import state
from khotail.rulebook.procedures import CATEGORIES

SOURCE = "casework"
#: Causes as the register writes risks; income alone is none of its risks.
RISKS = {
    "illness": "因病", "disability": "因残", "schooling": "因学", "disaster": "因自然灾害", "accident": "因意外事故",
    "business": "因产业失败", "employment": "因务工就业不稳", "labour": "缺劳动力", "housing": "因安全住房",
    "water": "因安全饮水", "income": "其他",
}  # fmt: skip
_MOST_RISKS = 5


def state_identified(case: Case, has_labour: bool | None, by: Officer, now: datetime) -> None:
    """Monitored from now on: category, day and risks."""
    risks = list(dict.fromkeys(RISKS[cause] for cause in case.causes))[:_MOST_RISKS]
    known: dict[str, Any] = {
        "monitored_type": CATEGORIES[case.category].zh,
        "identified_on": case.identified_on,
        "risk_resolved": False,
        **{f"risk_{n}": risk for n, risk in enumerate(risks, start=1)},
    }
    if has_labour is not None:
        known["whole_household_no_labour"] = not has_labour
    _state_household(case, known, by, now)


def state_exited(case: Case, how: str, by: Officer, now: datetime) -> None:
    """The risk is resolved."""
    known = {"risk_resolved": True, "resolved_on": case.closed_on, "resolved_how": how or None}
    _state_household(case, known, by, now)


def state_measure(measure: Measure, by: Officer, now: datetime) -> None:
    row = {
        "household_id": measure.household.number,
        "measure_category": measure.category,
        "measure_detail": measure.kind or None,
        "measure_start_on": measure.starts_on,
        "measure_end_on": measure.ends_on,
        "measure_amount_cny": None if measure.amount_cny is None else float(measure.amount_cny),
        "helper_name": measure.case.helper.full_name if measure.case.helper else None,
    }
    _state("measures", row, measure.starts_on, measure.region_code, by, now)


def _state_household(case: Case, known: dict[str, Any], by: Officer, now: datetime) -> None:
    row = {"household_id": case.household.number, "region_code": case.region_code, **known}
    day = case.closed_on or case.identified_on
    assert day is not None
    _state("households", row, day, case.region_code, by, now)


def _state(table: str, row: dict[str, Any], day: date, region_code: str, by: Officer, now: datetime) -> None:
    known = {name: value for name, value in row.items() if value is not None}
    state(
        table, pa.Table.from_pylist([known]), as_of=day, source=SOURCE, batch_id=None, by=by, now=now,
        region_code=region_code,
    )  # fmt: skip
