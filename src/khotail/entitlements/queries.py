"""Entitlements as people read them: why, how many, how much, and what is still to be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from khotail.accounts.models import Officer
from khotail.analysis.dependence import BANDS
from khotail.engine.findings import ParameterUsed, parameter_used
from khotail.entitlements.models import Dependence, Entitlement, EntitlementRun, Missed
from khotail.facts.masking import masked_value
from khotail.register.models import Household
from khotail.rulebook.explain import fill
from khotail.rulebook.model import Rulebook
from khotail.rulebook.programmes import Programme
from khotail.screening import rulebook
from khotail.screening.comparing import opened_values
from khotail.texts import Text

#: Runs that did not come to their end.
NOT_A_RUN = Q(counts__has_key="failed") | Q(counts__has_key="cancelled")
#: States of what still waits for somebody.
LIVE = (Missed.State.OPEN, Missed.State.TOLD, Missed.State.APPLIED)
DUE = (Entitlement.State.ENTITLED, Entitlement.State.WITHDRAWING)
_NO_TEXT = Text("", "")


@dataclass(frozen=True)
class Why:
    """Why an entitlement holds.

    sentence    the programme's sentence with the subject's values
    mend        what to do about it where it is missed
    parameters  lines and amounts that it is compared with, each with its day and source
    """

    entitlement: Entitlement
    programme: Programme | None
    sentence: Text
    mend: Text
    parameters: tuple[ParameterUsed, ...]

    @property
    def name(self) -> Text:
        return self.programme.name if self.programme else name_of(self.entitlement.programme_id)

    @property
    def source(self) -> str:
        return self.programme.source if self.programme else ""


def name_of(programme_id: str) -> Text:
    """A programme's name; its id where the rulebook no longer has it."""
    programme = rulebook.current().programmes.get(programme_id)
    return programme.name if programme else Text(programme_id, programme_id)


def explained(entitlement: Entitlement, book: Rulebook | None = None) -> Why:
    """One entitlement with its programme, its sentence and the parameters of the day it was last judged on. Numbers masked."""
    book = book or rulebook.current()
    values = {name: masked_value(name, value) for name, value in opened_values(entitlement.values).items()}
    programme = book.programmes.get(entitlement.programme_id)
    if programme is None:
        told = Text(
            "规则库里已没有这个项目，下一次核算会办结。",
            "The rulebook no longer has this programme; the next run closes it.",
        )
        return Why(entitlement, None, told, _NO_TEXT, ())
    used = tuple(
        parameter_used(book, name[1:], values[name], entitlement.judged_on, entitlement.region_code)
        for name in values
        if name.startswith(":")
    )
    return Why(entitlement, programme, _filled(programme.because, values), _filled(programme.mend, values), used)


def explained_all(entitlements: Iterable[Entitlement]) -> list[Why]:
    book = rulebook.current()
    return [explained(entitlement, book) for entitlement in entitlements]


def _filled(text: Text, values: dict[str, str | None]) -> Text:
    return Text(fill(text, values, "zh"), fill(text, values, "en"))


@dataclass(frozen=True)
class Standing:
    """What a household is entitled to, receives and misses today; money in CNY a year.

    misses      with the line of the work list
    receives    what it receives, entitled or not
    due         what it is entitled to of whose receipt the data do not tell
    given_up    what a better programme excludes
    unknown     what could be worked out before and cannot be any more
    """

    misses: tuple[tuple[Why, Missed | None], ...]
    receives: tuple[Why, ...]
    due: tuple[Why, ...]
    given_up: tuple[Why, ...]
    unknown: tuple[Why, ...]
    dependence: Dependence | None
    as_of: date | None

    @property
    def missed_cny(self) -> Decimal:
        return sum((why.entitlement.amount_cny or Decimal() for why, _missed in self.misses), Decimal())

    @property
    def received_cny(self) -> Decimal:
        return sum((why.entitlement.received_cny or Decimal() for why in self.receives), Decimal())

    def __bool__(self) -> bool:
        return bool(self.misses or self.receives or self.due or self.given_up or self.unknown or self.dependence)


def standing_of(household: Household) -> Standing:
    """A household's entitlements as the last run left them. Four queries, however many they are."""
    rows = Entitlement.objects.filter(household=household, ended_on=None).select_related("person")
    whys = _in_order(explained_all(rows))
    lines = {line.entitlement_id: line for line in Missed.objects.filter(household=household, closed_on=None)}
    misses = [why for why in whys if why.entitlement.missed]
    rest = [why for why in whys if not why.entitlement.missed]
    receives = [why for why in rest if why.entitlement.received]
    rest = [why for why in rest if not why.entitlement.received]
    run = last_run(household.region_code)
    return Standing(
        tuple((why, lines.get(why.entitlement.pk)) for why in misses),
        tuple(receives),
        tuple(why for why in rest if why.entitlement.state in DUE),
        tuple(why for why in rest if why.entitlement.state == Entitlement.State.GIVEN_UP),
        tuple(why for why in rest if why.entitlement.state == Entitlement.State.UNKNOWN),
        Dependence.objects.filter(household=household).first(),
        run.as_of if run else None,
    )


def _in_order(whys: Sequence[Why]) -> list[Why]:
    """The most money first, then the order of the catalogue."""
    return sorted(whys, key=lambda why: (
        -(why.entitlement.amount_cny or 0), why.programme.order if why.programme else 0, why.entitlement.pk
    ))  # fmt: skip


def missed_help(officer: Officer, region: str) -> QuerySet[Missed]:
    """The work list: what is missed now by households that are still there."""
    rows = Missed.objects.visible_to(officer).in_region(region)
    return rows.filter(closed_on=None, household__ended_on=None)


