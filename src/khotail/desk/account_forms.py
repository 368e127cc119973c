"""Forms about people's accounts. What is right is decided by the actions; forms shape what was typed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import Officer
from khotail.accounts.roles import Role

#: Days beyond it cannot be reckoned with everywhere.
_LAST_YEAR = 2100


class PersonForm(forms.ModelForm):
    """Create or change somebody; the sign-in name is given once and stays."""

    region_code = forms.CharField(
        label=_("Region code"),
        max_length=12,
        help_text=_("2, 4, 6, 9 or 12 digits, within your own region"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "list": "regions", "autocomplete": "off"}),
    )
    department = forms.CharField(
        label=_("Department"), max_length=40, required=False, help_text=_("Needed for department officers")
    )

    class Meta:
        model = Officer
        fields = ("full_name", "role", "region_code", "department", "phone", "email")

    def clean_region_code(self) -> str:
        return "".join(self.cleaned_data["region_code"].split())

    def _post_clean(self) -> None:
        """Leave checks of the whole to the action: it says what is wrong in both languages."""


class NewPersonForm(PersonForm):
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=60,
        required=False,
        help_text=_("Left empty, it is made from the name's pinyin"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )

    class Meta(PersonForm.Meta):
        fields = ("full_name", "username", "role", "region_code", "department", "phone", "email")


class PeopleFilter(forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=60)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All")), *Role.choices])
    region = forms.RegexField(r"^\d{0,12}$", label=_("Region code"), required=False)
    state = forms.ChoiceField(
        label=_("May sign in"), required=False, choices=[("", _("All")), ("active", _("Yes")), ("withdrawn", _("No"))]
    )

    def wanted(self) -> dict[str, str]:
        """The filters of `khotail.accounts.queries.people`; what cannot be understood filters nothing."""
        self.is_valid()
        names = {"q": "text", "role": "role", "region": "region_code", "state": "state"}
        return {target: self.cleaned_data.get(name, "") for name, target in names.items()}


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("List of people (.xlsx, .xls, .csv)"), widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"})
    )


class OwnForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = Officer
        fields = ("language", "phone", "email", "by_email", "by_sms")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("by_email") and not values.get("email"):
            self.add_error("email", _("Give the address to which messages go."))
        if values.get("by_sms") and not values.get("phone"):
            self.add_error("phone", _("Give the number to which messages go."))
        return values

    def _post_clean(self) -> None:
        """Left to the action."""


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=60)
    expires = forms.DateField(
        label=_("Valid through"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Left empty, it is valid until you withdraw it"),
    )  # fmt: skip

    def clean_expires(self) -> date | None:
        day: date | None = self.cleaned_data["expires"]
        if day and day.year > _LAST_YEAR:
            raise forms.ValidationError(_("The year lies too far ahead."))
        return day


class TrailFilter(forms.Form):
    actor = forms.CharField(label=_("Person (name or number)"), required=False, max_length=60)
    verb = forms.CharField(
        label=_("Action"), required=False, max_length=60, help_text=_("such as officer.created, or officer.")
    )
    kind = forms.CharField(label=_("Subject"), required=False, max_length=40)
    subject = forms.CharField(label=_("Subject's number"), required=False, max_length=64)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def wanted(self) -> dict[str, Any]:
        """The filters of `khotail.trail.queries.events`; what cannot be understood filters nothing."""
        self.is_valid()
        names = {"kind": "subject_kind", "subject": "subject_id"}
        found = {names.get(name, name): self.cleaned_data.get(name) for name in self.fields}
        return {name: value for name, value in found.items() if value}
