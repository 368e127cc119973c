"""What people record of households and their members: joining, leaving, moving, splitting, merging.

Each is a statement of today with its person and source, and an event; nothing that was stated before is changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.register.access import locked, needs, village_in_reach
from khotail.register.correcting import correct
from khotail.register.current import count_members
from khotail.register.members import NewPerson, carry_over, check_day, check_id_is_free, join, leave, say, sound
from khotail.register.models import Household, Person
from khotail.register.problems import (
    BadNumber,
    BirthAfter,
    EverybodyChosen,
    HasEnded,
    HasLeft,
    NobodyChosen,
    NotOfThisHousehold,
    NumberTaken,
    SameHousehold,
    SamePlace,
)
from khotail.trail import chain

__all__ = [
    "NewPerson",
    "add_household",
    "add_member",
    "correct",
    "end_household",
    "merge_households",
    "move_household",
    "record_leaving",
    "split_household",
    "unmask",
]

_NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")
_HEAD = "户主"


@transaction.atomic
def add_household(
    *,
    region_code: str,
    head: NewPerson,
    on: date,
    by: Officer,
    now: datetime,
    number: str = "",
    household_type: str = "普通农户",
    reason: str = "",
) -> Household:
    """Add a household with its head. `number` is given by the register where it is left empty.

    Raises NotAllowed, NoSuchVillage, OutsideYourRegion, BadNumber, NumberTaken, and what `add_member` raises.
    """
    needs(by, May.EDIT_REGISTER)
    village = village_in_reach(by, region_code)
    check_day(on, now)
    head = sound(head, on, now)
    check_id_is_free(head.id_number, by)
    household = _open_household(number, village.code, household_type, by, now)
    join(household, NewPerson(head.name, _HEAD, head.sex, head.birth_date, head.id_number, head.phone), on, by, now)
    household.refresh_from_db()
    chain.record(by, "household.added", household, at=now, on=on, number=household.number, reason=reason)
    return household


@transaction.atomic
def add_member(
    household: Household, *, person: NewPerson, how: str, on: date, by: Officer, now: datetime, reason: str = ""
) -> Person:
    """Add somebody who was born, married in or moved in. `how`: birth, marriage, move, other.

    Raises NotAllowed, OutsideYourRegion, HasEnded, NameNeeded, BadIdNumber, IdTaken, IdTakenElsewhere, BadDay, BirthAfter.
    """
    household = _living(by, household)
    check_day(on, now)
    if how == "birth" and person.birth_date is None:
        person = NewPerson(person.name, person.relation, person.sex, on, person.id_number, person.phone)
    person = sound(person, on, now)
    check_id_is_free(person.id_number, by)
    joined = join(household, person, on, by, now)
    chain.record(by, "person.joined", joined, at=now, household=household.pk, how=how, on=on, reason=reason)
    return joined


@transaction.atomic
def record_leaving(
    person: Person,
    *,
    how: str,
    on: date,
    by: Officer,
    now: datetime,
    new_head: Person | None = None,
    reason: str = "",
) -> Person:
    """Record that somebody died, moved away, married out or left otherwise (`Person.Leaving`).

    Where the head leaves, `new_head` takes over. A household that nobody is left in ends.
    Raises NotAllowed, OutsideYourRegion, HasEnded, HasLeft, BadDay, BirthAfter, NotOfThisHousehold.
    """
    household = _living(by, person.household)
    person = Person.objects.select_related("household").get(pk=person.pk)
    if person.left_on:
        raise HasLeft(day=person.left_on)
    check_day(on, now)
    if person.birth_date and on < person.birth_date:
        raise BirthAfter(day=on)
    if new_head is not None and (new_head.household_id != household.pk or new_head.left_on or new_head == person):
        raise NotOfThisHousehold(number=household.number)
    leave([person], how, on, by, now)
    if new_head is not None:
        _make_head(household, new_head, by, now)
    if not household.members.filter(left_on=None).exists():
        gone = Household.Ending.DIED_OUT if how == Person.Leaving.DIED else Household.Ending.MOVED
        _end(household, gone, on, now)
    _recount(household)
    chain.record(by, "person.left", person, at=now, household=household.pk, how=how, on=on, reason=reason)
    person.refresh_from_db()
    return person


@transaction.atomic
def move_household(
    household: Household, *, to: str, on: date, by: Officer, now: datetime, reason: str = ""
) -> Household:
    """Move a household to another village. Whoever records it works for a region that holds both.

    Raises NotAllowed, OutsideYourRegion, NoSuchVillage, SamePlace, HasEnded, BadDay.
    """
    household = _living(by, household)
    village = village_in_reach(by, to)
    if village.code == household.region_code:
        raise SamePlace(place=village.name)
    check_day(on, now)
    before = household.region_code
    say("households", [{"household_id": household.number, "region_code": village.code}], by, now)
    household.refresh_from_db()
    chain.record(by, "household.moved", household, at=now, before=before, after=village.code, on=on, reason=reason)
    return household


@transaction.atomic
def split_household(
    household: Household,
    *,
    members: Sequence[Person],
    head: Person,
    on: date,
    by: Officer,
    now: datetime,
    number: str = "",
    region_code: str = "",
    reason: str = "",
) -> Household:
    """Let `members` form a household of their own under `head`, in the same village or in `region_code`.

    Raises NotAllowed, OutsideYourRegion, NoSuchVillage, NobodyChosen, EverybodyChosen, NotOfThisHousehold, NumberTaken …
    """
    household = _living(by, household)
    village = village_in_reach(by, region_code) if region_code else None
    check_day(on, now)
    going = _present(household, members)
    if head not in going:
        raise NotOfThisHousehold(number=household.number)
    if len(going) == household.members.filter(left_on=None).count():
        raise EverybodyChosen
    place = village.code if village else household.region_code
    made = _open_household(number, place, household.household_type or "普通农户", by, now)
    leave(going, Person.Leaving.SPLIT, on, by, now)
    carry_over(going, made, {head.pk: _HEAD}, on, by, now)
    _recount(household)
    made.refresh_from_db()
    chain.record(
        by, "household.split", household, at=now, new=made.pk, new_number=made.number, people=len(going), on=on,
        reason=reason,
    )  # fmt: skip
    chain.record(by, "household.added", made, at=now, split_from=household.pk, on=on)
    return made


@transaction.atomic
def merge_households(
    household: Household, *, into: Household, on: date, by: Officer, now: datetime, reason: str = ""
) -> Household:
    """Take all members of `household` into another, which goes on; the first ends and names its successor.

    Raises NotAllowed, OutsideYourRegion, SameHousehold, HasEnded, BadDay.
    """
    if household.pk == into.pk:
        raise SameHousehold
    first, second = sorted((household, into), key=lambda one: one.pk)  # always locked in the same order
    held = {one.pk: one for one in (_living(by, first), _living(by, second))}
    household, into = held[household.pk], held[into.pk]
    check_day(on, now)
    going = list(household.members.filter(left_on=None).select_related("household"))
    if going:
        leave(going, Person.Leaving.MERGED, on, by, now)
        relations = {person.pk: "其他" for person in going if person.relation == _HEAD}
        carry_over(going, into, relations, on, by, now)
    household.successor = into
    _end(household, Household.Ending.MERGED, on, now)
    into.refresh_from_db()
    chain.record(by, "household.merged", household, at=now, into=into.pk, people=len(going), on=on, reason=reason)
    chain.record(by, "household.grew", into, at=now, merged_from=household.pk, people=len(going), on=on)
    return into


@transaction.atomic
def end_household(
    household: Household, *, how: str, on: date, by: Officer, now: datetime, reason: str = ""
) -> Household:
    """Record that a household is no more, as a procedure found that ended so; whoever is left in it leaves it.

    how   why they leave (`Person.Leaving`). Whoever may close the procedure's last step may record this.
    A household that has ended stays as it is.
    """
    household = Household.objects.select_for_update().get(pk=household.pk)
    if household.ended_on:
        return household
    people = list(household.members.filter(left_on=None).select_related("household"))
    if people:
        leave(people, how, on, by, now)
    household.refresh_from_db()
    endings = {Person.Leaving.DIED: Household.Ending.DIED_OUT, Person.Leaving.MERGED: Household.Ending.MERGED}
    _end(household, endings.get(Person.Leaving(how), Household.Ending.MOVED), on, now)
    chain.record(by, "household.ended", household, at=now, how=how, people=len(people), on=on, reason=reason)
    return household


@transaction.atomic
def unmask(person: Person, *, by: Officer, now: datetime, reason: str = "") -> Person:
    """Record that somebody looked at a person's ID and phone number, and give the person. Raises NotAllowed."""
    needs(by, May.UNMASK)
    seen = Person.objects.visible_to(by).get(pk=person.pk)
    chain.record(by, "person.unmasked", seen, at=now, household=seen.household_id, reason=reason)
    return seen


