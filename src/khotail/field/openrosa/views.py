"""Form list, forms, manifest, media and submission, as OpenRosa has them.

Nothing here knows sessions or cookies: each request is signed in by itself, so it needs no CSRF token either.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from khotail.accounts.language import said
from khotail.accounts.models import Officer
from khotail.field.body import MAX_BYTES, stated_length
from khotail.field.openrosa import documents
from khotail.field.openrosa.body import received
from khotail.field.openrosa.media import HOUSEHOLDS, asks_for_households, households_csv
from khotail.field.openrosa.problems import Away, NoSuchForm
from khotail.field.openrosa.sign_in import officer_who_calls
from khotail.problems import Problem
from khotail.rulebook.forms import PURPOSES
from khotail.texts import Text
from khotail.visits.forms import forms_for
from khotail.visits.models import Form, Submission
from khotail.visits.receiving import ask_to_take, receive

_XML = "text/xml; charset=utf-8"
_WRONG_METHOD = Text("这个地址不接受 {method}。", "This address does not take {method}.")
_ARRIVED = Text("已收到。", "It has arrived.")
_AGAIN = Text("这份记录早已收到，不用再发。", "This record arrived before; do not send it again.")
_WAITING = Text("已收到，还缺 {number} 个附件。", "It has arrived; {number} of its files are still to come.")
_LOOKED_AT = Text("已收到，将有人核对：{zh}", "It has arrived; somebody will look at it: {en}")

_log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def _openrosa(*methods: str) -> Callable[[View], View]:
    """Of some methods, for an officer who makes visits, whom the view gets; every answer has the standard's headers."""

    def wrapped(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def shown(request: HttpRequest, **more: Any) -> HttpResponse:
            try:
                answer = _answered(view, methods, request, more)
            except Problem as problem:
                answer = _refused(problem.text, problem.status)
            except (OperationalError, InterfaceError):
                _log.exception("no database for %s", request.path)
                answer = _refused(Away().text, Away.status)
                answer["Retry-After"] = "30"
            return _with_headers(answer)

        return shown

    return wrapped


def _answered(view: View, methods: tuple[str, ...], request: HttpRequest, more: dict[str, Any]) -> HttpResponse:
    if request.method not in methods:
        answer = _refused(_WRONG_METHOD.filled(method=request.method), 405)
        answer["Allow"] = ", ".join(methods)
        return answer
    stated_length(request)
    return view(request, officer_who_calls(request), **more)


@_openrosa("GET", "HEAD")
def form_list(request: HttpRequest, officer: Officer) -> HttpResponse:
    """The forms that are offered to the officer; formID, verbose and listAllVersions are understood."""
    forms = _offered(officer, all_versions="listAllVersions" in request.GET)
    if form_id := request.GET.get("formID"):
        forms = [form for form in forms if form.form_id == form_id]
    verbose = request.GET.get("verbose", "").lower() == "true"
    return HttpResponse(documents.form_list(_listed(request, form, verbose) for form in forms), content_type=_XML)


@_openrosa("GET", "HEAD")
def form(request: HttpRequest, officer: Officer, pk: int) -> HttpResponse:
    return HttpResponse(_form(officer, pk).xform.encode(), content_type=_XML)


@_openrosa("GET", "HEAD")
def manifest(request: HttpRequest, officer: Officer, pk: int) -> HttpResponse:
    files = []
    if asks_for_households(_form(officer, pk)):
        address = request.build_absolute_uri(reverse("openrosa_households", args=[pk]))
        files = [{"filename": HOUSEHOLDS, "hash": documents.md5(households_csv(officer)), "downloadUrl": address}]
    return HttpResponse(documents.manifest(files), content_type=_XML)


@_openrosa("GET", "HEAD")
def households(request: HttpRequest, officer: Officer, pk: int) -> HttpResponse:
    if not asks_for_households(_form(officer, pk)):
        raise NoSuchForm
    return HttpResponse(households_csv(officer), content_type="text/csv; charset=utf-8")


@_openrosa("HEAD", "POST")
def submission(request: HttpRequest, officer: Officer) -> HttpResponse:
    """HEAD: where to send and how much at once. POST: one record, with all of its files or, in several posts, some.

    201 it arrived; 202 it had arrived before: neither is to be sent again.
    """
    if request.method == "HEAD":
        return HttpResponse(status=204, headers={"Location": request.build_absolute_uri(request.path)})
    now = timezone.now()
    with received(request) as body:
        found = receive(body.xml, body.files, by=officer, now=now, device=request.GET.get("deviceID", ""))
    ask_to_take(now)
    text = _told(found.submission, found.again)
    nature = "submit_again" if found.again else "submit_success"
    return HttpResponse(documents.response(text, nature), content_type=_XML, status=202 if found.again else 201)


def _told(stored: Submission, again: bool) -> Text:
    if stored.state == Submission.State.WAITING:
        missing = len(stored.files_expected) - stored.files.count()
        return Text(_WAITING.zh.format(number=missing), _WAITING.en.format(number=missing))
    if stored.state == Submission.State.TO_LOOK_AT:
        zh, en = stored.problem_zh, stored.problem_en
        return Text(_LOOKED_AT.zh.format(zh=zh), _LOOKED_AT.en.format(en=en))
    return _AGAIN if again else _ARRIVED


def _offered(officer: Officer, *, all_versions: bool) -> list[Form]:
    newest = list(forms_for(officer.region_code))
    if not all_versions:
        return newest
    return [form for form in Form.objects.filter(retired_at=None, published_at__isnull=False)
            if any((form.form_id, form.region_code) == (one.form_id, one.region_code) for one in newest)]  # fmt: skip


def _form(officer: Officer, pk: int) -> Form:
    found = next((form for form in _offered(officer, all_versions=True) if form.pk == pk), None)
    if found is None:
        raise NoSuchForm
    return found


def _listed(request: HttpRequest, form: Form, verbose: bool) -> dict[str, str]:
    absolute = request.build_absolute_uri
    told = {
        "formID": form.form_id,
        "name": said(Text(form.title_zh, form.title_en)),
        "version": form.version,
        "hash": documents.md5(form.xform.encode()),
    }
    if verbose:
        told["descriptionText"] = said(PURPOSES.get(form.purpose, PURPOSES["other"]))
    told["downloadUrl"] = absolute(reverse("openrosa_form", args=[form.pk]))
    if asks_for_households(form):
        told["manifestUrl"] = absolute(reverse("openrosa_manifest", args=[form.pk]))
    return told


def _refused(text: Text, status: int) -> HttpResponse:
    answer = HttpResponse(documents.response(text, "error"), content_type=_XML, status=status)
    if status == 401:
        answer["WWW-Authenticate"] = 'Basic realm="Khotail", charset="UTF-8"'
    if status == 413:
        answer["Connection"] = "close"
    return answer


def _with_headers(answer: HttpResponse) -> HttpResponse:
    answer["X-OpenRosa-Version"] = "1.0"
    answer["X-OpenRosa-Accept-Content-Length"] = str(MAX_BYTES)
    answer["Date"] = http_date()
    answer["Content-Language"] = get_language() or "zh-hans"
    return answer
