"""Files that come in, for the tests of the intake: a small demo banner's, and a list of medical costs of one's own."""

from __future__ import annotations

import io
from pathlib import Path

from khotail.intake import actions
from khotail.jobs.models import Job
from khotail.jobs.work import run_waiting
from tests.facts.small_lists import family, workbook

MEDICAL = ["姓名", "身份证号", "结算日期", "就诊类别", "病种", "医疗总费用", "报销金额", "合规自付费用"]


def as_upload(path: Path, name: str = "") -> io.BytesIO:
    content = io.BytesIO(path.read_bytes())
    content.name, content.size = name or path.name, path.stat().st_size
    return content


def of_bytes(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name, file.size = name, len(content)
    return file


def bill(name: str, number: str, paid: str = "30000", day: str = "2026-05-01", **more: str) -> dict[str, str]:
    cells = (name, number, day, "住院", "脑梗死", "50000", "20000", paid)
    return dict(zip(MEDICAL, cells, strict=True)) | more


def medical(path: Path, rows: list[dict[str, str]], header: list[str] | None = None) -> Path:
    return workbook(path, rows, header=header or MEDICAL, titles=(), sheet="医保自付费用")


def imported(path: Path, by, now, **more):
    """Upload and import a file here and now; gives the batch as it then is."""
    batch = actions.upload(as_upload(path), by=by, now=now, **more)
    job = actions.start_import(batch, by, now)
    run_waiting(now)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, (job.problem_en, job.state)
    batch.refresh_from_db()
    return batch


def register_of(tmp_path: Path, by, now, rows: list[dict[str, str | None]] | None = None):
    """A register of three families of two (示例11 … 示例32), as the national export gives it."""
    return imported(
        workbook(tmp_path / "监测对象信息20260501.xlsx", rows or family(), titles=("监测对象信息表",)), by, now
    )
