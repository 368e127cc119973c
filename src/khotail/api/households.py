"""Households: find, read as known today or on a day, follow what was stated."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Region, Words, chosen, listed, one, within
from khotail.facts.identity import masked
from khotail.facts.masking import masked_phone, masked_text
from khotail.facts.schema import MONITORED_TYPES, TABLES
from khotail.register.documents import keep
from khotail.register.models import Document, Household
from khotail.register.queries import MONITORED, HouseholdPage, Member, Moment, household_page, search, timeline

router = Router(tags=["households"])
_FURTHEST = 100_000


class HouseholdLine(Schema):
    """What stands in a list. `region_code` is the village's."""

    id: int
    number: str
    region_code: str
    head_name: str
    household_type: str
    monitored_type: str
    risk_resolved: bool
    size: int
    income_cny_per_capita: float | None
    income_year: int | None
    ended_on: date | None
    changed_at: datetime


class PersonLine(Schema):
    """A member. ID and phone numbers are masked, always."""

    id: int
    number: str
    name: str
    sex: str
    birth_date: date | None
    relation: str
    id_number: str
    phone: str
    joined_on: date | None
    left_on: date | None
    leaving: str
    values: dict[str, Any]


class DocumentLine(Schema):
    id: int
    kind: str
    title: str
    content_type: str
    size_bytes: int
    added_at: datetime


class FactLine(Schema):
    """One row of a fact table; `values` without numbers of persons. `source` and `as_of` are of the newest statement."""

    table: str
    person_id: int | None
    values: dict[str, Any]
    source: str
    as_of: date


class HouseholdFull(HouseholdLine):
    """Everything that is known, today or on the day `on`."""

    on: date | None
    phone: str
    helper_id: int | None
    ending: str
    successor_id: int | None
    members: list[PersonLine]
    gone: list[PersonLine]
    facts: list[FactLine]
    documents: list[DocumentLine]


class Found(Schema):
    """A household that was found; `by` says through what: name, initials, number, id or phone."""

    household: HouseholdLine
    person_id: int | None
    person_name: str
    by: str


class Sought(Schema):
    text: Annotated[Words, Field(max_length=200)]


class MomentLine(Schema):
    """A statement or an event. `what` is a fact table, or the event's verb."""

    at: datetime
    kind: Literal["statement", "event"]
    what: str
    person_id: int | None
    who: str
    source: str
    as_of: date | None
    values: dict[str, Any]


class Moments(Schema):
    items: list[MomentLine]
    next_offset: int | None


@router.get("", response=Listed[HouseholdLine], summary="Households of a region")
def households(
    request: HttpRequest,
    limit: Limit,
    after: After,
    region: Region,
    monitored: Annotated[
        Words, Query("", description="`any`, `no`, or a category as the register writes it, such as 边缘易致贫户")
    ],
    changed_since: datetime | None = None,
    ended: bool = False,
) -> Any:
    officer = caller(request, May.SEE_REGISTER)
    rows = Household.objects.visible_to(officer).in_region(within(officer, region)).filter(ended_on__isnull=not ended)
    if monitored:
        categories = [category for category, _en in MONITORED_TYPES]
        wanted = chosen(monitored, ["any", "no", *categories])
        rows = rows.exclude(MONITORED) if wanted == "no" else rows.filter(MONITORED)
        rows = rows.filter(monitored_type=wanted) if wanted in categories else rows
    if changed_since:
        moment = changed_since if timezone.is_aware(changed_since) else timezone.make_aware(changed_since)
        rows = rows.filter(changed_at__gte=moment)
    return listed(rows, after, limit, line)


@router.post("/search", response=list[Found], summary="Find by name, pinyin initials, household number, ID or phone")
def find(request: HttpRequest, sent: Sought) -> Any:
    """At most 50. What is looked for travels in the body: names and numbers of people do not belong into addresses."""
    hits = search(caller(request, May.SEE_REGISTER), sent.text)
    return [
        {
            "household": line(hit.household), "person_id": hit.person.pk if hit.person else None,
            "person_name": hit.person.name if hit.person else "", "by": hit.by,
        }
        for hit in hits
    ]  # fmt: skip


