"""Excel workbooks (.xlsx, .xls) as sheets of text.

The reader gives a merged cell's value only in its top-left corner. People merge a village's name over all its rows, so
the value is filled down the merged rows; it is not spread to the right, where it would be taken for other columns.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import fastexcel
import pyarrow as pa

from khotail.facts.problems import CorruptFile, EmptyFile, PasswordProtected
from khotail.facts.reading.kinds import refuse_by_parts, refuse_by_streams
from khotail.facts.reading.limits import MAX_BYTES, refuse_larger_archive
from khotail.facts.reading.raw import RawSheet, numbered
from khotail.facts.reading.repeated import refuse_repeated

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: An encrypted workbook is an OLE file with a stream of this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: The record FILEPASS of an older workbook with RC4 encryption.
_BIFF_FILEPASS = b"\x2f\x00\x36\x00\x01\x00"
_TAIL_BYTES = 4 << 20
#: The list of sheets is a few kilobytes; a larger one is not worth reading into memory.
_MAX_PART_BYTES = 16 << 20


class Merge(NamedTuple):
    """A merged range, rows and columns from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


def read_workbook(path: Path, max_bytes: int = MAX_BYTES) -> Iterator[RawSheet]:
    """Every visible sheet that has cells, one after the other.

    Raises PasswordProtected, TooLarge, CorruptFile, EmptyFile, NotAList.
    """
    is_zip = _check(path, max_bytes)
    try:
        workbook = fastexcel.read_excel(str(path))
        names = workbook.sheet_names
    except Exception as error:
        raise _what_went_wrong(path, error) from error
    found = False
    for name in names:
        try:
            sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string", whitespace_as_null=True)
            if sheet.width == 0 or sheet.height == 0 or sheet.visible == "veryhidden":
                continue
            batch = pa.record_batch(sheet)
        except Exception as error:
            raise _what_went_wrong(path, error) from error
        found = True
        columns: list[Any] = list(batch.columns)
        del sheet, batch
        if is_zip:
            merges, first_column = _merges(path, name)
            _fill_down(columns, merges, first_column)
        yield RawSheet(name, columns, numbered(len(columns[0])))
    if not found:
        raise EmptyFile(file=path.name)


def _check(path: Path, max_bytes: int) -> bool:
    """Refuse what must not be opened; true for a zip (.xlsx)."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        content = path.read_bytes()
        if _ENCRYPTED in content or _BIFF_FILEPASS in content:
            raise PasswordProtected(file=path.name)
        refuse_by_streams(path, content)
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CorruptFile(file=path.name) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise PasswordProtected(file=path.name)
    refuse_by_parts(path, (entry.filename for entry in entries))
    refuse_larger_archive(path, entries, max_bytes)
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_repeated(path, archive, max_bytes)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise CorruptFile(file=path.name) from error
    return True


def _what_went_wrong(path: Path, error: Exception) -> CorruptFile | PasswordProtected:
    if "password" in str(error).lower():
        return PasswordProtected(file=path.name)
    return CorruptFile(file=path.name)


def _merges(path: Path, sheet: str) -> tuple[list[Merge], int]:
    """The merged ranges of a sheet and the first column that its cells use (0 for A)."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part_of(archive, sheet)
            if part is None:
                return [], 0
            head, tail = _ends_of(archive, part)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, OSError):
        return [], 0
    ranges = [_range(ref) for ref in re.findall(r'<(?:\w+:)?mergeCell [^<>]*ref="([^"]+)"', tail)]
    dimension = re.search(r'<(?:\w+:)?dimension [^<>]*ref="([^"]+)"', head)
    first = _range(dimension.group(1)) if dimension else None
    return [one for one in ranges if one], first.left if first else 0


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    parts = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    if any(archive.getinfo(part).file_size > _MAX_PART_BYTES for part in parts):
        return None
    book, links = (ElementTree.fromstring(archive.read(part)) for part in parts)
    for entry in book.iter(f"{_MAIN}sheet"):
        if entry.get("name") == sheet:
            for link in links:
                if link.get("Id") == entry.get(_REL):
                    target = (link.get("Target") or "").lstrip("/")
                    return target if target.startswith("xl/") else f"xl/{target}"
    return None


def _ends_of(archive: zipfile.ZipFile, part: str) -> tuple[str, str]:
    """The beginning and the end of a sheet's XML: the dimension stands first, merged cells after the last row."""
    with archive.open(part) as stream:
        head = stream.read(4096)
        tail = head
        while block := stream.read(1 << 20):
            tail = (tail + block)[-_TAIL_BYTES:]
    return head.decode("utf-8", "replace"), tail.decode("utf-8", "replace")


def _range(ref: str) -> Merge | None:
    matched = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?", ref)
    if not matched:
        return None
    left, top, right, bottom = matched.groups()
    return Merge(int(top) - 1, _column(left), int(bottom or top) - 1, _column(right or left))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _fill_down(columns: list[Any], merges: list[Merge], first_column: int) -> None:
    height = len(columns[0])
    tall: dict[int, list[Merge]] = {}
    for merge in merges:
        at = merge.left - first_column
        if merge.bottom > merge.top and 0 <= at < len(columns) and merge.top < height:
            tall.setdefault(at, []).append(merge)
    for at, ranges in tall.items():
        cells = columns[at].to_pylist()
        done = 0  # ranges of a sound sheet do not overlap; those of a hostile one must not be gone over again and again
        for merge in sorted(ranges):
            value = cells[merge.top]
            for row in range(max(merge.top + 1, done), min(merge.bottom + 1, height)):
                if cells[row] is None:
                    cells[row] = value
            done = max(done, merge.bottom + 1)
        columns[at] = pa.array(cells, pa.string())
