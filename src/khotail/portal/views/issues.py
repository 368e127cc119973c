"""My issues: what I reported, how far it is, and whether it is really mended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.language import said
from khotail.issues import answering
from khotail.issues.models import Issue, Move
from khotail.issues.moving import MOST_FILES
from khotail.issues.receipts import Raiser, receipt_of
from khotail.portal.chosen import Chosen
from khotail.portal.problems import NotHere
from khotail.portal.views.guard import at_home
from khotail.problems import Problem

_PER_PAGE = 20
#: What happens among officers before anybody works on it.
_INSIDE = (Move.Kind.SORTED, Move.Kind.PUBLISHED)
_ANSWERABLE = (Issue.State.RESOLVED, Issue.State.NOT_RESOLVED)
_THE_SAME = timedelta(minutes=30)


@require_safe
@at_home
def issues(request: HttpRequest) -> HttpResponse:
    found = Issue.objects.filter(resident=request.resident).select_related("body").order_by("-id")
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/issues.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def issue(request: HttpRequest, number: str) -> HttpResponse:
    found = None
    if number.isalnum():
        found = (
            Issue.objects.filter(number=number.upper()[:24], resident=request.resident).select_related("body").first()
        )
    if found is None:
        raise NotHere
    sentence, status, chosen = "", 200, None
    if request.method == "POST":
        chosen = Chosen(request, f"issue:{found.pk}:{request.POST.get('what', '')}", "photo")
        try:
            messages.success(request, _answered(request, found, chosen.files, timezone.now()))
            chosen.forget()
            return redirect("my_issue", found.number)
        except Problem as problem:
            chosen.keep(problem, MOST_FILES)
            sentence, status = said(problem.text), problem.status
            found.refresh_from_db()
    moves = found.moves.select_related("to_body", "from_body").order_by("id")
    shown = [each for each in moves if _is_shown(each)]
    context = {
        "issue": found,
        "moves": shown,
        "receipt": receipt_of(found),
        "may_answer": found.state in _ANSWERABLE,
        "may_reopen": found.state in (*_ANSWERABLE, Issue.State.CONFIRMED),
        "may_say": found.state not in Issue.CLOSED,
        "degrees": ((5, _("Very content")), (4, _("Content")), (3, _("So-so")), (2, _("Not content")), (1, _("Not at all content"))),
        "sentence": sentence,
        "chosen": chosen,
        "words": request.POST.get("words", ""),
    }  # fmt: skip
    return render(request, "portal/issue.html", context, status=status)


def _is_shown(move: Move) -> bool:
    """Officers' words among themselves are not shown; what the raiser said, always."""
    return move.by_raiser or (move.kind not in _INSIDE and (move.kind != Move.Kind.SAID or bool(move.public_words)))


def _answered(request: HttpRequest, found: Issue, files: list[Any], now: datetime) -> str:
    """Do what was tapped; what was sent a second time is not done twice."""
    sent, raiser = request.POST, Raiser(resident=request.resident)
    words = sent.get("words", "")
    what = sent.get("what", "")
    again = found.moves.filter(by_raiser=True, at__gt=now - _THE_SAME).order_by("-id").first()
    if what == "confirm":
        degree = int(sent["satisfied"]) if sent.get("satisfied", "") in {"1", "2", "3", "4", "5"} else 0
        if not (again and again.kind == Move.Kind.CONFIRMED and found.satisfied == degree):
            answering.confirm(found, degree, raiser=raiser, now=now, words=words)
        return _("Thank you. Your answer is noted.")
    if what == "reopen":
        if not (again and again.kind == Move.Kind.REOPENED and again.words == words.strip()):
            answering.reopen(found, words, raiser=raiser, now=now, files=files)
        return _("It is open again, one level up.")
    if not (again and again.kind == Move.Kind.SAID and again.words == words.strip()):
        answering.say_more(found, words, raiser=raiser, now=now, files=files)
    return _("Sent.")
