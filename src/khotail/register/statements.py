"""State facts: rows of a fact table become statements, and what is current of their households and persons follows.

Nothing is overwritten: a statement that is on record already changes nothing, every other one is added. Households and
persons that a list does not mention stay as they are. State `households` before `persons`, and both before the rest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from khotail.facts.problems import NotAFactColumn, NotAFactTable
from khotail.facts.schema import TABLES, Table
from khotail.register.bulk import execute_for, insert, lock_register, rows_with, stored, update
from khotail.register.current import (
    HOUSEHOLD_COLUMNS,
    PERSON_COLUMNS,
    Sealed,
    changed_columns,
    household_now,
    income_now,
    newest,
    newest_income,
    person_now,
    read_again,
    with_newer,
)
from khotail.register.models import Household, Person, Statement
from khotail.register.sealed import content_digest, seal

#: Rows that are worked on at a time. A job that keeps a checkpoint hands over as many per transaction.
CHUNK_ROWS = 10_000

_ARROW = {"text": pa.string(), "int": pa.int64(), "number": pa.float64(), "bool": pa.bool_(), "date": pa.date32()}
#: kept as columns of Statement, not within its values
_APART = frozenset({"household_id", "person_id", "as_of", "source"})
_STATEMENT = (
    "table", "household_id", "person_id", "region_code", "key", "values", "as_of", "source", "batch_id", "recorded_at",
    "recorded_by_id", "digest",
)  # fmt: skip
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
        days = _days(part, as_of)
        # Statements of one chunk that hold for several days are taken oldest first, so that the newest wins.
        order = sorted(range(part.num_rows), key=days.__getitem__) if len(set(days)) > 1 else None
        if order is not None:
            part, days = part.take(order), [days[at] for at in order]
        said += _Chunk(schema, part, days, source[:60], batch_id, by, now, region_code, occasion).state()
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
        self.last_day = max(self.days)
        self.of_household = "household_id" in self.schema.column_names
        self.of_person = "person_id" in self.schema.column_names
        self._read()
        self._place()
        self._digest()
        self._keep_fresh()
        if self.fresh:
            self._add_and_follow()
        return self.said

    # -- what the rows say -------------------------------------------------------------------------------------------

    def _read(self) -> None:
        columns = {name: _list(self.rows, self.schema, name) for name in self.rows.column_names}
        empty = [None] * self.rows.num_rows
        self.numbers = columns.get("household_id", empty)
        self.people = [number and number[:40] for number in columns.get("person_id", empty)]
        self.regions = columns.get("region_code", empty)
        self.keys = _keys(columns, self.schema)
        kept = [name for name in columns if name not in _APART]
        self.plain_names = [name for name in kept if not self.schema.column(name).personal]
        self.personal_names = [name for name in kept if self.schema.column(name).personal]
        self.plain = list(zip(*(columns[name] for name in self.plain_names), strict=True)) or [()] * len(self.days)
        self.personal = list(zip(*(columns[name] for name in self.personal_names), strict=True)) or [()] * len(
            self.days
        )

    def _place(self) -> None:
        """Give each row its region; "" where it must not be written."""
        columns = ["id", "number", *HOUSEHOLD_COLUMNS] if self.schema.name in ("households", "incomes") else [
            "id", "number", "region_code", "size",
        ]  # fmt: skip
        found = rows_with(Household, columns, "number", {number for number in self.numbers if number})
        self.homes = {row[1]: dict(zip(columns, row, strict=True)) for row in found}
        adds = self.schema.name == "households"
        inside = self.region_code
        self.places = []
        for number, stated in zip(self.numbers, self.regions, strict=True):
            home = self.homes.get(number) if number else None
            region = stated.ljust(12, "0") if stated else (home["region_code"] if home else inside.ljust(12, "0"))
            if self.of_household and not home and not (adds and number and len(number) <= 40):
                self.said.unknown += 1
                self.places.append("")
            elif (
                len(region) > 12
                or not region.startswith(inside)
                or (home and not home["region_code"].startswith(inside))
            ):
                self.said.outside += 1
                self.places.append("")
            else:
                self.places.append(region)

    def _digest(self) -> None:
        """Each row's values as JSON, and the digest that makes a statement the same or another."""
        names, table = self.plain_names, self.schema.name
        source = self.source + self.occasion
        self.values: list[dict[str, Any]] = []
        self.bodies: list[str] = []
        self.digests: list[str] = []
        seen = set()
        for at, row in enumerate(self.plain):
            values = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            body = _encode(values)
            digest = ""
            if self.places[at]:
                said = (table, self.numbers[at] or self.places[at], self.people[at] or "", self.days[at], source, body)
                digest = content_digest("\x1f".join((*said, *(value or "" for value in self.personal[at]))))
                if digest in seen:
                    self.said.unchanged += 1
                    digest = ""
                seen.add(digest)
            self.values.append(values)
            self.bodies.append(body)
            self.digests.append(digest)

    def _keep_fresh(self) -> None:
        known = {digest for (digest,) in rows_with(Statement, ["digest"], "digest", filter(None, self.digests))}
        self.said.unchanged += len(known)
        self.fresh = [at for at, digest in enumerate(self.digests) if digest and digest not in known]

    # -- what follows ------------------------------------------------------------------------------------------------

    def _add_and_follow(self) -> None:
        """New subjects, then the statements, then what is current: whoever reads statements again reads these too."""
        self._seal()
        name = self.schema.name
        if name == "households":
            self._add_households()
        members = self._members(full=name == "persons") if self.of_person else {}
        known = members
        if name == "persons":
            known = self._add_persons(members)
        self._insert(known)
        if name == "households":
            self._follow_households()
        elif name == "persons":
            self._follow_persons(members)
        elif name == "incomes":
            self._follow_incomes()

    def _seal(self) -> None:
        for at in self.fresh:
            for name, value in zip(self.personal_names, self.personal[at], strict=True):
                if value:
                    self.values[at][name] = Sealed.of(seal(value), value)

    def _insert(self, members: dict[tuple[int, str], Any]) -> None:
        by_id = self.by.pk if self.by else None
        rows = []
        for at in self.fresh:
            number, person = self.numbers[at], self.people[at]
            home_id = self.homes[number]["id"] if number else None
            person_id = members.get((home_id, person), {}).get("id") if self.of_person and person else None
            body = self.bodies[at]
            if self.personal_names or (person and person_id is None):
                values = self.values[at]
                apart = {name: values[name] for name in self.personal_names if name in values}
                if person and person_id is None:
                    apart["person_id"] = person  # somebody whom the register does not know
                body = _joined(body, apart)
            rows.append((
                self.schema.name, home_id, person_id, self.places[at], self.keys[at], body, self.days[at], self.source,
                self.batch_id, self.at, by_id, self.digests[at],
            ))  # fmt: skip
        self.said.new += insert(Statement, _STATEMENT, rows)

    def _add_households(self) -> None:
        self.stated = newest((self.numbers[at], self.values[at]) for at in self.fresh)
        self.held = {number: home for number, home in self.homes.items() if number in self.stated}
        added = []
        for number, values in self.stated.items():
            if number not in self.homes:
                now = {"region_code": self.region_code.ljust(12, "0"), **household_now(values)}
                added.append((
                    number, now["region_code"], "", now.get("household_type", ""), now.get("monitored_type", ""),
                    now.get("risk_resolved", False), now.get("size", 0), now.get("income_cny_per_capita"), None,
                    now.get("phone", ""), now.get("phone_digest", ""), "", self.at,
                ))  # fmt: skip
        columns = (
            "number", "region_code", "head_name", "household_type", "monitored_type", "risk_resolved", "size",
            "income_cny_per_capita", "income_year", "phone", "phone_digest", "ending", "changed_at",
        )  # fmt: skip
        self.said.households_new += insert(Household, columns, added)
        for pk, number in rows_with(Household, ["id", "number"], "number", [row[0] for row in added]):
            self.homes[number] = {"id": pk}

    def _follow_households(self) -> None:
        ids = {home["id"]: number for number, home in self.held.items()}
        again = read_again("households", "household_id", self._late("household_id", ids))
        changes, moved = {}, []
        for pk, number in ids.items():
            now = household_now(again[pk][0] if pk in again else self.stated[number])
            if self.held[number]["income_year"] is not None:
                now.pop("income_cny_per_capita", None)
            changed = changed_columns(self.held[number], now)
            if changed:
                changes[pk] = {**changed, "changed_at": self.at}
                if "region_code" in changed:
                    moved.append(pk)
        update(Household, changes)
        count_members(changes)
        move_members(moved)

    def _members(self, full: bool) -> dict[tuple[int, str], dict[str, Any]]:
        columns = ["id", "household_id", "number", *(PERSON_COLUMNS if full else ())]
        ids = {self.homes[self.numbers[at]]["id"] for at in self.fresh}
        rows = rows_with(Person, columns, "household_id", ids)
        return {(row[1], row[2]): dict(zip(columns, row, strict=True)) for row in rows}

    def _add_persons(self, members: dict[tuple[int, str], Any]) -> dict[tuple[int, str], Any]:
        subjects = [(self.homes[self.numbers[at]]["id"], self.people[at]) for at in self.fresh]
        self.stated = newest(
            (subject, self.values[at]) for subject, at in zip(subjects, self.fresh, strict=True) if subject[1]
        )
        regions = {subject[0]: self.places[at] for subject, at in zip(subjects, self.fresh, strict=True)}
        added = []
        for (home_id, number), values in self.stated.items():
            if (home_id, number) not in members:
                now = person_now(values, self.last_day)
                added.append((
                    home_id, regions[home_id], number, now.get("name", ""), now.get("initials", ""),
                    now.get("sex", ""), now.get("birth_date"), now.get("relation", ""), now.get("id_number", ""),
                    now.get("id_digest", ""), now.get("phone", ""), now.get("phone_digest", ""), now.get("left_on"),
                    now.get("leaving", ""), self.at,
                ))  # fmt: skip
        columns = (
            "household_id", "region_code", "number", "name", "initials", "sex", "birth_date", "relation", "id_number",
            "id_digest", "phone", "phone_digest", "left_on", "leaving", "changed_at",
        )  # fmt: skip
        self.said.persons_new += insert(Person, columns, added)
        return self._members(full=False) if added else members

    def _follow_persons(self, members: dict[tuple[int, str], dict[str, Any]]) -> None:
        ids = {person["id"]: subject for subject, person in members.items() if subject in self.stated}
        again = read_again("persons", "person_id", self._late("person_id", ids))
        changes = {}
        for pk, subject in ids.items():
            values, day = again.get(pk, (self.stated[subject], self.last_day))
            now = person_now(values, day)
            # Who died, moved or married by an act of the register comes back by an act of it, not by an older list.
            if members[subject]["leaving"] not in ("", Person.Leaving.OTHER) or (
                now.get("leaving") == members[subject]["leaving"]
            ):
                now.pop("left_on", None)
                now.pop("leaving", None)
            changed = changed_columns(members[subject], now)
            if changed:
                changes[pk] = {**changed, "changed_at": self.at}
        update(Person, changes)
        count_members({self.homes[self.numbers[at]]["id"] for at in self.fresh})

    def _follow_incomes(self) -> None:
        ids = {self.homes[self.numbers[at]]["id"]: self.homes[self.numbers[at]] for at in self.fresh}
        best: dict[int, dict[str, Any]] = {}
        for at in self.fresh:
            home = self.homes[self.numbers[at]]
            said = income_now(self.values[at], home["size"])
            if said and said["income_year"] >= best.get(home["id"], said)["income_year"]:
                best[home["id"]] = said
        late = self._late("household_id", ids)
        again = newest_income(late, lambda pk: ids[pk]["size"])
        changes = {}
        for pk, said in best.items():
            said = again.get(pk, said)
            if said["income_year"] >= (ids[pk]["income_year"] or 0):
                changed = changed_columns(ids[pk], said)
                if changed:
                    changes[pk] = {**changed, "changed_at": self.at}
        update(Household, changes)

    def _late(self, subject: str, ids: Any) -> set[int]:
        """Those of `ids` about which the record holds something newer than the oldest of these rows."""
        return with_newer(self.schema.name, subject, list(ids), min(self.days), self.at) if ids else set()


