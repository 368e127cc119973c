"""Plans of the four classes: what is to be reached, in which steps, and how far it has come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.oversight.models.policies import Policy
from khotail.oversight.models.scope import ReadBelow


class PolicyPlan(models.Model):
    """The plan of a policy in its class.

    details  what a plan of that class says (`khotail.oversight.plan_fields`): numbers as numbers, days as ISO dates
    target   the number that the reported figures are held against: households, per cent …; None if there is none
    """

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="plans")
    region_code = models.CharField(max_length=12)
    transition = models.CharField(max_length=12, choices=Policy.Transition)
    goal = models.TextField()
    details = models.JSONField(default=dict)
    target = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    due_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # replaced, or the policy changed its class

    objects = ReadBelow.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("plan of a policy")
        constraints = (
            models.UniqueConstraint(
                fields=("policy",), condition=models.Q(ended_at__isnull=True), name="one_plan_of_a_policy"
            ),
        )  # fmt: skip


class PlanStep(models.Model):
    plan = models.ForeignKey(PolicyPlan, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=200)
    who = models.CharField(max_length=80, blank=True)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("due_on", "id")
        verbose_name = _("step of a policy's plan")


class PlanFigure(models.Model):
    """A figure reported about a plan: how many households, how many per cent, on which day."""

    plan = models.ForeignKey(PolicyPlan, on_delete=models.PROTECT, related_name="figures")
    on = models.DateField()
    value = models.DecimalField(max_digits=14, decimal_places=2)
    words = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("on", "id")
        verbose_name = _("figure of a policy's plan")
