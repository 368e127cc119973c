"""Long work of the register."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.jobs.actions import ask
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.register.access import check_place, needs
from khotail.register.export import export_register
from khotail.register.problems import FileDamaged
from khotail.register.sealed import seal_bytes, unseal_bytes
from khotail.trail import chain

EXPORT = "register.export"


@transaction.atomic
def ask_for_export(region_code: str, *, by: Officer, now: datetime) -> Job:
    """Let the region's register be written in the national format. Raises NotAllowed, OutsideYourRegion."""
    needs(by, May.EXPORT)
    needs(by, May.UNMASK)
    check_place(by, region_code)
    asked = ask(EXPORT, {"region": region_code, "officer": by.pk}, by=by, region_code=region_code, now=now)
    chain.record(by, "register.export-asked", asked, at=now, region_code=region_code)
    return asked


@job(EXPORT)
def export(job: Job, progress: Progress) -> dict[str, Any]:
    """Begins anew after a kill: it only reads, and its file appears whole or not at all."""
    region = job.arguments["region"]
    now = progress.now()
    target = _file(job)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".export-") as scratch:
        archive = Path(scratch) / "register.zip"
        rows = export_register(
            region, archive, by=job.asked_by, today=timezone.localdate(now),
            progress=lambda done, total: progress(done, total, "writing"),
        )  # fmt: skip
        sealed = Path(scratch) / "sealed"
        sealed.write_bytes(seal_bytes(archive.read_bytes()))
        sealed.chmod(0o600)
        sealed.replace(target)
    chain.record(job.asked_by, "register.exported", job, at=now, region_code=region, rows=rows)
    return {"rows": rows}


def exported(job: Job) -> bytes:
    """The ZIP file that an export wrote. Raises FileDamaged if it is gone."""
    try:
        return unseal_bytes(_file(job).read_bytes())
    except OSError as error:
        raise FileDamaged(number=job.pk) from error


def _file(job: Job) -> Path:
    return Path(settings.KHOTAIL_HOME) / "exports" / f"{job.pk}.zip.sealed"
