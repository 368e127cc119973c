"""Bodies that break off or come in chunks, at the server of `khotail serve`, byte by byte as a bad connection sends them."""

from __future__ import annotations

import base64
import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.record.forked import Forking
from tests.record.killable_visits import SECRET
from tests.record.test_openrosa import multipart
from tests.record.test_visits import PNG
from tests.record.test_visits_app import multipart as of_a_browser
from tests.record.test_visits_killed import free_port

_PATIENCE_SECONDS = 20
_BASIC = base64.b64encode(f"cadre:{SECRET}".encode()).decode()
_COLLECT = (
    "POST /openrosa/submission HTTP/1.1\r\nHost: localhost\r\nX-OpenRosa-Version: 1.0\r\n"
    f"Authorization: Basic {_BASIC}\r\nContent-Type: multipart/form-data; boundary=collect\r\n"
)


class Server:
    """The server with its database; `seen` is what lies there."""

    def __init__(self, process: Forking) -> None:
        self.process, self.port = process, free_port()
        self.about = process("prepare").told(timeout=120)
        self.web = process("serve_as_installed", self.port)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            time.sleep(0.1)
        raise TimeoutError("the server does not answer")

    def seen(self) -> dict[str, Any]:
        return self.process("state").told()

    def head_of_sync(self) -> str:
        return (
            "POST /visits/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            f"Cookie: sessionid={self.about['session']}; csrftoken={self.about['csrf']}\r\n"
            f"X-CSRFToken: {self.about['csrf']}\r\nX-Officer: {self.about['officer']}\r\n"
        )

    def ask(self, head: str, *pieces: bytes, hang_up: bool = False) -> tuple[int, bytes]:
        """Send a request in pieces. `hang_up` closes our side after the last of them, as a phone without signal does."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE_SECONDS) as line:
            line.sendall(f"{head}\r\n".encode())
            for piece in pieces:
                line.sendall(piece)
                time.sleep(0.02)
            if hang_up:
                return 0, b""
            answer = http.client.HTTPResponse(line)
            answer.begin()
            return answer.status, answer.read()

    def record(self, n: int, more: str = "") -> bytes:
        return (
            f'<household_visit xmlns:orx="http://openrosa.org/xforms" id="household_visit" version="{self.about["version"]}">'
            f"<household>D{n:04}</household><visited_on>2026-06-02</visited_on><met>head</met>"
            f"<situation><members>3</members></situation><income><wage>{1000 + n}</wage><year>2026</year></income>{more}"
            f"<orx:meta><orx:instanceID>uuid:{n}</orx:instanceID></orx:meta></household_visit>"
        ).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    process = Forking("tests.record.killable_visits", tmp_path_factory.mktemp("cut-off"))
    found = Server(process)
    yield found
    found.web.send_signal(signal.SIGTERM)
    found.web.wait(timeout=40)
    process.close()


def chunks(body: bytes, size: int = 700) -> list[bytes]:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts]


def test_visits_of_the_app_that_break_off_anywhere_leave_nothing_and_arrive_once_when_sent_again(
    server: Server,
) -> None:
    before = server.seen()
    more = "<photo>a.png</photo>"
    body = of_a_browser({"xml-0": server.record(1), "xml-1": server.record(2, more), "files-1": PNG * 2000})
    head = server.head_of_sync() + f"Content-Length: {len(body)}\r\n"
    for part in (0.1, 0.5, 0.9, 0.999):
        server.ask(head, body[: int(len(body) * part)], hang_up=True)
    short = server.head_of_sync() + f"Content-Length: {len(body) // 2}\r\n"
    status, answer = server.ask(short, body[: len(body) // 2])
    assert status == 400 and "connection broke" in json.loads(answer)["en"]
    time.sleep(0.5)
    assert server.seen() == before
    for outcome in ("arrived", "again"):
        status, answer = server.ask(head, body[:500], body[500:9000], body[9000:])
        assert [one["outcome"] for one in json.loads(answer)["outcomes"].values()] == [outcome] * 2, answer
    assert server.seen()["submissions"] == before["submissions"] + 2


def test_a_record_of_odk_collect_that_breaks_off_leaves_nothing(server: Server) -> None:
    before = server.seen()
    body = multipart(server.record(5, "<photo>a.png</photo>"), {"a.png": PNG * 2000})
    head = f"{_COLLECT}Content-Length: {len(body)}\r\n"
    for part in (0.1, 0.5, 0.99):
        server.ask(head, body[: int(len(body) * part)], hang_up=True)
    time.sleep(0.5)
    assert server.seen() == before
    assert [server.ask(head, body)[0] for _ in range(2)] == [201, 202]


def test_a_record_in_chunks_is_taken_or_refused_as_the_standard_says(server: Server) -> None:
    before = server.seen()
    body = multipart(server.record(7, "<photo>a.png</photo>"), {"a.png": PNG * 500})
    head = f"{_COLLECT}Transfer-Encoding: chunked\r\n"
    server.ask(head, *chunks(body)[:3], hang_up=True)
    status, answer = server.ask(head, *chunks(body[:-30]), b"0\r\n\r\n")
    assert status == 400 and b"OpenRosaResponse" in answer
    time.sleep(0.3)
    assert server.seen() == before
    assert server.ask(head, *chunks(body), b"0\r\n\r\n")[0] == 201
    assert server.seen()["submissions"] == before["submissions"] + 1


def test_chunks_without_end_are_refused_and_not_kept(server: Server) -> None:
    chunk = f"{1 << 20:x}\r\n".encode() + b"0" * (1 << 20) + b"\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=_PATIENCE_SECONDS) as line:
        line.sendall(f"{_COLLECT}Transfer-Encoding: chunked\r\n\r\n".encode())
        with suppress(OSError):  # the server may hang up while there is more
            for _ in range(26):
                line.sendall(chunk)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 413 and b"24 MB" in answer.read()
