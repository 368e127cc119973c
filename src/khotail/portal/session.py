"""A resident's session: beside an officer's in the same browser, and never the same thing.

An officer's sign-in is Django's; a resident's is three values of the session that only the portal reads. The session's key
changes whenever somebody comes in or goes out, so that a key which somebody saw before is worth nothing after.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from khotail.portal.chosen import SESSION as CHOSEN
from khotail.register.models import Person
from khotail.residents import people
from khotail.residents.models import Resident

_WHO, _ENDED, _UNTIL = "resident", "resident_sessions_ended", "resident_until"
_CHOICE, _CHOICE_UNTIL = "resident_choice", "resident_choice_until"
#: Somebody's own phone; and the phone or computer of an office, where the next person sits down after them.
_AT_HOME, _HELPED_IN = timedelta(hours=12), timedelta(minutes=30)
_TO_CHOOSE = timedelta(minutes=5)


def resident_of(request: HttpRequest, now: datetime) -> Resident | None:
    """Whoever is signed in, unless the session is over, was ended from elsewhere, or they may not come in any more."""
    pk = request.session.get(_WHO)
    if pk is None:
        return None
    found = people.still_in(pk, request.session[_ENDED]) if now.timestamp() < request.session[_UNTIL] else None
    if found is None:
        leave(request)
    return found


def enter(request: HttpRequest, person: Person, *, now: datetime, helped: bool, language: str) -> Resident:
    """Sign somebody in whom a code has let in. Raises Blocked, NotFound.

    helped  with a code of a cadre, so on a device that others use too
    """
    resident = people.sign_in(person, now=now, language=language)
    request.session.cycle_key()
    for name in (_CHOICE, _CHOICE_UNTIL):
        request.session.pop(name, None)
    request.session[_WHO], request.session[_ENDED] = resident.pk, resident.sessions_ended
    request.session[_UNTIL] = (now + (_HELPED_IN if helped else _AT_HOME)).timestamp()
    return resident


def leave(request: HttpRequest) -> None:
    """Sign out of this browser; an officer who is signed in there stays."""
    for name in (_WHO, _ENDED, _UNTIL, _CHOICE, _CHOICE_UNTIL, CHOSEN):
        request.session.pop(name, None)
    request.session.cycle_key()


def offer_choice(request: HttpRequest, persons: list[Person], *, now: datetime, helped: bool) -> None:
    """Several share the phone: which of them it is, is asked on the next page, within minutes and in this session only."""
    request.session.cycle_key()
    request.session[_CHOICE] = {"persons": [person.pk for person in persons], "helped": helped}
    request.session[_CHOICE_UNTIL] = (now + _TO_CHOOSE).timestamp()


def choice(request: HttpRequest, now: datetime) -> tuple[list[Person], bool]:
    """Whom a code has let in and who has not said yet who they are, and whether a cadre's code it was."""
    offered = request.session.get(_CHOICE)
    if not offered or now.timestamp() >= request.session.get(_CHOICE_UNTIL, 0):
        return [], False
    return list(Person.objects.filter(pk__in=offered["persons"]).order_by("id")), offered["helped"]
