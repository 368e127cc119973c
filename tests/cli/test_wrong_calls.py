"""Calls that cannot work: one sentence, the right code, before any work is done."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.calling import called, files_in, run
from tests.cli.conftest import AS_OF, write_facts


@pytest.mark.parametrize(
    ("options", "code", "quoted"),
    [
        (["--region", "999999"], 2, "999999"),
        (["--region", "abc"], 2, "abc"),
        (["--region", "15'; DROP TABLE households; --"], 2, "DROP"),
        (["--region", "150102"], 3, "150102"),
        (["--as-of", "1990-01-01"], 2, "1990-01-01"),
        (["--as-of", "2022-02-30"], 2, "2022-02-30"),
        (["--as-of", "31.10.2026"], 2, "2026-10-31"),
        (["--as-of", "0001-01-01"], 2, "0001-01-01"),
        (["--as-of", "9999-12-31"], 2, "9999-12-31"),
        (["--memory", "lots"], 2, "lots"),
        (["--memory", "1GB'; SET x = '1"], 2, "GB"),
        (["--out", "found.pdf"], 2, ".parquet"),
        (["--out", "found"], 2, ".parquet"),
        (["--bogus"], 2, "--bogus"),
        (["--rulebook", "nowhere"], 2, "cn_15"),
    ],
)
def test_a_wrong_option_is_named(facts: Path, book: Path, options: list[str], code: int, quoted: str) -> None:
    answer = called("screen", "--facts", facts, "--rulebook", book, "--as-of", AS_OF, *options)
    assert answer.code == code
    assert quoted in answer.err
    assert answer.out == ""


def test_a_region_and_its_name_are_told_when_nothing_is_known_of_it(facts: Path, book: Path) -> None:
    answer = called("report", "--facts", facts, "--rulebook", book, "--as-of", AS_OF, "--region", "150102")
    assert answer.code == 3
    assert "新城区" in answer.err


def test_a_folder_without_facts(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for folder in ("nowhere", "empty", "file"):
        for command in (["screen"], ["audit"], ["report"], ["explain", "1"]):
            answer = called(*command, "--facts", tmp_path / folder)
            assert (answer.code, folder in answer.err) == (3, True)
    assert files_in(tmp_path) == ["file"]


def test_a_damaged_folder_of_facts(tmp_path: Path, facts: Path, book: Path) -> None:
    for at, damage in enumerate((b"", b"garbage", b"PAR1 not really PAR1")):
        damaged = tmp_path / str(at)
        shutil.copytree(facts, damaged)
        (damaged / "persons" / "test-1.parquet").write_bytes(damage)
        for command in (["screen"], ["explain", "15222100001"]):
            assert called(*command, "--facts", damaged, "--rulebook", book, "--as-of", AS_OF).code == 3


def test_a_page_of_a_facts_file_that_was_overwritten(tmp_path: Path, book: Path) -> None:
    damaged = write_facts(tmp_path / "facts", {f"1522210{number:04d}": float(number) for number in range(3_000)})
    path = damaged / "households" / "test-1.parquet"
    content = bytearray(path.read_bytes())
    content[100 : len(content) // 2] = bytes(byte ^ 0x5A for byte in content[100 : len(content) // 2])
    path.write_bytes(content)
    assert called("screen", "--facts", damaged, "--rulebook", book, "--as-of", AS_OF).code == 3


def test_an_unknown_household_is_named(facts: Path, book: Path) -> None:
    for household in ("42", "' OR 1=1 --", "[/red]", ""):
        answer = called("explain", household, "--facts", facts, "--rulebook", book, "--as-of", AS_OF)
        assert answer.code == 3
        assert household in answer.err


def test_a_place_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path, facts: Path, book: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    common = ("--facts", facts, "--rulebook", book, "--as-of", AS_OF)
    for command in (
        ["screen", "--out", tmp_path / "file" / "found.csv"],
        ["screen", "--out", tmp_path / "folder.csv"],
        ["screen", "--workbooks", tmp_path / "file"],
        ["report", "--out", tmp_path / "folder.csv"],
        ["report", "--out", tmp_path / "r.html", "--workbooks", tmp_path / "file" / "deep"],
    ):
        answer = called(*command, *common)
        assert (answer.code, answer.out) == (2, "")
        assert str(command[-1]).split("/")[-1] in answer.err or "file" in answer.err
    assert files_in(tmp_path) == ["file"]


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path, facts: Path, book: Path) -> None:
    out = tmp_path / "new" / "deep" / "found.csv"
    assert called("screen", "--facts", facts, "--rulebook", book, "--as-of", AS_OF, "--out", out).code == 0
    assert files_in(tmp_path) == ["new/deep/found.csv"]


def test_facts_cannot_be_imported_into_a_file(tmp_path: Path) -> None:
    from tests.facts.small_lists import family, workbook

    path = workbook(tmp_path / "a.xlsx", family(1))
    before = path.read_bytes()
    assert called("import", path, "--to", path).code == 5
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "options",
    [["--households", "0"], ["--banner", "999999"], ["--banner", "x"], ["--banner", ""], ["--as-of", "0001-01-01"]],
)
def test_a_demo_that_cannot_be_made(tmp_path: Path, options: list[str]) -> None:
    assert called("demo", tmp_path / "demo", "--households", "5", *options).code == 2
    assert files_in(tmp_path) == []


def test_a_demo_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert called("demo", tmp_path / "file", "--households", "5").code in (2, 5)
    assert files_in(tmp_path) == ["file"]


def test_the_language_is_chosen_before_or_after_the_command_or_by_the_environment() -> None:
    wrong = ("screen", "--as-of", "tomorrow")
    assert "is not a day" in run("--lang", "en", *wrong).err
    assert "is not a day" in run(*wrong, "--lang=en").err
    assert "is not a day" in run(*wrong, KHOTAIL_LANG="en_GB.UTF-8").err
    assert "不是日期" in run(*wrong).err
    assert "不是日期" in run(*wrong, "--lang", "zh", KHOTAIL_LANG="en").err


def test_a_mistake_of_the_program_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch, facts: Path, book: Path) -> None:
    def mistaken(*given: object, **named: object) -> None:
        raise KeyError("张小芳 152221198003071243")

    monkeypatch.setattr("khotail.engine.screen", mistaken)
    answer = called("screen", "--facts", facts, "--rulebook", book, "--as-of", AS_OF)
    assert answer.code == 5
    assert "KeyError" in answer.err and "KHOTAIL_DEBUG" in answer.err
    assert "152221198003071243" not in answer.err
