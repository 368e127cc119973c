"""Facts in one place: fact tables as views in a DuckDB connection.

A folder of facts holds one sub-folder per table and one Parquet file per batch. Facts are never overwritten: a later
batch states the same key again, and the newest statement of each column is what the views show. A table that came in one
batch is read as it is.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import duckdb

from khotail.facts.problems import BadMemoryLimit, DamagedFacts, NoFacts, NotAFactColumn, NotAFactTable
from khotail.facts.schema import TABLES, Table
from khotail.facts.sql import quoted

#: Tables whose rows describe a lasting subject, so that batches complete one another column by column.
MERGED_BY_COLUMN = frozenset({"households", "persons", "villages"})


_MEMORY_LIMIT = re.compile(r"\d+(\.\d+)? ?([KMGT]i?B)", re.IGNORECASE)


class Facts:
    """Fact tables of one register.

    connection  DuckDB connection in which each table of `tables` is a view or table of that name
    tables      table name → the columns that the data really have (see `khotail.facts.schema`)
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Mapping[str, frozenset[str]]) -> None:
        self.connection = connection
        self.tables = dict(tables)
        self._numbers = itertools.count(1)

    @classmethod
    def open(cls, folder: Path | str, *, memory_limit: str | None = None) -> Self:
        """Open a folder that `khotail import` or `khotail demo` wrote. `memory_limit` is DuckDB's, e.g. `"3GB"`.

        Raises NoFacts if the folder holds no fact table, BadMemoryLimit if the limit cannot be read.
        """
        folder = Path(folder)
        connection = connect(memory_limit)
        tables = {}
        for table in TABLES.values():
            batches = sorted((folder / table.name).glob("*.parquet"))
            if batches:
                tables[table.name] = _create_view(connection, table, batches)
        if "households" not in tables and "villages" not in tables:
            raise NoFacts(folder=folder)
        return cls(connection, tables)

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

    def new_name(self, stem: str) -> str:
        """A table name that nothing in this connection uses yet."""
        return f"{stem}_{next(self._numbers)}"


def connect(memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """A private in-memory DuckDB that does not install or load extensions, and so reaches no network, by itself.

    Raises BadMemoryLimit.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    if memory_limit:
        if not _MEMORY_LIMIT.fullmatch(memory_limit):
            raise BadMemoryLimit(limit=memory_limit)
        connection.execute(f"SET memory_limit = '{memory_limit}'")
    return connection


def _create_view(connection: duckdb.DuckDBPyConnection, table: Table, batches: list[Path]) -> frozenset[str]:
    files = ", ".join(quoted(batch) for batch in batches)
    rows = f"read_parquet([{files}], union_by_name = true)"
    try:
        present = frozenset(row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall())
    except duckdb.Error as error:
        raise DamagedFacts(folder=batches[0].parent) from error
    columns = [name for name in table.column_names if name in present]
    if not set(table.key) <= present:
        raise DamagedFacts(folder=batches[0].parent)
    key = ", ".join(table.key)
    if len(batches) == 1:
        query = f"SELECT {', '.join(columns)} FROM {rows}"
    elif table.name in MERGED_BY_COLUMN:
        merged = ", ".join(f"arg_max({name}, (as_of, source)) AS {name}" for name in columns if name not in table.key)
        query = f"SELECT {key}, {merged} FROM {rows} GROUP BY {key}"
    else:
        newest = f"row_number() OVER (PARTITION BY {key} ORDER BY as_of DESC, source DESC) = 1"
        query = f"SELECT {', '.join(columns)} FROM {rows} QUALIFY {newest}"
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
