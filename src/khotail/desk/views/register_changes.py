"""What happens to a household: one form per event, each calling one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.problems import sentence
from khotail.desk.register_forms import (
    FACT_TABLES,
    CorrectForm,
    DocumentForm,
    HouseholdForm,
    LeavingForm,
    MemberForm,
    MergeForm,
    MoveForm,
    SplitForm,
    in_words,
)
from khotail.facts.schema import TABLES
from khotail.problems import Problem
from khotail.register import actions
from khotail.register.documents import keep
from khotail.register.known import known_of
from khotail.register.models import Household, Person
from khotail.residents import viewings


@login_required
def add(request: HttpRequest) -> HttpResponse:
    require(request.user, May.EDIT_REGISTER)
    chosen = {"region_code": request.GET.get("region", "")}
    form = HouseholdForm(request.user, request.POST or None, initial=chosen)

    def act(values: dict[str, Any]) -> Household:
        return actions.add_household(
            region_code=values["region_code"], number=values["number"], household_type=values["household_type"],
            head=form.person(), on=values["on"], reason=values["reason"], by=request.user, now=timezone.now(),
        )  # fmt: skip

    return _done_or_form(request, form, act, _("A new household"), None, _("The household was added."))


@login_required
def member(request: HttpRequest, pk: int) -> HttpResponse:
    household = _editable(request, pk)
    form = MemberForm(request.POST or None)

    def act(values: dict[str, Any]) -> Household:
        actions.add_member(
            household, person=form.person(), how=values["how"], on=values["on"], reason=values["reason"],
            by=request.user, now=timezone.now(),
        )  # fmt: skip
        return household

    return _done_or_form(request, form, act, _("Somebody joins"), household, _("The member was added."))


@login_required
def leaving(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    form = LeavingForm(person, request.POST or None)

    def act(values: dict[str, Any]) -> Household:
        actions.record_leaving(
            person, how=values["how"], on=values["on"], new_head=values.get("new_head"), reason=values["reason"],
            by=request.user, now=timezone.now(),
        )  # fmt: skip
        return person.household

    title = _("%(name)s leaves the household") % {"name": person.name}
    return _done_or_form(request, form, act, title, person.household, _("Recorded."))


@login_required
def move(request: HttpRequest, pk: int) -> HttpResponse:
    household = _editable(request, pk)
    form = MoveForm(request.user, household, request.POST or None)

    def act(values: dict[str, Any]) -> Household:
        return actions.move_household(
            household, to=values["to"], on=values["on"], reason=values["reason"], by=request.user, now=timezone.now()
        )

    title = _("The household moves to another village")
    return _done_or_form(request, form, act, title, household, _("The household was moved."))


@login_required
def split(request: HttpRequest, pk: int) -> HttpResponse:
    household = _editable(request, pk)
    form = SplitForm(request.user, household, request.POST or None)

    def act(values: dict[str, Any]) -> Household:
        return actions.split_household(
            household, members=list(values["members"]), head=values["head"], number=values["number"],
            region_code=values["region_code"], on=values["on"], reason=values["reason"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip

    title = _("Some members form a household of their own")
    return _done_or_form(request, form, act, title, household, _("The new household was made."))


@login_required
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    household = _editable(request, pk)
    form = MergeForm(request.user, request.POST or None)

    def act(values: dict[str, Any]) -> Household:
        return actions.merge_households(
            household, into=values["into"], on=values["on"], reason=values["reason"], by=request.user,
            now=timezone.now(),
        )  # fmt: skip

    title = _("The household merges into another")
    return _done_or_form(request, form, act, title, household, _("The households were merged."))


@login_required
def correct_household(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    household = _editable(request, pk)
    if table not in (*FACT_TABLES, "households"):
        raise Http404
    known = known_of(table, household, None) if table == "households" else {}
    title = _("Correct: %(table)s") % {"table": in_words(TABLES[table].zh, TABLES[table].en)}
    return _correct(request, household, household, table, known, title)


@login_required
def correct_person(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    known = known_of("persons", person.household, person)
    return _correct(
        request, person, person.household, "persons", known, _("Correct: %(table)s") % {"table": person.name}
    )


@login_required
@never_cache
@require_POST
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show ID and phone number once, with an event in the trail."""
    require(request.user, May.UNMASK)
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    person = actions.unmask(person, by=request.user, now=timezone.now())
    viewings.looked(person.household, request.user, timezone.localdate(), unmasked=True)
    template = "desk/register/numbers.html" if request.htmx else "desk/register/unmasked.html"
    return render(request, template, {"person": person, "household": person.household, "clear": True})


@login_required
@require_POST
def documents(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_REGISTER)
    household = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    form = DocumentForm(request.POST)
    files = request.FILES.getlist("files")
    if not form.is_valid() or not files:
        messages.error(request, _("Choose a file and say what it is."))
        return redirect("household", pk)
    count = 0
    for file in files[:20]:
        try:
            keep(
                file, household=household, kind=form.cleaned_data["kind"], title=form.cleaned_data["title"],
                by=request.user, now=timezone.now(),
            )  # fmt: skip
            count += 1
        except Problem as problem:
            messages.error(request, sentence(problem))
    if count:
        messages.success(request, _("Kept."))
    return redirect("household", pk)


def _correct(
    request: HttpRequest,
    subject: Household | Person,
    household: Household,
    table: str,
    known: dict[str, Any],
    title: str,
) -> HttpResponse:
    only = request.GET.get("column", "")
    form = CorrectForm(table, known, request.POST or None, only=only if only in TABLES[table].column_names else "")

    def act(values: dict[str, Any]) -> Household:
        actions.correct(subject, table, form.stated(), reason=values["reason"], by=request.user, now=timezone.now())
        return household

    return _done_or_form(
        request, form, act, title, household, _("Corrected; what was on record before stays in the timeline.")
    )


def _done_or_form(
    request: HttpRequest,
    form: Form,
    act: Callable[[dict[str, Any]], Household],
    title: str,
    household: Household | None,
    done: str,
) -> HttpResponse:
    """Act if the form is sent and sound; else show it, with the problem in words where the action refused."""
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            found = act(form.cleaned_data)
        except Problem as problem:
            form.add_error(None, sentence(problem))
            status = problem.status
        else:
            messages.success(request, done)
            return redirect("household", found.pk)
    return render(
        request, "desk/register/change.html", {"form": form, "title": title, "household": household}, status=status
    )


def _editable(request: HttpRequest, pk: int) -> Household:
    require(request.user, May.EDIT_REGISTER)
    return get_object_or_404(Household.objects.visible_to(request.user), pk=pk)


def _person(request: HttpRequest, pk: int) -> Person:
    require(request.user, May.EDIT_REGISTER)
    return get_object_or_404(Person.objects.visible_to(request.user).select_related("household"), pk=pk)
