"""Calling the command: in this process where that is enough, as a process of its own where exit and signals matter."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from khotail.cli import main

COMMAND = (sys.executable, "-c", "from khotail.cli import main; main()")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


def called(*arguments: object) -> Answer:
    """The command called in this process."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with patch.object(sys, "argv", ["khotail", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return _plain(Answer(code, out.getvalue(), err.getvalue()))


def run(*arguments: object, folder: Path | None = None, **environment: str) -> Answer:
    """The command run as a process without a terminal."""
    ended = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=_environment() | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    return _plain(Answer(ended.returncode, ended.stdout, ended.stderr))


@contextmanager
def started(*arguments: object, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command started and not waited for; whatever still runs at the end of the block is ended."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=_environment() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("KHOTAIL_")}


def _plain(answer: Answer) -> Answer:
    assert "Traceback" not in answer.out + answer.err, answer.err
    assert "\x1b" not in answer.out + answer.err, "colours or a stranger's escape codes where there is no terminal"
    return answer
