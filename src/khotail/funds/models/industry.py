"""How an industry project stands: four scores, figures by year, and what was upgraded."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.funds.models.projects import Project


def _score(name: object) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(name, validators=[MinValueValidator(1), MaxValueValidator(5)])


class HealthCard(models.Model):
    """Four scores of one day, 1 (lacking) to 5 (strong), each with a note. The newest card counts."""

    FIELDS = ("technology", "facilities", "marketing", "talent")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="health_cards")
    on = models.DateField()
    technology = _score(_("Technology"))
    technology_note = models.CharField(max_length=200, blank=True)
    facilities = _score(_("Facilities of an industry"))
    facilities_note = models.CharField(max_length=200, blank=True)
    marketing = _score(_("Marketing"))
    marketing_note = models.CharField(max_length=200, blank=True)
    talent = _score(_("Talent"))
    talent_note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("health card of an industry")
        ordering = ("-on", "-id")
        indexes = (models.Index(fields=("project", "-on", "-id"), name="health_card_newest"),)


class YearFigures(models.Model):
    """What an industry project yielded in a year."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="figures")
    year = models.PositiveSmallIntegerField()
    output_cny = models.DecimalField(max_digits=14, decimal_places=2)
    jobs = models.PositiveIntegerField()
    households = models.PositiveIntegerField()
    household_income_cny = models.DecimalField(max_digits=12, decimal_places=2)  # mean of those households
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("year of an industry")
        ordering = ("year",)
        constraints = (models.UniqueConstraint(fields=("project", "year"), name="one_row_of_a_year"),)


class Upgrade(models.Model):
    """What was upgraded in a year, from which grade to which. Its effect is read from the years before and after."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="upgrades")
    year = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=200)
    grade_before = models.CharField(max_length=40, blank=True)
    grade_after = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("upgrade of an industry")
        ordering = ("year", "id")
