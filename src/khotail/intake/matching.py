"""Who in the register a row may be about, where it gives no sound ID number (docs/decisions/0012-matching.md).

Candidates share the name, or its pinyin initials: that finds homophones (丽 and 莉) as well as the name itself. Each is
then scored by name, birth date, what is left of the ID number, village and sex. A field that one side does not know says
little: it counts as four tenths of agreement, so that a name alone is never certain.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from khotail.facts import identity
from khotail.register.sealed import keyed_digest

WEIGHTS = {"name": 0.35, "birth_date": 0.30, "id_number": 0.20, "village": 0.10, "sex": 0.05}
UNKNOWN = 0.4
#: the second best must be this much worse for the best to be certain
MARGIN = 0.05
_AGREES = 0.85
SHARE_OF_NAME = 0.55
#: so many signs of an ID number say more than the banner and a year
_TELLING = 14
MARKS = re.compile(r"[\s·•・．.\-]")


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

    def digest(self) -> str:
        """By which the same person is known in another list; "" where a namesake would have the same."""
        if not self.name or not (self.birth_date or len(self.id_number.replace("*", "")) >= _TELLING):
            return ""
        born = self.birth_date.isoformat() if self.birth_date else ""
        return keyed_digest("\x1f".join((MARKS.sub("", self.name), born, self.region_code, self.id_number)))


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


def certain(found: Sequence[Candidate], at_least: float) -> Candidate | None:
    """The best candidate, if the score says so and nobody else comes near."""
    if not found or found[0].score < at_least:
        return None
    return None if len(found) > 1 and found[0].score - found[1].score < MARGIN else found[0]


def born_on(one: Described) -> date | None:
    """The day that the list says, else the one that the number says."""
    return one.birth_date or identity.birth_date(one.id_number)


def _may_be_born(one: date, other: date | None) -> bool:
    """Whether the days may be taken for one another; any others count as nothing."""
    return other is None or one.year == other.year or (one.month, one.day) == (other.month, other.day)


def score(one: Described, known: Any) -> Candidate:
    """How alike a description and a person of the register are, from 0 to 1, and what agrees and differs."""
    name = name_score(one.name, known.name)
    parts: dict[str, float | None] = {"name": name}
    born, sex = born_on(one), one.sex
    written = one.id_number
    if not sex and len(written) == 18:
        sex = identity.sex(written) or ""
    parts["birth_date"] = day_score(born, known.birth_date)
    parts["sex"] = None if not sex or not known.sex else float(sex == known.sex)
    parts["village"] = place_score(one.region_code, known.region_code)
    worth_a_look = name >= SHARE_OF_NAME and len(written) >= 6
    parts["id_number"] = id_score(written, known.id_number) if worth_a_look else None
    total = sum(weight * (UNKNOWN if parts[part] is None else parts[part]) for part, weight in WEIGHTS.items())
    if name < SHARE_OF_NAME:
        total *= name
    agrees = tuple(part for part in WEIGHTS if parts[part] is not None and parts[part] >= _AGREES)
    differs = tuple(part for part in WEIGHTS if parts[part] is not None and parts[part] < _AGREES)
    return Candidate(known.id, known.number, known.household_id, round(total, 3), agrees, differs)


def sounds(name: str) -> tuple[str, ...]:
    """The pinyin of each character; of a name in other letters, the words as they are."""
    if all("\u3400" <= sign <= "\u9fff" for sign in name):
        return tuple(map(_sound, name))
    return tuple(lazy_pinyin(name, style=Style.NORMAL))


@functools.cache
def _sound(character: str) -> str:
    return "".join(lazy_pinyin(character, style=Style.NORMAL))


@functools.lru_cache(maxsize=50_000)
def name_score(one: str, other: str) -> float:
    one, other = MARKS.sub("", one), MARKS.sub("", other)
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    mine, theirs = sounds(one), sounds(other)
    if mine == theirs:
        return 0.9
    signs = fuzz.ratio(one, other) / 100
    voices = fuzz.ratio(" ".join(mine), " ".join(theirs)) / 100 if len(mine) == len(theirs) else 0.0
    return max(0.9 * signs, 0.8 * voices)


def day_score(one: date | None, other: date | None) -> float | None:
    if one is None or other is None:
        return None
    if one == other:
        return 1.0
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return 0.9
    if _may_be_born(one, other) and OSA.distance(one.isoformat(), other.isoformat()) == 1:
        return 0.7
    return 0.4 if (one.year, one.month) == (other.year, other.month) else 0.0


def place_score(one: str, other: str) -> float | None:
    if not one or not other:
        return None
    if len(one.rstrip("0")) > 9 and one == other:
        return 1.0
    if one[:9] == other[:9]:
        return 0.6 if len(one.rstrip("0")) > 9 else 0.9
    return 0.0


def id_score(written: str, registered: str) -> float | None:
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
