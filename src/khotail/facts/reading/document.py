"""The reference of the known lists and reasons: `python -m khotail.facts.reading.document > docs/lists.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from khotail.facts.reading.reasons import DROPPED, FLAGGED, MENDED, REJECTED
from khotail.facts.reading.sources import LINKS, Source, load_sources
from khotail.facts.schema import TABLES
from khotail.texts import Text

_INTRODUCTION = """\
# Known lists, headers and reasons

<!-- Made from src/khotail/facts/sources and reasons.py: python -m khotail.facts.reading.document > docs/lists.md -->

How these are used is told in [files.md](files.md). Spaces, line breaks, brackets, punctuation and full-width characters
in a header make no difference; a unit in brackets may differ and is converted where it is another size.
"""
_REASONS: tuple[tuple[str, str, Mapping[str, Text]], ...] = (
    ("Mended", "The cell was put right without doubt.", MENDED),
    ("To be checked", "The cell was emptied where it could not be read, kept where it is only doubtful.", FLAGGED),
    ("Dropped", "The same row twice; only counted.", DROPPED),
    ("Rejected", "The row could not be used and comes back in a workbook.", REJECTED),
)


def document() -> str:
    """The lists, the headers of every column that a list may fill, and the reasons, in Markdown."""
    sources = load_sources()
    parts = [_INTRODUCTION, *(_paragraph(part) for part in (_lists(sources), _headers(sources), _reasons()))]
    return "\n".join(parts)


def _paragraph(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _lists(sources: tuple[Source, ...]) -> Iterator[str]:
    yield "## Lists"
    yield ""
    yield "| list | 中文 | id | fills | must have | known by the words |"
    yield "|---|---|---|---|---|---|"
    for source in sources:
        tables = ", ".join(f"`{table}`" for table in source.tables)
        needs = "、".join(source.column(name).zh for name in source.needs)
        titles = "、".join(source.titles)
        yield f"| {source.name.en} | {source.name.zh} | `{source.id}` | {tables} | {needs} | {titles} |"
    yield ""
    yield "A department list must also have one of 证件号码, 人编号 and 户编号 (or another header of theirs)."


def _headers(sources: tuple[Source, ...]) -> Iterator[str]:
    yield "## Headers"
    for table in TABLES.values():
        filling = [source for source in sources if table.name in source.tables]
        names = [name for name in table.column_names if any(name in source.tables[table.name] for source in filling)]
        yield ""
        yield f"### {table.zh} ({table.name})"
        yield ""
        yield "| column | headers |"
        yield "|---|---|"
        for name in names:
            if name in LINKS and table.name not in ("households", "persons"):
                continue
            headers = dict.fromkeys(header for source in filling for header in source.headers.get(name, ()))
            yield f"| `{name}` | {'、'.join(headers)} |"


def _reasons() -> Iterator[str]:
    yield "## What becomes of rows and cells"
    for title, meaning, reasons in _REASONS:
        yield ""
        yield f"### {title}"
        yield ""
        yield meaning
        yield ""
        yield "| reason | 原因 | name in batches.json |"
        yield "|---|---|---|"
        for name, text in reasons.items():
            yield f"| {text.en} | {text.zh} | `{name}` |"


if __name__ == "__main__":
    print(document(), end="")
