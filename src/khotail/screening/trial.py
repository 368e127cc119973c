"""A dry run: whom a change to the rulebook would warn, and whom no longer. Nothing of it is written to the register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction

from khotail import engine
from khotail.engine.problems import NothingCanRun
from khotail.facts.store import Facts
from khotail.rulebook.model import Rulebook, RuleKind
from khotail.screening import rulebook, snapshot
from khotail.screening.changes import candidate, differences
from khotail.screening.keeping import kept, read
from khotail.screening.models import RulebookChange
from khotail.trail import chain

_LIST = pa.schema([
    ("household", pa.string()), ("region_code", pa.string()), ("state", pa.string()), ("rules", pa.string()),
])  # fmt: skip
#: Called with how much is done, of how much, and what.
Progress = Callable[[int, int, str], None]


def try_dry(change: RulebookChange, as_of: date, now: datetime, progress: Progress) -> RulebookChange:
    """Judge the register by the rulebook in force and by the changed one, and keep the difference with the change.

    A change of audits alone is tried on the audits, any other on the signals. Raises RulebookFlawed, NothingStated.
    """
    before, based_on = rulebook.current(), rulebook.digest()
    after, _ = candidate(change)
    added, removed = differences(after)
    kinds = {each.kind for each in (*added, *removed)}
    kind: RuleKind = "audit" if kinds == {"audit"} else "signal"
    snapshot.refresh(progress)
    facts = snapshot.facts()
    with facts.connection as link:
        tables = [
            _judged(facts, book, kind, as_of, change.region_code, lambda done, at=at: progress(at * 10 + done, 20, "rules"))
            for at, book in enumerate((before, after))
        ]  # fmt: skip
        link.execute(_compared(*tables))
        told = _told(link, kind, as_of, after, before)
        path = f"trials/{change.pk}.parquet"
        with kept(Path(settings.KHOTAIL_HOME) / path, _LIST) as writer:
            rows = link.sql("SELECT household, region_code, state, rules FROM listed ORDER BY region_code, household")
            for batch in rows.to_arrow_reader(50_000):
                writer.write_batch(batch.cast(_LIST) if batch.schema != _LIST else batch)
    return _keep(change, told, path, based_on, now)


@transaction.atomic
def _keep(change: RulebookChange, told: dict[str, Any], path: str, based_on: str, now: datetime) -> RulebookChange:
    fresh = RulebookChange.objects.select_for_update().get(pk=change.pk)
    if fresh.files != change.files or fresh.state not in (RulebookChange.State.DRAFT, RulebookChange.State.TRIED):
        return fresh  # it was altered, adopted or dropped meanwhile
    fresh.trial, fresh.trial_path, fresh.based_on = {**told, "flaws": []}, path, based_on
    fresh.state = RulebookChange.State.TRIED
    fresh.save()
    counts = {name: told[name] for name in ("kind", "as_of", "warned", "new", "ended")}
    chain.record(fresh.written_by, "rulebook.tried", fresh, at=now, **counts)
    return fresh


def _judged(facts: Facts, book: Rulebook, kind: RuleKind, as_of: date, region: str, tell: Callable[[int], None]) -> str:
    judge = engine.screen if kind == "signal" else engine.audit
    try:
        findings = judge(facts, book, as_of=as_of, region=region, progress=lambda _level, done, _total: tell(done))
    except NothingCanRun:
        name = facts.new_name("nothing")
        facts.connection.execute(
            f"CREATE TEMP TABLE {name} (rule_id VARCHAR, household_id VARCHAR, region_code VARCHAR)"
        )
        return name
    return findings.table


def _compared(before: str, after: str) -> str:
    """`listed`: each household warned before or after, and its rules; `rules`: each rule's households."""
    of = "SELECT DISTINCT household_id AS household, rule_id, region_code FROM {} WHERE household_id IS NOT NULL"
    return f"""
        CREATE OR REPLACE TEMP TABLE beside AS
        SELECT coalesce(a.household, b.household) AS household, coalesce(a.rule_id, b.rule_id) AS rule_id,
            coalesce(a.region_code, b.region_code) AS region_code, b.household IS NOT NULL AS was, a.household IS NOT NULL AS is_now
        FROM ({of.format(before)}) AS b FULL JOIN ({of.format(after)}) AS a USING (household, rule_id);
        CREATE OR REPLACE TEMP TABLE listed AS
        SELECT household, any_value(region_code) AS region_code,
            CASE WHEN NOT bool_or(was) THEN 'new' WHEN NOT bool_or(is_now) THEN 'ended' ELSE 'lasting' END AS state,
            string_agg(rule_id, ' ' ORDER BY rule_id) FILTER (WHERE is_now OR was) AS rules
        FROM beside GROUP BY household
    """


def _told(link: Any, kind: str, as_of: date, after: Rulebook, before: Rulebook) -> dict[str, Any]:
    states = dict(link.execute("SELECT state, count(*) FROM listed GROUP BY state").fetchall())
    rows = link.execute(
        "SELECT rule_id, count(*) FILTER (WHERE was), count(*) FILTER (WHERE is_now), "
        "count(*) FILTER (WHERE is_now AND NOT was), count(*) FILTER (WHERE was AND NOT is_now) "
        "FROM beside GROUP BY rule_id HAVING bool_or(was <> is_now) ORDER BY 4 DESC, 5 DESC, 1"
    ).fetchall()
    names = {**before.rules, **after.rules}
    return {
        "kind": kind,
        "as_of": as_of.isoformat(),
        "warned": states.get("new", 0) + states.get("lasting", 0),
        "new": states.get("new", 0),
        "ended": states.get("ended", 0),
        "rules": [
            {"rule": rule, "zh": names[rule].name.zh, "en": names[rule].name.en, "before": was, "after": now,
             "new": new, "ended": ended}
            for rule, was, now, new, ended in rows
        ],
    }  # fmt: skip


def listed(
    change: RulebookChange, region: str, state: str = "", page: int = 1, size: int = 50
) -> tuple[int, list[dict[str, Any]]]:
    """How many households the trial lists for a region, and one page of them; all of them for size 0."""
    if not change.trial_path:
        return 0, []
    wanted = pc.starts_with(pc.field("region_code"), region) if region else None
    if state:
        of_state = pc.field("state") == state
        wanted = of_state if wanted is None else wanted & of_state
    rows = read([Path(settings.KHOTAIL_HOME) / change.trial_path], _LIST).to_table(filter=wanted)
    chosen = rows if not size else rows.slice((page - 1) * size, size)
    return rows.num_rows, chosen.to_pylist()
