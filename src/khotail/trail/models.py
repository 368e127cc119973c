"""One table that only grows: each event holds the digest of the one before it."""

from __future__ import annotations

from django.db import models

from khotail.trail.scope import RegionScoped


class Event(models.Model):
    """Who did what to what, when, and what it was before and after.

    The actor is kept as number and name, not as a foreign key: an event outlives everything that it speaks of.
    `details` holds what changed; personal data in it are masked by the action that records.
    """

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=100, blank=True)
    verb = models.CharField(max_length=60, db_index=True)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    region_code = models.CharField(max_length=12, blank=True)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("subject_kind", "subject_id", "-id"), name="event_of_subject"),
            models.Index(fields=("region_code", "-id"), name="event_of_region"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject_kind} {self.subject_id}"


class ChainHead(models.Model):
    """The last link: one row, locked by whoever appends, so that the chain never forks."""

    digest = models.CharField(max_length=64)
    length = models.BigIntegerField(default=0)
