"""Totals of a region by source and year: what came in, what each level holds, what projects have, what was paid, what is left.

What came in is counted from the entries that cross the region's border, the rest from what stands on its accounts. As every
entry has both its ends, the two agree; the page shows both, and their difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import Length

from khotail.accounts.models import LEVEL_OF_DIGITS
from khotail.funds.amounts import yuan
from khotail.funds.models import Account, Entry, Fund, Project
from khotail.trail.scope import in_region

_Kind = Account.Kind
_ZERO = Decimal(0)


@dataclass
class Line:
    """Yuan of one source and year, or of several added up.

    held      by level, from league down: what stands with a region and is not passed on
    projects  by kind of project: what was allocated to projects and not given back
    left      what stands with projects and is not paid
    """

    source: str = ""
    year: int = 0
    came_in: Decimal = _ZERO
    held: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    projects: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    left: Decimal = _ZERO
    paid: Decimal = _ZERO

    @property
    def not_allocated(self) -> Decimal:
        return sum(self.held.values(), _ZERO)

    @property
    def allocated(self) -> Decimal:
        return sum(self.projects.values(), _ZERO)

    @property
    def difference(self) -> Decimal:
        """What came in less everything that is accounted for: nothing, by construction."""
        return self.came_in - self.not_allocated - self.left - self.paid

    @property
    def use_rate(self) -> float | None:
        """Share of what came in that is paid, from 0 to 1."""
        return float(self.paid / self.came_in) if self.came_in else None

    @property
    def industry_share(self) -> float | None:
        """Share of what is allocated to projects that goes into industry, from 0 to 1."""
        return float(self.projects[Project.Kind.INDUSTRY] / self.allocated) if self.allocated else None

    @property
    def source_name(self) -> str:
        return str(Fund.Source(self.source).label) if self.source else ""

    def add(self, other: Line) -> None:
        self.came_in += other.came_in
        self.left += other.left
        self.paid += other.paid
        for mine, theirs in ((self.held, other.held), (self.projects, other.projects)):
            for name, amount in theirs.items():
                mine[name] += amount


def totals(region_code: str) -> list[Line]:
    """One line for each source and year of which anything stands in the region, the newest year first. Four queries."""
    lines: dict[tuple[int, str], Line] = {}

    def line(year: int, source: str) -> Line:
        return lines.setdefault((year, source), Line(source, year))

    for year, source, kind, digits, project_kind, fen in _standing(region_code):
        found, amount = line(year, source), yuan(fen)
        if kind == _Kind.HELD:
            found.held[LEVEL_OF_DIGITS[digits]] += amount
        else:
            found.projects[project_kind] += amount
            if kind == _Kind.PAID:
                found.paid += amount
            else:
                found.left += amount
    for year, source, fen in _crossing(region_code):
        line(year, source).came_in += yuan(fen)
    order = list(Fund.Source.values)
    return sorted(lines.values(), key=lambda each: (-each.year, order.index(each.source)))


def added_up(lines: Iterable[Line], by: str = "") -> list[Line]:
    """Lines added up by "year" or "source"; all of them to one with ""."""
    found: dict[object, Line] = {}
    for each in lines:
        key = getattr(each, by) if by else ""
        whole = found.setdefault(key, Line(**({by: key} if by else {})))  # type: ignore[arg-type]
        whole.add(each)
    return list(found.values())


def allocated_to_projects(region_code: str, since: date, until: date) -> Decimal:
    """Yuan that projects of a region got in a time, both days included, less what was reversed or given back in it."""
    rows = Entry.objects.filter(on__gte=since, on__lte=until)
    got = rows.filter(in_region(region_code, "debit__region_code"), debit__kind=_Kind.PROJECT, credit__kind=_Kind.HELD)
    gave = rows.filter(
        in_region(region_code, "credit__region_code"), credit__kind=_Kind.PROJECT, debit__kind=_Kind.HELD
    )
    return yuan(
        (got.aggregate(sum=Sum("amount_fen"))["sum"] or 0) - (gave.aggregate(sum=Sum("amount_fen"))["sum"] or 0)
    )


@dataclass(frozen=True)
class Standing:
    """Of one fund and project in yuan: what it got and kept, what was paid, what is left."""

    account: Account
    allocated: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return self.allocated - self.paid


def of_projects(accounts: Iterable[Account]) -> list[Standing]:
    """How accounts of projects stand, in their order; three queries however many they are."""
    found = list(accounts)
    projects, funds = {each.project_id for each in found}, {each.fund_id for each in found}
    stands: dict[tuple[str, int, int], int] = defaultdict(int)
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = (
            Entry.objects.filter(**{f"{side}__project__in": projects, f"{side}__fund__in": funds}).order_by()
            .values_list(f"{side}__kind", f"{side}__fund", f"{side}__project").annotate(sum=Sum("amount_fen"))
        )  # fmt: skip
        for kind, fund, project, fen in rows:
            stands[kind, fund, project] += sign * fen
    return [
        Standing(
            each,
            yuan(
                stands[_Kind.PROJECT, each.fund_id, each.project_id] + stands[_Kind.PAID, each.fund_id, each.project_id]
            ),
            yuan(stands[_Kind.PAID, each.fund_id, each.project_id]),
        )
        for each in found
    ]


def received_by(funds: Iterable[int]) -> dict[int, Decimal]:
    """What came in of each fund and stands, by its number."""
    found: dict[int, int] = defaultdict(int)
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = Entry.objects.filter(**{f"{side}__fund__in": list(funds), f"{side}__kind": _Kind.ORIGIN}).order_by()
        for fund, fen in rows.values_list(f"{side}__fund").annotate(sum=Sum("amount_fen")):
            found[fund] += sign * fen
    return {fund: yuan(fen) for fund, fen in found.items()}


def _standing(region_code: str) -> Iterable[tuple[int, str, str, int, str, int]]:
    """Year, source, kind of account, digits of its region, kind of project, fen: of every account of the region but origins."""
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = (
            Entry.objects.filter(in_region(region_code, f"{side}__region_code")).exclude(**{f"{side}__kind": _Kind.ORIGIN})
            .order_by().values_list(
                f"{side}__fund__year", f"{side}__fund__source", f"{side}__kind", Length(f"{side}__region_code"),
                f"{side}__project__kind",
            ).annotate(sum=Sum("amount_fen"))
        )  # fmt: skip
        for *group, fen in rows:
            yield (*group, sign * fen)  # type: ignore[misc]


def _crossing(region_code: str) -> Iterable[tuple[int, str, int]]:
    """Year, source, fen: what came in over the border of the region, less what went out. Origins lie outside."""
    inside = {side: in_region(region_code, f"{side}__region_code") & ~Q(**{f"{side}__kind": _Kind.ORIGIN})
              for side in ("debit", "credit")}  # fmt: skip
    for came, went, sign in (("debit", "credit", 1), ("credit", "debit", -1)):
        rows = Entry.objects.filter(inside[came]).exclude(inside[went]).order_by()
        for year, source, fen in rows.values_list(f"{came}__fund__year", f"{came}__fund__source").annotate(
            sum=Sum("amount_fen")
        ):
            yield year, source, sign * fen
