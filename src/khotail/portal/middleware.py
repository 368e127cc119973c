"""Who is at home: the resident of a request, in a language of the portal, and problems as the portal shows them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from khotail.accounts.language import said
from khotail.portal import languages
from khotail.portal.session import resident_of
from khotail.problems import Problem

#: Where the portal's pages are.
PLACES = ("/my/", "/board/", "/report/", "/receipt/", "/needs/")


class AtHome:
    """Sets `request.resident` (None: nobody, or not a page of the portal). Officers who are signed in are nobody here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.resident = None
        if request.path.startswith(PLACES):
            request.resident = resident_of(request, timezone.now())
            languages.choose(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Problem) or not request.path.startswith(PLACES):
            return None
        return render(request, "portal/problem.html", {"sentence": said(error.text)}, status=error.status)
