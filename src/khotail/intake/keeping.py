"""Files as they came: sealed under KHOTAIL_HOME/intake by the digest of their content, and a sample of each sheet.

The sample is what a preview needs, so that looking at a file of 200,000 rows does not read it again each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from django.conf import settings

from khotail.facts.problems import NotAList
from khotail.facts.reading.file import sheets_of
from khotail.facts.reading.raw import RawSheet
from khotail.files import written_whole
from khotail.intake.models import Batch
from khotail.intake.problems import FileGone, UploadTooLarge, WrongFileType
from khotail.intake.spool import folder, scratch
from khotail.register.sealed import seal_bytes, unseal_bytes

SAMPLE_ROWS = 300
_SUFFIXES = (".xlsx", ".xls", ".xlsm", ".csv", ".tsv", ".txt", ".parquet")
#: how much larger than an upload a file may be once it is unpacked
_UNPACKED = 10
_BLOCK = 1 << 20
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_NAME = 150


def safe_name(name: str) -> str:
    """A file's name as it is shown and as a path's last part: no folders, no control characters, never hidden."""
    plain = _UNSAFE.sub(" ", str(name).replace("\\", "/").rsplit("/", 1)[-1]).strip().lstrip(".")
    stem, dot, suffix = plain.rpartition(".")
    while len(plain.encode()) > _NAME and len(stem) > 1:
        stem = stem[:-1]
        plain = f"{stem}{dot}{suffix}"
    return plain if 0 < len(plain.encode()) <= _NAME else "list"


@contextmanager
def received(file: Any, name: str) -> Iterator[tuple[Path, str, int]]:
    """An upload as a file under its own name, with its SHA-256 and size; gone after the block.

    Raises UploadTooLarge, WrongFileType.
    """
    limit = settings.KHOTAIL_MAX_UPLOAD_MB << 20
    if Path(name).suffix.lower() not in _SUFFIXES:
        raise WrongFileType(file=name)
    if (getattr(file, "size", None) or 0) > limit:
        raise UploadTooLarge(file=name, limit_mb=settings.KHOTAIL_MAX_UPLOAD_MB)
    with scratch() as place:
        path, digest, size = place / name, hashlib.sha256(), 0
        with path.open("xb") as out:
            while block := file.read(_BLOCK):
                size += len(block)
                if size > limit:
                    raise UploadTooLarge(file=name, limit_mb=settings.KHOTAIL_MAX_UPLOAD_MB)
                digest.update(block)
                out.write(block)
        yield path, digest.hexdigest(), size


def sheets(path: Path) -> Iterator[RawSheet]:
    """The file's sheets. Raises what `sheets_of` raises, and WrongFileType for bytes that are no text."""
    with path.open("rb") as file:
        start = file.read(1024)
    if not start.startswith((b"PK", b"PAR1", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"\xfe\xff")) and b"\x00" in start:
        raise WrongFileType(file=path.name)
    try:
        yield from sheets_of(path, (settings.KHOTAIL_MAX_UPLOAD_MB << 20) * _UNPACKED)
    except NotAList:
        raise
    except UnicodeError as error:
        raise WrongFileType(file=path.name) from error


def keep(path: Path, sha256: str) -> str:
    """Seal a file and the sample of its sheets; returns its path under the home folder. Raises as `sheets`."""
    sample = [
        {
            "name": sheet.name, "height": sheet.height, "rows": sheet.rows.slice(0, SAMPLE_ROWS).to_pylist(),
            "columns": [column.slice(0, SAMPLE_ROWS).to_pylist() for column in sheet.columns],
        }
        for sheet in sheets(path)
    ]  # fmt: skip
    target = folder() / sha256[:2] / sha256
    _write(target.with_suffix(".sample"), json.dumps(sample, ensure_ascii=False).encode())
    if not target.exists():
        _write(target, path.read_bytes())
    return str(target.relative_to(settings.KHOTAIL_HOME))


def keep_rejects(batch: Batch, path: Path) -> str:
    """Seal the workbook of rejected rows; returns its path under the home folder."""
    target = folder() / "rejects" / f"{batch.pk}.xlsx"
    _write(target, path.read_bytes())
    return str(target.relative_to(settings.KHOTAIL_HOME))


def content(batch: Batch, path: str) -> bytes:
    """What lies sealed at a path of the batch. Raises FileGone."""
    try:
        return unseal_bytes((Path(settings.KHOTAIL_HOME) / path).read_bytes())
    except (OSError, InvalidTag, ValueError) as error:
        raise FileGone(number=batch.pk) from error


@contextmanager
def opened(batch: Batch) -> Iterator[Path]:
    """The batch's file in clear, under its own name, for as long as the block lasts. Raises FileGone."""
    with scratch() as place:
        path = place / safe_name(batch.file_name)
        path.write_bytes(content(batch, batch.path))
        yield path


def sampled(batch: Batch) -> list[tuple[RawSheet, int]]:
    """The first rows of each sheet, and how many rows the sheet has. Raises FileGone."""
    sample = json.loads(content(batch, f"{batch.path}.sample"))
    return [
        (
            RawSheet(
                one["name"],
                [pa.array(column, pa.string()) for column in one["columns"]],
                pa.array(one["rows"], pa.int64()),
            ),
            one["height"],
        )
        for one in sample
    ]


def forget(path: str) -> None:
    """Remove a file that no batch needs any more."""
    for name in (path, f"{path}.sample"):
        (Path(settings.KHOTAIL_HOME) / name).unlink(missing_ok=True)


def _write(target: Path, plain: bytes) -> None:
    with written_whole(target) as unfinished:
        unfinished.chmod(0o600)
        with unfinished.open("wb") as out:
            out.write(seal_bytes(plain))
            out.flush()
            os.fsync(out.fileno())
