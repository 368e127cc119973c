"""Counts over a whole region, made once a minute and not once a visit.

Each web process keeps its own, and whoever comes while they are being made waits for them instead of making them too.
`settings.KHOTAIL_REMEMBER_SECONDS` says how long; 0 counts anew each time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from django.conf import settings

Value = TypeVar("Value")

#: Kept at most; then all is forgotten.
_MOST = 2_000
_made: dict[Hashable, tuple[float, object]] = {}
_making: dict[Hashable, threading.Lock] = {}
_lock = threading.Lock()


def remembered(key: Hashable, make: Callable[[], Value]) -> Value:
    """What `make` gave for this key within the last minute; else what it gives now.

    The key names everything that the value depends on: what is counted, region, rights, language.
    """
    seconds = settings.KHOTAIL_REMEMBER_SECONDS
    if not seconds:
        return make()
    if (found := _fresh(key, seconds)) is not None:
        return cast(Value, found[1])
    with _lock:
        turn = _making.setdefault(key, threading.Lock())
    with turn:
        if (found := _fresh(key, seconds)) is not None:
            return cast(Value, found[1])
        value = make()
        remember(key, value)
        return value


def peeked(key: Hashable) -> Any:
    """What was remembered for this key within the last minute; None if nothing was."""
    seconds = settings.KHOTAIL_REMEMBER_SECONDS
    found = _fresh(key, seconds) if seconds else None
    return found[1] if found else None


def remember(key: Hashable, value: object) -> None:
    with _lock:
        if len(_made) >= _MOST:
            _made.clear()
            _making.clear()
        _made[key] = (time.monotonic(), value)


def _fresh(key: Hashable, seconds: float) -> tuple[float, object] | None:
    found = _made.get(key)
    return found if found and time.monotonic() - found[0] < seconds else None
