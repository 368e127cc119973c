"""Photos and recordings that somebody chose before their form was refused: nobody has to look for them twice.

They lie sealed in a folder of their own under KHOTAIL_HOME for an hour, known to the session alone, and each form has its
own. What the system would not take anyway is not kept, nor anything while the folder is full: then the page asks for the
files again, as it did before.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest

from khotail.problems import Problem
from khotail.register.documents import is_taken
from khotail.register.sealed import seal_bytes, unseal_bytes

KEPT_SECONDS = 60 * 60
#: Of one form; and of all forms of everybody together.
MOST_BYTES, MOST_BYTES_OF_ALL = 24 << 20, 1 << 30
#: Forms of one session whose files are kept, the newest.
_MOST_FORMS = 3
SESSION = "chosen_files"
#: Whoever sends too much is not given room for more.
_FLOOD = 429


class Chosen:
    """The files of one form: those kept from before, less what the person left out, and those chosen now.

    form    its name, with the key that it carries
    fields  names of its file inputs; of those in `single` a new file takes the place of the one before
    """

    def __init__(self, request: HttpRequest, form: str, *fields: str, single: Sequence[str] = ()) -> None:
        self._session, self._fields = request.session, fields
        who = request.resident.pk if request.resident else ""
        self._name = hashlib.sha256(f"{who}|{form}".encode()).hexdigest()[:32]
        left_out = set(request.POST.getlist("left_out"))
        new = [(field, file) for field in fields for file in request.FILES.getlist(field)]
        replaced = {field for field, _ in new if field in single}
        self._kept = [row for row in self._rows() if row["id"] not in left_out and row["field"] not in replaced]
        known = {row["digest"] for row in self._kept}
        self._new = [(field, file) for field, file in new if not known or _digest_of(file) not in known]

    @property
    def files(self) -> list[Any]:
        """Uploaded files, those of before first."""
        kept = [file for row in self._kept if (file := _opened(row))]
        return kept + [file for _, file in self._new]

    @property
    def kept(self) -> list[dict[str, Any]]:
        """What the page shows as already there: {id, is_voice, kilobytes}."""
        return [
            {"id": row["id"], "is_voice": row["field"] == "voice", "kilobytes": -(-row["size"] // 1024)}
            for row in self._kept
        ]

    @property
    def is_short(self) -> bool:
        """Whether files were chosen that could not be kept."""
        return bool(self._new)

    def keep(self, problem: Problem, most: int) -> None:
        """After a refusal: keep what would be taken, at most so many files."""
        if problem.status != _FLOOD:
            room = MOST_BYTES - sum(row["size"] for row in self._kept)
            for field, file in self._new[:]:
                content = _content(file)
                if len(self._kept) >= most:
                    self._new.clear()  # more than the form takes: the page shows which it has, and there is no room for more
                    break
                if len(content) <= room and is_taken(content) and _has_room(len(content)):
                    self._kept.append(_written(field, file, content))
                    self._new.remove((field, file))
                    room -= len(content)
        self._remember(self._kept)

    def forget(self) -> None:
        """After the form was taken. A form that carries a key of its own may leave them: they go by themselves."""
        for row in self._rows():
            _path(row).unlink(missing_ok=True)
        self._remember([])

    def _rows(self) -> list[dict[str, Any]]:
        held = self._session.get(SESSION, {}).get(self._name, {})
        return held["files"] if held.get("until", 0) > time.time() else []

    def _remember(self, rows: list[dict[str, Any]]) -> None:
        forms = {name: held for name, held in self._session.get(SESSION, {}).items() if held["until"] > time.time()}
        forms.pop(self._name, None)
        if rows:
            forms[self._name] = {"until": time.time() + KEPT_SECONDS, "files": rows}
        if forms or SESSION in self._session:
            self._session[SESSION] = dict(sorted(forms.items(), key=lambda each: each[1]["until"])[-_MOST_FORMS:])


def forget_old(now: float) -> int:
    """Remove what was kept longer than it may; returns how many files."""
    old = [path for path in _all() if path.stat().st_mtime < now - KEPT_SECONDS]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _folder() -> Path:
    return Path(settings.KHOTAIL_HOME) / "chosen"


def _path(row: dict[str, Any]) -> Path:
    return _folder() / row["id"]


def _all() -> list[Path]:
    return list(_folder().iterdir()) if _folder().is_dir() else []


def _has_room(size: int) -> bool:
    forget_old(time.time())
    return sum(path.stat().st_size for path in _all()) + size <= MOST_BYTES_OF_ALL


def _written(field: str, file: Any, content: bytes) -> dict[str, Any]:
    row = {
        "id": secrets.token_hex(16), "field": field, "name": file.name or "", "type": file.content_type or "",
        "size": len(content), "digest": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    _folder().mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(_path(row), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(seal_bytes(content))
    return row


def _opened(row: dict[str, Any]) -> SimpleUploadedFile | None:
    try:
        content = unseal_bytes(_path(row).read_bytes())
    except (OSError, InvalidTag, ValueError):
        return None
    return SimpleUploadedFile(row["name"], content, row["type"])


def _content(file: Any) -> bytes:
    file.seek(0)
    found: bytes = file.read()
    file.seek(0)
    return found


def _digest_of(file: Any) -> str:
    return hashlib.sha256(_content(file)).hexdigest()
