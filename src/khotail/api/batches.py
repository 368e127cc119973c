"""Batches: send a file, let it be imported, follow it, take back what was rejected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Body, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.api.callers import caller
from khotail.api.lists import After, Id, Limit, Listed, Region, Words, chosen, listed, one, within
from khotail.api.runs import JobLine, job_line
from khotail.intake import actions, queries
from khotail.intake.models import Batch
from khotail.trail import chain

router = Router(tags=["batches"])
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BatchLine(Schema):
    """One file. `counts`: rows, taken, rejected and more, once it is imported."""

    id: int
    region_code: str
    source: str
    file_name: str
    sha256: str
    size_bytes: int
    as_of: date
    state: str
    sent_at: datetime
    job_id: int | None
    counts: dict[str, Any]
    open_doubts: int
    has_rejects: bool


class About(Schema):
    """What the file is. Left out: the headers tell the list, its title or name the day, and your region the place."""

    source: Words = ""
    as_of: date | None = None
    region_code: Words = ""
    reason: Annotated[
        Words, Field(max_length=300, description="Why it is `source`, if it looks like another list.")
    ] = ""


class Asked(Schema):
    """How a file that looks like another list than it was sent as is to be read: as `source`, or as sent, with a reason."""

    source: Words = ""
    reason: Annotated[Words, Field(max_length=300)] = ""


@router.get("", response=Listed[BatchLine], summary="Files that came in")
def batches(
    request: HttpRequest, limit: Limit, after: After, region: Region, state: Annotated[Words, Query("")]
) -> Any:
    officer = caller(request, May.SEND_FILES)
    rows = queries.batches(officer).in_region(within(officer, region))
    if state:
        rows = rows.filter(state=chosen(state, Batch.State.values))
    return listed(rows, after, limit, batch_line)


@router.post("", response={200: BatchLine, 201: BatchLine}, summary="Send a file")
def send(request: HttpRequest, file: Annotated[UploadedFile, File()], about: Annotated[About, Form()]) -> Any:
    """200 if the same file is here already, with its batch as it stands. Nothing is imported before you ask for it.

    409 if the file looks like another list than `source`: send it as that list, or give a reason.
    """
    officer = caller(request, May.SEND_FILES)
    region = within(officer, about.region_code)
    made = actions.upload(
        file, by=officer, now=timezone.now(), source=about.source, as_of=about.as_of, region_code=region,
        must_fit=True, reason=about.reason,
    )  # fmt: skip
    return Status(200 if made.already else 201, batch_line(_seen(officer, made.pk)))


@router.get("/{id}", response=BatchLine, summary="One file and how far it is")
def batch(request: HttpRequest, id: Id) -> Any:
    return batch_line(_seen(caller(request, May.SEND_FILES), id))


@router.post("/{id}/import", response={202: JobLine}, summary="Let it be imported; it waits in the queue")
def start(request: HttpRequest, id: Id, asked: Annotated[Asked | None, Body(None)] = None) -> Any:
    """409 if the file looks like another list than it was sent as: ask again with that list's `source`, or with a reason."""
    officer, asked = caller(request, May.SEND_FILES), asked or Asked()
    found, now = _seen(officer, id), timezone.now()
    with transaction.atomic():
        if asked.source and asked.source != found.source:
            found = actions.take_as(found, asked.source, officer, now)
        job = actions.start_import(found, officer, now, reason=asked.reason)
    return Status(202, job_line(job))


@router.get("/{id}/rejects", summary="The workbook of rejected rows, with the reasons")
def rejects(request: HttpRequest, id: Id) -> HttpResponse:
    """Rows stand in it as they were sent, to be mended and sent again. Taking it is an event."""
    officer = caller(request, May.SEND_FILES)
    found = _seen(officer, id)
    answer = HttpResponse(queries.rejects(found), content_type=_WORKBOOK)
    chain.record(officer, "batch.rejects-taken", found, at=timezone.now())
    answer["Content-Disposition"] = f'attachment; filename="rejects-{found.pk}.xlsx"'
    answer["Cache-Control"] = "no-store"
    return answer


def _seen(officer: Officer, id_: int) -> Batch:
    found: Batch = one(queries.batches(officer), id_)
    return found


def batch_line(batch: Batch) -> dict[str, Any]:
    names = (
        "region_code", "source", "file_name", "sha256", "size_bytes", "as_of", "state", "sent_at", "job_id", "counts",
        "open_doubts",
    )  # fmt: skip
    found = {name: getattr(batch, name) for name in names}
    return {"id": batch.pk, "has_rejects": bool(batch.rejects_path)} | found
