"""One batch from its sealed file into the register: read as a whole, written in pieces, each with its checkpoint.

A worker that is killed leaves whole pieces behind. The next one reads the file again and goes on after the last piece;
should the reading have come out otherwise (the register, with which it is matched, may have changed), it goes over all
pieces again, and what is on record already changes nothing.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import QuerySet

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.queries import who_work_in
from khotail.accounts.roles import Role
from khotail.facts.problems import NoRegister
from khotail.facts.reading.cleaning import cleaner
from khotail.facts.reading.file import Opened, Result, digest_of, read_opened
from khotail.facts.reading.headers import Recognised
from khotail.facts.reading.raw import RawSheet
from khotail.facts.reading.rejects import has_anything_to_return, write_rejects
from khotail.facts.schema import TABLES
from khotail.intake import keeping
from khotail.intake.deciding import decide_as_before
from khotail.intake.left_out import OUTSIDE, UNKNOWN, Kept, left_out
from khotail.intake.linking import Link
from khotail.intake.matching import Candidate
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.intake.preview import linker
from khotail.intake.recognising import must_be_known
from khotail.jobs.models import Job
from khotail.jobs.progress import Progress
from khotail.register.models import Person, Statement
from khotail.register.sealed import seal
from khotail.register.statements import CHUNK_ROWS, state
from khotail.texts import Text
from khotail.trail import chain

#: Rows that were refused because nobody was found for them; a person may know better.
_UNLINKED = frozenset({"id-missing", "id-destroyed", "not-in-register"})
#: of a damaged ID number; the longest sound one has 22
_MOST_SIGNS = 22
_ORDER = {"households": 0, "persons": 1}


@dataclass
class ReadList:
    """One list of the file: what was read, and whom its rows are about."""

    found: Recognised
    sheet: RawSheet
    result: Result
    link: Link | None
    rows: Any  # the clean rows

    def doubtful(self) -> dict[int, list[Candidate]]:
        """Rows that wait for a person, taken out of those that are sent back."""
        if self.link is None:
            return {}
        waiting = {row: self.link.doubtful[row] for row, _, why in self.result.rejected if self._waits(row, why)}
        for row, _, why in self.result.rejected:
            if row in waiting:
                self.result.reading.rejected[why] -= 1
        self.result.rejected = [one for one in self.result.rejected if one[0] not in waiting]
        return waiting

    def send_back_unwritten(self, region_code: str) -> Counter[str]:
        """Put rows that could not be written among those that are sent back; how many of each reason. After the writing."""
        rejected = {row for row, _, _ in self.result.rejected} | set(self.link.doubtful if self.link else ())
        found = [one for one in left_out(self.rows, self.result.tables, region_code) if one[0] not in rejected]
        self.result.rejected = sorted(
            [*self.result.rejected, *((row, self.sheet.row(at), why) for row, at, why in found)]
        )
        return Counter(why for _, _, why in found)

    def _waits(self, row: int, why: str) -> bool:
        return why in _UNLINKED and self.link is not None and row in self.link.doubtful


def read_batch(batch: Batch, path: Path) -> list[ReadList]:
    """All lists of the batch's file, in memory; nothing is written. Raises what the readers raise, UnknownList, ColumnsMissing."""
    lists = []
    digest = digest_of(path)
    with cleaner() as connection:
        for number, (sheet, found) in enumerate(must_be_known(keeping.sheets(path), batch)):
            link = linker(batch, sheet, found)
            if found.source.kind == "department" and not Person.objects.in_region(batch.region_code).exists():
                raise NoRegister(file=batch.file_name)
            opened, kept = Opened(path, sheet, found, digest, number), Kept(link)
            result = read_opened(connection, opened, kept, batch.as_of)
            lists.append(ReadList(found, sheet, result, link, kept.rows))
    return lists


