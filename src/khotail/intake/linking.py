"""The people of a list, found in the register: by ID digest, by number, and by description where the ID does not do.

The register is never handed over as a whole: only those whom the list names are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from khotail.facts import identity
from khotail.facts.reading.headers import Recognised
from khotail.facts.reading.linking import Register
from khotail.facts.reading.raw import RawSheet
from khotail.facts.regions import Regions
from khotail.intake.finding import candidates
from khotail.intake.matching import Candidate, Described, certain, readable
from khotail.intake.thresholds import Thresholds
from khotail.register.bulk import rows_with
from khotail.register.models import Household, Person
from khotail.register.sealed import id_digest

_PEOPLE = ("id", "number", "name", "household_id", "id_digest", "left_on")
_INSIDE = "AND region_code >= %s AND region_code < %s"


@dataclass
class Link:
    """Passed to the reader as its `Linker`; afterwards it knows what was doubtful.

    doubtful  row number of the file → candidates, best first; only rows that were not linked
    described  row number of a doubtful row → what the list says of the person
    by_score  rows that a score made certain
    """

    sheet: RawSheet
    found: Recognised
    region_code: str
    at: Thresholds
    doubtful: dict[int, list[Candidate]] = field(default_factory=dict)
    described: dict[int, Described] = field(default_factory=dict)
    by_score: int = 0
    rows: Any = None
    _places: dict[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, rows: Any) -> tuple[Any, Register]:
        people, homes = self._mentioned(rows)
        if self.found.source.kind == "department" and "name" in rows.column_names:
            rows, more = self._by_description(rows, people, homes)
            people = [*people, *more]
        self.rows = rows
        return rows, self._register(people, homes)

    # -- by number ---------------------------------------------------------------------------------------------------

    def _mentioned(self, rows: Any) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
        """People as (household id, person number, 18 characters of the ID or "", name), and household number → id."""
        inside = (self.region_code, self.region_code + ":")
        ids = {id_digest(number): number[:18] for number in _distinct(rows, "id_number")}
        numbers = set(_distinct(rows, "person_id"))
        found: dict[int, tuple[Any, ...]] = {}
        known = rows_with(Person, _PEOPLE, "id_digest", ids, _INSIDE, *inside)
        here = {row[4] for row in known if row[5] is None}
        for pk, number, name, home, digest, left_on in known:
            # Whoever moved to another household is taken where they are now.
            if number and (left_on is None or digest not in here):
                found[pk] = (home, number, ids[digest], name)
        for pk, number, name, home, _digest, _left in rows_with(Person, _PEOPLE, "number", numbers, _INSIDE, *inside):
            found.setdefault(pk, (home, number, None, name))
        columns = ("number", "id")
        homes = dict(rows_with(Household, columns, "number", _distinct(rows, "household_id"), _INSIDE, *inside))
        return list(found.values()), homes

    def _register(self, people: Sequence[tuple[Any, ...]], homes: dict[str, int]) -> Register:
        numbers = dict(rows_with(Household, ("id", "number"), "id", {home for home, *_ in people}))
        columns = [
            [numbers[home] for home, *_ in people], [number for _, number, *_ in people],
            [number for *_, number, _ in people], [name for *_, name in people],
        ]  # fmt: skip
        names = ("household_id", "person_id", "id_number", "name")
        table = pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)})
        return Register(table, pa.table({"household_id": pa.array(list(homes), pa.string())}), partial=True)

    # -- by description ----------------------------------------------------------------------------------------------

    def _by_description(
        self, rows: Any, people: Sequence[tuple[Any, ...]], homes: dict[str, int]
    ) -> tuple[Any, list[tuple[Any, ...]]]:
        unlinked = self._unlinked(rows, people, homes)
        if not unlinked:
            return rows, []
        part = rows.take(pa.array(unlinked, pa.int64())).to_pylist()
        described = [self._described(row) for row in part]
        found = candidates(described, self.region_code, self.at.possible)
        decided: dict[int, Candidate] = {}
        for at, row, one, people_found in zip(unlinked, part, described, found, strict=True):
            best = certain(people_found, self.at.certain)
            if best is not None:
                decided[at] = best
            elif one.name and (people_found or not identity.is_valid(one.id_number)):
                # A sound number that nobody here has is somebody else; a damaged one may be anybody.
                self.doubtful[row["_row"]] = people_found
                self.described[row["_row"]] = one
        self.by_score = len(decided)
        if not decided:
            return rows, []
        given = rows["person_id"].to_pylist() if "person_id" in rows.column_names else [None] * rows.num_rows
        for at, candidate in decided.items():
            given[at] = candidate.number
        column = pa.array(given, pa.string())
        place = rows.schema.get_field_index("person_id")
        rows = rows.append_column("person_id", column) if place < 0 else rows.set_column(place, "person_id", column)
        if "person_id" not in self.found.columns:
            self.found.columns["person_id"] = []
        matched = {one.person: one for one in decided.values()}
        named = dict(rows_with(Person, ("id", "name"), "id", matched))
        return rows, [(one.household, one.number, None, named[pk]) for pk, one in matched.items()]

    def _unlinked(self, rows: Any, people: Sequence[tuple[Any, ...]], homes: dict[str, int]) -> list[int]:
        """Positions of rows that neither ID nor number leads to somebody of the register."""
        ids = {number for *_, number, _ in people if number}
        numbers = {number for _, number, *_ in people}
        per_person = any("person_id" in columns for columns in self.found.source.tables.values())
        written = _column(rows, "id_number")
        known = [bool(one) and one[:18] in ids for one in written]
        for at, one in enumerate(_column(rows, "person_id")):
            known[at] = known[at] or one in numbers
        if not (per_person and "id_number" in rows.column_names):
            for at, one in enumerate(_column(rows, "household_id")):
                known[at] = known[at] or one in homes
        return [at for at, one in enumerate(known) if not one]

    def _described(self, row: dict[str, Any]) -> Described:
        born = row.get("birth_date")
        return Described(
            name=row.get("name") or "",
            birth_date=born if isinstance(born, date) else None,
            sex=row.get("sex") or "",
            id_number=row.get("id_number") or self._as_written(row["_at"]),
            region_code=self._place(row.get("township_name") or "", row.get("village_name") or ""),
        )

    def _as_written(self, at: int) -> str:
        places = self.found.columns.get("id_number", [])
        return readable([self.sheet.columns[place][at].as_py() for place in places])

    def _place(self, township: str, village: str) -> str:
        if not (township or village):
            return ""
        if (township, village) not in self._places:
            regions = Regions.load()
            banner = regions.name(self.region_code[:6]) if len(self.region_code) >= 6 else None
            found = regions.find(banner, township or None, village or None)
            if found is None and village and not township and banner:
                found = _only_village(regions, self.region_code[:6], village)
            self._places[township, village] = found or (regions.find(banner, township) if township else "") or ""
        return self._places[township, village]


def _only_village(regions: Regions, banner: str, village: str) -> str | None:
    name = regions.name(banner)
    townships = (regions.name(code) for code in regions.children(banner))
    found = [code for township in townships if (code := regions.find(name, township, village))]
    return found[0] if len(found) == 1 else None


def _column(rows: Any, name: str) -> list[Any]:
    return rows[name].to_pylist() if name in rows.column_names else [None] * rows.num_rows


def _distinct(rows: Any, name: str) -> list[str]:
    if name not in rows.column_names:
        return []
    return [one for one in rows[name].unique().to_pylist() if one]
