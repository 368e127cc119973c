"""Money: the list of funds, one fund with its movements, what is entered, passed on and corrected, and the totals."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import LEVEL_NAMES, May
from khotail.desk.acting import acted
from khotail.desk.charts import Chart, Series
from khotail.desk.export import export, is_asked
from khotail.desk.fund_forms import AllocateForm, FundForm, ReasonForm
from khotail.desk.fund_lists import ENTRY_COLUMNS, TOTAL_COLUMNS, FundFilter, fund_columns
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region
from khotail.desk.templatetags.khotail import spoken
from khotail.funds import receiving
from khotail.funds.models import Entry, Fund, Project
from khotail.funds.queries import entries_of, funds
from khotail.funds.totals import Line, added_up, of_projects, received_by, totals

_PER_PAGE = 30


@login_required
@require_safe
def fund_list(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    narrowed = FundFilter(request.GET, funds(officer, region), request=request)
    if is_asked(request):
        rows = list(narrowed.qs)
        return export(request, rows, fund_columns(received_by(each.pk for each in rows)), "funds")
    page = KeysFirst(narrowed.qs, _PER_PAGE).get_page(request.GET.get("page"))
    came = received_by(each.pk for each in page)
    context = {
        "region": region, "page": page, "filter": narrowed, "rows": [(each, came.get(each.pk, Decimal(0))) for each in page],
        "filtered": any(request.GET.get(name) for name in ("year", "source", "document")),
    }  # fmt: skip
    return render(request, "desk/funds/funds.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.KEEP_FUNDS)
    start = {"year": timezone.localdate().year, "on": timezone.localdate()}
    form = FundForm(officer, request.POST or None, initial=start)
    if request.method == "POST":
        entered: list[Entry] = []
        status = acted(
            request, form, lambda values: entered.append(receiving.receive(by=officer, now=timezone.now(), **values)),
            _("The money is on record. Pass it on from here."),
        )  # fmt: skip
        if not status:
            return redirect("fund", entered[0].debit.fund_id)
    return render(request, "desk/funds/fund_new.html", {"form": form}, status=status)


@login_required
@never_cache
@require_safe
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _fund(request, pk))


@login_required
@require_POST
def allocate(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.KEEP_FUNDS)
    found = _fund(request, pk)
    form = AllocateForm(found, request.user, request.POST)

    def act(values: dict[str, object]) -> None:
        receiving.allocate(
            found, values["amount"], holder=values["holder"], on=values["on"], document=values["document"],
            by=request.user, now=timezone.now(), **form.target,
        )  # fmt: skip

    status = acted(request, form, act, _("The money is passed on."))
    return _show(request, found, form, status) if status else redirect("fund", pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reverse_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry with the question why it was wrong."""
    officer, status = request.user, 200
    require(officer, May.KEEP_FUNDS)
    related = ("debit__fund", "debit__project", "credit__project", "by", "reverses", "reversed_by")
    seen = Fund.objects.visible_to(officer)
    rows = Entry.objects.filter(debit__fund__in=seen).select_related(*related)
    entry = get_object_or_404(rows, pk=pk)
    get_object_or_404(entries_of(entry.debit.fund, officer), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST":
        status = acted(
            request, form, lambda values: receiving.reverse(entry, values["reason"], by=officer, now=timezone.now()),
            _("The entry is reversed."),
        )  # fmt: skip
        if not status:
            return redirect("fund", entry.debit.fund_id)
    return render(request, "desk/funds/reverse.html", {"entry": entry, "form": form}, status=status)


@login_required
@require_safe
def fund_totals(request: HttpRequest) -> HttpResponse:
    """By year and source: came in, held, in projects, paid, left; and that it reconciles."""
    officer = request.user
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    lines = totals(region)
    if is_asked(request):
        return export(request, lines, TOTAL_COLUMNS, "fund-totals")
    years = added_up(lines, "year")
    levels = [level for level in LEVEL_NAMES if any(line.held[level] for line in lines)]
    kinds = [(kind, label) for kind, label in Project.Kind.choices if any(line.projects[kind] for line in lines)]
    context = {
        "region": region, "years": years, "whole": added_up(lines)[0] if lines else None,
        "groups": [(year, [line for line in lines if line.year == year.year]) for year in years],
        "levels": [(level, spoken(LEVEL_NAMES[level])) for level in levels], "kinds": kinds,
        "charts": _charts(years) if years else [],
    }  # fmt: skip
    return render(request, "desk/funds/totals.html", context)


def _charts(years: list[Line]) -> list[Chart]:
    shown = years[:8][::-1]
    labels = [str(line.year) for line in shown]
    where = (
        (_("Paid"), [float(line.paid) for line in shown]),
        (_("Left with projects"), [float(line.left) for line in shown]),
        (_("Not allocated yet"), [float(line.not_allocated) for line in shown]),
    )
    series = [Series(name, values) for name, values in where]
    return [Chart("where-it-is", "stacked", _("Where the money is"), _("Year"), labels, series, _("yuan"))]


def _fund(request: HttpRequest, pk: int) -> Fund:
    require(request.user, May.SEE_FUNDS)
    return get_object_or_404(Fund.objects.visible_to(request.user).select_related("entered_by"), pk=pk)


def _show(request: HttpRequest, found: Fund, form: AllocateForm | None = None, status: int = 200) -> HttpResponse:
    officer = request.user
    if is_asked(request):
        return export(request, entries_of(found, officer), ENTRY_COLUMNS, "fund-entries")
    seen = Project.objects.visible_to(officer)
    accounts = found.accounts.filter(kind="project", project__in=seen).select_related("project").order_by("-id")
    held = receiving.holders(found, officer.region_code)
    may_allocate = officer.may(May.KEEP_FUNDS) and held
    context = {
        "fund": found, "came_in": received_by([found.pk]).get(found.pk, Decimal(0)), "held": held,
        "projects": of_projects(accounts[:200]), "keeps": officer.may(May.KEEP_FUNDS),
        "entries": KeysFirst(entries_of(found, officer), _PER_PAGE).get_page(request.GET.get("page")),
        "form": form or (AllocateForm(found, officer, initial={"on": timezone.localdate()}) if may_allocate else None),
    }  # fmt: skip
    return render(request, "desk/funds/fund.html", context, status=status)
