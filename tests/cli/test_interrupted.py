"""Full disks, Ctrl-C, readers who leave: what was there before is as it was, and nothing is half-written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from tests.cli.calling import COMMAND, files_in, run, started
from tests.cli.conftest import AS_OF, write_facts

MANY = {f"1522210{number:04d}": 1.0 for number in range(400)}


@pytest.fixture(scope="module")
def warned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Facts of 400 households, each of them warned of."""
    return write_facts(tmp_path_factory.mktemp("many"), MANY)


def limited(limit: int, *arguments: object, scratch: Path) -> subprocess.CompletedProcess[str]:
    """The command run where no file may grow beyond `limit` bytes, which fails as a full disk does."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        env=os.environ | {"TMPDIR": str(scratch), "KHOTAIL_LANG": "en", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.mark.parametrize("name", ["found.csv", "found.xlsx", "found.parquet"])
def test_findings_on_a_full_disk(tmp_path: Path, warned: Path, book: Path, name: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "scratch").mkdir()
    (tmp_path / "out" / name).write_text("the findings of last month", encoding="utf-8")
    common = ("screen", "--facts", warned, "--rulebook", book, "--as-of", AS_OF)
    done = limited(2_000, *common, "--out", tmp_path / "out" / name, scratch=tmp_path / "scratch")
    assert done.returncode == 5
    assert "disk is full" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert files_in(tmp_path) == [f"out/{name}"]
    assert (tmp_path / "out" / name).read_text(encoding="utf-8") == "the findings of last month"


def test_report_and_workbooks_on_a_full_disk(tmp_path: Path, warned: Path, book: Path) -> None:
    common = ("report", "--facts", warned, "--rulebook", book, "--as-of", AS_OF, "--out", tmp_path / "out" / "r.html")
    for limit in (2_000, 250_000):
        done = limited(limit, *common, "--workbooks", tmp_path / "out" / "villages", scratch=tmp_path)
        assert done.returncode in (0, 5)
        assert "Traceback" not in done.stderr
        for left in files_in(tmp_path):
            if left.endswith(".xlsx"):
                openpyxl.load_workbook(tmp_path / left)
            else:
                assert (tmp_path / left).read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_an_import_on_a_full_disk(tmp_path: Path) -> None:
    from tests.facts.small_lists import family, workbook

    (tmp_path / "lists").mkdir()
    (tmp_path / "scratch").mkdir()
    path = workbook(tmp_path / "lists" / "a.xlsx", family(20))
    done = limited(1_500, "import", path, "--to", tmp_path / "facts", scratch=tmp_path / "scratch")
    assert done.returncode == 5
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert files_in(tmp_path) == ["lists/a.xlsx"]


def test_a_demo_on_a_full_disk_leaves_no_half_workbook(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    done = limited(8_000, "demo", tmp_path / "demo", "--households", 60, scratch=tmp_path / "scratch")
    assert done.returncode == 5
    assert "disk is full" in done.stderr
    for left in files_in(tmp_path):
        assert left.endswith((".xlsx", ".csv")), left
        if left.endswith(".xlsx"):
            openpyxl.load_workbook(tmp_path / left)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_summary_that_cannot_be_printed(facts: Path, book: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        arguments = ("screen", "--facts", str(facts), "--rulebook", str(book), "--as-of", AS_OF)
        done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
    assert done.returncode == 5
    assert "Traceback" not in done.stderr


def test_too_little_memory_is_told(tmp_path: Path, book: Path) -> None:
    facts = write_facts(tmp_path / "facts", MANY)
    common = ("screen", "--facts", facts, "--rulebook", book, "--as-of", AS_OF)
    answer = run(*common, "--memory", "1MB", "--out", tmp_path / "f.csv")
    assert answer.code == 5
    assert "--memory" in answer.err
    assert not (tmp_path / "f.csv").exists()


@pytest.mark.parametrize("after", [0.6, 1.2])
def test_ctrl_c_leaves_nothing(tmp_path: Path, after: float) -> None:
    # 20,000 households take longer than this on any machine.
    with started("demo", tmp_path / "demo", "--households", 20_000) as process:
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(told.strip().splitlines()) == 1
    for left in files_in(tmp_path):
        if left.endswith(".xlsx"):
            openpyxl.load_workbook(tmp_path / left)


def test_ctrl_c_in_the_middle_of_writing_keeps_the_older_file(tmp_path: Path, book: Path) -> None:
    from khotail.files import written_whole

    (tmp_path / "found.csv").write_text("older", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), written_whole(tmp_path / "found.csv") as unfinished:
        unfinished.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert files_in(tmp_path) == ["found.csv"]
    assert (tmp_path / "found.csv").read_text(encoding="utf-8") == "older"


def test_a_reader_who_leaves_early_stops_nothing(tmp_path: Path, warned: Path, book: Path) -> None:
    out = tmp_path / "found.csv"
    for arguments in (
        ("screen", "--facts", warned, "--rulebook", book, "--as-of", AS_OF, "--out", out),
        ("rulebook", "list", "--rulebook", book),
    ):
        with started(*arguments) as process:
            assert process.stdout is not None
            process.stdout.close()
            process.stdout = None
            assert process.stderr is not None
            told = process.stderr.read()
            assert (process.wait(timeout=60), told) == (0, "")
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == len(MANY) + 1


def test_forty_columns_are_enough(facts: Path, book: Path) -> None:
    answer = run("screen", "--facts", facts, "--rulebook", book, "--as-of", AS_OF, COLUMNS="40")
    assert answer.code == 0
    assert run("--help", COLUMNS="40").code == 0


def test_help_comes_at_once() -> None:
    """0.3 s is promised; processor time is measured, so that a busy machine does not fail the test."""
    commands = ("", "demo", "inspect", "import", "audit", "screen", "explain", "report", "rulebook", "rulebook check")
    for command in commands:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert run(*command.split(), "--help").code == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        assert taken < 0.6, f"khotail {command} --help took {taken:.2f} s"


def test_help_imports_nothing_heavy() -> None:
    heavy = ["duckdb", "pyarrow", "sqlglot", "fastexcel", "xlsxwriter", "jinja2", "rich", "yaml"]
    code = f"import khotail.cli, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_ctrl_c_stops_a_long_statement_at_once(tmp_path: Path) -> None:
    # No command takes this long on small data, so one is added that does, and interrupted as any other.
    code = f"""
import click
from khotail.cli.main import cli, main
from khotail.facts.store import connect
from khotail.files import written_whole
from pathlib import Path

@click.command()
def endless():
    connection = connect()
    with written_whole(Path({str(tmp_path / "found.parquet")!r})) as unfinished:
        print("started", flush=True)
        many = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 1"
        connection.execute(f"COPY ({{many}}) TO '{{unfinished}}' (FORMAT parquet)")

cli.add_command(endless)
main()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, "endless"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    try:
        _, told = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert len(told.strip().splitlines()) == 1, told
    assert files_in(tmp_path) == []


def test_ctrl_c_while_the_commands_are_loaded_is_one_sentence() -> None:
    code = """
import sys
class Pressed:
    def find_spec(self, name, *_):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
from khotail.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 130
    assert done.stderr == "已取消。Cancelled.\n"


@pytest.mark.parametrize("arguments", [("--help",), ("screen", "--help"), ("--version",)])
def test_help_whose_reader_has_left_is_no_mistake(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        done = subprocess.run([*COMMAND, *arguments], stdout=out, stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
