"""Facts: dated statements from named sources about households, persons and villages.

`read` takes workbooks, CSV and Parquet files into memory; `import_files` writes them to a folder that `Facts.open`
opens. The names below are loaded when they are first used, so that importing Khotail stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from khotail.facts.batches import import_files
    from khotail.facts.inspection import inspect
    from khotail.facts.reading.read import read
    from khotail.facts.reading.report import Reading
    from khotail.facts.regions import Regions
    from khotail.facts.store import Facts

__all__ = ["Facts", "Reading", "Regions", "import_files", "inspect", "read"]

_HOMES = {
    "Facts": "khotail.facts.store",
    "Reading": "khotail.facts.reading.report",
    "Regions": "khotail.facts.regions",
    "import_files": "khotail.facts.batches",
    "inspect": "khotail.facts.inspection",
    "read": "khotail.facts.reading.read",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
