"""Raise an issue: by anybody, through any channel, taken once however often it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.casework.deadlines import after_working_days
from khotail.casework.raising import raise_lead
from khotail.issues import routing
from khotail.issues.clock import due_to_accept
from khotail.issues.models import Issue, Move
from khotail.issues.moving import keep_files, moved, said, tell_body
from khotail.issues.problems import (
    AnswerMissing,
    AnswerWrong,
    NoBody,
    NotFound,
    PlaceWrong,
    TooMany,
    UnknownPlace,
)
from khotail.issues.receipts import new_number
from khotail.issues.sorting import suggest
from khotail.register.models import Household, Region
from khotail.register.sealed import phone_digest
from khotail.residents.models import Resident
from khotail.rulebook.routes import Route
from khotail.screening.rulebook import setting
from khotail.texts import typed

if TYPE_CHECKING:
    from khotail.issues.sorter import Suggestion

#: What one household or one phone may raise in 24 hours.
MOST_A_DAY = 10
_KEPT_SUGGESTIONS = 3
_LONGEST_ANSWER = 500
_LONGEST_CONTACT = 254


@transaction.atomic
def raise_issue(
    words: str,
    *,
    region_code: str,
    now: datetime,
    channel: str,
    by: Officer | None = None,
    resident: Resident | None = None,
    household: Household | None = None,
    route: str = "",
    latitude: object = None,
    longitude: object = None,
    place_words: str = "",
    name: str = "",
    phone: str = "",
    contact: Mapping[str, str] | None = None,
    attributes: Mapping[str, Any] | None = None,
    files: Iterable[Any] = (),
    key: str | None = None,
    consent: bool = False,
) -> Issue:
    """Raise an issue at a place and send it to the body that answers for its class.

    by         the officer who writes it down for somebody, or None
    resident   whoever raises it, if signed in to the portal
    household  whom it is about, if that is known
    route      class; left out, the suggestion decides if it is sure enough, else somebody sorts it
    contact    what a program told of whoever raised it besides: of Issue.CONTACT; kept sealed
    attributes answers to the questions of the class; None: nobody was asked, so none is missing
    key        the sender's own name for it: sent again, the issue that it became is returned
    consent    that assets may be looked up, should it quietly become a lead of casework
    Raises NotAllowed, NotFound, UnknownPlace, UnknownRoute, WordsMissing, WordsTooLong, PlaceWrong, AnswerMissing,
    AnswerWrong, TooMany, TooManyFiles, and what the documents refuse.
    """
    if key:
        known = Issue.objects.filter(key=key[:64]).first()
        if known:
            return known
    _check_sender(by, household, region_code)
    today = timezone.localdate(now)
    words = said(words)
    region_code = _place(region_code)
    _check_flood(by, resident, phone, now)
    chosen = routing.route_of(route, today, region_code) if route else None
    suggestions = suggest(words, region_code, today)[:_KEPT_SUGGESTIONS]
    sure = _sure(suggestions, today, region_code)
    taken = chosen or (routing.route_of(sure) if sure else None)
    latitude, longitude = _coordinates(latitude, longitude)
    issue = Issue.objects.create(
        number=new_number(),
        region_code=region_code,
        latitude=latitude,
        longitude=longitude,
        place_words=typed(place_words)[:200],
        words=words,
        route=taken.id if taken else "",
        route_chosen_by=by if chosen else None,
        suggested=[{"route": one.route, "confidence": one.confidence} for one in suggestions],
        attributes=answered(taken, attributes or {}, asked=bool(chosen) and attributes is not None) if taken else {},
        quiet=_is_quiet(taken, suggestions),
        channel=channel,
        resident=resident,
        household=household or (resident.person.household if resident else None),
        raised_by=by,
        raiser_name=typed(name)[:60],
        raiser_phone=phone.strip()[:20],
        phone_digest=phone_digest(phone) if phone.strip() else "",
        raiser_more=_sealable(contact or {}),
        raised_at=now,
        changed_at=now,
        key=key[:64] if key else None,
    )
    move = moved(issue, Move.Kind.RAISED, by=by, now=now, by_raiser=by is None, channel=channel)
    keep_files(issue, files, by, now, move)
    if taken:
        send(issue, taken, now=now)
        raise_quietly(issue, taken, consent=consent, now=now)
    else:
        issue.due_on = after_working_days(today, int(setting("issue_accept_days", today, region_code)))
        issue.save(update_fields=["due_on"])
    return issue


def send(issue: Issue, route: Route, *, now: datetime, by: Officer | None = None, body: Any = None) -> Move | None:
    """Send the issue to the body that answers for its class; to be sorted by hand where there is none yet."""
    today = timezone.localdate(now)
    before = issue.body
    try:
        found, level = (
            (body, routing.level_of(body))
            if body
            else routing.body_for(route.field, route.level, issue.region_code, today)
        )
    except NoBody:
        issue.state, issue.level, issue.body = Issue.State.SORTING, route.level, None
        issue.due_on = after_working_days(today, int(setting("issue_accept_days", today, issue.region_code)))
        issue.save()
        return None
    issue.body, issue.level, issue.state = found, level, Issue.State.SENT
    issue.escalated_to = ""
    issue.due_on = due_to_accept(issue, today)
    kind = Move.Kind.TRANSFERRED if before else Move.Kind.SENT
    move = moved(issue, kind, by=by, now=now, from_body=before, to_body=found, due_on=issue.due_on)
    tell_body(issue, "issue-new", now)
    return move


def raise_quietly(issue: Issue, route: Route, *, consent: bool, now: datetime) -> None:
    """A lead in casework, once, where the class speaks of trouble. Nothing of it is shown with the issue in public."""
    if not route.causes or issue.lead_id or (issue.household and issue.household.ended_on):
        return
    if len(issue.region_code) < 12 and issue.household is None:
        return  # a lead belongs to a village; whoever sorts the issue can name it
    issue.lead = raise_lead(
        issue.household, "declaration" if issue.resident_id else "hotline", route.causes, issue.words,
        by=None, now=now, region_code=issue.region_code, told_by=issue.raiser_name, consent=consent,
    )  # fmt: skip
    issue.save(update_fields=["lead"])


def answered(route: Route, given: Mapping[str, Any], *, asked: bool = True) -> dict[str, Any]:
    """The answers to the questions of a class. Raises AnswerWrong and, of somebody who was asked, AnswerMissing."""
    found: dict[str, Any] = {}
    for attribute in route.attributes:
        value = given.get(attribute.id)
        many = (
            [str(one).replace("\x00", "")[:_LONGEST_ANSWER] for one in value]
            if isinstance(value, list | tuple)
            else None
        )
        text = "" if value is None else typed(str(value))[:_LONGEST_ANSWER]
        label = {"label_zh": attribute.label.zh, "label_en": attribute.label.en}
        if not text or many == []:
            if attribute.required and asked:
                raise AnswerMissing(**label)
            continue
        known = {id_ for id_, _ in attribute.values}
        if known and not set(many if many is not None else [text]) <= known:
            raise AnswerWrong(**label)
        if attribute.kind == "number":
            try:
                known_number = Decimal(text).is_finite()
            except InvalidOperation as error:
                raise AnswerWrong(**label) from error
            if not known_number:
                raise AnswerWrong(**label)
        found[attribute.id] = many if attribute.kind == "multivaluelist" and many is not None else text
    return found


def _sure(suggestions: list[Suggestion], today: date, region_code: str) -> str:
    """The class that is sure enough to be taken without a person; "" if none is."""
    least = setting("issue_sure", today, region_code)
    return suggestions[0].route if suggestions and suggestions[0].confidence >= least else ""


def _is_quiet(route: Route | None, suggestions: list[Suggestion]) -> bool:
    """Quiet if its class is; before it has one, if any of the first two suggestions is."""
    if route:
        return route.quiet
    return any(routing.route_of(one.route).quiet for one in suggestions[:2]) or not suggestions


def _check_sender(by: Officer | None, household: Household | None, region_code: str) -> None:
    if by is None:
        return
    if not by.may(May.RAISE_ISSUES):
        raise NotAllowed
    if not region_code.startswith(by.region_code):
        raise NotFound
    if household and not Household.objects.visible_to(by).filter(pk=household.pk).exists():
        raise NotFound


def _check_flood(by: Officer | None, resident: Resident | None, phone: str, now: datetime) -> None:
    """One phone or one household does not drown the others; officers write down for many."""
    if by:
        return
    since = now - timedelta(days=1)
    recent = Issue.objects.filter(raised_at__gt=since, raised_by=None)
    if resident:
        recent = recent.filter(resident=resident)
    elif phone.strip():
        recent = recent.filter(phone_digest=phone_digest(phone))
    else:
        return  # without a phone the network address is limited, before it comes to here
    if recent.count() >= MOST_A_DAY:
        raise TooMany(most=MOST_A_DAY)


def _sealable(contact: Mapping[str, str]) -> str:
    found = {name: typed(contact[name])[:_LONGEST_CONTACT] for name in Issue.CONTACT if typed(contact.get(name, ""))}
    return json.dumps(found, ensure_ascii=False) if found else ""


def _place(region_code: str) -> str:
    code = region_code.strip()
    if not (code.isascii() and code.isdecimal()) or not Region.objects.filter(code=code).exists():
        raise UnknownPlace(code=code[:20])
    return code


def _coordinates(latitude: object, longitude: object) -> tuple[Decimal | None, Decimal | None]:
    if latitude in (None, "") or longitude in (None, ""):
        return None, None
    try:
        north, east = Decimal(str(latitude)), Decimal(str(longitude))
    except InvalidOperation as error:
        raise PlaceWrong from error
    if not (north.is_finite() and east.is_finite() and abs(north) <= 90 and abs(east) <= 180):
        raise PlaceWrong
    return round(north, 6), round(east, 6)
