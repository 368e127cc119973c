"""Help that fits: plans, help at once, whether it worked, jobs and training.

What a household gets within its case stays `casework.Measure`; a plan says what is to come, and leads to it.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import LEVEL_DIGITS
from khotail.accounts.scope import HouseholdScoped
from khotail.casework.models import Case, Lead, Measure
from khotail.register.models import Document, Household, Person
from khotail.trail.scope import RegionScoped, in_region

_OFFICER = settings.AUTH_USER_MODEL


class TemplateScoped(RegionScoped):
    def offered_to(self, officer: object) -> Self:
        """Those of the officer's region, and those from above that hold in it."""
        code = getattr(officer, "region_code", "")
        return self.filter(in_region(code) | models.Q(region_code__in=_above(code)))

    def offered_in(self, region_code: str) -> Self:
        """Those that a household in this place may start from: its village's, its township's, its banner's …"""
        return self.filter(region_code__in=[*_above(region_code), region_code], retired_at=None)


def _above(code: str) -> list[str]:
    return [code[:digits] for digits in LEVEL_DIGITS.values() if digits < len(code)]


class PlanTemplate(models.Model):
    """Lines that many households need alike, written once for a village, township or banner.

    lines  [{category, kind, causes, months, amount_cny, note}, …]
    """

    class For(models.TextChoices):
        ANY = "", _("Any household")
        WITH_LABOUR = "with_labour", _("With labour")
        WITHOUT_LABOUR = "without_labour", _("Without labour")

    region_code = models.CharField(max_length=12, db_index=True)
    title = models.CharField(max_length=120)
    household = models.CharField(max_length=16, choices=For, blank=True)
    lines = models.JSONField(default=list)
    note = models.TextField(blank=True)
    written_by = models.ForeignKey(_OFFICER, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = TemplateScoped.as_manager()

    class Meta:
        ordering = ("region_code", "title", "id")


class Plan(models.Model):
    """What is to be done for one household while its case is open.

    gaps  ids of the rulebook's needs that nothing planned or running answers, as of the last change or night
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Being written")
        AGREED = "agreed", _("Agreed with the household")
        CLOSED = "closed", _("Closed")

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="plan")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="plans")
    region_code = models.CharField(max_length=12)
    template = models.ForeignKey(PlanTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="plans")
    aim = models.TextField(blank=True)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    has_labour = models.BooleanField(null=True, blank=True)
    gaps = models.JSONField(default=list)
    gaps_reason = models.TextField(blank=True)  # why it was agreed although something is lacking
    agreed_with = models.CharField(max_length=60, blank=True)  # who of the household
    agreed_by = models.ForeignKey(_OFFICER, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(_OFFICER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(_OFFICER, null=True, on_delete=models.PROTECT, related_name="+")
    result = models.TextField(blank=True)

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("region_code", "state", "review_on"), name="plan_of_region"),)


class PlanLine(models.Model):
    """One measure of a plan: planned, then running as a measure of the case, then done; or dropped, and why."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="lines")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    causes = models.JSONField(default=list)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    helper = models.ForeignKey(_OFFICER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    measure = models.OneToOneField(Measure, null=True, blank=True, on_delete=models.PROTECT, related_name="planned")
    documents = models.ManyToManyField(Document, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    changed_by = models.ForeignKey(_OFFICER, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("starts_on", "id")
        indexes = (models.Index(fields=("state", "region_code", "starts_on"), name="line_to_begin"),)


class Emergency(models.Model):
    """Help that was given at once. Its papers follow within the rulebook's days; what is overdue goes one level up.

    key  the sender's own name for it: sent twice, given once
    """

    class Kind(models.TextChoices):
        CASH = "cash", _("Cash")
        FOOD = "food", _("Food and daily goods")
        FODDER = "fodder", _("Fodder")
        SHELTER = "shelter", _("Shelter, tents, heating")
        MEDICAL = "medical", _("Medical treatment")
        TRANSPORT = "transport", _("Transport, rescue")
        REPAIR = "repair", _("Repair of the house")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        OPEN = "open", _("Papers to follow")
        COMPLETE = "complete", _("Papers complete")
        EXCUSED = "excused", _("Closed without papers")

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="emergencies")
    region_code = models.CharField(max_length=12)
    cause = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)  # or what it is worth
    words = models.TextField(blank=True)
    given_on = models.DateField()
    given_by = models.ForeignKey(_OFFICER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    level = models.CharField(max_length=10)  # whose the papers are
    due_on = models.DateField()
    escalated_to = models.CharField(max_length=10, blank=True)
    photos = models.ManyToManyField(Document, blank=True, related_name="+")
    papers = models.ManyToManyField(Document, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(_OFFICER, null=True, on_delete=models.PROTECT, related_name="+")
    measure = models.ForeignKey(Measure, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        indexes = (models.Index(fields=("state", "region_code", "due_on", "id"), name="emergency_open"),)


class EffectStudy(models.Model):
    """Whether help was followed by more income and better guarantees than comparable households had without it.

    measure  the one measure that is looked at, or None: then all of `category` (and `kind`) in the region
    result   what `khotail.assistance.effects` found: numbers, never names
    """

    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    measure = models.ForeignKey(Measure, null=True, blank=True, on_delete=models.PROTECT, related_name="studies")
    category = models.CharField(max_length=40)
    kind = models.CharField(max_length=60, blank=True)
    since = models.DateField(null=True, blank=True)  # measures that began on or after
    until = models.DateField(null=True, blank=True)
    asked_by = models.ForeignKey(_OFFICER, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    job_number = models.BigIntegerField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("region_code", "-id"), name="study_of_region"),)


class Employment(models.Model):
    """A job that somebody of the register has or had."""

    class Place(models.TextChoices):
        VILLAGE = "village", _("In the village or township")
        BANNER = "banner", _("In the banner")
        REGION = "region", _("Elsewhere in the region")
        AWAY = "away", _("Outside the region")

    class Found(models.TextChoices):
        SELF = "self", _("By themselves or through relatives")
        VILLAGE = "village", _("Village or helper")
        ORGANISED = "organised", _("Organised labour export")
        EAST_WEST = "east_west", _("East–West labour cooperation")
        BEIJING = "beijing", _("Beijing–Inner Mongolia cooperation")
        PUBLIC_POST = "public_post", _("Public post")
        WORKSHOP = "workshop", _("Employment workshop")
        PROJECT = "project", _("Project (work instead of relief)")
        TRAINING = "training", _("After training")
        OTHER = "other", _("Other")

    class Ending(models.TextChoices):
        OVER = "over", _("Contract ended as agreed")
        DISMISSED = "dismissed", _("Dismissed, or the employer closed")
        INJURED = "injured", _("Injured at work")
        ILL = "ill", _("Illness")
        FAMILY = "family", _("Care of the family")
        LEFT = "left", _("Left for another job")
        OTHER = "other", _("Other")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="jobs")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="jobs")
    region_code = models.CharField(max_length=12)
    employer = models.CharField(max_length=120)
    trade = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=8, choices=Place)
    place_words = models.CharField(max_length=120, blank=True)
    found = models.CharField(max_length=12, choices=Found)
    monthly_pay_cny = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    starts_on = models.DateField()
    agreed_until = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ending = models.CharField(max_length=10, choices=Ending, blank=True)
    is_lost = models.BooleanField(default=False)  # ended before it was to, and not for another job
    note = models.TextField(blank=True)
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(_OFFICER, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-starts_on", "-id")
        constraints = (models.UniqueConstraint(fields=("person", "employer", "starts_on"), name="one_job_begins_once"),)
        indexes = (
            models.Index(fields=("region_code", "ended_on", "-id"), name="job_of_region"),
            models.Index(fields=("is_lost", "region_code", "-ended_on"), name="job_lost"),
        )


class Training(models.Model):
    """A class: its trade, hours and days, and who holds it."""

    region_code = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    trade = models.CharField(max_length=60)
    provider = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    hours = models.PositiveIntegerField()
    seats = models.PositiveIntegerField(null=True, blank=True)
    opened_by = models.ForeignKey(_OFFICER, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    objects = TemplateScoped.as_manager()

    class Meta:
        ordering = ("-starts_on", "-id")
        indexes = (models.Index(fields=("region_code", "-starts_on", "-id"), name="training_of_region"),)


class Trainee(models.Model):
    """Somebody in a class: hours attended, the certificate, and the job that followed."""

    class Result(models.TextChoices):
        ENROLLED = "enrolled", _("Enrolled")
        CERTIFIED = "certified", _("Certificate")
        ATTENDED = "attended", _("Finished, no certificate")
        LEFT = "left", _("Did not finish")

    training = models.ForeignKey(Training, on_delete=models.PROTECT, related_name="trainees")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    hours = models.PositiveIntegerField(default=0)
    result = models.CharField(max_length=10, choices=Result, default=Result.ENROLLED)
    certificate = models.CharField(max_length=60, blank=True)  # its number
    enrolled_by = models.ForeignKey(_OFFICER, on_delete=models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("training", "person"), name="one_seat_a_person"),)
