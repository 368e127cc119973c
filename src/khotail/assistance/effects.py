"""Did it work? Income per person and guarantees before and after, beside comparable households that did not get it.

Before is the last income year that was complete when the measure began, after the first that began with it or later. What
comes out is a comparison and no proof: households that get help differ from those that do not in ways no register knows.
So the same comparison is made for the years before the help, when it can have had no effect, and shown beside it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from statistics import fmean
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.assistance.checks import check_span
from khotail.assistance.effect_data import Home, homes, lacking
from khotail.assistance.matching import Matched, Pool, difference, match
from khotail.assistance.models import EffectStudy
from khotail.assistance.problems import DatesWrong, NotFound, NotYourPlace, UnknownCategory
from khotail.casework.models import Measure
from khotail.facts.store import Facts
from khotail.jobs.actions import ask
from khotail.jobs.progress import Progress
from khotail.register.models import Household
from khotail.rulebook.parameters import income_year
from khotail.rulebook.procedures import MEASURE_CATEGORIES
from khotail.screening.rulebook import setting
from khotail.screening.snapshot import facts as snapshot_facts
from khotail.screening.snapshot import refresh
from khotail.trail.chain import record as record_event

JOB = "assistance.effect"
#: Guarantees are read for so many helped households at most, drawn at random.
_SAMPLE = 400
_SEED = 20200320
#: Years of the chart, counted from the one before.
_YEARS = range(-1, 4)


@transaction.atomic
def ask_for_effect(
    *,
    measure: Measure | None = None,
    category: str = "",
    kind: str = "",
    region_code: str = "",
    since: date | None = None,
    until: date | None = None,
    by: Officer,
    now: datetime,
) -> EffectStudy:
    """Ask for the check of one measure, or of all measures of a category (and kind) in a region.

    since, until   days between which they began
    Raises NotAllowed, NotFound, NotYourPlace, UnknownCategory, DatesWrong.
    """
    if not by.may(May.SEE_HELP):
        raise NotAllowed
    if measure is not None:
        if not Measure.objects.visible_to(by).filter(pk=measure.pk).exists():
            raise NotFound
        category, kind, region_code, since, until = measure.category, measure.kind, measure.region_code, None, None
    elif not region_code.startswith(by.region_code):
        raise NotYourPlace
    if category not in MEASURE_CATEGORIES:
        raise UnknownCategory(word=category[:60], known="、".join(MEASURE_CATEGORIES))
    if since:
        check_span(since, until)
    elif until and not 2000 <= until.year <= 2100:
        raise DatesWrong
    study = EffectStudy.objects.create(
        household=measure.household if measure else None, measure=measure, region_code=region_code, category=category,
        kind=kind[:60], since=since, until=until, asked_by=by, asked_at=now,
    )  # fmt: skip
    job = ask(JOB, {"study": study.pk}, by=by, region_code=region_code, now=now, key=f"effect {study.pk}")
    study.job_number = job.pk
    study.save(update_fields=["job_number"])
    record_event(by, "effect.asked", study, at=now, category=category, measure=measure.pk if measure else None)
    return study


def compute(study: EffectStudy, now: datetime, progress: Progress | None = None) -> EffectStudy:
    """Work it out and keep the numbers. May be run again: the same facts give the same numbers."""

    def tell(done: int, total: int, stage: str) -> None:
        if progress:
            progress(done, total, stage)

    refresh(tell)
    today = timezone.localdate(now)
    tell(0, 3, "comparing")
    study.result = compare(snapshot_facts(), study, today)
    study.computed_at = now
    study.save(update_fields=["result", "computed_at"])
    record_event(study.asked_by, "effect.computed", study, at=now, verdict=study.result["verdict"])
    tell(3, 3, "comparing")
    return study


@dataclass(frozen=True)
class _Helped:
    """A helped household with the day on which its help began, and the income years before and after."""

    home: Home
    start: date
    before: int
    after: int

    @property
    def after_day(self) -> date:
        return date(self.after, 9, 30)


def years_of(start: date) -> tuple[int, int]:
    """The last income year complete when something began, and the first that began with it or later."""
    before = income_year(start)
    begins_year = (start.month, start.day) == (10, 1)
    return before, before + (1 if begins_year else 2)


def compare(facts: Facts, study: EffectStudy, today: date) -> dict[str, Any]:
    """The numbers of a study: see `EffectStudy.result`. `verdict` is one of too_early, too_few, one, more, less, no_sign."""
    known = homes(facts, study.region_code[:6])
    least = int(setting("effect_least_households", today, study.region_code))
    chosen, counts = _helped(known, study, income_year(today))
    found: dict[str, Any] = {**counts, "least": least, "helped": len(chosen)}
    if not chosen:
        return found | {"verdict": "too_early" if counts["too_early"] else "too_few", "matched": 0}
    others = _others(known, study.category, {(each.before, each.after) for each in chosen})
    matched = match(_pool(chosen), _pool(others)) if others else Matched(np.array([], int), (), 0, len(chosen))
    found |= {"matched": len(matched.helped), "without_comparable": matched.without, "widened": matched.widened}
    if not len(matched.helped):
        return found | {"verdict": "too_few"}
    pairs = [
        (chosen[at], [others[row] for row in rows]) for at, rows in zip(matched.helped, matched.compared, strict=True)
    ]
    changes = np.array([_change(one) for one, _ in pairs])
    compared = [np.array([_change(each) for each in rows]) for _, rows in pairs]
    everybody = {each.home.number for _, rows in pairs for each in rows}
    found |= {
        "compared": len(everybody),
        "years": _by_year(pairs),
        "alike": _alike(pairs),
        "other_help": _other_help(pairs, study.category),
        "guarantees": _guarantees(pairs),
        "change": round(float(changes.mean()), 2),
        "compared_change": round(fmean(float(one.mean()) for one in compared), 2),
    }
    if study.measure_id:
        rows = np.sort(compared[0])
        numbers = [each.home.number for each in pairs[0][1]]
        ids = list(Household.objects.filter(number__in=numbers).order_by("pk").values_list("pk", flat=True))
        return found | {
            "verdict": "one", "lowest": round(float(rows[0]), 2), "highest": round(float(rows[-1]), 2), "ids": ids,
        }  # fmt: skip
    if len(pairs) < least:
        return found | {"verdict": "too_few"}
    effect = difference(changes, compared)
    earlier = _earlier(pairs)
    return found | {
        "effect": _rounded(asdict(effect)),
        "earlier": _rounded(asdict(difference(*earlier))) | {"pairs": len(earlier[0])}
        if len(earlier[0]) >= least
        else None,
        "verdict": "more" if effect.low > 0 else "less" if effect.high < 0 else "no_sign",
    }


def _helped(known: dict[str, Home], study: EffectStudy, last: int) -> tuple[list[_Helped], dict[str, int]]:
    """Households whose first such measure falls into the study, and why others are left out, with how many."""
    wanted = study.household.number if study.household else None
    counts = {"too_early": 0, "without_income": 0}
    chosen: list[_Helped] = []
    for number, home in known.items():
        if (wanted and number != wanted) or not home.region_code.startswith(study.region_code):
            continue
        starts = [start for category, kind, start in home.measures if category == study.category and
                  (not study.kind or kind == study.kind)]  # fmt: skip
        start = study.measure.starts_on if study.measure else min(starts, default=None)
        if start is None or (study.since and start < study.since) or (study.until and start > study.until):
            continue
        before, after = years_of(start)
        if after > last:
            counts["too_early"] += 1
        elif before not in home.incomes or after not in home.incomes:
            counts["without_income"] += 1
        else:
            chosen.append(_Helped(home, start, before, after))
    return chosen, counts


def _others(known: dict[str, Home], category: str, spans: set[tuple[int, int]]) -> list[_Helped]:
    """Households that had nothing of the category until the year after was over, once for each pair of years."""
    rows = []
    for before, after in sorted(spans):
        end = date(after, 9, 30)
        for home in known.values():
            if before not in home.incomes or after not in home.incomes:
                continue
            if not any(name == category and start <= end for name, _, start in home.measures):
                rows.append(_Helped(home, date(before, 10, 1), before, after))
    return rows


def _pool(rows: Sequence[_Helped]) -> Pool:
    """What makes households comparable: years, category and township alike; income, members, labour near."""
    features = np.array(
        [[one.home.incomes[one.before], one.home.shared[one.before], one.home.able] for one in rows], float
    )
    strata = [
        (one.before, one.after, one.home.kind, one.home.was_monitored(date(one.before, 9, 30)))
        for one in rows
    ]  # fmt: skip
    return Pool(features, strata, [one.home.region_code[:9] for one in rows])


def _change(one: _Helped) -> float:
    return one.home.incomes[one.after] - one.home.incomes[one.before]


Pairs = list[tuple[_Helped, list[_Helped]]]


def _by_year(pairs: Pairs) -> list[dict[str, Any]]:
    """Mean income per person by year, counted from the year before, of the pairs whose incomes are known in it."""
    shown = []
    for offset in _YEARS:
        own, beside = [], []
        for one, rows in pairs:
            year = one.before + offset
            near = [each.home.incomes[year] for each in rows if year in each.home.incomes]
            if year in one.home.incomes and near:
                own.append(one.home.incomes[year])
                beside.append(fmean(near))
        if own:
            shown.append(
                {"offset": offset, "pairs": len(own), "helped": round(fmean(own)), "compared": round(fmean(beside))}
            )
    return shown


def _alike(pairs: Pairs) -> list[dict[str, Any]]:
    """How much those compared are alike before: means on both sides."""

    def mean(value: Any) -> tuple[float, float]:
        return fmean(value(one) for one, _ in pairs), fmean(fmean(value(each) for each in rows) for _, rows in pairs)

    measures = {
        "income": lambda one: one.home.incomes[one.before],
        "members": lambda one: one.home.shared[one.before],
        "able": lambda one: one.home.able,
    }
    rows = [(name, *mean(value)) for name, value in measures.items()]
    places = {"income": None}  # whole yuan
    return [
        {"name": name, "helped": round(own, places.get(name, 1)), "compared": round(beside, places.get(name, 1))}
        for name, own, beside in rows
    ]


def _other_help(pairs: Pairs, category: str) -> dict[str, float]:
    """Share that had other measures begin between the two years: then more than one thing changed."""

    def has(one: _Helped) -> bool:
        first, last = date(one.before, 10, 1), one.after_day
        return any(name != category and first <= start <= last for name, _, start in one.home.measures)

    helped = fmean(has(one) for one, _ in pairs)
    beside = fmean(fmean(has(each) for each in rows) for _, rows in pairs)
    return {"helped": round(helped, 3), "compared": round(beside, 3)}


def _guarantees(pairs: Pairs) -> dict[str, Any]:
    """Share in which some guarantee was lacking, before and after; of those of whom it is known on both days."""
    chosen = random.Random(_SEED).sample(pairs, _SAMPLE) if len(pairs) > _SAMPLE else pairs
    keys = [
        [(each.home.number, one.start, one.after_day) for each in (one, *rows)] for one, rows in chosen
    ]  # fmt: skip
    found = lacking(key for row in keys for key in row)
    sides: dict[str, dict[str, float]] = {}
    for name, wanted in (
        ("helped", [row[0] for row in keys]),
        ("compared", sorted({key for row in keys for key in row[1:]})),
    ):
        known = [one for key in wanted if (one := found.get(key)) and one.before is not None and one.after is not None]
        sides[name] = {
            "known": len(known),
            "again": sum(one.looked_again for one in known),
            "before": round(fmean(bool(one.before) for one in known), 3) if known else 0.0,
            "after": round(fmean(bool(one.after) for one in known), 3) if known else 0.0,
        }
    return {**sides, "sampled": len(chosen) < len(pairs), "pairs": len(chosen)}


def _earlier(pairs: Pairs) -> tuple[np.ndarray, list[np.ndarray]]:
    """The same changes from two years before to one year before, when the help can have had no effect."""

    def change(one: _Helped) -> float | None:
        incomes = one.home.incomes
        return incomes[one.before] - incomes[one.before - 1] if one.before - 1 in incomes else None

    own, beside = [], []
    for one, rows in pairs:
        near = [found for each in rows if (found := change(each)) is not None]
        mine = change(one)
        if mine is not None and near:
            own.append(mine)
            beside.append(np.array(near))
    return np.array(own), beside


def _rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in numbers.items()}
