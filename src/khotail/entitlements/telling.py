"""Who is told of missed help: the village's cadres; where it has none, the township's officers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import Role
from khotail.entitlements.models import EntitlementRun, Missed

_TOWNSHIP_DIGITS = 9


def tell_villages(made: EntitlementRun, now: datetime) -> None:
    """Leave one notification for each village where a run saw something missed that it had not before."""
    new = Missed.objects.filter(first_run=made, closed_on=None).order_by()
    counted = dict(new.values_list("region_code").annotate(Count("pk")))
    cadres: dict[str, list[Officer]] = {}
    for officer in Officer.objects.filter(is_active=True, role=Role.VILLAGE_CADRE, region_code__in=counted):
        cadres.setdefault(officer.region_code, []).append(officer)
    for village, officers in cadres.items():
        notify(officers, "missed-new", f"/help/missed/?region={village}&order=age", now, count=counted[village])


def who_answers(village: str) -> list[Officer]:
    """The officers who answer a household of the village."""
    active = Officer.objects.filter(is_active=True)
    cadres = list(active.filter(region_code=village, role=Role.VILLAGE_CADRE))
    above = active.filter(region_code=village[:_TOWNSHIP_DIGITS], role__in=(Role.OFFICER, Role.ADMINISTRATOR))
    return cadres or list(above)
