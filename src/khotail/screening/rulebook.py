"""The rulebook in force: the installation's book, with the banner's own laid over it.

What the banner adopted lies under KHOTAIL_HOME/rulebook: one folder per version, and `current`, which names the one in
force and is replaced last.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from khotail.files import written_whole
from khotail.rulebook.load import BUILT_IN, load_rulebook
from khotail.rulebook.model import Rulebook
from khotail.screening.problems import ParameterMissing

#: Name of the banner's own book, as places in it are shown: banner/parameters/lines.yaml:3.
OWN = "banner"
_POINTER = "current"
#: What was asked for, and the rulebook that it is.
_in_force: tuple[tuple[object, ...], Rulebook] | None = None
_loading = threading.Lock()


def current() -> Rulebook:
    """The rulebook in force. Raises RulebookFlawed, UnknownRulebook."""
    global _in_force
    asked = _asked()
    if _in_force is None or _in_force[0] != asked:
        _in_force = asked, _loaded(str(own_folder() or settings.KHOTAIL_RULEBOOK))
    return _in_force[1]


def _asked() -> tuple[object, ...]:
    """Differs once another rulebook is in force: pages ask for the rulebook a hundred times, and one stat is cheap."""
    settled = settings.KHOTAIL_RULEBOOK, settings.KHOTAIL_HOME
    try:
        pointer = os.stat(f"{settings.KHOTAIL_HOME}/rulebook/{_POINTER}")
    except OSError:
        return settled
    return *settled, pointer.st_mtime_ns, pointer.st_ino


def setting(name: str, on: date, region_code: str) -> Any:
    """A parameter's value on a day in a region. Raises ParameterMissing."""
    parameter = current().parameters.get(name)
    value = parameter.in_force(on, region_code) if parameter else None
    if value is None:
        raise ParameterMissing(name=name)
    return value.value


def version() -> tuple[object, ...]:
    """Differs once another rulebook is in force; cheaper than its digest."""
    return _asked()


def digest() -> str:
    """SHA-256 over every file of the rulebook in force."""
    return digest_of(own_folder() or settings.KHOTAIL_RULEBOOK)


def own_folder() -> Path | None:
    """The folder of the banner's own book, if it has adopted one."""
    place = _place()
    try:
        name = (place / _POINTER).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    found = place / name / OWN
    return found if name and (found / "book.yaml").is_file() else None


def own_files() -> dict[str, str]:
    """Path → text of the banner's own book, without book.yaml."""
    found = own_folder()
    if found is None:
        return {}
    return {
        path.relative_to(found).as_posix(): path.read_text(encoding="utf-8") for path in sorted(found.glob("*/*.yaml"))
    }


def with_files(files: Mapping[str, str], region_code: str) -> tuple[Rulebook, str]:
    """The rulebook as it would be with these files as the banner's own book, and its digest.

    Raises RulebookFlawed with every flaw, its file and line.
    """
    with trying(files, region_code) as folder:
        return load_rulebook(folder), digest_of(folder)


@contextmanager
def trying(files: Mapping[str, str], region_code: str) -> Iterator[Path]:
    """A folder that holds these files as the banner's own book, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="khotail-rulebook-") as place:
        folder = Path(place) / OWN
        _write(folder, files, region_code)
        yield folder


def put_in_force(files: Mapping[str, str], region_code: str) -> str:
    """Write the banner's own book and let it be the current one; returns the whole rulebook's digest."""
    place = _place()
    place.mkdir(parents=True, exist_ok=True)
    content = json.dumps([region_code, sorted(files.items())], ensure_ascii=False)
    version = hashlib.sha256(content.encode()).hexdigest()[:16]
    unfinished = Path(tempfile.mkdtemp(prefix=".", dir=place))
    try:
        _write(unfinished / OWN, files, region_code)
        if not (place / version / OWN / "book.yaml").is_file():
            shutil.rmtree(place / version, ignore_errors=True)
            unfinished.replace(place / version)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    with written_whole(place / _POINTER) as pointer:
        pointer.write_text(version + "\n", encoding="utf-8")
    return digest()


def _write(folder: Path, files: Mapping[str, str], region_code: str) -> None:
    folder.mkdir(parents=True)
    header = {
        "id": OWN,
        "name": {"zh": "本旗县规则", "en": "Rules of this banner"},
        "extends": _extended(),
        "region": region_code,
    }
    (folder / "book.yaml").write_text(yaml.safe_dump(header, allow_unicode=True), encoding="utf-8")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _extended() -> str:
    book = str(settings.KHOTAIL_RULEBOOK)
    return book if (BUILT_IN / book / "book.yaml").is_file() else str(Path(book).resolve())


def digest_of(book: str | Path) -> str:
    """SHA-256 over a book's files and those of the books that it extends."""
    total = hashlib.sha256()
    seen: set[Path] = set()
    folder: Path | None = _folder(book)
    while folder is not None and folder not in seen:
        seen.add(folder)
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".yaml", ".sql"):
                total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        header = yaml.safe_load((folder / "book.yaml").read_text(encoding="utf-8")) or {}
        folder = _folder(header["extends"]) if header.get("extends") else None
    return total.hexdigest()


def _folder(book: str | Path) -> Path:
    built_in = BUILT_IN / str(book)
    return built_in if (built_in / "book.yaml").is_file() else Path(book)


def _place() -> Path:
    return Path(settings.KHOTAIL_HOME) / "rulebook"


def _loaded(book: str) -> Rulebook:
    with _loading:  # many ask at once when a server starts; one loads
        return _kept(book)


@functools.lru_cache(maxsize=4)
def _kept(book: str) -> Rulebook:
    # A version's folder never changes, and neither do the built-in books while the program runs.
    return load_rulebook(book)
