"""Lists of issues: the queues of those who sort, work and watch, how they are filtered and exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.desk.addresses import address
from khotail.desk.export import Column
from khotail.desk.issue_words import route_choices, route_name
from khotail.desk.regions import name_of
from khotail.issues import queries
from khotail.issues.models import Body, Issue
from khotail.issues.queries import of_place
from khotail.trail.scope import in_region

_WAITING = (Issue.State.SORTING, *queries.OPEN_STATES)


def watched(officer: Officer) -> QuerySet[Issue]:
    """Overdue ones that came up to the officer's level."""
    rows = Issue.objects.visible_to(officer).filter(escalated_to=officer.level, state__in=_WAITING)
    return rows.order_by("due_on", "id")


def everything(officer: Officer) -> QuerySet[Issue]:
    return Issue.objects.visible_to(officer).order_by("-id")


@dataclass(frozen=True)
class Queue:
    """A list with its own tab. `needs` any of these rights; `hint` where it is empty; `open_only` unless a state is asked."""

    name: str
    title: Promise
    rows: Callable[[Officer], QuerySet[Issue]]
    needs: tuple[May, ...]
    hint: Promise
    open_only: bool = False

    @property
    def address(self) -> str:
        return address("issues" if self.name == "all" else f"issues_{self.name.replace('-', '_')}")


QUEUES: dict[str, Queue] = {
    each.name: each
    for each in (
        Queue("all", gettext_lazy("All"), everything, (May.SEE_ISSUES, May.RAISE_ISSUES),
              gettext_lazy("What anybody raises, by whatever channel, appears here."), open_only=True),
        Queue("to-sort", gettext_lazy("To sort"), queries.to_sort, (May.SORT_ISSUES,),
              gettext_lazy("Issues that no class fits clearly wait here for a person.")),
        Queue("mine", gettext_lazy("Mine"), queries.waiting_for, (May.WORK_ISSUES,),
              gettext_lazy("Issues that lie with your bodies appear here with their deadline.")),
        Queue("watched", gettext_lazy("Watched, late"), watched, (May.SORT_ISSUES,),
              gettext_lazy("What is overdue a level below comes up to yours.")),
    )
}  # fmt: skip


def queues_of(officer: Officer) -> list[Queue]:
    return [queue for queue in QUEUES.values() if any(officer.may(thing) for thing in queue.needs)]


class IssueFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), method="in_state",
        choices=[*Issue.State.choices, ("open", gettext_lazy("Open")), ("all", gettext_lazy("All"))],
    )  # fmt: skip
    route = django_filters.ChoiceFilter(
        label=gettext_lazy("Class"), choices=lambda: route_choices(timezone.localdate(), "")
    )
    body = django_filters.ChoiceFilter(label=gettext_lazy("Body"), choices=[])
    channel = django_filters.ChoiceFilter(label=gettext_lazy("Channel"), choices=Issue.Channel.choices)
    late = django_filters.ChoiceFilter(
        label=gettext_lazy("Deadline"), choices=[("1", gettext_lazy("Late"))], method="that_are_late"
    )
    number = django_filters.CharFilter(label=gettext_lazy("Number"), method="of_number")

    class Meta:
        model = Issue
        fields = ()

    def __init__(self, *args: Any, open_only: bool = False, region: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_only = open_only
        above = [region[:digits] for digits in (2, 4, 6, 9) if digits < len(region)]
        bodies = Body.objects.filter(Q(region_code__in=above) | in_region(region)).order_by("-region_code", "name")
        self.filters["body"].extra["choices"] = [
            (str(body.pk), f"{body.name} · {name_of(body.region_code)}") for body in bodies[:400]
        ]

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "all":
            return rows
        return rows.filter(state__in=_WAITING) if value == "open" else rows.filter(state=value)

    def that_are_late(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(state__in=_WAITING, due_on__lt=timezone.localdate())

    def of_number(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(number__startswith=value.strip().upper().partition("-")[0][:24])

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("state") or self.form.cleaned_data.get("number")
        return rows if asked or not self.open_only else rows.filter(state__in=_WAITING)


def issues(queue: Queue, officer: Officer, region: str) -> QuerySet[Issue]:
    rows = of_place(queue.rows(officer), region) if region != officer.region_code else queue.rows(officer)
    return rows.select_related("body")


EXPORTED = (
    Column(gettext_lazy("Number"), "number", 12),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Place in words"), "place_words", 24),
    Column(gettext_lazy("Class"), lambda row: route_name(row.route) if row.route else "", 24),
    Column(gettext_lazy("What was said"), "words", 50),
    Column(gettext_lazy("State"), "get_state_display"),
    Column(gettext_lazy("Body"), "body.name", 24),
    Column(gettext_lazy("Channel"), "get_channel_display"),
    Column(gettext_lazy("Raised at"), "raised_at", 18),
    Column(gettext_lazy("Due on"), "due_on"),
    Column(gettext_lazy("Resolved at"), "resolved_at", 18),
    Column(gettext_lazy("Reopened"), "reopened"),
    Column(gettext_lazy("Satisfaction"), "satisfied"),
)
