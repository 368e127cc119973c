"""Visits without signal: forms, who is to visit whom, and what came back. A submission is taken once, and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.register.models import Document, Household
from khotail.trail.scope import RegionScoped


class Form(models.Model):
    """One version of an XLSForm. A version that was published is never changed: a new one takes its place.

    xform   the XForm that it was converted to
    takes   where answers go: question → table and column of the facts, or what they raise (`khotail.rulebook.forms`)
    """

    form_id = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    purpose = models.CharField(max_length=30)  # visit, guarantees, recheck, disaster, relocation, satisfaction, other
    region_code = models.CharField(max_length=12, blank=True)  # where it is used; empty: everywhere
    from_rulebook = models.BooleanField(default=False)
    xlsx = models.BinaryField(null=True)
    xform = models.TextField()
    takes = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("form_id", "-id")
        constraints = (models.UniqueConstraint(fields=("form_id", "version"), name="one_form_of_a_version"),)

    def __str__(self) -> str:
        return f"{self.form_id} {self.version}"


class Round(models.Model):
    """A round of visits: these households with this form by that day."""

    title = models.CharField(max_length=120)
    form_id = models.CharField(max_length=64)
    region_code = models.CharField(max_length=12)
    starts_on = models.DateField()
    due_on = models.DateField()
    who = models.CharField(max_length=30)  # monitored, cases, warned, all, sample, chosen
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)


class Assignment(models.Model):
    """That somebody is to visit a household. `officer` None: any cadre or helper who may see it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="assignments")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="assignments")
    region_code = models.CharField(max_length=12)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    excused = models.CharField(max_length=200, blank=True)  # why there is no visit: away, moved, merged …

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        constraints = (models.UniqueConstraint(fields=("round", "household"), name="one_visit_of_a_round"),)
        indexes = (models.Index(fields=("officer", "done_at", "due_on"), name="assignment_of_officer"),)


class Submission(models.Model):
    """One filled form, by the instance id that the device gave it. Stored first; what it means is worked out after.

    sealed       the XML as it came, sealed
    device_*     as the device's clock says, which may be wrong
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Files still to come")
        RECEIVED = "received", _("Received")
        TAKEN = "taken", _("Taken into the register")
        TO_LOOK_AT = "to_look_at", _("Needs somebody to look at it")
        SET_ASIDE = "set_aside", _("Set aside")

    instance_id = models.CharField(max_length=120, unique=True)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="submissions")
    household = models.ForeignKey(
        Household, null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    region_code = models.CharField(max_length=12)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    received_at = models.DateTimeField()
    device_started_at = models.DateTimeField(null=True, blank=True)
    device_ended_at = models.DateTimeField(null=True, blank=True)
    device_id = models.CharField(max_length=80, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64)
    files_expected = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    outcome = models.JSONField(default=dict)  # what it became: statements, leads, issues; no personal data
    problem_zh = models.TextField(blank=True)
    problem_en = models.TextField(blank=True)
    looked_at_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    looked_at_at = models.DateTimeField(null=True, blank=True)

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("state", "id"), name="submission_to_take"),
            models.Index(fields=("region_code", "-id"), name="submission_of_region"),
            models.Index(fields=("household", "-id"), name="submission_of_household"),
        )


class SubmissionFile(models.Model):
    """A photo, signature or recording of a submission, by the name that its XML gives it."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("submission", "name"), name="one_file_of_a_name"),)
