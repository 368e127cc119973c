"""What a receipt opens: how far it is, and a word of one's own about it. The receipt is only ever posted, never in an address."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from khotail.accounts.language import said
from khotail.issues.answering import confirm, reopen, say_more
from khotail.issues.models import Issue
from khotail.issues.moving import MOST_FILES
from khotail.issues.queries import raisers_moves
from khotail.issues.receipts import Raiser, by_receipt
from khotail.portal import public_rows
from khotail.portal.chosen import Chosen
from khotail.problems import Problem
from khotail.screening.rulebook import current

_State = Issue.State
_DAY_SECONDS = 86_400
_CONTENTS = (
    (5, gettext_lazy("very content")), (4, gettext_lazy("content")), (3, gettext_lazy("so-so")),
    (2, gettext_lazy("not content")), (1, gettext_lazy("not at all")),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "portal/public/receipt_enter.html")
    given = request.POST
    held, phone = given.get("receipt", "")[:40], given.get("phone", "")[:20]
    try:
        issue = by_receipt(held, phone)
    except Problem as problem:
        context = {"problem": said(problem.text), "receipt": held}
        return render(request, "portal/public/receipt_enter.html", context, status=problem.status)
    problem, done, chosen = None, "", None
    act = _ACTS.get(given.get("do", ""))
    if act:
        chosen = Chosen(request, f"receipt:{issue.pk}:{given['do']}", "photos")
        try:
            done = _once(
                given.get("key", ""), lambda: act(request, issue, Raiser(receipt=held, phone=phone), chosen.files)
            )
            chosen.forget()
        except Problem as refused:
            chosen.keep(refused, MOST_FILES)
            problem = refused
    issue = Issue.objects.select_related("body", "duplicate_of").get(pk=issue.pk)
    return _page(request, issue, done, problem, chosen)


def _page(
    request: HttpRequest, issue: Issue, done: str, problem: Problem | None, chosen: Chosen | None
) -> HttpResponse:
    today = timezone.localdate()
    (row,) = public_rows.shown([issue], today)
    route = current().routes.get(issue.route)
    other = issue.duplicate_of
    return render(
        request,
        "portal/public/receipt.html",
        {
            "row": row, "issue": issue, "moves": raisers_moves(issue), "done": done,
            "problem": said(problem.text) if problem else "", "chosen": chosen, "given": request.POST, "key": secrets.token_hex(16),
            "promise": public_rows.promise(route, timezone.localdate(issue.raised_at), issue.region_code),
            "may_confirm": issue.state == _State.RESOLVED or (issue.state == _State.NOT_RESOLVED and not issue.satisfied),
            "may_reopen": issue.state in (_State.RESOLVED, _State.NOT_RESOLVED, _State.CONFIRMED),
            "contents": _CONTENTS,
            "joined_to": other if other and not other.quiet else None,
        },
        status=problem.status if problem else 200,
    )  # fmt: skip


def _once(key: str, act: Callable[[], str]) -> str:
    """Do it unless the form with this key was taken already. What fails may be sent again with the same key."""
    name = f"receipt-form:{key[:64].encode().hex()}"
    if not key:
        return act()
    try:
        with transaction.atomic():
            return act() if cache.add(name, 1, _DAY_SECONDS) else gettext("This was taken already.")
    except BaseException:
        cache.delete(name)
        raise


def _confirm(request: HttpRequest, issue: Issue, raiser: Raiser, _: list[Any]) -> str:
    given = request.POST.get("satisfied", "")
    satisfied = int(given) if given in ("1", "2", "3", "4", "5") else 0
    confirm(issue, satisfied, raiser=raiser, now=timezone.now(), words=request.POST.get("words", ""))
    return gettext("Thank you: it is confirmed as resolved.")


def _reopen(request: HttpRequest, issue: Issue, raiser: Raiser, files: list[Any]) -> str:
    reopen(issue, request.POST.get("words", ""), raiser=raiser, now=timezone.now(), files=files)
    return gettext("It is open again, one level up.")


def _say(request: HttpRequest, issue: Issue, raiser: Raiser, files: list[Any]) -> str:
    say_more(issue, request.POST.get("words", ""), raiser=raiser, now=timezone.now(), files=files)
    return gettext("It was passed on to those who work on it.")


_ACTS = {"confirm": _confirm, "reopen": _reopen, "say": _say}
