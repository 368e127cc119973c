"""Reads of relocation: sites with their outcomes, facilities with their gaps, the households behind a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from khotail.accounts.models import Officer
from khotail.issues.models import Issue
from khotail.issues.queries import OPEN_STATES
from khotail.relocation.models import FacilityCheck, Relocated, Site

#: Classes of issues that are about a site and its homes.
ROUTES = ("sites", "relocation-home")
_Works = Relocated.Works


@dataclass(frozen=True)
class Share:
    """One outcome: of how many it holds, of how many it does not, of how many nothing is known."""

    yes: int
    no: int
    unknown: int

    @property
    def known(self) -> int:
        return self.yes + self.no

    @property
    def percent(self) -> int | None:
        """Whole per cent of those of whom it is known; None where it is known of nobody."""
        return round(100 * self.yes / self.known) if self.known else None


@dataclass(frozen=True)
class Outcome:
    """The three outcomes of a site.

    households  that moved there, those included that left
    moved_in    of them
    no_labour   households in which nobody can work: not counted in `works`
    """

    households: int
    moved_in: int
    stays: Share
    works: Share
    richer: Share
    no_labour: int


def outcomes_of(sites: Iterable[Site]) -> dict[int, Outcome]:
    """Site id → its outcomes, of all its households wherever they are registered. One query."""
    rows = Relocated.objects.filter(site__in=[site.pk for site in sites]).order_by().values("site")
    here = Q(left_on=None)

    def count(**wanted: object) -> Count:
        return Count("pk", filter=here & Q(**wanted))

    counted = rows.annotate(
        households=Count("pk"), moved_in=Count("pk", filter=Q(moved_in_on__isnull=False)),
        stay=Count("pk", filter=Q(stays="yes")), gone=Count("pk", filter=Q(stays="no")),
        stay_unknown=Count("pk", filter=Q(stays="")),
        work=count(works__in=(_Works.JOB, _Works.INDUSTRY)), gap=count(works=_Works.NEITHER),
        work_unknown=count(works=""), no_labour=count(works=_Works.NO_LABOUR), richer_yes=count(richer="yes"),
        richer_no=count(richer="no"), richer_unknown=count(richer=""),
    )  # fmt: skip
    found = {
        row["site"]: Outcome(
            row["households"], row["moved_in"], Share(row["stay"], row["gone"], row["stay_unknown"]),
            Share(row["work"], row["gap"], row["work_unknown"]),
            Share(row["richer_yes"], row["richer_no"], row["richer_unknown"]), row["no_labour"],
        )
        for row in counted
    }  # fmt: skip
    nothing = Outcome(0, 0, Share(0, 0, 0), Share(0, 0, 0), Share(0, 0, 0), 0)
    return {site.pk: found.get(site.pk, nothing) for site in sites}


@dataclass(frozen=True)
class Facility:
    """One line of the checklist; `check` is the newest, None if nobody has looked yet."""

    kind: str
    label: str
    check: FacilityCheck | None

    @property
    def is_gap(self) -> bool:
        return self.check is not None and self.check.state in FacilityCheck.GAPS

    @property
    def is_unknown(self) -> bool:
        return self.check is None

    def is_late(self, today: date) -> bool:
        return bool(self.is_gap and self.check and self.check.due_on and self.check.due_on < today)


def facilities_of(sites: Iterable[Site]) -> dict[int, list[Facility]]:
    """Site id → its checklist, gaps first, then what nobody has looked at. One query."""
    newest: dict[tuple[int, str], FacilityCheck] = {}
    rows = FacilityCheck.objects.filter(site__in=[site.pk for site in sites]).select_related("checked_by")
    for check in rows.order_by("on", "id"):
        newest[check.site_id, check.kind] = check
    return {
        site.pk: sorted(
            (Facility(kind, str(label), newest.get((site.pk, kind))) for kind, label in FacilityCheck.Kind.choices),
            key=lambda each: (not each.is_gap, not each.is_unknown),
        )
        for site in sites
    }


def households(
    officer: Officer, site: Site | None = None, *, works: str | None = None, stays: str | None = None,
    richer: str | None = None, region_code: str = "",
) -> QuerySet[Relocated]:  # fmt: skip
    """Households that moved, narrowed by outcome ("" is: not known; None: all). The gap list is works="neither"."""
    rows = Relocated.objects.visible_to(officer).in_region(region_code)
    if site is not None:
        rows = rows.filter(site=site)
    for name, wanted in (("works", works), ("stays", stays), ("richer", richer)):
        if wanted is not None:
            rows = rows.filter(**{name: wanted})
    if works is not None:
        rows = rows.filter(left_on=None)
    return rows.select_related("household", "site").order_by("household__number", "id")


def open_issues(officer: Officer, site: Site) -> int:
    """Open issues about the site's services and homes, as far as the officer may see them."""
    rows = Issue.objects.visible_to(officer).in_region(site.region_code)
    return rows.filter(route__in=ROUTES, state__in=("sorting", *OPEN_STATES)).count()
