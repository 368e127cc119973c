"""Photos, scans and files about a household: sealed on disk, known by what they are and not by what they are called.

A file lies under KHOTAIL_HOME/documents by its record's own random name; the name that it came with is never used as a
path. Of JPEG, PNG and WebP everything that tells where, when and with what a photo was taken is cut out, without touching the
picture itself; JPEG keeps its orientation. HEIC and PDF are kept as they come.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.register.access import needs
from khotail.register.models import Document, Household
from khotail.register.pictures import without_metadata
from khotail.register.problems import EmptyFile, FileDamaged, FileTooLarge, OutsideYourRegion, WrongFileType
from khotail.register.sealed import seal_bytes, unseal_bytes
from khotail.trail import chain

MAX_MB = 20
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1", b"heim", b"heis")
_MP4_BRANDS = (b"M4A ", b"mp42", b"isom", b"mp41", b"3gp4", b"3gp5")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


@transaction.atomic
def keep(file: Any, *, household: Household, kind: str, title: str, by: Officer, now: datetime) -> Document:
    """Keep an uploaded file (anything with `read`, and `size` if known) about a household.

    title  as people wrote it; only ever shown
    Raises EmptyFile, FileTooLarge, OutsideYourRegion, WrongFileType, OutsideYourRegion, NotAllowed.
    """
    needs(by, May.EDIT_REGISTER, May.WORK_CASES)
    if not Household.objects.visible_to(by).filter(pk=household.pk).exists():
        raise OutsideYourRegion(place=household.number)
    return _keep(file, household=household, region_code=household.region_code, kind=kind, title=title, by=by, now=now)


@transaction.atomic
def keep_sent(
    file: Any,
    *,
    household: Household | None,
    region_code: str,
    kind: str,
    title: str,
    by: Officer | None,
    now: datetime,
) -> Document:
    """Keep a file that came with something people sent: an issue, a declaration, a visit. Whoever calls has checked them.

    household  whom it is about, or None: then it belongs to the place alone
    by         the officer who sent it, or None for somebody of the public
    Recordings of a voice are taken too. Raises EmptyFile, FileTooLarge, WrongFileType.
    """
    return _keep(
        file, household=household, region_code=region_code, kind=kind, title=title, by=by, now=now, voice=True
    )  # fmt: skip


def _keep(
    file: Any,
    *,
    household: Household | None,
    region_code: str,
    kind: str,
    title: str,
    by: Officer | None,
    now: datetime,
    voice: bool = False,
) -> Document:
    limit = MAX_MB * 1024 * 1024
    size = getattr(file, "size", None) or 0
    raw = b"" if size > limit else file.read(limit + 1)
    if max(size, len(raw)) > limit:
        raise FileTooLarge(size_mb=-(-max(size, len(raw)) // (1024 * 1024)), limit_mb=MAX_MB)
    if not raw:
        raise EmptyFile
    content_type = (voice and _voice_type_of(raw)) or type_of(raw)
    kept = without_metadata(raw, content_type)
    path = f"{now:%Y%m}/{secrets.token_hex(16)}"
    _write(path, seal_bytes(kept))
    document = Document.objects.create(
        household=household,
        region_code=region_code,
        kind=_UNSAFE.sub("", kind)[:30],
        title=_UNSAFE.sub(" ", title).strip()[:120] or kind[:120],
        content_type=content_type,
        size_bytes=len(kept),
        sha256=hashlib.sha256(kept).hexdigest(),
        path=path,
        added_by=by,
        added_at=now,
    )
    chain.record(
        by, "document.added", document, at=now, household=document.household_id, kind=document.kind,
        sha256=document.sha256,
    )  # fmt: skip
    return document


def content(document: Document) -> bytes:
    """The file as it was kept. Raises FileDamaged if it is gone or was altered on disk."""
    try:
        found = unseal_bytes((_folder() / document.path).read_bytes())
    except (OSError, InvalidTag, ValueError) as error:
        raise FileDamaged(number=document.pk) from error
    if hashlib.sha256(found).hexdigest() != document.sha256:
        raise FileDamaged(number=document.pk)
    return found


def type_of(content: bytes) -> str:
    """The media type by the first bytes. Raises WrongFileType for anything that is not taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "image/heic"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    raise WrongFileType


def is_taken(content: bytes) -> bool:
    """Whether `keep_sent` would take a file with this content."""
    if not 0 < len(content) <= MAX_MB << 20:
        return False
    try:
        return bool(_voice_type_of(content) or type_of(content))
    except WrongFileType:
        return False


def _voice_type_of(content: bytes) -> str:
    """The media type of a recording as phones make them, by its first bytes; "" for anything else."""
    if content.startswith(b"\x1aE\xdf\xa3"):
        return "audio/webm"
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if content[4:8] == b"ftyp" and content[8:12] in _MP4_BRANDS:
        return "audio/mp4"
    if content.startswith(b"ID3") or content[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    return ""


def _folder() -> Path:
    return Path(settings.KHOTAIL_HOME) / "documents"


def _write(path: str, sealed: bytes) -> None:
    """Written and flushed before its record is committed: a kill leaves at worst a file that no record names."""
    target = _folder() / path
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
