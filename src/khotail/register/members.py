"""Members who join and leave, as statements and as the register's current state."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.facts.identity import birth_date, is_valid, normalise, sex
from khotail.facts.schema import TABLES
from khotail.register.current import count_members, read_again
from khotail.register.known import known
from khotail.register.models import Household, Person
from khotail.register.problems import BadDay, BadIdNumber, BirthAfter, IdTaken, IdTakenElsewhere, NameNeeded
from khotail.register.rows import as_table
from khotail.register.sealed import id_digest, opened
from khotail.register.statements import state

#: Source of what people record in the register itself.
SOURCE = "register"
_FIRST_DAY = date(1900, 1, 1)


@dataclass(frozen=True)
class NewPerson:
    """What people say of somebody who joins. Sex and birth date may be left to the ID number."""

    name: str
    relation: str = "其他"
    sex: str = ""
    birth_date: date | None = None
    id_number: str = ""
    phone: str = ""


def say(table: str, rows: Sequence[dict[str, Any]], by: Officer, now: datetime, *, dated: bool = False) -> None:
    """State rows on somebody's word, for today, or where they are `dated` for the `as_of` of each."""
    state(
        table,
        as_table(table, rows),
        as_of=None if dated else timezone.localdate(now),
        source=SOURCE,
        batch_id=None,
        by=by,
        now=now,
        region_code=by.region_code,
        occasion=now.isoformat(),
    )


def check_day(day: date, now: datetime) -> date:
    """Raise BadDay unless the day lies between 1900 and today."""
    today = timezone.localdate(now)
    if not _FIRST_DAY <= day <= today:
        raise BadDay(day=day, today=today)
    return day


def sound(person: NewPerson, on: date, now: datetime) -> NewPerson:
    """The person with name and ID number tidied, and sex and birth date taken from the ID number where they are empty.

    Raises NameNeeded, BadIdNumber, BadDay, BirthAfter.
    """
    name = re.sub(r"[\x00-\x1f\x7f]", "", person.name).strip()
    if not name:
        raise NameNeeded
    number = checked_id(person.id_number)
    born = person.birth_date or (birth_date(number) if number else None)
    if born:
        check_day(born, now)
        if born > on:
            raise BirthAfter(day=on)
    return NewPerson(
        name[:60], person.relation[:20], person.sex or (sex(number) or "" if number else ""), born, number, person.phone
    )


def checked_id(number: str) -> str:
    """The number in its 18, 20 or 22 characters; "" stays "". Raises BadIdNumber."""
    tidy = normalise(number)
    if tidy and not is_valid(tidy):
        raise BadIdNumber
    return tidy


def check_id_is_free(number: str, by: Officer, except_for: Person | None = None) -> None:
    """Raise IdTaken or IdTakenElsewhere if somebody who has not left has the ID number."""
    if not number:
        return
    others = Person.objects.filter(id_digest=id_digest(number), left_on=None).select_related("household")
    if except_for is not None:
        others = others.exclude(pk=except_for.pk)
    other = others.first()
    if other is not None:
        if other.region_code.startswith(by.region_code):
            raise IdTaken(number=other.household.number)
        raise IdTakenElsewhere


def join(household: Household, person: NewPerson, on: date, by: Officer, now: datetime) -> Person:
    """Add somebody to a household as a statement of today, joined on a day."""
    number = _number_before(household, person) or _number_of(household, person)
    row = {
        "household_id": household.number, "person_id": number, "name": person.name, "relation": person.relation,
        "sex": person.sex or None, "birth_date": person.birth_date, "id_number": person.id_number or None,
        "person_phone": person.phone or None, "has_left": False,
    }  # fmt: skip
    say("persons", [row], by, now)
    joined = household.members.get(number=number)
    joined.joined_on, joined.left_on, joined.leaving = on, None, ""
    joined.save(update_fields=["joined_on", "left_on", "leaving"])
    count_members([household.pk])
    return joined


def leave(people: Sequence[Person], how: str, on: date, by: Officer, now: datetime) -> None:
    """State that people have left their households, and when and how."""
    rows = [
        {"household_id": person.household.number, "person_id": person.number, "has_left": True}
        for person in people
        if person.number
    ]
    say("persons", rows, by, now)
    Person.objects.filter(pk__in=[person.pk for person in people]).update(left_on=on, leaving=how, changed_at=now)


def carry_over(
    people: Sequence[Person], household: Household, relations: dict[int, str], on: date, by: Officer, now: datetime
) -> None:
    """Let people go on in another household with all that is known of them, under their own numbers.

    What was stated of them in the household that they leave stays on record there; screening and export look at it no more.
    """
    told = read_again("persons", "person_id", [person.pk for person in people])
    rows = []
    for person in people:
        values = {name: getattr(value, "clear", value) for name, value in told.get(person.pk, ({}, ""))[0].items()}
        values = {name: _typed("persons", name, value) for name, value in values.items()}
        rows.append({
            "name": person.name, **values, "household_id": household.number, "person_id": person.number,
            "relation": relations.get(person.pk, person.relation), "has_left": False,
        })  # fmt: skip
    say("persons", rows, by, now)
    # Who comes back into a household is there again, whatever made them leave it.
    arrived = household.members.filter(number__in=[person.number for person in people])
    arrived.update(joined_on=on, left_on=None, leaving="", changed_at=now)
    count_members([household.pk])
    _carry_facts(people, household, by, now)


def _carry_facts(people: Sequence[Person], household: Household, by: Officer, now: datetime) -> None:
    """State in the new household what other tables hold of these people, each row for the day that it held for."""
    tables = [name for name, table in TABLES.items() if "person_id" in table.column_names and name != "persons"]
    numbers = {person.pk: person.number for person in people}
    rows: dict[str, list[dict[str, Any]]] = {}
    for before in {person.household_id: person.household for person in people}.values():
        for table, found in known(before, tables).items():
            for row in found:
                if row.person_id in numbers:
                    values = {name: _typed(table, name, opened(value)) for name, value in row.values.items()}
                    rows.setdefault(table, []).append({
                        **values, "household_id": household.number, "person_id": numbers[row.person_id],
                        "as_of": row.newest.as_of,
                    })  # fmt: skip
    for table, carried in rows.items():
        say(table, carried, by, now, dated=True)


def _typed(table: str, name: str, value: Any) -> Any:
    return date.fromisoformat(value) if TABLES[table].column(name).kind == "date" and value else value


def _number_before(household: Household, person: NewPerson) -> str:
    """The number of a former member with this ID number: who comes back is nobody new."""
    if not person.id_number:
        return ""
    gone = household.members.filter(id_digest=id_digest(person.id_number)).exclude(left_on=None)
    return gone.order_by("-id").values_list("number", flat=True).first() or ""


def _number_of(household: Household, person: NewPerson) -> str:
    """As readers of lists number members without one: household, four hexadecimal digits, a counter if need be."""
    mark = person.id_number[:18] or "|".join(
        part for part in (person.name, str(person.birth_date or ""), person.relation) if part
    )
    number = f"{household.number[:30]}-{hashlib.sha256(mark.encode()).hexdigest()[:4]}"
    taken = set(household.members.filter(number__startswith=number).values_list("number", flat=True))
    found, count = number, 1
    while found in taken:
        count += 1
        found = f"{number}-{count}"
    return found
