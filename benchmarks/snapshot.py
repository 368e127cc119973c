"""Snapshot, screening and writing of what changed, on a register of a million households.

python -m benchmarks.snapshot load [N]  put benchmarks/data/facts_1000000 into the empty PostgreSQL of KHOTAIL_DATABASE
python -m benchmarks.snapshot measure   first snapshot and screening, an unchanged one, and one after 10,000 corrections
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data") / "facts_1000000" / "facts"
AS_OF = date(2026, 11, 1)
CORRECTED = 10_000
_FIRST = ("households", "persons")


def main(what: str, *more: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
    import django

    django.setup()
    {"load": load, "measure": measure}[what](*more)


def load(rows: str = "1000000") -> None:
    """The facts as statements, put straight into an empty PostgreSQL database; indexes are built afterwards."""
    import duckdb
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    link = duckdb.connect()
    paths = {path.parent.name: path for path in sorted(DATA.glob("*/*.parquet"))}
    link.execute(
        f"CREATE TABLE homes AS SELECT row_number() OVER (ORDER BY household_id) AS h, household_id, region_code "
        f"FROM '{paths['households']}' ORDER BY household_id LIMIT {int(rows)}"
    )
    link.execute(
        f"CREATE TABLE people AS SELECT row_number() OVER (ORDER BY h, person_id) AS p, h, person_id, name "
        f"FROM '{paths['persons']}' JOIN homes USING (household_id)"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in ("register_household", "register_person", "register_statement"):
            cursor.execute(
                "SELECT indexname FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE %s", [table, "%_pkey"]
            )
            for (index,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{index}"')
                cursor.execute(f'DROP INDEX IF EXISTS "{index}"')
        _copy(cursor, link, "register_household", HOUSEHOLD, "SELECT h, household_id, left(region_code || '000000000000', "
              "12), '', '', '', false, 3, '', '', '', '2026-10-31 00:00:00+00' FROM homes ORDER BY h")  # fmt: skip
        _copy(cursor, link, "register_person", PERSON, "SELECT p, h, '152221000000', person_id, name, '', '', '', '', "
              "'', '', '', '', '2026-10-31 00:00:00+00' FROM people ORDER BY p")  # fmt: skip
        first = 1
        for name in sorted(paths, key=lambda name: (name not in _FIRST, name)):
            first += _copy_statements(cursor, link, name, paths[name], first)
            print(f"{name}: {first - 1:,} statements, {time.perf_counter() - began:.0f} s", flush=True)
        for index in (
            'register_statement (household_id, "table", as_of DESC)', "register_person (household_id)",
            "register_household (number)",
        ):  # fmt: skip
            cursor.execute(f"CREATE INDEX ON {index}")
        for table in ("household", "person", "statement"):
            cursor.execute(f"SELECT setval('register_{table}_id_seq', (SELECT max(id) FROM register_{table}))")
            cursor.execute(f"ANALYZE register_{table}")
        cursor.execute("CREATE UNIQUE INDEX ON register_statement (digest)")
    print(f"loaded in {time.perf_counter() - began:.0f} s", flush=True)


HOUSEHOLD = (
    "id", "number", "region_code", "head_name", "household_type", "monitored_type", "risk_resolved", "size", "phone",
    "phone_digest", "ending", "changed_at",
)  # fmt: skip
PERSON = (
    "id", "household_id", "region_code", "number", "name", "initials", "sex", "relation", "id_number", "id_digest",
    "phone", "phone_digest", "leaving", "changed_at",
)  # fmt: skip
STATEMENT = (
    "id", "table", "household_id", "person_id", "region_code", "key", "values", "as_of", "source", "recorded_at",
    "digest",
)  # fmt: skip


def _copy_statements(cursor: Any, link: Any, name: str, path: Path, first: int) -> int:
    from khotail.facts.schema import TABLES

    known = {row[0] for row in link.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()}
    apart = ("as_of", "source", "household_id", "person_id")
    columns = [column for column in TABLES[name].columns if column.name in known and column.name not in apart]
    personal = [column.name for column in columns if column.personal]
    values = ", ".join(f"'{column.name}': rows.{column.name}" for column in columns if not column.personal)
    sealed = ", ".join(f"rows.{column}" for column in personal)
    has_person = "person_id" in known
    query = (
        f"SELECT {first} - 1 + row_number() OVER (), '{name}', h, {'p' if has_person else 'NULL'}, "
        f"'152221000000', '', CAST(to_json({{{values}}}) AS VARCHAR), '{AS_OF}', 'bench', '2026-11-01 00:00:00+00', "
        f"md5('{name}' || CAST(row_number() OVER () AS VARCHAR)){', ' + sealed if sealed else ''} FROM '{path}' AS rows "
        f"JOIN homes USING (household_id) {'LEFT JOIN people USING (h, person_id)' if has_person else ''} ORDER BY h"
    )
    return _copy(cursor, link, "register_statement", STATEMENT, query, personal)


def _copy(
    cursor: Any, link: Any, table: str, columns: tuple[str, ...], query: str, personal: Sequence[str] = ()
) -> int:
    """COPY the rows of a DuckDB query; columns after the table's own are personal values to seal into `values`."""
    from khotail.register.sealed import seal

    names = ", ".join(f'"{column}"' for column in columns)
    rows, count = link.execute(query), 0
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        while part := rows.fetchmany(50_000):
            for row in part:
                if personal:
                    kept = list(row[: len(columns)])
                    said = json.loads(kept[6])
                    said |= {
                        name: seal(value) for name, value in zip(personal, row[len(columns) :], strict=True) if value
                    }
                    kept[6] = json.dumps(said, ensure_ascii=False)
                    row = kept
                copy.write_row(row)
            count += len(part)
    return count


