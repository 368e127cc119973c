"""Text inside SQL: the one place where it is quoted."""

from __future__ import annotations

from pathlib import Path


def quoted(text: str | Path) -> str:
    """A text or path as a SQL string literal, its own quotes doubled."""
    return "'" + str(text).replace("'", "''") + "'"
