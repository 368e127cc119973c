"""A household says why a notice or a decision about it is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from khotail.casework.models import Objection, Step
from khotail.casework.objections import object_to
from khotail.residents.models import Resident
from khotail.residents.problems import NotYourHousehold
from khotail.trail.chain import record as record_event

_THE_SAME = timedelta(minutes=30)


@transaction.atomic
def object_from_home(resident: Resident, step: Step, words: str, *, now: datetime) -> Objection:
    """Object to a step of one's own household's case; the same words sent twice are one objection.

    Raises NotYourHousehold, CannotObject, WordsMissing, WordsTooLong.
    """
    locked = Step.objects.select_for_update().filter(pk=step.pk, household=resident.household).first()
    if locked is None:
        raise NotYourHousehold
    known = own_objections(locked).filter(words=words.strip(), raised_at__gt=now - _THE_SAME).first()
    if known:
        return known
    made = object_to(locked, words, said_by=resident.full_name, taken_by=None, now=now)
    record_event(None, "objection.sent", made, at=now, resident=resident.pk, step=locked.pk)
    return made


def own_objections(step: Step) -> QuerySet[Objection]:
    """Those that the household itself wrote: what others said against a notice is not for it to read."""
    return step.objections.filter(taken_by=None).order_by("id")
