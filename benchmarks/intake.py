"""`python -m benchmarks.intake`: import a workbook of 200,000 persons, then match a list that has no sound ID numbers.

Reading (workbook to fact tables) and writing (fact tables to statements, households and persons, with checkpoints) are
timed apart. The database is SQLite in a temporary home, or that of KHOTAIL_TEST_DATABASE (`python -m tests.postgres …`).
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

BANNER, DAY = "152221", date(2026, 5, 31)


@contextmanager
def timed(what: str, rows: int) -> Iterator[None]:
    wall, processor = time.perf_counter(), time.process_time()
    yield
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(
        f"{what}: {rows:,} rows, {rows / wall:,.0f} rows/s, {rows / processor:,.0f} per processor second, {wall:.1f} s"
    )


def workbook(folder: Path, households: int) -> Path:
    from khotail.demo.demo_set import generate

    made = generate(folder / "demo", banner=BANNER, households=households, as_of=DAY, dirty=False, form="files")
    return as_workbook(next(path for path in made.files if "农户成员" in path.name), folder / "一般农户成员.xlsx")


def as_workbook(path: Path, target: Path) -> Path:
    """The same list as .xlsx, which takes longer to read and is what most offices send."""
    import xlsxwriter

    from khotail.facts.reading.file import sheets_of

    (sheet,) = sheets_of(path)
    with xlsxwriter.Workbook(str(target), {"constant_memory": True}) as book:
        page = book.add_worksheet("农户成员")
        for row, cells in enumerate(zip(*(column.to_pylist() for column in sheet.columns), strict=True)):
            for column, cell in enumerate(cells):
                if cell is not None:
                    page.write_string(row, column, cell)
    return target


def import_file(path: Path, officer: Any) -> None:
    from django.utils import timezone

    from khotail.intake import actions, keeping
    from khotail.intake.importing import Import, read_batch
    from khotail.jobs.models import Job
    from khotail.jobs.progress import Progress

    with path.open("rb") as file:
        began = time.perf_counter()
        batch = actions.upload(file, by=officer, now=timezone.now(), as_of=DAY)
        print(f"upload of {path.stat().st_size / 1e6:.0f} MB: {time.perf_counter() - began:.1f} s")
    job = actions.start_import(batch, officer, timezone.now())
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, worker="benchmark")
    job.refresh_from_db()
    work = Import(job, Progress(job, timezone.now, pause=0.2))
    with keeping.opened(batch) as clear:
        began, began_processor = time.perf_counter(), time.process_time()
        lists = read_batch(batch, clear)
        wall, processor = time.perf_counter() - began, time.process_time() - began_processor
        rows = sum(one.result.reading.rows for one in lists)
        print(
            f"reading: {rows:,} rows, {rows / wall:,.0f} rows/s, {rows / processor:,.0f} per processor second, {wall:.1f} s"
        )
        tables = {name: table for one in lists for name, table in one.result.tables.items()}
        written = sum(table.num_rows for table in tables.values())
        print(", ".join(f"{name} {table.num_rows:,} × {table.num_columns}" for name, table in tables.items()))
        with timed("writing", written):
            work._write(lists)
        counts = work._finish(lists, clear.parent)
    print({name: count for name, count in counts.items() if count})


def match(count: int) -> None:
    """Descriptions of registered people, damaged in the ways that lists are; how many are found, asked about, missed."""
    from khotail.intake.finding import candidates
    from khotail.intake.matching import Described, certain
    from khotail.intake.thresholds import thresholds
    from khotail.register.models import Person

    dice = random.Random(7)
    numbers = list(Person.objects.order_by("id").values_list("id", flat=True))
    people = Person.objects.in_bulk(dice.sample(numbers, min(count, len(numbers))))
    described, kinds = [], []
    for person in people.values():
        kind = dice.choice(_KINDS)
        described.append(Described(**_damaged(person, kind, dice)))
        kinds.append(kind)
    at = thresholds(DAY, BANNER)
    with timed("matching", len(described)):
        found = candidates(described, BANNER, at.possible)
    seen: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}
    for person, kind, scored in zip(people.values(), kinds, found, strict=True):
        best = certain(scored, at.certain)
        if best is not None:
            seen[kind]["right" if best.person == person.pk else "WRONG"] += 1
        else:
            seen[kind]["asked" if any(one.person == person.pk for one in scored) else "missed"] += 1
    for kind, counted in seen.items():
        print(f"  {kind}: {dict(counted)}")
    strangers = [
        Described(
            **{**_damaged(one, "no ID", dice), "birth_date": one.birth_date + timedelta(days=dice.randint(200, 5000))}
        )
        for one in people.values()
        if one.birth_date
    ]
    taken = [certain(scored, at.certain) is not None for scored in candidates(strangers, BANNER, at.possible)]
    print(
        f"  namesakes of the same village who are not in the register: {sum(taken)} of {len(taken)} taken for somebody"
    )


_KINDS = ("no ID", "no ID, homophone", "no ID, day and month swapped", "cut by Excel", "one digit wrong", "name only")


def _damaged(person: Any, kind: str, dice: random.Random) -> dict[str, Any]:
    born, number = person.birth_date, person.id_number[:18]
    whole = {"name": person.name, "birth_date": born, "sex": person.sex, "region_code": person.region_code}
    if kind == "no ID, homophone":
        return whole | {
            "name": (_HOMOPHONES.get(person.name[-1], "") and person.name[:-1] + _HOMOPHONES[person.name[-1]])
            or person.name
        }
    if kind == "no ID, day and month swapped" and born and born.day <= 12:
        return whole | {"birth_date": date(born.year, born.day, born.month)}
    if kind == "cut by Excel":
        return {"name": person.name, "id_number": number[:15] + "***"}
    if kind == "one digit wrong" and number:
        at = dice.randrange(6, 17)
        return {"name": person.name, "id_number": number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]}
    return {"name": person.name} if kind == "name only" else whole


_HOMOPHONES = {"丽": "莉", "华": "花", "军": "君", "平": "萍", "明": "鸣", "英": "瑛", "芳": "坊", "伟": "炜", "梅": "玫", "林": "琳", "强": "墙", "红": "虹", "峰": "锋", "娟": "涓", "兰": "岚"}  # fmt: skip


@click.command()
@click.option("--households", default=76_000, help="About 2.6 persons each.")
@click.option("--file", type=click.Path(exists=True, path_type=Path), help="A workbook made before.")
@click.option("--matches", default=5_000)
def main(households: int, file: Path | None, matches: int) -> None:
    """Time the intake."""
    with tempfile.TemporaryDirectory(prefix="khotail-bench-") as home:
        os.environ |= {"KHOTAIL_DEMO": "1", "KHOTAIL_HOME": home, "DJANGO_SETTINGS_MODULE": "khotail.site.settings"}
        if address := os.environ.get("KHOTAIL_TEST_DATABASE"):
            os.environ["KHOTAIL_DATABASE"] = address
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from khotail.accounts.models import Officer
        from khotail.accounts.roles import Role

        call_command("migrate", verbosity=0)
        print(connection.vendor)
        officer = Officer.objects.create_user("bench", full_name="bench", role=Role.OFFICER, region_code=BANNER)
        import_file(file or workbook(Path(home), households), officer)
        match(matches)


if __name__ == "__main__":
    main()
