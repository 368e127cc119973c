"""Parts of calls that many routes share: text, regions, and lists by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Query, Schema
from pydantic import BeforeValidator, Field

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.api.problems import NotHere, NotMade

MOST = 200
LARGEST_ID = 2**63 - 1

Item = TypeVar("Item")


def plain(value: Any) -> Any:
    """Text, and text within lists and objects, without what no database keeps: NUL and half characters."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {plain(name): plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


Words = Annotated[str, BeforeValidator(plain)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Limit = Annotated[int, Query(50, ge=1, le=MOST, description="How many at most.")]
After = Annotated[
    int, Query(0, ge=0, le=LARGEST_ID, description="`next` of the answer before: the list goes on behind it.")
]
Region = Annotated[
    Words, Query("", max_length=12, description="Code of 2 to 12 digits within your region; all of it if left out.")
]


class Listed(Schema, Generic[Item]):
    """A part of a list, in the order of ids. `next` is null at its end."""

    items: list[Item]
    next: int | None


def listed(rows: QuerySet[Any], after: int, limit: int, shown: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """At most `limit` rows behind the id `after`: one query, however long the list is."""
    found = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    return {
        "items": [shown(row) for row in found[:limit]],
        "next": found[limit - 1].pk if len(found) > limit else None,
    }


def within(officer: Officer, code: str) -> str:
    """The region asked for; the officer's own if none is. Raises NotHere for one that is not within it."""
    if not code:
        return officer.region_code
    if not (
        code.isascii() and code.isdecimal() and len(code) in LEVEL_OF_DIGITS and code.startswith(officer.region_code)
    ):
        raise NotHere
    return code


def one(rows: QuerySet[Any], pk: int) -> Any:
    """The row of a set that was scoped before. Raises NotHere."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotHere
    return found


def chosen(value: str, known: Iterable[str]) -> str:
    """A value of a filter. Raises NotMade for one that does not exist: an empty list would hide the slip."""
    names = list(known)
    if value not in names:
        raise NotMade(
            zh=f"“{value[:40]}”不在可选范围：{', '.join(names)}。",
            en=f"“{value[:40]}” is not one of: {', '.join(names)}.",
        )
    return value
