"""Policies: the register, their scored reviews, and the classes that they were put in."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.oversight.models.scope import ReadBelow


class Policy(models.Model):
    """One policy document as it holds in a place.

    region_code    where it is kept and holds; whoever works there may change the entry
    level          who issued it, which may be far above the place
    parent_clause  the clause of the parent that it carries out
    programme      id of its programme in the rulebook; empty: it gives nothing to households
    place          place in the rural-revitalisation catalogue (`khotail.oversight.catalogue`); empty: an orphan
    transition     one of the four classes, set after a confirmed review
    """

    class Level(models.TextChoices):
        NATION = "nation", _("Nation")
        PROVINCE = "province", _("Region (province)")
        LEAGUE = "league", _("League")
        BANNER = "banner", _("Banner")
        TOWNSHIP = "township", _("Township")

    class Field(models.TextChoices):
        INDUSTRY = "industry", _("Industry")
        EMPLOYMENT = "employment", _("Employment")
        EDUCATION = "education", _("Education")
        HEALTH = "health", _("Health")
        HOUSING = "housing", _("Housing")
        WATER = "water", _("Drinking water")
        INCOME = "income", _("Income support and care")
        FINANCE = "finance", _("Finance and insurance")
        INFRASTRUCTURE = "infrastructure", _("Roads, water works, power, network")
        ECOLOGY = "ecology", _("Ecology and grassland")
        RELOCATION = "relocation", _("Relocation")
        MONITORING = "monitoring", _("Monitoring and early warning")
        SUPERVISION = "supervision", _("Supervision and assessment")
        OTHER = "other", _("Other")

    class Transition(models.TextChoices):
        ADJUST = "adjust", _("Adjust")
        STRENGTHEN = "strengthen", _("Strengthen")
        CONVERT = "convert", _("Convert")
        NEW = "new", _("New")

    region_code = models.CharField(max_length=12)
    title = models.CharField(_("title"), max_length=200)
    number = models.CharField(_("document number"), max_length=80, blank=True)
    field = models.CharField(_("field"), max_length=16, choices=Field)
    level = models.CharField(_("issued by"), max_length=10, choices=Level)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    parent_clause = models.CharField(max_length=120, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)  # None: a draft
    ends_on = models.DateField(null=True, blank=True)
    population = models.CharField(max_length=200, blank=True)
    beneficiaries = models.PositiveIntegerField(null=True, blank=True)  # households
    money_cny_year = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    body = models.CharField(max_length=80, blank=True)
    programme = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    transition = models.CharField(max_length=12, choices=Transition, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ReadBelow.as_manager()

    class Meta:
        ordering = ("title", "id")
        verbose_name = _("policy")
        constraints = (
            models.UniqueConstraint(fields=("region_code", "title", "number"), name="one_policy_of_a_title"),
        )
        indexes = (models.Index(fields=("programme", "starts_on"), name="policy_of_programme"),)

    def __str__(self) -> str:
        return self.title

    def standing(self, on: date) -> str:
        """ "draft", "coming", "ended" or "in_force" on a day."""
        if self.starts_on is None:
            return "draft"
        if self.starts_on > on:
            return "coming"
        return "ended" if self.ends_on is not None and self.ends_on < on else "in_force"


class PolicyReview(models.Model):
    """One scored review: five marks of 0 (bad) to 5 (good) with a note each, signed by one person, confirmed by another."""

    class State(models.TextChoices):
        SIGNED = "signed", _("To be confirmed")
        CONFIRMED = "confirmed", _("Confirmed")
        RETURNED = "returned", _("Returned")

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="reviews")
    region_code = models.CharField(max_length=12)
    effect = models.PositiveSmallIntegerField()
    effect_note = models.TextField()
    cost = models.PositiveSmallIntegerField()
    cost_note = models.TextField()
    fairness = models.PositiveSmallIntegerField()
    fairness_note = models.TextField()
    cliff = models.PositiveSmallIntegerField()
    cliff_note = models.TextField()
    load = models.PositiveSmallIntegerField()
    load_note = models.TextField()
    advice = models.CharField(max_length=12, choices=Policy.Transition)
    summary = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.SIGNED)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    objects = ReadBelow.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("review of a policy")
        constraints = (
            models.UniqueConstraint(
                fields=("policy",), condition=models.Q(state="signed"), name="one_review_to_confirm"
            ),
        )  # fmt: skip

    @property
    def total(self) -> int:
        return self.effect + self.cost + self.fairness + self.cliff + self.load


class ClassChange(models.Model):
    """That a policy was put into a class, from which, and why."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="class_changes")
    before = models.CharField(max_length=12, choices=Policy.Transition, blank=True)
    after = models.CharField(max_length=12, choices=Policy.Transition)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("change of class")
