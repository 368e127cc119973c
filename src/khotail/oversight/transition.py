"""The transition clock of each banner: set from the day of exit, extended with a reason, never shortened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.casework.deadlines import after_months
from khotail.oversight.catalogue import KeyList, key_list_of
from khotail.oversight.models import Extension, Transition
from khotail.oversight.problems import ClockThere, NotABanner, NotFound, NotLonger
from khotail.oversight.words import days, place, words
from khotail.register.models import Region
from khotail.screening.rulebook import setting
from khotail.texts import Text
from khotail.trail.chain import record as record_event
from khotail.trail.scope import in_region

_BANNER = 6
#: Whoever left poverty before the transition was announced has it too, by the value of that day.
_ANNOUNCED = date(2020, 12, 16)
_SOURCE = Text("依据文件", "document")
#: Days before the end from which it is near.
NEAR_DAYS = 365


@dataclass(frozen=True)
class Clock:
    """A banner and its transition on a day; `transition` is None where nobody entered the exit."""

    region_code: str
    transition: Transition | None
    extensions: tuple[Extension, ...]
    key_list: KeyList | None
    days_left: int | None  # negative once it is over

    @property
    def is_over(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def is_near(self) -> bool:
        return self.days_left is not None and 0 <= self.days_left <= NEAR_DAYS

    @property
    def passed_percent(self) -> int:
        """Per cent of the transition that has gone by, at most 100."""
        if self.transition is None or self.days_left is None:
            return 0
        whole = (self.transition.ends_on - self.transition.exited_on).days or 1
        return min(max(round(100 * (whole - self.days_left) / whole), 0), 100)


@transaction.atomic
def set_clock(
    region_code: str, exited_on: date, source: str, *, by: Officer, now: datetime, key_source: str = ""
) -> Transition:
    """Enter the day on which a banner left poverty; the end follows from the rulebook's years.

    key_source  where the region (province) named it a key banner; "" if it did not
    Raises NotAllowed, UnknownPlace, NotABanner, ClockThere, DatesWrong, WordsMissing.
    """
    _check_may(by)
    if len(region_code) != _BANNER:
        raise NotABanner
    place(region_code, by)
    days(exited_on)
    years = int(setting("transition_years", max(exited_on, _ANNOUNCED), region_code))
    ends_on = after_months(exited_on, 12 * years)
    key = words(key_source, _SOURCE, 200, required=False)
    transition = Transition(
        region_code=region_code, exited_on=exited_on, source=words(source, _SOURCE, 200), ends_on=ends_on,
        is_key_here=bool(key), key_source=key, set_by=by, set_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            transition.save()
    except IntegrityError:
        there = Transition.objects.get(region_code=region_code)
        name = Region.objects.get(code=region_code).name
        raise ClockThere(name=name, on=there.exited_on) from None
    record_event(by, "transition.set", transition, at=now, exited_on=exited_on, ends_on=ends_on, years=years)
    return transition


@transaction.atomic
def extend(transition: Transition, until: date, reason: str, document: str, *, by: Officer, now: datetime) -> Extension:
    """Let a banner's help go on for longer. Raises NotAllowed, NotFound, NotLonger, DatesWrong, WordsMissing."""
    _check_may(by)
    found = Transition.objects.in_region(by.region_code).select_for_update().filter(pk=transition.pk).first()
    if found is None:
        raise NotFound
    days(until)
    if until <= found.ends_on:
        raise NotLonger(until=found.ends_on)
    extension = Extension.objects.create(
        transition=found, before=found.ends_on, until=until, reason=words(reason, Text("理由", "reason")),
        document=words(document, _SOURCE, 200), by=by, at=now,
    )  # fmt: skip
    found.ends_on = until
    found.save(update_fields=["ends_on"])
    record_event(
        by, "transition.extended", found, at=now, before=extension.before, after=until, reason=extension.reason
    )
    return extension


def clocks(officer: Officer, today: date) -> list[Clock]:
    """Every banner of the officer's region, or the one that it lies in; those without a clock too."""
    own = officer.region_code
    banners = Region.objects.filter(in_region(own[:_BANNER], "code"), level="banner").order_by("code")
    rows = Transition.objects.visible_to(officer).prefetch_related("extensions__by").select_related("set_by")
    known = {row.region_code: row for row in rows}
    return [_clock(code, known.get(code), today) for code in banners.values_list("code", flat=True)]


def _clock(code: str, row: Transition | None, today: date) -> Clock:
    left = (row.ends_on - today).days if row else None
    return Clock(code, row, tuple(row.extensions.all()) if row else (), key_list_of(code, today), left)


def _check_may(by: Officer) -> None:
    if not by.may(May.KEEP_POLICIES):
        raise NotAllowed
