"""Write the points of the four not-removes, and raise an alarm where a series falls suddenly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role
from khotail.oversight.models import Alarm, Point
from khotail.oversight.problems import AlreadyExplained, NotFound
from khotail.oversight.series import SERIES, Series, last_day, places, previous, quarter_of
from khotail.oversight.words import words
from khotail.screening.rulebook import setting
from khotail.texts import Text
from khotail.trail.chain import record as record_event

#: Quarters that are counted back when the series begin.
BACK = 8
_BANNER = 6


def count(now: datetime, tell: Callable[[int, int], None] = lambda done, total: None) -> dict[str, int]:
    """Count the present quarter, and the last one if it ended since it was counted. Twice writes the same.

    Returns how many points were written, alarms raised, and alarms over since the number came back.
    """
    today = timezone.localdate(now)
    this = quarter_of(today)
    quarters = _to_count(this)
    codes = places()
    counted = {"points": 0, "alarms": 0, "recovered": 0}
    for done, quarter in enumerate(quarters):
        with transaction.atomic():
            counted["points"] += _count(quarter, min(last_day(quarter), today), codes, this, now)
        tell(done + 1, len(quarters) + 1)
    with transaction.atomic():
        raised, recovered = _watch(this, now)
    counted["alarms"], counted["recovered"] = len(raised), recovered
    tell(len(quarters) + 1, len(quarters) + 1)
    return counted


@transaction.atomic
def explain(alarm: Alarm, words_: str, *, by: Officer, now: datetime) -> Alarm:
    """Say why a series fell, and what is done about it. Raises NotAllowed, NotFound, AlreadyExplained, WordsMissing."""
    if not by.may(May.KEEP_POLICIES):
        raise NotAllowed
    found = Alarm.objects.visible_to(by).select_for_update().filter(pk=alarm.pk).first()
    if found is None:
        raise NotFound
    if found.explained_at:
        raise AlreadyExplained(who=found.explained_by.full_name if found.explained_by else "—")
    found.explanation = words(words_, Text("说明", "explanation"))
    found.explained_by, found.explained_at = by, now
    found.save()
    record_event(by, "continuity.explained", found, at=now, series=found.series, quarter=found.quarter)
    return found


def open_alarms(officer: Officer, region_code: str = "") -> QuerySet[Alarm]:
    """Neither explained nor over."""
    rows = Alarm.objects.visible_to(officer).filter(explained_at=None, recovered_at=None)
    return rows.in_region(region_code) if region_code else rows


def _to_count(this: date) -> list[date]:
    """The quarters to count, oldest first."""
    if not Point.objects.exists():
        return [previous(this, back) for back in range(BACK - 1, -1, -1)]
    before = previous(this)
    counted = Point.objects.filter(quarter=before).order_by("counted_at").values_list("counted_at", flat=True).first()
    is_final = counted is not None and timezone.localdate(counted) > last_day(before)
    return [this] if is_final else [before, this]


def _count(quarter: date, until: date, codes: list[str], this: date, now: datetime) -> int:
    known = set(codes)
    was = set(Point.objects.filter(quarter=previous(quarter)).exclude(value=0).values_list("region_code", "series"))
    rows = []
    for series in SERIES.values():
        if quarter != this and not series.has_past:
            continue
        found = series.count(quarter, until, codes)
        for code in codes:
            value = found.get(code)
            if value is None and series.id == "inspected":
                continue
            value = value or Decimal()
            # A place that never had any has no series; one that had has its zero.
            if value or (code, series.id) in was:
                rows.append(Point(region_code=code, series=series.id, quarter=quarter, value=value, counted_at=now))
    rows = [row for row in rows if row.region_code in known]
    Point.objects.filter(quarter=quarter, series="inspected").delete()  # what is no longer due has no share
    Point.objects.bulk_create(
        rows, batch_size=1000, update_conflicts=True, unique_fields=["region_code", "series", "quarter"],
        update_fields=["value", "counted_at"],
    )  # fmt: skip
    gone = Point.objects.filter(quarter=quarter, counted_at__lt=now)
    if quarter != this:
        gone = gone.filter(series__in=[each.id for each in SERIES.values() if each.has_past])
    gone.update(value=0, counted_at=now)
    return len(rows)


def _watch(this: date, now: datetime) -> tuple[list[Alarm], int]:
    """Stocks are compared with the quarter before; flows once their quarter is over."""
    raised: list[Alarm] = []
    recovered = 0
    for series in SERIES.values():
        quarter = previous(this) if series.is_flow else this
        values = _values(series, quarter)
        before = _values(series, previous(quarter))
        open_ = {alarm.region_code: alarm for alarm in Alarm.objects.filter(series=series.id, quarter=quarter)}
        for code, was in before.items():
            fell = _has_fallen(was, values.get(code), quarter, code)
            alarm = open_.get(code)
            if fell and alarm is None:
                raised.append(_raised(series, code, quarter, was, values.get(code) or Decimal(), now))
            elif alarm is not None and alarm.recovered_at is None and fell is False:
                Alarm.objects.filter(pk=alarm.pk).update(recovered_at=now, after=values.get(code) or 0)
                recovered += 1
            elif alarm is not None and fell:
                Alarm.objects.filter(pk=alarm.pk).update(recovered_at=None, after=values.get(code) or 0)
    _tell(raised, now)
    return raised, recovered


def _has_fallen(was: Decimal, value: Decimal | None, quarter: date, code: str) -> bool | None:
    """None where there is nothing to compare with."""
    if value is None:
        return None
    share = Decimal(str(setting("continuity_fall_share", quarter, code)))
    if was < Decimal(str(setting("continuity_fall_from", quarter, code))):
        return False
    return (was - value) / was > share


def _values(series: Series, quarter: date) -> dict[str, Decimal]:
    return dict(Point.objects.filter(series=series.id, quarter=quarter).values_list("region_code", "value"))


def _raised(series: Series, code: str, quarter: date, was: Decimal, value: Decimal, now: datetime) -> Alarm:
    alarm = Alarm.objects.create(
        region_code=code, series=series.id, quarter=quarter, before=was, after=value, raised_at=now
    )
    record_event(None, "continuity.alarm", alarm, at=now, series=series.id, quarter=quarter, before=was, after=value)
    return alarm


def _tell(raised: list[Alarm], now: datetime) -> None:
    """Leaders and administrators of each banner hear how many there are."""
    banners = {alarm.region_code[:_BANNER] for alarm in raised}
    for banner in sorted(banners):
        number = sum(alarm.region_code.startswith(banner) for alarm in raised)
        people = Officer.objects.filter(
            is_active=True, region_code=banner, role__in=(Role.LEADER, Role.ADMINISTRATOR, Role.OFFICER)
        )
        notify(people, "continuity-alarm", "/policies/continuity/", now, count=number)
