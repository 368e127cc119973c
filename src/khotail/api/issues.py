"""Issues: list, one with its history, raise one for somebody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Region, Words, chosen, listed, one, within
from khotail.facts.masking import masked_text
from khotail.issues.allowed import deeds_of
from khotail.issues.models import Issue, Move
from khotail.issues.queries import OPEN_STATES
from khotail.issues.raising import raise_issue
from khotail.issues.receipts import receipt_of
from khotail.register.models import Household

router = Router(tags=["issues"])

_WAITING = (Issue.State.SORTING, *OPEN_STATES)
#: How a program that writes for officers may have heard of an issue; the other channels come by themselves.
_CHANNELS = (Issue.Channel.CADRE, Issue.Channel.PHONE, Issue.Channel.PAPER)


class IssueLine(Schema):
    """What was raised, with whom it lies, until when. Numbers of persons in the words are masked; who raised it is not told."""

    id: int
    number: str
    region_code: str
    place_words: str
    latitude: float | None
    longitude: float | None
    words: str
    public_words: str
    route: str
    quiet: bool
    state: str
    level: str
    body: str
    channel: str
    escalated_to: str
    raised_at: datetime
    due_on: date | None
    accepted_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    satisfied: int | None


class MoveLine(Schema):
    kind: str
    at: datetime
    by_raiser: bool
    from_body: str
    to_body: str
    words: str
    public_words: str
    due_on: date | None


class IssueWhole(IssueLine):
    """`suggested`: the first classes with their confidence, as they were when it was raised. `may`: what you may do now."""

    suggested: list[dict[str, Any]]
    attributes: dict[str, Any]
    moves: list[MoveLine]
    may: list[str]


class Said(Schema):
    """An issue to raise. Without `route` the words decide if they are clear enough, else somebody sorts it."""

    region_code: Annotated[Words, Field(max_length=12)]
    words: Words
    channel: Words = "phone"
    route: Annotated[Words, Field(max_length=60)] = ""
    household_id: Id | None = None
    place_words: Words = ""
    latitude: float | None = None
    longitude: float | None = None
    name: Words = ""
    phone: Words = ""
    attributes: dict[Words, Any] = Field(default_factory=dict, max_length=50)
    key: Annotated[Words, Field(max_length=40)] = ""
    consent: bool = False


class Receipt(Schema):
    """`receipt` is for whoever raised it: with it they follow the issue, confirm it and reopen it."""

    id: int
    number: str
    receipt: str
    state: str
    due_on: date | None


@router.get("", response=Listed[IssueLine], summary="Issues of a region")
def issues(
    request: HttpRequest, limit: Limit, after: After, region: Region,
    state: Annotated[Words, Query("open", description="a state, `open` for all that are not done, or `all`")],
    route: Annotated[Words, Query("", max_length=60)], channel: Annotated[Words, Query("")],
    late: bool = False,
) -> Any:  # fmt: skip
    officer = _reader(request)
    rows = Issue.objects.visible_to(officer).in_region(within(officer, region)).select_related("body")
    if chosen(state, [*Issue.State.values, "open", "all"]) != "all":
        rows = rows.filter(state__in=_WAITING if state == "open" else [state])
    if route:
        rows = rows.filter(route=route)
    if channel:
        rows = rows.filter(channel=chosen(channel, Issue.Channel.values))
    if late:
        rows = rows.filter(state__in=_WAITING, due_on__lt=timezone.localdate())
    return listed(rows, after, limit, issue_line)


@router.post("", response={201: Receipt}, summary="Raise an issue for somebody")
def raise_one(request: HttpRequest, sent: Said) -> Any:
    officer = caller(request, May.RAISE_ISSUES)
    home = None
    if sent.household_id is not None:
        require(officer, May.SEE_REGISTER)
        home = one(Household.objects.visible_to(officer), sent.household_id)
    issue = raise_issue(
        sent.words, region_code=sent.region_code, now=timezone.now(), channel=chosen(sent.channel, _CHANNELS), by=officer,
        household=home, route=sent.route, latitude=sent.latitude, longitude=sent.longitude, place_words=sent.place_words,
        name=sent.name, phone=sent.phone, attributes=sent.attributes, consent=sent.consent,
        key=f"api-{officer.pk}-{sent.key}" if sent.key else None,
    )  # fmt: skip
    return Status(201, {"receipt": receipt_of(issue), "id": issue.pk} | _named(issue, ("number", "state", "due_on")))


@router.get("/{id}", response=IssueWhole, summary="One issue with its history")
def issue(request: HttpRequest, id: Id) -> Any:
    officer = _reader(request)
    found: Issue = one(Issue.objects.visible_to(officer).select_related("body"), id)
    moves = found.moves.select_related("from_body", "to_body")
    return issue_line(found) | {
        "suggested": found.suggested,
        "attributes": found.attributes,
        "moves": [_move_line(move) for move in moves],
        "may": sorted(deeds_of(officer, found, timezone.localdate())),
    }


def issue_line(issue: Issue) -> dict[str, Any]:
    names = (
        "number", "region_code", "latitude", "longitude", "route", "quiet", "state", "level", "channel", "escalated_to",
        "raised_at", "due_on", "accepted_at", "resolved_at", "closed_at", "reopened", "satisfied",
    )  # fmt: skip
    return _named(issue, names) | {
        "id": issue.pk,
        "body": issue.body.name if issue.body else "",
        "words": masked_text(issue.words),
        "place_words": masked_text(issue.place_words),
        "public_words": issue.public_words,
    }


def _move_line(move: Move) -> dict[str, Any]:
    return _named(move, ("kind", "at", "by_raiser", "due_on")) | {
        "from_body": move.from_body.name if move.from_body else "",
        "to_body": move.to_body.name if move.to_body else "",
        "words": masked_text(move.words),
        "public_words": masked_text(move.public_words),
    }


def _named(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _reader(request: HttpRequest) -> Officer:
    """Whoever sees issues, or wrote some down: the scope leaves them their own."""
    officer = caller(request)
    if not (officer.may(May.SEE_ISSUES) or officer.may(May.RAISE_ISSUES)):
        raise NotAllowed
    return officer
