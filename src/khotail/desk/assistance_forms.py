"""Forms of plans, help at once, checks of effects, jobs and training."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.assistance.checks import LONGEST_TEXT
from khotail.assistance.models import Emergency, Employment, Plan, PlanTemplate, Trainee
from khotail.assistance.queries import people_of
from khotail.assistance.templates import MOST_LINES
from khotail.casework.queries import helpers_for
from khotail.desk.casework_forms import causes_field, said
from khotail.desk.regions import path_of
from khotail.register.models import Household, Region
from khotail.rulebook.model import CAUSES
from khotail.rulebook.procedures import MEASURE_CATEGORIES
from khotail.trail.scope import in_region

#: Lines that a template's form offers at first; more may be added one save later.
_EMPTY_LINES = 3


def day_field(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more)


def amount_field(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 20}), **more
    )


def words_field(label: Any, *, rows: int = 2, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **more)


class _Form(forms.Form):
    use_required_attribute = False


def places(officer: Officer, *, least: str = "village") -> list[tuple[str, str]]:
    """Places of the officer's region, from its own level down to `least`."""
    levels = [name for name, digits in LEVEL_DIGITS.items() if len(officer.region_code) < digits <= LEVEL_DIGITS[least]]
    below = Region.objects.filter(in_region(officer.region_code, "code"), level__in=levels).order_by("code")
    codes = [officer.region_code, *below.values_list("code", flat=True)]
    return [(code, path_of(code, below=officer.region_code[:-1])) for code in codes]


