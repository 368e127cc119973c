"""Rows that were read but not written: of places outside the region, or about households that the register lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from khotail.facts.reading.linking import Register
from khotail.register.bulk import rows_with
from khotail.register.models import Household

OUTSIDE, UNKNOWN = "outside-region", "household-unknown"
_PLACE = ("banner_name", "township_name", "village_name")


@dataclass
class Kept:
    """Passed to the reader as its linker: keeps the clean rows, by which those that are not written are found again."""

    link: Callable[[Any], tuple[Any, Register]] | None = None
    rows: Any = None

    def __call__(self, rows: Any) -> tuple[Any, Register]:
        self.rows = rows
        return self.link(rows) if self.link else (rows, Register.empty())


def left_out(rows: Any, tables: Mapping[str, Any], region_code: str) -> list[tuple[int, int, str]]:
    """Row number, position in the sheet and reason of each row whose facts were not written. Call it after the writing.

    rows    the clean rows of one list; tables  what was made of them
    """
    households = _households(tables, region_code)
    places = _places(tables, region_code)
    if not households and not places:
        return []
    columns = {
        name: rows[name].to_pylist() for name in ("_row", "_at", "household_id", *_PLACE) if name in rows.column_names
    }
    numbers = columns.get("household_id") or [None] * rows.num_rows
    names = list(zip(*(columns.get(name) or [None] * rows.num_rows for name in _PLACE), strict=True))
    found = []
    for row, at, number, place in zip(columns["_row"], columns["_at"], numbers, names, strict=True):
        why = households.get(number) or (OUTSIDE if place in places else None)
        if why:
            found.append((row, at, why))
    return found


def _households(tables: Mapping[str, Any], region_code: str) -> dict[str, str]:
    """Number of a household → why nothing was written of it."""
    stated: dict[str, str] = {}
    for table in tables.values():
        if "household_id" in table.column_names:
            placed = "region_code" in table.column_names
            codes = table["region_code"].to_pylist() if placed else [""] * table.num_rows
            for number, code in zip(table["household_id"].to_pylist(), codes, strict=True):
                stated[number] = code or stated.get(number, "")
    lives = dict(rows_with(Household, ("number", "region_code"), "number", filter(None, stated)))
    found = {}
    for number, code in stated.items():
        outside = code and not code.ljust(12, "0").startswith(region_code)
        if outside or not lives.get(number, region_code).startswith(region_code):
            found[number] = OUTSIDE
        elif number not in lives:
            found[number] = UNKNOWN
    return found


def _places(tables: Mapping[str, Any], region_code: str) -> set[tuple[str | None, ...]]:
    """Names of places outside the region, from tables about places."""
    found = set()
    for table in tables.values():
        if "household_id" in table.column_names or "region_code" not in table.column_names:
            continue
        names = [table[name].to_pylist() if name in table.column_names else [None] * table.num_rows for name in _PLACE]
        for code, *place in zip(table["region_code"].to_pylist(), *names, strict=True):
            if code and not code.startswith(region_code):
                found.add(tuple(place))
    return found
