"""The register as a folder of facts for the engine, kept up with it piece by piece (docs/decisions/0013-snapshots.md).

Households are kept in blocks by primary key; each table has one encrypted Parquet file per block. A refresh makes the rows
of those households anew of which something was stated since the last one, and writes the files of their blocks. What is
current is said by `current.json`, which is replaced last: a refresh that is cut off goes on where it stopped, and a run
that reads meanwhile keeps the files that it began with.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection
from django.db.models import Max, Min

from khotail.facts.lock import sole_writer
from khotail.facts.schema import TABLES
from khotail.facts.store import Facts, connect
from khotail.files import written_whole
from khotail.register.bulk import rows_with
from khotail.register.models import Household, Person, Statement
from khotail.screening.keeping import kept, read
from khotail.screening.problems import NothingStated
from khotail.screening.rows import GONE_ON, Range, arrow_schema, household_rows, village_rows

#: Households of one block: what is held in memory at a time.
BLOCK = 25_000
#: Columns that the register keeps itself, even where nobody is monitored yet; of others, only what somebody stated is there.
_ALWAYS: dict[str, tuple[str, ...]] = {
    "households": (
        "household_type", "monitored_type", "risk_resolved", "stated_size", "household_phone",
        "net_income_cny_per_capita",
    ),
    "persons": ("name", "id_number", "sex", "birth_date", "relation", "has_left"),
}  # fmt: skip
_FORMAT = 1
_VILLAGES = "villages"
#: A run may still read the files that a refresh replaced; they are removed by the refreshes after this many.
_KEPT_BEFORE = 3
_WAIT_SECONDS = 1800.0

#: Called with how many blocks are done, how many there are, and what is done.
Tell = Callable[[int, int, str], None]


@dataclass
class Manifest:
    """What a snapshot holds.

    statement  last statement that it takes in
    ended      households that had ended
    files      table → block → {name, columns with any value}
    before     names of files that earlier snapshots had, newest list first
    """

    statement: int = 0
    ended: list[int] = field(default_factory=list)
    files: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    before: list[list[str]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)  # blocks, while it is being made
    begun_from: list[int] = field(default_factory=list)  # `start` of the snapshot before
    format: int = _FORMAT

    def start(self) -> list[int]:
        """What a refresh that begins here would be known by."""
        return [self.statement, len(self.ended)]

    def names(self) -> set[str]:
        return {file["name"] for blocks in self.files.values() for file in blocks.values()}


def folder() -> Path:
    """Where the snapshot lies."""
    return Path(settings.KHOTAIL_HOME) / "facts"


def refresh(tell: Tell = lambda done, total, stage: None) -> Path:
    """Bring the snapshot up to what the register holds now, and give its folder. Raises FolderInUse.

    It covers the whole installation: a run narrows it to its region. Open it with `facts()`.
    """
    place = folder()
    with sole_writer(place, _WAIT_SECONDS):
        while _Refresh(place, tell).run():
            pass  # a refresh that was resumed took in what was known when it began
    return place


def facts(memory_limit: str | None = None) -> Facts:
    """The snapshot's tables for the engine. Raises NothingStated if there is none yet."""
    place = folder()
    manifest = _manifest(place / "current.json")
    if manifest is None:
        raise NothingStated
    link = connect(memory_limit)
    for name, blocks in manifest.files.items():
        if blocks:
            link.register(name, read([place / file["name"] for file in blocks.values()], arrow_schema(TABLES[name])))
    tables = columns()
    if "households" not in tables:
        raise NothingStated
    return Facts(link, tables)


def columns() -> dict[str, frozenset[str]]:
    """The tables of the snapshot, and of each the columns that somebody stated; empty if there is no snapshot."""
    manifest = _manifest(folder() / "current.json") or Manifest()
    return {
        name: frozenset({
            *(column for file in blocks.values() for column in file["columns"]), *TABLES[name].key,
            *_ALWAYS.get(name, ()),
        })
        for name, blocks in manifest.files.items() if blocks
    }  # fmt: skip


