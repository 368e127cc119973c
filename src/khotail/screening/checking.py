"""Check one household now: its data audits are run again, without waiting for the next run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from khotail import engine
from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.engine.problems import NothingCanRun
from khotail.facts.schema import TABLES
from khotail.facts.store import Facts
from khotail.register.models import Household
from khotail.rulebook.model import Rulebook
from khotail.screening import rulebook, snapshot
from khotail.screening.actions import write_difference
from khotail.screening.comparing import difference
from khotail.screening.models import Finding, Kind, Run
from khotail.screening.rows import household_rows
from khotail.trail import chain


@dataclass(frozen=True)
class Checked:
    """What a check changed: findings that are new, that were mended, and that hold still."""

    new: int
    mended: int
    open: int


@transaction.atomic
def check_household(household: Household, *, by: Officer, now: datetime) -> Checked:
    """Judge a household's data by all audits that look at no other household. Mended findings end, new ones begin.

    Raises NotAllowed; Household.DoesNotExist outside the officer's region.
    """
    require(by, May.SEE_AUDIT)
    household = Household.objects.visible_to(by).select_for_update().get(pk=household.pk)
    today = timezone.localdate(now)
    made = Run.objects.create(
        kind=Kind.AUDIT, region_code=household.region_code, as_of=today, rulebook=rulebook.current().id,
        rulebook_digest=rulebook.digest(), asked_by=by, started_at=now, finished_at=now,
        counts={"household": household.pk},
    )  # fmt: skip
    facts = _facts_of(household)
    with facts.connection:
        try:
            findings = engine.audit(
                facts, _of_one_household(rulebook.current()), as_of=today, household=household.number
            )
        except NothingCanRun:
            still = Finding.objects.filter(household=household, kind=Kind.AUDIT, ended_on=None).count()
            return Checked(0, 0, still)
        found = difference(findings, Kind.AUDIT, household.region_code, frozenset([household.number]))
        write_difference(made, found)
    told = Checked(
        Finding.objects.filter(first_run=made).count(),
        Finding.objects.filter(last_run=made).count(),
        Finding.objects.filter(household=household, kind=Kind.AUDIT, ended_on=None).count(),
    )
    chain.record(by, "household.checked", household, at=now, new=told.new, mended=told.mended)
    return told


def _facts_of(household: Household) -> Facts:
    """The household alone, with the columns that the snapshot has, so that the same rules can run."""
    tables = [name for name in TABLES if name != "villages"]
    rows = household_rows({name: {household.pk} for name in tables})
    known = snapshot.columns()
    given = {}
    for name, table in rows.items():
        present = known.get(name, frozenset()) | {
            column for column in table.column_names if table[column].null_count < table.num_rows
        }
        if present:
            key = TABLES[name].key
            given[name] = table.select([column for column in table.column_names if column in present or column in key])
    return Facts.of(**given)


def _of_one_household(book: Rulebook) -> Rulebook:
    """The rulebook without the rules that look at other households, such as who else has the same ID number."""
    beyond = set(_beyond(book))
    return replace(book, rules={id_: rule for id_, rule in book.rules.items() if id_ not in beyond})


def _beyond(book: Rulebook) -> Iterator[str]:
    names = {id_ for (_, id_), indicator in book.indicators.items() if indicator.by}
    while True:
        more = {
            id_ for (_, id_), indicator in book.indicators.items()
            if id_ not in names and names & set(indicator.expression.columns)
        }  # fmt: skip
        if not more:
            break
        names |= more
    for rule in book.rules.values():
        if rule.level == "village" or names & set(rule.when.columns):
            yield rule.id
