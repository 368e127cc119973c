"""Tell people what happened: stored for the desk, and sent by e-mail or SMS to those who chose it.

Sending starts once the action's transaction is committed and never breaks it: what could not be sent stays in the
desk, and goes into the next digest.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import models, transaction

from khotail.accounts import sms
from khotail.accounts.catalogue import KINDS, filled
from khotail.accounts.models import Notification, Officer
from khotail.texts import Language, Text

#: More people than that are not written to one by one while somebody waits for a page: the digest does it.
_AT_ONCE = 10
#: What is older is no news any more.
_DIGEST_DAYS = 7
_log = logging.getLogger(__name__)


@transaction.atomic
def notify(
    officers: Officer | Iterable[Officer], kind: str, path: str, now: datetime, **values: Any
) -> list[Notification]:
    """Leave a notification of `kind` (`catalogue.KINDS`) for each officer who may sign in.

    path    the page that it is about, such as /cases/17/
    values  what the sentence names: numbers, days, Texts; no personal data
    Raises KeyError for an unknown kind, or one whose sentence needs a value that is missing.
    """
    sentence = KINDS[kind].sentence
    stored = {name: _stored(value) for name, value in values.items()}
    filled(sentence, stored)
    people = [officers] if isinstance(officers, Officer) else list(officers)
    rows = Notification.objects.bulk_create(
        Notification(officer=officer, kind=kind, values=stored, path=path, at=now)
        for officer in {officer.pk: officer for officer in people if officer.is_active}.values()
    )
    if KINDS[kind].at_once and 0 < len(rows) <= _AT_ONCE:
        ids = [row.pk for row in rows]
        transaction.on_commit(lambda: _send_one_by_one(ids, now), robust=True)
    return rows


def sentence_of(notification: Notification) -> Text:
    """What the notification says; its kind's name if this version does not know the kind or its values."""
    try:
        return filled(KINDS[notification.kind].sentence, notification.values)
    except (KeyError, IndexError):
        return Text(notification.kind, notification.kind)


def mark_read(officer: Officer, now: datetime, ids: Iterable[int] | None = None) -> int:
    """Mark the officer's notifications as read, all if no ids are given; returns how many were unread."""
    rows = Notification.objects.filter(officer=officer, read_at=None)
    return (rows if ids is None else rows.filter(pk__in=ids)).update(read_at=now)


def send_digests(now: datetime) -> int:
    """One message to everybody who has news that was neither read nor sent; returns to how many it went."""
    since = now - timedelta(days=_DIGEST_DAYS)
    news = Notification.objects.filter(sent_at=None, read_at=None, at__gte=since)
    people = Officer.objects.filter(_reachable(), is_active=True, pk__in=news.values("officer_id"))
    count = 0
    for officer in people.iterator(chunk_size=500):
        claimed = _claim(news.filter(officer=officer), now)
        if not claimed:
            continue
        if _deliver(officer, _digest(claimed), claimed[0].path if len(claimed) == 1 else "/notifications/"):
            count += 1
        else:
            Notification.objects.filter(pk__in=[row.pk for row in claimed]).update(sent_at=None)
    return count


def _send_one_by_one(ids: list[int], now: datetime) -> None:
    rows = Notification.objects.filter(_reachable("officer__"), pk__in=ids, sent_at=None).select_related("officer")
    for row in rows:
        if _claim(Notification.objects.filter(pk=row.pk, sent_at=None), now) and not _deliver(
            row.officer, sentence_of(row), row.path
        ):
            Notification.objects.filter(pk=row.pk).update(sent_at=None)


def _claim(rows: models.QuerySet[Notification], now: datetime) -> list[Notification]:
    """Mark rows as sent before they are, so that two processes never send the same news twice."""
    with transaction.atomic():
        # The condition is repeated by the lock: a process that waited for another finds nothing left.
        found = list(rows.select_for_update())
        Notification.objects.filter(pk__in=[row.pk for row in found]).update(sent_at=now)
    return found


def _digest(rows: list[Notification]) -> Text:
    if len(rows) == 1:
        return sentence_of(rows[0])
    lines = [sentence_of(row) for row in rows[:20]]
    rest = len(rows) - len(lines)
    zh = [f"您有 {len(rows)} 条新消息", *(f"· {line.zh}" for line in lines), *([f"· 另有 {rest} 条"] if rest else [])]
    en = [f"You have {len(rows)} new messages", *(f"· {line.en}" for line in lines)]
    en += [f"· and {rest} more"] if rest else []
    return Text("\n".join(zh), "\n".join(en))


def _deliver(officer: Officer, text: Text, path: str) -> bool:
    """Send by the ways that the officer chose; True if one of them worked. The log names ids and errors, no data."""
    words = text.in_language(_language(officer))
    first = words.splitlines()[0]
    address = f"{settings.KHOTAIL_ADDRESS}{path}" if settings.KHOTAIL_ADDRESS else ""
    done: Counter[bool] = Counter()
    for chosen, way in ((officer.by_email and officer.email, "e-mail"), (officer.by_sms and officer.phone, "SMS")):
        if not chosen:
            continue
        try:
            if way == "e-mail":
                send_mail(f"Khotail: {first}", f"{words}\n\n{address}".strip(), None, [officer.email])
            else:
                sms.send(officer.phone, f"{first} {address}".strip())
            done[True] += 1
        except Exception as error:
            _log.warning("no %s to officer %s (%s)", way, officer.pk, type(error).__name__)
            done[False] += 1
    return done[True] > 0


def _reachable(prefix: str = "") -> models.Q:
    """Officers who chose a way of being told and gave its address."""
    by_email = models.Q(**{f"{prefix}by_email": True}) & ~models.Q(**{f"{prefix}email": ""})
    return by_email | (models.Q(**{f"{prefix}by_sms": True}) & ~models.Q(**{f"{prefix}phone": ""}))


def _language(officer: Officer) -> Language:
    return "zh" if officer.language.startswith("zh") else "en"


def _stored(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    return value if isinstance(value, int) else str(value)
