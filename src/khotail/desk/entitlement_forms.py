"""Filters of entitlements and of missed help, and the form that says how far somebody is with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from khotail.accounts.language import said
from khotail.entitlements.marking import LONGEST_REASON
from khotail.entitlements.models import Entitlement, Missed
from khotail.entitlements.queries import LIVE
from khotail.screening import rulebook

BY_MONEY, BY_AGE = "money", "age"
_ORDERS = {BY_MONEY: ("-amount_cny", "since", "id"), BY_AGE: ("since", "-amount_cny", "id")}


class MissedFilter(forms.Form):
    """Narrows and orders the work list; what cannot be read narrows nothing."""

    programme = forms.ChoiceField(label=_("Programme"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("Still to see to")), *Missed.State.choices, ("all", _("All"))],
    )  # fmt: skip
    asked = forms.ChoiceField(
        label=_("The household"), required=False, choices=[("", _("All")), ("1", _("asked for it itself"))]
    )
    least = forms.DecimalField(label=_("CNY a year, from"), required=False, min_value=0, max_digits=10)
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[(BY_MONEY, _("Most money first")), (BY_AGE, _("Longest missed first"))],
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        programmes = rulebook.current().programmes.values()
        self.fields["programme"].choices = [("", _("All")), *((each.id, said(each.name)) for each in programmes)]

    def narrowed(self, rows: QuerySet[Missed]) -> QuerySet[Missed]:
        self.is_valid()
        wanted = self.cleaned_data
        state = wanted.get("state")
        if state != "all":
            rows = rows.filter(state=state) if state else rows.filter(state__in=LIVE)
        if wanted.get("programme"):
            rows = rows.filter(programme_id=wanted["programme"])
        if wanted.get("asked"):
            rows = rows.filter(asked_at__isnull=False)
        if wanted.get("least"):
            rows = rows.filter(amount_cny__gte=wanted["least"])
        return rows

    def ordered(self, rows: QuerySet[Missed]) -> QuerySet[Missed]:
        return rows.order_by(*_ORDERS[self.cleaned_data.get("order") or BY_MONEY])


class MarkForm(forms.Form):
    """How far it is. `was` is the state that the person saw."""

    state = forms.ChoiceField(label=_("How far is it?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason or note"), required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed if it is not wanted or was refused; the household then reads it in the portal."),
    )  # fmt: skip
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)

    def __init__(self, missed: Missed, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"was": missed.state}, **kwargs)
        self.fields["state"].choices = [each for each in Missed.State.choices if each[0] != missed.state]
        self.use_required_attribute = False


class ProgrammeFilter(forms.Form):
    """Which of a programme's households are listed."""

    show = forms.ChoiceField(
        label=_("Show"), required=False,
        choices=[
            ("", _("Entitled")), ("missed", _("Missed")), ("received", _("Received")),
            ("unentitled", _("Received without being entitled")), ("given_up", _("A better programme excludes it")),
            ("unknown", _("Cannot be said")),
        ],
    )  # fmt: skip

    def narrowed(self, rows: QuerySet[Entitlement]) -> QuerySet[Entitlement]:
        self.is_valid()
        state = Entitlement.State
        return {
            "missed": rows.filter(missed=True),
            "received": rows.filter(received=True),
            "unentitled": rows.filter(received=True, state__in=(state.NOT_ENTITLED, state.GIVEN_UP)),
            "given_up": rows.filter(state=state.GIVEN_UP),
            "unknown": rows.filter(state=state.UNKNOWN),
        }.get(self.cleaned_data.get("show", ""), rows.filter(state__in=(state.ENTITLED, state.WITHDRAWING)))
