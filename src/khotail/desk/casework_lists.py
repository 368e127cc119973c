"""Lists of casework: how leads and cases are filtered and exported, and the board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters
from django.db.models import F, FilteredRelation, Q, QuerySet, TextField, Window
from django.db.models.functions import Cast, RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy

from khotail.accounts.models import Officer
from khotail.casework.models import Case, Lead, Step
from khotail.casework.procedures import rulebook
from khotail.casework.queries import Waiting, waiting_by_step
from khotail.desk.casework_forms import said
from khotail.desk.export import Column
from khotail.desk.queries import step_name
from khotail.desk.regions import name_of
from khotail.desk.templatetags.casework import category_name, cause_names, step_title
from khotail.desk.templatetags.khotail import spoken
from khotail.rulebook.model import CAUSES
from khotail.rulebook.procedures import CATEGORIES
from khotail.trail.scope import in_region

PER_PAGE = 30
#: Cards in one column of the board; the queue has them all.
CARDS = 12


def with_cause(rows: QuerySet, cause: str) -> QuerySet:
    """Rows whose list of causes has this one, on either database."""
    return rows.alias(causes_text=Cast("causes", TextField())).filter(causes_text__contains=f'"{cause}"')


def _late_field() -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=gettext_lazy("Deadline"), choices=[("1", gettext_lazy("Late"))], method="that_are_late"
    )


def _cause_field() -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=gettext_lazy("Cause"), choices=lambda: said(CAUSES), method="with_this_cause"
    )


class LeadFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=[*Lead.State.choices, ("all", gettext_lazy("All"))], method="in_state",
        empty_label=gettext_lazy("To verify"),
    )  # fmt: skip
    channel = django_filters.ChoiceFilter(label=gettext_lazy("Channel"), choices=Lead.Channel.choices)
    cause = _cause_field()
    late = _late_field()
    mine = django_filters.ChoiceFilter(
        label=gettext_lazy("Household"), choices=[("unknown", gettext_lazy("Not known yet"))], method="about_nobody_yet"
    )

    class Meta:
        model = Lead
        fields = ()

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        return rows if value == "all" else rows.filter(state=value)

    def with_this_cause(self, rows: Any, name: str, value: str) -> Any:
        return with_cause(rows, value)

    def that_are_late(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(state=Lead.State.OPEN, due_on__lt=timezone.localdate())

    def about_nobody_yet(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(household=None)

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(state=Lead.State.OPEN)


def leads(officer: Officer, region: str) -> QuerySet[Lead]:
    rows = Lead.objects.visible_to(officer).filter(in_region(region))
    return rows.select_related("household").defer("household__phone").order_by("due_on", "id")


class CaseFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=[*Case.State.choices, ("all", gettext_lazy("All"))], method="in_state",
        empty_label=gettext_lazy("Open"),
    )  # fmt: skip
    step = django_filters.ChoiceFilter(
        label=gettext_lazy("Waits for"), choices=lambda: step_choices(), method="at_step"
    )
    category = django_filters.ChoiceFilter(label=gettext_lazy("Category"), choices=lambda: said(CATEGORIES))
    cause = _cause_field()
    late = _late_field()
    helper = django_filters.ChoiceFilter(
        label=gettext_lazy("Helper"), method="with_helper",
        choices=[("me", gettext_lazy("Mine")), ("none", gettext_lazy("None yet"))],
    )  # fmt: skip

    class Meta:
        model = Case
        fields = ()

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        return rows if value == "all" else rows.filter(state=value)

    def at_step(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(waits_for=value)

    def with_this_cause(self, rows: Any, name: str, value: str) -> Any:
        return with_cause(rows, value)

    def that_are_late(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(due_on__lt=timezone.localdate())

    def with_helper(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(helper=self.request.user if value == "me" else None)

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.exclude(state__in=Case.CLOSED)


def cases(officer: Officer, region: str) -> QuerySet[Case]:
    """Cases with the step that each waits for and its day, the most urgent first."""
    rows = Case.objects.visible_to(officer).filter(in_region(region))
    waiting = FilteredRelation("steps", condition=Q(steps__closed_at=None))
    rows = rows.alias(open_step=waiting).annotate(
        waits_for=F("open_step__step_id"), due_on=F("open_step__due_on"), escalated_to=F("open_step__escalated_to")
    )
    rows = rows.select_related("household", "helper").defer("household__phone")
    return rows.order_by(F("due_on").asc(nulls_last=True), "id")


def step_choices() -> list[tuple[str, str]]:
    return [(step_id, spoken(step_name(step_id))) for step_id in steps_in_order()]


def steps_in_order() -> list[str]:
    """Every step of every procedure, in the order in which a household meets them."""
    order = ("identification", "follow_up", "exit", "decrease", "recheck")
    procedures = sorted(rulebook().procedures.values(), key=lambda each: (order.index(each.kind), each.since))
    return list(dict.fromkeys(step.id for procedure in procedures for step in procedure.steps))


@dataclass(frozen=True)
class BoardColumn:
    waiting: Waiting
    steps: tuple[Step, ...]

    @property
    def more(self) -> int:
        return self.waiting.count - len(self.steps)


def board_columns(officer: Officer, today: date) -> list[BoardColumn]:
    """One column per step that something waits for, with its most urgent cases. Two queries."""
    counted = {each.step_id: each for each in waiting_by_step(officer, today)}
    place = Window(RowNumber(), partition_by=F("step_id"), order_by=("due_on", "id"))
    rows = Step.objects.visible_to(officer).filter(closed_at=None).annotate(place=place).filter(place__lte=CARDS)
    found: dict[str, list[Step]] = {}
    for step in rows.select_related("household", "case"):
        found.setdefault(step.step_id, []).append(step)
    known = [step_id for step_id in steps_in_order() if step_id in counted]
    lost = [step_id for step_id in counted if step_id not in known]
    return [
        BoardColumn(counted[step_id], tuple(sorted(found.get(step_id, ()), key=lambda step: (step.due_on, step.pk))))
        for step_id in [*known, *lost]
    ]


LEADS_EXPORTED = (
    Column(gettext_lazy("Lead"), "pk", 8),
    Column(gettext_lazy("Household number"), "household.number", 22),
    Column(gettext_lazy("Head"), "household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Channel"), "get_channel_display"),
    Column(gettext_lazy("Causes"), lambda row: cause_names(row.causes), 24),
    Column(gettext_lazy("What was said"), "words", 40),
    Column(gettext_lazy("Raised at"), "raised_at", 18),
    Column(gettext_lazy("Due on"), "due_on"),
    Column(gettext_lazy("State"), "get_state_display"),
    Column(gettext_lazy("Reason"), "reason", 30),
)
CASES_EXPORTED = (
    Column(gettext_lazy("Case"), "pk", 8),
    Column(gettext_lazy("Household number"), "household.number", 22),
    Column(gettext_lazy("Head"), "household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("State"), "get_state_display"),
    Column(gettext_lazy("Category"), lambda row: category_name(row.category), 22),
    Column(gettext_lazy("Causes"), lambda row: cause_names(row.causes), 24),
    Column(gettext_lazy("Waits for"), lambda row: step_title(row.waits_for) if row.waits_for else "", 22),
    Column(gettext_lazy("Due on"), "due_on"),
    Column(gettext_lazy("Opened on"), "opened_on"),
    Column(gettext_lazy("Identified on"), "identified_on"),
    Column(gettext_lazy("Closed on"), "closed_on"),
    Column(gettext_lazy("Helper"), "helper.full_name"),
)
