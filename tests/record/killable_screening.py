"""A worker that screens, for a test that kills it; forked by tests.record.forked."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from typing import Any

BANNER = "152221"
VILLAGE = "152221100200"
HOUSEHOLDS = 400
POOR = 300


def load() -> None:
    """Read and check the rulebook, which no test here changes."""
    from khotail.screening.rulebook import current

    current()


def prepare() -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from khotail.screening import actions

    call_command("migrate", verbosity=0)
    now = timezone.now()
    say("households", [
        {"household_id": f"H{at:04d}", "region_code": VILLAGE, "household_type": "普通农户"} for at in range(HOUSEHOLDS)
    ], now)  # fmt: skip
    say("persons", [
        {"household_id": f"H{at:04d}", "person_id": f"P{at:04d}", "name": "甲", "relation": "户主"} for at in range(HOUSEHOLDS)
    ], now)  # fmt: skip
    incomes(0, POOR, now)
    actions.ask_for_run("signal", BANNER, by=None, now=now)


def incomes(first: int, last: int, now: Any) -> None:
    """Those from `first` to `last` are poor, the others are not."""
    from khotail.rulebook.parameters import income_year

    year = income_year(date(now.year, now.month, now.day))
    others = dict.fromkeys(("business_cny", "property_cny", "transfer_cny", "cost_cny"), 0.0)
    say("incomes", [
        {"household_id": f"H{at:04d}", "income_year": year, "members": 1, **others,
         "wage_cny": 1000.0 if first <= at < last else 90000.0}
        for at in range(HOUSEHOLDS)
    ], now)  # fmt: skip


def say(table: str, rows: list[dict[str, Any]], now: Any) -> None:
    import pyarrow as pa

    from khotail.register.statements import state as stated

    stated(
        table, pa.Table.from_pylist(rows), as_of=date(now.year, now.month, now.day), source="test", batch_id=None,
        by=None, now=now, region_code=BANNER,
    )  # fmt: skip


def work(nth: int) -> None:
    """The nth worker's clock is ahead by so many leases; it works in small pieces, slowly, and says when it has begun."""
    from django.utils import timezone

    from khotail.jobs.progress import LEASE
    from khotail.jobs.work import Worker
    from khotail.screening import actions, snapshot

    actions.CHUNK, snapshot.BLOCK = 10, 40
    add, write_block = actions._add, snapshot._Refresh._write_block

    def slowly(work: Any) -> Any:
        def done(*given: Any) -> None:
            work(*given)
            time.sleep(0.1)
            print("working", flush=True)

        return done

    actions._add, snapshot._Refresh._write_block = slowly(add), slowly(write_block)
    worker = Worker(lambda: timezone.now() + nth * (LEASE + timedelta(seconds=1)))
    while worker.run_one():
        pass


def state() -> None:
    from khotail.jobs.models import Job
    from khotail.screening.models import Finding, Run

    found = Finding.objects.filter(rule_id="income-below-line")
    job = Job.objects.get(kind="screening.run")
    print(json.dumps({
        "state": job.state, "outcome": job.outcome, "problem": job.problem_en, "open": found.filter(ended_on=None).count(),
        "all": found.count(), "households": found.values("household").distinct().count(), "runs": Run.objects.count(),
        "unfinished": Run.objects.filter(finished_at=None).count(),
        "leads": Job.objects.filter(kind="casework.leads").count(),
    }))  # fmt: skip
