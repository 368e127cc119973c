"""Forms of the issue pages: raising one, and one for each thing that is done with it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.desk.issue_words import bodies_of, places_of, route_choices, shown_suggestions
from khotail.desk.templatetags.khotail import spoken
from khotail.issues.allowed import most_days
from khotail.issues.models import Issue
from khotail.issues.moving import LONGEST_WORDS
from khotail.issues.publishing import PICTURES, for_the_public
from khotail.issues.routing import route_of
from khotail.rulebook.routes import Route, RouteAttribute

#: How somebody at a desk hears of an issue; the others come by themselves.
CHANNELS = (Issue.Channel.CADRE, Issue.Channel.PHONE, Issue.Channel.PAPER)
#: Choices of the class that are no class: a person decides later.
LATER = ""


def words_field(label: Any, *, rows: int = 2, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": rows}), **more
    )  # fmt: skip


class RaiseForm(forms.Form):
    """What somebody said, written down for them."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How it was heard"), choices=[(each.value, each.label) for each in CHANNELS]
    )
    region_code = forms.ChoiceField(label=gettext_lazy("Where it is"))
    words = words_field(gettext_lazy("What was said"), rows=4)
    place_words = forms.CharField(
        label=gettext_lazy("Place in words"), max_length=200, required=False,
        help_text=gettext_lazy("Such as: well behind the school."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name of who said it"), max_length=60, required=False)
    phone = forms.CharField(
        label=gettext_lazy("Their phone"), max_length=20, required=False, widget=forms.TextInput({"inputmode": "tel"}),
        help_text=gettext_lazy("The answer is sent there, and the receipt opens only together with it."),
    )  # fmt: skip
    latitude = forms.DecimalField(label=gettext_lazy("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.DecimalField(label=gettext_lazy("Longitude"), required=False, min_value=-180, max_value=180)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = places_of(officer)
        self.fields["key"].initial = uuid.uuid4().hex
        self.use_required_attribute = False

    @property
    def said(self) -> list[forms.BoundField]:
        return [self[name] for name in ("channel", "region_code", "words")]

    @property
    def who(self) -> list[forms.BoundField]:
        return [self[name] for name in ("place_words", "name", "phone")]

    @property
    def where(self) -> list[forms.BoundField]:
        return [self["latitude"], self["longitude"]]


class QuestionsForm(forms.Form):
    """The questions that belong to a class."""

    def __init__(self, route: Route, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="question", **kwargs)
        self.use_required_attribute = False
        for attribute in route.attributes:
            self.fields[attribute.id] = _question(attribute)


def _question(attribute: RouteAttribute) -> forms.Field:
    more = {"label": spoken(attribute.label), "required": attribute.required}
    values = [(id_, spoken(text)) for id_, text in attribute.values]
    if attribute.kind == "multivaluelist":
        return forms.MultipleChoiceField(choices=values, widget=forms.CheckboxSelectMultiple, **more)
    if values:
        return forms.ChoiceField(choices=[("", "—"), *values], **more)
    if attribute.kind == "text":
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), max_length=500, **more)
    return forms.CharField(max_length=500, **more)


class DeedForm(forms.Form):
    """What is asked for when something is done with an issue. Nothing, unless a form says so."""

    def __init__(self, issue: Issue, officer: Officer, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.ask(issue, officer, today)

    def ask(self, issue: Issue, officer: Officer, today: date) -> None:
        """Fill in what depends on the issue."""


class SortForm(DeedForm):
    route = forms.ChoiceField(label=gettext_lazy("Class"))
    words = words_field(gettext_lazy("Remark for those inside"), required=False)

    def ask(self, issue: Issue, officer: Officer, today: date) -> None:
        likely = [(route.id, f"{spoken(route.name)} ({sure} %)") for route, sure in shown_suggestions(issue, today, 3)]
        choices = [("", "—"), *([(_("Suggested"), likely)] if likely else []), *route_choices(today, issue.region_code)]
        self.fields["route"].choices = choices
        self.fields["route"].initial = issue.route
        if len(issue.region_code) < LEVEL_DIGITS["village"]:
            self.fields["region_code"] = forms.ChoiceField(
                label=_("Where it is exactly"), choices=places_of(officer, issue.region_code), required=False
            )


class AcceptForm(DeedForm):
    public_words = words_field(gettext_lazy("What will be done (everybody can read it)"), required=False)


class ReasonForm(DeedForm):
    words = words_field(gettext_lazy("Reason (whoever raised it can read it)"))


class TransferForm(ReasonForm):
    body = forms.ChoiceField(label=gettext_lazy("Whose it is"))
    field_order = ("body", "words")

    def ask(self, issue: Issue, officer: Officer, today: date) -> None:
        self.fields["body"].choices = bodies_of(issue, today)


class ExtendForm(ReasonForm):
    days = forms.IntegerField(label=gettext_lazy("Working days more"), min_value=1)
    field_order = ("days", "words")

    def ask(self, issue: Issue, officer: Officer, today: date) -> None:
        most = most_days(issue, today)
        self.fields["days"].widget.attrs["max"] = most
        self.fields["days"].help_text = _("Once, at most %(most)d working days.") % {"most": most}


class ResolveForm(DeedForm):
    public_words = words_field(gettext_lazy("What was done (everybody can read it)"), rows=3)
    words = words_field(
        gettext_lazy("For those inside"), required=False,
        help_text=gettext_lazy("Without a photo or paper, say here why there is none."),
    )  # fmt: skip


class MergeForm(DeedForm):
    number = forms.CharField(label=gettext_lazy("Number of the issue that stays"), max_length=24)


class SayForm(DeedForm):
    words = words_field(gettext_lazy("Message"))
    to_raiser = forms.ChoiceField(
        label=gettext_lazy("For whom"), widget=forms.RadioSelect, initial="no",
        choices=[("no", gettext_lazy("For those inside")), ("yes", gettext_lazy("For whoever raised it, and in public"))],
    )  # fmt: skip


class SayMoreForm(DeedForm):
    words = words_field(gettext_lazy("What they say"))


class ReopenForm(DeedForm):
    words = words_field(gettext_lazy("What is still wrong, in their words"))


class ConfirmForm(DeedForm):
    satisfied = forms.TypedChoiceField(
        label=gettext_lazy("How content they are"), coerce=int, widget=forms.RadioSelect,
        choices=[
            (5, gettext_lazy("5 very")), (4, "4"), (3, gettext_lazy("3 so so")), (2, "2"), (1, gettext_lazy("1 not at all")),
        ],
    )  # fmt: skip
    words = words_field(gettext_lazy("In their words"), required=False)


class PublishForm(DeedForm):
    public_words = words_field(
        gettext_lazy("What everybody reads"), rows=4, required=False,
        help_text=gettext_lazy("Leave out names, numbers and whatever tells who somebody is. Empty takes it back."),
    )  # fmt: skip
    photos = forms.MultipleChoiceField(
        label=gettext_lazy("Pictures that show nobody"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def ask(self, issue: Issue, officer: Officer, today: date) -> None:
        self.fields["public_words"].initial = for_the_public(issue)
        pictures = [
            photo for photo in issue.photos.select_related("document") if photo.document.content_type in PICTURES
        ]
        self.fields["photos"].choices = [(str(each.pk), _("Picture %(n)d") % {"n": each.pk}) for each in pictures]
        self.fields["photos"].initial = [str(each.pk) for each in pictures if each.public]
        if not pictures:
            del self.fields["photos"]


def route_or_none(id_: str, today: date, region_code: str) -> Route | None:
    """The class that was chosen, if one was. Raises UnknownRoute."""
    return route_of(id_, today, region_code) if id_ else None
