"""What a policy officer types: a scenario as rows or as YAML, how a household stands, a village handed over to visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from khotail.accounts.language import said
from khotail.accounts.models import Officer
from khotail.analysis.scenario import COMPONENTS, SHOCKS
from khotail.desk.regions import path_of
from khotail.desk.templatetags.khotail import spoken
from khotail.register.models import Region
from khotail.rulebook.model import Rulebook
from khotail.rulebook.procedures import MEASURE_CATEGORIES
from khotail.rulebook.programmes import COUNTS_AS, PAYING_LEVELS
from khotail.simulation.actions import MOST_YEARS
from khotail.simulation.models import Fall
from khotail.simulation.scenarios import COMPONENT_NAMES, MOST_CHARACTERS, ending_programmes
from khotail.trail.scope import in_region
from khotail.visits.forms import forms_for

#: Villages are too many for a list in every row, and so are the townships of a whole region.
_TOWNSHIP_DIGITS, _BANNER_DIGITS, _MOST_PLACES = 9, 6, 200
_NAMES = {
    "ends": _("ends"), "tapers": _("is paid less, year by year"), "converts": _("turns into another"),
}  # fmt: skip
#: Conditions to pick from; any other one can be written.
CONDITIONS: dict[str, Any] = {
    "household_type = '脱贫户'": _("households out of poverty"),
    "is_under_watch": _("households under watch"),
    "members_with_labour > 0": _("households with somebody who can work"),
    "members_working_away > 0": _("households with somebody who works away"),
    "net_income_per_capita_latest < :monitoring_line * 1.5": _("income below one and a half times the line"),
}


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def _choices(texts: dict[str, Any]) -> list[tuple[str, str]]:
    return [(id_, said(text)) for id_, text in texts.items()]


@dataclass(frozen=True)
class Offered:
    """What the fields of the builder offer somebody: looked up once, however many rows there are."""

    officer: Officer
    book: Rulebook
    places: list[tuple[str, str]]
    programmes: list[tuple[str, str]]


def offered(officer: Officer, book: Rulebook) -> Offered:
    programmes = [(id_, said(programme.name)) for id_, programme in book.programmes.items()]
    return Offered(officer, book, _places(officer), programmes)


def _places(officer: Officer) -> list[tuple[str, str]]:
    """Regions of the officer down to the townships, or to the banners where those are too many, by name."""
    rows = Region.objects.filter(in_region(officer.region_code, "code")).order_by("code")
    codes = [code for code in rows.values_list("code", flat=True) if len(code) <= _TOWNSHIP_DIGITS]
    if len(codes) > _MOST_PLACES:
        codes = [code for code in codes if len(code) <= _BANNER_DIGITS]
    codes = codes if officer.region_code in codes else [officer.region_code, *codes]
    return [(code, path_of(code, below=officer.region_code)) for code in codes]


class HeadForm(forms.Form):
    """What every simulation needs, however its scenario is written."""

    title = forms.CharField(label=_("Name"), max_length=120)
    region_code = forms.ChoiceField(label=_("Region"))
    years = forms.IntegerField(label=_("Years ahead"), min_value=1, max_value=MOST_YEARS, initial=5)
    goes_on = forms.MultipleChoiceField(
        label=_("Compare with the law as if these went on"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Programmes that the law ends. Ticked, their end counts as part of the scenario."),
    )  # fmt: skip

    def __init__(self, offered: Offered, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["region_code"].choices = offered.places
        self.fields["region_code"].initial = offered.officer.region_code
        ending = [(id_, said(name)) for id_, name in ending_programmes(offered.book)]
        self.fields["goes_on"].choices = ending
        if not ending:
            del self.fields["goes_on"]


class BuiltForm(HeadForm):
    adopted = _day(_("Adopted on"), help_text=_("Nothing takes effect before it."))
    field_order: ClassVar = ("title", "region_code", "years", "adopted", "goes_on")


class WrittenForm(HeadForm):
    text = forms.CharField(
        label=_("Scenario (YAML)"), required=False, max_length=MOST_CHARACTERS, strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "code", "lang": "en"}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("or a file"), required=False, widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
        help_text=_("If there is one, it is taken instead of what stands above."),
    )  # fmt: skip
    field_order: ClassVar = ("title", "region_code", "years", "text", "file", "goes_on")


class RowForm(forms.Form):
    """One row of a scenario. One that nobody touched is no row, and neither is one that was struck out."""

    prefix_name = ""
    out = forms.BooleanField(label=_("Leave this row out"), required=False)

    def __init__(self, offered: Offered, *given: Any, **more: Any) -> None:
        super().__init__(*given, empty_permitted=True, use_required_attribute=False, **more)
        self.fill(offered)
        if "region" in self.fields:
            self.fields["region"].choices = [("", _("everywhere")), *offered.places]

    def fill(self, offered: Offered) -> None: ...

    @property
    def counts(self) -> bool:
        """Whether the row says anything."""
        return self.has_changed() and not self.data.get(self.add_prefix("out"))


class ChangeForm(RowForm):
    prefix_name = "changes"
    programme = forms.ChoiceField(label=_("Programme"))
    kind = forms.ChoiceField(label=_("What happens"), choices=list(_NAMES.items()), initial="ends")
    on = _day(_("From"))
    region = forms.ChoiceField(label=_("Where"), required=False)
    shares = forms.CharField(
        label=_("Still paid, year by year (%)"), required=False, max_length=120,
        help_text=_("If it is paid less: for example 80 50 20 0. The last one stays."),
    )  # fmt: skip
    to = forms.ChoiceField(label=_("Turns into"), required=False, help_text=_("If it turns into another."))

    def fill(self, offered: Offered) -> None:
        self.fields["programme"].choices = [("", "—"), *offered.programmes]
        self.fields["to"].choices = [("", "—"), *offered.programmes]

    def clean_shares(self) -> str:
        """Whatever stands between the numbers."""
        shares = self.cleaned_data["shares"]
        return " ".join(shares.translate(str.maketrans(dict.fromkeys(",，、;；%％", " "))).split())


class AddForm(RowForm):
    prefix_name = "adds"
    name = forms.CharField(label=_("Name of the programme"), max_length=80)
    level = forms.ChoiceField(
        label=_("Paid for"), choices=[("household", _("each household")), ("person", _("each person"))], initial="household"
    )  # fmt: skip
    who = forms.CharField(
        label=_("Who is entitled"), max_length=500, help_text=_("A condition of the rulebook; pick one or write another."),
        widget=forms.TextInput(attrs={"list": "conditions", "spellcheck": "false", "lang": "en"}),
    )  # fmt: skip
    amount = forms.CharField(
        label=_("CNY a year"), max_length=200, help_text=_("A number, or a formula of the rulebook.")
    )
    category = forms.ChoiceField(label=_("Kind of help"))
    counts_as = forms.ChoiceField(label=_("Counts as"))
    payer = forms.ChoiceField(label=_("Level that pays"))
    fund = forms.CharField(label=_("Out of which fund"), max_length=120)
    region = forms.ChoiceField(label=_("Where"), required=False)
    since = _day(_("From"))
    until = _day(_("Until"), required=False, help_text=_("Left empty, it has no end, and is counted to go on."))
    source = forms.CharField(label=_("Source: document and article"), max_length=300, required=False)

    def fill(self, offered: Offered) -> None:
        for name, texts in (("category", MEASURE_CATEGORIES), ("counts_as", COUNTS_AS), ("payer", PAYING_LEVELS)):
            self.fields[name].choices = _choices(texts)
            self.fields[name].initial = {"category": "综合保障", "counts_as": "transfer", "payer": "banner"}[name]


class ShockForm(RowForm):
    prefix_name = "shocks"
    id = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    cause = forms.ChoiceField(label=_("What strikes"))
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    since = _day(_("From"))
    until = _day(_("Until"))
    region = forms.ChoiceField(label=_("Where"), required=False)
    share = forms.FloatField(label=_("Households struck (%)"), min_value=0, max_value=100, initial=100)
    who = forms.CharField(
        label=_("Only"), required=False, max_length=500, help_text=_("Left empty, anybody may be struck."),
        widget=forms.TextInput(attrs={"list": "conditions", "spellcheck": "false", "lang": "en"}),
    )  # fmt: skip

    def fill(self, offered: Offered) -> None:
        self.fields["cause"].choices = [("", "—"), *_choices(SHOCKS)]
        for each in COMPONENTS:
            self.fields[each] = forms.FloatField(
                label=_("%(income)s: per cent of the usual") % {"income": said(COMPONENT_NAMES[each])},
                required=False, min_value=0, max_value=1000,
            )  # fmt: skip


class SettleForm(forms.Form):
    state = forms.ChoiceField(label=_("How it stands"), choices=Fall.State.choices)
    held_by = forms.CharField(
        label=_("Held by"), max_length=200, required=False, help_text=_("Such as the programme or measure.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, help_text=_("Needed for “No need”."))
    was = forms.CharField(widget=forms.HiddenInput)


class HandOverForm(forms.Form):
    region_code = forms.CharField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("Name of the round"), max_length=120)
    form_id = forms.ChoiceField(label=_("Form"))
    starts_on = _day(_("From"))
    due_on = _day(_("Until"))

    def __init__(self, officer: Officer, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        offered = forms_for(officer.region_code)
        self.fields["form_id"].choices = [
            (one.form_id, spoken({"zh": one.title_zh, "en": one.title_en})) for one in offered
        ]
        self.fields["form_id"].initial = "household_visit"
