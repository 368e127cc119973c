"""Entitlements over a region: programmes with who is entitled, receives and misses; runs, and what each left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.language import said
from khotail.accounts.queries import require
from khotail.accounts.roles import May, Role
from khotail.desk.charts import Chart, Series
from khotail.desk.entitlement_forms import ProgrammeFilter
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.remembered import remembered
from khotail.entitlements import queries
from khotail.entitlements.actions import ask_for_run
from khotail.entitlements.models import Entitlement
from khotail.entitlements.queries import Figures, Why, explained_all
from khotail.entitlements.running import KIND
from khotail.jobs.models import Job
from khotail.rulebook.programmes import PAYING_LEVELS, TRANSITIONS, Programme
from khotail.screening import rulebook

_RUNS_PER_PAGE, _PER_PAGE = 20, 30
_FIGURES = (
    Column(gettext_lazy("Programme"), lambda row: said(row.name), 30),
    Column(gettext_lazy("Entitled"), "entitled"),
    Column(gettext_lazy("Entitled, CNY a year"), "amount_cny", 20),
    Column(gettext_lazy("Receive"), "received"),
    Column(gettext_lazy("Received, CNY a year"), "received_cny", 20),
    Column(gettext_lazy("Miss"), "missed"),
    Column(gettext_lazy("Missed, CNY a year"), "missed_cny", 20),
    Column(gettext_lazy("Received without being entitled"), "unentitled"),
    Column(gettext_lazy("Cannot be said"), "unknown"),
)
_ROWS = (
    Column(gettext_lazy("Household number"), "entitlement.household.number", 22),
    Column(gettext_lazy("Head"), "entitlement.household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.entitlement.region_code), 24),
    Column(gettext_lazy("Person"), "entitlement.person.name"),
    Column(gettext_lazy("State"), "entitlement.get_state_display", 20),
    Column(gettext_lazy("CNY a year"), "entitlement.amount_cny"),
    Column(gettext_lazy("Received"), "entitlement.received"),
    Column(gettext_lazy("Received, CNY a year"), "entitlement.received_cny", 20),
    Column(gettext_lazy("Missed"), "entitlement.missed"),
    Column(gettext_lazy("Why"), lambda row: said(row.sentence), 60),
    Column(gettext_lazy("Since"), "entitlement.since"),
)


@login_required
@require_safe
@never_cache
def entitlement_runs(request: HttpRequest) -> HttpResponse:
    """Programmes in a region with their figures, how far households live on policies, and the runs."""
    require(request.user, May.SEE_HELP)
    region = chosen_region(request.user, request.GET.get("region", ""))
    lines = _figures(request, region)
    if is_asked(request):
        return export(request, lines, _FIGURES, "entitlements")
    working = Job.objects.visible_to(request.user).filter(kind=KIND, state__in=(Job.State.WAITING, Job.State.RUNNING))
    last = queries.last_run(region)
    return render(request, "desk/entitlements/runs.html", {
        "region": region, "lines": lines, "last": last, "left_out": _left_out(last), "chart": _dependence(request, region),
        "totals": {name: round(sum(getattr(each, name) for each in lines)) for name in ("entitled", "received", "missed", "missed_cny")},
        "page": Paginator(queries.runs_of(request.user), _RUNS_PER_PAGE).get_page(request.GET.get("page")),
        "working": list(working[:5]),
    })  # fmt: skip


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a run of the reader's region, or of the part of it that is named."""
    region = chosen_region(request.user, request.POST.get("region", ""))
    job = ask_for_run(region, by=request.user, now=timezone.now())
    return redirect("job", job.pk)


