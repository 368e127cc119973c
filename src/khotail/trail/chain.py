"""Append to the trail, and prove that it is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from khotail.facts.masking import masked_text
from khotail.trail.models import ChainHead, Event

START = "0" * 64


@transaction.atomic(savepoint=False)  # an action whose event cannot be written must not be committed
def record(
    actor: Any, verb: str, subject: models.Model, *, at: datetime, region_code: str | None = None, **details: Any
) -> Event:
    """Append one event about `subject`, in the transaction of the action that it tells of.

    actor        an officer, or None for a job on schedule
    region_code  where it happened; the subject's own if left out
    details      what changed, without personal data in clear
    """
    [event] = record_all(actor, verb, [(subject, details)], at=at, region_code=region_code)
    return event


@transaction.atomic(savepoint=False)
def record_all(
    actor: Any,
    verb: str,
    subjects: Sequence[tuple[models.Model, dict[str, Any]]],
    *,
    at: datetime,
    region_code: str | None = None,
) -> list[Event]:
    """As `record`, one event for each subject with its details, in this order; the head is read and written once."""
    if not subjects:
        return []
    head = _locked_head()
    previous, events = head.digest, []
    for subject, details in subjects:
        if isinstance(details.get("reason"), str):  # whatever somebody typed
            details["reason"] = masked_text(details["reason"])
        event = Event(
            at=at,
            actor_id=actor.pk if actor else None,
            actor_name=actor.full_name if actor else "",
            verb=verb,
            subject_kind=subject._meta.model_name,
            subject_id=str(subject.pk),
            region_code=getattr(subject, "region_code", "") if region_code is None else region_code,
            # Fractions become text: databases write them in ways of their own, and the digest must come out the same.
            details=json.loads(json.dumps(details, cls=DjangoJSONEncoder), parse_float=str),
            previous=previous,
        )
        previous = event.digest = digest_of(event)
        events.append(event)
    if len(events) == 1:
        events[0].save(force_insert=True)
    else:
        Event.objects.bulk_create(events, batch_size=1000)
    ChainHead.objects.filter(pk=1).update(digest=previous, length=head.length + len(events))
    return events


def _locked_head() -> ChainHead:
    """The last link, held until the transaction ends, so that the chain never forks. Record last in a long action."""
    heads = ChainHead.objects.select_for_update()
    return heads.filter(pk=1).first() or heads.get_or_create(pk=1, defaults={"digest": START})[0]


def digest_of(event: Event) -> str:
    """SHA-256 over the event's content and the digest before it."""
    content = [
        event.previous,
        event.at.timestamp(),
        event.actor_id,
        event.actor_name,
        event.verb,
        event.subject_kind,
        event.subject_id,
        event.region_code,
        event.details,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: the event's id and what is wrong with it."""

    event_id: int
    what: str  # "changed" | "removed before" | "removed at the end" | "added at the end"


def breaks(seen: Callable[[Event], None] | None = None) -> Iterator[Break]:
    """Every place at which the trail was altered; nothing if it is whole.

    Reads the table once, in order, a few thousand events at a time. People may go on working meanwhile: the end of the
    chain is compared with the head as it was before and after.

    seen  is told of each event that was read, for progress
    """
    head = ChainHead.objects.filter(pk=1).first()
    digest_at_start, length_at_start = (head.digest, head.length) if head else (START, 0)
    previous, length, last = START, 0, 0
    end_was_right = length_at_start == 0
    for event in Event.objects.order_by("id").iterator(chunk_size=2000):
        if event.previous != previous:
            yield Break(event.pk, "removed before")
        if digest_of(event) != event.digest:
            yield Break(event.pk, "changed")
        previous, last, length = event.digest, event.pk, length + 1
        end_was_right = end_was_right or previous == digest_at_start
        if seen:
            seen(event)
    if length < length_at_start or not end_was_right:
        yield Break(last, "removed at the end")
    elif length > length_at_start:
        head = ChainHead.objects.filter(pk=1).first()
        if head is None or length > head.length:
            yield Break(last, "added at the end")
