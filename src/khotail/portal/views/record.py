"""What is recorded about us, what of it is wrong, what we receive, what we agreed to, and who looked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.language import readers_language, said
from khotail.casework.models import Measure
from khotail.entitlements.actions import ask_for_it
from khotail.entitlements.models import Missed
from khotail.entitlements.queries import standing_of
from khotail.facts.schema import TABLES
from khotail.portal.chosen import Chosen
from khotail.portal.problems import NotHere
from khotail.portal.recorded import fact_of, sections_of
from khotail.portal.views.guard import at_home
from khotail.problems import Problem
from khotail.register.correcting import correctable
from khotail.register.known import known
from khotail.register.models import Person, Region
from khotail.residents import corrections, people, viewings
from khotail.residents.declaring import LOOK_UP
from khotail.residents.models import Consent, Correction
from khotail.residents.problems import AlreadyAsked

_ABOUT = {LOOK_UP: gettext_lazy("Looking up what we own")}
_PER_PAGE = 50


@require_safe
@at_home
def record(request: HttpRequest) -> HttpResponse:
    household = request.resident.household
    return render(request, "portal/record.html", {"household": household, "sections": sections_of(household)})


@require_http_methods(["GET", "HEAD", "POST"])
@at_home
def wrong(request: HttpRequest) -> HttpResponse:
    """Say what one fact ought to be. Which fact, the address names; whose, the session."""
    resident, given = request.resident, request.POST if request.method == "POST" else request.GET
    table, column = given.get("table", ""), given.get("column", "")
    if table not in TABLES or column not in {each.name for each in correctable(table)}:
        raise NotHere
    person = _member(request, given.get("person", ""))
    keys = [name for name in TABLES[table].key if name not in ("household_id", "person_id")]
    row = {name: given.get(name, "") for name in keys}
    fact = fact_of(resident.household, table, column, person, row)
    if fact is None:
        raise NotHere
    named = {"table": table, "column": column, "person": given.get("person", ""), **row}
    if request.method != "POST":
        return _wrong_page(request, fact, named)
    chosen = Chosen(request, f"wrong:{sorted(named.items())}", "photo")
    try:
        corrections.ask_correction(
            resident, table, column, given.get("wanted", ""), now=timezone.now(), person=person, row=row,
            recorded=fact.value, words=given.get("words", ""), files=chosen.files,
        )  # fmt: skip
    except AlreadyAsked as problem:
        messages.info(request, said(problem.text))
        return redirect("my_corrections")
    except Problem as problem:
        chosen.keep(problem, corrections.MOST_FILES)
        return _wrong_page(request, fact, named, status=problem.status, sentence=said(problem.text), chosen=chosen)
    chosen.forget()
    messages.success(request, _("Sent. The village office will answer you here."))
    return redirect("my_corrections")


@require_safe
@at_home
def asked(request: HttpRequest) -> HttpResponse:
    """Our corrections, and what was answered."""
    found = Correction.objects.filter(household=request.resident.household).select_related("person").order_by("-id")
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    for each in page:
        column = TABLES[each.table].column(each.column)
        each.label = column.zh if readers_language() == "zh" else column.en
    return render(request, "portal/corrections.html", {"page": page})


@require_safe
@at_home
def received(request: HttpRequest) -> HttpResponse:
    household = request.resident.household
    members = dict(household.members.filter(left_on=None).values_list("pk", "name"))
    rows = known(household, ["benefits"]).get("benefits", [])
    benefits = [
        {**each.values, "who": members.get(each.person_id, ""), "as_of": each.newest.as_of}
        for each in rows
        if each.person_id is None or each.person_id in members
    ]
    today = timezone.localdate()
    measures = Measure.objects.filter(household=household).order_by("-starts_on", "-id")[:100]
    return render(
        request, "portal/received.html",
        {"measures": measures, "benefits": benefits[::-1][:100], "on": today, "standing": standing_of(household)},
    )  # fmt: skip


@require_POST
@at_home
def ask_for(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for help that the household misses; the village office is told."""
    missed = Missed.objects.filter(pk=pk, household=request.resident.household).first()
    if missed is None:
        raise NotHere
    try:
        ask_for_it(missed, by=request.resident, now=timezone.now())
    except Problem as problem:
        messages.info(request, said(problem.text))
    else:
        messages.success(request, _("Sent. The village office will get in touch with you."))
    return redirect("my_received")


@require_safe
@at_home
def consents(request: HttpRequest) -> HttpResponse:
    found = Consent.objects.filter(person=request.resident.person).order_by("-id")[:100]
    shown = [(each, _ABOUT.get(each.about, each.about)) for each in found]
    return render(request, "portal/consents.html", {"consents": shown})


@require_POST
@at_home
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    given = Consent.objects.filter(pk=pk, person=request.resident.person).first()
    if given is None:
        raise NotHere
    if given.withdrawn_at is None:
        people.withdraw(given, resident=request.resident, now=timezone.now())
    messages.success(request, _("Taken back. From today on nothing is looked up."))
    return redirect("my_consents")


@require_safe
@at_home
def looked(request: HttpRequest) -> HttpResponse:
    """Who opened our household's page: role and place, day, and whether numbers were shown in full."""
    page = Paginator(viewings.who_looked(request.resident.household), _PER_PAGE).get_page(request.GET.get("page"))
    codes = {each.officer.region_code for each in page}
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    for each in page:
        each.place = names.get(each.officer.region_code, each.officer.region_code)
    return render(request, "portal/looked.html", {"page": page})


def _member(request: HttpRequest, text: str) -> Person | None:
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    found = Person.objects.filter(pk=number, household=request.resident.household, left_on=None).first()
    if found is None:
        raise NotHere
    return found


def _wrong_page(request: HttpRequest, fact: Any, named: dict[str, str], status: int = 200, **more: Any) -> HttpResponse:
    column = TABLES[named["table"]].column(named["column"])
    choices = [code for code, _meaning in column.codes]
    if column.kind == "bool":
        choices = ["是", "否"]
    context = {"fact": fact, "named": named, "column": column, "choices": choices, "values": request.POST, **more}
    return render(request, "portal/wrong.html", context, status=status)
