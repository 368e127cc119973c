"""State facts: rows of a fact table become statements, and what is current of their households and persons follows.

Nothing is overwritten: a statement that is on record already changes nothing, every other one is added. Households and
persons that a list does not mention stay as they are. State `households` before `persons`, and both before the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import repeat
from typing import Any

import pyarrow as pa
from django.db import transaction

from khotail.facts.problems import NotAFactColumn, NotAFactTable
from khotail.facts.schema import TABLES, Table
from khotail.register.bulk import insert, lock_register, rows_with, stored, update
from khotail.register.current import (
    HOUSEHOLD_COLUMNS,
    PERSON_COLUMNS,
    WITHDRAWN,
    Columns,
    changes_of,
    count_members,
    differs,
    household_now,
    income_now,
    move_along,
    newest_income,
    person_now,
    read_again,
    remaining_income,
    with_newer,
)
from khotail.register.models import Household, Person, Statement
from khotail.register.rows import bodies, cleaned, contents, days, keys, plain, tuples, with_text
from khotail.register.sealed import content_digests, seal_all

#: Rows that are worked on at a time. A job that keeps a checkpoint hands over as many per transaction.
CHUNK_ROWS = 10_000

#: columns that say what is current of a household or person; ID and phone numbers besides
_CURRENT = {
    "households": {
        "region_code", "household_type", "monitored_type", "risk_resolved", "stated_size", "net_income_cny_per_capita",
    },
    "persons": {"name", "sex", "birth_date", "relation", "has_left"},
    "incomes": {
        "income_year", "wage_cny", "business_cny", "property_cny", "transfer_cny", "cost_cny", "members",
    },
}  # fmt: skip
_STATEMENT = (
    "table", "household_id", "person_id", "region_code", "key", "values", "as_of", "source", "batch_id", "recorded_at",
    "recorded_by_id", "digest",
)  # fmt: skip
_HOME = ("id", "number", *HOUSEHOLD_COLUMNS)
_SIZE, _YEAR = _HOME.index("size"), _HOME.index("income_year")
_MEMBER = ("id", "household_id", "number", *PERSON_COLUMNS)
#: columns of a new row, and what they hold where nothing is said
_NEW_HOUSEHOLD = {
    "number": "", "region_code": "", "head_name": "", "household_type": "", "monitored_type": "", "risk_resolved": False,
    "size": 0, "income_cny_per_capita": None, "income_year": None, "phone": "", "phone_digest": "", "ending": "",
}  # fmt: skip
_NEW_PERSON = {
    "household_id": None, "region_code": "", "number": "", "name": "", "initials": "", "sex": "", "birth_date": None,
    "relation": "", "id_number": "", "id_digest": "", "phone": "", "phone_digest": "", "left_on": None, "leaving": "",
}  # fmt: skip
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(slots=True)
class Stated:
    """What became of the rows.

    rows            rows handed over
    new             statements added
    unchanged       rows that are on record already, word for word
    households_new, persons_new   added to the register
    outside         rows of places, or of households that live, outside the region that was asked for; not written
    unknown         rows about a household that the register does not hold; not written
    """

    rows: int = 0
    new: int = 0
    unchanged: int = 0
    households_new: int = 0
    persons_new: int = 0
    outside: int = 0
    unknown: int = 0

    def __add__(self, other: Stated) -> Stated:
        return Stated(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@transaction.atomic
def state(
    table: str,
    rows: pa.Table,
    *,
    as_of: date | None,
    source: str,
    batch_id: int | None,
    by: Any,
    now: datetime,
    region_code: str,
    occasion: str = "",
) -> Stated:
    """Record rows of a fact table as statements of one source, in one transaction.

    rows         columns of khotail.facts.schema; ID, phone and bank numbers in clear, they are sealed here
    as_of        the day they hold for; None: each row's own `as_of`
    source       who says so, at most 60 characters; the same rows from another source are other statements
    region_code  prefix within which the rows may lie
    occasion     tells two times apart at which the same source says the same of the same day, such as a correction that
                 is taken back; lists have none, so that sending one twice changes nothing
    The caller records the event that this is part of. Raises NotAFactTable, NotAFactColumn.
    """
    if table not in TABLES:
        raise NotAFactTable(table=table)
    schema = TABLES[table]
    for name in rows.column_names:
        if name not in schema.column_names:
            raise NotAFactColumn(table=table, column=name)
    lock_register()
    said = Stated()
    for start in range(0, rows.num_rows, CHUNK_ROWS):
        part = rows.slice(start, CHUNK_ROWS)
        on = days(part, as_of)
        if len(set(on)) > 1:  # oldest first, so that the newest wins
            order = sorted(range(part.num_rows), key=on.__getitem__)
            part, on = part.take(order), [on[at] for at in order]
        said += _Chunk(schema, part, on, source[:60], batch_id, by, now, region_code, occasion).state()
    return said


@dataclass
class _Chunk:
    schema: Table
    rows: pa.Table
    days: list[str]
    source: str
    batch_id: int | None
    by: Any
    now: datetime
    region_code: str
    occasion: str
    said: Stated = field(default_factory=Stated)

    def state(self) -> Stated:
        self.said.rows = self.rows.num_rows
        self.at = stored(Statement, "recorded_at", self.now)
        self.first_day, self.last_day = min(self.days), max(self.days)
        self.of_household = "household_id" in self.schema.column_names
        self.of_person = "person_id" in self.schema.column_names
        self._read()
        self._place()
        self._keep_fresh()
        if self.fresh:
            self._add_and_follow()
        return self.said

    # -- what the rows say -------------------------------------------------------------------------------------------

    def _read(self) -> None:
        columns, count = cleaned(self.rows, self.schema), self.rows.num_rows
        empty = [None] * count
        self.columns = {name: plain(columns[name]) for name in columns if name in _CURRENT.get(self.schema.name, ())}
        self.personal = {name: plain(columns[name]) for name in columns if self.schema.column(name).personal}
        self.numbers = plain(columns["household_id"]) if "household_id" in columns else empty
        self.people = [number and number[:40] for number in plain(columns["person_id"])] if (
            "person_id" in columns
        ) else empty  # fmt: skip
        self.regions = plain(columns["region_code"]) if "region_code" in columns else empty
        self.keys = keys(columns, self.schema, count)
        self.bodies = bodies(columns, self.schema, count)

    def _place(self) -> None:
        """Give each row its region; "" where it must not be written."""
        found = rows_with(Household, _HOME, "number", {number for number in self.numbers if number})
        self.homes = {row[1]: row for row in found}
        adds = self.schema.name == "households"
        inside, at_least = self.region_code, self.region_code.ljust(12, "0")
        self.places = []
        for number, stated in zip(self.numbers, self.regions, strict=True):
            home = self.homes.get(number)
            region = stated.ljust(12, "0") if stated else home[2] if home else at_least
            if home is None and self.of_household and not (adds and number and len(number) <= 40):
                self.said.unknown += 1
                self.places.append("")
            elif len(region) > 12 or not region.startswith(inside) or (home and not home[2].startswith(inside)):
                self.said.outside += 1
                self.places.append("")
            else:
                self.places.append(region)

    def _keep_fresh(self) -> None:
        """Digests make a statement the same as another, or not; fresh are the rows that are not on record yet."""
        subjects = [number or place for number, place in zip(self.numbers, self.places, strict=True)]
        parts = [subjects, self.people, self.days, self.bodies, *self.personal.values()]
        start = f"{self.schema.name}\x1f{self.source}{self.occasion}"
        self.digests = content_digests(contents(start, parts, [place != "" for place in self.places]))
        seen = self._on_record()
        self.fresh = []
        for at, digest in enumerate(self.digests):
            if not digest:
                continue
            if digest in seen:
                self.said.unchanged += 1
            else:
                seen.add(digest)
                self.fresh.append(at)

    def _on_record(self) -> set[str]:
        """Digests of what is on record of these households, or of these places, in this table and for these days."""
        if self.of_household:
            rows = rows_with(
                Statement, ["digest"], "household_id", [home[0] for home in self.homes.values()],
                'AND "table" = %s AND as_of BETWEEN %s AND %s', self.schema.name, self.first_day, self.last_day,
            )  # fmt: skip
        else:
            known = 'AND "table" = %s AND household_id IS NULL'
            rows = rows_with(Statement, ["digest"], "digest", filter(None, self.digests), known, self.schema.name)
        return {digest for (digest,) in rows}

    # -- what follows ------------------------------------------------------------------------------------------------

    def _add_and_follow(self) -> None:
        """New subjects, then the statements, then what is current: whoever reads statements again reads these too."""
        if len(self.fresh) < self.rows.num_rows:
            self._leave_out()
        self.sealed = {name: _sealed(values) for name, values in self.personal.items()}
        name = self.schema.name
        if name == "households":
            follow = self._households()
        elif name == "persons":
            follow = self._persons()
        else:
            follow = self._follow_incomes if name == "incomes" else None
        self._insert()
        if follow:
            follow()

    def _leave_out(self) -> None:
        """Go on with the fresh rows alone."""
        fresh = self.fresh
        for name in ("numbers", "people", "places", "keys", "days", "digests"):
            values = getattr(self, name)
            setattr(self, name, [values[at] for at in fresh])
        for columns in (self.columns, self.personal):
            for name, values in columns.items():
                columns[name] = [values[at] for at in fresh]
        self.bodies = self.bodies.take(pa.array(fresh))

    def _insert(self) -> None:
        count, table = len(self.fresh), self.schema.name
        homes = [None] * count if not self.of_household else [self.homes[number][0] for number in self.numbers]
        persons, texts = [None] * count, self.bodies.to_pylist()
        if self.of_person:
            if table != "persons":
                self.members = self._ids_of_members(homes)
            persons = list(map(self.members.get, zip(homes, self.people, strict=True)))
        for name, values in self.sealed.items():
            texts = [with_text(text, name, value) for text, value in zip(texts, values, strict=True)]
        if self.of_person:  # somebody whom the register does not know
            texts = [
                with_text(text, "person_id", _encode(number)[1:-1]) if number and person is None else text
                for text, number, person in zip(texts, self.people, persons, strict=True)
            ]
        always = [repeat(value) for value in (self.batch_id, self.at, self.by.pk if self.by else None)]
        rows = list(zip(
            repeat(table, count), homes, persons, self.places, self.keys, texts, self.days, repeat(self.source), *always,
            self.digests,
        ))  # fmt: skip
        self.said.new += insert(Statement, _STATEMENT, rows, all_new=True)

    def _households(self) -> Callable[[], None]:
        said = Columns(self.numbers, {**self.columns, **self.sealed}, self.personal)
        now = household_now(said)
        at_least = self.region_code.ljust(12, "0")
        new = [at for at, number in enumerate(said.subjects) if number not in self.homes]
        held = {number: (at, self.homes[number]) for at, number in enumerate(said.subjects) if number in self.homes}
        defaults = {**_NEW_HOUSEHOLD, "region_code": at_least, "changed_at": self.at}
        rows = tuples({"number": said.subjects, **now}, defaults, new)
        self.said.households_new += insert(Household, tuple(defaults), rows, all_new=True)
        for row in rows_with(Household, ["id", "number"], "number", [row[0] for row in rows]):
            self.homes[row[1]] = row
        return lambda: self._follow_households(said, held)

    def _follow_households(self, said: Columns, held: dict[str, tuple[int, tuple[Any, ...]]]) -> None:
        if not held:
            return
        places = [at for at, _ in held.values()]
        before = dict(zip(_HOME, zip(*(home for _, home in held.values()), strict=True), strict=True))
        again = read_again("households", "household_id", self._late("household_id", before["id"]))
        for pk, at in zip(before["id"], places, strict=True):
            if pk in again:
                said.take(at, again[pk][0])
        now = household_now(said)
        for at, year in zip(places, before["income_year"], strict=True):
            if year is not None:  # known from `incomes`
                now["income_cny_per_capita"][at] = None
        changes = {
            before["id"][row]: {**changed, "changed_at": self.at}
            for row, changed in changes_of(before, now, places).items()
        }
        update(Household, changes)
        count_members(changes)
        move_along([pk for pk, changed in changes.items() if "region_code" in changed])

    def _ids_of_members(self, homes: Iterable[int]) -> dict[tuple[int, str], int]:
        rows = rows_with(Person, ["id", "household_id", "number"], "household_id", set(homes))
        return {row[1:]: row[0] for row in rows}

    def _persons(self) -> Callable[[], None]:
        homes = [self.homes[number][0] for number in self.numbers]
        self.home_ids = set(homes)
        subjects = list(zip(homes, self.people, strict=True))
        named = [at for at, number in enumerate(self.people) if number]
        columns, clear = {**self.columns, **self.sealed}, self.personal
        if len(named) < len(subjects):
            subjects = [subjects[at] for at in named]
            columns, clear = (
                {name: [values[at] for at in named] for name, values in each.items()} for each in (columns, clear)
            )
        rows = rows_with(Person, _MEMBER, "household_id", self.home_ids)
        members = {row[1:3]: row for row in rows}
        said = Columns(subjects, columns, clear)
        now = person_now(said, [self.last_day] * len(said.subjects))
        new = [at for at, subject in enumerate(said.subjects) if subject not in members]
        held = {subject: (at, members[subject]) for at, subject in enumerate(said.subjects) if subject in members}
        regions = dict(zip(homes, self.places, strict=True))
        now["household_id"], now["number"] = zip(*said.subjects, strict=True) if said.subjects else ((), ())
        now["region_code"] = [regions[home] for home in now["household_id"]]
        defaults = {**_NEW_PERSON, "changed_at": self.at}
        self.said.persons_new += insert(Person, tuple(defaults), tuples(now, defaults, new), all_new=True)
        self.members = self._ids_of_members(self.home_ids) if new else {key: row[0] for key, row in members.items()}
        return lambda: self._follow_persons(said, held)

    def _follow_persons(self, said: Columns, held: dict[tuple[int, str], tuple[int, tuple[Any, ...]]]) -> None:
        if held:
            places = [at for at, _ in held.values()]
            before = dict(zip(_MEMBER, zip(*(row for _, row in held.values()), strict=True), strict=True))
            late = self._late("person_id", {home for home, _ in held})
            again = read_again("persons", "person_id", late.intersection(before["id"]))
            days = [self.last_day] * len(said.subjects)
            for pk, at in zip(before["id"], places, strict=True):
                if pk in again:
                    values, days[at] = again[pk]
                    said.take(at, values)
            now = person_now(said, days)
            for at, leaving in zip(places, before["leaving"], strict=True):
                # Who died, moved or married by an act of the register comes back by an act of it, not by an older list.
                if leaving not in ("", Person.Leaving.OTHER):
                    now["leaving"][at] = None
            update(Person, {
                before["id"][row]: {**changed, "changed_at": self.at}
                for row, changed in changes_of(before, now, places).items()
            })  # fmt: skip
        count_members(self.home_ids)

    def _follow_incomes(self) -> None:
        homes = {self.homes[number][0]: self.homes[number] for number in self.numbers}
        if self.source == WITHDRAWN:
            return self._set_incomes(homes, remaining_income(homes, lambda pk: homes[pk][_SIZE]))
        years = self.columns.get("income_year") or [None] * len(self.numbers)
        best: dict[int, dict[str, Any]] = {}
        for at in range(len(years) - 1, -1, -1):  # of a year the last row counts
            home = self.homes[self.numbers[at]]
            if years[at] is None or (home[0] in best and best[home[0]]["income_year"] >= years[at]):
                continue
            values = {name: column[at] for name, column in self.columns.items() if column[at] is not None}
            if said := income_now(values, home[_SIZE]):
                best[home[0]] = said
        again = newest_income(self._late("household_id", homes), lambda pk: homes[pk][_SIZE])
        newest = {pk: again.get(pk, said) for pk, said in best.items()}
        year = _HOME.index("income_year")
        self._set_incomes(
            homes, {pk: said for pk, said in newest.items() if said["income_year"] >= (homes[pk][year] or 0)}
        )

    def _set_incomes(self, homes: dict[int, tuple[Any, ...]], incomes: dict[int, dict[str, Any]]) -> None:
        changes = {}
        for pk, said in incomes.items():
            before = dict(zip(_HOME, homes[pk], strict=True))
            changed = {name: value for name, value in said.items() if differs(before[name], value)}
            if changed:
                changes[pk] = {**changed, "changed_at": self.at}
        update(Household, changes)

    def _late(self, subject: str, household_ids: Iterable[int]) -> set[int]:
        """Those about which the record holds something newer than the oldest of these rows."""
        return with_newer(self.schema.name, subject, household_ids, self.first_day, self.at)


def _sealed(values: list[str | None]) -> list[str | None]:
    said = iter(seal_all([value for value in values if value]))
    return [next(said) if value else None for value in values]
