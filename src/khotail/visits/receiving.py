"""Take what a device sends: stored as it came, once per instance, whatever it turns out to mean.

A device sends until it is told that it arrived, so everything here may happen twice. Facts only ever add up: two visits to
the same household never conflict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.register.documents import keep_sent
from khotail.register.models import Household
from khotail.register.sealed import seal_bytes
from khotail.texts import Text
from khotail.trail.chain import record as record_event
from khotail.visits.answers import Answers, read
from khotail.visits.models import Assignment, Form, Submission, SubmissionFile
from khotail.visits.problems import SubmissionTooLarge, SubmissionWrong, TooManyFiles, UnknownForm

MAX_MB = 2
MOST_FILES = 40
_State = Submission.State
_LONGEST_ID = 120
_ELSEWHERE = Text(
    "户“{number}”不在您的区域或登记簿里没有，请有权限的人核对。",
    "The household “{number}” is not in your region or not in the register; somebody who may should look at it.",
)
_DIFFERENT = Text(
    "设备用同一编号发来了不同内容，两份都已保留，请核对。",
    "The device sent other contents under the same number; both were kept. Please compare them.",
)


@dataclass(frozen=True)
class Received:
    """again: it had arrived before, and nothing changed but perhaps files that came later."""

    submission: Submission
    again: bool


def receive(
    xml: bytes, files: Mapping[str, Any] | None = None, *, by: Officer, now: datetime, device: str = ""
) -> Received:
    """Store one filled form and the files that came with it. Files may come later, in further calls with the same XML.

    files  name, as the XML gives it → uploaded file
    Raises NotAllowed, SubmissionTooLarge, SubmissionWrong, UnknownForm, TooManyFiles, and what the documents refuse.
    """
    if not by.may(May.MAKE_VISITS):
        raise NotAllowed
    if len(xml) > MAX_MB * 1024 * 1024:
        raise SubmissionTooLarge(limit_mb=MAX_MB)
    sent = dict(files or {})
    if len(sent) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    root = read(xml)
    form = _form_of(root)
    answers = Answers(root)
    instance_id = answers.instance_id
    if not instance_id or len(instance_id) > _LONGEST_ID:
        raise SubmissionWrong(zh="没有实例编号（instanceID）", en="it has no instance id")
    digest = hashlib.sha256(xml).hexdigest()
    try:
        with transaction.atomic():
            return _store(xml, digest, instance_id, form, answers, sent, by, now, device)
    except IntegrityError:  # the same submission came on two connections at once
        with transaction.atomic():
            return _store(xml, digest, instance_id, form, answers, sent, by, now, device)


def ask_to_take(now: datetime) -> None:
    """Have what was received entered soon: by the next worker that is free. Asking while it is asked for is nothing."""
    if not Job.objects.filter(kind="visits.take", state=Job.State.WAITING).exists():
        ask("visits.take", {}, by=None, region_code="", now=now)


def _store(
    xml: bytes, digest: str, instance_id: str, form: Form, answers: Answers, sent: dict[str, Any], by: Officer,
    now: datetime, device: str,
) -> Received:  # fmt: skip
    known = Submission.objects.select_for_update().filter(instance_id=instance_id).first()
    if known and known.digest != digest:
        instance_id = f"{instance_id[: _LONGEST_ID - 17]}:{digest[:16]}"
        again = Submission.objects.select_for_update().filter(instance_id=instance_id).first()
        if again:
            return Received(again, again=True)
        made = _created(xml, digest, instance_id, form, answers, by, now, device, problem=_DIFFERENT)
        _keep(made, sent, by, now)
        return Received(made, again=False)
    if known:
        _keep(known, sent, by, now)
        return Received(known, again=True)
    made = _created(xml, digest, instance_id, form, answers, by, now, device)
    _keep(made, sent, by, now)
    return Received(made, again=False)


def _created(
    xml: bytes, digest: str, instance_id: str, form: Form, answers: Answers, by: Officer, now: datetime, device: str,
    problem: Text | None = None,
) -> Submission:  # fmt: skip
    number = answers.first(form.takes["household"])
    household = _household(number, by)
    if household is None and problem is None:
        problem = Text(_ELSEWHERE.zh.format(number=number[:40]), _ELSEWHERE.en.format(number=number[:40]))
    expected = sorted({name for path in form.takes["files"] for name in answers.all(path) if name})
    latitude, longitude = _place(answers)
    made = Submission.objects.create(
        instance_id=instance_id,
        form=form,
        household=household,
        region_code=household.region_code if household else by.region_code,
        officer=by,
        assignment=_assignment(household, form, by),
        received_at=now,
        device_started_at=_moment(answers.first(f"/{answers.root_name}/started")),
        device_ended_at=_moment(answers.first(f"/{answers.root_name}/ended")),
        device_id=(device or answers.first(f"/{answers.root_name}/device"))[:80],
        latitude=latitude,
        longitude=longitude,
        sealed=seal_bytes(xml),
        digest=digest,
        files_expected=expected[:MOST_FILES],
        state=_State.TO_LOOK_AT if problem else _State.WAITING if expected else _State.RECEIVED,
        problem_zh=problem.zh if problem else "",
        problem_en=problem.en if problem else "",
    )
    record_event(by, "visit.received", made, at=now, form=form.form_id, household=household and household.pk)
    return made


def _keep(submission: Submission, sent: Mapping[str, Any], by: Officer, now: datetime) -> None:
    """Keep the files that are not there yet; once all have come, the submission can be taken."""
    there = set(submission.files.values_list("name", flat=True)) if submission.files_expected else set()
    for name, file in sent.items():
        if name in there or name not in submission.files_expected:
            continue
        document = keep_sent(
            file, household=submission.household, region_code=submission.region_code, kind="visit",
            title=submission.form.title_zh, by=by, now=now,
        )  # fmt: skip
        SubmissionFile.objects.create(submission=submission, name=name, document=document)
        there.add(name)
    if submission.state == _State.WAITING and there >= set(submission.files_expected):
        submission.state = _State.RECEIVED
        submission.save(update_fields=["state"])


def _form_of(root: Element) -> Form:
    form_id, version = root.get("id", ""), root.get("version", "")
    found = Form.objects.filter(form_id=form_id, version=version, published_at__isnull=False).first()
    if found is None:
        raise UnknownForm(form=form_id[:64] or "—", version=version[:40] or "—")
    return found


def _household(number: str, by: Officer) -> Household | None:
    """The household of the number, or the one that it went over into while the cadre was away; None if not the officer's."""
    found = Household.objects.select_related("successor").filter(number=number[:40]).first() if number else None
    seen: set[int] = set()
    while found and found.successor_id and found.pk not in seen:
        seen.add(found.pk)
        found = found.successor
    if found is None or not Household.objects.visible_to(by).filter(pk=found.pk).exists():
        return None
    return found


def _assignment(household: Household | None, form: Form, by: Officer) -> Assignment | None:
    if household is None:
        return None
    rows = Assignment.objects.filter(household=household, round__form_id=form.form_id, done_at=None, excused="")
    return rows.filter(officer=by).first() or rows.filter(officer=None).first() or rows.first()


def _place(answers: Answers) -> tuple[Decimal | None, Decimal | None]:
    """The first geopoint: latitude, longitude, altitude, accuracy with spaces between."""
    parts = answers.first(f"/{answers.root_name}/place").split()
    try:
        north, east = Decimal(parts[0]), Decimal(parts[1])
    except (IndexError, InvalidOperation):
        return None, None
    if not (north.is_finite() and east.is_finite() and abs(north) <= 90 and abs(east) <= 180):
        return None, None
    return round(north, 6), round(east, 6)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
