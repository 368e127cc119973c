"""What can be done with one thing on its page: a table of deeds, each with its form and the action that it calls.

A page lists the deeds that the reader may do and that fit the thing's state. What was typed is given back where an action
refuses it, also when the thing has moved on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.acting import acted

#: Called with the thing, what the form holds, the file or None, who acts, and when.
Act = Callable[[Any, dict[str, Any], Any, Officer, datetime], Any]
#: Renders the thing's page: bound form, status.
Show = Callable[..., HttpResponse]


class ThingForm(forms.Form):
    """A form about one thing. Nothing is asked unless a subclass says so."""

    use_required_attribute = False

    def __init__(self, thing: Any, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(thing, officer)

    def ask(self, thing: Any, officer: Officer) -> None:
        """Fill in what depends on the thing or the reader."""


@dataclass(frozen=True)
class Deed:
    """One thing to do. `file` names the one paper that may come with it; `first` is shown open, as what comes next."""

    name: str
    label: Promise
    done: Promise
    form: type[ThingForm]
    act: Act
    needs: tuple[May, ...]
    fits: Callable[[Any], bool] = lambda thing: True
    file: Promise | str = ""
    grave: bool = False
    first: bool = False


@dataclass(frozen=True)
class Bound:
    """A form that was sent and not taken."""

    name: str
    form: ThingForm


def shown(deeds: Iterable[Deed], thing: Any, officer: Officer, bound: Bound | None = None) -> dict[str, Any]:
    """What the page's template needs: `deeds` as pairs of a deed and its form, and the `refusal` of a lost one."""
    offered = [deed for deed in deeds if deed.fits(thing) and any(officer.may(right) for right in deed.needs)]
    pairs = [
        (
            deed,
            bound.form
            if bound and bound.name == deed.name
            else deed.form(thing, officer, auto_id=f"id_{deed.name}_%s"),
        )
        for deed in offered
    ]
    is_lost = bound is not None and all(deed.name != bound.name for deed in offered)
    refusal = " ".join(map(str, bound.form.non_field_errors())) if bound and is_lost else ""
    return {"deeds": pairs, "refusal": refusal, "typed": _typed(bound.form) if bound and is_lost else ""}


def do(request: HttpRequest, deeds: Sequence[Deed], name: str, thing: Any, show: Show, *to: Any) -> HttpResponse:
    """Do one of the deeds, then go to the page `to`; or show the page again with what was typed and why not."""
    deed = next((each for each in deeds if each.name == name), None)
    if deed is None:
        raise Http404
    officer = request.user
    if not any(officer.may(right) for right in deed.needs):
        require(officer, deed.needs[0])
    form = deed.form(thing, officer, request.POST, auto_id=f"id_{name}_%s")
    file = request.FILES.get("file") if deed.file else None
    status = acted(
        request, form, lambda values: deed.act(thing, values, file, officer, timezone.now()), str(deed.done)
    )  # fmt: skip
    if not status:
        return redirect(*to)
    return show(request, thing, Bound(name, form), status)


def _typed(form: ThingForm) -> str:
    """The longest text that somebody typed, so that it is not lost."""
    said = [str(form.data.get(name, "")) for name, field in form.fields.items() if isinstance(field, forms.CharField)]
    return max(said, key=len, default="").strip()
