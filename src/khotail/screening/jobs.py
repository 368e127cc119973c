"""Screening and audit as long work: on demand and on schedule."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from khotail.jobs.actions import ask
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.screening import actions
from khotail.screening.models import Kind, RulebookChange, Run
from khotail.screening.trial import try_dry


@job("screening.run")
def run(asked: Job, progress: Progress) -> dict[str, Any]:
    """Screen or audit the job's region: arguments {"kind": "signal" or "audit"}."""
    return _run(asked.arguments["kind"], asked, progress)


@job("screening.nightly")
def nightly(asked: Job, progress: Progress) -> dict[str, Any]:
    """Screen the whole banner."""
    return _run(Kind.SIGNAL, asked, progress)


@job("screening.audit")
def audit(asked: Job, progress: Progress) -> dict[str, Any]:
    """Audit the data of the whole banner."""
    return _run(Kind.AUDIT, asked, progress)


@job("screening.trial")
def trial(asked: Job, progress: Progress) -> dict[str, Any]:
    """Try a change to the rulebook dry: arguments {"change": id}."""
    now = progress.now()
    change = RulebookChange.objects.get(pk=asked.arguments["change"])
    tried = try_dry(change, timezone.localdate(now), now, progress)
    counts = {name: tried.trial[name] for name in ("warned", "new", "ended") if name in tried.trial}
    return {**counts, "path": f"/screening/rulebook/changes/{change.pk}/"}


def _run(kind: str, asked: Job, progress: Progress) -> dict[str, Any]:
    now = progress.now()
    made = actions.run(
        kind, asked.region_code, timezone.localdate(now), asked.asked_by, now, Kept(asked, progress), asked
    )
    if kind == Kind.SIGNAL:
        _ask_for_leads(made, progress)
    counts = {name: made.counts[name] for name in ("subjects", "found", "new", "lasting", "changed", "ended")}
    return {**counts, "run": made.pk, "path": f"/screening/runs/{made.pk}/"}


class Kept:
    """Tells the job of what is done for good, so that only failures at one and the same place are counted.

    The blocks of the snapshot and the findings are their own checkpoint: a run that is cut off finds them there.
    """

    def __init__(self, asked: Job, progress: Progress) -> None:
        self.asked = asked
        self.progress = progress

    def __call__(self, done: int, total: int, stage: str) -> None:
        place = {"snapshot": 1, "writing": 2}.get(stage, 0)
        left = total - done
        before = self.asked.checkpoint.get("place", [0, 0])
        # In each stage, less is left than ever before.
        if done and place and (place > before[0] or (place == before[0] and left < before[1])):
            self.progress.keep(place=[place, left])
        self.progress(done, total, stage)


def _ask_for_leads(made: Run, progress: Progress) -> None:
    """Casework lies to the right of this app and is asked by the name of its job."""
    ask(
        "casework.leads", {"run": made.pk}, by=None, region_code=made.region_code, now=progress.now(),
        key=f"leads of run {made.pk}",
    )  # fmt: skip
