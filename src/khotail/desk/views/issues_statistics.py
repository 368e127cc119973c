"""How issues went in a time: how many, how long, how content, by body, class and village."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.charts import Chart, Series
from khotail.desk.export import Column, export, is_asked
from khotail.desk.issue_lists import queues_of
from khotail.desk.issue_words import route_name
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.remembered import remembered
from khotail.issues.models import Body, Issue
from khotail.issues.queries import Figures, figures_by, of_place

#: Fewer than so many resolved ones, and a mean says little: one late issue moves it.
FEW = 10
_DAYS = 90
#: Nothing was raised before; and a date typed wrongly has no day before it.
_FIRST = date(2000, 1, 1)
_DRAWN = 15
_MOST_ROWS = 300


class PeriodForm(forms.Form):
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=gettext_lazy("to"), required=False, widget=forms.DateInput({"type": "date"}))


@dataclass(frozen=True)
class Line:
    name: str
    figures: Figures

    @property
    def is_few(self) -> bool:
        return self.figures.resolved < FEW


@dataclass(frozen=True)
class Grouping:
    name: str
    title: Promise
    field: str
    named: Callable[[list[Any]], dict[Any, str]]


def _body_names(keys: list[Any]) -> dict[Any, str]:
    names = dict(Body.objects.filter(pk__in=[key for key in keys if key]).values_list("pk", "name"))
    return {key: names.get(key, _("with no body")) for key in keys}


GROUPINGS = {
    each.name: each
    for each in (
        Grouping("body", gettext_lazy("By body"), "body_id", _body_names),
        Grouping("class", gettext_lazy("By class"), "route",
                 lambda keys: {key: route_name(key) if key else _("no class yet") for key in keys}),
        Grouping("village", gettext_lazy("By village"), "region_code",
                 lambda keys: {key: name_of(key) for key in keys}),
    )
}  # fmt: skip

_EXPORTED = (
    Column(gettext_lazy("Name"), "name", 30),
    Column(gettext_lazy("Issues raised"), "figures.raised"),
    Column(gettext_lazy("Open"), "figures.open"),
    Column(gettext_lazy("Overdue"), "figures.overdue"),
    Column(gettext_lazy("Resolved"), "figures.resolved"),
    Column(gettext_lazy("Reopened"), "figures.reopened"),
    Column(gettext_lazy("Days until taken up"), "figures.days_to_accept"),
    Column(gettext_lazy("Days until resolved"), "figures.days_to_resolve"),
    Column(gettext_lazy("Satisfaction"), "figures.satisfied"),
)


@login_required
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_ISSUES)
    region = chosen_region(officer, request.GET.get("region", ""))
    today = timezone.localdate()
    form = PeriodForm(request.GET)
    values = form.cleaned_data if form.is_valid() else {}
    until = min(values.get("until") or today, today)
    since = max(values.get("since") or until - timedelta(days=_DAYS), _FIRST)
    grouping = GROUPINGS.get(request.GET.get("by", ""), GROUPINGS["body"])
    lines = _lines(officer, region, grouping, since, until, today)
    if is_asked(request):
        return export(request, lines, _EXPORTED, f"issue-statistics-{grouping.name}")
    context = {
        "region": region,
        "queues": queues_of(officer),
        "form": PeriodForm(initial={"since": since, "until": until}) if form.is_valid() else form,
        "groupings": GROUPINGS.values(),
        "grouping": grouping,
        "lines": lines[:_MOST_ROWS],
        "left_out": max(len(lines) - _MOST_ROWS, 0),
        "charts": _charts(lines[:_DRAWN]) if lines else [],
        "few": FEW,
    }
    return render(request, "desk/issues/statistics.html", context)


def _lines(
    officer: Officer, region: str, grouping: Grouping, since: date, until: date, today: date
) -> list[Line]:  # fmt: skip
    """One line for each body, class or village of which anything was raised in the time; the most first."""
    rows = of_place(Issue.objects.visible_to(officer), region)
    key = ("issues", officer.pk, region, grouping.name, since, until, today)
    found = remembered(
        key, lambda: figures_by(grouping.field, rows, _start(since), _start(until + timedelta(days=1)), today)
    )
    names = grouping.named(list(found))
    return sorted((Line(names[key], found[key]) for key in found), key=lambda line: (-line.figures.raised, line.name))


def _charts(lines: list[Line]) -> list[Chart]:
    names = [line.name for line in lines]
    return [
        Chart(
            "issue-days", "bar", _("Mean days until taken up and until resolved"), _("Name"), names,
            (
                Series(_("Days until taken up"), [line.figures.days_to_accept for line in lines]),
                Series(_("Days until resolved"), [line.figures.days_to_resolve for line in lines]),
            ),
            _("days"),
        ),
        Chart(
            "issue-counts", "stacked", _("Open and resolved"), _("Name"), names,
            (
                Series(_("Resolved"), [line.figures.resolved for line in lines]),
                Series(_("Open, in time"), [line.figures.open - line.figures.overdue for line in lines]),
                Series(_("Overdue"), [line.figures.overdue for line in lines]),
            ),
        ),
    ]  # fmt: skip


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
