"""How things stand in a region: figures, the trend of twelve weeks, and the regions below."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khotail.accounts.models import LEVEL_DIGITS, LEVEL_OF_DIGITS, Officer
from khotail.accounts.roles import May, Role
from khotail.casework.models import Case, Lead, Step
from khotail.desk import regions
from khotail.desk.addresses import address
from khotail.desk.charts import Chart, Series
from khotail.desk.queries import step_name
from khotail.desk.remembered import remembered
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.register.models import Region
from khotail.screening.models import Finding, Kind
from khotail.texts import Text
from khotail.trail.scope import in_region

WEEKS = 12
Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Figure:
    name: str | Promise | Text
    number: int
    address: str = ""
    late: bool = False


@dataclass(frozen=True)
class Tile:
    """A region below: households warned now, leads to verify, open cases."""

    code: str
    name: str
    warned: int
    leads: int
    cases: int


def of_region(name: str, count: Callable[..., Shown], officer: Officer, region: str, *moment: date) -> Shown:
    """What `count` says of the region, at most a minute old; a helper's own households are counted anew."""
    if officer.role == Role.HELPER:
        return count(officer, region, *moment)
    key = ("standing", name, region, officer.role, get_language(), timezone.localdate())
    return remembered(key, lambda: count(officer, region, *moment))


def findings(officer: Officer, region: str, kind: str) -> QuerySet[Finding]:
    """Findings that hold now; a helper sees those of their own households."""
    return Finding.objects.visible_to(officer).in_region(region).filter(kind=kind)


def figures(officer: Officer, region: str, now: datetime) -> list[Figure]:
    today = timezone.localdate(now)
    shown: list[Figure] = []

    def add(name: str, count: Callable[[], int], page: str, query: str = "", late: bool = False) -> None:
        target = address(page)
        number = count()
        shown.append(Figure(name, number, f"{target}?region={region}{query}" if target else "", late and number > 0))

    if officer.may(May.SEE_CASES):
        leads = Lead.objects.visible_to(officer).in_region(region).filter(state=Lead.State.OPEN)
        steps = Step.objects.visible_to(officer).in_region(region).filter(closed_at=None)
        cases = Case.objects.visible_to(officer).in_region(region).exclude(state__in=Case.CLOSED)
        warned = findings(officer, region, Kind.SIGNAL).filter(ended_on=None, household__isnull=False)
        add(_("Leads to verify"), leads.count, "leads")
        add(_("Leads overdue"), leads.filter(due_on__lt=today).count, "leads", "&late=1", late=True)
        add(_("Open cases"), cases.count, "cases")
        add(_("Steps overdue"), steps.filter(due_on__lt=today).count, "cases", "&late=1", late=True)
        add(_("Households warned"), lambda: warned.aggregate(n=Count("household", distinct=True))["n"], "findings")
    if officer.may(May.SEE_AUDIT):
        add(_("Audit findings"), findings(officer, region, Kind.AUDIT).filter(ended_on=None).count, "audit")
    if officer.may(May.SEND_FILES):
        batches = Batch.objects.visible_to(officer).in_region(region).filter(state=Batch.State.UPLOADED)
        add(_("Files to decide"), batches.count, "batches")
    if officer.may(May.DECIDE_MATCHES):
        doubtful = DoubtfulMatch.objects.visible_to(officer).in_region(region).filter(state=DoubtfulMatch.State.OPEN)
        add(_("Doubtful matches"), doubtful.count, "doubtful_matches")
    return shown


def steps_by_kind(officer: Officer, region: str) -> list[Figure]:
    """How many cases wait for each step, most first."""
    if not officer.may(May.SEE_CASES):
        return []
    waiting = Step.objects.visible_to(officer).in_region(region).filter(closed_at=None).order_by()
    counted = waiting.values_list("step_id").annotate(n=Count("id")).order_by("-n", "step_id")
    queue = address("cases")
    return [
        Figure(step_name(step_id), number, f"{queue}?region={region}&step={step_id}" if queue else "")
        for step_id, number in counted
    ]


def trend(officer: Officer, region: str, today: date) -> Chart | None:
    """New signals and leads per week, the present week last. None for who sees no cases."""
    if not officer.may(May.SEE_CASES):
        return None
    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    signals = findings(officer, region, Kind.SIGNAL).filter(since__gte=weeks[0]).order_by().values_list("since")
    leads = Lead.objects.visible_to(officer).in_region(region).order_by()
    return Chart(
        id="trend",
        kind="line",
        title=_("New signals and leads per week"),
        labels_title=_("Week from"),
        labels=[f"{week:%m-%d}" for week in weeks],
        series=(
            Series(_("Signals"), _per_week(signals.annotate(n=Count("id")), weeks)),
            Series(_("Leads"), _leads_per_week(leads, weeks)),
        ),
    )


def _leads_per_week(leads: QuerySet[Lead], weeks: list[date]) -> list[int]:
    """Counted by moments in one query: to turn each moment into a day first takes SQLite ten times as long."""
    starts = [
        timezone.make_aware(datetime.combine(week, time.min)) for week in [*weeks, weeks[-1] + timedelta(weeks=1)]
    ]
    spans = {
        f"week_{place}": Count("id", filter=Q(raised_at__gte=start, raised_at__lt=end))
        for place, (start, end) in enumerate(itertools.pairwise(starts))
    }
    counted = leads.filter(raised_at__gte=starts[0]).aggregate(**spans)
    return [counted[name] for name in spans]


def _per_week(by_day: QuerySet, weeks: list[date]) -> list[int]:
    counts = dict.fromkeys(weeks, 0)
    for day, number in by_day:
        week = day - timedelta(days=day.weekday())
        if week in counts:
            counts[week] += number
    return list(counts.values())


def tiles(officer: Officer, region: str) -> list[Tile]:
    """The regions one level below, or the banners of a league or province, with what is going on in each."""
    digits = _digits_below(region)
    if not digits or not officer.may(May.SEE_CASES):
        return []
    warned = findings(officer, region, Kind.SIGNAL).filter(ended_on=None, household__isnull=False)
    leads = Lead.objects.visible_to(officer).in_region(region).filter(state=Lead.State.OPEN)
    cases = Case.objects.visible_to(officer).in_region(region).exclude(state__in=Case.CLOSED)
    per_region = {
        "warned": _per_region(warned, digits, Count("household", distinct=True)),
        "leads": _per_region(leads, digits, Count("id")),
        "cases": _per_region(cases, digits, Count("id")),
    }
    level = LEVEL_OF_DIGITS[digits]
    codes = Region.objects.filter(in_region(region, "code"), level=level).values_list("code", flat=True)
    return [
        Tile(code, regions.name_of(code), **{name: counts.get(code, 0) for name, counts in per_region.items()})
        for code in codes
    ]


def _per_region(rows: QuerySet, digits: int, count: Count) -> dict[str, int]:
    grouped = rows.order_by().annotate(below=Substr("region_code", 1, digits)).values_list("below")
    return dict(grouped.annotate(n=count))


def _digits_below(region: str) -> int:
    if len(region) < LEVEL_DIGITS["banner"]:
        return LEVEL_DIGITS["banner"]
    return next((digits for digits in LEVEL_DIGITS.values() if digits > len(region)), 0)
