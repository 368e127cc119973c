"""Rows as they lie in a file, before anyone knows what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(slots=True)
class RawSheet:
    """One sheet of text cells.

    name     the sheet's name; the file's stem for a file without sheets
    columns  one string array per column, all of one length; an empty cell is null
    rows     the row number of each row as the file counts them, from 1
    broken   rows that could not be laid into columns: (row number, cells, reason)
    """

    name: str
    columns: list[Any]
    rows: Any
    broken: list[tuple[int, list[str], str]] = field(default_factory=list)

    @property
    def height(self) -> int:
        return len(self.rows)

    def head(self, count: int) -> list[list[str | None]]:
        """The first rows as lists of cells."""
        if not self.columns:
            return []
        return [list(row) for row in zip(*(column.slice(0, count).to_pylist() for column in self.columns), strict=True)]

    def row(self, at: int) -> list[str | None]:
        """The cells of the row at a position, from 0."""
        return [column[at].as_py() for column in self.columns]


def numbered(height: int, first: int = 1) -> Any:
    return pa.array(list(range(first, first + height)), pa.int64())
