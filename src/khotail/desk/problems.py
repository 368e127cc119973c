"""One place where a problem becomes a page."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader

from khotail.accounts.language import said
from khotail.problems import Problem

Answer = Callable[[HttpRequest], HttpResponse]

#: What the database's driver raises when there is no database to talk to.
_GONE = (OperationalError, InterfaceError)
#: Fields that the page for a lost database does not carry: Django's own, and what nobody should read on a screen.
_NOT_KEPT = ("password", "csrfmiddlewaretoken", "code")


def sentence(problem: Problem) -> str:
    """The problem in the reader's language."""
    return said(problem.text)


class ProblemPages:
    """Turns a `Problem` that a view lets through into a page with its sentence; for HTMX, into the part alone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Problem):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"zh": error.text.zh, "en": error.text.en}, status=error.status)
        template = "desk/problem_part.html" if getattr(request, "htmx", False) else "desk/problem.html"
        return render(request, template, {"sentence": sentence(error)}, status=error.status)


class DatabaseGone:
    """A clear page when a view cannot reach the database. The form that was sent is given back, to be sent again.

    Where a middleware cannot reach it, `server_error` gives the same page: Django turns such an error into an answer
    before it comes to another middleware.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return database_gone(request) if isinstance(error, _GONE) else None


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the page for a lost database, or the one that says that the program failed."""
    error = sys.exc_info()[1]
    if isinstance(error, _GONE):
        return database_gone(request)
    if request.path.startswith("/api/"):
        return JsonResponse({"zh": "程序出错，已记入日志。", "en": "The program failed; the log has it."}, status=500)
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def database_gone(request: HttpRequest) -> HttpResponse:
    """The page, with every field that was sent. Files are not kept: the page says so."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(word in name for word in _NOT_KEPT)
    ]
    context = {
        "fields": fields,
        "token": request.POST.get("csrfmiddlewaretoken", ""),
        "sent": request.method == "POST",
        "address": request.get_full_path(),
        "files": bool(request.FILES),
    }
    html = loader.render_to_string("desk/database_gone.html", context)
    return HttpResponse(html, status=503, headers={"Retry-After": "10", "Cache-Control": "no-store"})
