"""Files that appear whole or not at all, and cells that stay text."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Options of XlsxWriter under which a text stays a text in its cell, whatever it begins with: no formula, link or number.
TEXT_CELLS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def written_whole(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A temporary file beside `path` to write to; it takes `path`'s place once the block ends without an error.

    The folder is made if it is missing. On an error nothing is left behind and an older file stays as it was.

    private  only the owner may read it; otherwise the person's own umask decides
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem[:20]}-{secrets.token_hex(4)}{path.suffix}")
    unfinished.touch(mode=0o600 if private else 0o666, exist_ok=False)
    try:
        yield unfinished
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
