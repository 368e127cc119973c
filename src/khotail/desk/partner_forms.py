"""Forms of pairings, helpers, pledges, needs and sales."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import Officer
from khotail.desk.deeds import ThingForm
from khotail.desk.issue_words import places_of
from khotail.desk.regions import name_of, path_of
from khotail.partners.models import (
    FIGURES,
    Contact,
    HelpKind,
    Need,
    Pairing,
    Pledge,
    Product,
    Sale,
    SocialHelper,
)
from khotail.partners.queries import fitting_needs, fitting_pledges, standing_of
from khotail.register.models import Household

_MOST = 1_000_000_000


def text(label: Any, longest: int = 120, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, **more)


def words(label: Any, rows: int = 2, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": rows}), **more)


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}), **more)


def money(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=14,
        decimal_places=2,
        min_value=0,
        widget=forms.TextInput({"inputmode": "decimal"}),
        **more,
    )


def count(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, max_value=_MOST, **({"min_value": 0} | more), widget=forms.TextInput({"inputmode": "numeric"})
    )


def year(label: Any) -> forms.IntegerField:
    return count(label, min_value=1990)


def region_field(officer: Officer) -> list[tuple[str, Any]]:
    own = officer.region_code
    return [(code, name_of(code) if code == own else name) for code, name in places_of(officer)]


class PairForm(ThingForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Pairing.Kind.choices)
    supporting = text(_("Supporting unit"), help_text=_("Such as a district, a ministry or a firm."))
    supported = text(_("Supported unit"), help_text=_("Such as this banner, a sumu or a village."))
    region_code = forms.ChoiceField(label=_("Place that is supported"))
    since = day(_("Since"))
    until = day(_("Until"), required=False, help_text=_("Leave it empty while no end is set."))
    phone = text(_("Phone of the office"), 40, required=False)

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["region_code"].choices = region_field(officer)


class FollowForm(ThingForm):
    supporting = text(_("New supporting unit"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Pairing.Kind.choices)
    on = day(_("From"), help_text=_("The old pairing ends the day before."))
    reason = words(_("Why it changes"))
    phone = text(_("Phone of the office"), 40, required=False)

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["kind"].initial = thing.kind


class EndForm(ThingForm):
    on = day(_("Last day"))
    reason = words(_("Why it ends"))


class DayForm(ThingForm):
    on = day(_("Day"))


class TouchForm(ThingForm):
    on = day(_("Day"))
    way = forms.ChoiceField(label=_("How"), choices=Contact.Way.choices)
    words = words(_("What was said"))


class AgreeForm(ThingForm):
    title = text(_("Title"), 160)
    signed_on = day(_("Signed on"))
    starts_on = day(_("In force from"))
    ends_on = day(_("until"))


class FiguresForm(ThingForm):
    """Yearly figures; what is not known stays empty."""

    year = year(_("Year"))
    money_cny = money(_("Money (CNY)"), required=False)
    people_sent = count(_("People sent"), required=False)
    jobs = count(_("Jobs"), required=False)
    sales_cny = money(_("Sales (CNY)"), required=False)
    villages = count(_("Villages built together"), required=False)

    def figures(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIGURES}

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["year"].initial = timezone.localdate().year


class PromiseForm(FiguresForm):
    agreement = forms.ModelChoiceField(None, label=_("Agreement"))
    field_order = ("agreement", "year", *FIGURES)

    def ask(self, thing: Any, officer: Officer) -> None:
        super().ask(thing, officer)
        self.fields["agreement"].queryset = thing.agreements.all()
        self.fields["agreement"].label_from_instance = lambda each: each.title
        self.fields["agreement"].initial = thing.agreements.first()


class DeliverForm(FiguresForm):
    note = words(_("Remark"), required=False)


class HelperForm(ThingForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=SocialHelper.Kind.choices)
    name = text(_("Name"))
    region_code = forms.ChoiceField(label=_("Place that keeps in touch"))
    seat = text(_("Where they come from"), required=False)
    contact = text(_("Who speaks for them"), 60, required=False)
    phone = text(_("Phone"), 20, required=False)
    note = words(_("Remark"), required=False)

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["region_code"].choices = region_field(officer)


def _kind_and_quantity() -> dict[str, forms.Field]:
    return {
        "kind": forms.ChoiceField(label=_("Kind"), choices=HelpKind.choices),
        "quantity": money(_("How much")),
        "unit": text(
            _("Unit"),
            20,
            required=False,
            help_text=_("Of goods only: pieces, sets, tonnes. The others have their own."),
        ),
    }


class PledgeForm(ThingForm):
    title = text(_("What is pledged"))
    kind, quantity, unit = _kind_and_quantity().values()
    region_code = forms.ChoiceField(label=_("Meant for"))
    due_on = day(_("To be brought by"), required=False)

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["region_code"].choices = region_field(officer)
        self.fields["region_code"].initial = getattr(thing, "region_code", officer.region_code)


class TakeUpForm(ThingForm):
    kind = forms.ChoiceField(label=_("The helper is a"), choices=SocialHelper.Kind.choices, initial="person")
    name = text(_("Name of the helper"))
    due_on = day(_("To be brought by"), required=False)

    def ask(self, thing: Pledge, officer: Officer) -> None:
        self.fields["name"].initial = thing.offered_name


class ReasonForm(ThingForm):
    reason = words(_("Reason"))


class SettleForm(ThingForm):
    reason = words(_("Why it is not taken up or fell through"), help_text=_("Whoever holds the receipt reads it."))


class MatchForm(ThingForm):
    """A need for a pledge, the likeliest first."""

    need = forms.ChoiceField(label=_("Need"))

    def ask(self, thing: Pledge, officer: Officer) -> None:
        found = fitting_needs(officer, thing)
        standing = standing_of(found)
        self.fields["need"].choices = [
            (str(each.pk), f"{each.title} · {standing[each.pk].left.normalize():f} {each.unit} · {path_of(each.region_code, below=officer.region_code)}")
            for each in found
        ]  # fmt: skip
        if not found:
            self.fields["need"].help_text = _("No need of this kind is open where the pledge is meant for.")


class MatchPledgeForm(ThingForm):
    """A pledge for a need, the likeliest first."""

    pledge = forms.ChoiceField(label=_("Pledge"))

    def ask(self, thing: Need, officer: Officer) -> None:
        found = fitting_pledges(officer, thing)
        self.fields["pledge"].choices = [
            (str(each.pk), f"{each.title} · {each.quantity.normalize():f} {each.unit} · {each.helper}")
            for each in found
        ]
        if not found:
            self.fields["pledge"].help_text = _("No pledge of this kind is free.")


class ReceiveForm(ThingForm):
    on = day(_("Arrived on"))
    quantity = money(_("How much"))
    value_cny = money(_("Value (CNY)"), required=False)
    is_last = forms.BooleanField(label=_("Nothing more will come"), required=False)
    note = words(_("Remark"), required=False)

    def ask(self, thing: Pledge, officer: Officer) -> None:
        self.fields["quantity"].help_text = thing.unit


class ResultForm(ThingForm):
    result = words(
        _("What came of it"), 3, help_text=_("The helper reads it by the receipt. Name nobody, no number, no illness.")
    )

    def ask(self, thing: Pledge, officer: Officer) -> None:
        self.fields["result"].initial = thing.result


class NeedForm(ThingForm):
    title = text(
        _("Public words"),
        help_text=_("What everybody may read: a thing, no person. Such as: winter coats for school children."),
    )
    kind, quantity, unit = _kind_and_quantity().values()
    region_code = forms.ChoiceField(label=_("Place that needs it"))
    household_number = text(
        _("Household number, if one household needs it"), 40, required=False,
        help_text=_("In public it is “a household” in its township."),
    )  # fmt: skip
    words = words(_("For those inside"), required=False)
    needed_by = day(_("Needed by"), required=False)

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["region_code"].choices = region_field(officer)
        if isinstance(thing, Household):
            self.fields["household_number"].initial = thing.number
            self.fields["region_code"].initial = thing.region_code


class PublishForm(ThingForm):
    title = text(_("Public words"))
    has_read = forms.BooleanField(
        label=_("I have read the words: they hold no name, no number, no illness"), required=False
    )

    def ask(self, thing: Need, officer: Officer) -> None:
        self.fields["title"].initial = thing.title


class ProductForm(ThingForm):
    name = text(_("Product"), 80)
    producer = text(_("Who makes it"), required=False, help_text=_("Cooperative, firm or project."))
    unit = text(_("Unit"), 20, help_text=_("Such as kg, head or box."))
    region_code = forms.ChoiceField(label=_("Where it is made"))

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["region_code"].choices = region_field(officer)


class SaleForm(ThingForm):
    product = forms.ModelChoiceField(Product.objects.none(), label=_("Product"))
    on = day(_("Day"))
    quantity = money(_("Quantity"))
    amount_cny = money(_("What the order came to (CNY)"))
    channel = forms.ChoiceField(label=_("Channel"), choices=Sale.Channel.choices)
    buyer = text(_("Buyer"), required=False)
    pairing = forms.ModelChoiceField(Pairing.objects.none(), label=_("Through the pairing"), required=False)
    project = text(_("Project"), required=False, help_text=_("Its name, if the order belongs to one."))
    income_cny = money(_("What households earned of it (CNY)"), required=False)
    households = count(_("Households that earned"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def ask(self, thing: Any, officer: Officer) -> None:
        self.fields["product"].queryset = Product.objects.visible_to(officer)
        self.fields["product"].label_from_instance = lambda each: f"{each.name} ({each.unit}) {each.producer}".strip()
        self.fields["pairing"].queryset = Pairing.objects.visible_to(officer)
        self.fields["key"].initial = uuid.uuid4().hex


class ShareForm(ThingForm):
    household_number = text(_("Household number"), 40)
    income_cny = money(_("What it earned (CNY)"))
