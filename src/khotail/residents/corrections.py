"""A household says what is recorded wrongly; an officer corrects it or says why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role
from khotail.casework.actors import officers_at
from khotail.casework.deadlines import after_working_days
from khotail.facts.schema import TABLES
from khotail.register.correcting import correct, correctable
from khotail.register.documents import keep_sent
from khotail.register.models import Person
from khotail.residents.models import Correction, Resident
from khotail.residents.problems import (
    AlreadyAnswered,
    AlreadyAsked,
    AnswerMissing,
    CannotCorrect,
    NotFound,
    NotYourHousehold,
    TooManyFiles,
    TooMuch,
    WantedMissing,
)
from khotail.screening.rulebook import setting
from khotail.texts import typed
from khotail.trail.chain import record as record_event

_LONGEST, _LONGEST_WORDS = 200, 2000
MOST_FILES = 4


@transaction.atomic
def ask_correction(
    resident: Resident,
    table: str,
    column: str,
    wanted: str,
    *,
    now: datetime,
    person: Person | None = None,
    row: Mapping[str, str] | None = None,
    recorded: str = "",
    words: str = "",
    files: Iterable[Any] = (),
) -> Correction:
    """Say what is recorded wrongly about one's own household or a member of it.

    row       which row, of a table that has several of a household: {"income_year": "2025"}
    recorded  as the page showed it
    Raises NotYourHousehold, CannotCorrect, WantedMissing, TooMuch, AlreadyAsked, TooManyFiles.
    """
    household = resident.household
    if person and person.household_id != household.pk:
        raise NotYourHousehold
    if table not in TABLES or column not in {one.name for one in correctable(table)}:
        raise CannotCorrect
    row = _row(table, row or {})
    wanted, words, found = typed(wanted), typed(words), list(files)
    if not wanted:
        raise WantedMissing
    if len(wanted) > _LONGEST or len(words) > _LONGEST_WORDS:
        raise TooMuch(most=_LONGEST if len(wanted) > _LONGEST else _LONGEST_WORDS)
    if len(found) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    open_ = Correction.objects.filter(
        household=household, person=person, table=table, column=column, row=row, state=Correction.State.OPEN
    ).first()
    if open_:
        raise AlreadyAsked(due=open_.due_on)
    today = timezone.localdate(now)
    asked = Correction.objects.create(
        household=household,
        person=person,
        region_code=household.region_code,
        table=table,
        column=column,
        row=row,
        recorded=recorded[:_LONGEST],
        wanted=wanted,
        words=words,
        asked_by=resident,
        asked_at=now,
        due_on=after_working_days(today, int(setting("correction_days", today, household.region_code))),
    )
    asked.documents.add(
        *(
            keep_sent(
                file, household=household, region_code=household.region_code, kind="correction",
                title=f"{table}.{column}", by=None, now=now,
            )
            for file in found
        )
    )  # fmt: skip
    record_event(None, "correction.asked", asked, at=now, resident=resident.pk, table=table, column=column)
    cadres = officers_at("village", household.region_code).filter(role=Role.VILLAGE_CADRE)
    notify(cadres, "correction-new", f"/corrections/{asked.pk}/", now, due=asked.due_on)
    return asked


@transaction.atomic
def answer(
    asked: Correction, *, corrected: bool, words: str, by: Officer, now: datetime, value: str | None = None
) -> Correction:
    """Correct it in the register, or decline with words that the household reads.

    value  what to state, if not what the household wrote
    Raises NotAllowed, NotFound, AlreadyAnswered, AnswerMissing, and what the register refuses to state.
    """
    if not by.may(May.EDIT_REGISTER):
        raise NotAllowed
    found = Correction.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=asked.pk).first()
    if found is None:
        raise NotFound
    if found.state != Correction.State.OPEN:
        raise AlreadyAnswered(who=found.answered_by.full_name if found.answered_by else "—")
    words = typed(words)
    if not corrected and not words:
        raise AnswerMissing
    if corrected:
        stated = found.wanted if value is None else value
        correct(
            found.person or found.household, found.table, found.row | {found.column: stated}, reason=f"correction {found.pk}",
            by=by, now=now,
        )  # fmt: skip
    found.state = Correction.State.CORRECTED if corrected else Correction.State.DECLINED
    found.answer, found.answered_by, found.answered_at = words[:_LONGEST_WORDS], by, now
    found.save()
    record_event(by, f"correction.{found.state}", found, at=now, table=found.table, column=found.column)
    return found


def _row(table: str, given: Mapping[str, str]) -> dict[str, str]:
    """The key of one row beyond household and person. Raises CannotCorrect if a part of it is missing."""
    names = [name for name in TABLES[table].key if name not in ("household_id", "person_id")]
    row = {name: str(given.get(name, "")).strip()[:60] for name in names}
    if not all(row.values()):
        raise CannotCorrect
    return row
