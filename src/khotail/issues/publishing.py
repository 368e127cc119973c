"""Show an issue to everybody: only what somebody has read and found free of persons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.facts.masking import masked_text
from khotail.issues.models import Issue, Move, Photo
from khotail.issues.moving import held, moved, said
from khotail.issues.problems import QuietStaysQuiet
from khotail.register.documents import content
from khotail.register.models import Document
from khotail.register.pictures import cleaned

PICTURES = ("image/jpeg", "image/png", "image/webp")
#: What stands for a name in a version for the public.
_SOMEBODY = "××"


def for_the_public(issue: Issue) -> str:
    """The words to start from: those shown already, else the raiser's without numbers and names that are known here.

    A proposal only. Whoever publishes reads it: names that nobody recorded are still in it.
    """
    if issue.public_words:
        return issue.public_words
    names = {issue.raiser_name, *_names_of(issue)}
    words = masked_text(issue.words)
    for name in sorted((one for one in names if len(one) > 1), key=len, reverse=True):
        words = words.replace(name, _SOMEBODY)
    return words


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
        public = photo.pk in wanted and _may_be_shown(photo.document)
        if public != photo.public:
            photo.public = public
            photo.save(update_fields=["public"])
    moved(issue, Move.Kind.PUBLISHED, by=by, now=now, shown=bool(words), photos=len(wanted))
    return issue


def _may_be_shown(document: Document) -> bool:
    """A picture of which everything that tells place, time and device could be cut out."""
    return document.content_type in PICTURES and cleaned(content(document), document.content_type) is not None


def _names_of(issue: Issue) -> list[str]:
    """Names of the people of its household."""
    if issue.household is None:
        return []
    return [issue.household.head_name, *issue.household.members.values_list("name", flat=True)]
