"""Three outcomes of a household that moved, from the register alone: it stays, it works, it gets richer.

Stays    the register has it at the site. Still at its village of origin, its registration has not followed, which tells
         nothing; anywhere else or gone, it has left. A household that was merged into another is looked for there.
Works    a member has a job, a public post or months of work; or the household has business income, an industry measure, or
         sales of the last year. Somebody can work and none of this is known: the gap. Labour not recorded: unknown.
Richer   net income per person of the newest year against the year before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.partners.models import SaleShare
from khotail.register.current import income_now
from khotail.register.known import Row, together
from khotail.register.models import Household, Person, Statement
from khotail.relocation.models import Relocated

_TABLES = ("households", "persons", "employment", "work_records", "incomes", "benefits", "measures")
#: As the register writes it.
_ABLE = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力")
_NOT_ABLE = ("丧失劳动力", "无劳动力")
_PUBLIC_POST = "公益性岗位"
_INDUSTRY = "产业帮扶"
_WORK_MEASURES = ("就业帮扶", "公益岗位帮扶")
#: Neither work that ended before, nor an order before, says that somebody works now.
_LATELY = timedelta(days=365)
AT_ONCE = 200

Known = Mapping[str, list[Row]]


@dataclass(frozen=True)
class Outcomes:
    """What is known of one household; "" is not known."""

    stays: str
    works: str
    richer: str
    able: int | None = None
    income_year: int | None = None
    income_now: Decimal | None = None
    income_before: Decimal | None = None


def work_out(rows: Iterable[int], now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> int:
    """Work out and keep the outcomes of households that moved; returns of how many. Twice changes nothing but the time.

    rows     ids of `Relocated`; those that left keep what was last known
    keep_on  called after each chunk with the number done; a job's progress
    """
    wanted, done = sorted(set(rows)), 0
    for start in range(0, len(wanted), AT_ONCE):
        done += _chunk(wanted[start : start + AT_ONCE], now)
        keep_on(done)
    return done


@transaction.atomic
def _chunk(ids: list[int], now: datetime) -> int:
    today = timezone.localdate(now)
    rows = list(
        Relocated.objects.select_for_update(of=("self",)).filter(pk__in=ids, left_on=None)
        .select_related("household", "site").order_by("pk")
    )  # fmt: skip
    homes = {row.pk: _where_it_went(row.household) for row in rows}
    households = {home.pk for home in homes.values()}
    known, present = _known_of(households), _present(households)
    sold = _sold_lately(households, today)
    for row in rows:
        home = homes[row.pk]
        found = outcomes_of(row, home, known.get(home.pk, {}), present.get(home.pk, set()), home.pk in sold, today)
        for name in Outcomes.__dataclass_fields__:
            setattr(row, name, getattr(found, name))
        row.looked_at = now
    fields = [*Outcomes.__dataclass_fields__, "looked_at"]
    Relocated.objects.bulk_update(rows, fields, batch_size=AT_ONCE)
    return len(rows)


def outcomes_of(
    row: Relocated, home: Household, known: Known, present: set[int], has_sold: bool, today: date
) -> Outcomes:
    """The outcomes of one household on a day.

    home     the household, or the one that it was merged into
    known    what the register knows of it: table → rows
    present  ids of its members who have not left
    """
    able, unsure = _labour(known, present)
    works = _works(known, present, able, unsure, has_sold, today)
    year, income, before = _incomes(known, home)
    richer = "" if income is None or before is None else ("yes" if income > before else "no")
    return Outcomes(_stays(row, home), works, richer, None if unsure and not able else able, year, income, before)


def _stays(row: Relocated, home: Household) -> str:
    if home.ended_on:
        return Relocated.Stays.NO
    if home.region_code.startswith(row.site.region_code):
        return Relocated.Stays.YES if row.moved_in_on else Relocated.Stays.UNKNOWN
    if not row.origin_code or home.region_code.startswith(row.origin_code):
        return Relocated.Stays.UNKNOWN
    return Relocated.Stays.NO


def _labour(known: Known, present: set[int]) -> tuple[int, bool]:
    """How many members can work, and whether of some member nobody said."""
    said = {row.person_id: row.values.get("labour") for row in known.get("persons", ())}
    labour = [said.get(pk) for pk in present]
    return sum(each in _ABLE for each in labour), not labour or any(each not in (*_ABLE, *_NOT_ABLE) for each in labour)


def _works(known: Known, present: set[int], able: int, unsure: bool, has_sold: bool, today: date) -> str:
    if _has_job(known, present, today):
        return Relocated.Works.JOB
    if has_sold or _has_industry(known, today):
        return Relocated.Works.INDUSTRY
    if able:
        return Relocated.Works.NEITHER
    return Relocated.Works.UNKNOWN if unsure else Relocated.Works.NO_LABOUR


def _has_job(known: Known, present: set[int], today: date) -> bool:
    def of_members(table: str) -> Iterable[dict[str, Any]]:
        return (row.values for row in known.get(table, ()) if row.person_id in present)

    spells = any(_runs(each, "spell_start_on", "spell_end_on", today) for each in of_members("employment"))
    records = any(
        each.get("record_kind") != "计划外出务工"
        and each.get("is_working") is not False
        and _runs(each, "work_start_on", "work_end_on", today)
        and (each.get("is_working") or each.get("work_start_on"))
        for each in of_members("work_records")
    )
    posts = any(each.get("public_post") or (each.get("public_post_months") or 0) > 0 for each in of_members("persons"))
    months = any((each.get("stated_work_months") or 0) > 0 for each in of_members("persons"))
    paid = any(
        row.values.get("programme") == _PUBLIC_POST and _runs(row.values, "paid_from", "paid_until", today)
        for row in known.get("benefits", ())
    )
    helped = _has_measure(known, _WORK_MEASURES, today)
    return spells or records or posts or months or paid or helped


def _has_industry(known: Known, today: date) -> bool:
    years = [row.values for row in known.get("incomes", ()) if row.values.get("income_year") is not None]
    newest = max(years, key=lambda values: values["income_year"], default=None)
    earns = newest is not None and (newest.get("business_cny") or 0) - (newest.get("cost_cny") or 0) > 0
    return earns or _has_measure(known, (_INDUSTRY,), today)


def _has_measure(known: Known, categories: tuple[str, ...], today: date) -> bool:
    return any(
        row.values.get("measure_category") in categories
        and _runs(row.values, "measure_start_on", "measure_end_on", today)
        for row in known.get("measures", ())
    )


def _runs(values: Mapping[str, Any], start: str, end: str, today: date) -> bool:
    """Whether something has begun and not ended; an end that nobody said is none."""
    begun, ended = _day(values.get(start)), _day(values.get(end))
    return (begun is None or begun <= today) and (ended is None or ended >= today)


def _incomes(known: Known, home: Household) -> tuple[int | None, Decimal | None, Decimal | None]:
    """The newest income year, its net income per person, and that of the year before."""
    of_year: dict[int, Decimal] = {}
    for row in known.get("incomes", ()):
        if said := income_now(row.values, home.size):
            of_year[said["income_year"]] = Decimal(said["income_cny_per_capita"])
    if not of_year:
        return None, None, None
    newest = max(of_year)
    return newest, of_year[newest], of_year.get(newest - 1)


def _where_it_went(household: Household) -> Household:
    """The household that it was merged into, however often; itself otherwise."""
    seen = {household.pk}
    while household.ending == Household.Ending.MERGED and household.successor and household.successor_id not in seen:
        household = household.successor
        seen.add(household.pk)
    return household


def _known_of(households: set[int]) -> dict[int, Known]:
    rows = Statement.objects.filter(household__in=households, table__in=_TABLES)
    rows = rows.only("table", "household_id", "person_id", "key", "values", "as_of", "source", "recorded_at")
    ordered = rows.order_by("household_id", "as_of", "recorded_at", "id")
    return {pk: together(said) for pk, said in groupby(ordered, key=lambda each: each.household_id)}


def _present(households: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Person.objects.filter(household__in=households, left_on=None)
    for home, pk in rows.values_list("household_id", "pk"):
        found[home].add(pk)
    return found


def _sold_lately(households: set[int], today: date) -> set[int]:
    rows = SaleShare.objects.filter(
        household__in=households, sale__cancelled_at=None, sale__on__gte=today - _LATELY
    )  # fmt: skip
    return set(rows.values_list("household_id", flat=True))


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None
