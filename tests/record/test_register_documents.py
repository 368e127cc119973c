import io
import struct
import zlib

import pytest

from khotail.accounts.problems import NotAllowed
from khotail.register import problems
from khotail.register.documents import _folder, content, keep, type_of
from khotail.register.models import Document
from khotail.register.pictures import without_metadata
from khotail.trail.models import Event


def segment(marker, body):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def tiff_with(orientation, secret=b""):
    head = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    return head + struct.pack("<I", 0) + secret


def jpeg(orientation=1, secret=b"GPS-46.07N-122.05E"):
    return (
        b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + segment(0xE1, b"Exif\0\0" + tiff_with(orientation, secret)) + segment(0xFE, b"by " + secret)
        + segment(0xDB, b"\0" + bytes(64)) + segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
        + b"\xff\xd9" + b"behind the picture " + secret
    )  # fmt: skip


def png(secret=b"GPS"):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"tEXt", b"where\0" + secret) + chunk(b"eXIf", secret)
        + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )  # fmt: skip


def webp(secret=b"GPS!"):
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\x0c" + bytes(9) + b"VP8 " + struct.pack("<I", 4) + b"data"
    body += b"EXIF" + struct.pack("<I", len(secret)) + secret
    return b"RIFF" + struct.pack("<I", len(body)) + body


PDF = b"%PDF-1.7\n%%EOF"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


@pytest.fixture
def put(household, officers, now):
    def put(raw, by="village_cadre", title="照片", kind="photo"):
        return keep(io.BytesIO(raw), household=household, kind=kind, title=title, by=officers[by], now=now)

    return put


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (jpeg(), "image/jpeg"),
        (png(), "image/png"),
        (webp(), "image/webp"),
        (HEIC, "image/heic"),
        (PDF, "application/pdf"),
    ],
)
def test_a_file_is_known_by_its_content_and_comes_back(put, raw, content_type):
    document = put(raw)
    assert document.content_type == content_type
    assert content(document) == without_metadata(raw, content_type)


def test_it_lies_sealed_on_disk_and_only_its_owner_reads_it(put):
    document = put(PDF)
    path = _folder() / document.path
    assert b"PDF" not in path.read_bytes() and path.stat().st_mode & 0o077 == 0


def test_what_a_photo_tells_beside_the_picture_is_cut_out():
    for raw, kind in ((jpeg(), "jpeg"), (png(b"GPS-46.07N"), "png"), (webp(b"GPS-46.0"), "webp")):
        kept = without_metadata(raw, f"image/{kind}")
        assert b"GPS" not in kept and type_of(kept) == f"image/{kind}"
    assert without_metadata(jpeg(), "image/jpeg").endswith(b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9")


def test_a_photo_keeps_its_orientation_and_nothing_else():
    kept = without_metadata(jpeg(orientation=6), "image/jpeg")
    assert b"GPS" not in kept and struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in kept
    assert without_metadata(kept, "image/jpeg") == kept


def test_a_picture_cut_short_is_kept_as_it_is():
    for raw in (jpeg()[:30], png()[:20], b"\xff\xd8\xff"):
        assert without_metadata(raw, "image/jpeg" if raw[0] == 0xFF else "image/png")


@pytest.mark.parametrize(
    "title", ["../../etc/passwd", "C:\\x.exe", "<script>alert(1)</script>", "=cmd()", "a\x00b", "很" * 900]
)
def test_a_name_is_text_and_never_a_path(put, title):
    document = put(PDF, title=title)
    assert (_folder() / document.path).resolve().is_relative_to(_folder().resolve())
    assert "\x00" not in document.title and len(document.title) <= 120


@pytest.mark.parametrize("raw", [b"MZ\x90\0", b"<html>", b"PK\x03\x04", b"GIF89a", b"<svg/>", b"#!/bin/sh"])
def test_other_files_are_refused(put, raw):
    with pytest.raises(problems.WrongFileType):
        put(raw)
    assert not Document.objects.exists()


def test_empty_and_too_large_files_are_refused(put):
    with pytest.raises(problems.EmptyFile):
        put(b"")
    with pytest.raises(problems.FileTooLarge):
        put(PDF + bytes(20 * 1024 * 1024))


def test_who_may_not_and_the_neighbour_keep_nothing(put):
    for by in ("leader", "department_officer"):
        with pytest.raises(NotAllowed):
            put(PDF, by=by)
    for by in ("neighbour", "other_village_cadre", "helper"):
        with pytest.raises(problems.OutsideYourRegion):
            put(PDF, by=by)


def test_a_file_that_was_altered_or_is_gone_is_told(put):
    document = put(PDF)
    path = _folder() / document.path
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(problems.FileDamaged):
        content(document)
    path.unlink()
    with pytest.raises(problems.FileDamaged):
        content(document)


def test_keeping_is_an_event_without_the_title(put):
    put(PDF, title="演示甲的病历")
    assert "演示甲" not in str(Event.objects.get(verb="document.added").details)
