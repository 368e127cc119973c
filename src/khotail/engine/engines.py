"""What runs a query over facts: DuckDB in this process, or Apache Spark (`khotail.engine.spark`).

An engine makes tables. Whatever made it, a table can be read in the facts' own DuckDB connection by its name, so that
counts, sentences and files are the same for every engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

import duckdb

from khotail.engine.run import about_values, without_values
from khotail.facts.store import Facts


class QueryFailed(Exception):
    """A query met a value, or an expression, that it cannot work with. `detail` quotes nothing from the data."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Engine(Protocol):
    """Runs queries in DuckDB's dialect that read fact tables and the tables that it made of the same facts before."""

    def reading(self, facts: Facts, queries: Iterable[str]) -> AbstractContextManager[None]:
        """While this lasts, all of `queries` are run: what they have in common may be prepared once."""

    def table(self, facts: Facts, stem: str, query: str) -> str:
        """Run a query into a new table and return its name, which begins with `stem`. Raises QueryFailed."""

    def drop(self, facts: Facts, name: str) -> None:
        """Forget a table that this engine made."""


class InProcess:
    """DuckDB, in the connection of the facts."""

    def reading(self, facts: Facts, queries: Iterable[str]) -> AbstractContextManager[None]:
        return facts.merged_once(queries)

    def table(self, facts: Facts, stem: str, query: str) -> str:
        name = facts.new_name(stem)
        try:
            facts.connection.execute(f"CREATE TABLE {name} AS {query}")
        except duckdb.Error as error:
            if not about_values(error):
                raise
            raise QueryFailed(without_values(error)) from error
        return name

    def drop(self, facts: Facts, name: str) -> None:
        facts.connection.execute(f"DROP TABLE {name}")


IN_PROCESS = InProcess()