def _joined(body: str, more: dict[str, str]) -> str:
    """A JSON object with more members."""
    if not more:
        return body
    return _encode(more) if body == "{}" else f"{body[:-1]},{_encode(more)[1:]}"


def count_members(household_ids: Any) -> None:
    """Set size and head of households from their members; one without any known member keeps what lists said."""
    execute_for(
        """UPDATE register_household
        SET size = (SELECT count(*) FROM register_person p
                    WHERE p.household_id = register_household.id AND p.left_on IS NULL),
            head_name = coalesce(
                (SELECT p.name FROM register_person p
                 WHERE p.household_id = register_household.id AND p.left_on IS NULL AND p.relation = '户主'
                 ORDER BY p.id LIMIT 1),
                head_name)
        WHERE EXISTS (SELECT 1 FROM register_person p WHERE p.household_id = register_household.id)
          AND id {inside}""",
        household_ids,
    )


def move_members(household_ids: Any) -> None:
    """Let members follow their households to another village."""
    execute_for(
        """UPDATE register_person
        SET region_code = (SELECT h.region_code FROM register_household h WHERE h.id = register_person.household_id)
        WHERE household_id {inside}""",
        household_ids,
    )


def _days(rows: pa.Table, as_of: date | None) -> list[str]:
    if as_of is not None:
        return [as_of.isoformat()] * rows.num_rows
    return [str(day) for day in rows["as_of"].to_pylist()]


def _keys(columns: dict[str, list[Any]], schema: Table) -> list[str]:
    parts = [columns[name] for name in schema.key if name in columns and name not in (*_APART, "region_code")]
    if not parts:
        return [""] * len(next(iter(columns.values()), []))
    return ["|".join("" if value is None else str(value) for value in row)[:120] for row in zip(*parts, strict=True)]


def _list(rows: pa.Table, schema: Table, name: str) -> list[Any]:
    """One column as Python values that JSON takes: dates as text, NaN and blank text as None."""
    kind = schema.column(name).kind
    values = rows[name].cast(_ARROW[kind])
    if kind == "date":
        values = values.cast(pa.string())
    elif kind == "number":
        values = pc.if_else(pc.is_finite(values), values, None)
    elif kind == "text":
        values = pc.replace_substring(values, "\x00", "")
        values = pc.if_else(pc.equal(values, ""), None, values)
    return values.to_pylist()
