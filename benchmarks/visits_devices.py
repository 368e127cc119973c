"""`python -m benchmarks.visits_devices prepare|send|count`: the devices of `benchmarks.visits` and what they send."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

BANNER = "152221"
PER_REQUEST = 10  # visits that the offline app sends at once
#: Devices do not give up: they send again whatever was not answered.
TRIES = 50
PATIENCE_SECONDS = 120
#: After so long the run ends, and what has not arrived by then is told.
LONGEST_SECONDS = 900
#: Answers that ask for another try: too many at once, and a database that is away.
_LATER = (429, 503)


def prepare(devices: int, visits: int) -> None:
    """Villages, a cadre with a token and a session for each device, the households that they visit, and the round."""
    import django

    django.setup()
    from allauth.mfa.models import Authenticator
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.middleware.csrf import _get_new_csrf_string
    from django.utils import timezone

    from khotail.accounts.models import Officer, Token
    from khotail.accounts.roles import Role
    from khotail.register.models import Household, Region
    from khotail.register.regions import load_regions
    from khotail.visits.forms import publish_rulebook_forms
    from khotail.visits.models import Assignment, Round

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    load_regions(BANNER)
    now, today = timezone.now(), timezone.localdate()
    [form] = [each for each in publish_rulebook_forms(now) if each.form_id == "household_visit"]
    villages = list(Region.objects.filter(level="village", code__startswith=BANNER).values_list("code", flat=True))
    opened = Round.objects.create(
        title="六月", form_id=form.form_id, region_code=BANNER, starts_on=today, due_on=today + timedelta(days=30),
        who="all", opened_at=now,
    )  # fmt: skip
    told = []
    for n in range(devices):
        place, secret, csrf = villages[n % len(villages)], "kht_" + secrets.token_urlsafe(32), _get_new_csrf_string()
        cadre = Officer.objects.create(
            username=f"cadre-{n}", full_name=f"示例{n}", role=Role.VILLAGE_CADRE, region_code=place, password="!"
        )
        Authenticator.objects.create(user=cadre, type="totp", data={})
        Token.objects.create(officer=cadre, name="ODK", digest=_sha(secret), created_at=now, last_used_at=now)
        session = SessionStore()
        session.update(
            {SESSION_KEY: str(cadre.pk), BACKEND_SESSION_KEY: "khotail.accounts.signed_in.Backend",
             HASH_SESSION_KEY: cadre.get_session_auth_hash()}
        )  # fmt: skip
        session.create()
        told.append(
            {"n": n, "name": cadre.username, "secret": secret, "session": session.session_key, "csrf": csrf, "officer": cadre.pk}
        )  # fmt: skip
    homes = Household.objects.bulk_create(
        Household(number=f"D{n}-{k}", region_code=villages[n % len(villages)], head_name="示例", size=3, changed_at=now)
        for n in range(devices)
        for k in range(visits)
    )
    Assignment.objects.bulk_create(
        Assignment(round=opened, household=home, region_code=home.region_code, due_on=opened.due_on) for home in homes
    )
    print(json.dumps({"devices": told, "version": form.version}))


def count(way: str) -> None:
    import django

    django.setup()
    from khotail.visits.models import Submission

    rows = Submission.objects.filter(instance_id__startswith=f"uuid:{way}-", household__isnull=False, state="received")
    print(json.dumps(rows.count()))


class Devices:
    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan, self.accepted, self.errors = plan, 0, dict[str, int]()

    async def send(self) -> dict[str, Any]:
        began = time.perf_counter()
        devices = [asyncio.create_task(self._device(device)) for device in self.plan["devices"]]
        done, late = await asyncio.wait(devices, timeout=LONGEST_SECONDS)
        for device in late:
            device.cancel()
        if late:
            self.errors["devices that never finished"] = len(late)
        waits = [device.result() for device in done] + [LONGEST_SECONDS] * len(late)
        return {
            "seconds": time.perf_counter() - began, "waits": waits, "accepted": self.accepted, "errors": self.errors,
            "processor": time.process_time(),
        }  # fmt: skip

    async def _device(self, device: dict[str, Any]) -> float:
        began = time.perf_counter()
        records = [self._xml(device["n"], k) for k in range(self.plan["visits"])]
        link: list[Any] = []
        if self.plan["way"] == "app":
            for at in range(0, len(records), PER_REQUEST):
                code, body = await self._ask(link, _app_request(device, records[at : at + PER_REQUEST]))
                outcomes = json.loads(body)["outcomes"] if code == 200 else {}
                self.accepted += sum(each["outcome"] in ("arrived", "again") for each in outcomes.values())
        else:
            await self._ask(link, _request("HEAD", "/openrosa/submission", _basic(device), b""))
            for xml in records:
                code, _ = await self._ask(link, _collect_request(device, xml))
                self.accepted += code in (201, 202)
        _hang_up(link)
        return time.perf_counter() - began

    async def _ask(self, link: list[Any], request: bytes) -> tuple[int, bytes]:
        for _ in range(TRIES):
            try:
                if not link:
                    link[:] = await asyncio.open_connection("127.0.0.1", self.plan["port"])
                link[1].write(request)
                answer = _answer(link[0], head_only=request.startswith(b"HEAD"))
                code, body = await asyncio.wait_for(answer, PATIENCE_SECONDS)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self._note(type(error).__name__)
                _hang_up(link)
                await asyncio.sleep(0.2)
                continue
            if code not in _LATER:
                return code, body
            self._note(str(code))
            await asyncio.sleep(1)
        return 0, b""

    def _note(self, what: str) -> None:
        self.errors[what] = self.errors.get(what, 0) + 1

    def _xml(self, n: int, k: int) -> bytes:
        answers = (
            f"<household>D{n}-{k}</household><visited_on>2026-06-02</visited_on><met>head</met><situation><members>3</members>"
            f"</situation><income><wage>{1000 + k}</wage><year>2026</year></income><causes>illness</causes>"
            "<words>家里有人住院，花费较大，需要帮助。</words><place>46.1 121.2 0 5</place>"
        )
        return (
            '<?xml version="1.0"?><household_visit xmlns:orx="http://openrosa.org/xforms" id="household_visit" '
            f'version="{self.plan["version"]}">{answers}<orx:meta><orx:instanceID>uuid:{self.plan["way"]}-{n}-{k}'
            "</orx:instanceID></orx:meta></household_visit>"
        ).encode()


def _hang_up(link: list[Any]) -> None:
    """An open connection that nobody reads any more would keep a place at the server."""
    if link:
        link[1].close()
    link.clear()


async def _answer(reader: asyncio.StreamReader, *, head_only: bool) -> tuple[int, bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    code, size = int(first[9:12]), int(headers.get("content-length", "0"))
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return code, await _chunked(reader)
    return code, await reader.readexactly(0 if head_only else size)


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        found += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return found


def _request(method: str, path: str, headers: str, body: bytes) -> bytes:
    kind = "Content-Type: multipart/form-data; boundary=device\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{kind}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _app_request(device: dict[str, Any], records: list[bytes]) -> bytes:
    headers = (
        f"Cookie: sessionid={device['session']}; csrftoken={device['csrf']}\r\nX-CSRFToken: {device['csrf']}\r\n"
        f"X-Officer: {device['officer']}\r\n"
    )
    return _request("POST", "/visits/sync", headers, _multipart({f"xml-{n}": xml for n, xml in enumerate(records)}))


def _collect_request(device: dict[str, Any], xml: bytes) -> bytes:
    return _request("POST", "/openrosa/submission", _basic(device), _multipart({"xml_submission_file": xml}))


def _basic(device: dict[str, Any]) -> str:
    packed = base64.b64encode(f"{device['name']}:{device['secret']}".encode()).decode()
    return f"Authorization: Basic {packed}\r\nX-OpenRosa-Version: 1.0\r\n"


def _multipart(parts: dict[str, bytes]) -> bytes:
    head = (
        '--device\r\nContent-Disposition: form-data; name="{}"; filename="visit.xml"\r\nContent-Type: text/xml\r\n\r\n'
    )
    return b"".join(head.format(name).encode() + xml + b"\r\n" for name, xml in parts.items()) + b"--device--\r\n"


def _sha(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "send":
        print(json.dumps(asyncio.run(Devices(json.loads(Path(arguments[0]).read_text("utf-8"))).send())))
    elif what == "prepare":
        prepare(*map(int, arguments))
    else:
        count(*arguments)
