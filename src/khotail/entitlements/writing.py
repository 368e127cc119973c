"""Write a run's difference, in chunks of one transaction each: what lasts is not touched, what is missed opens and closes by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from khotail.entitlements.comparing import Difference
from khotail.entitlements.models import Ending, Entitlement, EntitlementRun, Missed
from khotail.register.bulk import execute_for, insert, rows_with, stored, update
from khotail.register.models import Household, Person
from khotail.screening.comparing import sealed_values

#: Rows that are written in one transaction.
CHUNK = 5_000
_COLUMNS = (
    "household_id", "person_id", "region_code", "programme_id", "level", "subject", "state", "amount_cny", "received",
    "received_cny", "missed", "values", "digest", "since", "judged_on", "ending", "first_run_id",
)  # fmt: skip
#: Tables that follow a household to the village where it lives now, and the condition on their rows.
_FOLLOWING = (
    ("entitlements_entitlement", "ended_on IS NULL AND"),
    ("entitlements_missed", "closed_on IS NULL AND"),
    ("entitlements_dependence", ""),
)

Progress = Callable[[int, int, str], None]


def follow_moves() -> None:
    """Let open rows follow households that moved to another village."""
    with connection.cursor() as cursor:
        for table, condition in _FOLLOWING:
            now_in = f"(SELECT h.region_code FROM register_household h WHERE h.id = {table}.household_id)"
            cursor.execute(f"UPDATE {table} SET region_code = {now_in} WHERE {condition} region_code <> {now_in}")


def write_difference(
    made: EntitlementRun, found: Difference, now: datetime, progress: Progress = lambda done, total, stage: None
) -> int:
    """Write what is gone, doubtful, changed and new; returns how many rows got other values."""
    counts = {table: found.count(table) for table in ("gone", "doubted", "changed", "fresh")}
    total, done = sum(counts.values()), 0
    for table, write in (("gone", _end), ("doubted", _doubt), ("changed", _change), ("fresh", _add)):
        for rows in found.chunks(table, CHUNK):
            with transaction.atomic():
                write(made, rows, now)
            done += len(rows)
            progress(done, total, "writing")
    return counts["changed"] + counts["doubted"]


def _end(made: EntitlementRun, rows: list[tuple[Any, ...]], now: datetime) -> None:
    for ending in dict.fromkeys(row[1] for row in rows):
        ids = [pk for pk, why, _was_missed in rows if why == ending]
        execute_for(
            "UPDATE entitlements_entitlement SET ended_on = %s, last_run_id = %s, ending = %s, missed = %s "
            "WHERE ended_on IS NULL AND id {inside}",
            ids, stored(Entitlement, "ended_on", made.as_of), made.pk, ending, False,
        )  # fmt: skip
        _close(made, [pk for pk, why, was_missed in rows if why == ending and was_missed], ending)


def _doubt(made: EntitlementRun, rows: list[tuple[Any, ...]], now: datetime) -> None:
    """Amount, reasons and what is missed stay as they were last known."""
    execute_for(
        "UPDATE entitlements_entitlement SET state = %s, judged_on = %s, digest = '' WHERE id {inside}",
        [pk for (pk,) in rows], Entitlement.State.UNKNOWN.value, stored(Entitlement, "judged_on", made.as_of),
    )  # fmt: skip


def _change(made: EntitlementRun, rows: list[tuple[Any, ...]], now: datetime) -> None:
    """Other values, the same `since`: it is still the same entitlement."""
    on = stored(Entitlement, "judged_on", made.as_of)
    changes, received, over, now_missed, still_missed = {}, [], [], [], []
    for (
        pk,
        _level,
        _programme,
        _subject,
        _number,
        _person,
        region,
        state,
        amount,
        got,
        paid,
        missed,
        values,
        digest,
        was,
    ) in rows:
        changes[pk] = {
            "region_code": region, "state": state, "amount_cny": _money(amount), "received": got, "received_cny": _money(paid),
            "missed": missed, "values": sealed_values(values), "digest": digest, "judged_on": on,
        }  # fmt: skip
        if was and not missed:
            (received if got else over).append(pk)
        elif missed:
            (still_missed if was else now_missed).append(pk)
    update(Entitlement, changes)
    _close(made, received, Ending.RECEIVED)
    _close(made, over, Ending.NO_LONGER)
    execute_for(
        "UPDATE entitlements_missed SET amount_cny = (SELECT coalesce(e.amount_cny, 0) FROM entitlements_entitlement e "
        "WHERE e.id = entitlements_missed.entitlement_id) WHERE closed_on IS NULL AND entitlement_id {inside}",
        still_missed,
    )
    _open(made, now, "e.id {inside}", now_missed)


def _add(made: EntitlementRun, rows: list[tuple[Any, ...]], now: datetime) -> None:
    numbers = {row[3] for row in rows}
    homes = {number: pk for pk, number in rows_with(Household, ["id", "number"], "number", numbers)}
    of_people = {homes[row[3]] for row in rows if row[4] is not None and row[3] in homes}
    people = {
        (home, number): pk
        for pk, home, number in rows_with(Person, ["id", "household_id", "number"], "household_id", of_people)
    }
    on = stored(Entitlement, "since", made.as_of)
    insert(Entitlement, _COLUMNS, [
        (homes[number], people.get((homes[number], person)), region, programme, level, subject, state, _money(amount), got,
         _money(paid), missed, sealed_values(values), digest, on, on, "", made.pk)
        for level, programme, subject, number, person, region, state, amount, got, paid, missed, values, digest in rows
        if number in homes
    ])  # fmt: skip
    missing = {homes[row[3]] for row in rows if row[10] and row[3] in homes}
    _open(made, now, f"e.first_run_id = {made.pk} AND e.household_id {{inside}}", missing)


def _open(made: EntitlementRun, now: datetime, chosen: str, values: Any) -> None:
    """A line of the work list for each chosen entitlement that is missed and has none."""
    execute_for(
        "INSERT INTO entitlements_missed (entitlement_id, household_id, region_code, programme_id, amount_cny, since, state, "
        "reason, changed_at, closing, first_run_id) SELECT e.id, e.household_id, e.region_code, e.programme_id, coalesce(e.amount_cny, 0), "
        "%s, 'open', '', %s, '', %s FROM entitlements_entitlement e WHERE e.missed AND e.ended_on IS NULL AND NOT EXISTS ("
        "SELECT 1 FROM entitlements_missed m WHERE m.entitlement_id = e.id AND m.closed_on IS NULL) AND " + chosen,
        values, stored(Missed, "since", made.as_of), stored(Missed, "changed_at", now), made.pk,
    )  # fmt: skip


def _close(made: EntitlementRun, entitlements: list[int], closing: str) -> None:
    execute_for(
        "UPDATE entitlements_missed SET closed_on = %s, closing = %s, closed_run_id = %s "
        "WHERE closed_on IS NULL AND entitlement_id {inside}",
        entitlements, stored(Missed, "closed_on", made.as_of), str(closing), made.pk,
    )  # fmt: skip


def _money(amount: Any) -> str | None:
    """An amount as both databases take it."""
    return None if amount is None else str(amount)
