"""The site's side of `benchmarks.issues`: `python -m benchmarks.issues_data fill|measure ISSUES`.

fill     tables, then a banner of which so many issues were raised within three years
measure  every page asked for in this process; prints what each took, as JSON
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

BANNER = "152221"
_YEARS_DAYS = 3 * 365
#: Share of the newest that is still worked on, and of the others that never was done.
_NEW, _LEFT = 0.04, 0.01
_WHERE = ("村口", "学校旁", "河边", "三组", "卫生室门前", "大桥头", "草场边", "村部后面", "供水点", "老井旁")
_HOW = ("已经三天了", "每到下雨就这样", "没有人管", "影响二十多户", "去年修过又坏了", "冬天更厉害", "老人出门不便")
_ISSUE = (
    "id number region_code latitude longitude place_words words public_words published_at route suggested attributes "
    "quiet state level escalated_to channel raiser_name raiser_phone phone_digest raised_at changed_at due_on paused_days "
    "extended_days accepted_at resolved_at closed_at reopened satisfied body_id"
)
_MOVE = "id kind at by_raiser words public_words due_on issue_id to_body_id"
_CLOCK = os.sysconf("SC_CLK_TCK")


def fill(count: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.web_data import pour, take_indexes
    from khotail.register.regions import load_regions

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    load_regions(BANNER)
    made = _Issues(count)
    for table, columns, rows in (
        ("issues_issue", _ISSUE, made.issue_rows()), ("issues_move", _MOVE, made.move_rows()),
    ):  # fmt: skip
        indexes = take_indexes(table)
        pour(table, columns, rows)
        with connection.cursor() as cursor:
            for statement in indexes:
                cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


class _Issues:
    """The rows. An issue's number follows from its key, as does everything else of it."""

    def __init__(self, count: int) -> None:
        from django.db import connection
        from django.utils import timezone

        from khotail.issues.models import Body
        from khotail.register.models import Region
        from khotail.screening.rulebook import current

        self.count, self.now = count, timezone.now()
        self.zone = "" if connection.vendor == "sqlite" else "+00:00"
        villages = Region.objects.filter(level="village", code__startswith=BANNER).order_by("code")
        self.villages = list(villages.values_list("code", flat=True))
        self.routes = list(current().routes.values())
        self.bodies = {
            field: Body.objects.create(region_code=BANNER, field=field, name=f"示例{field}").pk
            for field in sorted({route.field for route in self.routes})
        }

    def issue_rows(self) -> Iterator[tuple[Any, ...]]:
        dice = random.Random(2)
        for pk in range(1, self.count + 1):
            raised = self.raised(pk)
            route = self.routes[int(dice.random() ** 2 * len(self.routes))]  # some classes are rare
            village = self.villages[int(dice.random() ** 2 * len(self.villages))]
            words = f"{dice.choice(_WHERE)}{dice.choice(route.words)}，{dice.choice(_HOW)}"
            is_open = pk > self.count * (1 - _NEW) or dice.random() < _LEFT
            state = dice.choice(("sent", "accepted", "accepted", "paused")) if is_open else "confirmed"
            if not is_open and dice.random() < 0.03:
                state = "merged"
            done = None if is_open else self.said(raised + timedelta(days=dice.randint(1, 40)))
            public = words if not route.quiet and dice.random() < 0.5 else ""
            yield (
                pk, number_of(pk), village, f"46.{pk % 999_999:06d}", f"121.{pk * 7 % 999_999:06d}", "", words, public,
                self.said(raised) if public else None, route.id, "[]", "{}", route.quiet, state, "banner", "", "portal",
                "", "", "", self.said(raised), done or self.said(raised), str((raised + timedelta(days=21)).date()), 0, 0,
                self.said(raised + timedelta(days=1)), done, done, 0, None if is_open else 1 + pk % 5,
                self.bodies[route.field],
            )  # fmt: skip

    def move_rows(self) -> Iterator[tuple[Any, ...]]:
        for pk in range(1, self.count + 1):
            at, body = self.said(self.raised(pk)), next(iter(self.bodies.values()))
            yield 3 * pk - 2, "raised", at, True, "", "", None, pk, None
            yield 3 * pk - 1, "sent", at, False, "", "", None, pk, body
            yield 3 * pk, "accepted", at, False, "", "已派人查看", None, pk, body

    def raised(self, pk: int) -> datetime:
        return self.now - timedelta(days=_YEARS_DAYS * (1 - pk / self.count))

    def said(self, moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M:%S.%f}{self.zone}"


