"""Candidates for many descriptions at once: what `matching.score` says of two people, worked out for arrays of them.

People are fetched by the initials of their names, once for each piece of a list. Name, birth date, village and sex are
compared with all of them in arrays; ID numbers, which lie sealed, are opened for those alone whom they could bring up to
the least score. The best few are then scored one by one, so what is kept is what `score` says, to the digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from khotail.facts import identity
from khotail.intake.matching import (
    MARKS,
    SHARE_OF_NAME,
    UNKNOWN,
    WEIGHTS,
    Candidate,
    Described,
    born_on,
    id_score,
    score,
    sounds,
)
from khotail.register.bulk import rows_with
from khotail.register.models import Person
from khotail.register.names import initials_of
from khotail.register.sealed import unseal

MOST_CANDIDATES = 5
_COLUMNS = ("id", "number", "name", "sex", "birth_date", "region_code", "household_id", "left_on", "initials")
_INSIDE = "AND region_code >= %s AND region_code < %s AND number <> ''"
_ROWS_AT_ONCE = 1_000
#: of an ID number, so many signs at least are worth a look
_WORTH_A_LOOK = 6
#: arrays may round otherwise than `score` does
_ROUNDING = 0.002
#: people who are scored one by one, of whom the best are kept
_FINALISTS = 3 * MOST_CANDIDATES
_POWERS = 10 ** np.arange(7, -1, -1)
_ADJACENT = np.array([True, True, True, False, True, False, True])  # of yyyymmdd, digits that a typist may swap


@dataclass(slots=True)
class _Known:
    """A person of the register, as `score` looks at one."""

    id: int
    number: str
    name: str
    sex: str
    birth_date: date | None
    region_code: str
    household_id: int
    id_number: str = ""


def candidates(described: Sequence[Described], region_code: str, least: float) -> list[list[Candidate]]:
    """For each description the people of the region whose score is at least `least`, best first, at most five."""
    found: list[list[Candidate]] = [[] for _ in described]
    keys = [initials_of(one.name) or one.name for one in described]
    # In the order of initials, so that the people who share them are fetched once.
    order = sorted((at for at, key in enumerate(keys) if key), key=keys.__getitem__)
    for start in range(0, len(order), _ROWS_AT_ONCE):
        places = order[start : start + _ROWS_AT_ONCE]
        people = _People.named({described[at].name for at in places}, region_code)
        looks = []
        for at in places:
            if keys[at] in people.groups:
                looks.append((at, _Look(described[at], people, people.groups[keys[at]], least)))
        numbers = _id_numbers({people.ids[each] for _, look in looks for each in look.to_open})
        for at, look in looks:
            found[at] = look.best(numbers, least)
    return found


def _id_numbers(wanted: set[int]) -> dict[int, str]:
    return {pk: unseal(sealed) for pk, sealed in rows_with(Person, ("id", "id_number"), "id", wanted)}


@dataclass
class _Group:
    """People who share initials; they lie at start … stop of all. `names` are the different ones, first of all at `first`."""

    start: int
    stop: int
    first: int
    names: list[str]
    plain: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    syllables: Any = None
    seen: dict[str, Any] = field(default_factory=dict)

    def alike(self, name: str) -> Any:
        """How alike each of the names is, as `matching.name_score` says."""
        if name not in self.seen:
            self.seen[name] = self._alike(MARKS.sub("", name))
        return self.seen[name]

    def _alike(self, name: str) -> Any:
        if not self.plain:
            self.plain = [MARKS.sub("", each) for each in self.names]
            syllables = [sounds(each) for each in self.plain]
            self.spoken = [" ".join(each) for each in syllables]
            self.syllables = np.array([len(each) for each in syllables])
        if not name:
            return np.zeros(len(self.names))
        mine = sounds(name)
        spoken = " ".join(mine)
        signs = process.cdist([name], self.plain, scorer=fuzz.ratio, dtype=np.float64)[0] * 0.009
        voices = process.cdist([spoken], self.spoken, scorer=fuzz.ratio, dtype=np.float64)[0] * 0.008
        alike = np.maximum(signs, np.where(self.syllables == len(mine), voices, 0.0))
        alike[[each == spoken for each in self.spoken]] = 0.9
        alike[[each == name for each in self.plain]] = 1.0
        alike[[not each for each in self.plain]] = 0.0
        return alike


class _People:
    """People of a piece of a list, as arrays in the order of initials and names."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        rows.sort(key=lambda row: (row[8] or row[2], row[2]))
        self.rows = rows
        self.ids = [row[0] for row in rows]
        self.id_array = np.array(self.ids, np.int64)
        self.gone = np.array([row[7] is not None for row in rows], bool)
        self.sexes = np.array([row[3] for row in rows], str) if rows else np.array([], str)
        self.days = np.array([_as_number(row[4]) for row in rows], np.int64)
        self.digits = self.days[:, None] // _POWERS % 10
        self.regions = np.array([int(row[5] or 0) for row in rows], np.int64)
        self.groups: dict[str, _Group] = {}
        self.name_at = np.zeros(len(rows), np.int64)
        self._group()

    @classmethod
    def named(cls, names: set[str], region_code: str) -> _People:
        """People of the region by the initials of their names; by the name itself where it has none."""
        inside = (_INSIDE, region_code, region_code + ":")
        initials = {letters for name in names if (letters := initials_of(name))}
        without = {name for name in names if name and not initials_of(name)}
        return cls(
            [*rows_with(Person, _COLUMNS, "initials", initials, *inside),
             *(row for row in rows_with(Person, _COLUMNS, "name", without, *inside) if not row[8])]
        )  # fmt: skip

    def _group(self) -> None:
        at = names_before = 0
        for key, of_key in groupby(self.rows, key=lambda row: row[8] or row[2]):
            start, names = at, []
            for name, of_name in groupby(of_key, key=lambda row: row[2]):
                count = sum(1 for _ in of_name)
                self.name_at[at : at + count] = names_before + len(names)
                names.append(name)
                at += count
            self.groups[key] = _Group(start, at, names_before, names)
            names_before += len(names)

    def known(self, at: int) -> _Known:
        pk, number, name, sex, born, region_code, household_id, _left, _initials = self.rows[at]
        return _Known(pk, number, name, sex, _as_date(born), region_code, household_id)


