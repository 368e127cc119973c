"""One writer at a time in a folder of facts.

The lock is a file that lives only while it is held. Where the system has no such locks, as on some network drives,
writing goes on without.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from khotail.facts.problems import FolderInUse

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_NAME = ".importing"
_POLL_SECONDS = 0.05
_NO_LOCKS_HERE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


@contextmanager
def sole_writer(folder: Path, wait_seconds: float = 60) -> Iterator[None]:
    """Hold the folder, which is made if it is missing, while the block runs.

    Raises FolderInUse, which names the other writer, if it does not come free in time.
    """
    if fcntl is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _NAME
    handle = _taken(path, folder, time.monotonic() + wait_seconds, wait_seconds)
    try:
        yield
    finally:
        # Removed while it is still held: whoever waits for it notices that it is gone, and makes a new one.
        path.unlink(missing_ok=True)
        os.close(handle)


def _taken(path: Path, folder: Path, deadline: float, wait_seconds: float) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(handle, path):
                os.ftruncate(handle, 0)
                os.write(handle, f"{socket.gethostname()}, {os.getpid()}".encode())
                return handle
        except OSError as error:
            if error.errno in _NO_LOCKS_HERE:
                return handle
            if not isinstance(error, BlockingIOError):
                os.close(handle)
                raise
            if time.monotonic() > deadline:
                who = os.pread(handle, 200, 0).decode("utf-8", "replace") or "?"
                os.close(handle)
                raise FolderInUse(folder=folder, who=who, seconds=round(wait_seconds)) from None
        os.close(handle)
        time.sleep(_POLL_SECONDS)


def _is_still_there(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
