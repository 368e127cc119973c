"""What people do with files that come in: upload, correct the guess, import, withdraw; and decide doubtful rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.facts.reading.file import day_stated
from khotail.intake import keeping
from khotail.intake.deciding import assign, decide, undo
from khotail.intake.models import Batch, RememberedMapping
from khotail.intake.problems import (
    AlreadySent,
    BadDay,
    IsAnother,
    LooksLikeAnother,
    NoSuchColumn,
    NoSuchHeader,
    NoSuchSource,
    NotWaiting,
    NotYours,
)
from khotail.intake.queries import batches
from khotail.intake.recognising import header_of, headers_digest, lists_of, misfit, must_be_known
from khotail.intake.sources import known_to
from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.trail import chain

__all__ = ["IMPORT", "assign", "correct", "decide", "start_import", "take_as", "undo", "upload", "withdraw"]

IMPORT = "intake.import"
_FIRST_DAY = date(1900, 1, 1)
_STATES = {
    Batch.State.UPLOADED: ("待导入", "waiting to be imported"),
    Batch.State.IMPORTING: ("导入中", "being imported"),
    Batch.State.IMPORTED: ("已导入", "imported"),
    Batch.State.FAILED: ("导入失败", "failed"),
    Batch.State.WITHDRAWN: ("已撤回", "withdrawn"),
}


def upload(
    file: Any, *, by: Officer, now: datetime, source: str = "", as_of: date | None = None, region_code: str = "",
    must_fit: bool = False, reason: str = "",
) -> Batch:  # fmt: skip
    """Take a file in and guess what it is. The same file again gives the same batch, with `.already` True.

    file    anything with `read` and `name`, and `size` if known
    source  the list that a person says it is; by default the headers tell
    as_of   the day it holds for; by default what its title or name states, else today
    must_fit  refuse a file that looks like another list than `source` at once, not only when it is to be imported
    reason  why it is `source` though it looks like another
    Raises NotAllowed, NotYours, NoSuchSource, BadDay, UploadTooLarge, WrongFileType, LooksLikeAnother, IsAnother, and
    what the readers raise for files that are protected, damaged, empty, packed too tight or no lists.
    """
    region_code = region_code or by.region_code
    _may_send(by, region_code)
    known = {one.id: one for one in known_to(by)}
    if source and source not in known:
        raise NoSuchSource(source=source[:60])
    if as_of is not None:
        _check_day(as_of, now)
    name = keeping.safe_name(getattr(file, "name", "") or "list")
    with keeping.received(file, name) as (path, sha256, size):
        earlier = _earlier(sha256, region_code, by, source, as_of)
        if earlier is not None:
            return _again(earlier)
        sealed = keeping.keep(path, sha256)
        batch = Batch(
            region_code=region_code, source=source, file_name=name, sha256=sha256, path=sealed, size_bytes=size,
            as_of=as_of or timezone.localdate(now), sent_by=by, sent_at=now,
        )  # fmt: skip
        _guess(batch, given=bool(source))
        if must_fit:
            try:
                _must_fit(batch, reason)
            except (LooksLikeAnother, IsAnother):
                if not _is_needed(sealed):
                    keeping.forget(sealed)
                raise
        if as_of is None:
            stated = day_stated(" ".join(_titles(batch)), path)
            batch.as_of = min(stated, timezone.localdate(now))
    return _added(batch, by, now)


@transaction.atomic
def correct(batch: Batch, source: str, as_of: date, mapping: Mapping[str, str], by: Officer, now: datetime) -> Batch:
    """Say which list the file is, the day it holds for, and what its columns mean; remembered for files like it.

    mapping  header of the file → column of the list, "" for a header to leave out; headers not named stay as guessed
    Raises NotAllowed, NotYours, NotWaiting, NoSuchSource, NoSuchHeader, NoSuchColumn, BadDay, AlreadySent.
    """
    batch = _waiting(batch, by, "更正", "corrected")
    known = {one.id: one for one in known_to(by)}
    if source not in known:
        raise NoSuchSource(source=source[:60])
    _check_day(as_of, now)
    sheets = [sheet for sheet, _ in keeping.sampled(batch)]
    headers = {header for sheet in sheets for row in sheet.head(30) for header in row if header}
    for header, column in mapping.items():
        if header not in headers:
            raise NoSuchHeader(header=header[:60])
        if column and column not in known[source].headers:
            raise NoSuchColumn(source=known[source].name.zh, source_en=known[source].name.en, column=column[:60])
    twin = Batch.objects.filter(region_code=batch.region_code, source=source, sha256=batch.sha256, as_of=as_of)
    if other := twin.exclude(pk=batch.pk).first():
        raise AlreadySent(number=other.pk)
    if source != batch.source:
        batch.insisted = ""
    batch.source, batch.as_of, batch.mapping = source, as_of, dict(mapping)
    batch.save(update_fields=("source", "as_of", "mapping", "insisted"))
    for sheet in sheets[:1]:
        RememberedMapping.objects.update_or_create(
            region_code=batch.region_code, source=source, headers_digest=headers_digest(header_of(sheet)),
            defaults={"mapping": batch.mapping, "by": by, "at": now},
        )  # fmt: skip
    chain.record(by, "batch.corrected", batch, at=now, source=source, as_of=as_of, columns=len(mapping))
    return batch


@transaction.atomic
def take_as(batch: Batch, source: str, by: Officer, now: datetime) -> Batch:
    """Take the file as the list that it looks like; what was said of columns holds where that list has them too.

    Raises as `correct`.
    """
    known = next((one for one in known_to(by) if one.id == source), None)
    has = known.headers if known else {}
    kept = {header: name for header, name in batch.mapping.items() if not name or name in has}
    return correct(batch, source, batch.as_of, kept, by, now)


@transaction.atomic
def start_import(batch: Batch, by: Officer, now: datetime, *, reason: str = "") -> Job:
    """Let the batch be imported in the background.

    reason  why it is the list that it was sent as, though it looks like another; kept with the batch
    Raises NotAllowed, NotYours, NotWaiting, UnknownList, ColumnsMissing, LooksLikeAnother, IsAnother.
    """
    batch = _waiting(batch, by, "导入", "imported")
    must_be_known([sheet for sheet, _ in keeping.sampled(batch)], batch)
    if _must_fit(batch, reason):
        batch.save(update_fields=("insisted",))
        chain.record(by, "batch.insisted", batch, at=now, source=batch.source, reason=batch.insisted)
    job = ask(IMPORT, {"batch": batch.pk}, by=by, region_code=batch.region_code, now=now)
    batch.state, batch.job = Batch.State.IMPORTING, job
    batch.save(update_fields=("state", "job"))
    chain.record(by, "batch.import-asked", batch, at=now, job=job.pk)
    return job


@transaction.atomic
def withdraw(batch: Batch, by: Officer, now: datetime) -> Batch:
    """Take back a file that was not imported; it is removed from storage. Raises NotAllowed, NotYours, NotWaiting."""
    batch = _waiting(batch, by, "撤回", "withdrawn")
    if batch.counts.get("taken"):
        raise _not_waiting(batch, "撤回", "withdrawn")
    batch.state = Batch.State.WITHDRAWN
    batch.save(update_fields=("state",))
    if not _is_needed(batch.path):
        path = batch.path
        transaction.on_commit(lambda: keeping.forget(path))
    chain.record(by, "batch.withdrawn", batch, at=now)
    return batch


def _is_needed(path: str) -> bool:
    return Batch.objects.filter(path=path).exclude(state=Batch.State.WITHDRAWN).exists()


def _must_fit(batch: Batch, reason: str) -> bool:
    """Whether a person insists, just now, on a list that the batch does not look like. Raises LooksLikeAnother, IsAnother."""
    if batch.insisted:
        return False
    found = misfit([sheet for sheet, _ in keeping.sampled(batch)], batch)
    if found is None:
        return False
    batch.insisted = reason.strip()[:300] if found.usable else ""
    if not batch.insisted:
        sent_as, seems = found.sent_as.name, found.looks_like.name
        raise (LooksLikeAnother if found.usable else IsAnother)(
            file=batch.file_name, source=sent_as.zh, source_en=sent_as.en, seems=seems.zh, seems_en=seems.en,
            seems_id=found.looks_like.id,
        )  # fmt: skip
    return True


# -- within an upload ------------------------------------------------------------------------------------------------


def _earlier(sha256: str, region_code: str, by: Officer, source: str, as_of: date | None) -> Batch | None:
    rows = batches(by).filter(sha256=sha256, region_code=region_code).exclude(state=Batch.State.WITHDRAWN)
    if source:
        rows = rows.filter(source=source)
    if as_of is not None:
        rows = rows.filter(as_of=as_of)
    return rows.first()


def _again(batch: Batch) -> Batch:
    batch.already = True
    return batch


def _guess(batch: Batch, *, given: bool) -> None:
    """Fill in the source and what a person once said of files with these headers."""
    sheets = [sheet for sheet, _ in keeping.sampled(batch)]
    digests = [headers_digest(header_of(sheet)) for sheet in sheets]
    rows = RememberedMapping.objects.filter(region_code=batch.region_code, headers_digest__in=digests)
    sources = {one.id for one in known_to(batch.sent_by)}
    remembered = (
        (rows.filter(source=batch.source) if given else rows.filter(source__in=sources)).order_by("-at").first()
    )
    if remembered is not None:
        batch.source, batch.mapping = remembered.source, remembered.mapping
    if not batch.source:
        found, _ = lists_of(sheets, batch)
        batch.source = found[0][1].source.id if found else ""


def _titles(batch: Batch) -> list[str]:
    found, _ = lists_of([sheet for sheet, _ in keeping.sampled(batch)], batch)
    return [one.titles for _, one in found]


@transaction.atomic
def _added(batch: Batch, by: Officer, now: datetime) -> Batch:
    names = ("file_name", "path", "size_bytes", "mapping", "insisted", "sent_at")
    values = {name: getattr(batch, name) for name in names}
    # Two people may send one file at the same moment; a withdrawn one is sent again.
    found, new = Batch.objects.get_or_create(
        region_code=batch.region_code, source=batch.source, sha256=batch.sha256, as_of=batch.as_of,
        defaults={**values, "sent_by": by},
    )  # fmt: skip
    if not new:
        if found.state != Batch.State.WITHDRAWN:
            return _again(found)
        for name, value in values.items():
            setattr(found, name, value)
        found.state, found.sent_by, found.job = Batch.State.UPLOADED, by, None
        found.save()
    chain.record(by, "batch.uploaded", found, at=now, source=found.source, sha256=found.sha256, bytes=found.size_bytes)
    if found.insisted:
        chain.record(by, "batch.insisted", found, at=now, source=found.source, reason=found.insisted)
    found.already = False
    return found


# -- who and when ----------------------------------------------------------------------------------------------------


def _may_send(by: Officer, region_code: str) -> None:
    if not by.may(May.SEND_FILES):
        raise NotAllowed
    if not region_code.startswith(by.region_code) or not region_code.isdecimal() or len(region_code) > 12:
        raise NotYours


def _check_day(day: date, now: datetime) -> None:
    today = timezone.localdate(now)
    if not _FIRST_DAY <= day <= today:
        raise BadDay(day=day, today=today)


def _waiting(batch: Batch, by: Officer, zh: str, en: str) -> Batch:
    """The batch read again and locked, if the officer may work on it and it has not been imported."""
    _may_send(by, batch.region_code)
    fresh = Batch.objects.select_for_update().filter(pk=batch.pk).first()
    if fresh is None or not batches(by).filter(pk=batch.pk).exists():
        raise NotYours
    stopped = fresh.state == Batch.State.IMPORTING and (
        fresh.job is None or fresh.job.state in (Job.State.FAILED, Job.State.CANCELLED)
    )
    if fresh.state not in (Batch.State.UPLOADED, Batch.State.FAILED) and not stopped:
        raise _not_waiting(fresh, zh, en)
    return fresh


def _not_waiting(batch: Batch, zh: str, en: str) -> NotWaiting:
    state_zh, state_en = _STATES[batch.state]
    return NotWaiting(number=batch.pk, state_zh=state_zh, state_en=state_en, deed_zh=zh, deed_en=en)
