"""How large a file may be, once unpacked. Sizes that a file states of itself are not taken on trust."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from khotail.facts.problems import CorruptFile, FileTooLarge, TooLarge

#: 200,000 persons with 110 filled columns unpack to less than 1 GiB.
MAX_BYTES = 2 << 30
MAX_RATIO = 200
RATIO_MATTERS_FROM_BYTES = 100 << 20
#: Deflate cannot pack tighter than this, so a small part need not be unpacked to know that it is small.
_TIGHTEST = 1032
_BLOCK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


def refuse_larger(path: Path, size: int, max_bytes: int) -> None:
    """Raise FileTooLarge if `size` bytes are more than may be read."""
    if size > max_bytes:
        raise FileTooLarge(file=path.name, size_mb=size >> 20, limit_mb=max_bytes >> 20)


def refuse_larger_archive(path: Path, parts: Sequence[zipfile.ZipInfo], max_bytes: int) -> None:
    """Raise TooLarge if a zip unpacks to more than may be read, or is packed suspiciously tight; and CorruptFile if a
    part holds more than it states, or is packed as no program packs workbooks."""
    stated = sum(part.file_size for part in parts)
    tight = stated > RATIO_MATTERS_FROM_BYTES and stated / max(path.stat().st_size, 1) > MAX_RATIO
    if stated > max_bytes or tight:
        raise TooLarge(file=path.name, size_mb=stated >> 20, limit_mb=max_bytes >> 20)
    if sum(part.compress_size for part in parts) * _TIGHTEST <= min(RATIO_MATTERS_FROM_BYTES, max_bytes):
        return
    with path.open("rb") as file:
        if not all(_holds_what_it_states(file, part) for part in parts):
            raise CorruptFile(file=path.name)


def _holds_what_it_states(file: BinaryIO, part: zipfile.ZipInfo) -> bool:
    """Whether a part unpacks to no more than its stated size. It is unpacked no further than that."""
    if part.compress_type == zipfile.ZIP_STORED:
        return part.compress_size == part.file_size
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return False
    file.seek(part.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        return False
    *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    file.seek(name_length + extra_length, 1)
    unpacking, packed_left, room = zlib.decompressobj(-zlib.MAX_WBITS), part.compress_size, part.file_size + 1
    try:
        while room > 0 and not unpacking.eof:
            block = unpacking.unconsumed_tail or file.read(min(_BLOCK, packed_left))
            if not unpacking.unconsumed_tail:
                packed_left -= len(block)
            unpacked = unpacking.decompress(block, min(_BLOCK, room))
            room -= len(unpacked)
            if not block and not unpacked:
                break
    except zlib.error:
        return False
    return room > 0
