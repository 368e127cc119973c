"""The kinds of long work: each app's `jobs` module registers its functions here by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from khotail.jobs.models import Job
from khotail.jobs.progress import Progress

Work = Callable[[Job, Progress], dict[str, Any] | None]

KINDS: dict[str, Work] = {}


def job(kind: str) -> Callable[[Work], Work]:
    """Register a function as the work of `kind`, such as "intake.import".

    The function gets the job and a Progress, and returns the outcome: a small dict of numbers and ids, no personal data.
    It may be started again at any point: it goes on from `job.checkpoint`, which it writes with `progress.keep(…)` in
    the same transaction as each piece of work.
    """

    def register(work: Work) -> Work:
        if KINDS.get(kind, work) is not work:
            raise ValueError(f"two functions for jobs of kind {kind!r}")
        KINDS[kind] = work
        return work

    return register
