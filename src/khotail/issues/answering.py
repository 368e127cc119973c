"""What whoever raised an issue says of its closing: it holds, or it does not and goes one level up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.casework.actors import next_level
from khotail.issues.clock import due_to_accept
from khotail.issues.models import Body, Issue, Move
from khotail.issues.moving import check_state, held, keep_files, moved, said, tell_body
from khotail.issues.problems import NoBody, ReasonMissing, SatisfactionWrong
from khotail.issues.receipts import Raiser, check_raiser
from khotail.issues.routing import body_for, level_of, route_of
from khotail.rulebook.procedures import LEVELS

_State = Issue.State


@transaction.atomic
def confirm(issue: Issue, satisfied: int, *, raiser: Raiser, now: datetime, words: str = "") -> Issue:
    """It is resolved, and this is how content I am: 1 not at all … 5 very. Raises NotTheRaiser, WrongState."""
    check_raiser(issue, raiser)
    issue = held(issue)
    check_state(issue, _State.RESOLVED, _State.NOT_RESOLVED)
    if satisfied not in range(1, 6):
        raise SatisfactionWrong
    issue.satisfied = satisfied
    if issue.state == _State.RESOLVED:
        issue.state, issue.closed_at = _State.CONFIRMED, now
    moved(
        issue, Move.Kind.CONFIRMED, by=raiser.officer, now=now, by_raiser=True, words=said(words, required=False),
        satisfied=satisfied,
    )  # fmt: skip
    return issue


@transaction.atomic
def reopen(issue: Issue, words: str, *, raiser: Raiser, now: datetime, files: Iterable[Any] = ()) -> Issue:
    """It is not resolved: the next level up takes it. Raises NotTheRaiser, WrongState, ReasonMissing."""
    check_raiser(issue, raiser)
    issue = held(issue)
    check_state(issue, _State.RESOLVED, _State.NOT_RESOLVED, _State.CONFIRMED)
    reason = said(words, required=False)
    if not reason:
        raise ReasonMissing
    move = _back(issue, reason, by=raiser.officer, by_raiser=True, now=now)
    keep_files(issue, files, raiser.officer, now, move)
    return issue


@transaction.atomic
def say_more(issue: Issue, words: str, *, raiser: Raiser, now: datetime, files: Iterable[Any] = ()) -> Move:
    """The raiser adds something. Raises NotTheRaiser, WordsMissing."""
    check_raiser(issue, raiser)
    issue = held(issue)
    move = moved(issue, Move.Kind.SAID, by=raiser.officer, now=now, by_raiser=True, words=said(words))
    keep_files(issue, files, raiser.officer, now, move)
    return move


def reopened_by_check(issue: Issue, words: str, by: Any, now: datetime) -> None:
    """The supervision committee found that a closing does not hold."""
    _back(issue, words, by=by, by_raiser=False, now=now)


def _back(issue: Issue, words: str, *, by: Any, by_raiser: bool, now: datetime) -> Move:
    """Send it one level up from where it was closed; at the top, back to the same body."""
    today, before = timezone.localdate(now), issue.body
    body, level = _above(issue, before, today)
    issue.state, issue.body, issue.level = _State.SENT, body, level
    issue.reopened += 1
    issue.closed_at = issue.resolved_at = issue.satisfied = None
    issue.escalated_to = ""
    issue.due_on = due_to_accept(issue, today)
    move = moved(
        issue, Move.Kind.REOPENED, by=by, now=now, by_raiser=by_raiser, words=words, from_body=before, to_body=body,
        due_on=issue.due_on,
    )  # fmt: skip
    tell_body(issue, "issue-reopened", now)
    return move


def _above(issue: Issue, before: Body | None, today: Any) -> tuple[Body | None, str]:
    here = level_of(before) if before else issue.level or next(iter(LEVELS))
    above = next_level(here, issue.region_code)
    if above is None:
        return before, here
    try:
        return body_for(route_of(issue.route).field, above, issue.region_code, today)
    except NoBody:
        return before, here
