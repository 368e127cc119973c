"""Projects: what is built or raised where, by whom, for which households, step by step."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.register.models import Document, Household
from khotail.trail.scope import RegionScoped, Seer, in_region


class ProjectQuery(RegionScoped):
    def touching(self, prefix: str) -> Self:
        """Projects of a region, and those of a region above that have a village in it."""
        there = ProjectPlace.objects.filter(in_region(prefix)).values("project_id")
        return self.filter(in_region(prefix) | models.Q(pk__in=there))

    def visible_to(self, seer: Seer) -> Self:
        return self.touching(seer.region_code)


class Project(models.Model):
    """What money is spent on. `region_code` is of whoever carries it out: banner, township or village.

    department  word of `khotail.rulebook.routes.FIELDS` for the office that answers for it
    """

    class Kind(models.TextChoices):
        INDUSTRY = "industry", _("Industry")
        INFRASTRUCTURE = "infrastructure", _("Infrastructure")
        PUBLIC_WORKS = "public_works", _("Public works")
        EMPLOYMENT = "employment", _("Employment")
        OTHER = "other", _("Other project")

    class State(models.TextChoices):
        PLANNED = "planned", _("Not begun")
        UNDER_WAY = "under_way", _("Under way")
        ACCEPTED = "accepted", _("Completed and accepted")
        GIVEN_UP = "given_up", _("Given up")

    OPEN = (State.PLANNED, State.UNDER_WAY)

    number = models.CharField(_("project number"), max_length=30, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    region_code = models.CharField(max_length=12)
    department = models.CharField(max_length=40)
    aims = models.TextField(_("what it is to achieve"), blank=True)
    planned_cny = models.DecimalField(max_digits=14, decimal_places=2)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    closed_on = models.DateField(null=True, blank=True)
    closing = models.TextField(blank=True)  # what the acceptance found, or why it was given up
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    objects = ProjectQuery.as_manager()

    class Meta:
        verbose_name = _("project")
        ordering = ("-year", "number")
        indexes = (
            models.Index(fields=("region_code", "-year", "number"), name="project_of_region"),
            models.Index(fields=("kind", "region_code"), name="project_of_kind"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class ProjectPlace(models.Model):
    """A village that a project lies in or serves."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="places")
    region_code = models.CharField(max_length=12)

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("region_code",)
        indexes = (models.Index(fields=("region_code", "project"), name="project_of_village"),)
        constraints = (models.UniqueConstraint(fields=("project", "region_code"), name="one_place_of_a_project"),)


class Participation(models.Model):
    """A household that takes part in a project, how its income hangs on it, what was promised and what came."""

    class Tie(models.TextChoices):
        WAGE = "wage", _("Works for wages")
        RENT = "rent", _("Rents out land or grassland")
        SHARE = "share", _("Has a share and a dividend")
        ORDER = "order", _("Sells by contract")
        TRUST = "trust", _("Has animals or land managed")
        OWN = "own", _("Produces on its own account")
        POST = "post", _("Has a public post")
        OTHER = "other", _("Other tie")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="participations")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="projects")
    region_code = models.CharField(max_length=12)  # the household's
    tie = models.CharField(max_length=8, choices=Tie)
    promised_cny_per_year = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    received_cny = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    received_year = models.PositiveSmallIntegerField(null=True, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()

    class Meta:
        verbose_name = _("household in a project")
        ordering = ("region_code", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("project", "household", "tie"), condition=models.Q(until=None), name="one_tie_of_a_kind"
            ),
        )


class Milestone(models.Model):
    """What one department has done by a day. Overdue ones are watched one level up."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="milestones")
    region_code = models.CharField(max_length=12)  # the project's
    title = models.CharField(_("what is to be done"), max_length=120)
    department = models.CharField(max_length=40)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    words = models.CharField(max_length=300, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    escalated_to = models.CharField(max_length=10, blank=True)

    objects = RegionScoped.as_manager()

    class Meta:
        verbose_name = _("milestone")
        ordering = ("due_on", "id")
        indexes = (
            models.Index(fields=("region_code", "due_on"), condition=models.Q(done_on=None), name="milestone_open"),
        )


class Paper(models.Model):
    """A contract, picture or certificate with a project or one of its payments."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="papers")
    payment = models.ForeignKey("funds.Payment", null=True, blank=True, on_delete=models.PROTECT, related_name="papers")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
