"""A chart as data: drawn by charts.js where there is JavaScript, and always a table as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Number = int | float | None


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[Number]


@dataclass(frozen=True)
class Chart:
    """Series over common labels. `id` is unique on its page; `labels_title` heads the table's first column."""

    id: str
    kind: Literal["line", "bar", "stacked"]
    title: str
    labels_title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""

    @property
    def data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "series": [{"name": str(each.name), "values": list(each.values)} for each in self.series],
            "unit": self.unit,
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        columns = [each.values for each in self.series]
        return [{"label": label, "values": [column[i] for column in columns]} for i, label in enumerate(self.labels)]
