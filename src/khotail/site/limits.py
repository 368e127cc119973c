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
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.tokens import caller_by_token
from khotail.api.open311.formats import refused
from khotail.desk.problems import ProblemPages
from khotail.problems import Problem
from khotail.texts import Text

#: At most so many people are remembered; the one seen longest ago is forgotten first.
_REMEMBERED = 10_000
#: A photo and a form. A body is received before any view is asked who may send it, so its size is looked at first.
_STRANGERS_MB = 25
#: Each of these looks at the size first itself, and refuses in words that its clients understand.
_LIMITED_THEMSELVES = ("/openrosa/",)


class TooMany(Problem):
    sentence = Text(
        "操作过于频繁，请等 {seconds} 秒再刷新本页。浏览器询问时选择重新提交，已填写的内容不会丢失。",
        "Too many requests: wait {seconds} seconds, then reload this page. Let the browser send the form again if it asks: "
        "nothing that you filled in is lost.",
    )
    status = 429


class TooLargeForStrangers(Problem):
    sentence = Text(
        "未登录时一次最多可提交 {limit_mb} MB。请返回，少选或选较小的照片再提交，已填写的文字还在；工作人员请先登录。",
        "Nobody who is not signed in may send more than {limit_mb} MB at once. Go back, choose fewer or smaller photos and "
        "send again: what you wrote is still there. Officers sign in first.",
    )
    status = 413


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
        own = request.path.startswith(_LIMITED_THEMSELVES)
        if not own and _announced(request) > _STRANGERS_MB << 20 and _officer(request) is None:
            answer = self._told(request, TooLargeForStrangers(limit_mb=_STRANGERS_MB))
            answer["Connection"] = "close"
            return answer
        return self.get_response(request)

    def _told(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        if request.path.startswith("/open311/"):
            form = "json" if request.path.endswith(".json") else "xml"
            return refused(form, problem.status, f"{problem.text.zh} {problem.text.en}")
        return ProblemPages(self.get_response).process_exception(request, problem)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        for prefix, methods, per_minute in settings.KHOTAIL_LIMITS:
            if request.path.startswith(prefix) and request.method in methods:
                seconds = self._wait(prefix, _who(request), per_minute)
                if seconds:
                    answer = self._told(request, TooMany(seconds=max(1, round(seconds))))
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
    """The officer who is signed in or whose token it is, else the address: anybody can make up any number of tokens."""
    officer = _officer(request)
    return f"officer {officer.pk}" if officer else get_adapter(request).get_client_ip(request)


def _announced(request: HttpRequest) -> int:
    """Bytes that the body is said to have; a body of no stated size is not read at all."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isascii() and stated.isdecimal() else 0


def _officer(request: HttpRequest) -> Officer | None:
    return request.user if request.user.is_authenticated else caller_by_token(request, timezone.now())
