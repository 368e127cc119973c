"""Forms of the transition clock, the register of responsibilities, inspections and alarms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from khotail.accounts.models import Officer
from khotail.desk.policy_forms import PlainForm, day_field, text_field
from khotail.desk.policy_words import own_places
from khotail.oversight.inspections import MOST_MONTHS
from khotail.oversight.models import Responsibility
from khotail.oversight.responsibilities import Owner


class ClockForm(PlainForm):
    region_code = forms.ChoiceField(label=gettext_lazy("Banner"))
    exited_on = day_field(gettext_lazy("Left poverty on"))
    source = forms.CharField(label=gettext_lazy("By which document"), max_length=200)
    key_source = forms.CharField(
        label=gettext_lazy("Named a key banner by the region: document"), max_length=200, required=False,
        help_text=gettext_lazy("Leave it empty if it was not. The nation's list is known already."),
    )  # fmt: skip

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = own_places(officer, "banner")


class ExtendForm(PlainForm):
    until = day_field(gettext_lazy("Until"))
    document = forms.CharField(label=gettext_lazy("By which document"), max_length=200)
    reason = text_field(gettext_lazy("Reason"))


class OwnerForm(PlainForm):
    """Who answers: an officer, or somebody by name and post."""

    officer = forms.ModelChoiceField(
        Officer.objects.none(), label=gettext_lazy("Officer"), required=False,
        help_text=gettext_lazy("Somebody who does not work with the system is named below."),
    )  # fmt: skip
    person = forms.CharField(label=gettext_lazy("Name"), max_length=60, required=False)
    post = forms.CharField(label=gettext_lazy("Post"), max_length=80, required=False)

    def __init__(self, by: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = [by.region_code[:digits] for digits in (2, 4, 6, 9) if digits < len(by.region_code)]
        rows = Officer.objects.filter(
            Q(pk__in=Officer.objects.visible_to(by)) | Q(region_code__in=above), is_active=True
        )
        self.fields["officer"].queryset = rows.order_by("region_code", "full_name", "id")
        self.fields["officer"].label_from_instance = lambda each: f"{each.full_name} ({each.get_role_display()})"

    def owner(self) -> Owner:
        values = self.cleaned_data
        return Owner(values["officer"], values["person"], values["post"])


class NameForm(OwnerForm):
    subject = forms.ChoiceField(label=gettext_lazy("For what"), choices=Responsibility.Subject.choices)
    region_code = forms.ChoiceField(label=gettext_lazy("Place"))
    task = forms.CharField(
        label=gettext_lazy("Task"), max_length=120, required=False, help_text=gettext_lazy("Where it is a task.")
    )
    household = forms.CharField(
        label=gettext_lazy("Household number"), max_length=40, required=False,
        help_text=gettext_lazy("Where it is a household; its village is then the place."),
    )  # fmt: skip
    level = forms.ChoiceField(
        label=gettext_lazy("At which level"), choices=Responsibility.Level.choices, initial=Responsibility.Level.VILLAGE,
        help_text=gettext_lazy("A village has one owner in the village, one at its township and one at its banner."),
    )  # fmt: skip
    duty = text_field(gettext_lazy("Duties"), required=False)

    field_order = ("subject", "region_code", "task", "household", "level", "officer", "person", "post", "duty")

    def __init__(self, by: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(by, *args, **kwargs)
        self.fields["region_code"].choices = own_places(by)


class HandOverForm(OwnerForm):
    reason = text_field(gettext_lazy("Reason, and what was handed over"))


class ReasonForm(PlainForm):
    reason = text_field(gettext_lazy("Reason"))


class InspectionForm(PlainForm):
    topic = forms.CharField(label=gettext_lazy("Topic"), max_length=120)
    region_code = forms.ChoiceField(label=gettext_lazy("Place"))
    inspector = forms.CharField(label=gettext_lazy("Who inspects"), max_length=80)
    due_on = day_field(gettext_lazy("To be made by"))
    months = forms.IntegerField(
        label=gettext_lazy("Recurs every so many months"), required=False, min_value=0, max_value=MOST_MONTHS,
        help_text=gettext_lazy("Left empty or 0: once. Otherwise the next one is planned when this one is done."),
    )  # fmt: skip
    what = text_field(gettext_lazy("What is looked at"), required=False)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = own_places(officer)


class CloseForm(PlainForm):
    done_on = day_field(gettext_lazy("Made on"))
    summary = text_field(gettext_lazy("Summary"), rows=4)


class ShortcomingForm(PlainForm):
    what = text_field(gettext_lazy("What falls short"))
    body = forms.CharField(label=gettext_lazy("Who mends it"), max_length=80)
    due_on = day_field(
        gettext_lazy("To be mended by"), required=False,
        help_text=gettext_lazy("Left empty, the rulebook's working days from today."),
    )  # fmt: skip


class MendForm(PlainForm):
    how = text_field(gettext_lazy("How it was mended"), rows=3)


class LookForm(PlainForm):
    holds = forms.ChoiceField(
        label=gettext_lazy("What the second look found"),
        choices=[("yes", gettext_lazy("Mended indeed")), ("no", gettext_lazy("Not mended: open again"))],
    )
    said = text_field(gettext_lazy("What was seen"))
    due_on = day_field(gettext_lazy("If it is open again: to be mended by"), required=False)


class ExplainForm(PlainForm):
    explanation = text_field(
        gettext_lazy("Why it fell, and what is done about it"), rows=4,
        help_text=gettext_lazy("Whoever sees policies of the place reads it."),
    )  # fmt: skip
