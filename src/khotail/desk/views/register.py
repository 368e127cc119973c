"""The register: find a household, browse the regions, read one household's page."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May, Role
from khotail.assistance.queries import help_of
from khotail.desk.charts import Chart, Series
from khotail.desk.export import Column, export, is_asked
from khotail.desk.household_work import work_of
from khotail.desk.kept_files import as_answer
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.register_forms import FACT_TABLES, DocumentForm, in_words
from khotail.desk.remembered import remembered
from khotail.facts.schema import HOUSEHOLD_TYPES, MONITORED_TYPES, TABLES
from khotail.register.models import Document, Household, Region
from khotail.register.queries import MONITORED, HouseholdPage, children, household_page, search, timeline
from khotail.residents import viewings
from khotail.screening.models import Finding, Kind
from khotail.trail.scope import in_region

_PER_PAGE = 30
_HITS = 30
_EXPORTED = (
    Column(gettext_lazy("Household number"), "number", 22),
    Column(gettext_lazy("Head"), "head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Household type"), "household_type"),
    Column(gettext_lazy("Monitored"), "monitored_type"),
    Column(gettext_lazy("People"), "size"),
    Column(gettext_lazy("Income per person (CNY)"), "income_cny_per_capita"),
    Column(gettext_lazy("Income year"), "income_year"),
)


class HouseholdFilter(django_filters.FilterSet):
    household_type = django_filters.ChoiceFilter(label=gettext_lazy("Type"), choices=lambda: _words(HOUSEHOLD_TYPES))
    monitored = django_filters.ChoiceFilter(
        label=gettext_lazy("Monitored"),
        choices=lambda: [("any", _("Monitored")), ("no", _("Not monitored")), *_words(MONITORED_TYPES)],
        method="of_category",
    )
    warned = django_filters.ChoiceFilter(
        label=gettext_lazy("Warning"), choices=lambda: [("yes", _("Warned now")), ("no", _("Not warned"))],
        method="with_warning",
    )  # fmt: skip
    income_from = django_filters.NumberFilter(
        label=gettext_lazy("Income from"), field_name="income_cny_per_capita", lookup_expr="gte"
    )
    income_to = django_filters.NumberFilter(
        label=gettext_lazy("to"), field_name="income_cny_per_capita", lookup_expr="lt"
    )
    ended = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=lambda: [("yes", _("Ended")), ("all", _("All"))], method="that_ended"
    )
    order = django_filters.OrderingFilter(
        label=gettext_lazy("Order"),
        fields=(("number", "number"), ("income_cny_per_capita", "income"), ("head_name", "head"), ("size", "size")),
        field_labels={
            "number": gettext_lazy("Household number"), "income_cny_per_capita": gettext_lazy("Income"),
            "head_name": gettext_lazy("Head"), "size": gettext_lazy("People"),
            "-number": gettext_lazy("Household number, from the last"), "-income_cny_per_capita": gettext_lazy("Income, the highest first"),
            "-head_name": gettext_lazy("Head, from the last"), "-size": gettext_lazy("People, the most first"),
        },
    )  # fmt: skip

    class Meta:
        model = Household
        fields = ()

    def of_category(self, rows: Any, name: str, value: str) -> Any:
        if value == "no":
            return rows.exclude(MONITORED)
        return rows.filter(MONITORED) if value == "any" else rows.filter(MONITORED, monitored_type=value)

    def with_warning(self, rows: Any, name: str, value: str) -> Any:
        warned = Finding.objects.filter(kind=Kind.SIGNAL, ended_on=None, household__isnull=False).values("household")
        return rows.filter(pk__in=warned) if value == "yes" else rows.exclude(pk__in=warned)

    def that_ended(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(ended_on__isnull=False) if value == "yes" else rows

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("ended") else rows.filter(ended_on=None)


@login_required
@require_safe
def households(request: HttpRequest) -> HttpResponse:
    """The regions below with their counts and, within a village, its households; elsewhere if a filter is set."""
    require(request.user, May.SEE_REGISTER)
    region = chosen_region(request.user, request.GET.get("region", ""))
    found = HouseholdFilter(
        request.GET, Household.objects.visible_to(request.user).filter(in_region(region)).order_by("region_code", "id")
    )
    if is_asked(request):
        return export(request, found.qs, _EXPORTED, "households")
    filtered = any(value for name, value in request.GET.items() if name not in ("region", "page"))
    lists = len(region) == 12 or filtered or request.user.role == Role.HELPER
    page = KeysFirst(found.qs, _PER_PAGE).get_page(request.GET.get("page")) if lists else None
    below = _below(request.user, region) if request.user.role != Role.HELPER and not filtered else []
    return render(
        request,
        "desk/register/households.html",
        {
            "region": region,
            "below": below,
            "page": page,
            "filter": found,
            "filtered": filtered,
            "most": max((n for _r, n, _m in below), default=0),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request: HttpRequest) -> HttpResponse:
    """One box. What is looked for is sent in the body: names and numbers of people do not belong into addresses."""
    require(request.user, May.SEE_REGISTER)
    text = request.POST.get("q", "")
    hits = search(request.user, text, _HITS)
    template = "desk/register/hits.html" if request.htmx else "desk/register/search.html"
    return render(request, template, {"q": text, "hits": hits, "most_hits": _HITS, "asked": bool(text.strip())})


@login_required
@require_safe
def household(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_REGISTER)
    page = household_page(request.user, pk, _day(request.GET.get("on", "")))
    viewings.opened(page.household, request.user, timezone.localdate())
    return render(
        request,
        "desk/register/household.html",
        {
            "page": page,
            "household": page.household,
            "chart": _chart(page),
            "details": _details(page),
            "facts": _facts(page),
            "fact_tables": [(name, in_words(TABLES[name].zh, TABLES[name].en)) for name in FACT_TABLES],
            "document_form": DocumentForm(),
            "help": help_of(page.household) if request.user.may(May.SEE_HELP) and page.on is None else None,
            **(work_of(page.household, request.user) if request.user.may(May.SEE_CASES) else {}),
        },
    )


@login_required
@require_safe
def timeline_part(request: HttpRequest, pk: int) -> HttpResponse:
    """A further part of the timeline; without JavaScript a page of its own."""
    require(request.user, May.SEE_REGISTER)
    seen = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    text = request.GET.get("offset", "0")
    offset = min(int(text), 100_000) if text.isascii() and text.isdecimal() else 0
    moments, more = timeline(seen, offset)
    template = "desk/register/moments.html" if request.htmx else "desk/register/timeline.html"
    return render(
        request, template, {"household": seen, "moments": moments, "more": more, "next_offset": offset + len(moments)}
    )


@login_required
@require_safe
@never_cache
def document(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_REGISTER)
    visible = Household.objects.visible_to(request.user)
    found = get_object_or_404(Document.objects.filter(household__in=visible), pk=pk)
    return as_answer(found)


def _chart(page: HouseholdPage) -> Chart | None:
    if not page.incomes:
        return None
    columns = {
        "wage_cny": _("Wages"), "business_cny": _("Business"), "property_cny": _("Property"),
        "transfer_cny": _("Transfers"), "cost_cny": _("Business cost"),
    }  # fmt: skip
    used = [name for name in columns if any(year.amounts.get(name) for year in page.incomes)]
    return Chart(
        "incomes",
        "stacked",
        _("Income of the household by year"),
        _("Income year"),
        [str(year.year) for year in page.incomes],
        [Series(columns[name], [_signed(name, year.amounts.get(name)) for year in page.incomes]) for name in used],
        _("CNY per year"),
    )


def _signed(name: str, amount: float | None) -> float | None:
    return -amount if name == "cost_cny" and amount else amount


def _details(page: HouseholdPage) -> list[tuple[str, Any, Any]]:
    """What the register states of the household: label, value, statement; personal numbers left out."""
    rows = page.facts.get("households", [])
    if not rows:
        return []
    shown = []
    for column in TABLES["households"].columns:
        value = rows[0].values.get(column.name)
        if value is not None and not column.personal and column.name not in ("region_code", "township_name"):
            shown.append((in_words(column.zh, column.en), value, rows[0].said_by[column.name]))
    return shown


def _facts(page: HouseholdPage) -> list[tuple[str, str, list[tuple[Any, list[tuple[str, Any]]]]]]:
    """Each other fact table of which something is known: name, title, rows as (row, label and value)."""
    found = []
    for name, rows in page.facts.items():
        if name in ("households", "persons", "incomes"):
            continue
        table = TABLES[name]
        shown = []
        for row in rows[::-1][:30]:
            values = [
                (in_words(column.zh, column.en), row.values[column.name])
                for column in table.columns
                if row.values.get(column.name) is not None and not column.personal
            ]
            shown.append((row.newest, values))
        found.append((name, in_words(table.zh, table.en), shown))
    return found


def _below(officer: Officer, region: str) -> list[tuple[Region, int, int]]:
    return remembered(("below", region, officer.region_code), lambda: children(officer, region))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _words(codes: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(code, in_words(code, en)) for code, en in codes]
