"""`inspect` and `import` before files that are no lists: one sentence with the file's name, code 3, nothing written."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calling import called, files_in
from tests.facts.small_lists import HEADER, delimited, family, member, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _cut(path: Path) -> None:
    content = workbook(path, family(50)).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as out,
    ):
        for _ in range(120):
            out.write(bytes(1 << 20))


def _other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


def _wrong_sheet(path: Path) -> None:
    workbook(path, family(1), [name for name in HEADER if name not in ("户编号", "户类型")], sheet="说明")


BAD: dict[str, Callable[[Path], object]] = {
    "empty.csv": _bytes(b""),
    "zero.xlsx": _bytes(b""),
    "text.xlsx": _bytes(b"just a text\n"),
    "cut.xlsx": _cut,
    "password.xlsx": _bytes(OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(4096)),
    "bomb.xlsx": _bomb,
    "archive.xlsx": _other_archive,
    "letter.pdf": _bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\n"),
    "picture.csv": _bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    "bytes.csv": _bytes(b"\xff\xfe\xfd\x80\x81\n" * 20),
    "one-column.csv": _bytes("备注\n无\n".encode()),
    "header-only.csv": lambda path: delimited(path, []),
    "header-only.xlsx": lambda path: workbook(path, []),
    "wrong-sheet.xlsx": _wrong_sheet,
    "page.xls": _bytes(b"<html><table><tr><td>x</td></tr></table></html>"),
    "nul.csv": _bytes("户编号,姓名\n1\0,2\n".encode()),
    "broken.parquet": _bytes(b"PAR1garbagePAR1"),
    "\x1b[31mred\x1b]0;owned\x07.csv": _bytes("备注\n无\n".encode()),
    "[bold]a[red].csv": _bytes("备注\n无\n".encode()),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_sentence_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    BAD[name](tmp_path / name)
    answer = called("import", tmp_path / name, "--to", tmp_path / "facts")
    assert answer.code == 3
    (sentence,) = answer.err.splitlines()
    assert "".join(letter for letter in name if letter.isprintable()) in sentence.replace("�", "")
    assert not any(letter in sentence for letter in "{}")
    assert not (tmp_path / "facts").exists()
    looked = called("inspect", tmp_path / name)
    assert looked.code == 3
    assert looked.out.splitlines()[1].strip() == sentence


def test_a_file_or_folder_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    for command in (["inspect"], ["import", "--to", tmp_path / "facts"]):
        answer = called(*command, tmp_path / "没有.xlsx")
        assert answer.code == 2
        assert "没有.xlsx" in answer.err
    assert files_in(tmp_path) == []


def test_a_pipe_does_not_keep_the_command_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert called("import", tmp_path / "pipe.csv", "--to", tmp_path / "facts").code == 2


def test_good_files_beside_bad_ones_are_imported(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    workbook(lists / "good.xlsx", family(2))
    _cut(lists / "cut.xlsx")
    answer = called("import", lists, "--to", tmp_path / "facts")
    assert answer.code == 3
    assert "cut.xlsx" in answer.err
    assert [name.split("/")[0] for name in files_in(tmp_path / "facts")] == ["batches.json", "households", "persons"]


def test_rows_that_come_back_are_told_by_the_exit_code(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [*family(2), member(3, 1, 户编号=None, 人编号=None)])
    answer = called("import", tmp_path / "a.xlsx", "--to", tmp_path / "facts")
    assert answer.code == 1
    assert any(name.startswith("rejects/") for name in files_in(tmp_path / "facts"))
    assert called("import", tmp_path / "a.xlsx", "--to", tmp_path / "facts").code == 0, "the same file changes nothing"


def test_three_hundred_unknown_columns_are_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path / "wide.xlsx", family(2), HEADER + [f"自编列{number}" for number in range(300)])
    assert called("import", path, "--to", tmp_path / "facts").code == 0
    assert "300" in called("inspect", path).out


def test_days_out_of_this_world_and_endless_cells_are_taken_as_they_come(tmp_path: Path) -> None:
    rows = [
        member(at, 1, 识别监测时间=day)
        for at, day in enumerate(("19000101", "21001231", "209913", "0", "99999999", "-1", "3000000"), start=1)
    ]
    rows.append(member(9, 1, 姓名="长" * 32_000, 健康状况="x" * 32_000, 工资性收入="9" * 32_000, 证件号码="1" * 30_000))
    answer = called("import", workbook(tmp_path / "a.xlsx", rows), "--to", tmp_path / "facts")
    assert answer.code in (0, 1)
    assert "xxxxxxxxxx" not in answer.out + answer.err
