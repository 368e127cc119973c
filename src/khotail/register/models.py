"""The register: who lives where, and every statement that was ever made about them.

`Statement` is the record: dated, sourced, never changed. `Household` and `Person` are the newest of it, kept beside so
that lists and searches are one indexed lookup.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.register.sealed import SealedField
from khotail.trail.scope import RegionScoped


class Region(models.Model):
    code = models.CharField(max_length=12, primary_key=True)  # 2, 4, 6, 9 or 12 digits
    level = models.CharField(max_length=10)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class HouseholdQuery(HouseholdScoped):
    helper_field = "helper_id"


class Household(models.Model):
    class Ending(models.TextChoices):
        MERGED = "merged", _("Merged into another")
        MOVED = "moved", _("Moved away")
        DIED_OUT = "died_out", _("Nobody left")

    number = models.CharField(_("household number"), max_length=40, unique=True)
    region_code = models.CharField(_("village"), max_length=12)
    head_name = models.CharField(_("head"), max_length=60, blank=True)
    household_type = models.CharField(max_length=20, blank=True)  # as the register writes it: 一般农户, 脱贫户
    monitored_type = models.CharField(max_length=20, blank=True)  # 脱贫不稳定户, 边缘易致贫户, 突发严重困难户
    risk_resolved = models.BooleanField(default=False)
    size = models.PositiveIntegerField(default=0)
    income_cny_per_capita = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    income_year = models.PositiveIntegerField(null=True, blank=True)
    phone = SealedField(blank=True)
    phone_digest = models.CharField(max_length=32, blank=True)
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="households"
    )
    ended_on = models.DateField(null=True, blank=True)
    ending = models.CharField(max_length=10, choices=Ending, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")
    changed_at = models.DateTimeField()

    objects = HouseholdQuery.as_manager()

    class Meta:
        ordering = ("region_code", "number")
        indexes = (
            models.Index(fields=("region_code", "id"), name="household_of_region"),
            models.Index(fields=("head_name", "region_code"), name="household_by_head"),
            models.Index(fields=("phone_digest",), name="household_by_phone"),
            models.Index(fields=("helper",), name="household_of_helper", condition=models.Q(helper__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.head_name} {self.number}"


class Person(models.Model):
    """A member of a household. ID number and phone are sealed, and found through their keyed digests."""

    class Leaving(models.TextChoices):
        DIED = "died", _("Died")
        MOVED = "moved", _("Moved away")
        MARRIED_OUT = "married_out", _("Married out")
        SPLIT = "split", _("Household split")
        MERGED = "merged", _("Household merged")
        OTHER = "other", _("Other")

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members", db_constraint=False)
    region_code = models.CharField(max_length=12)  # the household's, kept here so that a search is one index
    number = models.CharField(max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=60)
    initials = models.CharField(max_length=30, blank=True)  # of the name's pinyin: 王小明 → wxm
    sex = models.CharField(max_length=4, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    relation = models.CharField(max_length=20, blank=True)
    id_number = SealedField(blank=True)
    id_digest = models.CharField(max_length=32, blank=True)
    phone = SealedField(blank=True)
    phone_digest = models.CharField(max_length=32, blank=True)
    joined_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    leaving = models.CharField(max_length=12, choices=Leaving, blank=True)
    changed_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("household_id", "id")
        indexes = (
            models.Index(fields=("name", "region_code"), name="person_by_name"),
            models.Index(fields=("initials", "region_code"), name="person_by_initials"),
            models.Index(fields=("id_digest",), name="person_by_id"),
            models.Index(fields=("phone_digest",), name="person_by_phone"),
            models.Index(fields=("number",), name="person_by_number"),
        )

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """One row of a fact table (`khotail.facts.schema`) as one source stated it on one day. Never changed, never deleted.

    key      the row's key within its table beyond the household, such as the income year
    values   column → value; columns that hold ID, bank or phone numbers are sealed
    digest   of table, subject, key, as_of, source and values: the same statement twice is one statement

    The database does not check whom rows of this table and of Person belong to, which is a third of what an import costs
    PostgreSQL: they are written by `register.statements` alone, with ids that it read in the same transaction, and no
    household or person is ever deleted (`PROTECT`).
    """

    table = models.CharField(max_length=30)
    household = models.ForeignKey(
        Household, null=True, on_delete=models.PROTECT, related_name="statements", db_index=False, db_constraint=False
    )  # statement_of_household begins with it
    person = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="statements", db_index=False, db_constraint=False
    )  # found through the household
    region_code = models.CharField(max_length=12)
    key = models.CharField(max_length=120, blank=True)
    values = models.JSONField()
    as_of = models.DateField()
    source = models.CharField(max_length=60)
    batch_id = models.BigIntegerField(null=True, blank=True, db_index=True)  # intake.Batch, to the right of this app
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    digest = models.CharField(max_length=32)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-as_of", "-id")
        constraints = (
            # also the index by which a household's statements are found
            models.UniqueConstraint(fields=("household", "table", "as_of", "digest"), name="statement_of_household"),
            models.UniqueConstraint(
                fields=("table", "digest"), condition=models.Q(household=None), name="statement_of_place"
            ),
        )


class Document(models.Model):
    """A photo, scan or file about a household; the content lies sealed under a random name (khotail.register.documents)."""

    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="documents")
    region_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=120)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=120)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = RegionScoped.as_manager()
