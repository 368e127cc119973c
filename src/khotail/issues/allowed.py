"""What an officer may do with an issue now: the same tests as the actions make, asked beforehand, for pages and programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.issues import routing
from khotail.issues.models import Issue
from khotail.issues.moving import works_for

_State = Issue.State
_WITH_BODY = (_State.SENT, _State.ACCEPTED, _State.PAUSED)
_AT_WORK = (_State.ACCEPTED, _State.PAUSED)


def deeds_of(officer: Officer, issue: Issue, today: date) -> frozenset[str]:
    """Names of the actions of `handling`, `publishing` and `answering` that would not be refused.

    issue  one that the officer can see
    """
    return frozenset(_deeds(officer, issue, today))


def most_days(issue: Issue, today: date) -> int:
    """Working days by which the deadline may be put off; 0 once it was, or where its class allows none."""
    if issue.extended_days or issue.route not in routing.known_routes():
        return 0
    return routing.days(routing.route_of(issue.route).extend_days, today, issue.region_code)


def _deeds(officer: Officer, issue: Issue, today: date) -> Iterator[str]:
    sorts, works, state = officer.may(May.SORT_ISSUES), works_for(officer, issue), issue.state
    if sorts or works:
        yield "say"
        if state in (_State.SORTING, _State.SENT):
            yield "sort"
        if issue.route and state in (_State.SORTING, *_WITH_BODY):
            yield "transfer"
    if sorts:
        if state in (_State.SORTING, *_WITH_BODY):
            yield "merge"
        if issue.route and not issue.quiet:
            yield "publish"
    if works:
        yield from _of_the_body(issue, today)
    if issue.raised_by_id == officer.pk:
        yield from _of_who_wrote_it_down(state)


def _of_the_body(issue: Issue, today: date) -> Iterator[str]:
    state = issue.state
    if state == _State.SENT:
        yield "accept"
    if state in _WITH_BODY:
        yield "send_back"
    if state == _State.ACCEPTED:
        yield "pause"
        if most_days(issue, today):
            yield "extend"
    if state == _State.PAUSED:
        yield "resume"
    if state in _AT_WORK:
        yield "resolve"
        yield "close_unresolved"


def _of_who_wrote_it_down(state: str) -> Iterator[str]:
    if state not in (_State.MERGED,):
        yield "say_more"
    if state in (_State.RESOLVED, _State.NOT_RESOLVED):
        yield "confirm"
    if state in (_State.RESOLVED, _State.NOT_RESOLVED, _State.CONFIRMED):
        yield "reopen"
