"""An installation of its own for each test, worked through the real command; on PostgreSQL by KHOTAIL_TEST_DATABASE."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from khotail.site.keys import new_keys
from tests.postgres import fresh_database
from tests.record.conftest import officers, regions

__all__ = ["officers", "regions"]

PATH_OF_POSTGRES = ":".join(str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


@dataclass
class Installation:
    home: Path
    environment: dict[str, str]

    def run(self, *arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from khotail.cli import main; main()", *map(str, arguments)]
        environment = {**self.environment, **changes}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from khotail.cli import main; main()", *map(str, arguments)]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def python(self, code: str) -> str:
        """What a piece of code prints that runs inside the installation."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def number(self, question: str) -> int:
        """The one number that a SELECT gives, asked without a start of the program."""
        if address := self.environment.get("KHOTAIL_DATABASE"):
            import psycopg

            with psycopg.connect(address) as link:
                row = link.execute(question).fetchone()
        else:
            with closing(sqlite3.connect(self.home / "khotail.sqlite3")) as link:
                row = link.execute(question).fetchone()
        assert row is not None
        return int(row[0])


def fresh(folder: Path, name: str, keys_of: Installation | None = None, template: str = "template1") -> Installation:
    """An installation before `khotail set-up`, with keys of its own or those of another."""
    keys = new_keys()
    environment = {each: value for each, value in os.environ.items() if not each.startswith(("KHOTAIL_", "DJANGO_"))}
    environment |= {
        "KHOTAIL_HOME": str(folder / name), "KHOTAIL_SECRET_KEY": keys.secret, "KHOTAIL_DATA_KEY": keys.data,
        "KHOTAIL_PLAIN_HTTP": "1", "KHOTAIL_LANG": "en", "DJANGO_SETTINGS_MODULE": "khotail.site.settings",
        "PATH": f"{os.environ['PATH']}:{PATH_OF_POSTGRES}",
    }  # fmt: skip
    if keys_of:
        for each in ("KHOTAIL_SECRET_KEY", "KHOTAIL_DATA_KEY"):
            environment[each] = keys_of.environment[each]
    if server := os.environ.get("KHOTAIL_TEST_DATABASE"):
        environment["KHOTAIL_DATABASE"] = fresh_database(server, f"site_{os.getpid()}_{name}", template)
    return Installation(folder / name, environment)


@pytest.fixture
def another(tmp_path: Path):
    """A function that makes a fresh installation."""
    made: list[str] = []

    def make(keys_of: Installation | None = None) -> Installation:
        made.append(f"home{len(made)}")
        return fresh(tmp_path, made[-1], keys_of)

    return make


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory) -> Installation:
    first = fresh(tmp_path_factory.mktemp("set-up"), "first")
    done = first.run("set-up", "--banner", "152221")
    assert done.returncode == 0, done.stderr
    return first


@pytest.fixture
def installation(set_up_once: Installation, tmp_path: Path) -> Installation:
    """An installation after `khotail set-up`, to do with as one likes."""
    copy = fresh(tmp_path, "home", set_up_once, f"site_{os.getpid()}_first")
    shutil.copytree(set_up_once.home, copy.home)
    return copy
