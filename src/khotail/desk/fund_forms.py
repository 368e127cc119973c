"""Forms of the fund pages: money that comes in, is passed on, given back or corrected, and lists that are sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.desk.deeds import ThingForm
from khotail.desk.issue_words import level_of
from khotail.desk.regions import ancestors, name_of, path_of
from khotail.funds.models import Fund, Project
from khotail.funds.queries import projects
from khotail.funds.receiving import holders
from khotail.register.models import Region
from khotail.trail.scope import in_region

#: Projects that a list of choices shows, the newest first.
_MOST_PROJECTS = 300


def money(label: Any, **more: Any) -> forms.DecimalField:
    widget = forms.TextInput({"inputmode": "decimal"})
    return forms.DecimalField(label=label, max_digits=14, decimal_places=2, widget=widget, **more)


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}), **more)


def whole(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, widget=forms.TextInput({"inputmode": "numeric"}), **more)


def reason_field() -> forms.CharField:
    return forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea({"rows": 2}))


def regions_of(officer: Officer, levels: tuple[str, ...] = ("banner", "township", "village")) -> list[tuple[str, str]]:
    """Regions from the officer's own down, each with its level."""
    own = officer.region_code
    rows = (
        Region.objects.filter(in_region(own, "code"), level__in=levels).order_by("code").values_list("code", flat=True)
    )
    codes = [own, *(code for code in rows if code != own)]
    return [
        (code, f"{path_of(code, below=own) if code != own else name_of(code)} ({level_of(code)})") for code in codes
    ]


class FundForm(forms.Form):
    source = forms.ChoiceField(label=_("Source of the money"), choices=Fund.Source.choices)
    year = whole(_("Year"), min_value=2013, max_value=2100)
    document = forms.CharField(
        label=_("Document number"),
        max_length=60,
        help_text=_("As it stands on the document; the same one is taken once."),
    )
    task = forms.CharField(
        label=_("What it is for"), max_length=60, required=False,
        help_text=_("As the document says. One document for several things: enter each by itself."),
    )  # fmt: skip
    amount = money(_("Amount in yuan"))
    on = day(_("Came in on"))
    region_code = forms.ChoiceField(label=_("Came in to"))

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["region_code"].choices = regions_of(officer, ("banner", "township"))
        self.fields["region_code"].initial = officer.region_code


class AllocateForm(ThingForm):
    """Money passed on: from a region that holds some, to a region below it or to a project."""

    holder = forms.ChoiceField(label=_("From whom"))
    to = forms.ChoiceField(label=_("To whom"))
    amount = money(_("Amount in yuan"))
    on = day(_("On"))
    document = forms.CharField(label=_("Document number"), max_length=60, required=False)

    def ask(self, thing: Fund, officer: Officer) -> None:
        held = holders(thing, officer.region_code)
        self.fields["holder"].choices = [
            (
                account.region_code,
                _("%(place)s: %(left)s left") % {"place": name_of(account.region_code), "left": f"{left:,.2f}"},
            )
            for account, left in held
        ]
        below = [choice for choice in regions_of(officer) if choice[0] != officer.region_code]
        rows = projects(officer, officer.region_code).filter(
            state__in=Project.OPEN, region_code__startswith=officer.region_code
        )
        named = [(f"p{each.pk}", f"{each.name} · {each.number}") for each in rows[:_MOST_PROJECTS]]
        self.fields["to"].choices = (
            [(_("Projects"), named), (_("Regions below"), below)] if below else [(_("Projects"), named)]
        )

    @property
    def target(self) -> dict[str, Any]:
        """`project` or `region_code`, as the action takes them."""
        to = self.cleaned_data["to"]
        return {"project": Project.objects.get(pk=int(to[1:]))} if to.startswith("p") else {"region_code": to}


class ReasonForm(forms.Form):
    use_required_attribute = False
    reason = reason_field()


class FundsFileForm(forms.Form):
    file = forms.FileField(
        label=_("List of funds (.xlsx, .xls, .csv)"), widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"})
    )


def where(region_code: str) -> str:
    """A region with its way from the banner down."""
    return (
        path_of(region_code, below=region_code[: LEVEL_DIGITS["banner"]])
        if len(ancestors(region_code)) > 3
        else name_of(region_code)
    )
