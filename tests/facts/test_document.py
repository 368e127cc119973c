"""The references in docs/ say what the schema and the mappings say."""

from __future__ import annotations

from pathlib import Path

from khotail.facts.document import document
from khotail.facts.reading import document as lists
from khotail.facts.schema import TABLES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_of_the_fact_tables_is_up_to_date() -> None:
    assert (DOCS / "facts.md").read_text(encoding="utf-8") == document(), (
        "docs/facts.md is stale; run: python -m khotail.facts.document > docs/facts.md"
    )


def test_the_reference_of_the_lists_is_up_to_date() -> None:
    assert (DOCS / "lists.md").read_text(encoding="utf-8") == lists.document(), (
        "docs/lists.md is stale; run: python -m khotail.facts.reading.document > docs/lists.md"
    )


def test_every_column_stands_in_the_reference_with_its_header() -> None:
    lines = document().splitlines()
    for table in TABLES.values():
        rows = lines[lines.index(f"## {table.name}") :]
        for column in table.columns:
            if column.name not in ("as_of", "source"):
                assert any(f"`{column.name}`" in row and column.zh in row for row in rows)
