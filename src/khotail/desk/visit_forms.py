"""What planners type: a round, a form of their own, and why a record is set aside."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from khotail.accounts.models import Officer
from khotail.desk.templatetags.khotail import spoken
from khotail.register.models import Region
from khotail.trail.scope import in_region
from khotail.visits.forms import forms_for
from khotail.visits.rounds import WHO

_DAY = {"type": "date"}


class RoundForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Name of the round"), max_length=120)
    form_id = forms.ChoiceField(label=gettext_lazy("Form"))
    region_code = forms.ChoiceField(label=gettext_lazy("Region"))
    who = forms.ChoiceField(label=gettext_lazy("Whom to visit"))
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    due_on = forms.DateField(label=gettext_lazy("Until"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))

    def __init__(self, officer: Officer, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        offered = forms_for(officer.region_code)
        self.fields["form_id"].choices = [
            (one.form_id, spoken({"zh": one.title_zh, "en": one.title_en})) for one in offered
        ]
        self.fields["who"].choices = [(key, spoken(text)) for key, text in WHO.items()]
        places = Region.objects.filter(in_region(officer.region_code, "code")).order_by("code")
        names = dict(places.values_list("code", "name"))
        self.fields["region_code"].choices = [(code, _placed(code, names, officer)) for code in names]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("XLSForm"), widget=forms.FileInput(attrs={"accept": ".xlsx,.md"}),
        help_text=gettext_lazy("An .xlsx workbook as ODK describes it, or its sheets as an .md file"),
    )  # fmt: skip
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=120, required=False,
        help_text=gettext_lazy("Left empty, the form's own title"),
    )  # fmt: skip


class SetAsideForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ExcuseForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why there is no visit"), max_length=200)


def _placed(code: str, names: dict[str, str], officer: Officer) -> str:
    """The names from below the officer's own region down to this one."""
    above = [code[:digits] for digits in (2, 4, 6, 9) if len(officer.region_code) < digits < len(code)]
    return " ".join(names.get(each, each) for each in (*above, code))
