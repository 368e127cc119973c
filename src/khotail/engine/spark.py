"""Entitlement and simulation on Apache Spark: for registers that outgrow one machine.

Spark does what grows with the register: it reads the Parquet files of the facts, joins and groups them, and writes each
table as Parquet into the engine's folder, where the facts' DuckDB connection reads it. On a cluster that folder, and the
facts, must lie where the driver and every executor see them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

import sqlglot
from sqlglot import exp

from khotail.engine.engines import QueryFailed
from khotail.engine.problems import NoSpark
from khotail.engine.spark_sql import spark_sql
from khotail.facts.merging import merged
from khotail.facts.schema import TABLES
from khotail.facts.sql import quoted
from khotail.facts.store import Facts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: What makes Spark mean the same as DuckDB: an impossible cast is an error, a day is a day wherever the cluster stands.
_SETTINGS = {"spark.sql.ansi.enabled": "true", "spark.sql.session.timeZone": "UTC"}
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
}


class SparkEngine:
    """Runs queries in a Spark session; a context manager, since what it found lasts as long as its folder.

    folder   where tables are written; a temporary one that only this user reads, removed by `close`, if none is given
    """

    def __init__(self, session: SparkSession, folder: Path | str | None = None) -> None:
        self._session = session
        self._temporary = tempfile.TemporaryDirectory(prefix="khotail-") if folder is None else None
        self._folder = Path(self._temporary.name if self._temporary else folder or "").resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._opened: WeakKeyDictionary[Facts, _FactsOnSpark] = WeakKeyDictionary()

    @classmethod
    def local(cls, *, cores: str = "*", memory: str = "2g", settings: Mapping[str, str] | None = None) -> Self:
        """An engine in a cluster of its own on this machine, with Spark's `settings` beside ours.

        Raises NoSpark where PySpark or Java is missing.
        """
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise NoSpark() from error
        builder = (
            SparkSession.builder.master(f"local[{cores}]").appName("khotail").config("spark.driver.memory", memory)
        )
        for name, value in {**_LOCAL, **(settings or {})}.items():
            builder = builder.config(name, value)
        try:
            session = builder.getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
            return cls(session)
        except PySparkException as error:
            raise NoSpark() from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the tables that were made, unless a folder was given for them. The session stays as it is."""
        self._opened.clear()
        if self._temporary:
            self._temporary.cleanup()

    def reading(self, facts: Facts, queries: Iterable[str]) -> AbstractContextManager[None]:
        return nullcontext()

    def table(self, facts: Facts, stem: str, query: str) -> str:
        if facts not in self._opened:
            self._opened[facts] = _FactsOnSpark(facts, self._session.newSession(), self._folder)
        name = facts.new_name(stem)
        path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._folder)) / "rows"
        self._opened[facts].make(name, query, path)
        facts.connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({quoted(path / '*.parquet')})")
        return name

    def drop(self, facts: Facts, name: str) -> None:
        facts.connection.execute(f"DROP VIEW {name}")
        self._opened[facts].forget(name)


class _FactsOnSpark:
    """The tables of some facts, and what was made of them, as views of a session of their own."""

    def __init__(self, facts: Facts, session: SparkSession, folder: Path) -> None:
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)
        # The engine holds this as long as there is somebody to ask for these facts, and no longer.
        self._connection, self._columns, self._files = facts.connection, facts.tables, facts.files
        self._session = session
        self._folder = folder
        self._read: set[str] = set()

    def make(self, name: str, query: str, path: Path) -> None:
        """Run a query in DuckDB's dialect into Parquet files, which later queries read by their name."""
        from pyspark.errors import PySparkException

        tree = sqlglot.parse_one(query, dialect="duckdb")
        try:
            for table in sorted({table.name for table in tree.find_all(exp.Table)} & set(self._columns) - self._read):
                self._rows_of(table).createOrReplaceTempView(table)
                self._read.add(table)
            rows = self._session.sql(spark_sql(tree))
            rows.write.parquet(_address(path))
        except PySparkException as error:
            condition = error.getCondition() or ""
            if not condition.startswith(_ABOUT_VALUES):
                raise
            raise QueryFailed(condition) from error
        self._session.read.schema(rows.schema).parquet(_address(path)).createOrReplaceTempView(name)

    def forget(self, name: str) -> None:
        self._session.catalog.dropTempView(name)

    def _rows_of(self, name: str) -> DataFrame:
        files, columns = self._files.get(name, ()), sorted(self._columns[name])
        if not files:
            copied = Path(tempfile.mkdtemp(prefix="facts-", dir=self._folder)) / f"{name}.parquet"
            self._connection.execute(f"COPY (FROM {name}) TO {quoted(copied)} (FORMAT parquet)")
            files = (copied,)
        reader: Any = self._session.read.option("mergeSchema", "true")
        rows: DataFrame = reader.parquet(*(_address(file.resolve()) for file in files))
        if len(files) == 1:
            return rows.select(*columns)
        batches = f"batches_of_{name}"
        rows.createOrReplaceTempView(batches)
        return self._session.sql(spark_sql(merged(TABLES[name], columns, batches)))


#: Conditions by which Spark says that an expression cannot work with a value, or cannot be computed there at all.
_ABOUT_VALUES = (
    "CAST_", "ARITHMETIC_", "DIVIDE_BY_ZERO", "REMAINDER_BY_ZERO", "NUMERIC_", "DATETIME_", "INVALID_PARAMETER",
    "INVALID_REGEXP", "UNRESOLVED_ROUTINE", "DATATYPE_MISMATCH", "UNSUPPORTED_",
)  # fmt: skip


def _address(path: Path) -> str:
    return f"file://{path}"
