"""The health of industries: scores with their reasons, what is weak where, and what an upgrade changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from khotail.accounts.models import Officer
from khotail.funds.allowed import a_year, check_keeps, past_day, words
from khotail.funds.models import HealthCard, Project, Upgrade, YearFigures
from khotail.funds.problems import AmountWrong, NotIndustry, ScoreWrong
from khotail.texts import Text
from khotail.trail.chain import record as record_event

#: Scores from 1 (lacking) to 5 (strong); up to this one a field is weak, and somebody says why.
WEAK = 2
FIELDS: dict[str, Text] = {
    "technology": Text("技术", "technology"), "facilities": Text("设施", "facilities"),
    "marketing": Text("营销", "marketing"), "talent": Text("人才", "talent"),
}  # fmt: skip
_WHAT = Text("提档升级内容", "what was upgraded")
_FIGURES = ("output_cny", "jobs", "households", "household_income_cny")


@transaction.atomic
def examine(
    project: Project, on: date, scores: Mapping[str, int], notes: Mapping[str, str], *, by: Officer, now: datetime
) -> HealthCard:
    """Write a health card. Raises NotAllowed, NotFound, NotYourDepartment, NotIndustry, DayWrong, ScoreWrong."""
    _check(project, by)
    values: dict[str, Any] = {}
    for name, said in FIELDS.items():
        score, note = int(scores.get(name) or 0), words(notes.get(name, ""), 200)
        if not 1 <= score <= 5 or (score <= WEAK and not note):
            raise ScoreWrong(field_zh=said.zh, field_en=said.en)
        values |= {name: score, f"{name}_note": note}
    card = HealthCard.objects.create(project=project, on=past_day(on, now), by=by, at=now, **values)
    record_event(
        by, "industry.examined", card, at=now, region_code=project.region_code, project=project.pk,
        scores={name: values[name] for name in FIELDS},
    )  # fmt: skip
    return card


@transaction.atomic
def state_year(project: Project, year: int, figures: Mapping[str, Any], *, by: Officer, now: datetime) -> YearFigures:
    """What it yielded in a year; said again, the newer figures count. Raises as `examine`, YearWrong, AmountWrong."""
    _check(project, by)
    values = {name: Decimal(str(figures[name])) for name in _FIGURES}
    for amount in values.values():
        if not amount.is_finite() or amount < 0:
            raise AmountWrong(amount=amount)
    wanted = {name: int(amount) if name in ("jobs", "households") else amount for name, amount in values.items()}
    before = YearFigures.objects.filter(project=project, year=year).values(*_FIGURES).first()
    row, _ = YearFigures.objects.update_or_create(
        project=project, year=a_year(year, now), defaults={**wanted, "by": by, "at": now}
    )
    record_event(
        by, "industry.year_stated", row, at=now, region_code=project.region_code, project=project.pk, year=year,
        before=before and {name: str(value) for name, value in before.items()},
        after={name: str(value) for name, value in wanted.items()},
    )  # fmt: skip
    return row


@transaction.atomic
def upgrade(
    project: Project, year: int, what: str, *, by: Officer, now: datetime, before: str = "", after: str = ""
) -> Upgrade:
    """Something was upgraded. Raises as `examine`, YearWrong, WordsMissing."""
    _check(project, by)
    row = Upgrade.objects.create(
        project=project, year=a_year(year, now), what=words(what, 200, _WHAT), grade_before=words(before, 40),
        grade_after=words(after, 40), by=by, at=now,
    )  # fmt: skip
    record_event(by, "industry.upgraded", row, at=now, region_code=project.region_code, project=project.pk, year=year)
    return row


@dataclass(frozen=True)
class Effect:
    """An upgrade with the figures of the last year before it and of the newest year from it on; None: not stated."""

    upgrade: Upgrade
    before: YearFigures | None
    after: YearFigures | None

    @property
    def rows(self) -> list[YearFigures]:
        return [row for row in (self.before, self.after) if row]


def effects(project: Project) -> list[Effect]:
    years = list(project.figures.order_by("year"))
    return [
        Effect(
            each,
            next((row for row in reversed(years) if row.year < each.year), None),
            next((row for row in reversed(years) if row.year >= each.year), None),
        )
        for each in project.upgrades.order_by("year", "id")
    ]


@dataclass(frozen=True)
class Weakness:
    """A weak field of one project: score and reason of its newest card."""

    project: Project
    field: str
    score: int
    note: str
    on: date

    @property
    def name(self) -> Text:
        return FIELDS[self.field]


def weak_points(projects: Iterable[Project]) -> list[Weakness]:
    """Weak fields of these projects, the weakest first. `projects` come from `with_newest_card`."""
    found = []
    for project in projects:
        card = project.newest
        for name in FIELDS if card else ():
            score = getattr(card, name)
            if score <= WEAK:
                found.append(Weakness(project, name, score, getattr(card, f"{name}_note"), card.on))
    return sorted(found, key=lambda each: (each.score, each.field, each.project.number))


def with_newest_card(projects: Any) -> list[Any]:
    """Industry projects, each with its newest card as `newest` (None: never examined); two queries."""
    newest = HealthCard.objects.filter(project=OuterRef("pk")).order_by("-on", "-id").values("pk")[:1]
    rows = list(projects.filter(kind=Project.Kind.INDUSTRY).annotate(newest_card=Subquery(newest)))
    cards = HealthCard.objects.in_bulk([each.newest_card for each in rows if each.newest_card])
    for each in rows:
        each.newest = cards.get(each.newest_card)
    return rows


def _check(project: Project, by: Officer) -> None:
    check_keeps(by, project)
    if project.kind != Project.Kind.INDUSTRY:
        raise NotIndustry
