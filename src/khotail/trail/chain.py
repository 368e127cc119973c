"""Append to the trail, and prove that it is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

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
    head = _locked_head()
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
        previous=head.digest,
    )
    event.digest = digest_of(event)
    event.save(force_insert=True)
    ChainHead.objects.filter(pk=1).update(digest=event.digest, length=head.length + 1)
    return event


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
