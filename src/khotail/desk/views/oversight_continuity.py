"""The four not-removes: series by quarter, sudden falls and what was said about them, and how stable policies are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.acting import acted
from khotail.desk.charts import Chart
from khotail.desk.charts import Series as Line
from khotail.desk.export import Column, export, is_asked
from khotail.desk.oversight_forms import ExplainForm
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.templatetags.khotail import spoken
from khotail.jobs import actions as jobs
from khotail.oversight import continuity as actions
from khotail.oversight.models import Alarm, Point
from khotail.oversight.series import FOUR, SERIES, Series, previous, quarter_of
from khotail.oversight.stability import endings, years
from khotail.screening.rulebook import setting

_QUARTERS = 12
_PER_PAGE = 30
_BANNER = 6

_ALARMS = (
    Column(gettext_lazy("Place"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Series"), lambda row: series_name(row.series), 30),
    Column(gettext_lazy("Quarter"), lambda row: quarter_name(row.quarter)),
    Column(gettext_lazy("Before"), "before"),
    Column(gettext_lazy("After"), "after"),
    Column(gettext_lazy("Explanation"), "explanation", 50),
    Column(gettext_lazy("Explained by"), "explained_by.full_name"),
)


@dataclass(frozen=True)
class Shown:
    """One series of a place, as it is drawn; `now` is its last number, `fell` per cent below the one before."""

    series: Series
    chart: Chart | None
    now: Decimal | None
    fell: int | None


def quarter_name(quarter: date) -> str:
    return _("%(year)s Q%(number)s") % {"year": quarter.year, "number": (quarter.month + 2) // 3}


def series_name(id_: str) -> str:
    return spoken(SERIES[id_].name) if id_ in SERIES else id_


@login_required
@require_safe
def continuity(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_POLICIES)
    region = chosen_region(officer, request.GET.get("region", ""))
    today = timezone.localdate()
    alarms = Alarm.objects.visible_to(officer).in_region(region).select_related("explained_by")
    if is_asked(request):
        return export(request, alarms, _ALARMS, "alarms")
    shown = _shown(officer, region, today)
    page = KeysFirst(alarms.order_by("-quarter", "region_code", "id"), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "four": [(each, shown[each.id]) for each in FOUR],
        "counted": any(each.chart for of in shown.values() for each in of),
        "page": page,
        "alarms": [(alarm, series_name(alarm.series), quarter_name(alarm.quarter)) for alarm in page],
        "open": actions.open_alarms(officer, region).count(),
        "years": years(officer, region, today),
        "endings": endings(officer, region, today),
        "share": round(100 * setting("continuity_fall_share", today, region)),
        "least": round(setting("continuity_fall_from", today, region)),
        "asks": officer.may(May.KEEP_POLICIES),
    }
    return render(request, "desk/oversight/continuity.html", context)


@login_required
@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """Ask for the series to be counted now."""
    officer = request.user
    require(officer, May.KEEP_POLICIES)
    now = timezone.now()
    jobs.ask("oversight.count", by=officer, region_code=officer.region_code[:_BANNER], now=now)
    messages.success(request, _("The series are being counted; look again in a minute."))
    return redirect("continuity")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.SEE_POLICIES)
    found = get_object_or_404(Alarm.objects.visible_to(officer).select_related("explained_by"), pk=pk)
    explains = officer.may(May.KEEP_POLICIES) and found.explained_at is None
    form = ExplainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(officer, May.KEEP_POLICIES)
        status = acted(
            request, form,
            lambda values: actions.explain(found, values["explanation"], by=officer, now=timezone.now()),
            _("The explanation is recorded."),
        )  # fmt: skip
        if not status:
            return redirect("alarm", pk)
    series = SERIES.get(found.series)
    context = {
        "alarm": found,
        "series": series,
        "quarter": quarter_name(found.quarter),
        "name": series_name(found.series),
        "before_quarter": quarter_name(previous(found.quarter)),
        "fell": round(100 * (found.before - found.after) / found.before) if found.before else 0,
        "chart": _of_place(series, found.region_code, found.quarter).chart if series else None,
        "form": form if explains or form.is_bound else None,
    }
    return render(request, "desk/oversight/alarm.html", context, status=status)


def _shown(officer: Officer, region: str, today: date) -> dict[str, list[Shown]]:
    """Of the four, each with its series. A region above the banners has the sum of its banners."""
    found: dict[str, list[Shown]] = {each.id: [] for each in FOUR}
    this = quarter_of(today)
    for series in SERIES.values():
        found[series.of].append(_of_place(series, region, this))
    return found


def _of_place(series: Series, region: str, this: date) -> Shown:
    quarters = [previous(this, back) for back in range(_QUARTERS - 1, -1, -1)]
    rows = Point.objects.filter(series=series.id, quarter__gte=quarters[0])
    if len(region) >= _BANNER:
        rows = rows.filter(region_code=region)
    else:
        rows = rows.in_region(region).alias(digits=Length("region_code")).filter(digits=_BANNER)
    values = dict(rows.order_by().values_list("quarter").annotate(sum=Sum("value")))
    known = [quarter for quarter in quarters if quarter in values]
    if not known:
        return Shown(series, None, None, None)
    drawn = quarters[quarters.index(known[0]) :]
    chart = Chart(
        f"series-{series.id}", "bar" if series.is_flow else "line", spoken(series.name), _("Quarter"),
        [f"{each.year}Q{(each.month + 2) // 3}" for each in drawn], (Line(spoken(series.name), [_number(values.get(each)) for each in drawn]),),
        spoken(series.unit),
    )  # fmt: skip
    last, before = known[-1], values.get(previous(known[-1]))
    still_runs = series.is_flow and last == quarter_of(timezone.localdate())
    fell = round(100 * (before - values[last]) / before) if before and not still_runs else None
    return Shown(series, chart, values[last], fell if fell and fell > 0 else None)


def _number(value: Decimal | None) -> Any:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
