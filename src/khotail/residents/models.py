"""Household members who use the portal: who they are, how they signed in, what they asked to have corrected, who looked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.casework.models import Lead
from khotail.register.models import Document, Household, Person
from khotail.register.sealed import SealedField
from khotail.trail.scope import RegionScoped


class Resident(models.Model):
    """A person of the register who signed in at least once. Signing in is by phone and code, or with a cadre's help."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="resident")
    region_code = models.CharField(max_length=12)
    language = models.CharField(max_length=10, default="zh-hans")
    large_type = models.BooleanField(default=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    blocked_at = models.DateTimeField(null=True, blank=True)  # may not sign in; a cadre can lift it
    sessions_ended = models.PositiveIntegerField(default=0)  # a session belongs to one number

    objects = RegionScoped.as_manager()

    @property
    def household(self) -> Household:
        return self.person.household

    @property
    def full_name(self) -> str:
        return self.person.name


class OneTimeCode(models.Model):
    """A code sent to a phone, or given by a cadre to the person beside them. Only keyed digests are kept.

    phone_digest  of the phone that it was sent to; empty for a code given by a cadre
    person        whom a cadre's code lets in
    """

    phone_digest = models.CharField(max_length=32, blank=True, db_index=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    code_digest = models.CharField(max_length=32, db_index=True)
    address_digest = models.CharField(max_length=32, blank=True, db_index=True)  # of the network address that asked
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )


class Consent(models.Model):
    """What somebody agreed to, in the words that were shown or read to them."""

    class How(models.TextChoices):
        TAPPED = "tapped", _("Tapped by themselves")
        READ_OUT = "read_out", _("Read out to them, agreed before a witness")
        SIGNED = "signed", _("Signed on paper")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    region_code = models.CharField(max_length=12)
    about = models.CharField(max_length=40)  # look_up_assets, declare_for_neighbour …
    words = models.TextField()
    how = models.CharField(max_length=10, choices=How)
    witness = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = RegionScoped.as_manager()


class Correction(models.Model):
    """What a household says is recorded wrongly about it. Ends corrected, or declined with a reason it can read."""

    class State(models.TextChoices):
        OPEN = "open", _("To look at")
        CORRECTED = "corrected", _("Corrected")
        DECLINED = "declined", _("Not corrected")

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="corrections")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # about whom
    region_code = models.CharField(max_length=12)
    table = models.CharField(max_length=30)
    column = models.CharField(max_length=60)
    row = models.JSONField(default=dict)  # which row, where a table has several: {"income_year": "2025"}
    recorded = models.CharField(max_length=200, blank=True)  # as it was shown to them; masked where the page masks
    wanted = models.CharField(max_length=200)
    words = models.TextField(blank=True)
    documents = models.ManyToManyField(Document, blank=True, related_name="+")
    asked_by = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="corrections")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        indexes = (models.Index(fields=("state", "region_code", "due_on"), name="correction_to_answer"),)


class Declaration(models.Model):
    """A difficulty that a resident declared, of their own household or of a neighbour: the lead that it became.

    key             the phone's own name for it: sent twice, taken once
    neighbour_name  whom it is about, where that is not their own household
    """

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="declarations")
    lead = models.OneToOneField(Lead, on_delete=models.PROTECT, related_name="declaration")
    region_code = models.CharField(max_length=12)
    neighbour_name = SealedField(blank=True)
    consent = models.ForeignKey(Consent, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    declared_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)


class Viewing(models.Model):
    """That an officer opened a household's page on a day, and how often: what the household can read about who looked."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="viewings")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    times = models.PositiveIntegerField(default=1)
    unmasked = models.PositiveIntegerField(default=0)  # how often ID numbers or phones were shown in full

    class Meta:
        ordering = ("-day", "-id")
        constraints = (
            models.UniqueConstraint(fields=("household", "officer", "day"), name="viewings_of_a_day_are_one_row"),
        )
