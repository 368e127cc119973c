"""Cut out what a photo tells beside the picture: place, time, device, owner, thumbnails, notes.

The picture's own bytes are kept as they are, nothing is decoded. Of a JPEG's Exif only the orientation stays, in a block
written anew, because a phone's photo would lie on its side without it.
"""

from __future__ import annotations

import struct

_JPEG_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_JPEG_END = 0xD9
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"acTL",
    b"fcTL", b"fdAT",
}  # fmt: skip
_WEBP_DROPPED = {b"EXIF", b"XMP "}
_ORIENTATION = 0x0112


def without_metadata(content: bytes, content_type: str) -> bytes:
    """The file without its metadata; as it is where its structure cannot be followed or the type is another."""
    return cleaned(content, content_type) or content


def cleaned(content: bytes, content_type: str) -> bytes | None:
    """The picture without its metadata; None where nobody can vouch for that: it may be kept, but is not for the public."""
    cut = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(content_type)
    if cut is None:
        return None
    try:
        return cut(content)
    except (IndexError, struct.error, ValueError):
        return None


def _jpeg(content: bytes) -> bytes:
    kept, at, orientation = [], 2, 1
    while content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _JPEG_END:
            kept.append(content[at : at + 2])  # what phones append behind the picture goes
            break
        if marker in _JPEG_STANDALONE:
            kept.append(content[at : at + 2])
            at += 2
            continue
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        segment = content[at : at + 2 + length]
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = _orientation(segment[10:])
        # Applications' segments and comments go, but for JFIF (E0), the colour profile (E2) and Adobe's colours (EE).
        told = 0xE1 <= marker <= 0xEF or marker == 0xFE
        if not told or marker == 0xEE or segment[2:15] == segment[2:4] + b"ICC_PROFILE":
            kept.append(segment)
        at += 2 + length
        if marker == 0xDA:
            end = _end_of_scan(content, at)
            kept.append(content[at:end])
            at = end
    else:
        raise ValueError("not a chain of JPEG segments")
    return b"\xff\xd8" + (_exif_with(orientation) if orientation != 1 else b"") + b"".join(kept)


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands: a 255 that is not followed by 0, another 255 or a restart."""
    while True:
        at = content.index(b"\xff", at)
        if content[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1


def _orientation(tiff: bytes) -> int:
    """Upright where the block cannot be read: it is cut out all the same."""
    try:
        return _orientation_in(tiff)
    except (IndexError, struct.error):
        return 1


def _orientation_in(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    (start,) = struct.unpack(order + "I", tiff[4:8])
    (count,) = struct.unpack(order + "H", tiff[start : start + 2])
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        tag, _kind, _number, value = struct.unpack(order + "HHIH", tiff[entry : entry + 10])
        if tag == _ORIENTATION:
            return value if 1 <= value <= 8 else 1
    return 1


def _exif_with(orientation: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> bytes:
    kept, at = [content[:8]], 8
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        if kind in _PNG_KEPT:
            kept.append(content[at : at + 12 + length])
        at += 12 + length
        if kind == b"IEND":
            return b"".join(kept)
    raise ValueError("no end chunk")


def _webp(content: bytes) -> bytes:
    kept, at = [], 12
    while at + 8 <= len(content):
        kind, length = struct.unpack("<4sI", content[at : at + 8])
        whole = content[at : at + 8 + length + length % 2]
        if kind == b"VP8X":
            whole = whole[:8] + bytes([whole[8] & ~0x0C]) + whole[9:]  # no Exif, no XMP
        if kind not in _WEBP_DROPPED:
            kept.append(whole)
        at += 8 + length + length % 2
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
