"""Simulations that were asked for, what they found village by village, and the households that would fall.

What a simulation says of single households lies encrypted under KHOTAIL_HOME (`khotail.simulation.keeping`); the pages'
numbers lie here, and a row for each household that falls, since somebody has to work on it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.jobs.models import Job
from khotail.register.models import Household
from khotail.trail.scope import RegionScoped
from khotail.visits.models import Assignment


class Simulation(models.Model):
    """One scenario over a region, for the years that come after a day.

    scenario     as written in YAML
    goes_on      programmes that the law ends, which the comparison takes to go on: else their end would be no change
    told         what the scenario changes, a sentence each: {zh, en}
    summary      what it found in the whole region: years, programmes, left_out, assumed, skipped; no household
    computed_at  when its numbers were there; `listed_at`, when the list of households was whole
    """

    title = models.CharField(max_length=120)
    region_code = models.CharField(max_length=12)
    scenario = models.TextField()
    file_name = models.CharField(max_length=80)
    goes_on = models.JSONField(default=list)
    told = models.JSONField(default=list)
    as_of = models.DateField()
    years = models.PositiveSmallIntegerField(default=5)
    rulebook = models.CharField(max_length=80, blank=True)
    rulebook_digest = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    computed_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(null=True, blank=True)
    summary = models.JSONField(default=dict)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("simulation")
        indexes = (models.Index(fields=("region_code", "-id"), name="simulation_of_region"),)


class VillageYear(models.Model):
    """What a simulation found in one village for one year. All villages add up to the summary.

    lost  programme → CNY that the scenario pays less than the law as it stands
    """

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="villages", db_index=False)
    region_code = models.CharField(max_length=12, blank=True)
    year = models.PositiveSmallIntegerField()
    households = models.PositiveIntegerField()
    below_baseline = models.PositiveIntegerField()
    below_scenario = models.PositiveIntegerField()
    fall = models.PositiveIntegerField()
    rise = models.PositiveIntegerField()
    deeper = models.PositiveIntegerField()
    struck = models.PositiveIntegerField()
    cost_baseline_cny = models.DecimalField(max_digits=16, decimal_places=2)
    cost_scenario_cny = models.DecimalField(max_digits=16, decimal_places=2)
    lost = models.JSONField(default=dict)

    objects = RegionScoped.as_manager()

    class Meta:
        verbose_name = _("village in a simulation")
        constraints = (
            models.UniqueConstraint(fields=("simulation", "region_code", "year"), name="one_village_and_year"),
        )


class Fall(models.Model):
    """A household that falls below the line in the scenario and not by the law as it stands: somebody has to look at it.

    first_year   the first year in which it falls
    gap_cny      how far below the line it comes, a person, in its worst year; `hold_cny`, what that year takes to hold it
    years        [year, net income a person by the law, by the scenario, line, CNY to hold] of each year in which it falls
    """

    class State(models.TextChoices):
        TO_VISIT = "to_visit", _("To visit")
        VISITED = "visited", _("Visited")
        HELD = "held", _("Held")
        NO_NEED = "no_need", _("No need")

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="falls", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="falls")
    region_code = models.CharField(max_length=12)
    members = models.PositiveSmallIntegerField()
    first_year = models.PositiveSmallIntegerField()
    gap_cny = models.DecimalField(max_digits=12, decimal_places=2)
    hold_cny = models.DecimalField(max_digits=14, decimal_places=2)
    years = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.TO_VISIT)
    held_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.SET_NULL, related_name="falls"
    )  # the visit that it was handed over to

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("region_code", "id")
        verbose_name = _("household that falls")
        constraints = (models.UniqueConstraint(fields=("simulation", "household"), name="one_fall_of_a_household"),)
        indexes = (models.Index(fields=("simulation", "region_code", "id"), name="fall_of_region"),)


class RadarReading(models.Model):
    """Which programmes end without a successor, with what hangs on each, as the register stood on a day.

    lines  [{programme, zh, en, until, fund, assumed, skipped: {zh, en} or None, villages: [[code, households, CNY a year]]}]
    """

    region_code = models.CharField(max_length=12)
    as_of = models.DateField()
    read_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lines = models.JSONField(default=list)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("reading of the radar")
        indexes = (models.Index(fields=("region_code", "-id"), name="radar_of_region"),)
