"""Relocation sites: who moved there from where, what the site has, and three outcomes: they stay, they work, they get richer.

The outcomes follow from the register. What it does not tell is unknown, and counted as such.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.register.models import Household
from khotail.trail.scope import RegionScoped


class Site(models.Model):
    """A place that was built for people who moved. `region_code` is the village, or else the township, that it lies in."""

    region_code = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    opened_on = models.DateField()
    planned_households = models.PositiveIntegerField(null=True, blank=True)
    organisation = models.CharField(max_length=120, blank=True)  # that runs the community
    organised_on = models.DateField(null=True, blank=True)
    office_phone = models.CharField(max_length=40, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("region_code", "name")
        constraints = (models.UniqueConstraint(fields=("region_code", "name"), name="one_site_of_a_name"),)

    def __str__(self) -> str:
        return self.name


class FacilityCheck(models.Model):
    """What somebody found of one facility on one day. Rows are only added; the newest holds."""

    class Kind(models.TextChoices):
        SCHOOL = "school", _("School")
        KINDERGARTEN = "kindergarten", _("Kindergarten")
        CLINIC = "clinic", _("Clinic")
        SHOP = "shop", _("Shop")
        ROAD = "road", _("Road")
        TRANSPORT = "transport", _("Bus")
        WATER = "water", _("Water")
        POWER = "power", _("Power")
        HEATING = "heating", _("Heating")
        INTERNET = "internet", _("Internet")
        WASTE = "waste", _("Sewage and rubbish")
        ELDERLY = "elderly", _("Care of the elderly")
        SQUARE = "square", _("Square and culture")
        OFFICE = "office", _("Service office")

    class State(models.TextChoices):
        WORKS = "works", _("Is there and works")
        POOR = "poor", _("Is there, but not enough")
        LACKS = "lacks", _("Is lacking")
        NOT_NEEDED = "not_needed", _("Not needed here")

    GAPS = (State.POOR, State.LACKS)

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="checks")
    region_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=14, choices=Kind)
    state = models.CharField(max_length=10, choices=State)
    on = models.DateField()
    note = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)  # by when a gap is to be closed
    responsible = models.CharField(max_length=80, blank=True)  # the office that closes it
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ("-on", "-id")
        indexes = (models.Index(fields=("site", "kind", "-on", "-id"), name="facility_newest"),)


class Activity(models.Model):
    """Something that the community did together."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="activities")
    region_code = models.CharField(max_length=12)
    on = models.DateField()
    title = models.CharField(max_length=120)
    attended = models.PositiveIntegerField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-on", "-id")


class Relocated(models.Model):
    """A household that moved to a site. `region_code` is the household's, as the register has it now.

    origin_code, origin  the village that it came from, and more exactly in words
    accompanying         moved along without being registered as poor (同步搬迁)
    registered_here      whether its household registration has followed; None: nobody said
    stays, works, richer the outcomes as `khotail.relocation.outcomes` last worked them out
    income_now, income_before  CNY per person of `income_year` and of the year before it
    """

    class Stays(models.TextChoices):
        UNKNOWN = "", _("No record tells")
        YES = "yes", _("Stays")
        NO = "no", _("Has left")

    class Works(models.TextChoices):
        UNKNOWN = "", _("No record tells")
        JOB = "job", _("Has work")
        INDUSTRY = "industry", _("Tied to an industry")
        NEITHER = "neither", _("Labour, but no work")
        NO_LABOUR = "no_labour", _("Nobody can work")

    class Richer(models.TextChoices):
        UNKNOWN = "", _("No record tells")
        YES = "yes", _("Gets richer")
        NO = "no", _("Does not get richer")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="households")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="relocations")
    region_code = models.CharField(max_length=12)
    origin_code = models.CharField(max_length=12, blank=True)
    origin = models.CharField(max_length=120, blank=True)
    accompanying = models.BooleanField(default=False)
    handed_over_on = models.DateField(null=True, blank=True)
    moved_in_on = models.DateField(null=True, blank=True)
    registered_here = models.BooleanField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it left
    stays = models.CharField(max_length=4, choices=Stays, blank=True)
    works = models.CharField(max_length=10, choices=Works, blank=True)
    richer = models.CharField(max_length=4, choices=Richer, blank=True)
    able = models.PositiveIntegerField(null=True, blank=True)  # members who can work
    income_year = models.PositiveIntegerField(null=True, blank=True)
    income_now = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    income_before = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)  # when the outcomes were worked out
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("household",), condition=models.Q(left_on=None), name="one_site_of_a_household"
            ),
        )
        indexes = (
            models.Index(fields=("site", "works"), name="relocated_of_site"),
            models.Index(fields=("region_code", "works"), name="relocated_of_place"),
        )
