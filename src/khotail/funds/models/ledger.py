"""The ledger: every movement is one row with one account that gains and one that gives, so it balances by construction."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.funds.amounts import yuan
from khotail.trail.scope import RegionScoped, Seer, in_region


class FundQuery(RegionScoped):
    def touching(self, prefix: str) -> Self:
        """Funds of a region, and those of which something was passed on into it."""
        there = Account.objects.filter(in_region(prefix)).values("fund_id")
        return self.filter(in_region(prefix) | models.Q(pk__in=there))

    def visible_to(self, seer: Seer) -> Self:
        return self.touching(seer.region_code)


class Fund(models.Model):
    """Money that came by one document: from whom, of which year, to which region, and for what.

    region_code  where it came in
    task         what the document says that it is for; one document may give money for several
    """

    class Source(models.TextChoices):
        CENTRAL = "central", _("Central")
        REGION = "region", _("Autonomous region")
        LEAGUE = "league", _("League")
        BANNER = "banner", _("Banner")
        EAST_WEST = "east_west", _("East–West, Beijing")
        OTHER = "other", _("Other source")

    region_code = models.CharField(max_length=12)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    year = models.PositiveSmallIntegerField(_("year"))
    document = models.CharField(_("document number"), max_length=60)
    task = models.CharField(_("what it is for"), max_length=60, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    objects = FundQuery.as_manager()

    class Meta:
        verbose_name = _("fund")
        ordering = ("-year", "source", "document", "id")
        indexes = (models.Index(fields=("region_code", "-year"), name="fund_of_region"),)
        constraints = (
            models.UniqueConstraint(
                fields=("region_code", "source", "year", "document", "task"), name="one_fund_of_a_document"
            ),
        )

    def __str__(self) -> str:
        return f"{self.document} {self.task}".strip()


class Account(models.Model):
    """Where money of one fund stands: with whoever gave it, a region, a project, or whoever was paid for a project.

    region_code  the region that holds it, or the project's
    """

    class Kind(models.TextChoices):
        ORIGIN = "origin", _("Given by the source")
        HELD = "held", _("Held by a region")
        PROJECT = "project", _("Allocated to a project")
        PAID = "paid", _("Paid out")

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=8, choices=Kind)
    region_code = models.CharField(max_length=12)
    project = models.ForeignKey(
        "funds.Project", null=True, blank=True, on_delete=models.PROTECT, related_name="accounts"
    )

    objects = RegionScoped.as_manager()

    class Meta:
        verbose_name = _("account of a fund")
        indexes = (models.Index(fields=("region_code", "kind"), name="account_of_region"),)
        constraints = (
            models.UniqueConstraint(
                fields=("fund", "kind", "region_code"), condition=models.Q(project=None), name="one_account_of_a_region"
            ),
            models.UniqueConstraint(
                fields=("fund", "kind", "project"), condition=~models.Q(project=None), name="one_account_of_a_project"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=("origin", "held"), project=None)
                | (models.Q(kind__in=("project", "paid")) & ~models.Q(project=None)),
                name="account_has_its_holder",
            ),
        )


class Entry(models.Model):
    """One movement of money of one fund, from `credit` to `debit`. Never changed, never deleted: reversed by another.

    amount_fen  hundredths of a yuan: SQLite adds decimals as floating-point numbers, and whole numbers exactly
    key         of the allocation, so that the same one is not entered twice
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Money received")
        ALLOCATED = "allocated", _("Allocated")
        GIVEN_BACK = "given_back", _("Given back")
        PAID = "paid", _("Paid")
        REVERSED = "reversed", _("Reversed")

    kind = models.CharField(max_length=10, choices=Kind)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    amount_fen = models.BigIntegerField()
    on = models.DateField()
    document = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("entry of the ledger")
        ordering = ("-on", "-id")
        indexes = (models.Index(fields=("on",), name="entry_by_day"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="entry_moves_something"),
            models.CheckConstraint(condition=~models.Q(debit=models.F("credit")), name="entry_moves_somewhere"),
        )

    @property
    def amount_cny(self) -> Decimal:
        return yuan(self.amount_fen)
