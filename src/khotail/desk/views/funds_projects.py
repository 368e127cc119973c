"""Projects: the list, one project with its money, milestones, households, health and papers, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.acting import acted
from khotail.desk.charts import Chart, Series
from khotail.desk.deeds import Bound, do, shown
from khotail.desk.export import export, is_asked
from khotail.desk.fund_lists import TIE_COLUMNS, ProjectFilter, project_columns
from khotail.desk.kept_files import as_answer
from khotail.desk.paging import KeysFirst
from khotail.desk.project_deeds import PROJECT, TIE
from khotail.desk.project_forms import ProjectForm, TieForm
from khotail.desk.regions import chosen_region
from khotail.desk.templatetags.khotail import spoken
from khotail.funds import industry, projects, ties
from khotail.funds.allowed import check_keeps
from khotail.funds.models import Account, Paper, Participation, Project
from khotail.funds.queries import accounts_of
from khotail.funds.queries import projects as projects_of
from khotail.funds.totals import of_projects
from khotail.problems import Problem

_PER_PAGE = 30
_SHOWN = 20
_REFUSED_SHOWN = 10


@login_required
@require_safe
def project_list(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    narrowed = ProjectFilter(request.GET, projects_of(officer, region), request=request)
    if is_asked(request):
        rows = list(narrowed.qs.prefetch_related("places"))
        return export(request, rows, project_columns(_money(rows)), "projects")
    page = KeysFirst(narrowed.qs, _PER_PAGE).get_page(request.GET.get("page"))
    money = _money(page)
    context = {
        "region": region, "page": page, "filter": narrowed, "rows": [(each, *money.get(each.pk, (0, 0))) for each in page],
        "filtered": any(request.GET.get(name) for name in narrowed.filters),
    }  # fmt: skip
    return render(request, "desk/funds/projects.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_PROJECTS)
    start = {"year": timezone.localdate().year, "region_code": officer.region_code}
    form, made = ProjectForm(officer, request.POST or None, initial=start), []

    def act(values: dict[str, Any]) -> None:
        made.append(
            projects.add_project(values, values["villages"], by=officer, now=timezone.now(), number=values["number"])
        )

    status = (
        acted(request, form, act, _("The project is entered. Set its milestones.")) if request.method == "POST" else 200
    )
    if not status:
        return redirect("project", made[0].pk)
    return render(request, "desk/funds/project_form.html", {"form": form}, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    officer, found = request.user, _project(request, pk)
    check_keeps(officer, found)
    start = {name: getattr(found, name) for name in ProjectForm.base_fields if hasattr(found, name)}
    start["villages"] = list(found.places.values_list("region_code", flat=True))
    form = ProjectForm(officer, request.POST or None, initial=start, project=found)

    def act(values: dict[str, Any]) -> None:
        projects.change_project(found, values, values["villages"], by=officer, now=timezone.now())

    status = acted(request, form, act, _("The project is changed.")) if request.method == "POST" else 200
    if not status:
        return redirect("project", pk)
    return render(request, "desk/funds/project_form.html", {"form": form, "project": found}, status=status)


@login_required
@never_cache
@require_safe
def project(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _project(request, pk))


@login_required
@never_cache
@require_POST
def project_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return do(request, PROJECT, deed, _project(request, pk), _show, "project", pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def households(request: HttpRequest, pk: int) -> HttpResponse:
    """Who takes part, of those that the reader may see, and a form that adds several at once."""
    officer, found, status = request.user, _project(request, pk), 200
    rows = (
        Participation.objects.visible_to(officer)
        .filter(project=found)
        .select_related("household")
        .order_by("region_code", "id")
    )
    if is_asked(request):
        return export(request, rows, TIE_COLUMNS, "project-households")
    form = TieForm(found, officer, request.POST or None, initial={"since": timezone.localdate()})
    if request.method == "POST":
        require(officer, May.KEEP_PROJECTS)
        told: list[ties.Tied] = []

        def act(values: dict[str, Any]) -> None:
            told.append(ties.tie_all(
                found, values["numbers"].splitlines(), values["tie"], values["since"], by=officer, now=timezone.now(),
                promised=values["promised"],
            ))  # fmt: skip

        status = acted(request, form, act, _("The list of households is taken."))
        if not status:
            _tell(request, told[0])
            return redirect("project_households", pk)
    context = {
        "project": found, "page": KeysFirst(rows, _PER_PAGE).get_page(request.GET.get("page")),
        "form": form if officer.may(May.KEEP_PROJECTS) and found.state in Project.OPEN else None,
        "sees_households": officer.may(May.SEE_REGISTER),
    }  # fmt: skip
    return render(request, "desk/funds/households.html", context, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_tie(request, _tie(request, pk))


@login_required
@never_cache
@require_POST
def tie_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return do(request, TIE, deed, _tie(request, pk), _show_tie, "project_tie", pk)


@login_required
@never_cache
@require_safe
def paper(request: HttpRequest, pk: int, paper: int) -> HttpResponse:
    found = _project(request, pk)
    return as_answer(get_object_or_404(Paper.objects.select_related("document"), pk=paper, project=found).document)


def _project(request: HttpRequest, pk: int) -> Project:
    require(request.user, May.SEE_FUNDS)
    related = Project.objects.visible_to(request.user).select_related("entered_by", "closed_by")
    return get_object_or_404(related, pk=pk)


def _tie(request: HttpRequest, pk: int) -> Participation:
    require(request.user, May.SEE_FUNDS)
    rows = Participation.objects.visible_to(request.user).select_related("household", "project", "recorded_by")
    return get_object_or_404(rows, pk=pk)


def _show_tie(
    request: HttpRequest, found: Participation, bound: Bound | None = None, status: int = 200
) -> HttpResponse:
    context = {"tie": found, "sees_households": request.user.may(May.SEE_REGISTER)}
    return render(
        request, "desk/funds/tie.html", context | _deeds(request, TIE, found, found.project, bound), status=status
    )  # fmt: skip


def _show(request: HttpRequest, found: Project, bound: Bound | None = None, status: int = 200) -> HttpResponse:
    officer = request.user
    money = of_projects(accounts_of(found))
    allocated, paid = (
        sum((each.allocated for each in money), Decimal(0)),
        sum((each.paid for each in money), Decimal(0)),
    )
    taking_part = Participation.objects.visible_to(officer).filter(project=found, until=None)
    is_industry = found.kind == Project.Kind.INDUSTRY
    context = {
        "project": found, "places": found.places.all(), "money": money, "allocated": allocated, "paid": paid,
        "milestones": found.milestones.select_related("done_by").order_by("due_on", "id"),
        "payments": found.payments.select_related("fund", "asked_by").order_by("-id")[:_SHOWN],
        "households": taking_part.select_related("household").order_by("region_code", "id")[:_SHOWN],
        "household_count": taking_part.count(), "papers": found.papers.select_related("document"),
        "assets": found.assets.order_by("name", "id")[:100], "sees_households": officer.may(May.SEE_REGISTER),
        "changes": found.state in Project.OPEN and _keeps(request, found),
        "card": _card(found) if is_industry else None, "is_industry": is_industry,
        "effects": industry.effects(found) if is_industry else [], "charts": _charts(found) if is_industry else [],
    }  # fmt: skip
    return render(
        request, "desk/funds/project.html", context | _deeds(request, PROJECT, found, found, bound), status=status
    )


def _deeds(
    request: HttpRequest, deeds: Iterable[Any], thing: Any, about: Project, bound: Bound | None
) -> dict[str, Any]:
    """What the reader may do; nothing for a department that does not answer for the project, or for one of a level above."""
    offered = shown(deeds, thing, request.user, bound)
    if not about.region_code.startswith(request.user.region_code) or (
        request.user.may(May.KEEP_PROJECTS) and not _keeps(request, about)
    ):
        offered["deeds"] = []
        offered["refusal"] = offered["refusal"] or (" ".join(map(str, bound.form.non_field_errors())) if bound else "")
    return offered


def _keeps(request: HttpRequest, found: Project) -> bool:
    try:
        check_keeps(request.user, found)
    except Problem:
        return False
    return True


def _card(found: Project) -> dict[str, Any] | None:
    cards = list(found.health_cards.select_related("by")[:2])
    if not cards:
        return None
    newest, before = cards[0], cards[1] if len(cards) > 1 else None
    lines = [
        (
            spoken(label).capitalize(),
            getattr(newest, name),
            getattr(before, name, None),
            getattr(newest, f"{name}_note"),
        )
        for name, label in industry.FIELDS.items()
    ]
    return {"on": newest.on, "by": newest.by, "lines": lines, "before": before}


def _charts(found: Project) -> list[Chart]:
    years = list(found.figures.order_by("year"))
    if not years:
        return []
    labels = [str(each.year) for each in years]
    output = Series(_("Output"), [float(each.output_cny) for each in years])
    gain = Series(_("Mean gain of a household"), [float(each.household_income_cny) for each in years])
    people = [
        Series(_("Jobs"), [each.jobs for each in years]),
        Series(_("Households"), [each.households for each in years]),
    ]
    return [
        Chart("output", "bar", _("Output"), _("Year"), labels, [output], _("yuan")),
        Chart("gain", "bar", _("Mean gain of a household"), _("Year"), labels, [gain], _("yuan")),
        Chart("people", "line", _("Jobs and households"), _("Year"), labels, people),
    ]


def _money(rows: Iterable[Project]) -> dict[int, tuple[Decimal, Decimal]]:
    """Project → what was allocated and what was paid, over all funds."""
    accounts = Account.objects.filter(project__in=[each.pk for each in rows], kind=Account.Kind.PROJECT)
    found: dict[int, tuple[Decimal, Decimal]] = {}
    for each in of_projects(accounts):
        before = found.get(each.account.project_id, (Decimal(0), Decimal(0)))
        found[each.account.project_id] = before[0] + each.allocated, before[1] + each.paid
    return found


def _tell(request: HttpRequest, told: ties.Tied) -> None:
    added = ngettext("%(n)d household added", "%(n)d households added", told.added) % {"n": told.added}
    messages.info(request, added + (_("; %(n)d took part already.") % {"n": told.there} if told.there else "."))
    for why in told.refused[:_REFUSED_SHOWN]:
        messages.warning(request, spoken(why))
    if len(told.refused) > _REFUSED_SHOWN:
        messages.warning(
            request, _("And %(n)d more that cannot take part.") % {"n": len(told.refused) - _REFUSED_SHOWN}
        )
