"""Whole years up to a constant day, in quicker SQL that means the same.

DuckDB's `datesub` walks the calendar for every row, and the age of every person is among the first things that a rule
asks. A comparison with a number of years becomes a comparison with a day; elsewhere, years are counted from the parts of
the date.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

from khotail.facts.schema import TABLES

#: How `datesub` comes out of an expression once its parameters are filled in. It cannot stand in a text literal, where
#: its quotes would be doubled.
_YEARS = re.compile(r"DATESUB\('year', (?P<column>[a-z_][a-z0-9_]*), DATE '(?P<day>\d{4}-\d\d-\d\d)'\)")
_LITERAL = re.compile(r"('(?:[^']|'')*')")

#: A comparison that stands by itself and is no operand of arithmetic.
_COMPARED = (
    r"(?P<before>^|\(|, |\b(?:AND|OR|NOT|WHEN|WHERE) ){name} (?P<how>>=|<=|>|<) (?P<years>\d{{1,3}})"
    r"(?=$|\)|,| (?:AND|OR|THEN|ELSE|END|IS)\b)"
)

_DATES = frozenset(
    name
    for name in (column.name for table in TABLES.values() for column in table.columns)
    if all(column.kind == "date" for table in TABLES.values() for column in table.columns if column.name == name)
)


def with_quick_years(sql: str) -> str:
    """The SQL with every `datesub('year', …)` of a date column and a constant day made quicker."""
    return _YEARS.sub(_counted, sql) if "DATESUB('year'" in sql else sql


def with_days_for_years(sql: str, name: str, definition: str) -> str:
    """The SQL with `name >= 60` and the like turned into a comparison of the date itself.

    definition  the filled SQL of the indicator `name`; unless it is no more than whole years up to a constant day,
                nothing changes
    """
    found = _YEARS.fullmatch(definition)
    if found is None or found["column"] not in _DATES:
        return sql
    until = date.fromisoformat(found["day"])
    compared = re.compile(_COMPARED.format(name=re.escape(name)))

    def day_compared(match: re.Match[str]) -> str:
        reached = match["how"] in (">=", ">")
        years = int(match["years"]) + (match["how"] in (">", "<="))
        # A day after `until` counts as no whole year too, so that nothing can be said about less than one.
        if not 1 <= years < until.year:
            return match[0]
        return f"{match['before']}{found['column']} {'<=' if reached else '>'} DATE '{_years_before(until, years)}'"

    # Every other piece is a text literal.
    pieces = _LITERAL.split(sql)
    pieces[::2] = [compared.sub(day_compared, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _counted(match: re.Match[str]) -> str:
    column, until = match["column"], date.fromisoformat(match["day"])
    if column not in _DATES:
        return match[0]
    # On the last day of February whoever was born on the 29th completes a year.
    month_and_day = until.month * 32 + (29 if _is_last_of_february(until) else until.day)
    return (
        f"(CASE WHEN {column} <= DATE '{until}' THEN datediff('year', {column}, DATE '{until}') "
        f"- CASE WHEN month({column}) * 32 + day({column}) > {month_and_day} THEN 1 ELSE 0 END ELSE {match[0]} END)"
    )


def _years_before(until: date, years: int) -> date:
    """The last day from which `years` whole years have passed on `until`."""
    year = until.year - years
    if _is_last_of_february(until):
        return date(year, 2, calendar.monthrange(year, 2)[1])
    return until.replace(year=year)


def _is_last_of_february(day: date) -> bool:
    return day.month == 2 and day.day == calendar.monthrange(day.year, 2)[1]
