"""Whoever keeps pledges is told once when one is overdue."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import MAY, May
from khotail.partners.models import Pledge
from khotail.partners.queries import overdue

_KEEPERS = [role for role, rights in MAY.items() if May.KEEP_PARTNERS in rights]
_PATH = "/partners/pledges/?state=late"


@transaction.atomic
def remind_overdue(now: datetime) -> int:
    """Tell the keepers of each place how many pledges are newly overdue; returns how many are. Twice tells once."""
    today = timezone.localdate(now)
    rows = overdue(Pledge.objects.filter(reminded_on=None), today).select_for_update()
    late: dict[str, list[int]] = defaultdict(list)
    for pk, region_code in rows.values_list("pk", "region_code"):
        late[region_code].append(pk)
    told: dict[int, int] = defaultdict(int)
    keepers: dict[int, Officer] = {}
    for region_code, found in late.items():
        for keeper in _keepers_of(region_code):
            keepers[keeper.pk] = keeper
            told[keeper.pk] += len(found)
    for pk, count in told.items():
        notify(keepers[pk], "pledges-late", _PATH, now, count=count)
    ids = [pk for found in late.values() for pk in found]
    Pledge.objects.filter(pk__in=ids).update(reminded_on=today)
    return len(ids)


def _keepers_of(region_code: str) -> list[Officer]:
    """Those of the place itself; where nobody keeps them there, of the next one up that has somebody."""
    for digits in sorted((each for each in LEVEL_DIGITS.values() if each <= len(region_code)), reverse=True):
        found = list(Officer.objects.filter(region_code=region_code[:digits], role__in=_KEEPERS, is_active=True))
        if found:
            return found
    return []
