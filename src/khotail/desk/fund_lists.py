"""Lists of funds, projects, payments and assets: how they are filtered and exported."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khotail.desk.casework_forms import said
from khotail.desk.export import Column
from khotail.desk.regions import name_of, path_of
from khotail.desk.templatetags.funds import department_name, holder
from khotail.desk.templatetags.khotail import spoken
from khotail.funds.allowed import DEPARTMENTS
from khotail.funds.models import Asset, Fund, Payment, Project

_LATE = [("1", _("Late"))]


def _years() -> list[tuple[int, str]]:
    this = timezone.localdate().year
    return [(year, str(year)) for year in range(this + 1, this - 8, -1)]


def _departments() -> list[tuple[str, str]]:
    return said(DEPARTMENTS)


class FundFilter(django_filters.FilterSet):
    year = django_filters.ChoiceFilter(label=_("Year"), choices=_years)
    source = django_filters.ChoiceFilter(label=_("Source of the money"), choices=Fund.Source.choices)
    document = django_filters.CharFilter(label=_("Document number"), lookup_expr="contains")

    class Meta:
        model = Fund
        fields = ()


class ProjectFilter(django_filters.FilterSet):
    year = django_filters.ChoiceFilter(label=_("Year"), choices=_years)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Project.Kind.choices)
    state = django_filters.ChoiceFilter(label=_("State"), choices=Project.State.choices)
    department = django_filters.ChoiceFilter(label=_("Department"), choices=_departments)
    words = django_filters.CharFilter(label=_("Name or number"), method="of_words")

    class Meta:
        model = Project
        fields = ()

    def of_words(self, rows: Any, name: str, value: str) -> Any:
        text = value.replace("\x00", "").strip()[:60]
        return rows.filter(Q(name__contains=text) | Q(number__contains=text))


class PaymentFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=Payment.State.choices)
    year = django_filters.ChoiceFilter(label=_("Year of the fund"), choices=_years, field_name="fund__year")
    source = django_filters.ChoiceFilter(
        label=_("Source of the money"), choices=Fund.Source.choices, field_name="fund__source"
    )

    class Meta:
        model = Payment
        fields = ()


class AssetFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Asset.Kind.choices)
    condition = django_filters.ChoiceFilter(label=_("Condition"), choices=Asset.Condition.choices)
    keeper_kind = django_filters.ChoiceFilter(label=_("Kept by"), choices=Asset.Keeper.choices)
    use = django_filters.ChoiceFilter(
        label=_("Use"), method="in_use", choices=[("used", _("Used")), ("idle", _("Idle"))]
    )

    class Meta:
        model = Asset
        fields = ()

    def in_use(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(idle_since=None) if value == "used" else rows.exclude(idle_since=None)


class MilestoneFilter(django_filters.FilterSet):
    department = django_filters.ChoiceFilter(label=_("Department"), choices=_departments)
    late = django_filters.ChoiceFilter(label=_("Deadline"), choices=_LATE, method="that_are_late")
    done = django_filters.ChoiceFilter(
        label=_("State"), method="that_are_done", choices=[("no", _("To be done")), ("yes", _("Done"))]
    )

    def that_are_late(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(done_on=None, due_on__lt=timezone.localdate())

    def that_are_done(self, rows: Any, name: str, value: str) -> Any:
        return rows.exclude(done_on=None) if value == "yes" else rows.filter(done_on=None)


def _place(row: Any) -> str:
    return path_of(row.region_code, below=row.region_code[:4])


def fund_columns(came: dict[int, Any]) -> tuple[Column, ...]:
    return (
        Column(_("Year"), "year"),
        Column(_("Source of the money"), "get_source_display"),
        Column(_("Document number"), "document", 28),
        Column(_("What it is for"), "task", 32),
        Column(_("Came in to"), lambda row: name_of(row.region_code), 20),
        Column(_("Amount in yuan"), lambda row: came.get(row.pk)),
    )


def project_columns(money: dict[int, tuple[Any, Any]]) -> tuple[Column, ...]:
    return (
        Column(_("Project number"), "number"),
        Column(_("Name of the project"), "name", 32),
        Column(_("Kind"), "get_kind_display"),
        Column(_("Year"), "year"),
        Column(_("Carried out by"), _place, 28),
        Column(_("Villages"), lambda row: "、".join(name_of(each.region_code) for each in row.places.all()), 32),
        Column(_("Department"), lambda row: department_name(row.department)),
        Column(_("State"), "get_state_display"),
        Column(_("Planned cost in yuan"), "planned_cny"),
        Column(_("Allocated"), lambda row: money.get(row.pk, (0, 0))[0]),
        Column(_("Paid"), lambda row: money.get(row.pk, (0, 0))[1]),
        Column(_("Left"), lambda row: money.get(row.pk, (0, 0))[0] - money.get(row.pk, (0, 0))[1]),
        Column(_("Begins"), "starts_on"),
        Column(_("To be completed by"), "ends_on"),
        Column(_("Closed on"), "closed_on"),
    )


PAYMENT_COLUMNS = (
    Column(_("Project number"), "project.number"),
    Column(_("Project"), "project.name", 32),
    Column(_("Source of the money"), "fund.get_source_display"),
    Column(_("Year of the fund"), "fund.year"),
    Column(_("Document number"), "fund.document", 28),
    Column(_("Payee"), "payee", 28),
    Column(_("What is paid for"), "purpose", 32),
    Column(_("Amount in yuan"), "amount_cny"),
    Column(_("State"), "get_state_display"),
    Column(_("Asked by"), "asked_by.full_name"),
    Column(_("Asked at"), "asked_at", 18),
    Column(_("Decided by"), "decided_by.full_name"),
    Column(_("Decided at"), "decided_at", 18),
    Column(_("Reason"), "reason", 32),
)
ENTRY_COLUMNS = (
    Column(_("On"), "on"),
    Column(_("What"), "get_kind_display"),
    Column(_("From whom"), lambda row: holder(row.credit), 28),
    Column(_("To whom"), lambda row: holder(row.debit), 28),
    Column(_("Amount in yuan"), "amount_cny"),
    Column(_("Document number"), "document", 28),
    Column(_("Reason"), "reason", 32),
    Column(_("Entered by"), "by.full_name"),
    Column(_("Reverses entry"), "reverses_id"),
    Column(_("Entry number"), "pk"),
)
ASSET_COLUMNS = (
    Column(_("Name of the asset"), "name", 32),
    Column(_("Kind"), "get_kind_display"),
    Column(_("Where it lies"), _place, 28),
    Column(_("Value in yuan"), "value_cny"),
    Column(_("Project number"), "project.number"),
    Column(_("Project"), "project.name", 32),
    Column(_("Kept by"), "get_keeper_kind_display"),
    Column(_("Keeper"), "keeper", 24),
    Column(_("Handed over on"), "handed_over_on"),
    Column(_("Condition"), "get_condition_display"),
    Column(_("Idle since"), "idle_since"),
    Column(_("Looked at on"), "checked_on"),
)
TIE_COLUMNS = (
    Column(_("Village"), lambda row: name_of(row.region_code), 20),
    Column(_("Household number"), "household.number"),
    Column(_("Head"), "household.head_name"),
    Column(_("How it takes part"), "get_tie_display", 24),
    Column(_("Promised, yuan a year"), "promised_cny_per_year"),
    Column(_("Got in yuan"), "received_cny"),
    Column(_("In the year"), "received_year"),
    Column(_("Takes part since"), "since"),
    Column(_("Until"), "until"),
)
MILESTONE_COLUMNS = (
    Column(_("Project number"), "project.number"),
    Column(_("Project"), "project.name", 32),
    Column(_("What is to be done"), "title", 32),
    Column(_("Department"), lambda row: department_name(row.department)),
    Column(_("Due on"), "due_on"),
    Column(_("Done on"), "done_on"),
    Column(_("Done by"), "done_by.full_name"),
    Column(_("Remark"), "words", 32),
)
TOTAL_COLUMNS = (
    Column(_("Year"), "year"),
    Column(_("Source of the money"), "source_name"),
    Column(_("Came in"), "came_in"),
    *(
        Column(name, lambda row, level=level: row.held[level])
        for level, name in (
            ("province", _("Held by the autonomous region")), ("league", _("Held by the league")),
            ("banner", _("Held by the banner")), ("township", _("Held by townships")), ("village", _("Held by villages")),
        )
    ),
    *(Column(label, lambda row, kind=kind: row.projects[kind], 20) for kind, label in Project.Kind.choices),
    Column(_("Allocated to projects"), "allocated"),
    Column(_("Paid"), "paid"),
    Column(_("Left with projects"), "left"),
    Column(_("Use rate"), "use_rate"),
    Column(_("Share for industry"), "industry_share"),
    Column(_("Difference"), "difference"),
)  # fmt: skip
WEAK_COLUMNS = (
    Column(_("Project number"), "project.number"),
    Column(_("Project"), "project.name", 32),
    Column(_("Carried out by"), lambda row: _place(row.project), 28),
    Column(_("Weak in"), lambda row: spoken(row.name)),
    Column(_("Score"), "score"),
    Column(_("Why, or what is lacking"), "note", 40),
    Column(_("On"), "on"),
)
