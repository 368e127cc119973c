"""The clock of the transition: from the day on which a banner left poverty, and how often it was put off."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.oversight.models.scope import ReadBelow


class Transition(models.Model):
    """A banner's transition. `ends_on` is exit plus the rulebook's years as it was set; extensions move it.

    is_key_here  the region (province) named it a key banner, beside the nation's list; `key_source` says where
    """

    region_code = models.CharField(max_length=12, unique=True)
    exited_on = models.DateField()
    source = models.CharField(max_length=200)  # document by which it left
    ends_on = models.DateField()
    is_key_here = models.BooleanField(default=False)
    key_source = models.CharField(max_length=200, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    objects = ReadBelow.as_manager()

    class Meta:
        ordering = ("region_code",)
        verbose_name = _("transition of a banner")


class Extension(models.Model):
    """Help goes on for longer: until when, for which reason, by which document. The end that held before stays known."""

    transition = models.ForeignKey(Transition, on_delete=models.PROTECT, related_name="extensions")
    before = models.DateField()
    until = models.DateField()
    reason = models.TextField()
    document = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        verbose_name = _("extension of a transition")