def number_of(pk: int) -> str:
    return f"B{pk:07d}"


def measure(count: int, runs: int) -> list[tuple[str, list[float], float, float]]:
    """Of each page: seconds of every answer, and processor seconds per answer of this process and of PostgreSQL."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    settings.KHOTAIL_LIMITS = ()
    client = Client(HTTP_HOST="127.0.0.1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT 0")
        server = cursor.fetchone()[0]
    found = []
    for name, ask in _pages(client, count).items():
        ask()  # what is read once for a process
        waits, before, database = [], time.process_time(), _used(server)
        for _ in range(runs):
            began = time.perf_counter()
            ask()
            waits.append(time.perf_counter() - began)
        found.append((name, waits, (time.process_time() - before) / runs, (_used(server) - database) / runs))
    return found


def _pages(client: Any, count: int) -> dict[str, Callable[[], None]]:
    from django.core.cache import cache
    from django.utils import timezone

    from khotail.issues.alike import alike
    from khotail.issues.models import Issue
    from khotail.issues.receipts import receipt_of
    from khotail.register.models import Region

    dice = random.Random(4)
    villages = list(Region.objects.filter(level="village", code__startswith=BANNER).values_list("code", flat=True))
    public = list(Issue.objects.shown_in_public().order_by("-id").values_list("number", flat=True)[:2000])
    rare = Issue.objects.shown_in_public().order_by("id").values_list("route", flat=True).last()

    def get(make: Callable[[], str]) -> Callable[[], None]:
        def ask() -> None:
            answer = client.get(make())
            assert answer.status_code == 200, (make(), answer.status_code)

        return ask

    def post(path: str, make: Callable[[], dict[str, str]]) -> Callable[[], None]:
        def ask() -> None:
            assert client.post(path, make()).status_code == 200

        return ask

    def receipt() -> dict[str, str]:
        return {"receipt": receipt_of(Issue(number=number_of(dice.randint(1, count))))}

    def words() -> dict[str, str]:
        return {"place": dice.choice(villages), "words": f"{dice.choice(_WHERE)}水管漏水，{dice.choice(_HOW)}"}

    def figures() -> str:
        cache.clear()
        return "/board/figures/"

    return {
        "board, banner": get(lambda: "/board/"),
        "board, township": get(lambda: f"/board/?place={dice.choice(villages)[:9]}"),
        "board, village": get(lambda: f"/board/?place={dice.choice(villages)}"),
        "board, one class": get(lambda: f"/board/?class={rare}"),
        "board, one class of a township": get(lambda: f"/board/?class={rare}&place={dice.choice(villages)[:9]}"),
        "board, done": get(lambda: "/board/?state=done"),
        "board, overdue": get(lambda: "/board/?overdue=1"),
        "board, overdue in a township": get(lambda: f"/board/?overdue=1&place={dice.choice(villages)[:9]}"),
        "board, a page deep down": get(lambda: f"/board/?before={dice.randint(count // 4, count // 2)}"),
        "public issue": get(lambda: f"/board/{dice.choice(public)}/"),
        "receipt": post("/receipt/", receipt),
        "suggestions while typing": post("/report/words/", words),
        "duplicate search alone": lambda: alike(words()["words"], dice.choice(villages), timezone.now()) and None,
        "figures, made anew": get(figures),
        "GeoReport, one request": get(lambda: f"/open311/v2/requests/{dice.choice(public)}.json"),
        "GeoReport, a page of 50": get(lambda: "/open311/v2/requests.json?page_size=50"),
        "GeoReport, list of 1,000": get(lambda: "/open311/v2/requests.json"),
    }


def _used(process: int) -> float:
    """Processor seconds of a process of PostgreSQL; 0 for SQLite, which runs in this one."""
    if not process:
        return 0.0
    stat = Path(f"/proc/{process}/stat").read_text()
    rest = stat[stat.rindex(")") + 2 :].split()
    return (int(rest[11]) + int(rest[12])) / _CLOCK


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]))
    else:
        print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