class _Look:
    """One description beside the people who share its initials."""

    def __init__(self, one: Described, people: _People, group: _Group, least: float) -> None:
        self.one, self.people, self.start = one, people, group.start
        part = slice(group.start, group.stop)
        self.name = group.alike(one.name)[people.name_at[part] - group.first]
        written = one.id_number
        sex = one.sex or ((identity.sex(written) or "") if len(written) == 18 else "")
        without_id = (
            WEIGHTS["name"] * self.name
            + WEIGHTS["birth_date"] * _days_alike(born_on(one), people.days[part], people.digits[part])
            + WEIGHTS["village"] * _places_alike(one.region_code, people.regions[part])
            + WEIGHTS["sex"] * _sexes_alike(sex, people.sexes[part])
        )
        near = self.name >= SHARE_OF_NAME
        self.total = without_id + WEIGHTS["id_number"] * UNKNOWN
        self.total[~near] *= self.name[~near]
        self.without_id = without_id
        self.to_open: list[int] = []
        if len(written) >= _WORTH_A_LOOK:
            hopeful = np.flatnonzero(near & (without_id + WEIGHTS["id_number"] >= least - _ROUNDING))
            self.to_open = (hopeful + group.start).tolist()

    def best(self, numbers: dict[int, str], least: float) -> list[Candidate]:
        people = self.people
        for at in self.to_open:
            said = id_score(self.one.id_number, numbers[people.ids[at]])
            here = at - self.start
            self.total[here] = self.without_id[here] + WEIGHTS["id_number"] * (UNKNOWN if said is None else said)
        likely = np.flatnonzero(self.total >= least - _ROUNDING)
        if not len(likely):
            return []
        everywhere = likely + self.start
        order = np.lexsort((people.id_array[everywhere], people.gone[everywhere], -np.round(self.total[likely], 3)))
        scored = []
        for at in everywhere[order[:_FINALISTS]].tolist():
            known = people.known(at)
            known.id_number = numbers.get(known.id, "")
            each = score(self.one, known)
            if each.score >= least:
                scored.append((-each.score, bool(people.gone[at]), known.id, each))
        return [each for *_, each in sorted(scored, key=lambda one: one[:3])[:MOST_CANDIDATES]]


def _days_alike(born: date | None, days: Any, digits: Any) -> Any:
    """As `matching.day_score`; UNKNOWN where one side says nothing."""
    if born is None:
        return UNKNOWN
    mine = _as_number(born)
    same_year, same_month = days // 10_000 == born.year, days // 100 == mine // 100
    same_day_of_year = days % 10_000 == mine % 10_000
    differ = digits != (mine // _POWERS % 10)
    count = differ.sum(axis=1)
    one_slip = count == 1
    if (count == 2).any():
        own = mine // _POWERS % 10
        crossed = (digits[:, :-1] == own[1:]) & (digits[:, 1:] == own[:-1]) & differ[:, :-1] & differ[:, 1:]
        one_slip |= (count == 2) & (crossed & _ADJACENT).any(axis=1)
    alike = np.where(same_month, 0.4, 0.0)
    alike[one_slip & (same_year | same_day_of_year)] = 0.7
    alike[same_year & (days % 100 == born.month) & (days // 100 % 100 == born.day)] = 0.9
    alike[count == 0] = 1.0
    alike[days == 0] = UNKNOWN
    return alike


def _places_alike(region_code: str, regions: Any) -> Any:
    """As `matching.place_score`; UNKNOWN where one side says nothing."""
    if not region_code:
        return UNKNOWN
    village = len(region_code.rstrip("0")) > 9
    alike = np.where(regions // 1000 == int(region_code[:9].ljust(9, "0")), 0.6 if village else 0.9, 0.0)
    if village:
        alike[regions == int(region_code.ljust(12, "0"))] = 1.0
    alike[regions == 0] = UNKNOWN
    return alike


def _sexes_alike(sex: str, sexes: Any) -> Any:
    if not sex:
        return UNKNOWN
    return np.where(sexes == "", UNKNOWN, (sexes == sex).astype(float))


def _as_date(born: Any) -> date | None:
    return date.fromisoformat(born) if isinstance(born, str) else born


def _as_number(born: Any) -> int:
    """19900102; 0 where it is not known."""
    if born is None:
        return 0
    if isinstance(born, str):
        return int(born[:4] + born[5:7] + born[8:10])
    return int(born.year * 10_000 + born.month * 100 + born.day)
