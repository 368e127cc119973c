"""Forms that are shipped with a rulebook, and where their answers go.

A form lies in `forms/` as two files of one name: NAME.xlsx or NAME.md (an XLSForm) and NAME.yaml (this).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from khotail.rulebook.model import Confidence, Place
from khotail.texts import Text

Purpose = Literal["visit", "guarantees", "recheck", "disaster", "relocation", "satisfaction", "other"]

PURPOSES: dict[str, Text] = {
    "visit": Text("入户走访", "household visit"),
    "guarantees": Text("两不愁三保障核查", "check of the guarantees"),
    "recheck": Text("回头看", "recheck"),
    "disaster": Text("灾情核查", "disaster"),
    "relocation": Text("易地搬迁后续扶持", "relocation follow-up"),
    "satisfaction": Text("满意度调查", "satisfaction"),
    "other": Text("其他", "other"),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """Where one answer goes: a column of a fact table, by the question's path within the form.

    values  answer → value of the column, for questions whose choices are worded otherwise than the register
    """

    question: str
    table: str
    column: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Raised:
    """What an answer raises: a lead with causes, or an issue of a route.

    question  path within the form; the answer must be one of `answers`
    words     path of the question that says it in words, if there is one
    """

    question: str
    answers: tuple[str, ...]
    causes: tuple[str, ...]
    route: str
    words: str


@dataclass(frozen=True)
class VisitForm:
    """A form of the rulebook: the XLSForm's file, and what is done with its answers.

    household  path of the question that holds the household's number
    """

    id: str
    name: Text
    purpose: Purpose
    file: Path
    household: str
    takes: tuple[Taken, ...]
    raises: tuple[Raised, ...]
    since: date
    until: date | None
    region: str
    source: str
    confidence: Confidence
    place: Place
