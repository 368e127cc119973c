"""The reference of the fact tables, written from the schema: `python -m khotail.facts.document > docs/facts.md`."""

from __future__ import annotations

from collections.abc import Iterator

from khotail.facts.schema import LEVEL_TABLES, TABLES, Column, Table

_KINDS = {"text": "text", "int": "whole number", "number": "number", "bool": "yes/no", "date": "date"}

_INTRODUCTION = """\
# Fact tables

<!-- Made from src/khotail/facts/schema. Change the schema, then run: python -m khotail.facts.document > docs/facts.md -->

A fact is a dated statement from a named source about a household, a person or a village. The tables and columns below
are public: rules read them, files are read into them, and `Facts.of` takes frames that have them. No file fills all of
them; a rule that reads a column which the data lack is skipped and named.

- Every table has `as_of`, the day that the statement holds for, and `source`, the batch that it came from.
- Values stay as the register writes them (`残疾`, `普通劳动力`). A blank is NULL. A month becomes its first day.
- Money is in yuan (CNY) unless the unit says otherwise; 1 mu (亩) is 1/15 hectare; income year 2025 runs from
  1 October 2024 to 30 September 2025.
- `region_code` has 12 digits: province 2, league 4, banner 6, township 9, village 12.
- Columns in **bold** are the table's key.
"""


def document() -> str:
    """The whole reference in Markdown: a list of the tables, then one table of columns for each."""
    parts = [_INTRODUCTION, "\n".join(_contents()), *("\n".join(_described(table)) for table in TABLES.values())]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _contents() -> Iterator[str]:
    levels = {table.name: level for level, table in LEVEL_TABLES.items()}
    yield "| table | 中文 | what a row is about | level of rules |"
    yield "|---|---|---|---|"
    for table in TABLES.values():
        level = f"`{levels[table.name]}`" if table.name in levels else ""
        yield f"| [`{table.name}`](#{table.name}) | {table.zh} | {table.en} | {level} |"


def _described(table: Table) -> Iterator[str]:
    yield f"## {table.name}"
    yield ""
    yield f"{table.zh}. {table.en}."
    yield ""
    yield "| column | 中文表头 | kind | unit | meaning | known values |"
    yield "|---|---|---|---|---|---|"
    told: dict[tuple[tuple[str, str], ...], str] = {}
    for column in table.columns:
        if column.name in ("as_of", "source"):
            continue
        name = f"**`{column.name}`**" if column.name in table.key else f"`{column.name}`"
        cells = (name, column.zh, _KINDS[column.kind], column.unit, column.en, _known_values(column, told))
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _known_values(column: Column, told: dict[tuple[tuple[str, str], ...], str]) -> str:
    """The column's codes, or the column of the same table that has told them already."""
    if column.codes and told.setdefault(column.codes, column.name) != column.name:
        return f"as `{told[column.codes]}`"
    return "; ".join(zh if zh == en else f"{zh} ({en})" for zh, en in column.codes)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    print(document(), end="")
