"""Declare a difficulty in a few taps: one's own or a neighbour's. It becomes a lead, once however often it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from khotail.casework.models import Lead
from khotail.casework.raising import raise_lead
from khotail.register.documents import keep_sent
from khotail.residents.models import Consent, Declaration, Resident
from khotail.residents.people import consent as give_consent
from khotail.residents.problems import CauseMissing, NeighbourMissing, TooManyDeclarations, TooManyFiles
from khotail.rulebook.model import CAUSES
from khotail.texts import typed
from khotail.trail.chain import record as record_event

MOST_A_DAY, MOST_FILES = 5, 4
LOOK_UP = "look_up_assets"


@transaction.atomic
def declare(
    resident: Resident,
    causes: Iterable[str],
    words: str = "",
    *,
    key: str,
    now: datetime,
    neighbour: str = "",
    for_neighbour: bool = False,
    consent_words: str = "",
    files: Iterable[Any] = (),
) -> Declaration:
    """Declare a difficulty; words may be left out where a cause is tapped or a voice note says it.

    key            the phone's own name for it
    neighbour      name of the neighbour whom it is about, with `for_neighbour`
    consent_words  what they agreed to about looking up assets; empty: they did not
    Raises CauseMissing, NeighbourMissing, TooManyDeclarations, TooManyFiles, and what casework and documents refuse.
    """
    Resident.objects.select_for_update().get(pk=resident.pk)  # two taps at once wait for one another
    key = f"{resident.pk}:{key}".replace("\x00", "")[
        :64
    ]  # a phone's names are its own: another's same name is another declaration
    known = Declaration.objects.filter(key=key).select_related("lead").first()
    if known:
        return known
    found, named = list(files), list(dict.fromkeys(causes))
    if not named:
        raise CauseMissing
    neighbour = typed(neighbour)[:60]
    if for_neighbour and not neighbour:
        raise NeighbourMissing
    if len(found) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    if Declaration.objects.filter(resident=resident, declared_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise TooManyDeclarations(most=MOST_A_DAY)
    household = None if for_neighbour else resident.household
    documents = [
        keep_sent(
            file, household=household, region_code=resident.region_code, kind="declaration", title="declaration",
            by=None, now=now,
        )
        for file in found
    ]  # fmt: skip
    agreed = None
    if consent_words and not for_neighbour:
        agreed = give_consent(resident.person, LOOK_UP, consent_words, Consent.How.TAPPED, now=now)
    lead = raise_lead(
        household, Lead.Channel.DECLARATION, named, words.strip() or _tapped(named), by=None, now=now,
        region_code=resident.region_code, told_by=resident.full_name if for_neighbour else "", consent=bool(agreed),
        documents=documents if household else (),
    )  # fmt: skip
    if not household:
        lead.documents.add(*documents)
        lead.words = f"{neighbour}：{lead.words}"
        lead.save(update_fields=["words"])
    made = Declaration.objects.create(
        resident=resident, lead=lead, region_code=resident.region_code, neighbour_name=neighbour, consent=agreed,
        key=key, declared_at=now,
    )  # fmt: skip
    record_event(None, "declaration.made", made, at=now, resident=resident.pk, lead=lead.pk, neighbour=for_neighbour)
    return made


def _tapped(causes: list[str]) -> str:
    """What was tapped, in the register's language: the lead is read by the village."""
    return "、".join(CAUSES[cause].zh for cause in causes if cause in CAUSES)
