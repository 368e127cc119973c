"""A throw-away PostgreSQL for tests: `python -m tests.postgres COMMAND …` runs the command with KHOTAIL_TEST_DATABASE set.

The cluster lives in a temporary folder, listens on a socket there and on no port that others use, and is gone afterwards.
Without PostgreSQL on this machine it says so and ends well: those tests are run where it is installed (`.ci/run`).
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Nothing here outlives the run, so nothing has to reach the disk.
_SETTINGS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=60",
    "wal_level=minimal", "max_wal_senders=0",
)  # fmt: skip
_USER = "postgres"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl: the newest version, or what the PATH names."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = installed[-1] if installed else shutil.which("initdb")
    return Path(found).parent if found else None


def memory(least_bytes: int = 2 << 30) -> Path | None:
    """A folder that lies in memory, where the machine has one with so much room: nothing there waits for a disk."""
    shared = Path("/dev/shm")
    has_room = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > least_bytes
    return shared if has_room else None


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a fresh cluster's database. Raises FileNotFoundError without PostgreSQL."""
    folder_of_binaries = binaries()
    if folder_of_binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="khotail-postgres-", dir=memory()))
    as_server = _as_server(folder)
    data, port = folder / "data", _free_port()
    initdb = [folder_of_binaries / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
    control = [folder_of_binaries / "pg_ctl", "-D", data, "-w", "-s"]
    options = " ".join(f"-c {setting}" for setting in _SETTINGS)
    options += f" -c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    try:
        _run(as_server, [*initdb, "--locale=C.UTF-8"])
        _run(as_server, [*control, "-l", folder / "log", "-o", options, "start"])
        try:
            yield f"postgres://{_USER}@127.0.0.1:{port}/postgres"
        finally:
            _run(as_server, [*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fresh_database(server: str, name: str, template: str = "template1") -> str:
    """The address of a new database on the server whose address is given."""
    import dj_database_url
    import psycopg

    at = dj_database_url.parse(server)
    base = f"host={at['HOST']} port={at['PORT'] or 5432} user={at['USER']} dbname=postgres"
    with psycopg.connect(base + (f" password={at['PASSWORD']}" if at["PASSWORD"] else ""), autocommit=True) as link:
        link.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        link.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.rsplit("/", 1)[0] + "/" + name + ("?" + server.split("?", 1)[1] if "?" in server else "")


def _as_server(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then its own user runs it."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwnam(_USER)
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return ["runuser", "-u", _USER, "--"]


def _run(before: list[str], command: list[object]) -> None:
    done = subprocess.run([*before, *map(str, command)], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError(done.stdout.decode(errors="replace"))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main(command: list[str]) -> int:
    if binaries() is None:
        print("PostgreSQL is not installed here, so the tests did not run on it (Debian: apt install postgresql).")
        return 0
    with cluster() as address:
        return subprocess.run(command, env={**os.environ, "KHOTAIL_TEST_DATABASE": address}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
