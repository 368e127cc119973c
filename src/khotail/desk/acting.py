"""A form that was sent, the action behind it, and what the reader is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from khotail.desk.problems import sentence
from khotail.problems import Problem


def refused(form: forms.Form, act: Callable[[dict[str, Any]], Any]) -> int:
    """Act on what a form holds. 0 if it was done, else the status of the answer.

    What goes wrong stands above the form, and what was typed stays in it.
    """
    if not form.is_valid():
        return 400
    try:
        act(form.cleaned_data)
    except Problem as problem:
        form.add_error(None, sentence(problem))
        return problem.status
    return 0


def acted(request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], Any], done: str) -> int:
    """As `refused`; if it was done, the message is left for the next page."""
    if status := refused(form, act):
        return status
    messages.success(request, done)
    return 0
