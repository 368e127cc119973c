"""Processes of their own that a test may kill, without a start of Python and Django for each.

`Forking` starts one process that loads everything and opens nothing (`python -m tests.record.forked …`). Each call of a
function of the module forks from it: what runs then has its own number, connection and threads, and dies like any other.
The module's `load`, if it has one, is called once before.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from khotail.site.keys import new_keys
from tests.postgres import fresh_database


class Forked:
    """One forked process, as subprocess.Popen would have it."""

    def __init__(self, forking: Forking, pid: int, out: int) -> None:
        self.pid, self.stdout = pid, os.fdopen(out, encoding="utf-8")
        self._forking = forking

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)  # it stays a zombie until it is waited for, so the number is still its own

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """The exit status, negative for a signal. Raises TimeoutError."""
        code = self._forking._ask({"wait": self.pid, "seconds": timeout})
        if code is None:
            raise TimeoutError(f"process {self.pid} still runs after {timeout} s")
        self.stdout.close()
        return int(code)

    def told(self, timeout: float = 60) -> Any:
        """What it printed, read as JSON, once it ended well."""
        printed = self.stdout.read()
        assert self.wait(timeout) == 0
        return json.loads(printed)


class Forking:
    """The process that forks, with a database of its own, on PostgreSQL by KHOTAIL_TEST_DATABASE."""

    def __init__(self, module: str, home: Path) -> None:
        database = f"sqlite:///{home / 'forked.sqlite3'}"
        if server := os.environ.get("KHOTAIL_TEST_DATABASE"):
            database = fresh_database(server, f"{module.rpartition('.')[2]}_{os.getpid()}")
        self._socket, theirs = socket.socketpair()
        keys = new_keys()
        environment = {
            **os.environ, "KHOTAIL_DATABASE": database, "KHOTAIL_HOME": str(home), "KHOTAIL_PLAIN_HTTP": "1",
            "KHOTAIL_SECRET_KEY": keys.secret, "KHOTAIL_DATA_KEY": keys.data,
            "DJANGO_SETTINGS_MODULE": "khotail.site.settings",
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.record.forked", module, str(theirs.fileno())]
        self._process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()
        self._socket.settimeout(300)

    def __call__(self, what: str, *arguments: object) -> Forked:
        """The module's function `what`, begun in a process of its own."""
        reading, writing = os.pipe()
        try:
            pid = self._ask({"what": what, "arguments": [*arguments]}, writing)
        finally:
            os.close(writing)
        return Forked(self, pid, reading)

    def close(self) -> None:
        self._socket.close()
        self._process.wait(timeout=60)

    def _ask(self, order: dict[str, Any], *files: int) -> Any:
        socket.send_fds(self._socket, [json.dumps(order).encode()], files)
        return json.loads(self._socket.recv(1 << 16))


def main(module: str, number: str) -> None:
    """Fork, and wait for the forked, as the other end of the socket asks; end with it."""
    import django

    django.setup()
    called = importlib.import_module(module)
    getattr(called, "load", bool)()
    asked = socket.socket(fileno=int(number))
    alive: set[int] = set()
    while True:
        message, files, _, _ = socket.recv_fds(asked, 1 << 16, 1)
        if not message:
            break
        order = json.loads(message)
        if "wait" in order:
            answer = _ended(order["wait"], order["seconds"])
            alive -= {order["wait"]} if answer is not None else set()
        else:
            [out] = files
            answer = os.fork()
            if not answer:
                asked.close()
                _call(called, order["what"], order["arguments"], out)
            os.close(out)
            alive.add(answer)
        asked.sendall(json.dumps(answer).encode())
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def _call(module: Any, what: str, arguments: list[object], out: int) -> None:
    code = 1
    try:
        os.dup2(out, 1)
        os.close(out)
        getattr(module, what)(*arguments)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _ended(pid: int, seconds: float) -> int | None:
    """The exit status, or None if it still runs after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
