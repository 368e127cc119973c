"""The four not-removes as numbers: one point for each region, quarter and series, and the alarms of sudden falls."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.trail.scope import RegionScoped


class Point(models.Model):
    """`quarter` is its first day. A quarter that is over is not written again."""

    region_code = models.CharField(max_length=12)
    series = models.CharField(max_length=30)
    quarter = models.DateField()
    value = models.DecimalField(max_digits=16, decimal_places=2)
    counted_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("region_code", "series", "quarter")
        verbose_name = _("point of a series")
        constraints = (
            models.UniqueConstraint(fields=("region_code", "series", "quarter"), name="one_point_a_quarter"),
        )


class Alarm(models.Model):
    """A series fell suddenly. It stays open until somebody explains it, or the number has come back."""

    region_code = models.CharField(max_length=12)
    series = models.CharField(max_length=30)
    quarter = models.DateField()
    before = models.DecimalField(max_digits=16, decimal_places=2)
    after = models.DecimalField(max_digits=16, decimal_places=2)
    raised_at = models.DateTimeField()
    explanation = models.TextField(blank=True)
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)
    recovered_at = models.DateTimeField(null=True, blank=True)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-quarter", "region_code", "series")
        verbose_name = _("alarm of a sudden fall")
        constraints = (
            models.UniqueConstraint(fields=("region_code", "series", "quarter"), name="one_alarm_a_quarter"),
        )
