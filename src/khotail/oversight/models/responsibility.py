"""Who answers for what, by name, at which level: named, accepted, handed over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.oversight.models.scope import ReadBelow
from khotail.register.models import Household


class Responsibility(models.Model):
    """One person answers for a place, a household or a task, at one level. `region_code` is the place's.

    level        at which the person answers: a village has an owner in the village, at its township and at its banner
    officer      somebody who works with the system; else `person` and `post` name them
    accepted_at  None: named, and not accepted yet
    """

    class Subject(models.TextChoices):
        PLACE = "place", _("Place")
        HOUSEHOLD = "household", _("Household")
        TASK = "task", _("Task")

    class Level(models.TextChoices):
        PROVINCE = "province", _("Region (province)")
        LEAGUE = "league", _("League")
        BANNER = "banner", _("Banner")
        TOWNSHIP = "township", _("Township")
        VILLAGE = "village", _("Village")

    subject = models.CharField(max_length=10, choices=Subject)
    region_code = models.CharField(max_length=12)
    household = models.ForeignKey(
        Household, null=True, blank=True, on_delete=models.PROTECT, related_name="responsibilities"
    )
    task = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=10, choices=Level)
    duty = models.TextField(blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="responsibilities"
    )
    person = models.CharField(max_length=60, blank=True)
    post = models.CharField(max_length=80, blank=True)
    named_on = models.DateField()
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)  # why it ended, and what was handed over
    successor = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessor"
    )

    objects = ReadBelow.as_manager()

    class Meta:
        ordering = ("region_code", "level", "id")
        verbose_name = _("responsibility")
        constraints = (
            models.UniqueConstraint(
                fields=("subject", "region_code", "task", "level"),
                condition=models.Q(ended_on__isnull=True, household__isnull=True),
                name="one_owner_of_a_place_or_task",
            ),
            models.UniqueConstraint(
                fields=("household", "level"),
                condition=models.Q(ended_on__isnull=True),
                name="one_owner_of_a_household",
            ),
        )
        indexes = (models.Index(fields=("region_code", "ended_on"), name="responsibility_of_place"),)

    @property
    def who(self) -> str:
        return self.officer.full_name if self.officer else self.person