@login_required
@require_safe
@never_cache
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what became new and what ended in the reader's region, and what was left out, with the reason."""
    require(request.user, May.SEE_HELP)
    seen = get_object_or_404(queries.runs_of(request.user), pk=pk)
    beyond = not seen.region_code.startswith(request.user.region_code)
    rows = [(queries.name_of(id_), id_, new, ended) for id_, new, ended in queries.changes_of(request.user, seen)]
    return render(request, "desk/entitlements/run.html", {
        "run": seen, "beyond": beyond, "rows": rows, "left_out": _left_out(seen),
        "lines": [] if beyond else [(queries.name_of(line["programme"]), line) for line in seen.counts.get("lines", ())],
        "gone": [(queries.name_of(each["programme"]), each["rows"]) for each in seen.counts.get("gone", ())],
    })  # fmt: skip


@login_required
@require_safe
@never_cache
def programme(request: HttpRequest, programme_id: str) -> HttpResponse:
    """One programme: what it is, its figures in a region, and its households."""
    require(request.user, May.SEE_HELP)
    region = chosen_region(request.user, request.GET.get("region", ""))
    known = rulebook.current().programmes.get(programme_id)
    mine = Entitlement.objects.visible_to(request.user).in_region(region)
    mine = mine.filter(programme_id=programme_id, ended_on=None)
    if known is None and not mine.exists():
        raise Http404
    form = ProgrammeFilter(request.GET)
    rows = form.narrowed(mine).select_related("household", "person")
    rows = rows.defer("household__phone", "person__id_number", "person__phone").order_by(
        "region_code", "household_id", "id"
    )
    if is_asked(request):
        return export(request, _explained(rows), _ROWS, f"programme-{programme_id}")
    page = KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = explained_all(page.object_list)
    figures = next((each for each in _figures(request, region) if each.programme_id == programme_id), None)
    return render(request, "desk/entitlements/programme.html", {
        "programme": known, "name": queries.name_of(programme_id), "details": _details(known), "figures": figures,
        "region": region, "form": form, "page": page,
    })  # fmt: skip


def _figures(request: HttpRequest, region: str) -> tuple[Figures, ...]:
    """Figures over a region, at most a minute old; a helper's own households are counted anew."""
    if request.user.role == Role.HELPER:
        return tuple(queries.figures(request.user, region))
    return remembered(
        ("entitlements", region, rulebook.version()), lambda: tuple(queries.figures(request.user, region))
    )  # fmt: skip


def _dependence(request: HttpRequest, region: str) -> Chart | None:
    bands = queries.bands_of(request.user, region)
    if not any(count for _edge, count in bands):
        return None
    labels, before = [], 0
    for edge, _count in bands:
        percent = round(edge * 100) if edge is not None else None
        if percent is None:
            labels.append(_("more than %(low)d %%") % {"low": before})
        else:
            labels.append(_("up to %(high)d %%") % {"high": percent})
            before = percent
    title = _("How far households live on policies: policy transfers in their net income")
    return Chart("dependence", "bar", title, _("Share"), labels, [Series(_("Households"), [n for _edge, n in bands])])


def _left_out(run: Any) -> list[tuple[Any, dict[str, Any]]]:
    if run is None:
        return []
    return [(queries.name_of(each["programme"]), each) for each in run.counts.get("skipped", ())]


def _details(programme: Programme | None) -> list[tuple[str, str]]:
    if programme is None:
        return []
    until = f"{programme.until:%Y-%m-%d}" if programme.until else _("no end named")
    found = [
        (_("Paid by"), f"{said(PAYING_LEVELS[programme.pays.level])} · {programme.pays.fund}"),
        (_("In force"), f"{programme.since:%Y-%m-%d} – {until}"),
        (_("Class of the transition"), said(TRANSITIONS[programme.transition])),
        (_("Source"), programme.source),
    ]
    if programme.conflicts:
        found.append(
            (_("Cannot be had together with"), "、".join(said(queries.name_of(id_)) for id_ in programme.conflicts))
        )
    if programme.successor:
        found.append((_("What takes its place"), said(queries.name_of(programme.successor))))
    return found


def _explained(rows: QuerySet[Entitlement]) -> Iterable[Why]:
    book = rulebook.current()
    for each in rows.iterator(chunk_size=1000):
        yield queries.explained(each, book)
