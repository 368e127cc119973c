"""What projects leave behind, what is still to be done, and where industries are weak."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.deeds import Bound, do, shown
from khotail.desk.export import export, is_asked
from khotail.desk.fund_lists import ASSET_COLUMNS, MILESTONE_COLUMNS, WEAK_COLUMNS, AssetFilter, MilestoneFilter
from khotail.desk.paging import KeysFirst
from khotail.desk.project_deeds import ASSET, MILESTONE
from khotail.desk.regions import chosen_region
from khotail.desk.templatetags.khotail import spoken
from khotail.funds import industry
from khotail.funds.allowed import does
from khotail.funds.assets import idle_too_long, not_looked_at
from khotail.funds.models import Asset, Milestone, Project
from khotail.funds.queries import milestones, projects
from khotail.trail.scope import in_region

_PER_PAGE = 30


@login_required
@require_safe
def asset_list(request: HttpRequest) -> HttpResponse:
    officer, now = request.user, timezone.now()
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    place = in_region(region)
    rows = (
        Asset.objects.visible_to(officer).filter(place).select_related("project").order_by("region_code", "name", "id")
    )
    alarms = {"idle": idle_too_long(officer, now).filter(place), "unseen": not_looked_at(officer, now).filter(place)}
    alarm = request.GET.get("alarm", "")
    if alarm in alarms:
        rows = rows.filter(pk__in=alarms[alarm].values("pk"))
    narrowed = AssetFilter(request.GET, rows, request=request)
    if is_asked(request):
        return export(request, narrowed.qs, ASSET_COLUMNS, "project-assets")
    kinds = (
        narrowed.qs.order_by()
        .values("kind")
        .annotate(count=Count("id"), value=Sum("value_cny"), idle=Count("idle_since"))
    )
    labels = dict(Asset.Kind.choices)
    context = {
        "region": region, "page": KeysFirst(narrowed.qs, _PER_PAGE).get_page(request.GET.get("page")), "filter": narrowed,
        "filtered": alarm in alarms or any(request.GET.get(name) for name in narrowed.filters), "alarm": alarm,
        "kinds": [(labels[row["kind"]], row) for row in kinds.order_by("kind")],
        "idle": alarms["idle"].count(), "unseen": alarms["unseen"].count(),
    }  # fmt: skip
    return render(request, "desk/funds/assets.html", context)


@login_required
@never_cache
@require_safe
def asset(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_asset(request, _asset(request, pk))


@login_required
@never_cache
@require_POST
def asset_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return do(request, ASSET, deed, _asset(request, pk), _show_asset, "project_asset", pk)


@login_required
@require_safe
def milestone_list(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    chosen = any(request.GET.get(name) for name in ("done", "late", "department"))
    rows = milestones(officer, region)
    narrowed = MilestoneFilter(request.GET, rows if chosen else rows.filter(done_on=None), request=request)
    if is_asked(request):
        return export(request, narrowed.qs, MILESTONE_COLUMNS, "milestones")
    page = KeysFirst(narrowed.qs, _PER_PAGE).get_page(request.GET.get("page"))
    context = {"region": region, "page": page, "filter": narrowed, "filtered": chosen}
    return render(request, "desk/funds/milestones.html", context)


@login_required
@never_cache
@require_safe
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_milestone(request, _milestone(request, pk))


@login_required
@never_cache
@require_POST
def milestone_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return do(request, MILESTONE, deed, _milestone(request, pk), _show_milestone, "milestone", pk)


@login_required
@require_safe
def industries(request: HttpRequest) -> HttpResponse:
    """Weak points of a region's industries, the weakest first, and those that were never examined."""
    officer = request.user
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    rows = industry.with_newest_card(projects(officer, region).filter(~Q(state=Project.State.GIVEN_UP)))
    field = request.GET.get("field", "")
    weak = [each for each in industry.weak_points(rows) if field not in industry.FIELDS or each.field == field]
    if is_asked(request):
        return export(request, weak, WEAK_COLUMNS, "weak-industries")
    fields = [
        (
            name,
            spoken(label).capitalize(),
            sum(getattr(each.newest, name) <= industry.WEAK for each in rows if each.newest),
        )
        for name, label in industry.FIELDS.items()
    ]
    context = {
        "region": region, "weak": weak, "fields": fields, "field": field, "examined": sum(bool(each.newest) for each in rows),
        "never": [each for each in rows if not each.newest], "count": len(rows),
    }  # fmt: skip
    return render(request, "desk/funds/industry.html", context)


def _asset(request: HttpRequest, pk: int) -> Asset:
    require(request.user, May.SEE_FUNDS)
    return get_object_or_404(Asset.objects.visible_to(request.user).select_related("project", "entered_by"), pk=pk)


def _show_asset(request: HttpRequest, found: Asset, bound: Bound | None = None, status: int = 200) -> HttpResponse:
    context = {"asset": found, "checks": found.checks.select_related("by")[:100]}
    offered = shown(ASSET, found, request.user, bound)
    if not found.project.region_code.startswith(request.user.region_code):
        offered["deeds"] = []
    return render(request, "desk/funds/asset.html", context | offered, status=status)


def _milestone(request: HttpRequest, pk: int) -> Milestone:
    require(request.user, May.SEE_FUNDS)
    seen = Project.objects.visible_to(request.user)
    rows = Milestone.objects.filter(project__in=seen).select_related("project", "done_by")
    return get_object_or_404(rows, pk=pk)


def _show_milestone(
    request: HttpRequest, found: Milestone, bound: Bound | None = None, status: int = 200
) -> HttpResponse:
    offered = shown(MILESTONE, found, request.user, bound)
    if not does(request.user, found):
        offered["deeds"] = []
        offered["refusal"] = offered["refusal"] or (" ".join(map(str, bound.form.non_field_errors())) if bound else "")
    return render(request, "desk/funds/milestone.html", {"milestone": found} | offered, status=status)
