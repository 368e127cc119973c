"""`read`: any known files into facts in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from khotail.facts.merging import MERGED_BY_COLUMN
from khotail.facts.problems import MissingFile
from khotail.facts.reading.cleaning import cleaner
from khotail.facts.reading.file import Opened, Result, open_file, read_opened
from khotail.facts.reading.limits import MAX_BYTES
from khotail.facts.reading.linking import Register
from khotail.facts.reading.report import Reading
from khotail.facts.reading.sources import Source, load_sources
from khotail.facts.schema import TABLES
from khotail.facts.store import Facts, connect
from khotail.problems import Problem

#: called with the file's name, how many files are done, and how many there are
Progress = Callable[[str, int, int], None]

_SUFFIXES = (".xlsx", ".xls", ".xlsm", ".csv", ".tsv", ".txt", ".parquet")


class ReadFacts(Facts):
    """Facts that were read from files. `reading` tells what happened to each list."""

    reading: list[Reading]


def read(
    *paths: Path | str,
    sources: Path | str | None = None,
    register: Facts | None = None,
    as_of: date | None = None,
    max_bytes: int = MAX_BYTES,
) -> ReadFacts:
    """Read workbooks, CSV and Parquet files, or folders of them, into facts in memory.

    sources   a folder with mappings of one's own
    register  facts to match department lists with, besides the registers among `paths`
    as_of     the day the files hold for; by default each file's own title, name or date says it
    max_bytes how large a file may be once it is unpacked
    Raises a problem of `khotail.facts.problems` for the first file that cannot be read.
    """
    known = load_sources(sources)
    base = Register.of(register) if register is not None else Register.empty()
    results = []
    for result in read_files(files_in(paths), known, base, as_of, max_bytes=max_bytes):
        if result.reading.problem is not None:
            raise result.reading.problem
        results.append(result)
    with connect() as connection:
        tables = _merged(connection, results)
    facts = ReadFacts.of(**tables)
    facts.reading = [result.reading for result in results]
    return facts


def files_in(paths: Iterable[Path | str]) -> list[Path]:
    """The files themselves, and those with a known suffix in folders. Raises MissingFile."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = (
                one
                for one in path.rglob("*")
                if one.suffix.lower() in _SUFFIXES and not one.name.startswith(("~$", "."))
            )
            files += sorted(inside)
        elif path.exists():
            files.append(path)
        else:
            raise MissingFile(file=path)
    return files


def read_files(
    files: Sequence[Path],
    sources: Sequence[Source],
    register: Register,
    as_of: date | None = None,
    progress: Progress | None = None,
    skip: Callable[[Opened], bool] = lambda opened: False,
    max_bytes: int = MAX_BYTES,
) -> Iterable[Result]:
    """Every list of the files, registers before the department lists that are matched with them.

    A file that cannot be read gives a result with `reading.problem`. `skip` says which lists need not be read,
    `max_bytes` how large a file may be once it is unpacked.
    """
    waiting: list[Opened] = []
    connection = cleaner()
    for number, path in enumerate(files):
        if progress:
            progress(path.name, number, len(files))
        try:
            opened = open_file(path, sources, max_bytes)
        except Problem as problem:
            yield Result(Reading(path, problem=problem))
            continue
        # Households and persons of a workbook go before its work records, which take person numbers from them.
        for one in sorted(opened, key=lambda one: "persons" not in one.found.source.tables):
            needs_register = one.found.source.kind == "department" or "work_records" in one.found.source.tables
            if needs_register and not skip(one):
                waiting.append(one)
                continue
            result = _result(connection, one, register, as_of, skip)
            register = register.joined(result.tables)
            yield result
    for one in waiting:
        yield _result(connection, one, register, as_of, skip)


def _result(
    connection: duckdb.DuckDBPyConnection,
    opened: Opened,
    register: Register,
    as_of: date | None,
    skip: Callable[[Opened], bool],
) -> Result:
    reading = Reading(
        opened.path,
        opened.batch,
        opened.found.source.id,
        opened.found.source.name,
        opened.sheet.name,
        already_imported=True,
    )
    if skip(opened):
        return Result(reading)
    try:
        return read_opened(connection, opened, register, as_of)
    except Problem as problem:
        reading.already_imported, reading.problem = False, problem
        return Result(reading)


def _merged(connection: duckdb.DuckDBPyConnection, results: Sequence[Result]) -> dict[str, Any]:
    """One Arrow table per fact table. Of several statements about one key the newest counts, column by column for
    households, persons and villages, which lists describe from different sides."""
    tables = {}
    for name, table in TABLES.items():
        parts = [result.tables[name] for result in results if name in result.tables]
        if not parts:
            continue
        if len(parts) == 1:
            tables[name] = parts[0]
            continue
        for number, part in enumerate(parts):
            connection.register(f"part_{number}", part)
        union = " UNION ALL BY NAME ".join(
            f"SELECT *, {number} AS part FROM part_{number}" for number in range(len(parts))
        )
        present = {column for part in parts for column in part.column_names}
        columns = [column for column in table.column_names if column in present]
        key = [column for column in table.key if column in present]
        if name in MERGED_BY_COLUMN:
            values = ", ".join(
                f"arg_max({column}, (as_of, -part)) AS {column}" for column in columns if column not in key
            )
            query = f"SELECT {', '.join(key)}, {values} FROM ({union}) GROUP BY {', '.join(key)}"
        else:
            newest = f"row_number() OVER (PARTITION BY {', '.join(key)} ORDER BY as_of DESC, part)"
            query = f"SELECT {', '.join(columns)} FROM ({union}) QUALIFY {newest} = 1"
        tables[name] = connection.sql(query).to_arrow_table()
    return tables
