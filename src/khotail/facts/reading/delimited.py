"""CSV and TSV files as a sheet of text: UTF-8 with or without a mark, UTF-16, or GB18030 (what Excel in China saves)."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa

from khotail.facts.problems import CorruptFile, EmptyFile
from khotail.facts.reading.raw import RawSheet

_CHUNK_ROWS = 50_000
_DELIMITERS = (",", "\t", ";", "|")
#: a header may stand this far down, under title rows
_LOOK_ROWS = 30


def read_delimited(path: Path) -> RawSheet:
    """The whole file. A last row that breaks off is set apart in `broken`.

    Raises EmptyFile, and CorruptFile where the bytes are no text.
    """
    content = path.read_bytes()
    if not content.strip():
        raise EmptyFile(file=path.name)
    text = decoded(content, path.name)
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter, path.name)
    if not rows:
        raise EmptyFile(file=path.name)
    sheet_rows = list(range(1, len(rows) + 1))
    broken = []
    usual = max(len(row) for row in rows[:_LOOK_ROWS])
    if len(rows) > 1 and not text.endswith(("\n", "\r")) and len(rows[-1]) < _filled_width(rows[:-1], usual):
        broken.append((sheet_rows.pop(), rows.pop(), "cut-off-row"))
    return RawSheet(path.stem, _columns(rows), pa.array(sheet_rows, pa.int64()), broken)


def decoded(content: bytes, name: str) -> str:
    """The text of a file, whichever of the usual encodings it has. A character cut in two at the end is left out."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\x00" in content[:4096]:
        raise CorruptFile(file=name)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(content) - 4:
                return content[: error.start].decode(encoding)
    raise CorruptFile(file=name)


def _delimiter(text: str) -> str:
    lines = text[:20_000].splitlines()[:_LOOK_ROWS]
    return max(_DELIMITERS, key=lambda one: max((line.count(one) for line in lines), default=0))


def _rows(text: str, delimiter: str, name: str) -> list[list[str]]:
    text = text.replace("\x00", "")

    def parsed(quoting: int, strict: bool) -> list[list[str]]:
        lines = io.StringIO(text, newline="")
        return list(csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict))  # type: ignore[arg-type]

    try:
        return parsed(csv.QUOTE_MINIMAL, True)
    except csv.Error:
        pass
    try:
        # Either the file breaks off inside quotation marks, or one stray mark would swallow the rows up to the next.
        lenient = parsed(csv.QUOTE_MINIMAL, False)
        swallowed = max((cell.count("\n") for row in lenient for cell in row), default=0)
        if swallowed <= 1:
            return lenient
    except csv.Error:
        pass
    try:
        return [[cell.strip('"') for cell in row] for row in parsed(csv.QUOTE_NONE, False)]
    except csv.Error as error:
        raise CorruptFile(file=name) from error


def _filled_width(rows: list[list[str]], usual: int) -> int:
    """The width that rows of data have; some programs leave out empty cells at the end of a row."""
    return min((len(row) for row in rows[-200:] if len(row) > usual // 2), default=usual)


def _columns(rows: list[list[str]]) -> list[Any]:
    width = max(len(row) for row in rows)
    chunks: list[list[Any]] = [[] for _ in range(width)]
    for start in range(0, len(rows), _CHUNK_ROWS):
        block = [
            row if len(row) == width else row + [""] * (width - len(row)) for row in rows[start : start + _CHUNK_ROWS]
        ]
        for at, cells in enumerate(zip(*block, strict=True)):
            chunks[at].append(pa.array([cell if cell.strip() else None for cell in cells], pa.string()))
    return [pa.concat_arrays(chunk) for chunk in chunks]
