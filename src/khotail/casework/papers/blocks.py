"""What a paper consists of, as plain data for `paper.typ`: text is passed as data and never read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from khotail.facts.identity import masked

Block = dict[str, Any]

#: ID, bank and phone numbers that somebody typed into a free field; dates and amounts are shorter.
_LONG_NUMBER = re.compile(r"(?<![0-9])(?:1[0-9]{10}|[0-9]{14,19}[0-9Xx]?)(?![0-9])")
BLANK = "＿" * 8


def text(words: str, *, centred: bool = False) -> Block:
    return {"kind": "text", "words": words, "centred": centred}


def heading(words: str) -> Block:
    return {"kind": "heading", "words": words}


def rows(pairs: Iterable[tuple[str, str]]) -> Block:
    """Labels and values in two columns; an empty value is left to be filled in by hand."""
    return {"kind": "rows", "pairs": [[label, value] for label, value in pairs]}


def table(head: Iterable[str], body: Iterable[Iterable[str]]) -> Block:
    return {"kind": "table", "head": list(head), "body": [list(row) for row in body]}


def signatures(*lines: str) -> Block:
    """Lines to be signed, each with room for a date."""
    return {"kind": "signatures", "lines": list(lines)}


def seal(body: str, day: date) -> Block:
    """Whoever issues the paper and the day, on the right, with room for the seal."""
    return {"kind": "seal", "body": body, "day": in_chinese(day)}


def in_chinese(day: date | str | None) -> str:
    """2026年6月3日; a blank line where the day is not known."""
    if not day:
        return f"{BLANK}年＿＿月＿＿日"
    found = day if isinstance(day, date) else date.fromisoformat(day)
    return f"{found.year}年{found.month}月{found.day}日"


def without_numbers(value: Any) -> Any:
    """The same data with every long number in its texts masked."""
    if isinstance(value, str):
        return _LONG_NUMBER.sub(lambda found: _hidden(found.group()), value)
    if isinstance(value, list):
        return [without_numbers(each) for each in value]
    if isinstance(value, dict):
        return {name: without_numbers(each) for name, each in value.items()}
    return value


def _hidden(number: str) -> str:
    """Of a phone number the first three and last four digits stay; of others what `masked` leaves."""
    return f"{number[:3]}****{number[-4:]}" if len(number) == 11 else masked(number)
