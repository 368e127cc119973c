"""Result tables, for the terminal and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field

import rich
import rich.table


@dataclass
class Table:
    """One benchmark's result. The first column names the contestant; `note` says what the rows mean and what they don't."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    note: str = ""

    def show(self) -> None:
        table = rich.table.Table(title=self.title, title_justify="left", caption=self.note, caption_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        rich.print(table)

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", _line(self.columns), _line(["---"] + ["---:"] * (len(self.columns) - 1))]
        lines += [_line(row) for row in self.rows]
        return "\n".join([*lines, "", self.note, ""])


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def times(value: float) -> str:
    return f"{value:.2f}×"
