"""Words of the policy pages: programmes, places in the catalogue, places of an officer, marks and plans as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.desk.casework_forms import said
from khotail.desk.regions import path_of
from khotail.desk.templatetags.khotail import money, spoken
from khotail.oversight.catalogue import catalogue
from khotail.oversight.models import PolicyPlan, PolicyReview
from khotail.oversight.plan_fields import PLAN_FIELDS, WORKS
from khotail.oversight.reviews import MARKS
from khotail.register.models import Region
from khotail.rulebook.programmes import TRANSITIONS
from khotail.screening.rulebook import current
from khotail.trail.scope import in_region

Choices = list[tuple[str, Any]]


def programme_choices() -> Choices:
    return [
        ("", _("none: it gives nothing to households")),
        *((id_, spoken(each.name)) for id_, each in current().programmes.items()),
    ]


def programme_name(id_: str) -> str:
    """The programme in the reader's language; its id if the rulebook has lost it."""
    found = current().programmes.get(id_)
    return spoken(found.name) if found else id_


def place_choices() -> Choices:
    """Places in the catalogue, chapter by chapter."""
    chapters: dict[str, Choices] = {}
    for each in catalogue().values():
        chapters.setdefault(spoken(each.chapter), []).append((each.id, spoken(each.name)))
    return [("", _("none yet")), *chapters.items()]


def place_name(id_: str) -> str:
    found = catalogue().get(id_)
    return f"{spoken(found.chapter)} · {spoken(found.name)}" if found else id_


def class_name(transition: str) -> str:
    return spoken(TRANSITIONS[transition]) if transition in TRANSITIONS else _("not classified")


def class_choices(allowed: tuple[str, ...]) -> Choices:
    return said({name: TRANSITIONS[name] for name in allowed})


def own_places(officer: Officer, *levels: str) -> Choices:
    """Regions of the officer's, the own one first; of these levels only, if any is named."""
    rows = Region.objects.filter(in_region(officer.region_code, "code")).order_by("code")
    if levels:
        rows = rows.filter(level__in=levels)
    above = [digits for digits in LEVEL_DIGITS.values() if digits < len(officer.region_code)]
    below = officer.region_code[: above[-1]] if above else ""
    return [(code, path_of(code, below=below)) for code in rows.values_list("code", flat=True)]


@dataclass(frozen=True)
class Mark:
    label: str
    meaning: str
    mark: int
    note: str


def marks_of(review: PolicyReview) -> list[Mark]:
    return [
        Mark(spoken(label), spoken(meaning), getattr(review, name), getattr(review, f"{name}_note"))
        for name, (label, meaning) in MARKS.items()
    ]


def details_of(plan: PolicyPlan) -> list[tuple[str, str]]:
    """Label and value of what a plan says."""
    shown = []
    for each in PLAN_FIELDS[plan.transition]:
        value = plan.details.get(each.name)
        if value in (None, ""):
            continue
        if each.kind == "works":
            value = spoken(WORKS.get(value, value))
        elif each.kind == "cny":
            value = money(value)
        elif each.kind in ("households", "percent"):
            value = f"{Decimal(value).normalize():,f}"
        shown.append((spoken(each.label), str(value)))
    return shown
