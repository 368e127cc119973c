"""A server that is killed at random moments while devices send: every visit arrives once, and so do its files."""

from __future__ import annotations

import base64
import http.client
import random
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.record.forked import Forked, Forking
from tests.record.killable_visits import HOUSEHOLDS, SECRET
from tests.record.test_openrosa import multipart
from tests.record.test_visits import PNG

KILLS = 14
WORKERS = 3
DEVICES = 4
VISITS = 120
_PACKED = base64.b64encode(f"cadre:{SECRET}".encode()).decode()
_HEADERS = {
    "Authorization": f"Basic {_PACKED}",
    "X-OpenRosa-Version": "1.0",
    "Content-Type": "multipart/form-data; boundary=collect",
}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Forking]:
    """Begins a function of tests.record.killable_visits in a process of its own."""
    forking = Forking("tests.record.killable_visits", tmp_path)
    yield forking
    forking.close()


class Device:
    """Sends its visits, each until it is told that it arrived; photo and signature go in posts of their own."""

    def __init__(self, nth: int, port: int, version: str) -> None:
        self.left = [self._posts(n, version) for n in range(nth, VISITS, DEVICES)]
        self.port, self.cut, self.wrong = port, 0, []

    def send(self) -> None:
        """Until everything has arrived or the server is gone."""
        while self.left:
            posts = self.left[0]
            while posts:
                try:
                    code = self._post(posts[0])
                except (OSError, http.client.HTTPException):
                    self.cut += 1
                    return
                if code not in (201, 202):
                    self.wrong.append(code)
                    return
                posts.pop(0)
            self.left.pop(0)

    def _post(self, body: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/openrosa/submission", body, _HEADERS)
            return connection.getresponse().status
        finally:
            connection.close()

    def _posts(self, n: int, version: str) -> list[bytes]:
        xml = (
            f'<household_visit xmlns:orx="http://openrosa.org/xforms" id="household_visit" version="{version}">'
            f"<household>D{n % HOUSEHOLDS:04}</household><visited_on>2026-06-02</visited_on><met>head</met>"
            f"<situation><members>3</members></situation><income><wage>{1000 + n}</wage><year>2026</year></income>"
            "<photo>a.png</photo><signature>b.png</signature>"
            f"<orx:meta><orx:instanceID>uuid:{n}</orx:instanceID></orx:meta></household_visit>"
        ).encode()
        return [multipart(xml, {"a.png": PNG}), multipart(xml, {"b.png": PNG})]


def served(process: Forking, port: int, seed: int | None = None) -> Forked:
    server = process("serve", port, *([] if seed is None else [seed]))
    server.stdout.readline()  # "ready", or nothing if it died before
    return server


def all_send(devices: list[Device]) -> None:
    threads = [threading.Thread(target=device.send) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_server_and_a_worker_killed_at_random_moments_have_every_visit_and_file_once(process):
    version = process("prepare").told(timeout=120)["version"]
    port, dice = free_port(), random.Random(11)
    devices = [Device(nth, port, version) for nth in range(DEVICES)]
    _sync_and_kill(process, port, devices, dice)
    assert [device.wrong for device in devices] == [[]] * DEVICES
    assert sum(len(device.left) for device in devices) == 0
    seen = process("state").told()
    assert (seen["submissions"], seen["states"]) == (VISITS, {"received": VISITS})
    assert seen["files"] == seen["documents"] == seen["whole"] == 2 * VISITS
    assert seen["breaks"] == 0
    _enter_and_kill(process, dice)
    seen = process("state").told()
    assert seen["states"] == {"taken": VISITS}
    assert (seen["incomes"], seen["breaks"]) == (VISITS, 0)


def _sync_and_kill(process: Forking, port: int, devices: list[Device], dice: random.Random) -> None:
    halfway = 0
    for _ in range(KILLS):
        before = sum(len(device.left) for device in devices)
        server = served(process, port, dice.randrange(10_000))
        all_send(devices)
        server.kill()
        assert server.wait(timeout=30) == -signal.SIGKILL
        halfway += 0 < sum(len(device.left) for device in devices) < before
    assert halfway > KILLS // 3 and sum(device.cut for device in devices) > KILLS // 2, "no kill fell into the sending"
    server = served(process, port)
    all_send(devices)
    server.kill()
    server.wait(timeout=30)


def _enter_and_kill(process: Forking, dice: random.Random) -> None:
    halfway = 0
    for nth in range(WORKERS):
        worker = process("take", nth, dice.randrange(10_000))
        assert worker.wait(timeout=60) in (0, -signal.SIGKILL)
        halfway += 0 < process("state").told()["states"].get("taken", 0) < VISITS
    assert halfway > 1, "no kill fell into the entering"
    assert process("take", WORKERS).wait(timeout=60) == 0
