"""Who looked at a household's data: one row a day and officer, read by the household."""

from __future__ import annotations

import threading
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from khotail.accounts.models import Officer
from khotail.register.models import Household
from khotail.residents.models import Viewing

#: What this process has noted today: (household, officer), and "day".
_noted: dict[object, date] = {}
_lock = threading.Lock()


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


def opened(household: Household, by: Officer, today: date) -> None:
    """Note that an officer opened the household's page. Opened again today, it is not noted again by this process.

    A page that is read all day would otherwise write each time; what the household wants to know is who and when.
    """
    seen = (household.pk, by.pk)
    with _lock:
        if _noted.get("day") != today:
            _noted.clear()
            _noted["day"] = today
        if seen in _noted:
            return
        _noted[seen] = today
    looked(household, by, today)


def who_looked(household: Household) -> QuerySet[Viewing]:
    """The newest first."""
    return Viewing.objects.filter(household=household).select_related("officer").order_by("-day", "-id")
