"""The rulebook: what its rules say, and changes to the banner's own, tried dry before they are adopted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.export import Column, export, is_asked
from khotail.desk.problems import sentence
from khotail.desk.regions import name_of
from khotail.desk.screening_forms import ParameterForm, WriteForm
from khotail.problems import Problem
from khotail.register.models import Household
from khotail.rulebook.model import CAUSES, SEVERITIES
from khotail.rulebook.problems import RulebookFlawed
from khotail.screening import changes as actions
from khotail.screening import rulebook as books
from khotail.screening.models import RulebookChange
from khotail.screening.queries import counts_by, open_findings
from khotail.screening.trial import listed

_PER_PAGE = 50
_STATES = {"new": gettext_lazy("New"), "ended": gettext_lazy("No longer"), "lasting": gettext_lazy("As before")}
_EXPORTED = (
    Column(gettext_lazy("Household number"), lambda row: row["household"], 22),
    Column(gettext_lazy("Head"), lambda row: row["head"]),
    Column(gettext_lazy("Village"), lambda row: name_of(row["region_code"]), 24),
    Column(gettext_lazy("State"), lambda row: str(_STATES[row["state"]])),
    Column(gettext_lazy("Rules"), lambda row: row["rules"], 60),
)


@login_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule in force, and how many households it holds for now."""
    _may_read(request.user)
    book, kind = books.current(), request.GET.get("kind", "signal")
    kind = kind if kind in SEVERITIES else "signal"
    counted = {each.key: each for each in counts_by(open_findings(request.user, kind), "rule_id")}
    found = book.signals if kind == "signal" else book.audits
    text = request.GET.get("q", "").strip().lower()[:40]
    shown = [
        (rule, counted.get(rule.id), SEVERITIES[kind].get(rule.severity))
        for rule in found
        if text in f"{rule.id} {rule.name.zh} {rule.name.en}".lower()
    ]
    page = Paginator(shown, _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/screening/rules.html", {"page": page, "kind": kind, "q": text, "book": book})


@login_required
@require_safe
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """What one rule says, and by which lines of which sources."""
    _may_read(request.user)
    book = books.current()
    seen = book.rules.get(rule_id)
    if seen is None:
        raise Http404
    today, place = timezone.localdate(), settings.KHOTAIL_BANNER or request.user.region_code
    used = [(book.parameters[name], book.parameters[name].in_force(today, place)) for name in seen.when.parameters
            if name in book.parameters]  # fmt: skip
    rows = open_findings(request.user, seen.kind).filter(rule_id=rule_id)
    return render(request, "desk/screening/rule.html", {
        "rule": seen, "used": used, "severity": SEVERITIES[seen.kind].get(seen.severity),
        "cause": CAUSES.get(seen.cause or ""), "count": next(iter(counts_by(rows, "rule_id")), None),
        "list": "findings" if seen.kind == "signal" else "audit",
    })  # fmt: skip


@login_required
@require_safe
def parameters(request: HttpRequest) -> HttpResponse:
    _may_read(request.user)
    book, today = books.current(), timezone.localdate()
    place = settings.KHOTAIL_BANNER or request.user.region_code
    text = request.GET.get("q", "").strip().lower()[:40]
    shown = [
        (each, each.in_force(today, place)) for each in book.parameters.values()
        if text in f"{each.id} {each.name.zh} {each.name.en}".lower()
    ]  # fmt: skip
    page = Paginator(shown, _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/screening/parameters.html", {"page": page, "q": text})


@login_required
def parameter(request: HttpRequest, name: str) -> HttpResponse:
    """One parameter's values by day and region; whoever may change the rulebook sets the banner's own here."""
    _may_read(request.user)
    seen = books.current().parameters.get(name)
    if seen is None:
        raise Http404
    form = ParameterForm(request.POST or None, initial={"since": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data

        def act() -> RulebookChange:
            return actions.set_parameter(
                name, values["value"], values["since"], values["source"], by=request.user, now=timezone.now()
            )

        made = _done(form, act)
        if made:
            return redirect("rulebook_change", made.pk)
    place = settings.KHOTAIL_BANNER or request.user.region_code
    values = sorted(
        (each for each in seen.values if place.startswith(each.region) or each.region.startswith(place)),
        key=lambda each: (each.region, each.since), reverse=True,
    )  # fmt: skip
    return render(request, "desk/screening/parameter.html", {
        "parameter": seen, "values": values, "form": form if _may_change(request.user) else None,
        "in_force": seen.in_force(timezone.localdate(), place),
    })  # fmt: skip


@login_required
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    require(request.user, May.CHANGE_RULEBOOK)
    rows = RulebookChange.objects.visible_to(request.user).select_related("written_by", "adopted_by")
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/screening/changes.html", {"page": page})


@login_required
def write(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write a file of a new change, or of one that is not over."""
    actions.book_region(request.user)
    seen = _seen(request, pk) if pk else None
    name = request.GET.get("file", "")
    known = {**books.own_files(), **(seen.files if seen else {})}
    first = {"title": seen.title if seen else "", "name": name, "text": known.get(name, "")}
    form = WriteForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data

        def act() -> RulebookChange:
            return actions.write(
                values["title"], values["name"], values["text"], by=request.user, now=timezone.now(), change=seen
            )

        made = _done(form, act)
        if made:
            return redirect("rulebook_change", made.pk)
    return render(request, "desk/screening/write.html", {"form": form, "change": seen, "files": sorted(known)})


@login_required
@require_safe
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what is wrong with it, what it changes, whom it would warn."""
    seen = _seen(request, pk)
    added, removed = [], []
    if not seen.trial.get("flaws") and seen.state in ("draft", "tried"):
        try:
            added, removed = actions.differences(actions.candidate(seen)[0])
        except RulebookFlawed as problem:
            messages.error(request, sentence(problem))
    working = seen.job if seen.job and seen.job.state in ("waiting", "running") else None
    return render(request, "desk/screening/change.html", {
        "change": seen, "added": added, "removed": removed, "differences": actions.file_differences(seen.files),
        "flaws": seen.trial.get("flaws", []), "working": working,
        "failed": seen.job if seen.job and seen.job.state == "failed" and seen.state == "draft" else None,
        "is_open": seen.state in ("draft", "tried"), "moved_on": seen.state == "tried" and seen.based_on != books.digest(),
    })  # fmt: skip


@login_required
@require_POST
def try_dry(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda seen: actions.ask_for_trial(seen, by=request.user, now=timezone.now()),
                _("The dry run is in the queue."))  # fmt: skip


@login_required
@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda seen: actions.adopt(seen, by=request.user, now=timezone.now()),
                _("Adopted: it holds from the next run on."))  # fmt: skip


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda seen: actions.drop(seen, by=request.user, now=timezone.now()), _("Dropped."))


@login_required
@require_safe
def households(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the change would warn, and whom no longer; of the reader's region."""
    seen, state = _seen(request, pk), request.GET.get("state", "")
    state = state if state in _STATES else ""
    if is_asked(request):
        _total, rows = listed(seen, request.user.region_code, state, size=0)
        return export(request, _with_heads(rows), _EXPORTED, "rulebook-trial")
    number = request.GET.get("page", "1")
    asked = min(int(number), 100_000) if number.isascii() and number.isdecimal() and number != "0" else 1
    total, rows = listed(seen, request.user.region_code, state, asked, _PER_PAGE)
    page = Paginator(range(total), _PER_PAGE).get_page(asked)
    return render(request, "desk/screening/trial.html", {
        "change": seen, "state": state, "page": page, "rows": _with_heads(rows), "states": _STATES.items(),
    })  # fmt: skip


def _with_heads(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    numbers = [row["household"] for row in rows]
    heads = {
        household.number: household
        for at in range(0, len(numbers), 500)
        for household in Household.objects.filter(number__in=numbers[at : at + 500]).only("number", "head_name")
    }
    return [
        {**row, "head": heads[row["household"]].head_name, "pk": heads[row["household"]].pk,
         "state_name": _STATES[row["state"]]}
        for row in rows if row["household"] in heads
    ]  # fmt: skip


def _act(request: HttpRequest, pk: int, act: Any, done: str) -> HttpResponse:
    seen = _seen(request, pk)
    act(seen)
    messages.success(request, done)
    return redirect("rulebook_change", pk)


def _done(form: Form, act: Any) -> Any:
    """What the action gives, or None with its problem on the form."""
    try:
        return act()
    except NotAllowed:
        raise
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        form.add_error(None, sentence(problem))
        return None


def _seen(request: HttpRequest, pk: int) -> RulebookChange:
    require(request.user, May.CHANGE_RULEBOOK)
    rows = RulebookChange.objects.visible_to(request.user).select_related("written_by", "adopted_by", "job")
    return get_object_or_404(rows, pk=pk)


def _may_read(officer: Officer) -> None:
    if not (officer.may(May.SEE_CASES) or officer.may(May.SEE_AUDIT)):
        raise NotAllowed


def _may_change(officer: Officer) -> bool:
    try:
        actions.book_region(officer)
    except Problem:
        return False
    return True
