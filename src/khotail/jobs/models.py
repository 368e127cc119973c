from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.trail.scope import RegionScoped


class Job(models.Model):
    """One piece of long work. A worker holds it by a lease that it renews; when the lease runs out, another goes on.

    kind        name under which the function is registered (`khotail.jobs.kinds.job`)
    arguments   what it was asked to do
    checkpoint  how far it has come, written in the same transaction as the work itself
    attempts    how often it was begun since its last checkpoint
    key         names the one occasion that it was asked for, such as a slot of the schedule
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    region_code = models.CharField(max_length=12, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    checkpoint = models.JSONField(default=dict)
    cancel_asked = models.BooleanField(default=False)
    outcome = models.JSONField(default=dict)
    problem_zh = models.TextField(blank=True)
    problem_en = models.TextField(blank=True)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("state", "lease_until", "id"), name="job_to_take"),)