class Import:
    """The work of one job."""

    def __init__(self, job: Job, progress: Progress) -> None:
        self.job = job
        self.progress = progress
        self.batch = Batch.objects.select_related("sent_by").get(pk=job.arguments["batch"])

    def run(self) -> dict[str, Any]:
        if self.job.checkpoint.get("finished"):
            return dict(self.batch.counts)
        Batch.objects.filter(pk=self.batch.pk).update(state=Batch.State.IMPORTING, job=self.job)
        self.progress(0, None, "reading")
        with keeping.opened(self.batch) as path:
            lists = read_batch(self.batch, path)
            self._write(lists)
            return self._finish(lists, path.parent)

    # -- the register ------------------------------------------------------------------------------------------------

    def _write(self, lists: list[ReadList]) -> None:
        tables = list(_tables(lists))
        total = sum(rows.num_rows for _, _, rows in tables)
        fingerprint = _fingerprint(rows for _, _, rows in tables)
        kept = self.job.checkpoint
        same = kept.get("of") == fingerprint
        self.next = kept["next"] if same else 0
        self.passed: Counter[str] = Counter(kept["passed"] if same else {})
        self.added: Counter[str] = Counter(kept.get("added", {}))
        self.progress(self.next, total, "writing")
        at = 0
        for source, name, rows in tables:
            for start in range(0, rows.num_rows, CHUNK_ROWS):
                piece = rows.slice(start, CHUNK_ROWS)
                at += piece.num_rows
                if at > self.next:
                    self._write_piece(source, name, piece, at, fingerprint)
                    self.progress(at, total, "writing")

    def _write_piece(self, source: str, table: str, rows: Any, at: int, fingerprint: str) -> None:
        with transaction.atomic():
            said = state(
                table, rows, as_of=self.batch.as_of, source=source, batch_id=self.batch.pk, by=self.job.asked_by,
                now=self.progress.now(), region_code=self.batch.region_code,
            )  # fmt: skip
            self.passed.update(written=said.rows, outside=said.outside, unknown=said.unknown)
            self.added.update(households_new=said.households_new, persons_new=said.persons_new)
            self.next = at
            self.progress.keep(of=fingerprint, next=at, passed=dict(self.passed), added=dict(self.added))

    # -- what is left ------------------------------------------------------------------------------------------------

    def _finish(self, lists: list[ReadList], scratch: Path) -> dict[str, Any]:
        doubts = [doubt for one in lists for doubt in _doubts(self.batch, one)]
        self.unwritten = sum((one.send_back_unwritten(self.batch.region_code) for one in lists), Counter[str]())
        rejects_path = self._keep_rejects(lists, scratch)
        now = self.progress.now()
        with transaction.atomic():
            DoubtfulMatch.objects.bulk_create(doubts, batch_size=1000, ignore_conflicts=True)
            before = decide_as_before(self.batch, self.job.asked_by, now)
            counts = self._counts(lists, len(doubts)) | {"decided_before": before}
            batch = Batch.objects.select_for_update().get(pk=self.batch.pk)
            batch.counts, batch.rejects_path, batch.state = counts, rejects_path, Batch.State.IMPORTED
            batch.save(update_fields=("counts", "rejects_path", "state"))
            self._tell(counts)
            self.progress.keep(finished=True, next=self.next)
            chain.record(self.job.asked_by, "batch.imported", batch, at=now, job=self.job.pk, **counts)
        return counts

    def _counts(self, lists: list[ReadList], doubtful: int) -> dict[str, int]:
        readings = [one.result.reading for one in lists]
        taken = Statement.objects.filter(batch_id=self.batch.pk).count()
        known = self.passed["written"] - self.passed["outside"] - self.passed["unknown"]
        return {
            "rows": sum(reading.rows for reading in readings),
            "taken": taken,
            "unchanged": max(known - taken, 0),
            "mended": sum(sum(reading.mended.values()) for reading in readings),
            "flagged": sum(sum(reading.flagged.values()) for reading in readings),
            "dropped": sum(sum(reading.dropped.values()) for reading in readings),
            "rejected": sum(len(one.result.rejected) for one in lists),
            "outside": self.unwritten[OUTSIDE],
            "unknown": self.unwritten[UNKNOWN],
            "doubtful": doubtful,
            "matched_by_score": sum(one.link.by_score for one in lists if one.link),
            "households_new": self.added["households_new"],
            "persons_new": self.added["persons_new"],
        }

    def _keep_rejects(self, lists: list[ReadList], scratch: Path) -> str:
        results = [one.result for one in lists if has_anything_to_return(one.result)]
        if not results:
            return ""
        with tempfile.TemporaryDirectory(dir=scratch) as place:
            path = Path(place) / "rejects.xlsx"
            write_rejects(path, *results)
            return keeping.keep_rejects(self.batch, path)

    def _tell(self, counts: dict[str, int]) -> None:
        now, number = self.progress.now(), self.batch.pk
        job = Text(f"导入第 {number} 号批次", f"import of batch {number}")
        for officer in {self.batch.sent_by, self.job.asked_by} - {None}:
            notify(officer, "job-done", address(self.batch), now, job=job)
        if waiting := counts["doubtful"] - counts["decided_before"]:
            notify(self._who_decide(), "matches-new", f"{address(self.batch)}doubtful/", now, count=waiting)

    def _who_decide(self) -> QuerySet[Officer]:
        return who_work_in(self.batch.region_code, Role.OFFICER, Role.ADMINISTRATOR)


