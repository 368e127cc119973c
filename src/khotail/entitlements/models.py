"""What households and persons are entitled to, receive and miss, for as long as it holds, and what is done about the missed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.jobs.models import Job
from khotail.register.models import Household, Person
from khotail.residents.models import Resident
from khotail.trail.scope import RegionScoped


class EntitlementRun(models.Model):
    """One run of the programmes in force over a region on one day.

    counts  subjects, new, changed, ended, missed, households_missing, unknown, skipped and vanished programmes, and a line
            for each programme; `failed` or `cancelled` if it did not come to its end
    """

    region_code = models.CharField(max_length=12)
    as_of = models.DateField()
    rulebook = models.CharField(max_length=40)
    rulebook_digest = models.CharField(max_length=64)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("run of the programmes")
        constraints = (
            models.UniqueConstraint(
                fields=("region_code",),
                condition=models.Q(finished_at__isnull=True),
                name="one_entitlement_run_at_a_time",
            ),
        )


class Ending(models.TextChoices):
    """Why an entitlement, or the missing of it, is over."""

    RECEIVED = "received", _("Received now")
    NO_LONGER = "no_longer", _("No longer entitled")
    PROGRAMME_OVER = "programme_over", _("The programme has ended")
    PROGRAMME_GONE = "programme_gone", _("The programme is no longer in the rulebook")
    HOUSEHOLD_GONE = "household_gone", _("The household has left or merged")


class Entitlement(models.Model):
    """A household or person and a programme, for as long as there is anything to say of the two.

    A run writes only what changed, so one that lasts is untouched by it. What is merely unknown has no row.

    received   None where the data do not tell
    missed     due, and seen not to be received
    values     what the sentence names; numbers of persons sealed
    digest     of all of it, keyed: says whether anything changed, without opening what is sealed
    judged_on  day of the run that last wrote it: the day whose parameters the values are compared with
    """

    class State(models.TextChoices):
        ENTITLED = "entitled", _("Entitled")
        WITHDRAWING = "withdrawing", _("Being withdrawn gradually")
        GIVEN_UP = "given_up", _("A better programme excludes it")
        UNKNOWN = "unknown", _("Cannot be said")
        NOT_ENTITLED = "not_entitled", _("Not entitled")

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="entitlements", db_index=False
    )  # entitlement_of_household begins with it
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    region_code = models.CharField(max_length=12)
    programme_id = models.CharField(max_length=60)
    level = models.CharField(max_length=20)  # household, person
    subject = models.CharField(max_length=90)  # the household's number, then the person's
    state = models.CharField(max_length=12, choices=State)
    amount_cny = models.DecimalField(max_digits=12, decimal_places=2, null=True)  # a year; 0 is help in kind
    received = models.BooleanField(null=True)
    received_cny = models.DecimalField(max_digits=12, decimal_places=2, null=True)  # a year
    missed = models.BooleanField(default=False)
    values = models.JSONField(default=dict)
    digest = models.CharField(max_length=32, blank=True)
    since = models.DateField()
    judged_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ending = models.CharField(max_length=16, choices=Ending, blank=True)
    first_run = models.ForeignKey(EntitlementRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    last_run = models.ForeignKey(
        EntitlementRun, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # the run that ended it

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("entitlement")
        constraints = (
            models.UniqueConstraint(
                fields=("programme_id", "subject"),
                condition=models.Q(ended_on__isnull=True),
                name="one_open_entitlement",
            ),
        )
        indexes = (
            models.Index(fields=("household", "ended_on"), name="entitlement_of_household"),
            models.Index(
                fields=("region_code", "programme_id"),
                name="entitlement_of_region",
                condition=models.Q(ended_on__isnull=True),
            ),
            models.Index(fields=("first_run", "programme_id"), name="entitlement_first_seen"),
            models.Index(fields=("last_run", "programme_id"), name="entitlement_last_seen"),
        )


class Missed(models.Model):
    """An entitlement that is missed: something to do, until a run sees it received or no longer due.

    since      the first run that saw it missed
    reason     why it is not wanted, or why it was refused
    asked_at   when the household itself asked for it in the portal
    """

    class State(models.TextChoices):
        OPEN = "open", _("To do")
        TOLD = "told", _("Told")
        APPLIED = "applied", _("Applied for")
        NOT_WANTED = "not_wanted", _("Not wanted")
        REFUSED = "refused", _("Refused")

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="missed_times")
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="missed", db_index=False
    )  # missed_of_household begins with it
    region_code = models.CharField(max_length=12)
    programme_id = models.CharField(max_length=60)
    amount_cny = models.DecimalField(max_digits=12, decimal_places=2)
    since = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(Resident, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    first_run = models.ForeignKey(EntitlementRun, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(null=True, blank=True)
    closing = models.CharField(max_length=16, choices=Ending, blank=True)
    closed_run = models.ForeignKey(EntitlementRun, null=True, on_delete=models.PROTECT, related_name="+")

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-amount_cny", "since", "id")
        verbose_name = _("missed help")
        constraints = (
            models.UniqueConstraint(
                fields=("entitlement",), condition=models.Q(closed_on__isnull=True), name="one_open_missed"
            ),
        )
        indexes = (
            models.Index(fields=("household", "closed_on"), name="missed_of_household"),
            models.Index(
                fields=("region_code", "programme_id"),
                name="missed_of_region",
                condition=models.Q(closed_on__isnull=True),
            ),
            models.Index(
                fields=("-amount_cny", "since", "id"),
                name="missed_by_money",
                condition=models.Q(closed_on__isnull=True),
            ),
        )


class MissedMove(models.Model):
    """One thing that was done about a missed entitlement, by an officer or by the household itself."""

    missed = models.ForeignKey(Missed, on_delete=models.CASCADE, related_name="moves")
    state = models.CharField(max_length=10, choices=Missed.State)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Resident, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)


class Dependence(models.Model):
    """How far a household lives on policies in the last income year complete. Written where it changed.

    share  policy transfers by net income; None where the income is zero, negative or not known
    """

    household = models.OneToOneField(Household, on_delete=models.PROTECT, related_name="dependence")
    region_code = models.CharField(max_length=12)
    income_year = models.PositiveIntegerField()
    policy_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    net_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    share = models.DecimalField(max_digits=9, decimal_places=4, null=True)

    objects = HouseholdScoped.as_manager()

    class Meta:
        indexes = (models.Index(fields=("region_code", "share"), name="dependence_of_region"),)

    @property
    def of_a_hundred(self) -> int | None:
        """How many yuan of every hundred come from policies."""
        return None if self.share is None else round(self.share * 100)
