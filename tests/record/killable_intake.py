"""A real worker for the test that kills imports; forked by tests.record.forked."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

HOUSEHOLDS = 90


def prepare(folder: str) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from khotail.accounts.models import Officer
    from khotail.accounts.roles import Role
    from khotail.intake import actions
    from tests.facts.small_lists import id_number, member, workbook
    from tests.record.intake_files import as_upload, bill, medical

    call_command("migrate", verbosity=0)
    now, day = timezone.now(), date(2026, 5, 31)
    officer = Officer.objects.create_user(
        "sender", "a-long-password-1", full_name="演示", role=Role.OFFICER, region_code="152221"
    )
    people = [(household, number) for household in range(1, HOUSEHOLDS + 1) for number in (1, 2)]
    numbers = {who: id_number(at % 1000, f"19{50 + at // 1000}0101") for at, who in enumerate(people)}
    rows = [member(*who, 证件号码=numbers[who]) for who in people]
    bills = [bill(f"示例{who[0]}{who[1]}", numbers[who] if at % 10 else "") for at, who in enumerate(people)]
    paths = workbook(Path(folder) / "监测对象信息.xlsx", rows), medical(Path(folder) / "医保自付费用.xlsx", bills)
    for path in paths:
        batch = actions.upload(as_upload(path), by=officer, now=now, as_of=day)
        actions.start_import(batch, officer, now)


def work(nth: int, seed: int | None = None) -> None:
    """The nth worker's clock is ahead by so many leases: whoever died before it has lost the job.

    seed  if given, the process is killed at a moment that it decides
    """
    from django.utils import timezone

    from khotail.intake import importing
    from khotail.jobs.progress import LEASE
    from khotail.jobs.work import Worker

    importing.CHUNK_ROWS = 2  # many pieces, so that kills fall between them
    if seed is not None:
        threading.Thread(target=die, args=(random.Random(seed), nth % 4 == 2), daemon=True).start()
    Worker(lambda: timezone.now() + nth * (LEASE + timedelta(seconds=1))).run_for_ever()


def die(dice: random.Random, early: bool) -> None:
    """Kill this process: a while after it wrote its first piece, or, if early, most likely before that."""
    from khotail.jobs.models import Job

    def seen() -> tuple[int, int]:
        jobs = list(Job.objects.filter(kind="intake.import"))
        return sum(job.checkpoint.get("next", 0) for job in jobs), sum(job.state != Job.State.DONE for job in jobs)

    before, left = seen()
    while left and not early:
        written, left = seen()
        if written != before:
            break
        time.sleep(0.002)
    time.sleep(dice.random() * 0.4)
    os.kill(os.getpid(), signal.SIGKILL)


def state() -> None:
    from django.db.models import Count

    from khotail.intake.models import Batch, DoubtfulMatch
    from khotail.jobs.models import Job
    from khotail.register.models import Household, Person, Statement
    from khotail.trail.models import Event

    def twice(*columns: str) -> int:
        return Statement.objects.values(*columns).annotate(n=Count("id")).filter(n__gt=1).order_by().count()

    told: dict[str, Any] = {
        "households": Household.objects.count(), "persons": Person.objects.count(),
        "statements": dict(Statement.objects.values_list("table").annotate(n=Count("id")).order_by("table")),
        "twice": twice("table", "household", "person", "key"),
        "doubts": DoubtfulMatch.objects.count(),
        "imported": Event.objects.filter(verb="batch.imported").count(),
        "states": list(Batch.objects.order_by("id").values_list("state", flat=True)),
        "counts": list(Batch.objects.order_by("id").values_list("counts", flat=True)),
        "jobs": list(Job.objects.filter(kind="intake.import").order_by("id").values_list("state", flat=True)),
        "next": sum(job.checkpoint.get("next", 0) for job in Job.objects.all()),
    }  # fmt: skip
    print(json.dumps(told))
