"""Tell whoever raised an issue what came of it, by short message, where they left a phone. No words of theirs in it."""

from __future__ import annotations

import logging

from django.db import transaction

from khotail.accounts import sms
from khotail.issues.models import Issue
from khotail.texts import Text

_SENTENCES = {
    "accepted": Text(
        "您反映的 {number} 已由{body}接收，应于 {due} 前办结。", "{number}: taken up by {body}, due {due}."
    ),
    "extended": Text("您反映的 {number} 延期至 {due}。", "{number}: put off to {due}."),
    "resolved": Text(
        "您反映的 {number} 已办理，请确认是否解决；没有解决可以要求重办。",
        "{number}: said to be resolved. Please confirm, or reopen it if it is not.",
    ),
    "closed": Text("您反映的 {number} 未能解决，原因可查询。", "{number}: could not be resolved; you can read why."),
}
_log = logging.getLogger(__name__)


def tell_raiser(issue: Issue, what: str) -> None:
    """Send once the transaction is committed; that it could not be sent never breaks the action."""
    phone = issue.raiser_phone or (issue.resident.person.phone if issue.resident else "")
    if not phone:
        return
    language = "en" if issue.resident and issue.resident.language.startswith("en") else "zh"
    words = (
        _SENTENCES[what]
        .in_language(language)
        .format(  # type: ignore[arg-type]
            number=issue.number, body=issue.body.name if issue.body else "—", due=issue.due_on or "—"
        )
    )

    def send() -> None:
        try:
            sms.send(phone, words)
        except Exception as error:
            _log.warning("no SMS about issue %s (%s)", issue.pk, type(error).__name__)

    transaction.on_commit(send)