@dataclass(frozen=True)
class Village:
    """A place of the work list: how many households miss something, what it comes to, and how far it is."""

    code: str
    households: int
    missed: int
    amount_cny: Decimal
    to_do: int
    told: int
    applied: int
    asked: int

    @property
    def yuan(self) -> int:
        return round(self.amount_cny)


def villages(rows: QuerySet[Missed]) -> list[Village]:
    """Villages of a work list, most money first."""
    counted = (
        rows.order_by().values("region_code")
        .annotate(
            homes=Count("household", distinct=True), missed_=Count("pk"), money=Sum("amount_cny"),
            to_do=Count("pk", filter=Q(state=Missed.State.OPEN)), told=Count("pk", filter=Q(state=Missed.State.TOLD)),
            applied=Count("pk", filter=Q(state=Missed.State.APPLIED)), asked=Count("pk", filter=Q(asked_at__isnull=False)),
        )
        .order_by("-money", "region_code")
    )  # fmt: skip
    return [
        Village(
            row["region_code"], row["homes"], row["missed_"], row["money"] or Decimal(), row["to_do"], row["told"],
            row["applied"], row["asked"],
        )
        for row in counted
    ]  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """One programme in a region now; money in CNY a year.

    unentitled  receive it although no entitlement is seen
    untold      are entitled, and the data do not tell whether they receive it
    """

    programme_id: str
    programme: Programme | None
    entitled: int
    amount_cny: Decimal
    received: int
    received_cny: Decimal
    missed: int
    missed_cny: Decimal
    unentitled: int
    unknown: int
    untold: int

    @property
    def name(self) -> Text:
        return self.programme.name if self.programme else Text(self.programme_id, self.programme_id)


def figures(officer: Officer, region: str) -> list[Figures]:
    """Programmes of which there is anything to say in a region, in the order of the catalogue. One query."""
    due = Q(state__in=DUE)
    counted = (
        Entitlement.objects.visible_to(officer).in_region(region).filter(ended_on=None).order_by()
        .values("programme_id")
        .annotate(
            entitled=Count("pk", filter=due), amount=Sum("amount_cny", filter=due), got=Count("pk", filter=Q(received=True)),
            paid=Sum("received_cny", filter=Q(received=True)), missing=Count("pk", filter=Q(missed=True)),
            missing_money=Sum("amount_cny", filter=Q(missed=True)),
            without=Count("pk", filter=Q(received=True, state__in=(Entitlement.State.NOT_ENTITLED, Entitlement.State.GIVEN_UP))),
            silent=Count("pk", filter=due & Q(received=None)),
            unsure=Count("pk", filter=Q(state=Entitlement.State.UNKNOWN)),
        )
    )  # fmt: skip
    programmes = rulebook.current().programmes
    rows = [
        Figures(
            row["programme_id"], programmes.get(row["programme_id"]), row["entitled"], row["amount"] or Decimal(), row["got"],
            row["paid"] or Decimal(), row["missing"], row["missing_money"] or Decimal(), row["without"], row["unsure"], row["silent"],
        )
        for row in counted
    ]  # fmt: skip
    return sorted(rows, key=lambda each: (each.programme is None, each.programme.order if each.programme else 0))


def bands_of(officer: Officer, region: str) -> list[tuple[float | None, int]]:
    """Households by how far they live on policies: upper end of the share, and how many; the last band is open. One query."""
    rows = Dependence.objects.visible_to(officer).in_region(region).filter(household__ended_on=None)
    edges = [Decimal("-inf"), *(Decimal(str(edge)) for edge in BANDS)]
    within = {
        f"band_{place}": Count("pk", filter=_between(low, edges[place + 1] if place + 1 < len(edges) else None))
        for place, low in enumerate(edges)
    }
    counted = rows.order_by().aggregate(**within)
    return list(zip((*BANDS, None), counted.values(), strict=True))


def _between(low: Decimal, high: Decimal | None) -> Q:
    above = Q(share__isnull=False) if low.is_infinite() else Q(share__gt=low)
    return above if high is None else above & Q(share__lte=high)


def runs_of(officer: Officer) -> QuerySet[EntitlementRun]:
    """Runs of the officer's region, and of those above that cover it."""
    code = officer.region_code
    above = [code[:digits] for digits in range(2, len(code))]
    rows = EntitlementRun.objects.visible_to(officer) | EntitlementRun.objects.filter(region_code__in=above)
    return rows.select_related("asked_by", "job")


def last_run(region_code: str) -> EntitlementRun | None:
    """The newest finished run that covers the region."""
    covering = [region_code[:digits] for digits in range(2, len(region_code) + 1)]
    done = EntitlementRun.objects.filter(finished_at__isnull=False, region_code__in=covering)
    return done.exclude(NOT_A_RUN).first()


def changes_of(officer: Officer, run: EntitlementRun) -> list[tuple[str, int, int]]:
    """Programme, new and ended, of the officer's region, as far as the run was the first or the last to see them."""
    mine = Entitlement.objects.visible_to(officer).order_by()
    new: dict[str, Any] = dict(_by_programme(mine.filter(first_run=run)))
    ended: dict[str, Any] = dict(_by_programme(mine.filter(last_run=run)))
    order = {id_: place for place, id_ in enumerate(rulebook.current().programmes)}
    ids = sorted(new.keys() | ended.keys(), key=lambda id_: (order.get(id_, len(order)), id_))
    return [(id_, new.get(id_, 0), ended.get(id_, 0)) for id_ in ids]


def _by_programme(rows: QuerySet[Entitlement]) -> list[tuple[str, int]]:
    return list(rows.values_list("programme_id").annotate(Count("pk")))
