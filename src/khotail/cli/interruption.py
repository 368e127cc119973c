"""Ctrl-C while a long statement runs.

Python hears of a signal only between its own steps, and a statement of the embedded engine is one step, however long.
The operating system's side of the signal is heard at once by a thread, which breaks the statement off.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_TRIES, _PAUSE_SECONDS = 40, 0.05


class Interruption:
    """Whether Ctrl-C was pressed. What it breaks off may come back as an error of another kind."""

    happened = False


@contextmanager
def heard() -> Iterator[Interruption]:
    """Break off statements on Ctrl-C while the block runs; it raises KeyboardInterrupt or the engine's own error."""
    interruption = Interruption()
    on_main_thread = threading.current_thread() is threading.main_thread()
    # Where Ctrl-C is ignored (`nohup`) or somebody else listens, it stays so.
    if not on_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler or os.name == "nt":
        yield interruption
        return

    def note(number: int, frame: FrameType | None) -> None:
        interruption.happened = True
        signal.default_int_handler(number, frame)

    hearing, telling = os.pipe()
    os.set_blocking(telling, False)
    listener = threading.Thread(target=_listen, args=(hearing, interruption), daemon=True)
    listener.start()
    signal.signal(signal.SIGINT, note)
    before = signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    try:
        yield interruption
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(telling)
        listener.join(1)


def _listen(hearing: int, interruption: Interruption) -> None:
    with os.fdopen(hearing, "rb", buffering=0) as signals:
        while number := signals.read(1):
            if number[0] != signal.SIGINT:
                continue
            interruption.happened = True
            # One statement may end and the next begin before Python hears of it.
            for _ in range(_TRIES):
                running = sys.modules.get("khotail.facts.running")
                if running is not None:
                    running.stop_all()
                time.sleep(_PAUSE_SECONDS)
            return
