"""The command as a script sees it: sentences, exit codes, and files that are whole or absent."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.cli.calling import Answer, called, run


def khotail(*arguments: object, folder: Path) -> Answer:
    """The command called in this process from a folder; its language is chosen when the program starts, so here by hand."""
    with (
        contextlib.chdir(folder),
        patch.dict(os.environ, KHOTAIL_FACTS="facts"),
        patch("khotail.cli.language.LANGUAGE", "en"),
    ):
        return called(*arguments)


@pytest.fixture(scope="module")
def banner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("banner")
    done = run("--lang", "en", "demo", "demo", "--households", 300, "--run", folder=folder)
    assert done.code == 0, done.err
    return folder


def test_the_demo_ends_in_a_report_and_a_workbook_for_each_village(banner: Path) -> None:
    assert (banner / "demo/report.html").stat().st_size > 100_000
    assert len(list((banner / "demo/workbooks").glob("1522*.xlsx"))) > 20


@pytest.mark.parametrize("suffix", ["parquet", "csv", "xlsx"])
def test_findings_are_written_in_every_format(banner: Path, suffix: str) -> None:
    done = khotail(
        "screen", "--facts", "demo/facts", "--as-of", "2026-10-31", "--out", f"found.{suffix}", folder=banner
    )
    assert done.code == 0, done.err
    assert (banner / f"found.{suffix}").stat().st_size > 0


def test_strict_exits_with_one_where_something_is_found(banner: Path) -> None:
    done = run("screen", "--facts", "demo/facts", "--as-of", "2026-10-31", "--strict", folder=banner)
    assert done.code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["screen", "--facts", "nowhere"], 3, "no facts"),
        (["screen", "--facts", "demo/facts", "--region", "999999"], 2, "no region"),
        (["screen", "--facts", "demo/facts", "--as-of", "2019-01-01"], 2, "later date"),
        (["screen", "--facts", "demo/facts", "--as-of", "yesterday"], 2, "2026-10-31"),
        (["screen", "--facts", "demo/facts", "--out", "found.doc"], 2, ".parquet"),
        (["screen", "--facts", "demo/facts", "--memory", "lots"], 2, "lots"),
        (["explain", "H0", "--facts", "demo/facts"], 3, "H0"),
        (["import", "nothing.xlsx"], 2, "nothing.xlsx"),
        (["rulebook", "show", "elderly-alon"], 2, "elderly-alone"),
        (["rulebook", "check", "--rulebook", "cn_99"], 2, "cn_15"),
    ],
)
def test_a_wrong_call_is_a_sentence_and_a_code(banner: Path, arguments: list[str], code: int, sentence: str) -> None:
    done = khotail(*arguments, folder=banner)
    assert done.code == code, done.err
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_a_file_that_is_no_workbook_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"this is not a workbook")
    done = khotail("import", "broken.xlsx", "--to", "facts", folder=tmp_path)
    assert done.code == 3
    assert "broken.xlsx" in done.err
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_rulebook_with_a_typo_exits_with_four(tmp_path: Path) -> None:
    (tmp_path / "book/signals").mkdir(parents=True)
    (tmp_path / "book/book.yaml").write_text("id: own\nextends: cn\n", encoding="utf-8")
    (tmp_path / "book/signals/a.yaml").write_text("- id: a\n  levle: household\n", encoding="utf-8")
    done = khotail("rulebook", "check", "book", folder=tmp_path)
    assert done.code == 4
    assert "Did you mean “level”?" in done.err


def test_a_closed_pipe_is_no_error(banner: Path) -> None:
    command = f"{sys.executable} -c 'from khotail.cli import main; main()' rulebook list | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=banner, timeout=60, check=False)
    assert "Traceback" not in done.stderr
