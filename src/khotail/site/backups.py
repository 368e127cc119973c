"""`khotail backup` and `khotail restore`: the whole installation as one file.

The file is a gzipped tar: `manifest.json` first (what made it, SHA-256 of every member), the database as one dump, and
the folders of the home that cannot be made again. Restoring checks every digest before it touches anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection

from khotail.files import written_whole
from khotail.site import dumps
from khotail.site.problems import (
    BackupExists,
    DamagedBackup,
    NewerBackup,
    NoSuchBackup,
    NotEmpty,
    OtherDatabase,
    OtherKeys,
)

FORMAT = 1
_MANIFEST, _KEYS = "manifest.json", "keys.json"
#: What the home folder holds but a backup does not: made anew, or the database itself.
_LEFT_OUT = frozenset({"backups", "facts", "static", "tmp", _KEYS})


@dataclass(frozen=True)
class Kept:
    """What a backup holds: bytes of the dump, files beside it, and whether the keys are in it."""

    database_bytes: int
    files: int
    with_keys: bool
    made_at: str


def backup(path: Path, *, now: datetime, with_keys: bool = False) -> Kept:
    """Write a backup to `path`, which appears only once it is whole. Raises BackupExists, DumpFailed, NoProgram."""
    if path.exists():
        raise BackupExists(path=path)
    with _workplace(path.parent) as place:
        name = dumps.FILES[connection.vendor]
        dumps.dump(place / name)
        members = {name: place / name}
        members |= {f"home/{file.relative_to(settings.KHOTAIL_HOME)}": file for file in _home_files(path)}
        if with_keys:
            _write_keys(place / _KEYS)
            members[_KEYS] = place / _KEYS
        manifest = {
            "format": FORMAT, "khotail": version("khotail"), "made_at": now.isoformat(), "database": connection.vendor,
            "banner": settings.KHOTAIL_BANNER, "data_key": _fingerprint(),
            "members": {name: _described(file) for name, file in members.items()},
        }  # fmt: skip
        (place / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
        with (
            written_whole(path, private=True) as half,
            tarfile.open(half, "w:gz", compresslevel=3) as tar,
        ):
            for name, file in ({_MANIFEST: place / _MANIFEST} | members).items():
                tar.add(file, name, recursive=False)
    return _kept(manifest)


def restore(path: Path, *, force: bool = False) -> Kept:
    """Put a backup in the place of this installation's data; on any error the old data stay.

    Raises NoSuchBackup, DamagedBackup, NewerBackup, OtherDatabase, OtherKeys, NotEmpty, DumpFailed, NoProgram.
    """
    home = settings.KHOTAIL_HOME
    home.mkdir(parents=True, exist_ok=True)
    with _workplace(home) as place:
        manifest = _unpack(path, place)
        _check_fits(manifest, place)
        dump = place / dumps.FILES[connection.vendor]
        dumps.check(dump, path)
        if not force and (dumps.holds_data() or any(_home_files(path))):
            raise NotEmpty
        dumps.put_back(dump)
        _swap_home(place / "home", home, place / "old", path)
        if (place / _KEYS).exists() and settings.KHOTAIL_DEMO:
            os.replace(place / _KEYS, home / _KEYS)
        shutil.rmtree(home / "facts", ignore_errors=True)  # a snapshot of the old data; made anew
    return _kept(manifest)


def _unpack(path: Path, place: Path) -> dict[str, Any]:
    """The manifest, after every member was written to `place` and found to be what the manifest says."""
    if not path.is_file():
        raise NoSuchBackup(path=path)
    try:
        with tarfile.open(path, "r:*") as tar:
            first = tar.next()
            if first is None or first.name != _MANIFEST:
                raise DamagedBackup(path=path, what=f"{_MANIFEST} is not its first member")
            manifest: dict[str, Any] = json.load(tar.extractfile(first))  # type: ignore[arg-type]
            expected = dict(manifest["members"])
            if manifest["format"] > FORMAT:
                raise NewerBackup(theirs=manifest["khotail"], ours=version("khotail"))
            while (member := tar.next()) is not None:
                if expected.pop(member.name, None) is None or not member.isfile():
                    raise DamagedBackup(path=path, what=f"{member.name} is not in the manifest")
                tar.extract(member, place, filter="data")
                if _described(place / member.name) != manifest["members"][member.name]:
                    raise DamagedBackup(path=path, what=f"{member.name} was changed")
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, OSError) and error.errno:  # the disk, not the backup
            raise
        raise DamagedBackup(path=path, what=str(error) or type(error).__name__) from error
    if expected:
        raise DamagedBackup(path=path, what=f"{min(expected)} is missing")
    return manifest


def _check_fits(manifest: dict[str, Any], place: Path) -> None:
    if manifest["database"] != connection.vendor:
        raise OtherDatabase(theirs=manifest["database"], ours=connection.vendor)
    brings_keys = settings.KHOTAIL_DEMO and (place / _KEYS).exists()
    if manifest["data_key"] != _fingerprint() and not brings_keys:
        raise OtherKeys


def _swap_home(new: Path, home: Path, old: Path, backup: Path) -> None:
    """Renames only, on one disk: first the old folders out of the way, then the new ones in."""
    new.mkdir(exist_ok=True)
    old.mkdir()
    for present in list(_home_entries(backup)):
        os.replace(present, old / present.name)
    for fresh in list(new.iterdir()):
        os.replace(fresh, home / fresh.name)


def _home_entries(backup: Path) -> Iterator[Path]:
    """What lies in the home folder, but for the database, what is made anew, and the place of the backup itself."""
    database = Path(connection.settings_dict["NAME"]).name if connection.vendor == "sqlite" else None
    for entry in sorted(settings.KHOTAIL_HOME.iterdir()):
        is_database = database and entry.name in (database, f"{database}-wal", f"{database}-shm", f"{database}-journal")
        holds_backup = backup.resolve().is_relative_to(entry.resolve())
        if not (is_database or holds_backup or entry.name in _LEFT_OUT or entry.name.startswith(".")):
            yield entry


def _home_files(backup: Path) -> Iterator[Path]:
    for entry in _home_entries(backup) if settings.KHOTAIL_HOME.exists() else ():
        for file in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            half_done = any(part.startswith(".") for part in file.relative_to(settings.KHOTAIL_HOME).parts)
            if file.is_file() and not file.is_symlink() and not half_done:
                yield file


@contextmanager
def _workplace(beside: Path) -> Iterator[Path]:
    """A folder on the same disk, readable by the owner alone; gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix=".khotail-", dir=beside))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _described(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        return {"sha256": _sha256(stream), "bytes": file.stat().st_size}


def _sha256(stream: IO[bytes]) -> str:
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _fingerprint() -> str:
    """Tells whether two data keys are the same, and nothing else about them."""
    return hashlib.sha256(b"khotail backup" + settings.KHOTAIL_DATA_KEY).hexdigest()[:16]


def _write_keys(path: Path) -> None:
    keys = {"secret": settings.SECRET_KEY, "data": base64.b64encode(settings.KHOTAIL_DATA_KEY).decode()}
    path.write_text(json.dumps(keys))
    path.chmod(0o600)


def _kept(manifest: dict[str, Any]) -> Kept:
    members = manifest["members"]
    dump = members[dumps.FILES[manifest["database"]]]
    files = sum(name.startswith("home/") for name in members)
    return Kept(dump["bytes"], files, _KEYS in members, manifest["made_at"])
