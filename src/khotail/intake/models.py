from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.jobs.models import Job
from khotail.register.models import Household, Person
from khotail.trail.scope import RegionScoped


class Batch(models.Model):
    """One file that came in, from upload to the last row decided. The same file twice is one batch."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        IMPORTING = "importing", _("Importing")
        IMPORTED = "imported", _("Imported")
        FAILED = "failed", _("Failed")
        WITHDRAWN = "withdrawn", _("Withdrawn before import")

    region_code = models.CharField(max_length=12)
    source = models.CharField(max_length=60)  # id of a mapping in khotail.facts.sources, or of a remembered one
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=160)  # under the home folder, sealed
    size_bytes = models.PositiveBigIntegerField()
    as_of = models.DateField()
    insisted = models.CharField(max_length=300, blank=True)  # why it is that list, though it looks like another
    mapping = models.JSONField(default=dict)  # header in the file → column, where a person corrected the guess
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    counts = models.JSONField(default=dict)  # rows, taken, mended, rejected, unchanged, doubtful …
    rejects_path = models.CharField(max_length=160, blank=True)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("region_code", "source", "sha256", "as_of"), name="one_batch_per_file"),
        )


class RememberedMapping(models.Model):
    """A correction that a person once made to the guessed columns of files with these headers."""

    region_code = models.CharField(max_length=12)
    source = models.CharField(max_length=60)
    headers_digest = models.CharField(max_length=64)
    mapping = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("region_code", "source", "headers_digest"), name="one_mapping_per_headers"),
        )


class DoubtfulMatch(models.Model):
    """A row that may be about somebody in the register. A person decides; until then its facts wait."""

    class State(models.TextChoices):
        OPEN = "open", _("To decide")
        MATCHED = "matched", _("Matched")
        NOBODY = "nobody", _("Nobody in the register")

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="doubtful")
    region_code = models.CharField(max_length=12)
    source = models.CharField(max_length=60)  # of the list that the row stands in
    sheet = models.CharField(max_length=60, blank=True)
    row_number = models.PositiveIntegerField()
    table = models.CharField(max_length=30)
    values = models.JSONField()  # as Statement.values, and by what the list describes the person
    candidates = models.JSONField(default=list)  # [{person, score, agrees: [...], differs: [...]}], best first
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # keyed digest of what the list says of the person, by which an earlier decision is found; "" where that is too little
    described = models.CharField(max_length=32, blank=True, db_index=True)
    decided_before = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("batch_id", "row_number")
        constraints = (
            models.UniqueConstraint(fields=("batch", "sheet", "table", "row_number"), name="one_doubt_per_row"),
        )