@router.get("/{id}", response=HouseholdFull, summary="One household, as known today or on a day")
def household(
    request: HttpRequest, id: Id, on: Annotated[date | None, Query(None, description="Leave out what came later.")]
) -> Any:
    page = household_page(caller(request, May.SEE_REGISTER), id, on)
    home = page.household
    return line(home) | {
        "on": on, "phone": masked_phone(home.phone), "helper_id": home.helper_id, "ending": home.ending,
        "successor_id": home.successor_id, "members": [_person(each) for each in page.members],
        "gone": [_person(each) for each in page.gone], "facts": _facts(page),
        "documents": [document_line(each) for each in page.documents],
    }  # fmt: skip


@router.get("/{id}/timeline", response=Moments, summary="What was stated and done, newest first")
def moments(request: HttpRequest, id: Id, limit: Limit, offset: Annotated[int, Query(0, ge=0, le=_FURTHEST)]) -> Any:
    officer = caller(request, May.SEE_REGISTER)
    found, more = timeline(one(Household.objects.visible_to(officer), id), offset, limit)
    return {"items": [_moment(each) for each in found], "next_offset": offset + len(found) if more else None}


@router.post("/{id}/documents", response={201: DocumentLine}, summary="Send a photo, scan or PDF about a household")
def send_document(
    request: HttpRequest, id: Id, file: Annotated[UploadedFile, File()], kind: Annotated[Words, Form()],
    title: Annotated[Words, Form("")],
) -> Any:  # fmt: skip
    """`kind` is one of the rulebook's kinds of evidence where the document is for a step: photo, survey, minutes …"""
    officer = caller(request)
    home = one(Household.objects.visible_to(officer), id)
    kept = keep(file, household=home, kind=kind, title=title, by=officer, now=timezone.now())
    return Status(201, document_line(kept))


def line(home: Household) -> dict[str, Any]:
    return {
        "id": home.pk, "number": home.number, "region_code": home.region_code, "head_name": home.head_name,
        "household_type": home.household_type, "monitored_type": home.monitored_type,
        "risk_resolved": home.risk_resolved, "size": home.size, "income_cny_per_capita": home.income_cny_per_capita,
        "income_year": home.income_year, "ended_on": home.ended_on, "changed_at": home.changed_at,
    }  # fmt: skip


def document_line(document: Document) -> dict[str, Any]:
    names = ("kind", "title", "content_type", "size_bytes", "added_at")
    return {"id": document.pk} | {name: getattr(document, name) for name in names}


def _person(member: Member) -> dict[str, Any]:
    person = member.person
    names = ("number", "name", "sex", "birth_date", "relation", "joined_on", "left_on", "leaving")
    return {"id": person.pk} | {name: getattr(person, name) for name in names} | {
        "id_number": masked(person.id_number), "phone": masked_phone(person.phone), "values": _unnumbered(member.values),
    }  # fmt: skip


def _facts(page: HouseholdPage) -> list[dict[str, Any]]:
    """Rows of every table but that of persons, who are members with values of their own."""
    return [
        {
            "table": table, "person_id": row.person_id, "source": row.newest.source, "as_of": row.newest.as_of,
            "values": _unnumbered({
                column.name: row.values[column.name]
                for column in TABLES[table].columns
                if column.name in row.values and not column.personal
            }),
        }
        for table, rows in page.facts.items() if table != "persons"
        for row in rows
    ]  # fmt: skip


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "at": moment.at, "kind": moment.kind, "what": moment.what,
        "person_id": moment.person.pk if moment.person else None, "who": moment.who, "source": moment.source,
        "as_of": moment.as_of, "values": _unnumbered(moment.values),
    }  # fmt: skip


def _unnumbered(values: dict[str, Any]) -> dict[str, Any]:
    """Values without numbers of persons that somebody wrote into a text."""
    return {name: masked_text(value) if isinstance(value, str) else value for name, value in values.items()}
