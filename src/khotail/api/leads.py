"""Leads: list, raise, take into a case, dismiss."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Region, Words, chosen, listed, one, within
from khotail.casework import actions
from khotail.casework.models import Lead
from khotail.facts.masking import masked_text
from khotail.register.models import Household

router = Router(tags=["leads"])


class LeadLine(Schema):
    """What was heard, and what came of it. Numbers of persons in the words are masked."""

    id: int
    household_id: int | None
    region_code: str
    channel: str
    causes: list[str]
    words: str
    told_by: str
    consent: bool
    signal_id: int | None
    raised_at: datetime
    due_on: date
    escalated_to: str
    state: str
    case_id: int | None
    reason: str


class Heard(Schema):
    """A lead to raise. Without a household, `region_code` says where."""

    household_id: Id | None = None
    region_code: Annotated[Words, Field(max_length=12)] = ""
    channel: Words
    causes: list[Words] = Field(default_factory=list, max_length=50)
    words: Words
    told_by: Words = ""
    consent: bool = False


class Because(Schema):
    reason: Words


class Raised(Schema):
    """The lead that was raised, and the day by which it is to be verified."""

    id: int
    due_on: date


class Taken(Schema):
    case_id: int


@router.get("", response=Listed[LeadLine], summary="Leads of a region")
def leads(
    request: HttpRequest, limit: Limit, after: After, region: Region,
    state: Annotated[Words, Query("open", description="`open`, `taken`, `dismissed` or `all`")],
    channel: Annotated[Words, Query("")], late: bool = False,
) -> Any:  # fmt: skip
    officer = caller(request, May.SEE_CASES)
    rows = Lead.objects.visible_to(officer).in_region(within(officer, region))
    if chosen(state, [*Lead.State.values, "all"]) != "all":
        rows = rows.filter(state=state)
    if channel:
        rows = rows.filter(channel=chosen(channel, Lead.Channel.values))
    if late:
        rows = rows.filter(state=Lead.State.OPEN, due_on__lt=timezone.localdate())
    return listed(rows, after, limit, lead_line)


@router.post("", response={201: Raised}, summary="Raise a lead")
def raise_lead(request: HttpRequest, sent: Heard) -> Any:
    officer = caller(request, May.RAISE_LEADS)
    home = None
    if sent.household_id is not None:
        require(officer, May.SEE_REGISTER)
        home = one(Household.objects.visible_to(officer), sent.household_id)
    lead = actions.raise_lead(
        home, sent.channel, sent.causes, sent.words, by=officer, now=timezone.now(), region_code=sent.region_code,
        told_by=sent.told_by, consent=sent.consent,
    )  # fmt: skip
    return Status(201, {"id": lead.pk, "due_on": lead.due_on})


@router.get("/{id}", response=LeadLine, summary="One lead")
def lead(request: HttpRequest, id: Id) -> Any:
    return lead_line(_seen(caller(request, May.SEE_CASES), id))


@router.post("/{id}/take", response=Taken, summary="Take a lead into a case")
def take(request: HttpRequest, id: Id) -> Any:
    officer = caller(request, May.SEE_CASES)
    return {"case_id": actions.open_case(_seen(officer, id), officer, timezone.now()).pk}


@router.post("/{id}/dismiss", response=LeadLine, summary="Say that a lead is not confirmed, and why")
def dismiss(request: HttpRequest, id: Id, sent: Because) -> Any:
    officer = caller(request, May.SEE_CASES)
    return lead_line(actions.dismiss_lead(_seen(officer, id), sent.reason, officer, timezone.now()))


def _seen(officer: Officer, id_: int) -> Lead:
    found: Lead = one(Lead.objects.visible_to(officer), id_)
    return found


def lead_line(lead: Lead) -> dict[str, Any]:
    names = (
        "household_id", "region_code", "channel", "causes", "told_by", "consent", "raised_at", "due_on", "escalated_to",
        "state", "case_id",
    )  # fmt: skip
    return {"id": lead.pk, "signal_id": lead.finding_id} | {name: getattr(lead, name) for name in names} | {
        "words": masked_text(lead.words), "reason": masked_text(lead.reason),
    }  # fmt: skip
