"""Who in the register a row may be about, where it gives no sound ID number (docs/decisions/0012-matching.md).

Candidates share the name, or its pinyin initials: that finds homophones (丽 and 莉) as well as the name itself. Each is
then scored by name, birth date, what is left of the ID number, village and sex. A field that one side does not know says
little: it counts as four tenths of agreement, so that a name alone is never certain.
"""

from __future__ import annotations

import functools
import heapq
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from khotail.facts import identity
from khotail.register.bulk import rows_with
from khotail.register.models import Person
from khotail.register.names import initials_of
from khotail.register.sealed import unseal
from khotail.rulebook import load_rulebook

WEIGHTS = {"name": 0.35, "birth_date": 0.30, "id_number": 0.20, "village": 0.10, "sex": 0.05}
UNKNOWN = 0.4
#: the second best must be this much worse for the best to be certain
MARGIN = 0.05
MOST_CANDIDATES = 5
_AGREES, _DIFFERS = 0.85, 0.5
_SHARE_OF_NAME = 0.55
_COLUMNS = (
    "id",
    "number",
    "name",
    "sex",
    "birth_date",
    "region_code",
    "household_id",
    "id_number",
    "left_on",
    "initials",
)
_ROWS_AT_ONCE = 1_000
#: of people who share initials so many are looked at one by one, those of the same name, birth date and village first
_MOST_LOOKED_AT = 1_000
_MARKS = re.compile(r"[\s·•・．.\-]")


@dataclass(frozen=True)
class Thresholds:
    certain: float
    possible: float


@dataclass(frozen=True)
class Described:
    """A person as a list describes them. Empty or None: the list does not say.

    id_number  as written, however damaged; signs that cannot be read are *
    region_code  of the village or township that the list names
    """

    name: str
    birth_date: date | None = None
    sex: str = ""
    id_number: str = ""
    region_code: str = ""


@dataclass(frozen=True)
class Candidate:
    person: int
    number: str
    household: int
    score: float
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        return {
            "person": self.person, "score": self.score, "agrees": list(self.agrees), "differs": list(self.differs)
        }  # fmt: skip


@dataclass(slots=True)
class _Known:
    id: int
    number: str
    name: str
    sex: str
    birth_date: date | None
    region_code: str
    household_id: int
    sealed_id: str
    gone: bool
    _id: str | None = field(default=None)

    @property
    def id_number(self) -> str:
        if self._id is None:
            self._id = unseal(self.sealed_id)
        return self._id


@functools.lru_cache(maxsize=4)
def _parameters(book: str) -> Any:
    return load_rulebook(book).parameters


def thresholds(on: date, region_code: str) -> Thresholds:
    """What the rulebook says on a day in a region. Raises KeyError if it says nothing."""
    values = []
    for name in ("match_certain", "match_possible"):
        found = _parameters(str(settings.KHOTAIL_RULEBOOK))[name].in_force(on, region_code)
        if found is None:
            raise KeyError(name)
        values.append(float(found.value))
    return Thresholds(*values)


def candidates(described: Sequence[Described], region_code: str, least: float) -> list[list[Candidate]]:
    """For each description the people of the region whose score is at least `least`, best first, at most five."""
    found: list[list[Candidate]] = [[] for _ in described]
    # In the order of initials, so that the people who share them are fetched once.
    order = sorted(range(len(described)), key=lambda at: initials_of(described[at].name))
    for start in range(0, len(order), _ROWS_AT_ONCE):
        places = order[start : start + _ROWS_AT_ONCE]
        people = _people_named({described[at].name for at in places}, region_code)
        for at in places:
            one = described[at]
            alike = people.get(initials_of(one.name) or one.name, ()) if one.name else ()
            found[at] = _best(one, alike, least)
    return found


def certain(found: Sequence[Candidate], at_least: float) -> Candidate | None:
    """The best candidate, if the score says so and nobody else comes near."""
    if not found or found[0].score < at_least:
        return None
    return None if len(found) > 1 and found[0].score - found[1].score < MARGIN else found[0]


def _people_named(names: set[str], region_code: str) -> dict[str, list[_Known]]:
    """People of the region by the initials of their names; by the name itself where it has none."""
    inside = ("AND region_code >= %s AND region_code < %s", region_code, region_code + ":")
    initials = {letters for name in names if (letters := initials_of(name))}
    without = {name for name in names if name and not initials_of(name)}
    people: dict[str, list[_Known]] = defaultdict(list)
    for row in rows_with(Person, _COLUMNS, "initials", initials, *inside):
        people[row[-1]].append(_known(row))
    for row in rows_with(Person, _COLUMNS, "name", without, *inside):
        people[row[2]].append(_known(row))
    return people


def _best(one: Described, alike: Sequence[_Known], least: float) -> list[Candidate]:
    hopeless = 1 - WEIGHTS["birth_date"] - (0 if one.id_number else (1 - UNKNOWN) * WEIGHTS["id_number"]) < least
    if hopeless and one.birth_date:
        alike = [known for known in alike if _may_be_born(one.birth_date, known.birth_date)]
    born = _born(one)
    if len(alike) > _MOST_LOOKED_AT:
        alike = heapq.nsmallest(
            _MOST_LOOKED_AT, alike,
            key=lambda known: (
                known.name != one.name, known.birth_date != born, known.region_code != one.region_code
            ),
        )  # fmt: skip
    scored = [(each, known.gone) for known in alike if known.number and (each := score(one, known)).score >= least]
    scored.sort(key=lambda pair: (-pair[0].score, pair[1], pair[0].person))
    return [each for each, _ in scored[:MOST_CANDIDATES]]