def _living(by: Officer, household: Household) -> Household:
    """The household, held, if the officer may edit it and it has not ended."""
    fresh = locked(by, household)
    if fresh.ended_on:
        raise HasEnded(number=fresh.number, day=fresh.ended_on)
    return fresh


def _open_household(number: str, region_code: str, household_type: str, by: Officer, now: datetime) -> Household:
    number = number.strip() or _free_number(region_code)
    if not _NUMBER.fullmatch(number):
        raise BadNumber
    if Household.objects.filter(number=number).exists():
        raise NumberTaken(number=number)
    row = {"household_id": number, "region_code": region_code, "household_type": household_type}
    say("households", [row], by, now)
    return Household.objects.get(number=number)


def _free_number(region_code: str) -> str:
    """The village's code, K for "Khotail gave it", and a counter: no register's own numbers look like that."""
    start = f"{region_code}K"
    last = Household.objects.filter(number__gte=start, number__lt=start + "~").order_by("-number").first()
    serial = int(last.number[len(start) :]) + 1 if last and last.number[len(start) :].isdecimal() else 1
    return f"{start}{serial:05d}"


def _present(household: Household, members: Sequence[Person]) -> list[Person]:
    wanted = {person.pk for person in members}
    if not wanted:
        raise NobodyChosen
    found = list(household.members.filter(pk__in=wanted, left_on=None).select_related("household"))
    if len(found) != len(wanted):
        raise NotOfThisHousehold(number=household.number)
    return found


def _make_head(household: Household, person: Person, by: Officer, now: datetime) -> None:
    say(
        "persons",
        [{"household_id": household.number, "person_id": person.number, "relation": _HEAD}],
        by,
        now,
    )


def _end(household: Household, ending: str, on: date, now: datetime) -> None:
    household.ended_on, household.ending, household.changed_at = on, ending, now
    household.save(update_fields=["ended_on", "ending", "successor", "changed_at"])
    _recount(household)


def _recount(household: Household) -> None:
    count_members([household.pk])
