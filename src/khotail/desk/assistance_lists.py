"""Lists of plans, help at once, checks, jobs and classes: how they are filtered and exported."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy

from khotail.accounts.models import Officer
from khotail.assistance.gaps import needs_named
from khotail.assistance.models import Emergency, Employment, Plan, Training
from khotail.assistance.queries import cases_to_plan, emergencies_to_complete, jobs_lost
from khotail.casework.models import Case
from khotail.desk.export import Column
from khotail.desk.regions import name_of
from khotail.desk.templatetags.casework import cause_names
from khotail.desk.templatetags.khotail import spoken
from khotail.trail.scope import in_region

PER_PAGE = 30
_NO_GAPS = "[]"


def need_names(ids: list[str]) -> str:
    return "; ".join(spoken(need.name) for need in needs_named(ids))


class PlanFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("Plan"), method="in_state",
        choices=[
            ("none", gettext_lazy("No plan yet")), ("draft", gettext_lazy("Being written")),
            ("agreed", gettext_lazy("Agreed with the household")), ("gaps", gettext_lazy("Something is lacking")),
            ("review", gettext_lazy("To be looked at again")),
        ],
    )  # fmt: skip
    helper = django_filters.ChoiceFilter(
        label=gettext_lazy("Helper"), method="with_helper",
        choices=[("me", gettext_lazy("Mine")), ("none", gettext_lazy("None yet"))],
    )  # fmt: skip

    class Meta:
        model = Case
        fields = ()

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "none":
            return rows.filter(plan=None)
        if value == "gaps":
            return (
                rows.alias(gaps_text=Cast("plan__gaps", TextField()))
                .filter(plan__isnull=False)
                .exclude(gaps_text=_NO_GAPS)
            )
        if value == "review":
            return rows.filter(plan__state=Plan.State.AGREED, plan__review_on__lte=timezone.localdate())
        return rows.filter(plan__state=value)

    def with_helper(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(helper=self.request.user if value == "me" else None)


def plans(officer: Officer, region: str) -> QuerySet[Case]:
    return cases_to_plan(officer).filter(in_region(region))


PLANS_EXPORTED = (
    Column(gettext_lazy("Case"), "pk", 8),
    Column(gettext_lazy("Household number"), "household.number", 22),
    Column(gettext_lazy("Head"), "household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Causes"), lambda row: cause_names(row.causes), 24),
    Column(gettext_lazy("Plan"), lambda row: _plan(row).get_state_display() if _plan(row) else "", 22),
    Column(gettext_lazy("Still lacking"), lambda row: need_names(_plan(row).gaps) if _plan(row) else "", 40),
    Column(gettext_lazy("To be looked at again"), lambda row: _plan(row).review_on if _plan(row) else None),
    Column(gettext_lazy("Helper"), "helper.full_name"),
)


def _plan(case: Case) -> Plan | None:
    return getattr(case, "plan", None)


class EmergencyFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), method="in_state", empty_label=gettext_lazy("Papers to follow"),
        choices=[*Emergency.State.choices, ("all", gettext_lazy("All"))],
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(label=gettext_lazy("What was given"), choices=Emergency.Kind.choices)
    late = django_filters.ChoiceFilter(
        label=gettext_lazy("Deadline"), choices=[("1", gettext_lazy("Late"))], method="that_are_late"
    )
    mine = django_filters.ChoiceFilter(
        label=gettext_lazy("Whose"), choices=[("1", gettext_lazy("Mine to complete"))], method="that_are_mine"
    )

    class Meta:
        model = Emergency
        fields = ()

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        return rows if value == "all" else rows.filter(state=value)

    def that_are_late(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(state=Emergency.State.OPEN, due_on__lt=timezone.localdate())

    def that_are_mine(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(pk__in=emergencies_to_complete(self.request.user).order_by().values("pk"))

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(state=Emergency.State.OPEN)


def emergencies(officer: Officer, region: str) -> QuerySet[Emergency]:
    rows = Emergency.objects.visible_to(officer).filter(in_region(region))
    return rows.select_related("household", "given_by").defer("household__phone").order_by("due_on", "id")


EMERGENCIES_EXPORTED = (
    Column(gettext_lazy("Household number"), "household.number", 22),
    Column(gettext_lazy("Head"), "household.head_name"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("What was given"), "get_kind_display"),
    Column(gettext_lazy("Amount (CNY)"), "amount_cny"),
    Column(gettext_lazy("In words"), "words", 40),
    Column(gettext_lazy("Cause"), lambda row: cause_names([row.cause])),
    Column(gettext_lazy("Given on"), "given_on"),
    Column(gettext_lazy("Given by"), "given_by.full_name"),
    Column(gettext_lazy("State"), "get_state_display"),
    Column(gettext_lazy("Papers due on"), "due_on"),
    Column(gettext_lazy("Reason"), "reason", 30),
)


class JobFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), method="in_state", empty_label=gettext_lazy("Running"),
        choices=[("ended", gettext_lazy("Ended")), ("ending", gettext_lazy("Ends within two months")),
                 ("all", gettext_lazy("All"))],
    )  # fmt: skip
    place = django_filters.ChoiceFilter(label=gettext_lazy("Where"), choices=Employment.Place.choices)
    found = django_filters.ChoiceFilter(label=gettext_lazy("How it was found"), choices=Employment.Found.choices)
    employer = django_filters.CharFilter(label=gettext_lazy("Employer"), lookup_expr="contains")

    class Meta:
        model = Employment
        fields = ()

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        if value == "ended":
            return rows.exclude(ended_on=None)
        if value == "ending":
            soon = timezone.localdate() + timedelta(days=61)
            return rows.filter(ended_on=None, agreed_until__lte=soon)
        return rows

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.filter(ended_on=None)


def jobs(officer: Officer, region: str) -> QuerySet[Employment]:
    rows = Employment.objects.visible_to(officer).filter(in_region(region)).select_related("person", "household")
    return rows.defer("person__id_number", "person__phone", "household__phone").order_by("-starts_on", "-id")


class JobLostFilter(django_filters.FilterSet):
    works = django_filters.ChoiceFilter(
        label=gettext_lazy("Since then"), method="that_work",
        choices=[("no", gettext_lazy("No other job")), ("yes", gettext_lazy("Works again"))],
    )  # fmt: skip
    ending = django_filters.ChoiceFilter(label=gettext_lazy("Why it ended"), choices=Employment.Ending.choices)

    class Meta:
        model = Employment
        fields = ()

    def that_work(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(works_again=value == "yes")


def lost(officer: Officer, region: str) -> QuerySet[Employment]:
    return jobs_lost(officer).filter(in_region(region)).defer("person__id_number", "person__phone", "household__phone")


JOBS_EXPORTED = (
    Column(gettext_lazy("Name"), "person.name"),
    Column(gettext_lazy("Household number"), "household.number", 22),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Employer"), "employer", 28),
    Column(gettext_lazy("Trade"), "trade"),
    Column(gettext_lazy("Where"), "get_place_display", 22),
    Column(gettext_lazy("Place in words"), "place_words", 22),
    Column(gettext_lazy("How it was found"), "get_found_display", 26),
    Column(gettext_lazy("Monthly pay (CNY)"), "monthly_pay_cny"),
    Column(gettext_lazy("Began on"), "starts_on"),
    Column(gettext_lazy("Agreed until"), "agreed_until"),
    Column(gettext_lazy("Ended on"), "ended_on"),
    Column(gettext_lazy("Why it ended"), "get_ending_display", 24),
)


def trainings(officer: Officer, region: str) -> QuerySet[Training]:
    """Classes of the region and those from above that take people from it."""
    rows = Training.objects.offered_to(officer)
    if region != officer.region_code:
        rows = rows.filter(in_region(region))
    return rows.annotate(
        people=Count("trainees", filter=in_region(officer.region_code, "trainees__region_code")),
        certified=Count(
            "trainees", filter=Q(trainees__result="certified") & in_region(officer.region_code, "trainees__region_code")
        ),
    ).order_by("-starts_on", "-id")


TRAININGS_EXPORTED = (
    Column(gettext_lazy("Title"), "title", 28),
    Column(gettext_lazy("Trade"), "trade"),
    Column(gettext_lazy("Region"), lambda row: name_of(row.region_code), 24),
    Column(gettext_lazy("Held by"), "provider", 24),
    Column(gettext_lazy("From"), "starts_on"),
    Column(gettext_lazy("Until"), "ends_on"),
    Column(gettext_lazy("Hours"), "hours"),
    Column(gettext_lazy("People"), "people"),
    Column(gettext_lazy("Certificates"), "certified"),
)
