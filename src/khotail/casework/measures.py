"""Measures within a case, and its helper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import May
from khotail.casework.actors import check_case_worker
from khotail.casework.conditions import labour_of
from khotail.casework.models import Case, Measure
from khotail.casework.needs import measures_of, unmet_needs
from khotail.casework.opening import case_path
from khotail.casework.problems import (
    AmountWrong,
    CaseIsClosed,
    DatesWrong,
    HouseholdLeft,
    NotFound,
    NotTheHelper,
    UnknownWord,
    WordsMissing,
)
from khotail.casework.raising import checked_causes
from khotail.casework.statements import state_measure
from khotail.rulebook.procedures import MEASURE_CATEGORIES, Need
from khotail.trail.chain import record as record_event

_MOST_CNY = Decimal("999999999999.99")


@transaction.atomic
def record_measure(
    case: Case,
    category: str,
    kind: str,
    *,
    causes: Iterable[str] = (),
    starts_on: date,
    ends_on: date | None = None,
    amount_cny: Decimal | str | int | None = None,
    note: str = "",
    by: Officer,
    now: datetime,
) -> Measure:
    """Record help that the household gets, at any time while its case is open: urgent help comes before the decision.

    category   of `MEASURE_CATEGORIES`
    kind       what it is, as the register writes it; 其他 needs a note
    Raises CaseIsClosed, HouseholdLeft, NotFound, MayNot, UnknownWord, WordsMissing, DatesWrong, AmountWrong.
    """
    case = lock_case(case)
    check_case_worker(by, case)
    _check_open(case)
    if case.household.ended_on:
        raise HouseholdLeft(day=case.household.ended_on)
    if category not in MEASURE_CATEGORIES:
        raise UnknownWord(word=str(category)[:60], known=", ".join(MEASURE_CATEGORIES))
    kind, note = kind.strip()[:60], note.strip()[:2000]
    if not kind or (kind == "其他" and not note):
        raise WordsMissing
    if not 2000 <= starts_on.year <= 2100 or (ends_on and not starts_on <= ends_on <= date(2100, 12, 31)):
        raise DatesWrong
    measure = Measure.objects.create(
        case=case,
        household=case.household,
        region_code=case.region_code,
        category=category,
        kind=kind,
        causes=checked_causes(causes),
        amount_cny=_amount(amount_cny),
        starts_on=starts_on,
        ends_on=ends_on,
        note=note,
        recorded_by=by,
        recorded_at=now,
    )
    state_measure(measure, by, now)
    record_event(by, "measure.recorded", measure, at=now, case=case.pk, category=category)
    return measure


@transaction.atomic
def end_measure(measure: Measure, on: date, *, by: Officer, now: datetime) -> Measure:
    """Say on which day a measure ended. Raises NotFound, MayNot, DatesWrong."""
    case = lock_case(measure.case)
    check_case_worker(by, case)
    if not measure.starts_on <= on <= date(2100, 12, 31):
        raise DatesWrong
    before, measure.ends_on = measure.ends_on, on
    if before != on:
        measure.save(update_fields=["ends_on"])
        state_measure(measure, by, now)
        record_event(by, "measure.ended", measure, at=now, before=before, after=on)
    return measure


@transaction.atomic
def assign_helper(case: Case, helper: Officer, by: Officer, now: datetime) -> Case:
    """Name who helps the household. Raises CaseIsClosed, NotFound, MayNot, NotTheHelper."""
    case = lock_case(case)
    check_case_worker(by, case)
    _check_open(case)
    if not helper.may(May.WORK_CASES) or not case.region_code.startswith(helper.region_code):
        raise NotTheHelper
    before = case.helper_id
    case.helper = case.household.helper = helper
    case.save(update_fields=["helper"])
    case.household.changed_at = now
    case.household.save(update_fields=["helper", "changed_at"])
    record_event(by, "helper.assigned", case, at=now, before=before, after=helper.pk)
    notify(helper, "helper-assigned", case_path(case), now, household=case.household.number)
    return case


def missing_measures(case: Case, now: datetime) -> list[Need]:
    """What the household's causes and labour call for and no measure answers yet."""
    today = timezone.localdate(now)
    given = (measure.category for measure in measures_of(case) if measure.starts_on <= today)
    return unmet_needs(case.causes, labour_of(case), given, today)


def lock_case(case: Case) -> Case:
    locked = Case.objects.select_for_update().filter(pk=case.pk).first()
    if locked is None:
        raise NotFound
    return locked


def _check_open(case: Case) -> None:
    if case.state in Case.CLOSED:
        raise CaseIsClosed


def _amount(written: Decimal | str | int | None) -> Decimal | None:
    if written is None or written == "":
        return None
    try:
        amount = Decimal(str(written))
    except InvalidOperation:
        raise AmountWrong from None
    if not amount.is_finite() or not 0 <= amount <= _MOST_CNY or amount != amount.quantize(Decimal("0.01")):
        raise AmountWrong
    return amount
