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
from datetime import date
from pathlib import Path

import click
import django

from khotail.demo import large
from khotail.demo.places import rural_villages

DAY = date(2026, 6, 1)
BANNER = "152221"


def fill(households: int, tables: tuple[str, ...]) -> None:
    import pyarrow.parquet as pq
    from django.utils import timezone

    from khotail.register.regions import load_regions
    from khotail.register.statements import CHUNK_ROWS, state

    load_regions("15")
    villages = [(v.code, v.township, v.name) for v in rural_villages(BANNER, random.Random(1))]
    with tempfile.TemporaryDirectory() as folder:
        large.write_facts(Path(folder), villages, households=households, seed=1, as_of=DAY)
        for table in tables:
            file = pq.ParquetFile(Path(folder) / table / "demo.parquet")
            rows, wall, processor = 0, 0.0, 0.0
            for batch in file.iter_batches(CHUNK_ROWS):
                import pyarrow as pa

                part = pa.Table.from_batches([batch])
                began, began_processor = time.perf_counter(), time.process_time()
                said = state(
                    table,
                    part,
                    as_of=DAY,
                    source="benchmark",
                    batch_id=None,
                    by=None,
                    now=timezone.now(),
                    region_code="15",
                )
                wall += time.perf_counter() - began
                processor += time.process_time() - began_processor
                rows += said.new
            print(f"{table}: {rows:,} rows, {rows / wall:,.0f} rows/s, {rows / processor:,.0f} per processor second")


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
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if households:
        fill(households, tables)
    if searches:
        search_times(searches)


if __name__ == "__main__":
    main()
