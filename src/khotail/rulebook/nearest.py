"""The nearest right name for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from khotail.texts import Text


def did_you_mean(name: str, known: Iterable[str]) -> Text:
    """A sentence with the nearest right name, or an empty one."""
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return Text(f"是不是“{nearest[0]}”？", f"Did you mean “{nearest[0]}”?") if nearest else Text("", "")
