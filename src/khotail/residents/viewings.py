"""Who looked at a household's data: one row a day and officer, read by the household."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from khotail.accounts.models import Officer
from khotail.register.models import Household
from khotail.residents.models import Viewing


def looked(household: Household, by: Officer, today: date, *, unmasked: bool = False) -> None:
    """Note that an officer opened the household's page, or had its numbers shown in full."""
    raised = {"unmasked": F("unmasked") + 1} if unmasked else {"times": F("times") + 1}
    if Viewing.objects.filter(household=household, officer=by, day=today).update(**raised):
        return
    try:
        with transaction.atomic():
            Viewing.objects.create(household=household, officer=by, day=today, unmasked=int(unmasked))
    except IntegrityError:  # the same officer opened two pages at once
        Viewing.objects.filter(household=household, officer=by, day=today).update(**raised)


def who_looked(household: Household) -> QuerySet[Viewing]:
    """The newest first."""
    return Viewing.objects.filter(household=household).select_related("officer").order_by("-day", "-id")
