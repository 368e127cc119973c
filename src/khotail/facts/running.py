"""The connections whose statements somebody may want to stop."""

from __future__ import annotations

import weakref

import duckdb

_connections: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()


def stoppable(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection itself; `stop_all` now reaches it for as long as it lives."""
    _connections.add(connection)
    return connection


def stop_all() -> None:
    """Break off every running statement, from any thread; it raises duckdb.InterruptException where it runs."""
    for connection in list(_connections):
        try:
            connection.interrupt()
        except duckdb.Error:
            continue  # closed by now
