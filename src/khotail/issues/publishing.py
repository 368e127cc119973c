"""Show an issue to everybody: only what somebody has read and found free of persons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.issues.models import Issue, Move, Photo
from khotail.issues.moving import held, moved, said
from khotail.issues.problems import QuietStaysQuiet
from khotail.register.models import Document

_PICTURES = ("image/jpeg", "image/png", "image/webp")


@transaction.atomic
def publish(issue: Issue, public_words: str, photos: Iterable[int] = (), *, by: Officer, now: datetime) -> Issue:
    """Show these words and pictures on the public board; empty words take them back.

    photos  ids of pictures of this issue that show nobody; the others are hidden
    Raises NotAllowed, NotFound, QuietStaysQuiet, WordsTooLong.
    """
    if not by.may(May.SORT_ISSUES):
        raise NotAllowed
    issue = held(issue, by)
    words = said(public_words, required=False)
    if issue.quiet or not issue.route:
        raise QuietStaysQuiet
    issue.public_words, issue.published_at, issue.published_by = words, now if words else None, by
    wanted = set(photos) if words else set()
    for photo in Photo.objects.filter(issue=issue).select_related("document"):
        public = photo.pk in wanted and _is_picture(photo.document)
        if public != photo.public:
            photo.public = public
            photo.save(update_fields=["public"])
    moved(issue, Move.Kind.PUBLISHED, by=by, now=now, shown=bool(words), photos=len(wanted))
    return issue


def _is_picture(document: Document) -> bool:
    return document.content_type in _PICTURES
