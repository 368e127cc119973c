"""Leads, cases, steps: nothing that was raised disappears, and each ends in a recorded decision."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.register.models import Document, Household
from khotail.screening.models import Finding
from khotail.trail.scope import RegionScoped


class Case(models.Model):
    """A household's way through a procedure. What it waits for is its one open step."""

    class State(models.TextChoices):
        DECIDING = "deciding", _("Being decided")
        HELPED = "helped", _("Monitored and helped")
        EXITING = "exiting", _("Leaving")
        EXITED = "exited", _("Risk resolved")
        DECREASED = "decreased", _("Natural decrease")
        REFUSED = "refused", _("Not taken in")

    CLOSED = (State.EXITED, State.DECREASED, State.REFUSED)

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="cases")
    region_code = models.CharField(max_length=12)
    procedure = models.CharField(max_length=60)  # id and day of the procedure under which it was opened
    state = models.CharField(max_length=10, choices=State, default=State.DECIDING)
    category = models.CharField(max_length=30, blank=True)  # unstable, marginal, sudden_hardship
    causes = models.JSONField(default=list)
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    opened_on = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    identified_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it was decided so, in the household's words
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="re_entries")

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("household",),
                condition=models.Q(state__in=("deciding", "helped", "exiting")),
                name="one_open_case_per_household",
            ),
        )
        indexes = (models.Index(fields=("region_code", "state"), name="case_of_region"),)


class Lead(models.Model):
    """Something that was heard about a household, through one of the channels."""

    class Channel(models.TextChoices):
        DECLARATION = "declaration", _("The household's declaration")
        VISIT = "visit", _("Cadre's visit")
        SCREENING = "screening", _("Screening")
        DEPARTMENT = "department", _("Department")
        HOTLINE = "hotline", _("Hotline 12317")
        PETITION = "petition", _("Petition")
        MEDIA = "media", _("Media")
        DISASTER = "disaster", _("Disaster notice")

    class State(models.TextChoices):
        OPEN = "open", _("To verify")
        TAKEN = "taken", _("Taken into a case")
        DISMISSED = "dismissed", _("Not confirmed")

    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="leads")
    region_code = models.CharField(max_length=12)
    channel = models.CharField(max_length=12, choices=Channel)
    causes = models.JSONField(default=list)
    words = models.TextField(blank=True)  # what was said
    told_by = models.CharField(max_length=60, blank=True)  # whoever spoke, if not the household itself
    consent = models.BooleanField(default=False)  # to have assets looked up; signed at the visit otherwise
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="leads")
    documents = models.ManyToManyField(Document, blank=True, related_name="+")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    due_on = models.DateField()
    escalated_to = models.CharField(max_length=10, blank=True)  # level that looks at it since it is overdue
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="leads")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        indexes = (
            models.Index(fields=("state", "region_code", "due_on", "id"), name="lead_to_verify"),
            models.Index(fields=("household", "state"), name="lead_of_household"),
        )


class Step(models.Model):
    """One step of a case, from the day it opened to its outcome. Rows are never reused: a step done again is a new row."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    procedure = models.CharField(max_length=60)  # id and day; a case goes through several: identification, follow-up …
    step_id = models.CharField(max_length=40)  # in the procedure
    level = models.CharField(max_length=10)  # village, township, banner …
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    not_before = models.DateField(null=True, blank=True)  # a notice must hang so long
    escalated_to = models.CharField(max_length=10, blank=True)
    opened_again = models.ForeignKey(  # the refusal that this step looks at again, since an objection was upheld
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="looked_at_again"
    )
    record = models.JSONField(default=dict)  # the step's fields: minutes, attendance, days …
    documents = models.ManyToManyField(Document, blank=True, related_name="+")
    outcome = models.CharField(max_length=30, blank=True)
    reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=models.Q(closed_at__isnull=True), name="one_open_step_per_case"
            ),
        )
        indexes = (
            models.Index(
                fields=("region_code", "due_on", "step_id", "case"),
                name="step_queue",
                condition=models.Q(closed_at__isnull=True),
            ),
        )


class Objection(models.Model):
    """What somebody said against a notice or a decision, and what came of it."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="objections")
    region_code = models.CharField(max_length=12)
    by = models.CharField(max_length=60, blank=True)  # blank: anonymous
    words = models.TextField()
    raised_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    upheld = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RegionScoped.as_manager()


class Measure(models.Model):
    """Help that a household gets within a case: category and kind as the register writes them, and for which causes."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="measures")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="measures")
    region_code = models.CharField(max_length=12)
    category = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    causes = models.JSONField(default=list)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()