class _Refresh:
    """One refresh: from what the last one took in to what the register holds now."""

    def __init__(self, place: Path, tell: Tell) -> None:
        self.place = place
        self.tell = tell
        self.last = _manifest(place / "current.json") or Manifest()

    def run(self) -> bool:
        """Whether there was anything to do."""
        statement = Statement.objects.aggregate(last=Max("id"))["last"] or 0
        ended = list(Household.objects.filter(ended_on__isnull=False).order_by("pk").values_list("pk", flat=True))
        if (statement, ended) == (self.last.statement, self.last.ended):
            return False
        made = self._begun() or Manifest(
            statement,
            ended,
            {table: dict(blocks) for table, blocks in self.last.files.items()},
            begun_from=self.last.start(),
        )
        work = self._everything() if not self.last.files else self._touched(made)
        total = len(work)
        for count, (block, chosen) in enumerate(sorted(work.items())):
            self.tell(count, total, "snapshot")
            if block not in made.done:
                self._write_block(made, block, chosen)
                made.done.append(block)
                _write(self.place / "unfinished.json", made)
        self._write_villages(made)
        self.tell(total, total, "snapshot")
        self._finish(made)
        return True

    def _begun(self) -> Manifest | None:
        """What an earlier refresh from the same start was cut off in."""
        begun = _manifest(self.place / "unfinished.json")
        return begun if begun and begun.begun_from == self.last.start() else None

    def _everything(self) -> dict[int, dict[str, Any]]:
        ends = Household.objects.aggregate(first=Min("pk"), last=Max("pk"))
        if ends["last"] is None:
            return {}
        tables = [name for name in TABLES if name != _VILLAGES]
        return {
            block: dict.fromkeys(tables, Range(block * BLOCK, (block + 1) * BLOCK))
            for block in range(ends["first"] // BLOCK, ends["last"] // BLOCK + 1)
        }

    def _touched(self, made: Manifest) -> dict[int, dict[str, Any]]:
        """Block → table → households of which something is stated since the last refresh, or that ended since."""
        touched: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT DISTINCT "table", household_id FROM register_statement '
                "WHERE id > %s AND id <= %s AND household_id IS NOT NULL",
                [self.last.statement, made.statement],
            )
            for table, pk in cursor.fetchall():
                touched[pk // BLOCK][table].add(pk)
        went_on = "AND leaving IN (%s, %s)"
        of_people = {pk for tables in touched.values() for pk in tables.get("persons", ())}
        for (pk,) in rows_with(Person, ["household_id"], "household_id", of_people, went_on, *GONE_ON):
            for table in self.last.files:
                if "person_id" in TABLES[table].column_names:  # what is known of them is shown elsewhere now
                    touched[pk // BLOCK][table].add(pk)
        for pk in set(made.ended) - set(self.last.ended):  # an end need not come with a statement
            for table in self.last.files:
                if table != _VILLAGES:
                    touched[pk // BLOCK][table].add(pk)
        return touched

    def _write_block(self, made: Manifest, block: int, chosen: dict[str, Any]) -> None:
        rows = household_rows(chosen)
        for table, fresh in rows.items():
            old = made.files.get(table, {}).get(str(block))
            ids = chosen[table]
            if old and not isinstance(ids, Range):
                numbers = pa.array([number for (number,) in _numbers(ids)], pa.string())
                fresh = pa.concat_tables([self._without(table, old, numbers), fresh])
            if fresh.num_rows:
                made.files.setdefault(table, {})[str(block)] = self._file(table, block, fresh)
            elif old:
                del made.files[table][str(block)]

    def _without(self, table: str, file: dict[str, Any], numbers: pa.Array) -> pa.Table:
        """The rows of a file but for those of some households."""
        kept_rows = ~pc.field("household_id").isin(numbers)
        return read([self.place / file["name"]], arrow_schema(TABLES[table])).to_table(filter=kept_rows)

    def _write_villages(self, made: Manifest) -> None:
        known = Statement.objects.filter(household=None, table=_VILLAGES, id__gt=self.last.statement)
        if known.exists():
            rows = village_rows()
            if rows.num_rows:
                made.files[_VILLAGES] = {"0": self._file(_VILLAGES, 0, rows)}

    def _file(self, table: str, block: int, rows: pa.Table) -> dict[str, Any]:
        name = f"{table}/{block:05d}-{secrets.token_hex(4)}.parquet"
        with kept(self.place / name, rows.schema) as writer:
            writer.write_table(rows)
        present = [column for column in rows.column_names if rows[column].null_count < rows.num_rows]
        return {"name": name, "columns": present}

    def _finish(self, made: Manifest) -> None:
        """Let the new files be current, and remove those that no run can be reading any more."""
        replaced = sorted(self.last.names() - made.names())
        made.before, made.done = [replaced, *self.last.before][:_KEPT_BEFORE], []
        _write(self.place / "current.json", made)
        (self.place / "unfinished.json").unlink(missing_ok=True)
        wanted = made.names() | {name for names in made.before for name in names}
        for path in self.place.glob("*/*.parquet"):
            if str(path.relative_to(self.place)) not in wanted:
                path.unlink(missing_ok=True)


def _numbers(ids: Any) -> list[tuple[Any, ...]]:
    return rows_with(Household, ["number"], "id", ids)


def _manifest(path: Path) -> Manifest | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**said)
    except (OSError, ValueError, TypeError):
        return None
    return manifest if manifest.format == _FORMAT else None


def _write(path: Path, manifest: Manifest) -> None:
    with written_whole(path) as unfinished:
        unfinished.write_text(json.dumps(asdict(manifest)), encoding="utf-8")
