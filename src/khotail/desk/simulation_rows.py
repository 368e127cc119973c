"""The rows of the scenario builder: as many as were sent, one more where somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from khotail.accounts.language import said
from khotail.analysis.scenario import ScenarioFlawed
from khotail.desk.simulation_forms import AddForm, BuiltForm, ChangeForm, Offered, RowForm, ShockForm
from khotail.simulation.written import Rows, Written, written

ROW_FORMS: tuple[type[RowForm], ...] = (ChangeForm, AddForm, ShockForm)
_MOST_ROWS = 60


@dataclass
class Builder:
    """The form of a scenario: its head and its rows by kind."""

    head: BuiltForm
    rows: dict[str, list[RowForm]]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.counting()]
        return self.head.is_valid() and all(rows)

    def counting(self) -> list[RowForm]:
        return [row for rows in self.rows.values() for row in rows if row.counts]

    def written(self) -> Written:
        """The scenario in YAML. Only once everything is valid."""
        values = {name: [row.cleaned_data for row in rows if row.counts] for name, rows in self.rows.items()}
        head = self.head.cleaned_data
        return written(Rows(title=head["title"], adopted=head["adopted"], **values))

    def add_flaws(self, problem: ScenarioFlawed, lines: Mapping[int, tuple[str, int]]) -> None:
        """Put every flaw at the row that it is about."""
        for flaw in problem.flaws:
            name, place = lines.get(flaw.place.line, ("", 0))
            target = [row for row in self.rows[name] if row.counts][place] if name else self.head
            target.add_error(None, said(flaw.text))


def sent(offers: Offered, data: Mapping[str, Any]) -> Builder:
    """The builder as it was sent."""
    rows = {
        kind.prefix_name: [
            kind(offers, data, prefix=f"{kind.prefix_name}-{number}")
            for number in range(_count(data, kind.prefix_name))
        ]
        for kind in ROW_FORMS
    }
    return Builder(BuiltForm(offers, data), rows)


def filled(offers: Offered, head: dict[str, Any], rows: Rows) -> Builder:
    """The builder filled with a scenario, and one empty row of each kind."""
    made: dict[str, list[RowForm]] = {}
    for kind in ROW_FORMS:
        values = [*getattr(rows, kind.prefix_name), {}]
        made[kind.prefix_name] = [
            kind(offers, prefix=f"{kind.prefix_name}-{number}", initial=each) for number, each in enumerate(values)
        ]
    return Builder(BuiltForm(offers, initial=head), made)


def with_one_more(offers: Offered, data: Mapping[str, Any], more: str) -> Builder:
    """The builder as it was sent, unjudged, with one more row of a kind."""
    values: dict[str, list[dict[str, Any]]] = {}
    for kind in ROW_FORMS:
        prefix = kind.prefix_name
        fields = kind(offers, prefix="x").fields
        values[prefix] = [
            {name: data.get(f"{prefix}-{number}-{name}", "") for name in fields}
            for number in range(_count(data, prefix))
        ]
        if (
            prefix != more
            and values[prefix]
            and not any(values[prefix][-1].get(name) for name in ("programme", "who", "cause"))
        ):
            values[prefix].pop()
    names = ("title", "region_code", "years", "adopted")
    head = {name: data.get(name, "") for name in names} | {"goes_on": data.getlist("goes_on")}  # type: ignore[attr-defined]
    return filled(offers, head, Rows(**values))


def _count(data: Mapping[str, Any], prefix: str) -> int:
    number = str(data.get(f"{prefix}-count", "0"))
    return min(int(number), _MOST_ROWS) if number.isascii() and number.isdecimal() and len(number) < 4 else 0