def measure() -> None:
    from django.db import connection
    from django.utils import timezone

    from khotail.screening import actions, snapshot

    print(connection.vendor)
    snapshot_of = snapshot.refresh
    timed("first snapshot", snapshot_of)
    now = timezone.now()
    run = timed("first screening", lambda: actions.run("signal", "", AS_OF, None, now))
    _tell(run)
    run = timed("unchanged: snapshot and screening", lambda: actions.run("signal", "", AS_OF, None, now))
    _tell(run)
    timed(f"{CORRECTED:,} households get another income", lambda: correct(now))
    timed("incremental snapshot", snapshot_of)
    run = timed("screening after it", lambda: actions.run("signal", "", AS_OF, None, now))
    _tell(run)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def correct(now: Any) -> None:
    """Other incomes for one household in a hundred, from all over the register."""
    import pyarrow as pa

    from khotail.register.models import Household
    from khotail.register.statements import state

    numbers = list(Household.objects.order_by("pk").values_list("number", flat=True)[::100][:CORRECTED])
    size = len(numbers)
    rows = pa.table({
        "household_id": numbers, "income_year": pa.array([2026] * size, pa.int64()),
        "wage_cny": [float(now.microsecond + at) for at in range(size)], "business_cny": [0.0] * size,
        "property_cny": [0.0] * size, "transfer_cny": [0.0] * size, "cost_cny": [0.0] * size,
        "members": pa.array([3] * size, pa.int64()),
    })  # fmt: skip
    state("incomes", rows, as_of=AS_OF, source="correction", batch_id=None, by=None, now=now, region_code="")


def timed(what: str, do: Callable[[], Any]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    found = do()
    print(f"{what}: {time.perf_counter() - wall:.1f} s ({time.process_time() - cpu:.1f} s of processor)", flush=True)
    return found


def _tell(run: Any) -> None:
    names = ("subjects", "found", "new", "lasting", "changed", "ended", "households", "rules")
    print("   " + ", ".join(f"{name} {run.counts[name]:,}" for name in names), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
