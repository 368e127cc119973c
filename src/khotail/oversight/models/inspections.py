"""Inspections: planned, made, what fell short, mended by a day, looked at again by somebody else."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.trail.scope import RegionScoped


class Inspection(models.Model):
    """One inspection of a place. `months`: it recurs after so many; done, the next one is planned by itself."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    region_code = models.CharField(max_length=12)
    topic = models.CharField(max_length=120)
    what = models.TextField(blank=True)
    inspector = models.CharField(max_length=80)  # who inspects: a body, or people by post
    months = models.PositiveSmallIntegerField(default=0)
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    done_on = models.DateField(null=True, blank=True)
    summary = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why it was dropped
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    following = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="before"
    )  # fmt: skip

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        verbose_name = _("inspection")
        indexes = (models.Index(fields=("region_code", "state", "due_on"), name="inspection_of_place"),)


class Shortcoming(models.Model):
    """What an inspection found: to be mended by a day, then looked at again; one that does not hold is open again."""

    class State(models.TextChoices):
        OPEN = "open", _("To be mended")
        MENDED = "mended", _("Mended, to be looked at")
        CLOSED = "closed", _("Holds")

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="shortcomings")
    region_code = models.CharField(max_length=12)
    what = models.TextField()
    body = models.CharField(max_length=80)  # who mends it
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    mended = models.TextField(blank=True)
    mended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    mended_at = models.DateTimeField(null=True, blank=True)
    looked = models.TextField(blank=True)
    looked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    looked_at = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        verbose_name = _("shortcoming")
        indexes = (models.Index(fields=("region_code", "state", "due_on"), name="shortcoming_of_place"),)
