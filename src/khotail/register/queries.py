"""Reads of the register: search, the region tree, one household with everything that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404

from khotail.accounts.models import Officer
from khotail.facts.schema import TABLES
from khotail.register.known import Row, known
from khotail.register.models import Document, Household, Person, Region, Statement
from khotail.register.searching import Hit, search
from khotail.trail.models import Event
from khotail.trail.scope import in_region

__all__ = ["Hit", "HouseholdPage", "Moment", "children", "household_page", "search", "timeline"]

GUARANTEES = (
    "dangerous_house",
    "house_grade",
    "has_dropout",
    "has_uninsured",
    "safe_water",
    "has_electricity",
    "has_sanitary_toilet",
    "paved_access_road",
)
#: column → the value that is good news; a house grade is good from A to B
_GOOD = {"dangerous_house": False, "has_dropout": False, "has_uninsured": False}
INCOME_COLUMNS = ("wage_cny", "business_cny", "property_cny", "transfer_cny", "cost_cny")


@dataclass(frozen=True)
class Member:
    """A member and what else is known of them: column → value, ID and phone left out."""

    person: Person
    values: dict[str, Any]


@dataclass(frozen=True)
class IncomeYear:
    year: int
    amounts: dict[str, float]
    per_capita_cny: float | None


@dataclass(frozen=True)
class Guarantee:
    """One guarantee as it is known: the column, its value, whether it holds (None: not known), who says so."""

    column: str
    zh: str
    en: str
    value: Any
    holds: bool | None
    said_by: Statement | None


@dataclass
class HouseholdPage:
    household: Household
    members: list[Member] = field(default_factory=list)
    gone: list[Member] = field(default_factory=list)
    incomes: list[IncomeYear] = field(default_factory=list)
    guarantees: list[Guarantee] = field(default_factory=list)
    facts: dict[str, list[Row]] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    on: date | None = None


@dataclass(frozen=True)
class Moment:
    """One line of a household's timeline: a statement or an event."""

    at: datetime
    kind: str  # statement | event
    what: str  # fact table, or the event's verb
    person: Person | None
    who: str
    source: str
    as_of: date | None
    values: dict[str, Any]


def household_page(officer: Officer, household_id: int, on: date | None = None) -> HouseholdPage:
    """Everything that is known of a household, today or as it was known on a day. Four queries, however much it is.

    Raises Http404 where the officer may not see it.
    """
    rows = Household.objects.visible_to(officer).select_related("helper", "successor")
    household = get_object_or_404(rows, pk=household_id)
    facts = known(household, on=on)
    page = HouseholdPage(household, facts=facts, on=on)
    said = {row.person_id: row for row in facts.get("persons", [])}
    for person in household.members.order_by("id"):
        if on is not None and person.pk not in said:
            continue
        values = {name: value for name, value in (said[person.pk].values if person.pk in said else {}).items()}
        for column in TABLES["persons"].columns:
            if column.personal:
                values.pop(column.name, None)
        left = person.left_on is not None and (on is None or person.left_on <= on)
        (page.gone if left else page.members).append(Member(person, values))
    page.members.sort(key=lambda member: (member.person.relation != "户主", member.person.pk))
    page.incomes = _incomes(facts.get("incomes", []), len(page.members))
    page.guarantees = _guarantees(facts)
    page.documents = list(household.documents.select_related("added_by").order_by("-id")[:200])
    return page


def timeline(household: Household, offset: int = 0, limit: int = 50) -> tuple[list[Moment], bool]:
    """What was stated and done about a household, newest first, and whether there is more. Three queries.

    ID, phone and bank numbers are left out of the values.
    """
    wanted = offset + limit + 1
    told = household.statements.select_related("recorded_by", "person").defer("person__id_number", "person__phone")
    statements = told.order_by("-recorded_at", "-id")[:wanted]
    people = dict(household.members.values_list("id", "number"))
    about = Q(subject_kind="household", subject_id=str(household.pk)) | Q(
        subject_kind="person", subject_id__in=[str(pk) for pk in people]
    )
    events = Event.objects.filter(about).order_by("-id")[:wanted]
    moments = [_statement_moment(statement) for statement in statements]
    moments += [
        Moment(event.at, "event", event.verb, None, event.actor_name, "", None, event.details) for event in events
    ]
    moments.sort(key=lambda moment: moment.at, reverse=True)
    return moments[offset : offset + limit], len(moments) > offset + limit


def children(officer: Officer, code: str) -> list[tuple[Region, int, int]]:
    """The regions directly below `code` with households and monitored households in each. Two queries.

    `code` lies in the officer's region or above it; above it only the way down is shown.
    """
    if code.startswith(officer.region_code):
        regions = list(Region.objects.filter(parent_id=code) if code else Region.objects.filter(parent=None))
    else:
        regions = []
    if not regions:
        return []
    digits = len(regions[0].code)
    counted: dict[str, list[int]] = {}
    rows = (
        Household.objects.visible_to(officer)
        .filter(in_region(code), ended_on=None)
        .values("region_code")
        .annotate(all=Count("id"), monitored=Count("id", filter=MONITORED))
        .order_by()
    )
    for row in rows:
        sums = counted.setdefault(row["region_code"][:digits], [0, 0])
        sums[0] += row["all"]
        sums[1] += row["monitored"]
    return [(region, *counted.get(region.code, [0, 0])) for region in regions]


#: Households that are monitored now: in a category, and the risk not resolved.
MONITORED = Q(risk_resolved=False) & ~Q(monitored_type="")


def villages_of(officer: Officer) -> Sequence[Region]:
    """The villages in the officer's region, in code order."""
    return Region.objects.filter(in_region(officer.region_code, "code"), level="village").order_by("code")


def _statement_moment(statement: Statement) -> Moment:
    table = TABLES[statement.table]
    values = {
        column.name: statement.values[column.name]
        for column in table.columns
        if column.name in statement.values and not column.personal
    }
    who = statement.recorded_by.full_name if statement.recorded_by else ""
    return Moment(
        statement.recorded_at, "statement", statement.table, statement.person, who, statement.source, statement.as_of,
        values,
    )  # fmt: skip


def _incomes(rows: list[Row], size: int) -> list[IncomeYear]:
    years = []
    for row in rows:
        year = row.values.get("income_year")
        amounts = {name: row.values[name] for name in INCOME_COLUMNS if row.values.get(name) is not None}
        if year is None or not amounts:
            continue
        members = row.values.get("members") or size
        net = sum(value for name, value in amounts.items() if name != "cost_cny") - amounts.get("cost_cny", 0)
        years.append(IncomeYear(year, amounts, round(net / members, 2) if members else None))
    return sorted(years, key=lambda one: one.year)


def _guarantees(facts: dict[str, list[Row]]) -> list[Guarantee]:
    own = facts["households"][0] if facts.get("households") else Row(None)
    found = []
    for name in GUARANTEES:
        column = TABLES["households"].column(name)
        value = own.values.get(name)
        if value is None:
            holds = None
        elif name == "house_grade":
            holds = value in ("A", "B")
        else:
            holds = value == _GOOD.get(name, True)
        found.append(Guarantee(name, column.zh, column.en, value, holds, own.said_by.get(name)))
    return found
