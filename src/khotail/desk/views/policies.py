"""Policies in transition: the register, one policy with its reviews, class and plan, hints, import."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.acting import acted
from khotail.desk.export import XLSX, Column, as_workbook, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.policy_forms import ImportForm, PolicyFilter, PolicyForm
from khotail.desk.policy_words import class_name, place_name, programme_name
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region, name_of
from khotail.oversight import importing
from khotail.oversight import policies as actions
from khotail.oversight.hints import hints
from khotail.oversight.models import Policy
from khotail.oversight.stability import holding_in, losers
from khotail.problems import Problem

_PER_PAGE = 30
_SHOWN = 200

_EXPORTED = (
    Column(gettext_lazy("Title"), "title", 40),
    Column(gettext_lazy("Document number"), "number", 20),
    Column(gettext_lazy("Field of policy"), "get_field_display"),
    Column(gettext_lazy("Issued by"), "get_level_display"),
    Column(gettext_lazy("Where it holds"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Parent policy"), "parent.title", 30),
    Column(gettext_lazy("Clause of the parent that it carries out"), "parent_clause", 20),
    Column(gettext_lazy("Issued on"), "issued_on"),
    Column(gettext_lazy("In force from"), "starts_on"),
    Column(gettext_lazy("In force until"), "ends_on"),
    Column(gettext_lazy("Target population"), "population", 24),
    Column(gettext_lazy("Households that benefit"), "beneficiaries"),
    Column(gettext_lazy("Money a year (CNY)"), "money_cny_year"),
    Column(gettext_lazy("Responsible body"), "body", 24),
    Column(gettext_lazy("Programme in the rulebook"), lambda row: programme_name(row.programme), 24),
    Column(gettext_lazy("Place in the revitalisation catalogue"), lambda row: place_name(row.place), 30),
    Column(gettext_lazy("Class"), lambda row: class_name(row.transition) if row.transition else ""),
)
_LOSERS = (
    Column(gettext_lazy("Household"), "household.number", 20),
    Column(gettext_lazy("Head"), "household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Received a year (CNY)"), "received_cny"),
    Column(gettext_lazy("Since"), "since"),
    Column(gettext_lazy("Ended on"), "ended_on"),
)


@login_required
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    region = chosen_region(officer, request.GET.get("region", ""))
    rows = holding_in(officer, region).select_related("parent")
    found = PolicyFilter(request.GET, rows.order_by("title", "id"))
    rows = found.qs if found.form.is_valid() else rows
    if is_asked(request):
        return export(request, rows, _EXPORTED, "policies")
    orphans = holding_in(officer, region).filter(place="").count()
    context = {
        "region": region,
        "filter": found,
        "filtered": any(request.GET.get(name) for name in found.filters),
        "page": KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page")),
        "orphans": orphans,
        "keeps": officer.may(May.KEEP_POLICIES),
    }
    return render(request, "desk/oversight/policies.html", context)


@login_required
@require_safe
def collisions(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    found = hints(Policy.objects.visible_to(officer).order_by("title", "id"))
    context = {"hints": found[:_SHOWN], "left_out": max(len(found) - _SHOWN, 0)}
    return render(request, "desk/oversight/hints.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.KEEP_POLICIES)
    form = PolicyForm(officer, _sent(request))
    if request.method == "POST":
        added: list[Policy] = []

        def act(values: dict[str, Any]) -> None:
            added.append(actions.add_policy(form.entry(), values["region_code"], by=officer, now=timezone.now()))

        status = acted(request, form, act, _("The policy is entered."))
        if not status:
            return redirect("policy", added[0].pk)
    context = {"form": form, "title": _("Enter a policy"), "back": "policies"}
    return render(request, "desk/oversight/form.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.KEEP_POLICIES)
    policy = get_object_or_404(Policy.objects.in_region(officer.region_code), pk=pk)
    form = PolicyForm(officer, _sent(request), policy=policy)
    if request.method == "POST":
        status = acted(
            request, form,
            lambda values: actions.change_policy(policy, form.entry(), by=officer, now=timezone.now()),
            _("The entry is corrected."),
        )  # fmt: skip
        if not status:
            return redirect("policy", pk)
    context = {"form": form, "title": policy.title, "policy": policy}
    return render(request, "desk/oversight/form.html", context, status=status)


@login_required
@require_safe
def lose(request: HttpRequest, pk: int) -> HttpResponse:
    """The households that received the policy's programme on its last day."""
    officer = request.user
    require(officer, May.SEE_POLICIES)
    policy = get_object_or_404(Policy.objects.visible_to(officer), pk=pk)
    region = chosen_region(officer, request.GET.get("region", ""))
    rows = losers(officer, policy, timezone.localdate(), region).order_by("region_code", "household_id", "id")
    rows = rows if policy.programme and officer.may(May.SEE_HELP) else rows.none()
    if is_asked(request):
        return export(request, rows, _LOSERS, "households-of-a-policy")
    context = {"policy": policy, "region": region, "page": KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page"))}
    return render(request, "desk/oversight/losers.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_list(request: HttpRequest) -> HttpResponse:
    """Send a workbook; rows that are right are entered, the others come back with their sentences."""
    officer, status = request.user, 200
    require(officer, May.KEEP_POLICIES)
    form = ImportForm(officer, _sent(request), request.FILES or None)
    taken = None
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                taken = _read(form.cleaned_data["file"], form.cleaned_data["region_code"], officer)
            except Problem as problem:
                form.add_error("file", sentence(problem))
            else:
                status = 200
                told = ngettext("%(n)d policy entered.", "%(n)d policies entered.", len(taken.added))
                messages.success(request, told % {"n": len(taken.added)})
    context = {"form": form, "taken": taken, "most": importing.MOST, "shown": _SHOWN}
    return render(request, "desk/oversight/import.html", context, status=status)


@login_required
@require_safe
def example(request: HttpRequest) -> FileResponse:
    """A workbook with the columns and one invented row."""
    require(request.user, May.KEEP_POLICIES)
    row = {
        "title": "演示旗农村低保实施办法", "number": "演示〔2025〕1号", "field": "兜底保障", "level": "旗县", "parent": "",
        "parent_clause": "", "issued_on": "2025-01-10", "starts_on": "2025-02-01", "ends_on": "2027-12-31",
        "population": "农村低收入家庭", "beneficiaries": 1200, "money_cny_year": 9000000, "body": "演示旗民政局",
        "programme": "subsistence-allowance", "place": "社会救助与养老", "note": "",
    }  # fmt: skip
    columns = [Column(importing.HEADERS[name][0], lambda each, name=name: each[name], 18) for name in importing.EXAMPLE]
    file, _count = as_workbook([row], columns, "policies")
    return FileResponse(file, as_attachment=True, filename="policies-example.xlsx", content_type=XLSX)


def _read(file: UploadedFile, region_code: str, by: Officer) -> importing.Taken:
    """Its temporary copy keeps only the ending of its name."""
    name = Path(file.name).name
    suffix = Path(name).suffix.lower()
    with TemporaryDirectory(prefix="khotail-") as folder:
        path = Path(folder) / f"policies{suffix if suffix in ('.xlsx', '.xls', '.csv') else ''}"
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        return importing.take_list(path, name, region_code, by=by, now=timezone.now())


def _sent(request: HttpRequest) -> Any:
    """What a form was filled with, an empty one too; None if the page is only looked at."""
    return request.POST if request.method == "POST" else None