class PlanStartForm(_Form):
    template = forms.ModelChoiceField(
        label=gettext_lazy("Start from"), queryset=PlanTemplate.objects.none(), required=False,
        empty_label=gettext_lazy("An empty plan"), widget=forms.RadioSelect,
    )  # fmt: skip
    aim = words_field(gettext_lazy("What is to be reached, in the household's words"), required=False)

    def __init__(self, templates: list[PlanTemplate], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["template"]
        field.queryset = PlanTemplate.objects.filter(pk__in=[each.pk for each in templates])
        names = {each.pk: each.title for each in templates}
        field.label_from_instance = lambda each: names[each.pk]


class PlanLineForm(_Form):
    category = forms.ChoiceField(label=gettext_lazy("Category"))
    kind = forms.CharField(
        label=gettext_lazy("What it is"), max_length=60, help_text=gettext_lazy("As the register writes it.")
    )
    causes = causes_field(required=False)
    person = forms.ModelChoiceField(
        label=gettext_lazy("For whom"), queryset=None, required=False, empty_label=gettext_lazy("The household")
    )
    helper = forms.ModelChoiceField(
        label=gettext_lazy("Who sees to it"), queryset=None, required=False,
        empty_label=gettext_lazy("The household's helper"),
    )  # fmt: skip
    amount_cny = amount_field(gettext_lazy("Amount (CNY)"))
    starts_on = day_field(gettext_lazy("From"))
    ends_on = day_field(gettext_lazy("Until"), required=False)
    note = words_field(gettext_lazy("Note"), rows=1, required=False)

    def __init__(self, plan: Plan, fitting: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = dict(said(MEASURE_CATEGORIES))
        fit = [(name, words[name]) for name in fitting if name in words]
        rest = [(name, words[name]) for name in words if name not in fitting]
        groups = [(_("Answers what is lacking"), fit), (_("Others"), rest)] if fit else rest
        self.fields["category"].choices = [("", "—"), *groups]
        self.fields["causes"].choices = [pair for pair in said(CAUSES) if pair[0] in plan.case.causes] or said(CAUSES)
        self.fields["person"].queryset = plan.household.members.filter(left_on=None)
        self.fields["person"].label_from_instance = lambda each: f"{each.name} · {each.relation}".strip(" ·")
        self.fields["helper"].queryset = helpers_for(plan.case)
        self.fields["helper"].label_from_instance = lambda each: f"{each.full_name} · {each.get_role_display()}"
        self.fields["starts_on"].initial = timezone.localdate


class PlanAgreeForm(_Form):
    agreed_with = forms.CharField(label=gettext_lazy("Who of the household agreed"), max_length=60)
    review_on = day_field(
        gettext_lazy("Look at it again on"), required=False,
        help_text=gettext_lazy("Left empty, after the months of the rulebook."),
    )  # fmt: skip
    gaps_reason = words_field(gettext_lazy("Why nothing is planned for what is lacking"), required=False)

    def __init__(self, has_gaps: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_gaps:
            del self.fields["gaps_reason"]


class PlanCloseForm(_Form):
    result = words_field(gettext_lazy("What came of it"))


class DayForm(_Form):
    on = day_field(gettext_lazy("Day"))
    note = words_field(gettext_lazy("What came of it"), rows=1, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate


class ReasonForm(_Form):
    reason = words_field(gettext_lazy("Reason"))


class TemplateForm(_Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    region_code = forms.ChoiceField(label=gettext_lazy("For which place"))
    household = forms.ChoiceField(
        label=gettext_lazy("For which households"), choices=PlanTemplate.For.choices, required=False
    )
    note = words_field(gettext_lazy("Note"), rows=1, required=False)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = places(officer)


class TemplateLineForm(_Form):
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    kind = forms.CharField(label=gettext_lazy("What it is"), max_length=60, required=False)
    causes = causes_field(required=False)
    months = forms.IntegerField(label=gettext_lazy("Months"), required=False, min_value=1, max_value=120)
    amount_cny = amount_field(gettext_lazy("Amount (CNY)"))
    note = words_field(gettext_lazy("Note"), rows=1, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", "—"), *said(MEASURE_CATEGORIES)]

    @property
    def is_filled(self) -> bool:
        return any(value for value in self.cleaned_data.values())


TemplateLines = forms.formset_factory(TemplateLineForm, extra=_EMPTY_LINES, max_num=MOST_LINES, absolute_max=MOST_LINES)


class EmergencyForm(_Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What was given"), choices=Emergency.Kind.choices, widget=forms.RadioSelect,
        initial=Emergency.Kind.CASH,
    )  # fmt: skip
    amount_cny = amount_field(gettext_lazy("Amount, or what it is worth (CNY)"))
    words = words_field(gettext_lazy("In words"), rows=1, required=False)
    cause = forms.ChoiceField(label=gettext_lazy("Why"), choices=lambda: said(CAUSES), initial="accident")
    given_on = day_field(gettext_lazy("Given on"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given_on"].initial = timezone.localdate
        self.fields["key"].initial = uuid.uuid4().hex


class EffectForm(_Form):
    category = forms.ChoiceField(label=gettext_lazy("Category"))
    kind = forms.CharField(
        label=gettext_lazy("What it is"), max_length=60, required=False,
        help_text=gettext_lazy("Empty: everything of the category."),
    )  # fmt: skip
    region_code = forms.ChoiceField(label=gettext_lazy("Region"))
    since = day_field(gettext_lazy("Begun from"), required=False)
    until = day_field(gettext_lazy("Begun until"), required=False)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = said(MEASURE_CATEGORIES)
        self.fields["region_code"].choices = places(officer, least="township")


class JobForm(_Form):
    person = forms.ModelChoiceField(label=gettext_lazy("Who"), queryset=None, empty_label=None)
    employer = forms.CharField(
        label=gettext_lazy("Employer"), max_length=120, help_text=gettext_lazy("For odd jobs write so.")
    )
    trade = forms.CharField(label=gettext_lazy("Trade"), max_length=60, required=False)
    place = forms.ChoiceField(label=gettext_lazy("Where"), choices=Employment.Place.choices)
    place_words = forms.CharField(label=gettext_lazy("Place in words"), max_length=120, required=False)
    found = forms.ChoiceField(label=gettext_lazy("How it was found"), choices=Employment.Found.choices)
    monthly_pay_cny = amount_field(gettext_lazy("Monthly pay (CNY)"))
    starts_on = day_field(gettext_lazy("Began on"))
    agreed_until = day_field(gettext_lazy("Agreed until"), required=False)
    note = words_field(gettext_lazy("Note"), rows=1, required=False)

    def __init__(self, household: Household, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [person.pk for person in people_of(household)]
        self.fields["person"].queryset = household.members.filter(pk__in=chosen)
        self.fields["person"].label_from_instance = lambda each: f"{each.name} · {each.relation}".strip(" ·")
        self.fields["starts_on"].initial = timezone.localdate


class JobEndForm(_Form):
    on = day_field(gettext_lazy("Ended on"))
    ending = forms.ChoiceField(
        label=gettext_lazy("Why it ended"), choices=Employment.Ending.choices, widget=forms.RadioSelect
    )
    note = words_field(gettext_lazy("Note"), rows=1, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate


class JobsFileForm(_Form):
    file = forms.FileField(label=gettext_lazy("List (.xlsx, .xls, .csv)"))


class TrainingForm(_Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    trade = forms.CharField(label=gettext_lazy("Trade"), max_length=60)
    region_code = forms.ChoiceField(label=gettext_lazy("For which place"))
    provider = forms.CharField(label=gettext_lazy("Held by"), max_length=120, required=False)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=120, required=False)
    starts_on = day_field(gettext_lazy("From"))
    ends_on = day_field(gettext_lazy("Until"))
    hours = forms.IntegerField(label=gettext_lazy("Hours"), min_value=1, max_value=3000)
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=5000, required=False)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = places(officer)


class AttendanceForm(_Form):
    hours = forms.IntegerField(label=gettext_lazy("Hours"), min_value=0, max_value=3000, required=False)
    result = forms.ChoiceField(label=gettext_lazy("Result"), choices=Trainee.Result.choices)
    certificate = forms.CharField(label=gettext_lazy("Certificate number"), max_length=60, required=False)

    def __init__(self, trainee: Trainee, *args: Any, **kwargs: Any) -> None:
        initial = {"hours": trainee.hours, "result": trainee.result, "certificate": trainee.certificate}
        super().__init__(*args, prefix=f"seat-{trainee.pk}", initial=initial, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}: {trainee.person.name}"
            if name == "hours":
                field.widget.attrs["max"] = trainee.training.hours
