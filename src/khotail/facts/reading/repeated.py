"""How much a workbook's cells hold once each has its own copy of its text.

A workbook keeps each text once and its cells name it by number, so that a few kilobytes may say one long text a million
times. Workbooks of ordinary size are let through by arithmetic alone; only of the others the cells are looked at.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from khotail.facts.problems import TooLarge

#: `<c r="A1" t="s"><v>0</v></c>`, as short as it can be written
_LEAST_BYTES_A_CELL = 20
_BLOCK = 1 << 20
_TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")
_NUMBER = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>\s*\+?0*(\d{1,8})\s*</")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>[^<&]*</")
_REMARK = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_OPENED = re.compile(rb"<(?:\w+:)?v[\s>]")


def refuse_repeated(path: Path, archive: zipfile.ZipFile, max_bytes: int) -> None:
    """Raise TooLarge if the cells of an .xlsx name texts that together are larger than may be read."""
    texts = [part for part in archive.infolist() if part.filename.lower().endswith("sharedstrings.xml")]
    others = [part for part in archive.infolist() if part not in texts]
    lengths = [length for part in texts for length in _lengths(archive, part)]
    longest = max(lengths, default=0)
    if sum(part.file_size for part in others) // _LEAST_BYTES_A_CELL * longest <= max_bytes:
        return
    named = 0
    for part in others:
        for block in _blocks(archive, part):
            named += _named(block, lengths, longest)
            if named > max_bytes:
                raise TooLarge(file=path.name, size_mb=named >> 20, limit_mb=max_bytes >> 20)


def _lengths(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> list[int]:
    """Bytes of each text with its marks, in order: at least what it holds."""
    starts, offset = [], 0
    for block in _blocks(archive, part):
        if b"<!" in block:  # a remark or raw text, in which what looks like the beginning of a text is none
            return _lengths_beside_remarks(archive, part)
        starts += [offset + found.start() for found in _TEXT.finditer(block)]
        offset += len(block)
    return [after - before for before, after in zip(starts, [*starts[1:], offset], strict=True)]


def _lengths_beside_remarks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> list[int]:
    content = _REMARK.sub(lambda found: b" " * len(found.group()), archive.read(part))
    starts = [found.start() for found in _TEXT.finditer(content)]
    return [after - before for before, after in zip(starts, [*starts[1:], len(content)], strict=True)]


def _named(block: bytes, lengths: Sequence[int], longest: int) -> int:
    """Bytes of the texts that cells name. Values that are written in an unusual way count as the longest of them."""
    total = sum(
        lengths[int(number)] * count
        for number, count in Counter(_NUMBER.findall(block)).items()
        if int(number) < len(lengths)
    )
    unusual = len(_OPENED.findall(block)) - len(_VALUE.findall(block))
    return total + max(unusual, 0) * longest


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces that end within a closing mark, so that no opening mark or value stands across two of them."""
    rest = b""
    with archive.open(part) as stream:
        while read := stream.read(_BLOCK):
            whole, mark, tail = (rest + read).rpartition(b"</")
            if mark and len(tail) < _BLOCK:
                yield whole + mark
                rest = tail
            else:
                yield rest + read
                rest = b""
    yield rest
