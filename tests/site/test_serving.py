import json
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answer(port: int, path: str = "/healthz", seconds: float = 90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            time.sleep(0.2)
    raise AssertionError("it does not answer")


def test_serve_answers_works_through_jobs_and_stops_on_ctrl_c(installation, port):
    running = installation.start("serve", "--port", port)
    try:
        status, body = answer(port)
        assert (status, json.loads(body)) == (200, {"database": "ok", "queue": "ok"})
        assert answer(port, "/static/desk/khotail.css")[0] == 200
        assert answer(port, "/jobs/1/")[0] in (200, 302)
        job = ask_for_an_unknown_kind(installation)
        wait_until_failed(installation, job)
        second = installation.run("serve", "--port", port)
        assert second.returncode == 5 and "--port" in second.stderr
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=40) == 0
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)


def ask_for_an_unknown_kind(installation) -> str:
    """A job that any worker ends at once: no app of this version knows its kind."""
    return installation.python(
        "from django.utils import timezone; from khotail.jobs.models import Job\n"
        "print(Job.objects.create(kind='of.another.version', asked_at=timezone.now()).pk)"
    )


def wait_until_failed(installation, job: str) -> None:
    for _ in range(20):
        state = installation.python(f"from khotail.jobs.models import Job; print(Job.objects.get(pk={job}).state)")
        if state == "failed":
            return
        time.sleep(0.3)
    raise AssertionError(f"the job is still {state}")
