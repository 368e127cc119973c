"""Facts in one place: fact tables as views in a DuckDB connection.

A folder of facts holds one sub-folder per table and one Parquet file per batch. Facts are never overwritten: a later
batch states the same key again, and the newest statement of each column is what the views show. A table that came in one
batch is read as it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import duckdb

from khotail.facts.merging import held, merged
from khotail.facts.problems import BadMemoryLimit, DamagedFacts, NoFacts, NotAFactColumn, NotAFactTable
from khotail.facts.running import stoppable
from khotail.facts.schema import TABLES, Table
from khotail.facts.sql import quoted

_WORD = re.compile(r"\w+")
_MEMORY_LIMIT = re.compile(r"\d+(\.\d+)? ?([KMGT]i?B)", re.IGNORECASE)


class Facts:
    """Fact tables of one register.

    connection  DuckDB connection in which each table of `tables` is a view or table of that name
    tables      table name → the columns that the data really have (see `khotail.facts.schema`)
    files       table name → its Parquet files, one per batch, where the facts were opened from a folder
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: Mapping[str, frozenset[str]],
        batches: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[Path, ...]] | None = None,
    ) -> None:
        self.connection = connection
        self.tables = dict(tables)
        self.files = dict(files or {})
        self._batches = dict(batches or {})
        self._numbers = itertools.count(1)

    @classmethod
    def open(cls, folder: Path | str, *, memory_limit: str | None = None) -> Self:
        """Open a folder that `khotail import` or `khotail demo` wrote. `memory_limit` is DuckDB's, e.g. `"3GB"`.

        Raises NoFacts if the folder holds no fact table, BadMemoryLimit if the limit cannot be read.
        """
        folder = Path(folder)
        connection = connect(memory_limit)
        tables = {}
        merged_from, files = {}, {}
        for table in TABLES.values():
            batches = sorted((folder / table.name).glob("*.parquet"))
            if batches:
                rows = _rows(batches)
                tables[table.name] = _create_view(connection, table, batches, rows)
                files[table.name] = tuple(batches)
                if len(batches) > 1:
                    merged_from[table.name] = rows
        if "households" not in tables and "villages" not in tables:
            raise NoFacts(folder=folder)
        return cls(connection, tables, merged_from, files)

    @classmethod
    def of(cls, **tables: Any) -> Self:
        """Facts from frames: Arrow tables, pandas or Polars frames, or DuckDB relations, one per table name.

        Columns are cast to the schema's types. Raises NotAFactTable or NotAFactColumn on a name that is not there.
        """
        connection = connect()
        present = {}
        for name, frame in tables.items():
            if name not in TABLES:
                raise NotAFactTable(table=name)
            connection.register("incoming", frame)
            present[name] = _create_table(connection, TABLES[name], "incoming")
            connection.unregister("incoming")
        return cls(connection, present)

    def has(self, table: str, column: str) -> bool:
        return column in self.tables.get(table, frozenset())

    def count(self, table: str, region: str = "") -> int:
        """Rows of `table`, or only those of the villages whose code starts with `region`."""
        if table not in self.tables:
            return 0
        if not region:
            return int(self.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
        inside = "starts_with(region_code, ?)"
        if not self.has(table, "region_code"):
            inside = f"household_id IN (SELECT household_id FROM households WHERE {inside})"
        return int(self.connection.execute(f"SELECT count(*) FROM {table} WHERE {inside}", [region]).fetchall()[0][0])

    @cached_property
    def counties(self) -> frozenset[str]:
        """The first six digits of every region code, superseded ones among them."""
        codes = " UNION ".join(
            f"SELECT DISTINCT left(region_code, 6) FROM {self._batches.get(table, table)}"
            for table in ("households", "villages")
            if self.has(table, "region_code")
        )
        if not codes:
            return frozenset()
        return frozenset(code for (code,) in self.connection.execute(codes).fetchall() if code is not None)

    def merged_once(self, sql: Iterable[str]) -> AbstractContextManager[None]:
        """While this lasts, tables made of several batches are merged once and not in each of the queries `sql`."""
        words = {word for query in sql for word in _WORD.findall(query)}
        read = {name: sorted(self.tables[name] & words) for name in self._batches if name in words}
        return held(self.connection, {name: self._batches[name] for name in read}, read)

    def new_name(self, stem: str) -> str:
        """A table name that nothing in this connection uses yet."""
        return f"{stem}_{next(self._numbers)}"


def connect(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB that does not install or load extensions, and so reaches no network, by itself.

    Raises BadMemoryLimit.
    """
    connection = stoppable(duckdb.connect(":memory:"))
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    if memory_limit:
        if not _MEMORY_LIMIT.fullmatch(memory_limit):
            raise BadMemoryLimit(limit=memory_limit)
        connection.execute(f"SET memory_limit = '{memory_limit}'")
    return connection


def _rows(batches: list[Path]) -> str:
    return f"read_parquet([{', '.join(quoted(batch) for batch in batches)}], union_by_name = true)"


def _create_view(connection: duckdb.DuckDBPyConnection, table: Table, batches: list[Path], rows: str) -> frozenset[str]:
    try:
        present = frozenset(row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall())
    except duckdb.Error as error:
        raise DamagedFacts(folder=batches[0].parent) from error
    columns = [name for name in table.column_names if name in present]
    if not set(table.key) <= present:
        raise DamagedFacts(folder=batches[0].parent)
    query = f"SELECT {', '.join(columns)} FROM {rows}" if len(batches) == 1 else merged(table, columns, rows)
    connection.execute(f"CREATE VIEW {table.name} AS {query}")
    return frozenset(columns)


def _create_table(connection: duckdb.DuckDBPyConnection, table: Table, source: str) -> frozenset[str]:
    names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    for name in names:
        if name not in table.column_names:
            raise NotAFactColumn(table=table.name, column=name)
    columns = ", ".join(f"CAST({name} AS {table.column(name).sql_type}) AS {name}" for name in names)
    connection.execute(f"CREATE TABLE {table.name} AS SELECT {columns} FROM {source}")
    return frozenset(names)