def _born(one: Described) -> date | None:
    """The day that the list says, else the one that the number says."""
    return one.birth_date or identity.birth_date(one.id_number)


def _may_be_born(one: date, other: date | None) -> bool:
    """Whether the days may be taken for one another; any others count as nothing."""
    return other is None or one.year == other.year or (one.month, one.day) == (other.month, other.day)


def _known(row: tuple[Any, ...]) -> _Known:
    pk, number, name, sex, born, region_code, household_id, sealed, left_on, _initials = row
    born = date.fromisoformat(born) if isinstance(born, str) else born
    return _Known(pk, number, name, sex, born, region_code, household_id, sealed, left_on is not None)


def score(one: Described, known: Any) -> Candidate:
    """How alike a description and a person of the register are, from 0 to 1, and what agrees and differs."""
    name = _name_score(one.name, known.name)
    parts: dict[str, float | None] = {"name": name}
    born, sex = _born(one), one.sex
    written = one.id_number
    if not sex and len(written) == 18:
        sex = identity.sex(written) or ""
    parts["birth_date"] = _day_score(born, known.birth_date)
    parts["sex"] = None if not sex or not known.sex else float(sex == known.sex)
    parts["village"] = _place_score(one.region_code, known.region_code)
    worth_a_look = name >= _SHARE_OF_NAME and len(written) >= 6
    parts["id_number"] = _id_score(written, known.id_number) if worth_a_look else None
    total = sum(weight * (UNKNOWN if parts[part] is None else parts[part]) for part, weight in WEIGHTS.items())
    if name < _SHARE_OF_NAME:
        total *= name
    agrees = tuple(part for part in WEIGHTS if parts[part] is not None and parts[part] >= _AGREES)
    differs = tuple(part for part in WEIGHTS if parts[part] is not None and parts[part] < _AGREES)
    return Candidate(known.id, known.number, known.household_id, round(total, 3), agrees, differs)


@functools.lru_cache(maxsize=50_000)
def _sounds(name: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(name, style=Style.NORMAL))


@functools.lru_cache(maxsize=50_000)
def _name_score(one: str, other: str) -> float:
    one, other = _MARKS.sub("", one), _MARKS.sub("", other)
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    mine, theirs = _sounds(one), _sounds(other)
    if mine == theirs:
        return 0.9
    signs = fuzz.ratio(one, other) / 100
    sounds = fuzz.ratio(" ".join(mine), " ".join(theirs)) / 100 if len(mine) == len(theirs) else 0.0
    return max(0.9 * signs, 0.8 * sounds)


def _day_score(one: date | None, other: date | None) -> float | None:
    if one is None or other is None:
        return None
    if one == other:
        return 1.0
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return 0.9
    if _may_be_born(one, other) and OSA.distance(one.isoformat(), other.isoformat()) == 1:
        return 0.7
    return 0.4 if (one.year, one.month) == (other.year, other.month) else 0.0


def _place_score(one: str, other: str) -> float | None:
    if not one or not other:
        return None
    if len(one.rstrip("0")) > 9 and one == other:
        return 1.0
    if one[:9] == other[:9]:
        return 0.6 if len(one.rstrip("0")) > 9 else 0.9
    return 0.0


def _id_score(written: str, registered: str) -> float | None:
    """How far what can still be read of an ID number agrees with the registered one."""
    registered = registered[:18]
    if len(registered) != 18:
        return None
    if (len(written) >= 18 and "*" in written) or len(written) < 17:
        visible = [(mine, theirs) for mine, theirs in zip(written[:18], registered, strict=False) if mine != "*"]
        if len(visible) < 6:
            return None
        wrong = sum(mine != theirs for mine, theirs in visible)
        # Six digits say the banner, which everybody shares; only what lies beyond tells people apart.
        return None if not wrong and len(visible) < 10 else max(0.0, 1 - wrong / 3)
    distance = OSA.distance(written[:18], registered)
    if distance == 0:
        return 1.0
    if identity.is_valid(written) and identity.is_valid(registered):
        return 0.0  # two sound numbers are two people, however close
    return {1: 0.95, 2: 0.85}.get(distance, 0.0)


def readable(written: Iterable[str | None]) -> str:
    """What can still be read of an ID number as the file has it: digits, X, and * for signs that are lost."""
    text = "".join(sign for sign in (next(iter(written), "") or "").strip().upper() if not sign.isspace())
    text = text.lstrip("'’‘`")
    if matched := re.fullmatch(r"(\d)(?:\.(\d+))?E\+?(\d{1,2})", text):
        digits = matched[1] + (matched[2] or "")
        return digits.ljust(18, "*")[:18] if matched[3] in ("17", "18") else ""
    text = re.sub(r"[^0-9X*]", "*", text.removesuffix(".0"))
    if len(text) == 18 and text.isdecimal() and text.endswith("000") and not identity.is_valid(text):
        return text[:15] + "***"
    if len(text) == 15 and text.isdecimal():
        return identity.upgrade(text)
    return text
