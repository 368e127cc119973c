"""What officers do with an issue: sort it, take it up, pass it on with whose it is, stop the clock, resolve it with proof."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.issues import routing
from khotail.issues.clock import due_to_resolve, working_days_between
from khotail.issues.matters import notice_recurrence
from khotail.issues.models import Body, Issue, Move
from khotail.issues.moving import (
    check_state,
    check_works_for,
    held,
    keep_files,
    moved,
    said,
    works_for,
)
from khotail.issues.problems import (
    BodyElsewhere,
    BodyEnded,
    CannotMerge,
    NotYourBody,
    ProofMissing,
    ReasonMissing,
    TooLong,
    WordsMissing,
)
from khotail.issues.raising import raise_quietly, send
from khotail.issues.sorting import forget
from khotail.issues.telling import tell_raiser

_State = Issue.State
_WITH_BODY = (_State.SENT, _State.ACCEPTED, _State.PAUSED)
_OPEN = (_State.SORTING, *_WITH_BODY)


@transaction.atomic
def sort(issue: Issue, route: str, *, by: Officer, now: datetime, region_code: str = "", words: str = "") -> Issue:
    """Give the issue its class, and send it to the body that answers for it. Corrects the suggestion for the next time.

    region_code  the exact place, if it was raised less exactly
    Raises NotAllowed, NotFound, WrongState, UnknownRoute, BodyElsewhere.
    """
    issue = held(issue, by)
    if not (by.may(May.SORT_ISSUES) or works_for(by, issue)):
        raise NotAllowed
    check_state(issue, _State.SORTING, _State.SENT)
    today = timezone.localdate(now)
    if region_code:
        if not region_code.startswith(issue.region_code):
            raise BodyElsewhere(body=region_code)
        issue.region_code = region_code
    chosen = routing.route_of(route, today, issue.region_code)
    before, issue.route, issue.route_chosen_by, issue.quiet = issue.route, chosen.id, by, chosen.quiet
    if issue.quiet:
        issue.public_words, issue.published_at = "", None
    moved(issue, Move.Kind.SORTED, by=by, now=now, words=said(words, required=False), before=before, after=chosen.id)
    if before != chosen.id or issue.body is None:
        send(issue, chosen, now=now, by=by)
        raise_quietly(issue, chosen, consent=False, now=now)
    transaction.on_commit(forget)
    return issue


@transaction.atomic
def accept(issue: Issue, *, by: Officer, now: datetime, public_words: str = "") -> Issue:
    """Say that it is ours: from now on the clock of its class counts. Raises NotFound, NotAllowed, NotYourBody, WrongState."""
    issue = held(issue, by)
    check_works_for(by, issue)
    check_state(issue, _State.SENT)
    issue.state, issue.accepted_at = _State.ACCEPTED, now
    if issue.escalated_to and by.level != issue.escalated_to:  # whoever watches it may go on, if they took it up
        issue.escalated_to = ""
    issue.due_on = due_to_resolve(issue, timezone.localdate(issue.raised_at))
    moved(
        issue, Move.Kind.ACCEPTED, by=by, now=now, public_words=said(public_words, required=False), due_on=issue.due_on
    )
    notice_recurrence(issue, now)
    tell_raiser(issue, "accepted")
    return issue


@transaction.atomic
def transfer(issue: Issue, to_body: Body, words: str, *, by: Officer, now: datetime) -> Issue:
    """Pass it on: not ours, and this is whose it is. The raiser reads both. Its clock runs on.

    Raises NotFound, NotAllowed, NotYourBody, WrongState, ReasonMissing, BodyEnded, BodyElsewhere.
    """
    issue = held(issue, by)
    if not by.may(May.SORT_ISSUES):
        check_works_for(by, issue)
    check_state(issue, *_OPEN)
    today = timezone.localdate(now)
    to_body = Body.objects.get(pk=to_body.pk)  # the page that named it may be old
    if to_body.ended_on and to_body.ended_on <= today:
        raise BodyEnded(body=to_body.name, on=to_body.ended_on)
    if not issue.region_code.startswith(to_body.region_code):
        raise BodyElsewhere(body=to_body.name)
    if issue.route == "":
        raise WordsMissing
    reason = _reason(words)
    _run_clock(issue, now)
    move = send(issue, routing.route_of(issue.route), now=now, by=by, body=to_body)
    if move:
        move.public_words = reason
        move.save(update_fields=["public_words"])
    return issue


@transaction.atomic
def send_back(issue: Issue, words: str, *, by: Officer, now: datetime) -> Issue:
    """Not ours, and we do not know whose: back to be sorted, with the reason. Raises as `accept`, and ReasonMissing."""
    issue = held(issue, by)
    check_works_for(by, issue)
    check_state(issue, *_WITH_BODY)
    _run_clock(issue, now)
    before, reason = issue.body, _reason(words)
    issue.state, issue.body, issue.escalated_to = _State.SORTING, None, ""
    moved(issue, Move.Kind.RETURNED, by=by, now=now, public_words=reason, from_body=before)
    return issue


@transaction.atomic
def pause(issue: Issue, words: str, *, by: Officer, now: datetime) -> Issue:
    """Stop the clock, for a reason that the raiser reads. Raises as `accept`, and ReasonMissing."""
    issue = held(issue, by)
    check_works_for(by, issue)
    check_state(issue, _State.ACCEPTED)
    reason = _reason(words)
    issue.state, issue.paused_on = _State.PAUSED, timezone.localdate(now)
    moved(issue, Move.Kind.PAUSED, by=by, now=now, public_words=reason)
    return issue


@transaction.atomic
def resume(issue: Issue, *, by: Officer, now: datetime) -> Issue:
    """Let the clock run again; the days it stood are added. Raises as `accept`."""
    issue = held(issue, by)
    check_works_for(by, issue)
    check_state(issue, _State.PAUSED)
    _run_clock(issue, now)
    moved(issue, Move.Kind.RESUMED, by=by, now=now, due_on=issue.due_on)
    return issue


@transaction.atomic
def extend(issue: Issue, days: int, words: str, *, by: Officer, now: datetime) -> Issue:
    """Put the deadline off, once. Raises as `accept`, ReasonMissing, TooLong."""
    issue = held(issue, by)
    check_works_for(by, issue)
    check_state(issue, _State.ACCEPTED)
    today = timezone.localdate(now)
    most = routing.days(routing.route_of(issue.route).extend_days, today, issue.region_code)
    if issue.extended_days or not 0 < days <= most:
        raise TooLong(most=most)
    reason = _reason(words)
    issue.extended_days = days
    issue.due_on = due_to_resolve(issue, timezone.localdate(issue.raised_at))
    moved(issue, Move.Kind.EXTENDED, by=by, now=now, public_words=reason, due_on=issue.due_on, days=days)
    tell_raiser(issue, "extended")
    return issue


@transaction.atomic
def resolve(
    issue: Issue, words: str, *, by: Officer, now: datetime, public_words: str = "", files: Iterable[Any] = ()
) -> Issue:
    """Say that it is resolved, with proof: a picture or paper, or words why there is none.

    words         what was done, for those inside
    public_words  what was done, for everybody; the raiser reads it
    Raises as `accept`, WordsMissing, ProofMissing.
    """
    issue = held(issue, by)
    check_works_for(by, issue)
    check_state(issue, _State.ACCEPTED, _State.PAUSED)
    found, told = list(files), said(public_words)
    inside = said(words, required=False)
    if not found and not inside:
        raise ProofMissing
    _run_clock(issue, now)
    issue.state, issue.resolved_at, issue.escalated_to = _State.RESOLVED, now, ""
    issue.due_on = None
    move = moved(issue, Move.Kind.RESOLVED, by=by, now=now, words=inside, public_words=told)
    keep_files(issue, found, by, now, move)
    tell_raiser(issue, "resolved")
    return issue


@transaction.atomic
def close_unresolved(issue: Issue, words: str, *, by: Officer, now: datetime) -> Issue:
    """Close it without claiming a remedy, and say why: it cannot be done, or it is not what the office may do.

    Raises as `accept`, ReasonMissing.
    """
    issue = held(issue, by)
    check_works_for(by, issue)
    check_state(issue, _State.ACCEPTED, _State.PAUSED)
    reason = _reason(words)
    issue.state, issue.closed_at, issue.due_on, issue.escalated_to = _State.NOT_RESOLVED, now, None, ""
    moved(issue, Move.Kind.CLOSED, by=by, now=now, public_words=reason)
    tell_raiser(issue, "closed")
    return issue


@transaction.atomic
def merge(issue: Issue, into: Issue, *, by: Officer, now: datetime) -> Issue:
    """Join it to another that says the same; whoever raised either follows the other from now on.

    Raises NotAllowed, NotFound, WrongState, CannotMerge.
    """
    if not by.may(May.SORT_ISSUES):
        raise NotAllowed
    issue, into = held(issue, by), held(into, by)
    check_state(issue, *_OPEN)
    fits = into.pk != issue.pk and into.state not in Issue.CLOSED and into.quiet == issue.quiet
    if not fits or into.region_code[:6] != issue.region_code[:6] or into.duplicate_of_id:
        raise CannotMerge
    issue.state, issue.duplicate_of, issue.closed_at, issue.due_on = _State.MERGED, into, now, None
    moved(issue, Move.Kind.MERGED, by=by, now=now, into=into.pk)
    return issue


@transaction.atomic
def say(issue: Issue, words: str, *, by: Officer, now: datetime, to_raiser: bool) -> Move:
    """Add a message: for those inside, or for whoever raised it. Raises NotFound, NotYourBody, WordsMissing."""
    issue = held(issue, by)
    if not (by.may(May.SORT_ISSUES) or works_for(by, issue)):
        raise NotYourBody(body=issue.body.name if issue.body else "—")
    text = said(words)
    return moved(
        issue, Move.Kind.SAID, by=by, now=now, words="" if to_raiser else text, public_words=text if to_raiser else ""
    )


def _run_clock(issue: Issue, now: datetime) -> None:
    """If the clock stands, let it run again and add the days that it stood."""
    if issue.state != _State.PAUSED or issue.paused_on is None:
        return
    issue.paused_days += working_days_between(issue.paused_on, timezone.localdate(now))
    issue.paused_on, issue.state = None, _State.ACCEPTED
    issue.due_on = due_to_resolve(issue, timezone.localdate(issue.raised_at))


def _reason(words: str) -> str:
    text = said(words, required=False)
    if not text:
        raise ReasonMissing
    return text
