"""`import_files`: from files to a folder of facts, one Parquet file per list and table.

Each list is a batch, named by its source and content: the same file again changes nothing. A batch appears whole or not
at all; FOLDER/batches.json remembers what was imported, FOLDER/rejects holds what has to go back.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from khotail.facts.lock import sole_writer
from khotail.facts.problems import CannotWrite, NoFacts, NoSpace
from khotail.facts.reading.file import Opened, Result
from khotail.facts.reading.limits import MAX_BYTES
from khotail.facts.reading.linking import Register
from khotail.facts.reading.read import Progress, files_in, read_files
from khotail.facts.reading.rejects import has_anything_to_return, write_rejects
from khotail.facts.reading.report import Reading
from khotail.facts.reading.sources import load_sources
from khotail.facts.store import Facts
from khotail.files import written_whole

_MANIFEST = "batches.json"


def import_files(
    paths: Iterable[Path | str],
    folder: Path | str,
    *,
    register: Facts | None = None,
    sources: Path | str | None = None,
    as_of: date | None = None,
    progress: Progress | None = None,
    max_bytes: int = MAX_BYTES,
) -> list[Reading]:
    """Read files, or folders of them, and write their facts to `folder`.

    register  facts to match department lists with; by default those already in `folder`
    progress  called with the name of the file being read, how many are done, and how many there are
    max_bytes how large a file may be once it is unpacked
    Returns one Reading per list; a file that could not be read has its problem there, the others are imported all the
    same. Raises MissingFile, BadSource, NoSpace, CannotWrite, FolderInUse.
    """
    folder = Path(folder)
    files = files_in(paths)
    known = load_sources(sources)
    manifest = _manifest(folder)
    base = Register.of(register) if register is not None else _register_in(folder)
    readings = []

    def seen(opened: Opened) -> bool:
        entry = manifest.get(opened.batch)
        return entry is not None and all((folder / file).exists() for file in entry.get("files", ["?"]))

    for result in read_files(files, known, base, as_of, progress, skip=seen, max_bytes=max_bytes):
        if result.tables:
            with _disk_problems(folder), sole_writer(folder):
                _write(folder, result)
        readings.append(result.reading)
    if progress:
        progress("", len(files), len(files))
    return readings


def _write(folder: Path, result: Result) -> None:
    """Write one batch: every file under another name first, then all of them in place, the manifest last.

    The manifest is read anew, since another import may have written to it while this one was reading its lists.
    """
    reading = result.reading
    targets = {
        name: folder / name / f"{reading.batch}.parquet" for name, table in result.tables.items() if table.num_rows
    }
    if has_anything_to_return(result):
        reading.rejects = folder / "rejects" / f"{reading.batch}-{reading.as_of:%Y%m%d}.xlsx"
    entry = {
        "file": reading.path.name,
        "sheet": reading.sheet,
        "source": reading.source,
        "as_of": str(reading.as_of),
        "files": [str(target.relative_to(folder)) for target in targets.values()],
        "tables": reading.tables,
        **{name: dict(getattr(reading, name)) for name in ("mended", "flagged", "rejected", "dropped")},
    }
    # What is entered first takes its place last.
    with ExitStack() as stack:
        unfinished = stack.enter_context(written_whole(folder / _MANIFEST))
        if reading.rejects:
            write_rejects(stack.enter_context(written_whole(reading.rejects)), result)
        for name, target in targets.items():
            pq.write_table(result.tables[name], stack.enter_context(written_whole(target)), compression="zstd")
        recorded = json.dumps({**_manifest(folder), reading.batch: entry}, ensure_ascii=False, indent=1)
        unfinished.write_text(recorded + "\n", encoding="utf-8")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        loaded = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _register_in(folder: Path) -> Register:
    try:
        facts = Facts.open(folder)
    except NoFacts:
        return Register.empty()
    with facts.connection:
        return Register.of(facts)


@contextmanager
def _disk_problems(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException, duckdb.IOException) as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            raise NoSpace(folder=folder) from error
        raise CannotWrite(folder=folder, detail=getattr(error, "strerror", None) or str(error)) from error
    except Exception as error:
        # XlsxWriter wraps what goes wrong when it closes the file.
        if "No space left" in str(error):
            raise NoSpace(folder=folder) from error
        raise
