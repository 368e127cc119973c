"""The register of responsibilities: named, accepted, handed over, ended. Nothing is overwritten: a new person is a new row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.notifications import notify
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import LEVEL_NAMES, May
from khotail.oversight.models import Responsibility
from khotail.oversight.problems import (
    AlreadyAccepted,
    LevelWrong,
    NotFound,
    NotTheOwner,
    OwnerElsewhere,
    OwnerMissing,
    OwnerThere,
    ResponsibilityOver,
)
from khotail.oversight.words import choice, place, words
from khotail.register.models import Household
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_TASK = Text("任务", "task")
_DUTY = Text("职责", "duty")
_REASON = Text("理由和交接内容", "reason, and what was handed over")


@dataclass(frozen=True)
class Owner:
    """Who answers: an officer of this installation, or somebody by name and post."""

    officer: Officer | None = None
    person: str = ""
    post: str = ""


@transaction.atomic
def name_owner(
    subject: str, region_code: str, level: str, owner: Owner, *, task: str = "", household: Household | None = None,
    duty: str = "", by: Officer, now: datetime,
) -> Responsibility:  # fmt: skip
    """Name who answers for a place, a household or a task.

    Raises NotAllowed, UnknownPlace, NotFound, UnknownChoice, LevelWrong, OwnerMissing, OwnerElsewhere, OwnerThere, WordsMissing.
    """
    if not by.may(May.KEEP_POLICIES):
        raise NotAllowed
    choice(subject, Responsibility.Subject.values, Text("对象", "subject"))
    choice(level, LEVEL_DIGITS, Text("级别", "level"))
    is_household, is_task = subject == Responsibility.Subject.HOUSEHOLD, subject == Responsibility.Subject.TASK
    if is_household:
        if household is None or not Household.objects.visible_to(by).filter(pk=household.pk, ended_on=None).exists():
            raise NotFound
        region_code = household.region_code
    place(region_code, by)
    if LEVEL_DIGITS[level] > len(region_code):
        raise LevelWrong
    named = Responsibility(
        subject=subject, region_code=region_code, household=household if is_household else None, level=level,
        task=words(task, _TASK, 120) if is_task else "", duty=words(duty, _DUTY, required=False),
        named_on=timezone.localdate(now), named_by=by,
    )  # fmt: skip
    _own(named, owner)
    _saved(named)
    record_event(by, "responsibility.named", named, at=now, of=subject, level=level)
    _tell(named, by, now)
    return named


@transaction.atomic
def accept(responsibility: Responsibility, *, by: Officer, now: datetime) -> Responsibility:
    """The named person accepts; for somebody who does not work with the system, whoever keeps the register enters it.

    Raises NotFound, NotTheOwner, AlreadyAccepted, ResponsibilityOver.
    """
    found = _held(responsibility, by)
    if found.officer_id is None:
        if not by.may(May.KEEP_POLICIES) or not found.region_code.startswith(by.region_code):
            raise NotAllowed
    elif found.officer_id != by.pk:
        raise NotTheOwner(who=found.who)
    if found.accepted_at:
        raise AlreadyAccepted(on=timezone.localdate(found.accepted_at))
    found.accepted_at, found.accepted_by = now, by
    found.save(update_fields=["accepted_at", "accepted_by"])
    record_event(by, "responsibility.accepted", found, at=now)
    return found


@transaction.atomic
def hand_over(
    responsibility: Responsibility, owner: Owner, reason: str, *, by: Officer, now: datetime
) -> Responsibility:
    """End it for one person and name the next in the same moment, so that no gap opens. Returns the new row.

    Raises NotAllowed, NotFound, ResponsibilityOver, OwnerMissing, OwnerElsewhere, WordsMissing.
    """
    found = _to_change(responsibility, by)
    heir = Responsibility(
        subject=found.subject, region_code=found.region_code, household=found.household, task=found.task,
        level=found.level, duty=found.duty, named_on=timezone.localdate(now), named_by=by,
    )  # fmt: skip
    _own(heir, owner)
    _end(found, reason, by, now)
    heir.save()
    found.successor = heir
    found.save(update_fields=["successor"])
    record_event(by, "responsibility.handed_over", found, at=now, to=heir.pk, reason=found.reason)
    _tell(heir, by, now)
    return heir


@transaction.atomic
def end(responsibility: Responsibility, reason: str, *, by: Officer, now: datetime) -> Responsibility:
    """End it without anybody following: a vacancy from now on. Raises NotAllowed, NotFound, ResponsibilityOver, WordsMissing."""
    found = _to_change(responsibility, by)
    _end(found, reason, by, now)
    record_event(by, "responsibility.ended", found, at=now, reason=found.reason)
    return found


def _end(found: Responsibility, reason: str, by: Officer, now: datetime) -> None:
    found.ended_on, found.ended_by, found.reason = timezone.localdate(now), by, words(reason, _REASON)
    found.save(update_fields=["ended_on", "ended_by", "reason"])


def _own(named: Responsibility, owner: Owner) -> None:
    officer = owner.officer
    if officer is None:
        person = words(owner.person, Text("姓名", "name"), 60, required=False)
        post = words(owner.post, Text("职务", "post"), 80, required=False)
        if not person or not post:
            raise OwnerMissing
        named.person, named.post = person, post
        return
    at_level = named.region_code[: LEVEL_DIGITS[named.level]]
    inside = officer.region_code.startswith(at_level) or at_level.startswith(officer.region_code)
    if not officer.is_active or not inside:
        raise OwnerElsewhere(who=officer.full_name)
    named.officer, named.post = officer, words(owner.post, Text("职务", "post"), 80, required=False)


def _saved(named: Responsibility) -> None:
    try:
        with transaction.atomic():
            named.save()
    except IntegrityError:
        same = Responsibility.objects.filter(
            subject=named.subject, region_code=named.region_code, household=named.household, task=named.task,
            level=named.level, ended_on=None,
        )  # fmt: skip
        there = same.select_related("officer").first()
        raise OwnerThere(who=there.who if there else "—") from None


def _held(responsibility: Responsibility, by: Officer) -> Responsibility:
    """Read anew, held, and not over. Raises NotFound, ResponsibilityOver."""
    rows = Responsibility.objects.select_for_update(of=("self",)).select_related("officer", "household")
    found = rows.filter(pk=responsibility.pk).first()
    mine = found is not None and found.officer_id == by.pk
    if found is None or not (mine or found.region_code.startswith(by.region_code)):
        raise NotFound
    if found.ended_on:
        raise ResponsibilityOver(on=found.ended_on)
    return found


def _to_change(responsibility: Responsibility, by: Officer) -> Responsibility:
    if not by.may(May.KEEP_POLICIES):
        raise NotAllowed
    found = _held(responsibility, by)
    if not found.region_code.startswith(by.region_code):
        raise NotFound
    return found


def _tell(named: Responsibility, by: Officer, now: datetime) -> None:
    if named.officer and named.officer.pk != by.pk:
        level = LEVEL_NAMES[named.level]
        notify(named.officer, "responsibility-new", f"/policies/responsibilities/{named.pk}/", now, level=level)
