"""The database as one file and back, for both kinds of database.

A dump is taken while people work: it is one moment of the database. Putting one back is one transaction: until it is
whole, and if it fails, the old data are there.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import OperationalError, ProgrammingError, connection

from khotail.site.problems import DamagedBackup, DumpFailed, NoProgram

#: Names of the dump in a backup, by kind of database.
FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def dump(path: Path) -> None:
    """Write the database to `path`. Raises DumpFailed, NoProgram."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as source:
            source.execute("VACUUM INTO ?", [str(path)])
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--compress=1", f"--file={path}")


def check(path: Path, backup: Path) -> None:
    """Raises DamagedBackup if the dump cannot be read to its end."""
    if connection.vendor == "sqlite":
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source:
                said = source.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise DamagedBackup(path=backup, what=error) from error
        if said != "ok":
            raise DamagedBackup(path=backup, what=said)
    else:
        try:
            _run("pg_restore", "--file=/dev/null", str(path), connected=False)
        except DumpFailed as error:
            raise DamagedBackup(path=backup, what=error.values["what"]) from error


def put_back(path: Path) -> None:
    """Put a dump in the place of everything that the database holds, in one transaction. Raises DumpFailed, NoProgram."""
    connection.close()
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target, timeout=30)) as old:
            try:
                source.backup(old)
            except sqlite3.Error as error:
                raise DumpFailed(program="SQLite", what=error) from error
            old.execute("PRAGMA journal_mode=WAL")
    else:
        _run("pg_restore", "--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-privileges",
             "--exit-on-error", f"--dbname={connection.settings_dict['NAME']}", str(path))  # fmt: skip


def holds_data() -> bool:
    """Whether people have worked with this database: it has officers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_officer LIMIT 1")
            return cursor.fetchone() is not None
    except (OperationalError, ProgrammingError):  # no tables yet
        connection.close()
        return False


def _run(program: str, *arguments: str, connected: bool = True) -> None:
    """PostgreSQL's programs get the address through the environment, so that no password is in the process list."""
    at = connection.settings_dict
    environment = dict(os.environ)
    if connected:
        options = at.get("OPTIONS", {})
        values = {
            "PGHOST": at["HOST"] or options.get("host"), "PGPORT": at["PORT"], "PGUSER": at["USER"],
            "PGPASSWORD": at["PASSWORD"], "PGDATABASE": at["NAME"], "PGSSLMODE": options.get("sslmode"),
        }  # fmt: skip
        environment |= {name: str(value) for name, value in values.items() if value}
    try:
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, errors="replace")
    except FileNotFoundError as error:
        raise NoProgram(program=program) from error
    if done.returncode:
        raise DumpFailed(program=program, what=(done.stderr.strip() or f"exit code {done.returncode}")[:500])
