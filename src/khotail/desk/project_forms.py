"""Forms of the project pages: the project itself, and one for each thing that is done with it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import Role
from khotail.desk.casework_forms import said
from khotail.desk.deeds import ThingForm
from khotail.desk.fund_forms import day, money, reason_field, regions_of, whole
from khotail.desk.regions import path_of
from khotail.desk.templatetags.khotail import spoken
from khotail.funds.allowed import DEPARTMENTS
from khotail.funds.industry import FIELDS
from khotail.funds.models import Asset, Participation, Project
from khotail.funds.payments import left_of
from khotail.funds.queries import accounts_of
from khotail.register.queries import villages_of
from khotail.rulebook.routes import FIELDS as OFFICES


def department_field(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=lambda: said(DEPARTMENTS))


class ProjectForm(forms.Form):
    """A project as it is entered and changed. `project` is the one that is changed."""

    name = forms.CharField(label=_("Name of the project"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Project.Kind.choices)
    year = whole(_("Year"), min_value=2013, max_value=2100)
    number = forms.CharField(
        label=_("Project number"), max_length=30, required=False, help_text=_("Left empty, one is drawn.")
    )
    region_code = forms.ChoiceField(label=_("Carried out by"))
    department = department_field(_("Department that answers for it"))
    villages = forms.MultipleChoiceField(
        label=_("Villages"), widget=forms.SelectMultiple({"size": 8}),
        help_text=_("Where it lies or whom it serves: those villages see it. Hold Ctrl to choose several."),
        required=False,
    )  # fmt: skip
    planned_cny = money(_("Planned cost in yuan"))
    starts_on = day(_("Begins"), required=False)
    ends_on = day(_("To be completed by"), required=False)
    aims = forms.CharField(
        label=_("What it is to achieve"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, officer: Officer, *args: Any, project: Project | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        top = officer.region_code
        self.fields["region_code"].choices = regions_of(officer)
        self.fields["villages"].choices = [
            (each.code, path_of(each.code, below=top[: LEVEL_DIGITS["banner"]])) for each in villages_of(officer)
        ]
        if officer.role == Role.DEPARTMENT_OFFICER:
            own = OFFICES.get(officer.department)
            self.fields["department"].choices = [(officer.department, spoken(own) if own else officer.department)]
        if project:
            del self.fields["number"]


class DayForm(ThingForm):
    on = day(_("On"))

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["on"].initial = timezone.localdate()


class MilestoneForm(ThingForm):
    title = forms.CharField(label=_("What is to be done"), max_length=120)
    department = department_field(_("Department"))
    due_on = day(_("Due on"))


class TieForm(ThingForm):
    numbers = forms.CharField(
        label=_("Household numbers"), max_length=20_000, widget=forms.Textarea({"rows": 3}),
        help_text=_("One in each line. Those who take part already stay as they are."),
    )  # fmt: skip
    tie = forms.ChoiceField(label=_("How they take part"), choices=Participation.Tie.choices)
    promised = money(_("Promised to each, yuan a year"), required=False)
    since = day(_("Since"))


class PaymentForm(ThingForm):
    fund = forms.ChoiceField(label=_("From which fund"))
    amount = money(_("Amount in yuan"))
    payee = forms.CharField(label=_("Payee"), max_length=80)
    purpose = forms.CharField(label=_("What is paid for"), max_length=200)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def ask(self, thing: Project, officer: Officer) -> None:
        self.fields["key"].initial = uuid.uuid4().hex
        self.fields["fund"].choices = [
            (
                str(each.fund_id),
                _("%(fund)s: %(left)s left") % {"fund": str(each.fund), "left": f"{left_of(each):,.2f}"},
            )
            for each in accounts_of(thing)
        ]


class GiveBackForm(ThingForm):
    fund = forms.ChoiceField(label=_("Of which fund"))
    amount = money(_("Amount in yuan"))
    on = day(_("On"))
    reason = reason_field()

    def ask(self, thing: Project, officer: Officer) -> None:
        self.fields["on"].initial = timezone.localdate()
        self.fields["fund"].choices = [(str(each.fund_id), str(each.fund)) for each in accounts_of(thing)]


class ExamineForm(ThingForm):
    """Four scores, each with a note."""

    on = day(_("On"))

    def ask(self, thing: Project, officer: Officer) -> None:
        self.fields["on"].initial = timezone.localdate()
        scores = [(5, _("5 strong")), (4, _("4 good")), (3, _("3 enough")), (2, _("2 weak")), (1, _("1 lacking"))]
        for name, label in FIELDS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=spoken(label).capitalize(), choices=scores, coerce=int, initial=3
            )
            self.fields[f"{name}_note"] = forms.CharField(
                label=_("Why, or what is lacking"), max_length=200, required=False,
            )  # fmt: skip


class YearForm(ThingForm):
    year = whole(_("Year"), min_value=2013, max_value=2100)
    output_cny = money(_("Output in yuan"), min_value=0)
    jobs = whole(_("Jobs"), min_value=0, max_value=1_000_000)
    households = whole(_("Households that gain by it"), min_value=0, max_value=1_000_000)
    household_income_cny = money(_("Mean gain of a household in yuan"), min_value=0)


class UpgradeForm(ThingForm):
    year = whole(_("Year"), min_value=2013, max_value=2100)
    what = forms.CharField(label=_("What was upgraded"), max_length=200)
    before = forms.CharField(label=_("Grade before"), max_length=40, required=False)
    after = forms.CharField(label=_("Grade after"), max_length=40, required=False)


class AssetForm(ThingForm):
    name = forms.CharField(label=_("Name of the asset"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Asset.Kind.choices)
    value = money(_("Value in yuan"))
    region_code = forms.ChoiceField(label=_("Where it lies"))
    keeper_kind = forms.ChoiceField(label=_("Who owns and keeps it"), choices=Asset.Keeper.choices)
    keeper = forms.CharField(label=_("Name of the keeper"), max_length=80)
    on = day(_("Handed over on"))

    def ask(self, thing: Project, officer: Officer) -> None:
        self.fields["on"].initial = timezone.localdate()
        top = thing.region_code[: LEVEL_DIGITS["banner"]]
        codes = thing.places.values_list("region_code", flat=True)
        self.fields["region_code"].choices = [(code, path_of(code, below=top)) for code in codes]


class AcceptForm(DayForm):
    found = forms.CharField(
        label=_("What the acceptance found"), max_length=2000, widget=forms.Textarea({"rows": 3}),
        help_text=_("Built as planned? Differences, and how they are settled."),
    )  # fmt: skip


class GiveUpForm(DayForm):
    reason = reason_field()


class FinishForm(DayForm):
    said = forms.CharField(label=_("Remark"), max_length=300, required=False)


class PutOffForm(ThingForm):
    due_on = day(_("New due day"))
    reason = reason_field()


class LookForm(DayForm):
    condition = forms.ChoiceField(label=_("Condition"), choices=Asset.Condition.choices)
    is_used = forms.TypedChoiceField(
        label=_("Is it used?"), choices=[("yes", _("Used")), ("no", _("Idle"))], coerce=lambda value: value == "yes"
    )
    keeper = forms.CharField(label=_("New keeper, if it has one"), max_length=80, required=False)
    said = forms.CharField(label=_("Remark"), max_length=300, required=False)

    def ask(self, thing: Asset, officer: Officer) -> None:
        super().ask(thing, officer)
        self.fields["condition"].initial = thing.condition
        self.fields["is_used"].initial = "no" if thing.idle_since else "yes"


class EarnedForm(ThingForm):
    year = whole(_("Year"), min_value=2013, max_value=2100)
    amount = money(_("What the household got, in yuan"))


class ReasonedForm(ThingForm):
    reason = reason_field()
