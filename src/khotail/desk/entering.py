"""A page on which one new thing of the partners or of relocation is entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from khotail.desk.acting import acted


def enter(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[dict[str, Any]], Any],
    done: str,
    *,
    to: str,
    title: str,
    back: str,
    **context: Any,
) -> HttpResponse:
    """Show the form; sent, enter what it holds and go to the page `to` of what was made, or say why not.

    act  gives what was made, or None where `to` is a page of no one thing
    """
    status = 200
    if request.method == "POST":
        made: list[Any] = []
        status = acted(request, form, lambda values: made.append(act(values)), done)
        if not status:
            return redirect(to) if made[0] is None else redirect(to, made[0].pk)
    context |= {"form": form, "title": title, "back": back}
    return render(request, "desk/partners/new.html", context, status=status)
