"""Forms of the bodies' pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import MAY, May
from khotail.desk.casework_forms import said
from khotail.desk.issue_words import level_of, places_of
from khotail.desk.regions import name_of
from khotail.issues.models import Body
from khotail.rulebook.routes import FIELDS

_WORKERS = [role for role, things in MAY.items() if May.WORK_ISSUES in things]


class BodyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    field = forms.ChoiceField(label=gettext_lazy("Field of work"), choices=lambda: said(FIELDS))
    region_code = forms.ChoiceField(
        label=gettext_lazy("For which place"), help_text=gettext_lazy("The level follows from the place.")
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=20, required=False)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        names = {officer.region_code: name_of(officer.region_code)}
        self.fields["region_code"].choices = [
            (code, f"{names.get(code, name)} ({level_of(code)})") for code, name in places_of(officer)
        ]


class PeopleForm(forms.Form):
    people = forms.ModelMultipleChoiceField(
        Officer.objects.none(), label=gettext_lazy("People who work for it"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nobody chosen: whoever works issues in exactly its region acts for it."),
    )  # fmt: skip

    def __init__(self, body: Body, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Q(region_code=body.region_code, role__in=_WORKERS) | Q(bodies=body)
        rows = Officer.objects.filter(there, is_active=True).distinct().order_by("full_name", "id")
        self.fields["people"].queryset = rows
        self.fields["people"].initial = list(body.people.values_list("pk", flat=True))
        self.fields["people"].label_from_instance = _with_role


class EndForm(forms.Form):
    on = forms.DateField(label=gettext_lazy("Ends on"), widget=forms.DateInput({"type": "date"}))
    successor = forms.ModelChoiceField(
        Body.objects.none(), label=gettext_lazy("Followed by"), required=False,
        help_text=gettext_lazy("Takes over what is open. Needed while anything is."),
    )  # fmt: skip

    def __init__(self, body: Body, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        above = [body.region_code[:digits] for digits in LEVEL_DIGITS.values() if digits <= len(body.region_code)]
        rows = Body.objects.filter(region_code__in=above, ended_on=None).exclude(pk=body.pk)
        self.fields["successor"].queryset = rows.order_by("-region_code", "name")
        self.fields["successor"].label_from_instance = lambda each: f"{each.name} ({level_of(each.region_code)})"


def _with_role(officer: Officer) -> str:
    return f"{officer.full_name} ({officer.get_role_display()})"
