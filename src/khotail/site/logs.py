"""Log lines without data: of an error its kind and places, not its message, and each entry on one line.

A database's message quotes the row that it refused, and a request may carry whatever somebody typed.
"""

from __future__ import annotations

import logging
import os
import traceback
from typing import Any

#: Characters that would begin a new line or command a terminal.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class WithoutData(logging.Formatter):
    """`KHOTAIL_DEBUG=1` writes whole tracebacks, for whoever looks for a fault on data that are not real."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).translate(_CONTROLS)

    def formatException(self, ei: Any) -> str:
        if os.environ.get("KHOTAIL_DEBUG"):
            return super().formatException(ei)
        kind, _error, trace = ei
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return f"{getattr(kind, '__name__', kind)} at {' < '.join(places[::-1])}"
