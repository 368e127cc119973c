"""Doubtful rows, decided by people: about whom of the register they are, or about nobody.

What a decision writes is a statement like any other. Taking it back writes another, which says that the row does not
hold; nothing is erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.facts.schema import TABLES
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.intake.problems import AlreadyDecided, NotDecided, NotYours, TooLateToUndo
from khotail.intake.sources import source_of
from khotail.register.known import opened
from khotail.register.models import Person, Statement
from khotail.register.rows import as_table
from khotail.register.statements import WITHDRAWN, state
from khotail.trail import chain

_State = DoubtfulMatch.State
_AT_ONCE = 500


@transaction.atomic
def decide(doubt: DoubtfulMatch, person: Person | None, by: Officer, now: datetime) -> DoubtfulMatch:
    """The row is about this person, and is stated of them at once; or about nobody in the register.

    Raises NotAllowed, NotYours, AlreadyDecided.
    """
    return _decide(doubt, person, by, now, by_hand=False)


@transaction.atomic
def assign(doubt: DoubtfulMatch, person: Person, by: Officer, now: datetime) -> DoubtfulMatch:
    """As `decide`, for somebody whom a person searched for. Raises NotAllowed, NotYours, AlreadyDecided."""
    return _decide(doubt, person, by, now, by_hand=True)


@transaction.atomic
def undo(doubt: DoubtfulMatch, by: Officer, now: datetime) -> DoubtfulMatch:
    """Open the row again, on the day of the decision only; at any time, if it was decided as before. Raises NotAllowed, NotYours, NotDecided, TooLateToUndo."""
    row = _locked(doubt, by)
    if row.state == _State.OPEN:
        raise NotDecided
    day = timezone.localdate(row.decided_at)
    if day != timezone.localdate(now) and row.decided_before_id is None:
        raise TooLateToUndo(day=day)
    before = {"outcome": row.state, "person": row.person_id, "decided_by": row.decided_by_id}
    if row.person is not None:
        _take_back(row, by, now)
    row.state, row.person, row.household, row.decided_by, row.decided_at = _State.OPEN, None, None, None, None
    row.decided_before = None
    row.save()
    chain.record(by, "match.reopened", row, at=now, batch=row.batch_id, row=row.row_number, before=before)
    return row


def decide_as_before(batch: Batch, by: Officer, now: datetime) -> int:
    """Decide rows of a batch as somebody decided before about the same person; returns how many. Within a transaction.

    The decision stays that officer's; `by` is who had the batch imported.
    """
    rows = DoubtfulMatch.objects.filter(batch=batch, state=_State.OPEN).exclude(described="")
    waiting = list(rows.select_related("batch"))
    decided = _decided_before({row.described for row in waiting}, batch.region_code)
    count = 0
    for row in waiting:
        before = decided.get(row.described)
        if before is None:
            continue
        row.state, row.person, row.household = before.state, before.person, before.person and before.person.household
        row.decided_by, row.decided_at, row.decided_before = before.decided_by, now, before
        row.save()
        if row.person is not None:
            _state(row, row.person, by, now)
        chain.record(
            by, "match.decided-before", row, at=now, batch=batch.pk, row=row.row_number, outcome=row.state,
            person=row.person_id, household=row.household_id, before=before.pk, decided_by=before.decided_by_id,
        )  # fmt: skip
        count += 1
    return count


def _decided_before(digests: Iterable[str], region_code: str) -> dict[str, DoubtfulMatch]:
    """Digest of a person → the newest decision about them that holds for a region."""
    found: dict[str, DoubtfulMatch] = {}
    wanted = sorted(digests)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = DoubtfulMatch.objects.filter(described__in=wanted[start : start + _AT_ONCE]).exclude(state=_State.OPEN)
        for row in rows.select_related("person__household", "decided_by").order_by("decided_at", "id"):
            # "Nobody" was said of the region of that list; a person holds wherever they live.
            where = row.person.region_code if row.person else region_code
            said_of = row.region_code if row.person is None else ""
            if where.startswith(region_code) and region_code.startswith(said_of):
                found[row.described] = row
    return found


def _decide(doubt: DoubtfulMatch, person: Person | None, by: Officer, now: datetime, *, by_hand: bool) -> DoubtfulMatch:
    row = _locked(doubt, by)
    if row.state != _State.OPEN:
        raise _already(row)
    if person is not None:
        visible = Person.objects.visible_to(by).in_region(row.region_code).select_related("household")
        person = visible.filter(pk=person.pk).first()
        if person is None:
            raise NotYours
        row.person, row.household = person, person.household
    row.state = _State.MATCHED if person else _State.NOBODY
    row.decided_by, row.decided_at = by, now
    row.save()
    if person is not None:
        _state(row, person, by, now)
    scores = [one["score"] for one in row.candidates if person and one["person"] == person.pk]
    chain.record(
        by, "match.decided", row, at=now, batch=row.batch_id, row=row.row_number, outcome=row.state,
        person=row.person_id, household=row.household_id, score=scores[0] if scores else None, by_hand=by_hand,
    )  # fmt: skip
    return row


def _locked(doubt: DoubtfulMatch, by: Officer) -> DoubtfulMatch:
    if not by.may(May.DECIDE_MATCHES):
        raise NotAllowed
    rows = DoubtfulMatch.objects.visible_to(by).select_for_update(of=("self",))
    row = rows.select_related("batch", "person", "household", "decided_by").filter(pk=doubt.pk).first()
    if row is None:
        raise NotYours
    return row


def _already(row: DoubtfulMatch) -> AlreadyDecided:
    nobody = row.person is None
    who = row.decided_by.full_name if row.decided_by else ""
    return AlreadyDecided(
        who=who, at=f"{timezone.localtime(row.decided_at):%Y-%m-%d %H:%M}",
        what_zh="登记库中无此人" if nobody else f"{row.person.name}，户 {row.household.number}",
        what_en="nobody in the register" if nobody else f"{row.person.name}, household {row.household.number}",
    )  # fmt: skip


def _state(row: DoubtfulMatch, person: Person, by: Officer, now: datetime) -> None:
    values = _values(row, person)
    source = source_of(row.source)
    earlier = _latest(row, person, values)
    taken_back = earlier is not None and earlier.source == WITHDRAWN
    if earlier is not None and not taken_back and earlier.batch_id == row.batch_id and source and source.adds_up:
        _add_up(row.table, values, earlier)
    _say(row, values, row.source, by, now, f"{row.pk}:{now.isoformat()}" if taken_back else "")


def _take_back(row: DoubtfulMatch, by: Officer, now: datetime) -> None:
    """What was known before this row holds again; nothing, if nothing was."""
    assert row.person is not None
    values = _values(row, row.person)
    said = list(_of_key(row, row.person, values))
    mine = next((one for one in said if one.batch_id == row.batch_id and one.recorded_at == row.decided_at), None)
    if mine is None or said[0] != mine:
        return  # it was known already, or something newer says so
    before = said[1] if len(said) > 1 else None
    if before is None or before.source == WITHDRAWN:
        schema = TABLES[row.table]
        key = {name: values[name] for name in ("household_id", *schema.key) if values.get(name) is not None}
        _say(row, key, WITHDRAWN, by, now, f"{row.pk}:{now.isoformat()}")
    else:
        again = {name: opened(value) for name, value in before.values.items()}
        _say(row, _whole(row, row.person, again), before.source, by, now, f"{row.pk}:{now.isoformat()}")


def _values(row: DoubtfulMatch, person: Person) -> dict[str, Any]:
    return _whole(row, person, {name: opened(value) for name, value in row.values.items()})


def _whole(row: DoubtfulMatch, person: Person, values: dict[str, Any]) -> dict[str, Any]:
    """The row's facts with the numbers of household and person, as the schema has them."""
    schema = TABLES[row.table]
    whole = {name: value for name, value in values.items() if name in schema.column_names}
    whole["household_id"] = person.household.number
    if "person_id" in schema.column_names:
        whole["person_id"] = person.number
    for column in schema.columns:
        if column.kind == "date" and isinstance(whole.get(column.name), str):
            whole[column.name] = datetime.fromisoformat(whole[column.name]).date()
    return whole


