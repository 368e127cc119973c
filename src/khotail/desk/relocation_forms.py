"""Forms of relocation sites, and what can be done with a site and with a household that moved there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import May
from khotail.desk.deeds import Deed, ThingForm
from khotail.desk.issue_words import places_of
from khotail.desk.partner_forms import EndForm, count, day, text, words
from khotail.desk.regions import name_of
from khotail.jobs.actions import ask
from khotail.relocation import actions
from khotail.relocation.jobs import OUTCOMES
from khotail.relocation.models import FacilityCheck, Relocated, Site

_UNSAID = [("", _("No record tells")), ("yes", _("yes")), ("no", _("no"))]


class SiteForm(ThingForm):
    name = text(_("Name of the site"))
    region_code = forms.ChoiceField(label=_("Village or township in which it lies"))
    opened_on = day(_("Opened on"))
    planned_households = count(_("Households that it was built for"), required=False)
    organisation = text(_("Community organisation"), required=False)
    office_phone = text(_("Phone of the office"), 40, required=False)

    def ask(self, thing: Any, officer: Officer) -> None:
        least = LEVEL_DIGITS["township"]
        self.fields["region_code"].choices = [
            (code, name_of(code) if code == officer.region_code else name)
            for code, name in places_of(officer) if len(code) >= least
        ]  # fmt: skip


class CheckForm(ThingForm):
    kind = forms.ChoiceField(label=_("Facility"), choices=FacilityCheck.Kind.choices)
    state = forms.ChoiceField(label=_("What was found"), choices=FacilityCheck.State.choices)
    on = day(_("Day"))
    note = words(_("Remark"), required=False)
    responsible = text(_("Who closes the gap"), 80, required=False)
    due_on = day(_("By when"), required=False)

    def ask(self, thing: Site, officer: Officer) -> None:
        self.fields["on"].initial = timezone.localdate()


class OrganiseForm(ThingForm):
    organisation = text(_("Community organisation"), help_text=_("Such as a residents' committee of the site."))
    organised_on = day(_("Since"), required=False)
    office_phone = text(_("Phone of the office"), 40, required=False)

    def ask(self, thing: Site, officer: Officer) -> None:
        for name in ("organisation", "organised_on", "office_phone"):
            self.fields[name].initial = getattr(thing, name)


class ActivityForm(ThingForm):
    on = day(_("Day"))
    title = text(_("What was done"))
    attended = count(_("People who came"), required=False)


class _Days(ThingForm):
    handed_over_on = day(_("Home handed over on"), required=False)
    moved_in_on = day(_("Moved in on"), required=False)
    registered_here = forms.TypedChoiceField(
        label=_("Household registration has followed"), choices=_UNSAID, required=False,
        coerce=lambda value: value == "yes", empty_value=None,
    )  # fmt: skip


class MoveInForm(_Days):
    household_number = text(_("Household number"), 40)
    origin_code = text(
        _("Code of the village that it came from"), 12, required=False,
        help_text=_("Twelve digits. While the register still has the household there, whether it stays is not known."),
    )  # fmt: skip
    origin = text(_("Where it came from, in words"), required=False)
    accompanying = forms.BooleanField(label=_("Moved along without being registered as poor"), required=False)
    field_order = (
        "household_number", "origin_code", "origin", "accompanying", "handed_over_on", "moved_in_on", "registered_here",
    )  # fmt: skip


class DaysForm(_Days):
    def ask(self, thing: Relocated, officer: Officer) -> None:
        self.fields["handed_over_on"].initial = thing.handed_over_on
        self.fields["moved_in_on"].initial = thing.moved_in_on
        self.fields["registered_here"].initial = {True: "yes", False: "no", None: ""}[thing.registered_here]


class LeaveForm(EndForm):
    on = day(_("Left on"))
    reason = words(_("Why it left"))


def _ask_outcomes(site: Site, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    return ask(OUTCOMES, {"site": site.pk}, by=by, region_code=site.region_code, now=now)


_KEEP = (May.KEEP_PROJECTS,)

SITE = (
    Deed("check", _("Look at a facility"), _("What was found is recorded."), CheckForm,
         lambda it, v, file, by, now: actions.check_facility(it, **v, by=by, now=now), actions.LOOKERS),
    Deed("move-in", _("Add a household that moved here"), _("The household is recorded, and its outcomes worked out."),
         MoveInForm, lambda it, v, file, by, now: actions.move_in(it, **v, by=by, now=now), _KEEP),
    Deed("activity", _("Record an activity"), _("The activity is recorded."), ActivityForm,
         lambda it, v, file, by, now: actions.hold_activity(it, **v, by=by, now=now), actions.LOOKERS),
    Deed("organise", _("Community organisation"), _("The organisation is recorded."), OrganiseForm,
         lambda it, v, file, by, now: actions.organise(it, **v, by=by, now=now), _KEEP),
    Deed("outcomes", _("Work the outcomes out again"), _("They are being worked out; look again in a minute."), ThingForm,
         _ask_outcomes, _KEEP),
)  # fmt: skip

HOUSEHOLD = (
    Deed("days", _("Days and registration"), _("The days are recorded."), DaysForm,
         lambda it, v, file, by, now: actions.say_days(it, **v, by=by, now=now), _KEEP, fits=lambda it: not it.left_on),
    Deed("leave", _("The household left"), _("It is recorded that the household left."), LeaveForm,
         lambda it, v, file, by, now: actions.leave(it, v["on"], v["reason"], by=by, now=now), _KEEP,
         fits=lambda it: not it.left_on, grave=True),
)  # fmt: skip
