"""Radar of ends: programmes that end without a successor, with the households and the money that hang on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from khotail.analysis.held import held
from khotail.facts.store import Facts
from khotail.rulebook.compile import SkippedRule
from khotail.rulebook.model import Rulebook
from khotail.rulebook.programmes import Programme

_LOOK_BACK = timedelta(days=366)


@dataclass(frozen=True)
class EndingProgramme:
    """A programme that has ended within a year before the day, or ends within the years ahead, and nothing follows.

    households, cny   what hangs on it, a year; None where it cannot be judged on these data, with `skipped` saying why
    assumed           the data do not tell who receives it: everybody entitled is counted
    villages          what of it hangs in each village: region code, households, CNY a year
    """

    programme: Programme
    households: int | None
    cny: float | None
    assumed: bool
    skipped: SkippedRule | None
    villages: tuple[tuple[str, int, float], ...] = ()


def radar(facts: Facts, rulebook: Rulebook, *, on: date, region: str = "", years: int = 5) -> list[EndingProgramme]:
    """Programmes that end without a successor, the soonest first."""
    last = date(on.year + years, 12, 31)
    ending = [
        programme
        for programme in rulebook.programmes.values()
        if programme.until is not None
        and on - _LOOK_BACK <= programme.until <= last
        and programme.since <= on
        and not _is_followed(rulebook, programme)
    ]
    return [
        _line(facts, rulebook, programme, on, region) for programme in sorted(ending, key=lambda p: (p.until, p.order))
    ]


def _is_followed(rulebook: Rulebook, programme: Programme) -> bool:
    """Whether a successor is in force on the day after the end."""
    after = rulebook.programmes.get(programme.successor or "")
    return after is not None and programme.until is not None and after.holds_on(programme.until + timedelta(days=1))


def _line(facts: Facts, rulebook: Rulebook, programme: Programme, on: date, region: str) -> EndingProgramme:
    assert programme.until is not None
    found = held(facts, rulebook, [programme], min(on, programme.until), region)
    column = found.columns.get(programme.id)
    if column is None:
        return EndingProgramme(programme, None, None, False, next(iter(found.skipped), None))
    villages = facts.connection.execute(
        f"SELECT coalesce(h.region_code, ''), count(*), coalesce(sum({column}), 0) FROM {found.table} AS f "
        f"JOIN households AS h ON h.household_id = f.household_id WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    households, cny = sum(row[1] for row in villages), sum(row[2] for row in villages)
    assumed = programme.id in found.assumed
    return EndingProgramme(programme, households, cny, assumed, None, tuple(villages))
