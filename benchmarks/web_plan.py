"""The site's side of `benchmarks.web`: `python -m benchmarks.web_plan fill|plan HOUSEHOLDS`.

fill   tables, then a banner with so many households
plan   sessions and the requests of each, for `benchmarks.web_users`, as JSON
"""

from __future__ import annotations

import json
import random
import secrets
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import django

from benchmarks.web import MIX, PEOPLE

_EACH = 40  # requests to choose from, per session and page


def plan(households: int) -> dict[str, Any]:
    from django.utils import timezone

    from benchmarks.web_data import Banner
    from khotail.accounts.models import Officer
    from khotail.desk.addresses import address

    banner = Banner(households, timezone.now())
    pages = {name: weight for name, weight in MIX.items() if _is_there(name, address)}
    sessions = []
    for officer in Officer.objects.order_by("id"):
        cookies = f"Cookie: sessionid={_session(officer)}; csrftoken={(token := secrets.token_hex(16))}\r\n"
        asks = _Asks(officer.region_code, banner, address)
        sessions.append(
            {"headers": f"{cookies}X-CSRFToken: {token}\r\n", "pages": {name: asks.requests(name) for name in pages}}
        )
    random.Random(5).shuffle(sessions)
    return {"people": PEOPLE, "warm_up": 8, "pages": pages, "sessions": sessions}


def _is_there(name: str, address: Callable[..., str]) -> bool:
    if name.startswith("search"):
        return bool(address("search"))
    return bool(address(name) or address(name, 1))


def _session(officer: Any) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(officer.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = officer.get_session_auth_hash()
    session.create()
    return str(session.session_key)


class _Asks:
    """What an officer of a region asks for: only what is there to be seen."""

    def __init__(self, region: str, banner: Any, address: Callable[..., str]) -> None:
        self.region, self.banner, self.address = region, banner, address
        self.dice = random.Random(region)
        villages, households = banner.villages, banner.households
        mine = [place for place, code in enumerate(villages) if code.startswith(region)]
        self.first = -(-mine[0] * households // len(villages))
        self.last = max(self.first, -(-(mine[-1] + 1) * households // len(villages)) - 1)

    def requests(self, name: str) -> list[list[str]]:
        return [self._request(name) for _ in range(_EACH)]

    def _request(self, name: str) -> list[str]:
        from benchmarks.web_data import CASES

        home = self.dice.randint(self.first, self.last)
        if name.startswith("search: "):
            return ["POST", self.address("search"), "q=" + quote(self._words(name[8:], home))]
        if name == "household":
            return ["GET", self.address("household", home + 1), ""]
        if name == "case":
            cases, households = self.banner.of_million(CASES), self.banner.households
            first, last = -(-self.first * cases // households), ((self.last + 1) * cases - 1) // households
            return ["GET", self.address("case", self.dice.randint(first, max(first, last)) + 1), ""]
        return ["GET", self.address(name), ""]

    def _words(self, by: str, home: int) -> str:
        from benchmarks import web_data

        names = self.banner.names
        return {
            "name": names[home % len(names)],
            "initials": self.banner.initials[home % len(names)],
            "number": web_data.number_of(home),
            "ID": web_data.id_of(home * web_data.MEMBERS + 1),
            "phone": web_data.phone_of(home * web_data.MEMBERS + 1),
        }[by]


def main(what: str, households: int) -> None:
    django.setup()
    if what == "plan":
        print(json.dumps(plan(households), ensure_ascii=False))
        return
    from django.utils import timezone

    from benchmarks.web_data import fill
    from khotail.site import setting_up

    setting_up.migrate()
    fill(households, timezone.now())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
