"""What the worker keeps on the device: the app's own files, and the version that changes whenever one of them does."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from django.contrib.staticfiles import finders

from khotail.field.words import catalogue

_STATIC = Path(__file__).parent / "static"
_TEMPLATE = Path(__file__).parent / "templates" / "field" / "app.html"
#: The worker's script itself; it is not kept, browsers fetch it anew.
WORKER = _STATIC / "field" / "worker.js"
_OF_THE_DESK = ("desk/khotail.css", "desk/icons.svg", "desk/mark.svg")

#: Names of static files, as `static()` takes them.
FILES: tuple[str, ...] = (
    *sorted(
        str(path.relative_to(_STATIC).as_posix())
        for path in _STATIC.rglob("*")
        if path.suffix in {".js", ".css", ".svg", ".wasm"} and path != WORKER
    ),
    *_OF_THE_DESK,
)

#: The engine of the forms, and the bytes of its grammar of XPath: a page begins to fetch them before it asks for them.
ENGINE = "field/vendor/xforms-engine.min.js"
GRAMMAR: tuple[str, ...] = tuple(name for name in FILES if name.endswith(".wasm"))

#: Those that every page of the app needs at once.
SCRIPTS: tuple[str, ...] = tuple(name for name in FILES if name.endswith(".js") and "/vendor/" not in name)


@functools.cache
def version() -> str:
    """Digest of everything that is kept, the page and its words included."""
    found = hashlib.sha256(WORKER.read_bytes() + _TEMPLATE.read_bytes() + json.dumps(catalogue()).encode())
    for name in FILES:
        found.update(name.encode() + Path(str(finders.find(name))).read_bytes())
    return found.hexdigest()[:16]
