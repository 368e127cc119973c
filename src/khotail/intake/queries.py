"""Reads of files that came in and of rows that wait for a decision. A row's personal numbers are masked here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from khotail.accounts.models import Officer
from khotail.accounts.roles import May, Role
from khotail.facts.identity import masked
from khotail.facts.schema import TABLES
from khotail.intake import keeping
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.intake.sources import source_of
from khotail.register.models import Person
from khotail.register.sealed import opened
from khotail.texts import Text

LOST = "□"
_ID_WRITTEN = Text("证件号码（有残缺）", "ID number (damaged)")


def batches(officer: Officer, state: str = "", source: str = "") -> QuerySet[Batch]:
    """Files of the officer's region, newest first; a department's officer sees those that the department sent."""
    rows = Batch.objects.visible_to(officer).select_related("sent_by", "job")
    if not (officer.may(May.SEND_FILES) or officer.may(May.DECIDE_MATCHES)):
        return rows.none()
    if officer.role == Role.DEPARTMENT_OFFICER:
        same = Q(sent_by__department=officer.department) & ~Q(sent_by__department="")
        rows = rows.filter(Q(sent_by=officer) | (same & Q(sent_by__role=Role.DEPARTMENT_OFFICER)))
    if state:
        rows = rows.filter(state=state)
    if source:
        rows = rows.filter(source=source)
    return rows.annotate(
        open_doubts=Count("doubtful", filter=Q(doubtful__state=DoubtfulMatch.State.OPEN))
    ).order_by("-id")  # fmt: skip


def batch(officer: Officer, id: int) -> Batch:
    """Raises Http404 where the officer may not see it."""
    return get_object_or_404(batches(officer), pk=id)


def doubtful(
    officer: Officer, batch: Batch | None = None, state: str = DoubtfulMatch.State.OPEN
) -> QuerySet[DoubtfulMatch]:
    """Rows that wait for a decision, oldest batch first; with state "" all of them."""
    rows = DoubtfulMatch.objects.visible_to(officer).select_related(
        "batch", "person", "household", "decided_by", "decided_before__batch"
    )  # fmt: skip
    if not officer.may(May.DECIDE_MATCHES):
        return rows.none()
    if batch is not None:
        rows = rows.filter(batch=batch)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("batch_id", "row_number", "id")


@dataclass(frozen=True)
class Choice:
    """A person whom the row may be about. `agrees` and `differs` name fields: name, birth_date, id_number, village, sex."""

    person: Person
    score: float
    agrees: list[str]
    differs: list[str]
    differs_at: tuple[int, ...] = ()  # positions of the ID number, from 1, that can be read and differ

    @property
    def masked_id(self) -> str:
        return masked(self.person.id_number)


@dataclass
class Doubt:
    """A row with what it says (name of the column, value as shown) and the people whom it may be about, best first."""

    row: DoubtfulMatch
    source_name: Text
    says: list[tuple[Text, str]] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)


def doubt(officer: Officer, id: int) -> Doubt:
    """Raises Http404 where the officer may not see it."""
    row = get_object_or_404(doubtful(officer, state=""), pk=id)
    source = source_of(row.source)
    shown = Doubt(row, source.name if source else Text(row.source, row.source), _says(row))
    written = opened(row.values.get("id_number") or row.values.get("id_written") or "")
    people = Person.objects.visible_to(officer).select_related("household")
    found = people.in_bulk([one["person"] for one in row.candidates])
    shown.choices = [
        Choice(person, one["score"], one["agrees"], one["differs"], _differs_at(written, person.id_number))
        for one in row.candidates if (person := found.get(one["person"]))
    ]  # fmt: skip
    return shown


def rejects(batch: Batch) -> bytes:
    """The workbook of rows that were refused, with the reasons. Raises FileGone, also where there is none."""
    return keeping.content(batch, batch.rejects_path or "none")


def _says(row: DoubtfulMatch) -> list[tuple[Text, str]]:
    names: dict[str, Any] = {}
    for table in (row.table, "persons", "households"):
        for column in TABLES[table].columns:
            names.setdefault(column.name, column)
    says = []
    for name, value in row.values.items():
        if name == "id_written":
            says.append((_ID_WRITTEN, damaged(opened(value))))
        elif name in names and value not in (None, ""):
            says.append((Text(names[name].zh, names[name].en), _shown(value)))
    return says


def damaged(written: str) -> str:
    """A damaged ID number as it is shown: masked like any other, with □ for each sign that cannot be read."""
    return "".join(LOST if sign == "*" else shown for sign, shown in zip(written, masked(written), strict=True))


def _differs_at(written: str, registered: str) -> tuple[int, ...]:
    """Positions from 1; none where the numbers are not of one length."""
    if len(written) != 18 or len(registered) < 18:
        return ()
    pairs = enumerate(zip(written, registered[:18], strict=True), 1)
    return tuple(at for at, (mine, theirs) in pairs if mine not in ("*", theirs))


def _shown(value: Any) -> str:
    if (clear := opened(value)) is not value:
        return masked(clear)
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:g}" if isinstance(value, float) else str(value)
