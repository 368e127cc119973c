"""What projects leave behind: who keeps it, in which condition it is, and whether anybody uses it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.funds.models.projects import Project
from khotail.trail.scope import RegionScoped


class Asset(models.Model):
    """A thing handed over after a project. `region_code` is where it lies."""

    class Kind(models.TextChoices):
        OPERATING = "operating", _("Operating")
        PUBLIC = "public", _("For the public")
        HOUSEHOLD = "household", _("Of households")

    class Keeper(models.TextChoices):
        COLLECTIVE = "collective", _("Village collective")
        STATE = "state", _("State body")
        COOPERATIVE = "cooperative", _("Cooperative")
        FIRM = "firm", _("Firm")
        HOUSEHOLDS = "households", _("Households")

    class Condition(models.TextChoices):
        GOOD = "good", _("Good")
        WORN = "worn", _("Worn")
        BROKEN = "broken", _("Broken")
        GONE = "gone", _("Scrapped or sold")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    region_code = models.CharField(max_length=12)
    value_cny = models.DecimalField(max_digits=14, decimal_places=2)
    keeper_kind = models.CharField(max_length=12, choices=Keeper)
    keeper = models.CharField(_("keeper"), max_length=80)
    handed_over_on = models.DateField()
    condition = models.CharField(_("condition"), max_length=8, choices=Condition, default=Condition.GOOD)
    idle_since = models.DateField(null=True, blank=True)  # empty while it is used
    checked_on = models.DateField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        verbose_name = _("asset of a project")
        ordering = ("region_code", "name", "id")
        indexes = (
            models.Index(fields=("region_code", "kind"), name="asset_of_region"),
            models.Index(fields=("region_code", "idle_since"), condition=~models.Q(idle_since=None), name="asset_idle"),
        )

    def __str__(self) -> str:
        return self.name


class AssetCheck(models.Model):
    """What somebody found who went to see, or a change of keeper. Rows are only added."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="checks")
    on = models.DateField()
    condition = models.CharField(max_length=8, choices=Asset.Condition)
    is_used = models.BooleanField()
    keeper = models.CharField(max_length=80)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-on", "-id")
