"""Templates of plans: written once for a banner, township or village, taken by many households."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.assistance.checks import check_keeper, checked_amount, checked_text
from khotail.assistance.models import PlanTemplate
from khotail.assistance.problems import (
    KindMissing,
    NoLines,
    NotFound,
    NotYourPlace,
    TitleMissing,
    TooManyLines,
    UnknownCategory,
    UnknownWord,
)
from khotail.casework.raising import checked_causes
from khotail.rulebook.procedures import MEASURE_CATEGORIES
from khotail.trail.chain import record as record_event

MOST_LINES = 12
_MOST_MONTHS = 120


@transaction.atomic
def write_template(
    title: str,
    region_code: str,
    lines: Iterable[Mapping[str, Any]],
    *,
    household: str = "",
    note: str = "",
    by: Officer,
    now: datetime,
) -> PlanTemplate:
    """Write a template for a place of the officer's region.

    lines  {category, kind, causes, months, amount_cny, note}; months None where it has no end
    Raises NotAllowed, NotYourPlace, TitleMissing, NoLines, TooManyLines, UnknownCategory, KindMissing, AmountWrong.
    """
    check_keeper(by)
    if not region_code.startswith(by.region_code) or len(region_code) not in LEVEL_OF_DIGITS:
        raise NotYourPlace
    title = checked_text(title, 120)
    if not title:
        raise TitleMissing
    if household not in PlanTemplate.For.values:
        raise UnknownWord(word=str(household)[:30])
    checked = [_line(line) for line in lines]
    if not checked:
        raise NoLines
    if len(checked) > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
    template = PlanTemplate.objects.create(
        region_code=region_code, title=title, household=household, lines=checked, note=checked_text(note),
        written_by=by, written_at=now,
    )  # fmt: skip
    record_event(by, "plan-template.written", template, at=now, lines=len(checked))
    return template


@transaction.atomic
def retire_template(template: PlanTemplate, *, by: Officer, now: datetime) -> PlanTemplate:
    """No new plan starts from it; plans that did stay as they are. Raises NotAllowed, NotFound."""
    check_keeper(by)
    found = PlanTemplate.objects.visible_to(by).select_for_update().filter(pk=template.pk).first()
    if found is None:
        raise NotFound
    if found.retired_at is None:
        found.retired_at = now
        found.save(update_fields=["retired_at"])
        record_event(by, "plan-template.retired", found, at=now)
    return found


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    category, kind = str(line.get("category", "")), checked_text(str(line.get("kind", "")), 60)
    note = checked_text(str(line.get("note", "")))
    if category not in MEASURE_CATEGORIES:
        raise UnknownCategory(word=category[:60], known="、".join(MEASURE_CATEGORIES))
    if not kind or (kind == "其他" and not note):
        raise KindMissing
    amount, months = checked_amount(line.get("amount_cny")), line.get("months") or None
    if months is not None and not 1 <= int(months) <= _MOST_MONTHS:
        raise UnknownWord(word=str(months))
    return {
        "category": category,
        "kind": kind,
        "causes": checked_causes(line.get("causes") or ()),
        "months": int(months) if months else None,
        "amount_cny": None if amount is None else str(amount),
        "note": note,
    }
