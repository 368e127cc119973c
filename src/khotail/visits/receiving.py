"""Take what a device sends: stored as it came, once per instance, whatever it turns out to mean.

A device sends until it is told that it arrived, so everything here may happen twice. Facts only ever add up: two visits to
the same household never conflict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.dateparse import parse_datetime

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.problems import Problem
from khotail.register.documents import keep_sent
from khotail.register.models import Household
from khotail.register.sealed import seal_bytes
from khotail.texts import Text
from khotail.trail.chain import record as record_event
from khotail.trail.chain import record_all
from khotail.visits.answers import Answers, read
from khotail.visits.models import Assignment, Form, Submission, SubmissionFile
from khotail.visits.problems import SubmissionTooLarge, SubmissionWrong, TooManyFiles, UnknownForm

MAX_MB = 2
MOST_FILES = 40
_State = Submission.State
_LONGEST_ID = 120
#: What is read of a record that arrived before: the record itself is not.
_OF_KNOWN = (
    "instance_id", "digest", "state", "files_expected", "household", "region_code", "problem_zh", "problem_en",
)  # fmt: skip
_ELSEWHERE = Text(
    "户“{number}”不在您的区域或登记簿里没有，请有权限的人核对。",
    "The household “{number}” is not in your region or not in the register; somebody who may should look at it.",
)
_DIFFERENT = Text(
    "设备用同一编号发来了不同内容，两份都已保留，请核对。",
    "The device sent other contents under the same number; both were kept. Please compare them.",
)


@dataclass(frozen=True)
class Sent:
    """One filled form as it came, and its files: name, as the XML gives it → uploaded file."""

    xml: bytes
    files: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """again: it had arrived before, and nothing changed but perhaps files that came later."""

    submission: Submission
    again: bool


@dataclass(frozen=True)
class _Read:
    """A form that can be stored."""

    sent: Sent
    digest: str
    instance_id: str
    form: Form
    answers: Answers

    @property
    def number(self) -> str:
        """Of the household, as the form says it."""
        return self.answers.first(self.form.takes["household"])


def receive(
    xml: bytes, files: Mapping[str, Any] | None = None, *, by: Officer, now: datetime, device: str = ""
) -> Received:
    """Store one filled form and the files that came with it. Files may come later, in further calls with the same XML.

    files  name, as the XML gives it → uploaded file
    Raises NotAllowed, SubmissionTooLarge, SubmissionWrong, UnknownForm, TooManyFiles, and what the documents refuse.
    """
    [found] = receive_all([Sent(xml, files or {})], by=by, now=now, device=device)
    if isinstance(found, Problem):
        raise found
    return found


def receive_all(sent: Sequence[Sent], *, by: Officer, now: datetime, device: str = "") -> list[Received | Problem]:
    """Store filled forms in one transaction, with one question to the database for all of them instead of one for each.

    Each is taken or refused by itself, in the order in which they came. Raises NotAllowed.
    """
    if not by.may(May.MAKE_VISITS):
        raise NotAllowed
    found: dict[int, Received | Problem] = {}
    reads: dict[int, _Read] = {}
    forms: dict[tuple[str, str], Form | None] = {}
    for place, one in enumerate(sent):
        try:
            reads[place] = _read(one, forms)
        except Problem as problem:
            found[place] = problem
    try:
        with transaction.atomic():
            stored = _store_all(reads, by, now, device)
    except IntegrityError:  # one of them came on two connections at once
        with transaction.atomic():
            stored = _store_all(reads, by, now, device)
    found |= stored
    return [found[place] for place in range(len(sent))]


def ask_to_take(now: datetime) -> None:
    """Have what was received entered soon: by the next worker that is free. Asking while it is asked for is nothing."""
    if not Job.objects.filter(kind="visits.take", state=Job.State.WAITING).exists():
        ask("visits.take", {}, by=None, region_code="", now=now)


def _read(sent: Sent, forms: dict[tuple[str, str], Form | None]) -> _Read:
    if len(sent.xml) > MAX_MB * 1024 * 1024:
        raise SubmissionTooLarge(limit_mb=MAX_MB)
    if len(sent.files) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    root = read(sent.xml)
    form = _form_of(root, forms)
    answers = Answers(root)
    instance_id = answers.instance_id
    if not instance_id or len(instance_id) > _LONGEST_ID:
        raise SubmissionWrong(zh="没有实例编号（instanceID）", en="it has no instance id")
    return _Read(sent, hashlib.sha256(sent.xml).hexdigest(), instance_id, form, answers)


def _store_all(reads: Mapping[int, _Read], by: Officer, now: datetime, device: str) -> dict[int, Received | Problem]:
    ids = {one.instance_id for one in reads.values()}
    known = {
        row.instance_id: row
        for row in Submission.objects.select_for_update().filter(instance_id__in=ids).only(*_OF_KNOWN)
    }
    homes = _households({one.number for one in reads.values()}, by)
    visits = _assignments([home for home in homes.values() if home], {one.form.form_id for one in reads.values()}, by)

    def built(one: _Read, problem: Text | None = None) -> Submission:
        home = homes[one.number]
        return _built(one, home, visits.get((home.pk, one.form.form_id)) if home else None, by, now, device, problem)

    plain: dict[str, int] = {}  # new ones without files: instance → place
    for place, one in reads.items():
        if one.instance_id not in known and not one.sent.files:
            plain.setdefault(one.instance_id, place)
    made = Submission.objects.bulk_create(built(reads[place]) for place in plain.values())
    record_all(by, "visit.received", [(row, _details(row)) for row in made], at=now)
    known |= {row.instance_id: row for row in made}
    stored: dict[int, Received | Problem] = {
        place: Received(row, again=False) for place, row in zip(plain.values(), made, strict=True)
    }
    for place, one in reads.items():
        if place in stored:
            continue
        try:
            with transaction.atomic():
                stored[place] = received = _store(one, known.get(one.instance_id), built, by, now)
                known.setdefault(one.instance_id, received.submission)
        except Problem as problem:
            stored[place] = problem
    return stored


def _store(
    one: _Read, known: Submission | None, built: Callable[..., Submission], by: Officer, now: datetime
) -> Received:  # fmt: skip
    if known and known.digest == one.digest:
        known.form = one.form
        _keep(known, one.sent.files, by, now)
        return Received(known, again=True)
    made = built(one, _DIFFERENT if known else None)
    if known:
        made.instance_id = f"{one.instance_id[: _LONGEST_ID - 17]}:{one.digest[:16]}"
        if again := Submission.objects.filter(instance_id=made.instance_id).first():
            return Received(again, again=True)
    made.save(force_insert=True)
    record_event(by, "visit.received", made, at=now, **_details(made))
    _keep(made, one.sent.files, by, now)
    return Received(made, again=False)


def _built(
    one: _Read, household: Household | None, assignment: Assignment | None, by: Officer, now: datetime, device: str,
    problem: Text | None,
) -> Submission:  # fmt: skip
    answers, form, number = one.answers, one.form, one.number[:40]
    if household is None and problem is None:
        problem = Text(_ELSEWHERE.zh.format(number=number), _ELSEWHERE.en.format(number=number))
    expected = sorted({name for path in form.takes["files"] for name in answers.all(path) if name})
    latitude, longitude = _place(answers)
    return Submission(
        instance_id=one.instance_id,
        form=form,
        household=household,
        region_code=household.region_code if household else by.region_code,
        officer=by,
        assignment=assignment,
        received_at=now,
        device_started_at=_moment(answers.first(f"/{answers.root_name}/started")),
        device_ended_at=_moment(answers.first(f"/{answers.root_name}/ended")),
        device_id=(device or answers.first(f"/{answers.root_name}/device"))[:80],
        latitude=latitude,
        longitude=longitude,
        sealed=seal_bytes(one.sent.xml),
        digest=one.digest,
        files_expected=expected[:MOST_FILES],
        state=_State.TO_LOOK_AT if problem else _State.WAITING if expected else _State.RECEIVED,
        problem_zh=problem.zh if problem else "",
        problem_en=problem.en if problem else "",
    )


def _details(made: Submission) -> dict[str, Any]:
    return {"form": made.form.form_id, "household": made.household_id}


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


def _form_of(root: Element, known: dict[tuple[str, str], Form | None]) -> Form:
    """The form of that version; `known` is what was asked for before."""
    form_id, version = asked = root.get("id", ""), root.get("version", "")
    if asked not in known:
        known[asked] = (
            Form.objects.filter(form_id=form_id, version=version, published_at__isnull=False)
            .only("form_id", "title_zh", "takes")
            .first()
        )
    found = known[asked]
    if found is None:
        raise UnknownForm(form=form_id[:64] or "—", version=version[:40] or "—")
    return found


def _households(numbers: set[str], by: Officer) -> dict[str, Household | None]:
    """Number → the household, or the one that it went over into while the cadre was away; None if not the officer's."""
    wanted = {number[:40] for number in numbers if number}
    rows = Household.objects.visible_to(by).filter(number__in=wanted, successor=None).only("number", "region_code")
    there = {row.number: row for row in rows}
    return {number: there.get(number[:40]) or _successor(number[:40], by) for number in numbers}


def _successor(number: str, by: Officer) -> Household | None:
    found = Household.objects.select_related("successor").filter(number=number).first() if number else None
    seen: set[int] = set()
    while found and found.successor_id and found.pk not in seen:
        seen.add(found.pk)
        found = found.successor
    if not seen or found is None or not Household.objects.visible_to(by).filter(pk=found.pk).exists():
        return None
    return found


def _assignments(homes: list[Household], form_ids: set[str], by: Officer) -> dict[tuple[int, str], Assignment]:
    """(household, form) → the open visit of a round that this one makes: the officer's own before anybody's."""
    if not homes:
        return {}
    rows = Assignment.objects.filter(household__in=homes, round__form_id__in=form_ids, done_at=None, excused="")
    rows = rows.annotate(form_of_round=F("round__form_id")).only("household", "officer", "due_on")
    found: dict[tuple[int, str], Assignment] = {}
    for row in sorted(rows, key=lambda row: (row.officer_id != by.pk, row.officer_id is not None, row.due_on, row.pk)):
        found.setdefault((row.household_id, row.form_of_round), row)
    return found


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
