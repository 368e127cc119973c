"""Files that wait in clear: uploads while they arrive, and what a reader needs as a file. They never leave the home folder.

Each is locked by the process that works on it, so what a process left behind when it was killed is known by its lock.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_SCRATCH, _SENT = ".came-", ".sent-"
#: without locks, only what is as old as this is known to be left behind
_SURELY_LEFT_SECONDS = 24 * 3600
#: between making a file and locking it
_JUST_MADE_SECONDS = 60


def folder() -> Path:
    """The folder of files that came in; readable by its owner alone."""
    place = Path(settings.KHOTAIL_HOME) / "intake"
    if not place.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
    return place


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that only its owner reads, on the disk that holds personal data anyway; gone after the block."""
    place = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=folder()))
    handle = os.open(place, os.O_RDONLY) if fcntl else -1
    try:
        _hold(handle)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if handle >= 0:
            os.close(handle)


class HomeUpload(UploadedFile):
    """A large upload while it arrives: a file within the home folder that only its owner reads."""

    def __init__(self, name: str, content_type: str, size: int, charset: str | None, extra: Any = None) -> None:
        file = tempfile.NamedTemporaryFile(prefix=_SENT, suffix=".upload", dir=folder())  # noqa: SIM115
        _hold(file.fileno())
        super().__init__(file, name, content_type, size, charset, extra)

    def temporary_file_path(self) -> str:
        return str(self.file.name)

    def close(self) -> None:
        with suppress(FileNotFoundError):
            self.file.close()


class HomeUploads(TemporaryFileUploadHandler):
    """Takes uploads that are too large for memory into the home folder, not into the system's folder of temporary files."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = HomeUpload(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)


def remove_leftovers() -> int:
    """Remove what processes that are gone left behind; returns how many files and folders."""
    removed = 0
    for prefix in (_SCRATCH, _SENT):
        for path in folder().glob(f"{prefix}*"):
            if _is_left(path):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
                removed += 1
    return removed


def _hold(handle: int) -> None:
    if fcntl:
        with suppress(OSError):  # a network drive without locks: it is left to its age
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_left(path: Path) -> bool:
    try:
        age = time.time() - path.stat().st_mtime
        if age < _JUST_MADE_SECONDS or not fcntl:
            return age > _SURELY_LEFT_SECONDS
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return age > _SURELY_LEFT_SECONDS
    finally:
        os.close(handle)
    return True
