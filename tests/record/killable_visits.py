"""A real web server for the test that kills it while a device sends; forked by tests.record.forked."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import threading
import time
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

VILLAGE = "152221100200"
HOUSEHOLDS = 40
#: Names a token of the cadre, so that a device can be set up.
SECRET = "kht_of-the-device"


def load() -> None:
    """Everything that a request needs, before the first fork."""
    from django.urls import get_resolver

    from khotail.site.wsgi import application
    from khotail.visits import jobs

    assert application and jobs and get_resolver().url_patterns


def prepare() -> None:
    import hashlib

    from django.core.management import call_command

    from khotail.accounts.models import Officer, Token
    from khotail.accounts.roles import Role
    from khotail.register.models import Household, Region
    from khotail.visits.forms import publish_rulebook_forms

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    now = datetime.now(UTC)
    parent = None
    for code, level in (
        ("15", "province"),
        ("1522", "league"),
        ("152221", "banner"),
        ("152221100", "township"),
        (VILLAGE, "village"),
    ):
        parent = Region.objects.create(code=code, level=level, name=code, parent=parent)
    cadre = Officer.objects.create_user(
        "cadre", "a-long-password-1", full_name="演示", role=Role.VILLAGE_CADRE, region_code=VILLAGE
    )
    Token.objects.create(
        officer=cadre, name="ODK", digest=hashlib.sha256(SECRET.encode()).hexdigest(), created_at=now
    )  # fmt: skip
    Household.objects.bulk_create(
        Household(number=f"D{n:04}", region_code=VILLAGE, head_name="演示甲", size=3, changed_at=now)
        for n in range(HOUSEHOLDS)
    )
    [form] = [form for form in publish_rulebook_forms(now) if form.form_id == "household_visit"]
    print(json.dumps({"version": form.version, "officer": cadre.pk} | _session_of(cadre)))


def _session_of(cadre: object) -> dict[str, str]:
    """A browser in which the cadre is signed in, second factor included."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.middleware.csrf import _get_new_csrf_string

    Authenticator.objects.create(user=cadre, type="totp", data={})
    session = SessionStore()
    session[SESSION_KEY] = str(cadre.pk)
    session[BACKEND_SESSION_KEY] = "khotail.accounts.signed_in.Backend"
    session[HASH_SESSION_KEY] = cadre.get_session_auth_hash()
    session.create()
    return {"session": session.session_key, "csrf": _get_new_csrf_string()}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing: its output is read by the test."""


def serve(port: int, seed: int | None = None) -> None:
    """Answer until killed; with a seed, killed by itself after so many requests and moments as it decides."""
    from khotail.site.wsgi import application

    dice, begun = random.Random(seed), threading.Event()
    left = iter(range(dice.randrange(12)))

    def answered(environ: dict, start: object) -> object:
        if next(left, None) is None:
            begun.set()
        return application(environ, start)

    if seed is not None:
        threading.Thread(target=_die, args=(dice, begun), daemon=True).start()
    server = _Server(("127.0.0.1", port), _Quiet)
    server.set_app(answered)
    print("ready", flush=True)
    server.serve_forever()


def serve_as_installed(port: int) -> None:
    """The server of `khotail serve` instead of this process, until it is told to stop."""
    from khotail.site.serving import web_command

    command = web_command("127.0.0.1", port)
    os.execv(command[0], command)


def _die(dice: random.Random, begun: threading.Event) -> None:
    begun.wait()
    time.sleep(dice.random() * 0.15)
    os.kill(os.getpid(), signal.SIGKILL)


def take(nth: int, seed: int | None = None) -> None:
    """The nth worker, which enters what has arrived; with a seed, killed a while after it entered something.

    Its clock is ahead by so many leases: whoever died before it has lost the job.
    """
    from datetime import timedelta

    from django.utils import timezone

    from khotail.jobs.progress import LEASE
    from khotail.jobs.work import run_waiting
    from khotail.visits.receiving import ask_to_take

    now = timezone.now() + nth * (LEASE + timedelta(seconds=1))
    ask_to_take(now)  # as the next device that sends does
    if seed is not None:
        begun = threading.Event()
        threading.Thread(target=_tell_once_entered, args=(begun,), daemon=True).start()
        threading.Thread(target=_die, args=(random.Random(seed), begun), daemon=True).start()
    run_waiting(now)


def _tell_once_entered(begun: threading.Event) -> None:
    from khotail.visits.models import Submission

    entered = Submission.objects.filter(state="taken")
    before = entered.count()
    while entered.count() == before:
        time.sleep(0.005)
    begun.set()


def state() -> None:
    from django.db.models import Count

    from khotail.casework.models import Lead
    from khotail.register.documents import content
    from khotail.register.models import Document, Statement
    from khotail.trail.chain import breaks
    from khotail.visits.models import Submission, SubmissionFile

    files = SubmissionFile.objects.select_related("document")
    print(
        json.dumps(
            {
                "submissions": Submission.objects.count(),
                "states": dict(Submission.objects.order_by().values_list("state").annotate(n=Count("id"))),
                "files": files.count(),
                "documents": Document.objects.count(),
                "whole": sum(len(content(one.document)) > 0 for one in files),
                "incomes": Statement.objects.filter(table="incomes").count(),
                "leads": Lead.objects.count(),
                "breaks": len(list(breaks())),
            }
        )
    )
