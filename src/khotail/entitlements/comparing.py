"""What a run found beside what was open before it: only the difference is written.

Nothing ends because something is not known. Where an entitlement can no longer be worked out it stays and is said to be
unknown; where the data no longer tell who receives it, what was missed stays missed; a programme that could not be judged
leaves its rows alone. A household that left ends all of its rows.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import connection

from khotail.engine.entitlements import Entitlements
from khotail.entitlements.models import Ending
from khotail.facts.sql import quoted
from khotail.rulebook.programmes import Programme

_READ_ROWS = 50_000
_MOST = "9999999999.99"  # what the columns of the database hold
_SAYS_SOMETHING = "state <> 'unknown' OR received"
#: A row as it is written.
FOUND = (
    "level", "programme_id", "subject", "number", "person_number", "region_code", "state", "amount_cny", "received",
    "received_cny", "missed", "values", "digest",
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Tables in the run's connection.

    fresh    FOUND
    changed  id, FOUND, was_missed
    doubted  id: can no longer be worked out
    gone     id, ending, was_missed
    """

    link: duckdb.DuckDBPyConnection
    found: int

    def count(self, table: str) -> int:
        return int(self.link.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])

    def chunks(self, table: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self.link.execute(f"SELECT * FROM {table}")
        while rows := cursor.fetchmany(size):
            yield rows

    def endings(self) -> dict[str, int]:
        """Why how many ended."""
        return dict(self.link.execute("SELECT ending, count(*) FROM gone GROUP BY ending").fetchall())


def difference(found: Entitlements, region_code: str) -> Difference:
    """Compare with the open rows of a region."""
    link = found.facts.connection
    _read_open(link, region_code)
    _prepare(found)
    same = "f.programme_id = o.programme_id AND f.subject = o.subject"
    names = ", ".join(f"f.{name}" for name in FOUND)
    unjudged = ", ".join(quoted(skip.rule_id) for skip in found.skipped) or "''"
    for table, query in (
        ("fresh", f"SELECT {names} FROM found f ANTI JOIN was_open o ON {same} ORDER BY f.number, f.subject, f.programme_id"),
        ("changed", f"SELECT o.id, {names}, o.missed AS was_missed FROM found f JOIN was_open o ON {same} "
                    "WHERE f.digest <> o.digest OR f.region_code <> o.region_code"),
        ("doubted", f"SELECT o.id FROM doubtful f JOIN was_open o ON {same} WHERE o.state <> 'unknown'"),
        ("gone", f"SELECT o.id, {_ending(found)} AS ending, o.missed AS was_missed FROM was_open o "
                 f"ANTI JOIN found f ON {same} ANTI JOIN doubtful u ON u.programme_id = o.programme_id AND u.subject = o.subject "
                 f"WHERE o.has_left OR o.programme_id NOT IN ({unjudged}) ORDER BY o.id"),
    ):  # fmt: skip
        link.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
    [(count,)] = link.execute("SELECT count(*) FROM found").fetchall()
    return Difference(link, int(count))


def vanished(found: Entitlements) -> list[tuple[str, int]]:
    """Programmes of open rows that the rulebook no longer has, and how many rows each; after `difference`."""
    known = ", ".join(quoted(id_) for id_ in found.rulebook.programmes) or "''"
    sql = f"SELECT programme_id, count(*) FROM was_open WHERE programme_id NOT IN ({known}) GROUP BY ALL ORDER BY ALL"
    return found.facts.connection.execute(sql).fetchall()


def left_alone(found: Entitlements) -> dict[str, int]:
    """Programme that could not be judged → rows that stay as they were; after `difference`."""
    rows = found.facts.connection.execute("SELECT programme_id, count(*) FROM was_open GROUP BY ALL").fetchall()
    skipped = {skip.rule_id for skip in found.skipped}
    return {id_: count for id_, count in rows if id_ in skipped}


def _ending(found: Entitlements) -> str:
    """SQL for why an open row that was not found again is over."""
    programmes = found.rulebook.programmes
    known = ", ".join(quoted(id_) for id_ in programmes) or "''"
    over = ", ".join(quoted(id_) for id_ in _not_in_force(programmes, found.on, found.region)) or "''"
    return (
        f"CASE WHEN o.has_left THEN '{Ending.HOUSEHOLD_GONE.value}' "
        f"WHEN o.programme_id NOT IN ({known}) THEN '{Ending.PROGRAMME_GONE.value}' "
        f"WHEN o.programme_id IN ({over}) THEN '{Ending.PROGRAMME_OVER.value}' ELSE '{Ending.NO_LONGER.value}' END"
    )


def _not_in_force(programmes: Mapping[str, Programme], on: date, region: str) -> list[str]:
    return [id_ for id_, programme in programmes.items() if not programme.holds_on(on, region)]


def _subject() -> str:
    return "left(CASE WHEN level = 'person' THEN concat(household_id, '|', person_id) ELSE household_id END, 90)"


def _prepare(found: Entitlements) -> None:
    """`found`: what there is to say, each subject and programme once. `doubtful`: what cannot be worked out."""
    link = found.facts.connection
    key = hmac.new(settings.KHOTAIL_DATA_KEY, b"entitlement", hashlib.sha256).hexdigest()
    link.execute(
        f"CREATE OR REPLACE TEMP TABLE doubtful AS SELECT DISTINCT programme_id, {_subject()} AS subject FROM ({found.rows}) "
        "WHERE state = 'unknown' AND received IS NOT TRUE"
    )
    said = (
        f"SELECT level, programme_id, {_subject()} AS subject, household_id AS number, person_id AS person_number, "
        f"coalesce(left(region_code, 12), '') AS region_code, state, {_money('amount_cny')} AS amount_cny, received, "
        f"CASE WHEN received THEN {_money('received_cny')} END AS received_cny, missed AS seen_missed, values "
        f"FROM ({found.with_reasons(_SAYS_SOMETHING)}) "
        "QUALIFY row_number() OVER (PARTITION BY programme_id, subject ORDER BY missed DESC, CAST(values AS VARCHAR)) = 1"
    )
    # Due, and the data do not tell whether it is received: what was missed is still to be seen to.
    missed = (
        "f.seen_missed OR (f.received IS NULL AND f.state IN ('entitled', 'withdrawing') AND coalesce(o.missed, false))"
    )
    stated = ("state", "amount_cny", "received", "received_cny")
    content = ", ".join(f"coalesce(CAST(f.{name} AS VARCHAR), '-')" for name in stated)
    link.execute(
        f"CREATE OR REPLACE TEMP TABLE found AS SELECT f.* EXCLUDE (values, seen_missed), to_json(f.values) AS values, "
        f"({missed}) AS missed, left(sha256(concat_ws('|', ?, f.programme_id, {content}, "
        f"CAST(({missed}) AS VARCHAR), CAST(f.values AS VARCHAR))), 32) AS digest "
        f"FROM ({said}) f LEFT JOIN was_open o ON f.programme_id = o.programme_id AND f.subject = o.subject",
        [key],
    )


def _money(name: str) -> str:
    """An amount as the database holds it: two places, and no more than fits."""
    within = f"greatest(-{_MOST}, least({_MOST}, {name}))"  # which look past NULL
    return f"CASE WHEN {name} IS NOT NULL THEN CAST(round({within}, 2) AS DECIMAL(12, 2)) END"


def _read_open(link: duckdb.DuckDBPyConnection, region_code: str) -> None:
    names = ("id", "programme_id", "subject", "state", "missed", "digest", "region_code", "has_left")
    kinds = (pa.int64(), *[pa.string()] * 3, pa.bool_(), *[pa.string()] * 2, pa.bool_())
    link.execute(
        "CREATE OR REPLACE TEMP TABLE was_open (id BIGINT, programme_id VARCHAR, subject VARCHAR, state VARCHAR, "
        "missed BOOLEAN, digest VARCHAR, region_code VARCHAR, has_left BOOLEAN)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.programme_id, e.subject, e.state, e.missed, e.digest, e.region_code, h.ended_on IS NOT NULL "
            "FROM entitlements_entitlement e JOIN register_household h ON h.id = e.household_id "
            "WHERE e.ended_on IS NULL AND e.region_code >= %s AND e.region_code < %s",
            [region_code, region_code + ":"],
        )
        while rows := cursor.fetchmany(_READ_ROWS):
            columns = [
                pa.array([bool(value) for value in column] if kind == pa.bool_() else column, kind)
                for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)
            ]
            link.register("part", pa.table(columns, names=list(names)))
            link.execute("INSERT INTO was_open SELECT * FROM part")
            link.unregister("part")
