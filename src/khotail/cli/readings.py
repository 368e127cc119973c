"""How inspected and imported files look in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from rich.markup import escape

from khotail.cli import show
from khotail.cli.language import printable, say, word
from khotail.facts.masking import masked_text
from khotail.facts.reading.reasons import reason
from khotail.texts import Text

if TYPE_CHECKING:
    from khotail.facts.inspection import Inspected
    from khotail.facts.reading.report import Reading

_KINDS = {
    "rejected": say("退回", "returned"),
    "flagged": say("待核实", "to be checked"),
    "dropped": say("去重", "dropped"),
    "mended": say("已修正", "mended"),
}


def inspected(seen: Inspected) -> None:
    """One list of a file: what it is, which columns match, and what is wrong with its first cells."""
    reading = seen.reading
    sheet = f" · {escape(printable(reading.sheet))}" if reading.sheet else ""
    show.out.print(f"[bold]{escape(printable(reading.path.name))}[/]{sheet}")
    if seen.problem is not None:
        show.out.print(f"  {word(seen.problem.text)}", markup=False, soft_wrap=True)
        show.out.print()
        return
    day = str(reading.as_of) if reading.as_of else say("未写明", "not stated")
    show.out.print(
        say(
            f"  识别为《{word(reading.name)}》，表头在第 {reading.header_row} 行，{reading.rows:,} 行数据，数据日期 {day}。",
            f"  Recognised as “{word(reading.name)}”; header in row {reading.header_row}, {reading.rows:,} rows of data, "
            f"data day {day}.",
        ),
        markup=False,
    )
    rows = [(mapped.header, mapped.column, word(mapped.name)) for mapped in seen.columns]
    headers = (say("表头", "header"), say("数据列", "column"), say("含义", "meaning"))
    show.table(say(f"对上的列：{len(rows)}", f"Columns that match: {len(rows)}"), headers, rows)
    if seen.unknown:
        unknown = [(header.header, ", ".join(header.suggestions) or "—") for header in seen.unknown]
        title = say(f"不认识的列：{len(unknown)}（将被忽略）", f"Unknown columns: {len(unknown)} (ignored)")
        show.table(title, (say("表头", "header"), say("是不是", "perhaps")), unknown)
    if seen.missing:
        title = say(f"缺少的列：{len(seen.missing)}", f"Missing columns: {len(seen.missing)}")
        show.out.print(f"{title}：{'、'.join(seen.missing)}", markup=False)
        show.out.print()
    _counts([reading])
    if seen.first:
        # What a terminal shows ends up in logs and screenshots; the file itself has the numbers in full.
        cells = [
            (note.row, note.column, masked_text(note.before), masked_text(note.after), word(_reason(note.reason)))
            for note in seen.first
        ]
        shown = (
            say("行", "row"),
            say("列", "column"),
            say("原值", "before"),
            say("改为", "after"),
            say("原因", "reason"),
        )
        show.table(say("例如", "For example"), shown, cells, (0,))


def imported(readings: list[Reading]) -> None:
    """What became of each file, and the reasons for what was changed or came back."""
    rows = [
        (
            _list_name(reading),
            word(reading.name) or "—",
            reading.rows,
            reading.kept,
            sum(reading.mended.values()),
            sum(reading.flagged.values()),
            sum(reading.rejected.values()),
            _note(reading),
        )
        for reading in readings
    ]
    headers = (
        say("文件", "file"),
        say("识别为", "recognised as"),
        say("行数", "rows"),
        say("采用", "kept"),
        say("修正(格)", "mended cells"),
        say("待核(格)", "cells to check"),
        say("退回(行)", "rows returned"),
        "",
    )
    show.table(say("导入", "Import"), headers, rows, (2, 3, 4, 5, 6))
    _counts(readings)
    returned = [reading.rejects for reading in readings if reading.rejects is not None]
    if returned:
        show.out.print(
            say(
                f"退回和待核实的内容写在 {returned[0].parent}（{len(returned)} 个工作簿），改好后可再次导入。",
                f"What came back or needs a look is in {returned[0].parent} ({len(returned)} workbooks). Mend it and import "
                "it again.",
            ),
            markup=False,
        )
    for reading in readings:
        if reading.problem is not None:
            click.echo(word(reading.problem.text), err=True)


def _list_name(reading: Reading) -> str:
    """The file's name, and the sheet's where that says more."""
    plain = reading.sheet in ("", "Sheet1", reading.path.stem)
    return reading.path.name if plain else f"{reading.path.name} · {reading.sheet}"


def _note(reading: Reading) -> str:
    if reading.problem is not None:
        return say("未导入", "not imported")
    return say("此前已导入，没有变化", "imported before; nothing changed") if reading.already_imported else ""


def _counts(readings: Iterable[Reading]) -> None:
    totals: dict[tuple[str, str], int] = {}
    for reading in readings:
        for kind in _KINDS:
            for name, count in getattr(reading, kind).items():
                totals[kind, name] = totals.get((kind, name), 0) + count
    rows = [(_KINDS[kind], word(reason(kind, name)), count) for (kind, name), count in sorted(totals.items())]
    if rows:
        headers = ("", say("原因", "reason"), say("数量", "count"))
        show.table(say("修正与退回", "Mended and returned"), headers, rows, (2,))


def _reason(written: str) -> Text:
    kind, _, name = written.partition(":")
    return reason(kind, name)
