"""Reads of visits: rounds and how far they have come, by village and by person; what came in; what waits today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from khotail.accounts.models import Officer
from khotail.trail.scope import in_region
from khotail.visits.models import Assignment, Round, Submission
from khotail.visits.rounds import Coverage


@dataclass(frozen=True)
class Part:
    """How far a round has come in one village, or by one person; `key` is the village's code or the officer's name."""

    key: str
    coverage: Coverage


def rounds_of(officer: Officer, region_code: str) -> QuerySet[Round]:
    """Rounds of the region, and those from above that reach into it."""
    around = [region_code[:digits] for digits in (2, 4, 6, 9, 12) if digits < len(region_code)]
    return Round.objects.filter(in_region(region_code) | Q(region_code__in=around))


def counted(rounds: Iterable[Round], officer: Officer, today: date) -> list[tuple[Round, Coverage]]:
    """Each round with how far it has come in what the officer may see. One query."""
    rounds = list(rounds)
    rows = Assignment.objects.visible_to(officer).filter(round__in=rounds)
    by_round = {row["round"]: _coverage(row) for row in _grouped(rows, today, "round")}
    return [(one, by_round.get(one.pk, Coverage(0, 0, 0, 0))) for one in rounds]


def by_village(rows: QuerySet[Assignment], today: date) -> list[Part]:
    found = _grouped(rows, today, "region_code")
    return sorted((Part(row["region_code"], _coverage(row)) for row in found), key=lambda part: part.key)


def by_person(rows: QuerySet[Assignment], today: date) -> list[Part]:
    """The key "" is for visits that any cadre of the village may make. Whoever has most overdue comes first."""
    found = _grouped(rows, today, "officer__full_name")
    parts = [Part(row["officer__full_name"] or "", _coverage(row)) for row in found]
    return sorted(parts, key=lambda part: (-part.coverage.overdue, part.key))


def submissions_of(officer: Officer, region_code: str, state: str = "") -> QuerySet[Submission]:
    rows = Submission.objects.visible_to(officer).filter(in_region(region_code))
    rows = rows.filter(state=state) if state else rows
    return rows.select_related("form", "household", "officer").defer("sealed", "form__xform", "form__xlsx")


def submissions_to_look_at(officer: Officer) -> QuerySet[Submission]:
    return Submission.objects.visible_to(officer).filter(state=Submission.State.TO_LOOK_AT)


def visits_of(household: Any, officer: Officer, most: int = 20) -> list[Submission]:
    """What came in about a household, newest first."""
    rows = Submission.objects.visible_to(officer).filter(household=household).select_related("form", "officer")
    return list(rows.defer("sealed", "form__xform", "form__xlsx")[:most])


def _grouped(rows: QuerySet[Assignment], today: date, by: str) -> Iterable[dict[str, Any]]:
    open_ = Q(done_at=None, excused="")
    return rows.order_by().values(by).annotate(
        all_=Count("id"), made=Count("id", filter=Q(done_at__isnull=False)),
        told=Count("id", filter=Q(done_at=None) & ~Q(excused="")), late=Count("id", filter=open_ & Q(due_on__lt=today)),
    )  # fmt: skip


def _coverage(row: dict[str, Any]) -> Coverage:
    return Coverage(row["all_"], row["made"], row["told"], row["late"])
