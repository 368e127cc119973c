"""One place where a problem becomes an answer: {"zh": …, "en": …} with its status."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from khotail.api.problems import DatabaseAway, NoCsrfToken, NotHere, NotMade, ProgramFailed, SignInNeeded, TooLarge
from khotail.problems import Problem

_log = logging.getLogger(__name__)
#: Things wrong in a call that are named at once.
_NAMED = 5
_WORDS = {
    "missing": "没有填写",
    "int_parsing": "应是整数",
    "date_from_datetime_parsing": "应是日期，如 2026-06-03",
    "bool_parsing": "应是 true 或 false",
    "json_invalid": "不是 JSON",
}


class Problems(Schema):
    """What is wrong and what to do now, in both languages."""

    zh: str
    en: str


def told(problem: Problem) -> HttpResponse:
    answer = JsonResponse(
        {"zh": problem.text.zh, "en": problem.text.en}, status=problem.status, json_dumps_params={"ensure_ascii": False}
    )
    if problem.status == SignInNeeded.status:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def answer_problems(api: NinjaAPI) -> None:
    """Let every problem that a route lets through be answered as one."""

    def of(problem: type[Problem]) -> Any:
        return lambda request, error: told(problem())

    api.add_exception_handler(Problem, lambda request, error: told(error))
    api.add_exception_handler(Http404, of(NotHere))
    api.add_exception_handler(AuthenticationError, of(SignInNeeded))
    api.add_exception_handler(ValidationError, lambda request, error: told(_not_made(error)))
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(RequestDataTooBig, of(TooLarge))
    api.add_exception_handler(SuspiciousOperation, _http_error)
    api.add_exception_handler(OperationalError, of(DatabaseAway))
    api.add_exception_handler(InterfaceError, of(DatabaseAway))
    api.add_exception_handler(Exception, _failed)


def _http_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """What never comes to a route: a write without the CSRF token, a body that is no JSON or no form."""
    if getattr(error, "status_code", None) == NoCsrfToken.status:
        return told(NoCsrfToken())
    return told(
        NotMade(
            zh="正文无法读取（应为有效的 JSON 或表单）。",
            en="its body cannot be read; send valid JSON, or a form with a file.",
        )
    )


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Kind and place of the error go to the log, not its message: that may quote a row."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    told_of = (request.method, request.path, type(error).__name__, " < ".join(places[::-1]))
    _log.error("%s %s failed: %s at %s", *told_of)
    return told(ProgramFailed())


def _not_made(error: ValidationError) -> NotMade:
    """Names what is wrong and where, without repeating what was sent."""
    zh, en = [], []
    for each in error.errors[:_NAMED]:
        place = ".".join(str(part) for part in each.get("loc", ())[1:]) or "?"
        place = place.removeprefix("sent.")[:60]
        zh.append(f"{place}：{_WORDS.get(each.get('type', ''), each.get('msg', ''))}")
        en.append(f"{place}: {each.get('msg', '')}")
    return NotMade(zh="；".join(zh) + "。", en="; ".join(en) + ".")