def _of_key(row: DoubtfulMatch, person: Person, values: dict[str, Any]) -> list[Statement]:
    """Statements about the same subject and key, newest first."""
    schema = TABLES[row.table]
    said = Statement.objects.filter(household=person.household, table=row.table)
    if "person_id" in schema.column_names:
        said = said.filter(person=person)
    key = [str(values.get(name) or "") for name in schema.key if name not in ("household_id", "person_id")]
    return [one for one in said.order_by("-as_of", "-recorded_at", "-id") if one.key == "|".join(key)[:120]]


def _latest(row: DoubtfulMatch, person: Person, values: dict[str, Any]) -> Statement | None:
    return next(iter(_of_key(row, person, values)), None)


def _add_up(table: str, values: dict[str, Any], earlier: Statement) -> None:
    """Several amounts of one key are one sum (two bills of a day), as they are within a list."""
    for column in TABLES[table].columns:
        if column.kind == "number" and isinstance(earlier.values.get(column.name), (int, float)):
            values[column.name] = (values.get(column.name) or 0) + earlier.values[column.name]


def _say(row: DoubtfulMatch, values: dict[str, Any], source: str, by: Officer, now: datetime, occasion: str) -> None:
    state(
        row.table, as_table(row.table, [values]), as_of=row.batch.as_of, source=source, batch_id=row.batch_id, by=by,
        now=now, region_code=row.region_code, occasion=occasion,
    )  # fmt: skip
