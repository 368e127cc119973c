"""Payments: asked for by one person, approved by another."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.funds.models.ledger import Entry, Fund
from khotail.funds.models.projects import Project, ProjectPlace
from khotail.trail.scope import RegionScoped, Seer, in_region


class PaymentQuery(RegionScoped):
    def touching(self, prefix: str) -> Self:
        there = ProjectPlace.objects.filter(in_region(prefix)).values("project_id")
        return self.filter(in_region(prefix) | models.Q(project_id__in=there))

    def visible_to(self, seer: Seer) -> Self:
        return self.touching(seer.region_code)


class Payment(models.Model):
    """Money asked for from one fund of a project. `key` is the form's own: sent twice, asked once."""

    class State(models.TextChoices):
        ASKED = "asked", _("To be approved")
        PAID = "paid", _("Approved and paid")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Taken back")
        REVERSED = "reversed", _("Reversed")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="payments")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="payments")
    region_code = models.CharField(max_length=12)  # the project's
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    payee = models.CharField(_("payee"), max_length=80)
    purpose = models.CharField(_("what is paid for"), max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    entry = models.OneToOneField(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="payment")
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    objects = PaymentQuery.as_manager()

    class Meta:
        verbose_name = _("payment")
        ordering = ("-id",)
        indexes = (models.Index(fields=("region_code", "state", "-id"), name="payment_queue"),)
        constraints = (models.CheckConstraint(condition=models.Q(amount_cny__gt=0), name="payment_is_something"),)
