"""From which score a match is certain, and from which it is possible: as the rulebook in force says."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from khotail.rulebook import load_rulebook


@dataclass(frozen=True)
class Thresholds:
    certain: float
    possible: float


def thresholds(on: date, region_code: str) -> Thresholds:
    """What the rulebook says on a day in a region. Raises KeyError if it says nothing."""
    parameters = _parameters()
    values = []
    for name in ("match_certain", "match_possible"):
        found = parameters[name].in_force(on, region_code)
        if found is None:
            raise KeyError(name)
        values.append(float(found.value))
    return Thresholds(*values)


def read_with(parameters: Callable[[], Any]) -> None:
    """Let the app that keeps the region's own rulebook say which parameters are in force; it lies to the right of this one."""
    global _parameters
    _parameters = parameters


@functools.lru_cache(maxsize=4)
def _of_book(book: str) -> Any:
    return load_rulebook(book).parameters


def _of_the_installation() -> Any:
    return _of_book(str(settings.KHOTAIL_RULEBOOK))


_parameters: Callable[[], Any] = _of_the_installation
