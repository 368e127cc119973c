from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.jobs.models import Job
from khotail.register.models import Household
from khotail.trail.scope import RegionScoped


class Kind(models.TextChoices):
    SIGNAL = "signal", _("Warning")
    AUDIT = "audit", _("Data audit")


class Run(models.Model):
    """One run of the rulebook over a region on one day."""

    kind = models.CharField(max_length=10, choices=Kind)
    region_code = models.CharField(max_length=12)
    as_of = models.DateField()
    rulebook = models.CharField(max_length=40)
    rulebook_digest = models.CharField(max_length=64)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)  # subjects, found, new, lasting, ended, skipped rules

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("screening run")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "region_code"),
                condition=models.Q(finished_at__isnull=True),
                name="one_run_at_a_time",
            ),
        )
        indexes = (models.Index(fields=("kind", "-id"), name="run_of_kind"),)


class Finding(models.Model):
    """A signal or audit finding for as long as it holds: from the run that first saw it to the run that no longer did.

    A run writes only what changed, so a finding that lasts is untouched by it.

    digest  of the values, keyed: says whether they changed, without opening what is sealed
    """

    kind = models.CharField(max_length=10, choices=Kind)
    household = models.ForeignKey(
        Household, null=True, on_delete=models.PROTECT, related_name="findings", db_index=False
    )  # finding_of_household begins with it
    region_code = models.CharField(max_length=12)
    level = models.CharField(max_length=20)  # household, person, work_record, village
    subject = models.CharField(max_length=160)  # the household's number, then the subject's key within it
    rule_id = models.CharField(max_length=60)
    severity = models.CharField(max_length=20)
    cause = models.CharField(max_length=20, blank=True)
    values = models.JSONField(default=dict)  # what the sentence names; numbers of persons sealed
    digest = models.CharField(max_length=32, blank=True)
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    first_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    last_run = models.ForeignKey(
        Run, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the run that ended it

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("finding")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "rule_id", "level", "subject"),
                condition=models.Q(ended_on__isnull=True),
                name="one_open_finding",
            ),
        )
        indexes = (
            models.Index(fields=("household", "ended_on"), name="finding_of_household"),
            models.Index(
                fields=("kind", "region_code", "rule_id"),
                name="finding_of_region",
                condition=models.Q(ended_on__isnull=True),
            ),
            models.Index(fields=("first_run", "rule_id"), name="finding_first_seen"),
            models.Index(fields=("last_run", "rule_id"), name="finding_last_seen"),
        )


class RulebookChange(models.Model):
    """A change to the banner's own rulebook: written, tried dry, then adopted or dropped."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        TRIED = "tried", _("Tried")
        ADOPTED = "adopted", _("Adopted")
        DROPPED = "dropped", _("Dropped")

    region_code = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    files = models.JSONField(default=dict)  # path in the overlay → YAML text
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    trial = models.JSONField(default=dict)  # warned, new, ended, as_of, by rule; flaw, if it could not be tried
    based_on = models.CharField(max_length=64, blank=True)  # digest of the rulebook that it was tried against
    trial_path = models.CharField(max_length=160, blank=True)  # the list of households, Parquet
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # of the rulebook once it was adopted

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("change to the rulebook")
