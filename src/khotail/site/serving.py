"""`khotail serve`: the web server and one worker, side by side until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from khotail.site.problems import DidNotStart, PortTaken

#: A worker gets so long to finish its current piece of work.
_STOP_SECONDS = 30
_START_SECONDS = 60
#: A worker that ends by itself is started again, but not in a mad circle.
_PAUSE_SECONDS = 5


def serve(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called with the address once pages are answered.

    Raises PortTaken, DidNotStart.
    """
    _check_port(host, port)
    asked_to_stop: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        asked_to_stop.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    web, worker = _start_web(host, port), _start_worker()
    try:
        address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
        if _answers(address, web, asked_to_stop):
            ready(address)
        pause_until = 0.0
        while not asked_to_stop:
            time.sleep(0.3)
            if (code := web.poll()) is not None:
                raise DidNotStart(code=code)
            if worker.poll() is not None and time.monotonic() > pause_until:
                pause_until = time.monotonic() + _PAUSE_SECONDS
                worker = _start_worker()
    finally:
        _end(web, worker)
        for number, handler in before.items():
            signal.signal(number, handler)


def web_command(host: str, port: int) -> list[str]:
    """Granian with two threads a process; more processes by KHOTAIL_WEB_PROCESSES.

    A page is mostly Python: with four threads a process it took twice the processor of one (docs/benchmarks.md). The
    second thread answers while the first waits for a slow upload.
    """
    cores = os.cpu_count() or 1
    processes = os.environ.get("KHOTAIL_WEB_PROCESSES", str(min(2, cores)))
    return [
        sys.executable, "-m", "granian", "khotail.site.wsgi:application", "--interface", "wsgi",
        "--host", host, "--port", str(port), "--workers", processes, "--blocking-threads", "2", "--backlog", "1024",
        "--log-level", "warning", "--respawn-failed-workers", "--workers-kill-timeout", "10", "--no-ws",
    ]  # fmt: skip


def _start_web(host: str, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(web_command(host, port), start_new_session=True)


def _start_worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "khotail.site.worker"], start_new_session=True)


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(host=host, port=port) from error


def _answers(address: str, web: subprocess.Popen[bytes], asked_to_stop: list[int]) -> bool:
    """Wait until the health check answers, whatever it says."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and web.poll() is None and not asked_to_stop:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5)
            return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.2)
    return False


def _end(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
    end = time.monotonic() + _STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
