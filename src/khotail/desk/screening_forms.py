"""Filters of findings, and forms that start a run or change the rulebook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from khotail.accounts.language import said
from khotail.rulebook.model import CAUSES, SEVERITIES, Rulebook
from khotail.screening.models import Finding, Kind


class FindingFilter(forms.Form):
    """Narrows a list of findings; what cannot be read narrows nothing."""

    rule = forms.ChoiceField(label=_("Rule"), required=False)
    cause = forms.ChoiceField(label=_("Cause"), required=False)
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    since = forms.DateField(
        label=_("New since"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, kind: str, book: Rulebook) -> None:
        super().__init__(data)
        every = [("", _("All"))]
        rules = book.signals if kind == Kind.SIGNAL else book.audits
        self.fields["rule"].choices = [*every, *((rule.id, said(rule.name)) for rule in rules)]
        self.fields["severity"].choices = [*every, *((id_, said(name)) for id_, name in SEVERITIES[kind].items())]
        if kind == Kind.SIGNAL:
            self.fields["cause"].choices = [*every, *((id_, said(name)) for id_, name in CAUSES.items())]
        else:
            del self.fields["cause"]

    def narrowed(self, rows: QuerySet[Finding]) -> QuerySet[Finding]:
        self.is_valid()
        wanted = self.cleaned_data
        for field, name in (("rule_id", "rule"), ("cause", "cause"), ("severity", "severity"), ("since__gte", "since")):
            if wanted.get(name):
                rows = rows.filter(**{field: wanted[name]})
        return rows


class StartForm(forms.Form):
    kind = forms.ChoiceField(label=_("What"), choices=Kind.choices, initial=Kind.SIGNAL)


class ParameterForm(forms.Form):
    """Sets one parameter for the banner from a day on."""

    value = forms.CharField(label=_("Value for this banner"), max_length=60)
    since = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    source = forms.CharField(label=_("Source: document and article"), max_length=300)


class WriteForm(forms.Form):
    """One file of a change."""

    title = forms.CharField(label=_("What changes, and why"), max_length=120)
    name = forms.CharField(
        label=_("File"), max_length=60, help_text=_("Such as parameters/lines.yaml or signals/ours.yaml.")
    )
    text = forms.CharField(
        label=_("Content (YAML)"), required=False, max_length=200_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "code", "lang": "en"}),
        help_text=_("Leave it empty to take the file out of the banner's book."),
    )  # fmt: skip
