"""Raise a lead: whatever was heard about a household, through one of the channels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import May, Role
from khotail.casework.actors import LEAD_LEVEL, officers_at
from khotail.casework.deadlines import after_working_days
from khotail.casework.models import Lead
from khotail.casework.problems import ForeignDocument, MayNot, NotFound, UnknownWord, WordsMissing, WordsTooLong
from khotail.casework.records import LONGEST_TEXT
from khotail.register.models import Document, Household, Region
from khotail.rulebook.model import CAUSES
from khotail.screening.rulebook import setting
from khotail.texts import typed
from khotail.trail.chain import record as record_event

LEADS_PATH = "/leads/"


@transaction.atomic
def raise_lead(
    household: Household | None,
    channel: str,
    causes: Iterable[str],
    words: str,
    *,
    by: Officer | None,
    now: datetime,
    region_code: str = "",
    told_by: str = "",
    consent: bool = False,
    documents: Iterable[Document] = (),
) -> Lead:
    """Raise a lead, to be verified in the household's village within the rulebook's working days.

    household    None if it is not known yet: then `region_code` says where
    causes       of `CAUSES`
    words        what was said; required
    told_by      whoever spoke, if not the household itself
    Raises MayNot, NotFound (outside the officer's region), UnknownWord, WordsMissing, WordsTooLong, ForeignDocument.
    """
    region_code = household.region_code if household else region_code
    _check_may(by, household, region_code)
    words = checked_words(words)
    found = list(documents)
    if any(household is None or document.household_id != household.pk for document in found):
        raise ForeignDocument
    if channel not in Lead.Channel.values:
        raise UnknownWord(word=str(channel)[:60], known=", ".join(Lead.Channel.values))
    today = timezone.localdate(now)
    lead = Lead.objects.create(
        household=household,
        region_code=region_code,
        channel=channel,
        causes=checked_causes(causes),
        words=words,
        told_by=told_by.strip()[:60],
        consent=consent,
        raised_by=by,
        raised_at=now,
        due_on=after_working_days(today, int(setting("lead_days", today, region_code))),
    )
    lead.documents.add(*found)
    record_event(by, "lead.raised", lead, at=now, channel=channel, causes=lead.causes)
    if household:
        village = officers_at(LEAD_LEVEL, region_code).filter(role=Role.VILLAGE_CADRE)
        notify(village, "lead-new", LEADS_PATH, now, household=household.number, due=lead.due_on)
    return lead


def checked_words(words: str) -> str:
    """What somebody said. Raises WordsMissing, WordsTooLong."""
    words = typed(words)
    if not words:
        raise WordsMissing
    if len(words) > LONGEST_TEXT:
        raise WordsTooLong(most=LONGEST_TEXT)
    return words


def checked_causes(causes: Iterable[str]) -> list[str]:
    """Causes without repetition. Raises UnknownWord."""
    found = list(dict.fromkeys(causes))
    for cause in found:
        if cause not in CAUSES:
            raise UnknownWord(word=str(cause)[:60], known=", ".join(CAUSES))
    return found


def _check_may(by: Officer | None, household: Household | None, region_code: str) -> None:
    """A schedule (no officer) may raise leads everywhere; a person, within their region."""
    if by is None:
        return
    if not by.may(May.RAISE_LEADS):
        raise MayNot
    if household is None:
        is_place = region_code == by.region_code or Region.objects.filter(code=region_code).exists()
        if not is_place or not region_code.startswith(by.region_code):
            raise NotFound
    elif not Household.objects.visible_to(by).filter(pk=household.pk).exists():
        raise NotFound