def address(batch: Batch) -> str:
    """The page of a batch."""
    return f"/intake/{batch.pk}/"


def _tables(lists: list[ReadList]) -> Iterator[tuple[str, str, Any]]:
    """Source, table and rows in the order in which they are stated; every row's day and source are the batch's."""
    for one in lists:
        for name in sorted(one.result.tables, key=lambda name: _ORDER.get(name, 2)):
            rows = one.result.tables[name]
            yield one.found.source.id, name, rows.drop_columns(["as_of", "source"])


def _fingerprint(tables: Iterator[Any]) -> str:
    """Whether two readings came out the same."""
    digest = hashlib.blake2b(digest_size=16)
    for rows in tables:
        for batch in rows.combine_chunks().to_batches():
            digest.update(batch.schema.to_string().encode())
            digest.update(batch.serialize())
    return digest.hexdigest()


def _doubts(batch: Batch, one: ReadList) -> Iterator[DoubtfulMatch]:
    waiting = one.doubtful()
    if not waiting or one.link is None:
        return
    among = pc.is_in(one.link.rows["_row"], pa.array(list(waiting), pa.int64()))
    for row in one.link.rows.filter(among).to_pylist():
        described = one.link.described[row["_row"]]
        if described.id_number and not row.get("id_number"):
            row["id_written"] = described.id_number[:_MOST_SIGNS]
        for table in one.found.source.tables:
            yield DoubtfulMatch(
                batch=batch, region_code=batch.region_code, source=one.found.source.id,
                sheet=one.link.sheet.name[:60], row_number=row["_row"], table=table,
                values=_stored(row, dict(one.found.source.constants)),
                candidates=[candidate.stored() for candidate in waiting[row["_row"]]], described=described.digest(),
            )  # fmt: skip


def _stored(row: dict[str, Any], constants: dict[str, str]) -> dict[str, Any]:
    """A row as a statement keeps its values; numbers of persons sealed."""
    values = {name: value for name, value in row.items() if not name.startswith("_") and value is not None}
    stored = {}
    for name, value in (constants | values).items():
        text = value.isoformat() if hasattr(value, "isoformat") else value
        stored[name] = seal(text) if name in _PERSONAL else text
    return stored


_PERSONAL = {column.name for table in TABLES.values() for column in table.columns if column.personal} | {"id_written"}
