"""What a run of a whole banner found for somebody who works in a part of it, such as one township."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from khotail.accounts.models import Officer
from khotail.screening.models import Finding, Run


def counts_for(officer: Officer, runs: Iterable[Run]) -> dict[int, dict[str, Any]]:
    """Run → its counts, as far as they concern the officer's region: found, new, lasting and ended.

    Runs within the region keep their own counts, which have more. A finding is of a run for as long as it held then: from
    its first run on, to the one before its last. Two queries for each kind of run that goes beyond the region.
    """
    counts = {run.pk: run.counts for run in runs}
    beyond = [run for run in runs if is_beyond(officer, run) and run.finished_at]
    for kind in {run.kind for run in beyond}:
        rows = Finding.objects.visible_to(officer).filter(kind=kind)
        new, ended = _by_run(rows, "first_run"), _by_run(rows, "last_run")
        wanted, held = {run.pk for run in beyond if run.kind == kind}, 0
        for pk in sorted(wanted | new.keys() | ended.keys()):
            held += new.get(pk, 0) - ended.get(pk, 0)
            if pk in wanted:
                came, went = new.get(pk, 0), ended.get(pk, 0)
                counts[pk] = {"found": held, "new": came, "lasting": held - came, "ended": went}
    return counts


def households_of(officer: Officer, run: Run) -> int:
    """How many of the officer's households had a finding after the run."""
    held = Q(last_run=None) | Q(last_run__gt=run.pk)
    rows = Finding.objects.visible_to(officer).filter(held, kind=run.kind, first_run__lte=run.pk)
    return int(rows.order_by().aggregate(n=Count("household", distinct=True))["n"])


def is_beyond(officer: Officer, run: Run) -> bool:
    """Whether the run took in more than the officer's region."""
    return not run.region_code.startswith(officer.region_code)


def _by_run(rows: QuerySet[Finding], field: str) -> dict[int, int]:
    counted: Any = rows.exclude(**{field: None}).order_by().values(field).annotate(n=Count("pk"))
    return {row[field]: row["n"] for row in counted}
