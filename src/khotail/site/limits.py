"""How often one person may search, upload or call the API.

Each web process counts for itself, in memory: the limits stop a runaway script or somebody who harvests the register,
and cost no write to the database. Sign-in has its own limits and lock-out in the accounts.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from khotail.desk.problems import ProblemPages
from khotail.problems import Problem
from khotail.texts import Text

#: At most so many people are remembered; the one seen longest ago is forgotten first.
_REMEMBERED = 10_000


class TooMany(Problem):
    sentence = Text(
        "操作过于频繁，请等 {seconds} 秒再试。已填写的内容不会丢失，返回上一页即可。",
        "Too many requests: wait {seconds} seconds and try again. What you filled in is still there when you go back.",
    )
    status = 429


class Bucket:
    """Tokens that refill evenly: `per_minute` of them, each taken by one request."""

    __slots__ = ("at", "left")

    def __init__(self, per_minute: int, now: float) -> None:
        self.left, self.at = float(per_minute), now

    def wait(self, per_minute: int, now: float) -> float:
        """Take a token; seconds to wait if there is none, else 0."""
        self.left = min(per_minute, self.left + (now - self.at) * per_minute / 60)
        self.at = now
        if self.left < 1:
            return (1 - self.left) * 60 / per_minute
        self.left -= 1
        return 0.0


class Limits:
    """Middleware: counts requests by person and kind of page, as `settings.KHOTAIL_LIMITS` says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        for prefix, methods, per_minute in settings.KHOTAIL_LIMITS:
            if request.path.startswith(prefix) and request.method in methods:
                seconds = self._wait(prefix, _who(request), per_minute)
                if seconds:
                    answer = ProblemPages(self.get_response).process_exception(
                        request, TooMany(seconds=max(1, round(seconds)))
                    )
                    answer["Retry-After"] = str(max(1, round(seconds)))
                    return answer
        return None

    def _wait(self, prefix: str, who: str, per_minute: int) -> float:
        now, key = time.monotonic(), (prefix, who)
        with self.lock:
            bucket = self.buckets.pop(key, None) or Bucket(per_minute, now)
            self.buckets[key] = bucket
            while len(self.buckets) > _REMEMBERED:
                self.buckets.popitem(last=False)
            return bucket.wait(per_minute, now)


def _who(request: HttpRequest) -> str:
    """The officer who is signed in, else the address: a token is not known here, and anybody can make some up."""
    if request.user.is_authenticated:
        return f"officer {request.user.pk}"
    return get_adapter(request).get_client_ip(request)
