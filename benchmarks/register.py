"""`python -m benchmarks.register`: fill a register in the database of KHOTAIL_DATABASE, then search it.

Rows per second are of `register.statements.state` alone, after the rows are read; searches are the whole query with its
rows, as an officer of the banner and as one of a village.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

import click
import django

from khotail.demo import large
from khotail.demo.places import rural_villages

DAY = date(2026, 6, 1)
NEXT_MONTH = date(2026, 7, 1)
BANNER = "152221"


def fill(households: int, tables: tuple[str, ...]) -> None:
    """Two exports, a month apart: the first fills the register, of the second every row is on record but for its day."""
    from khotail.register.regions import load_regions

    load_regions("15")
    villages = [(v.code, v.township, v.name) for v in rural_villages(BANNER, random.Random(1))]
    with tempfile.TemporaryDirectory() as folder:
        large.write_facts(Path(folder), villages, households=households, seed=1, as_of=DAY)
        for words, day in (("first", DAY), ("same again", DAY), ("next month", NEXT_MONTH)):
            total = sum((_state(Path(folder), table, day) for table in tables), start=Cost())
            print(f"{words}, all: {total}")


@dataclass(frozen=True)
class Cost:
    """Rows stated, seconds by the clock, processor seconds here and of this connection's PostgreSQL process."""

    rows: int = 0
    wall: float = 0.0
    here: float = 0.0
    server: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        server = f", {self.rows / self.server:,.0f} per server's" if self.server else ""
        return (
            f"{self.rows:,} rows, {self.rows / self.wall:,.0f} rows/s, "
            f"{self.rows / self.here:,.0f} per processor second{server}"
        )


def _state(folder: Path, table: str, day: date) -> Cost:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from django.utils import timezone

    from khotail.register.statements import CHUNK_ROWS, state

    cost = Cost()
    for batch in pq.ParquetFile(folder / table / "demo.parquet").iter_batches(CHUNK_ROWS):
        part = pa.Table.from_batches([batch])
        wall, here, server = time.perf_counter(), time.process_time(), _server_seconds()
        state(
            table, part, as_of=day, source="benchmark", batch_id=None, by=None, now=timezone.now(), region_code="15"
        )  # fmt: skip
        cost += Cost(
            part.num_rows, time.perf_counter() - wall, time.process_time() - here, _server_seconds() - server
        )  # fmt: skip
    print(f"  {table}: {cost}")
    return cost


def _server_seconds() -> float:
    """Processor seconds of this connection's PostgreSQL process, where it runs on this machine under Linux; else 0."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        said = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not said.exists():
        return 0.0
    fields = said.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def search_times(count: int) -> None:
    from khotail.accounts.models import Officer
    from khotail.accounts.roles import Role
    from khotail.register.models import Person
    from khotail.register.queries import search

    village = Person.objects.values_list("region_code", flat=True).first() or ""
    last = Person.objects.order_by("-id").values_list("id", flat=True).first() or 1
    dice = random.Random(1)
    people = list(
        Person.objects.filter(pk__in=[dice.randint(1, last) for _ in range(count)]).select_related("household")
    )
    asks = {
        "name": lambda p: p.name,
        "surname": lambda p: p.name[:1],
        "initials": lambda p: p.initials,
        "one initial": lambda p: p.initials[:1],
        "household number": lambda p: p.household.number,
        "part of a number": lambda p: p.household.number[:9],
        "ID": lambda p: p.id_number,
        "phone": lambda p: f"155{p.pk:08d}"[:11],
        "nobody": lambda p: "示不存在",
    }
    for region in (BANNER, village):
        officer = Officer(username="bench", full_name="bench", role=Role.OFFICER, region_code=region)
        for name, text in asks.items():
            times = []
            for person in people:
                began = time.perf_counter()
                search(officer, text(person))
                times.append((time.perf_counter() - began) * 1000)
            times.sort()
            print(
                f"{region:>12} {name:<18} median {statistics.median(times):6.1f} ms"
                f"  p95 {times[int(len(times) * 0.95)]:6.1f} ms  worst {times[-1]:6.1f} ms"
            )


@click.command()
@click.option("--households", type=int, default=100_000)
@click.option("--table", "tables", multiple=True, default=("households", "persons", "incomes"))
@click.option("--searches", type=int, default=100)
def main(households: int, tables: tuple[str, ...], searches: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
    if address := os.environ.get("KHOTAIL_TEST_DATABASE"):  # under `python -m tests.postgres`
        os.environ["KHOTAIL_DATABASE"] = address
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if households:
        fill(households, tables)
    if searches:
        search_times(searches)


if __name__ == "__main__":
    main()
