"""What a run found beside what was open before it: only the difference is written."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import connection

from khotail.engine.findings import Findings
from khotail.facts.schema import TABLES
from khotail.facts.sql import quoted
from khotail.register.sealed import opened, seal

_PERSONAL = {column.name for table in TABLES.values() for column in table.columns if column.personal}
_READ_ROWS = 50_000
#: A row as it is written: level, subject, rule_id, severity, cause, values, digest, household's number, region_code
FOUND = ("level", "subject", "rule_id", "severity", "cause", "values", "digest", "number", "region_code")


@dataclass(frozen=True)
class Difference:
    """Tables in the findings' connection: `fresh` (FOUND), `changed` (id, FOUND), `gone` (id), and how many lasted."""

    link: duckdb.DuckDBPyConnection
    found: int
    lasting: int

    def count(self, table: str) -> int:
        return int(self.link.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])

    def chunks(self, table: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self.link.execute(f"SELECT * FROM {table}")
        while rows := cursor.fetchmany(size):
            yield rows


def difference(findings: Findings, kind: str, region_code: str, households: frozenset[str] | None = None) -> Difference:
    """Compare with the open findings of a region. What skipped rules had found before is left alone: it cannot be judged.

    households  only those of these numbers; None for all
    """
    link = findings.facts.connection
    _prepare(findings, households)
    _read_open(link, kind, region_code, households)
    unjudged = ", ".join(quoted(rule.rule_id) for rule in findings.skipped) or "NULL"
    if households is not None:  # of one household, rules that look at others were not asked
        ran = ", ".join(quoted(rule.id) for rule in findings.ran) or "NULL"
        judged = f"rule_id IN ({ran})"
    else:
        judged = f"rule_id NOT IN ({unjudged})" if findings.skipped else "true"
    same = "f.rule_id = o.rule_id AND f.level = o.level AND f.subject = o.subject"
    names = ", ".join(f"f.{name}" for name in FOUND)
    for table, query in (
        ("fresh", f"SELECT {names} FROM found f ANTI JOIN was_open o ON {same} ORDER BY f.number, f.subject, f.rule_id"),
        ("changed", f"SELECT o.id, {names} FROM found f JOIN was_open o ON {same} "
                    "WHERE f.digest <> o.digest OR f.region_code <> o.region_code OR f.severity <> o.severity"),
        ("gone", f"SELECT o.id FROM (SELECT * FROM was_open WHERE {judged}) o ANTI JOIN found f ON {same} ORDER BY o.id"),
    ):  # fmt: skip
        link.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
    [(found, lasting)] = link.execute(
        f"SELECT count(*), count(o.id) FROM found f LEFT JOIN was_open o ON {same}"
    ).fetchall()
    return Difference(link, int(found), int(lasting))


def _prepare(findings: Findings, households: frozenset[str] | None) -> None:
    """The findings in the shape of `FOUND`, each subject and rule once."""
    key = hmac.new(settings.KHOTAIL_DATA_KEY, b"finding", hashlib.sha256).hexdigest()
    subject = (
        "left(CASE WHEN household_id IS NULL THEN subject_id WHEN level = 'household' THEN household_id "
        "ELSE concat(household_id, '|', subject_id) END, 160)"
    )
    findings.facts.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE found AS SELECT level, {subject} AS subject, rule_id, severity, "
        f"coalesce(cause, '') AS cause, to_json(values) AS values, "
        f"left(sha256(concat(?, '|', rule_id, CAST(values AS VARCHAR))), 32) AS digest, "
        f"household_id AS number, coalesce(region_code, '') AS region_code FROM {findings.table} "
        "QUALIFY row_number() OVER (PARTITION BY rule_id, level, subject ORDER BY digest) = 1",
        [key],
    )


def _read_open(link: duckdb.DuckDBPyConnection, kind: str, region_code: str, households: frozenset[str] | None) -> None:
    link.execute(
        "CREATE OR REPLACE TEMP TABLE was_open (id BIGINT, rule_id VARCHAR, level VARCHAR, subject VARCHAR, "
        "digest VARCHAR, region_code VARCHAR, severity VARCHAR)"
    )
    names = ("id", "rule_id", "level", "subject", "digest", "region_code", "severity")
    sql = f"SELECT {', '.join('f.' + name for name in names)} FROM screening_finding f "
    values: list[Any] = [kind, region_code, region_code + ":"]
    where = "WHERE f.ended_on IS NULL AND f.kind = %s AND f.region_code >= %s AND f.region_code < %s"
    if households is not None:
        marks = ", ".join(["%s"] * len(households))
        sql += "JOIN register_household h ON h.id = f.household_id "
        where += f" AND h.number IN ({marks})"
        values += sorted(households)
    with connection.cursor() as cursor:
        cursor.execute(sql + where, values)
        while rows := cursor.fetchmany(_READ_ROWS):
            columns = [pa.array(column, pa.int64() if at == 0 else pa.string())
                       for at, column in enumerate(zip(*rows, strict=True))]  # fmt: skip
            link.register("part", pa.table(columns, names=list(names)))
            link.execute("INSERT INTO was_open SELECT * FROM part")
            link.unregister("part")


def sealed_values(text: str) -> str:
    """A finding's values as they are stored: numbers of persons sealed."""
    if not any(f'"{name}"' in text for name in _PERSONAL):
        return text
    values = json.loads(text)
    for name in _PERSONAL & set(values):
        if values[name]:
            values[name] = seal(values[name])
    return json.dumps(values, ensure_ascii=False)


def opened_values(values: dict[str, Any]) -> dict[str, Any]:
    """The values with what is sealed in clear."""
    return {name: opened(value) for name, value in values.items()}
