"""Sites and the households that moved there: entered, looked at, left."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.partners.checks import check_may, happened, held, place, term, words
from khotail.register.models import Household
from khotail.relocation.models import Activity, FacilityCheck, Relocated, Site
from khotail.relocation.outcomes import work_out
from khotail.relocation.problems import HouseholdUnknown, InBeforeHandedOver, LeftAlready, MovedAlready, SiteTwice
from khotail.texts import Text, typed
from khotail.trail.chain import record

#: Whoever works in the field may say what a site has and what was done there.
LOOKERS = (May.KEEP_PROJECTS, May.PLAN_HELP)


@transaction.atomic
def open_site(
    name: str,
    region_code: str,
    opened_on: date,
    *,
    by: Officer,
    now: datetime,
    planned_households: int | None = None,
    organisation: str = "",
    organised_on: date | None = None,
    office_phone: str = "",
) -> Site:
    """Enter a site. Raises NotAllowed, NotFound, UnknownPlace, WordsMissing, DayAhead, SiteTwice."""
    check_may(by, region_code, May.KEEP_PROJECTS)
    place(region_code)
    happened(opened_on, timezone.localdate(now))
    site = Site(
        name=words(name, Text("名称", "name"), 120), region_code=region_code, opened_on=opened_on,
        planned_households=planned_households, organisation=typed(organisation)[:120], organised_on=organised_on,
        office_phone=typed(office_phone)[:40], recorded_by=by, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            site.save(force_insert=True)
    except IntegrityError:
        raise SiteTwice(name=site.name) from None
    record(by, "site.opened", site, at=now)
    return site


@transaction.atomic
def organise(
    site: Site, organisation: str, organised_on: date | None, office_phone: str, *, by: Officer, now: datetime
) -> Site:
    """Say which organisation runs the community. Raises NotAllowed, NotFound, WordsMissing, DayAhead."""
    check_may(by, site.region_code, May.KEEP_PROJECTS)
    site = held(site, by)
    if organised_on is not None:
        happened(organised_on, timezone.localdate(now))
    before = site.organisation
    site.organisation = words(organisation, Text("社区组织", "organisation"), 120)
    site.organised_on, site.office_phone = organised_on, typed(office_phone)[:40]
    site.save()
    record(by, "site.organised", site, at=now, before=before, after=site.organisation)
    return site


@transaction.atomic
def check_facility(
    site: Site,
    kind: str,
    state: str,
    on: date,
    *,
    by: Officer,
    now: datetime,
    note: str = "",
    due_on: date | None = None,
    responsible: str = "",
) -> FacilityCheck:
    """What was found of a facility; for a gap, who closes it and by when.

    Raises NotAllowed, NotFound, DayAhead, EndsBeforeItBegins.
    """
    check_may(by, site.region_code, *LOOKERS)
    site = held(site, by)
    happened(on, timezone.localdate(now))
    is_gap = state in FacilityCheck.GAPS
    if is_gap and due_on is not None:
        term(on, due_on)
    check = FacilityCheck.objects.create(
        site=site, region_code=site.region_code, kind=kind, state=state, on=on, note=typed(note)[:4000],
        due_on=due_on if is_gap else None, responsible=typed(responsible)[:80] if is_gap else "", checked_by=by,
        checked_at=now,
    )  # fmt: skip
    record(by, "site.checked", site, at=now, kind=kind, state=state, on=on)
    return check


@transaction.atomic
def hold_activity(site: Site, on: date, title: str, attended: int | None, *, by: Officer, now: datetime) -> Activity:
    """Something that the community did. Raises NotAllowed, NotFound, DayAhead, WordsMissing."""
    check_may(by, site.region_code, *LOOKERS)
    site = held(site, by)
    happened(on, timezone.localdate(now))
    made = Activity.objects.create(
        site=site, region_code=site.region_code, on=on, title=words(title, Text("活动名称", "what was done"), 120),
        attended=attended, recorded_by=by, recorded_at=now,
    )  # fmt: skip
    record(by, "site.activity", site, at=now, on=on)
    return made


@transaction.atomic
def move_in(
    site: Site,
    household_number: str,
    *,
    by: Officer,
    now: datetime,
    origin_code: str = "",
    origin: str = "",
    accompanying: bool = False,
    handed_over_on: date | None = None,
    moved_in_on: date | None = None,
    registered_here: bool | None = None,
) -> Relocated:
    """Record that a household moved to the site, and work its outcomes out.

    Raises NotAllowed, NotFound, UnknownPlace, HouseholdUnknown, MovedAlready, InBeforeHandedOver, DayAhead.
    """
    check_may(by, site.region_code, May.KEEP_PROJECTS)
    if not by.may(May.SEE_REGISTER):
        raise NotAllowed
    site = held(site, by)
    number = typed(household_number)[:40]
    household = Household.objects.visible_to(by).filter(number=number, ended_on=None).first()
    if household is None:
        raise HouseholdUnknown(number=number)
    if origin_code:
        place(origin_code)
    _check_days(handed_over_on, moved_in_on, timezone.localdate(now))
    row = Relocated(
        site=site, household=household, region_code=household.region_code, origin_code=origin_code,
        origin=typed(origin)[:120], accompanying=accompanying, handed_over_on=handed_over_on, moved_in_on=moved_in_on,
        registered_here=registered_here, recorded_by=by, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        there = Relocated.objects.select_related("site").get(household=household, left_on=None)
        raise MovedAlready(site=there.site.name) from None
    record(by, "household.relocated", row, at=now, site=site.pk, household=household.pk)
    work_out([row.pk], now)
    row.refresh_from_db()
    return row


@transaction.atomic
def say_days(
    row: Relocated,
    handed_over_on: date | None,
    moved_in_on: date | None,
    registered_here: bool | None,
    *,
    by: Officer,
    now: datetime,
) -> Relocated:
    """Say when the home was handed over, when they moved in, whether the registration followed.

    Raises NotAllowed, NotFound, LeftAlready, InBeforeHandedOver, DayAhead.
    """
    row = _held(row, by)
    _check_days(handed_over_on, moved_in_on, timezone.localdate(now))
    before = {"handed_over": row.handed_over_on, "moved_in": row.moved_in_on, "registered": row.registered_here}
    row.handed_over_on, row.moved_in_on, row.registered_here = handed_over_on, moved_in_on, registered_here
    row.save()
    after = {"handed_over": handed_over_on, "moved_in": moved_in_on, "registered": registered_here}
    record(by, "relocated.days_said", row, at=now, before=before, after=after)
    work_out([row.pk], now)
    row.refresh_from_db()
    return row


@transaction.atomic
def leave(row: Relocated, on: date, reason: str, *, by: Officer, now: datetime) -> Relocated:
    """The household left the site. Raises NotAllowed, NotFound, LeftAlready, DayAhead, EndsBeforeItBegins, WordsMissing."""
    row = _held(row, by)
    happened(on, timezone.localdate(now))
    begun = row.moved_in_on or row.handed_over_on
    if begun:
        term(begun, on)
    row.left_on, row.reason = on, words(reason, Text("原因", "reason"))
    row.stays = Relocated.Stays.NO
    row.save()
    record(by, "relocated.left", row, at=now, on=on, reason=row.reason)
    return row


def _held(row: Relocated, by: Officer) -> Relocated:
    check_may(by, row.region_code, May.KEEP_PROJECTS)
    if not by.may(May.SEE_REGISTER):
        raise NotAllowed
    row = held(row, by)
    if row.left_on:
        raise LeftAlready(on=row.left_on)
    return row


def _check_days(handed_over_on: date | None, moved_in_on: date | None, today: date) -> None:
    for day in (handed_over_on, moved_in_on):
        if day is not None:
            happened(day, today)
    if handed_over_on and moved_in_on and moved_in_on < handed_over_on:
        raise InBeforeHandedOver(moved_in=moved_in_on, handed_over=handed_over_on)
