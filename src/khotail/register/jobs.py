"""Long work of the register."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.files import written_whole
from khotail.jobs.actions import ask
from khotail.jobs.kinds import job
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.register.access import check_place, needs
from khotail.register.export import export_register
from khotail.register.problems import ExportRemoved
from khotail.register.sealed import seal_bytes, unseal_bytes
from khotail.trail import chain

EXPORT = "register.export"
REMOVE_EXPORTS = "register.remove-exports"


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
    with (
        written_whole(target, private=True) as sealed,
        TemporaryDirectory(dir=target.parent, prefix=".export-") as scratch,
    ):
        archive = Path(scratch) / "register.zip"
        rows = export_register(
            region, archive, by=job.asked_by, today=timezone.localdate(now),
            progress=lambda done, total: progress(done, total, "writing"),
        )  # fmt: skip
        sealed.write_bytes(seal_bytes(archive.read_bytes()))
    chain.record(job.asked_by, "register.exported", job, at=now, region_code=region, rows=rows)
    return {"rows": rows}


@job(REMOVE_EXPORTS)
def remove_exports(job: Job, progress: Progress) -> dict[str, Any]:
    """Remove exports that are older than KHOTAIL_KEEP_EXPORTS_DAYS, and what an export that was killed left behind."""
    before = progress.now().timestamp() - settings.KHOTAIL_KEEP_EXPORTS_DAYS * 86_400
    old = [path for path in _folder().glob("*.sealed") if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    for left in _folder().glob(".export-*"):
        if left.stat().st_mtime < progress.now().timestamp() - 86_400:
            shutil.rmtree(left, ignore_errors=True)
    if old:
        numbers = sorted(int(path.name.partition(".")[0]) for path in old)
        chain.record(job.asked_by, "register.exports-removed", job, at=progress.now(), exports=numbers)
    return {"removed": len(old)}


def exported(job: Job) -> bytes:
    """The ZIP file that an export wrote. Raises ExportRemoved if it is gone."""
    try:
        return unseal_bytes(_file(job).read_bytes())
    except OSError as error:
        raise ExportRemoved(number=job.pk, days=settings.KHOTAIL_KEEP_EXPORTS_DAYS) from error


def _folder() -> Path:
    return Path(settings.KHOTAIL_HOME) / "exports"


def _file(job: Job) -> Path:
    return _folder() / f"{job.pk}.zip.sealed"
