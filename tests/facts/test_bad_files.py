"""Files that cannot be read: a clear sentence, and nothing half-read."""

from __future__ import annotations

import zipfile

import pytest
from small_lists import HEADER, delimited, family, workbook

from khotail.facts import problems, read
from khotail.facts.reading import workbook as workbooks

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refuses(path, problem):
    with pytest.raises(problem) as caught:
        read(path)
    assert path.name in caught.value.text.zh
    assert path.name in caught.value.text.en
    assert "{" not in caught.value.text.zh + caught.value.text.en
    return caught.value


def test_a_missing_file(tmp_path):
    assert refuses(tmp_path / "没有.xlsx", problems.MissingFile).exit_code == 2


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n \r\n"])
def test_an_empty_file(tmp_path, content):
    (tmp_path / "空.csv").write_bytes(content)
    refuses(tmp_path / "空.csv", problems.EmptyFile)


def test_a_workbook_without_rows(tmp_path):
    refuses(workbook(tmp_path / "a.xlsx", []), problems.EmptyFile)
    refuses(workbook(tmp_path / "b.xlsx", [], ["x"], titles=()), problems.UnknownFile)


def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "通知.txt").write_text("关于开展排查的通知\n请各苏木乡镇于本周五前报送。\n", encoding="utf-8")
    refuses(tmp_path / "通知.txt", problems.UnknownFile)
    (tmp_path / "网页.xls").write_text("<html><table><tr><td>户编号</td></tr></table></html>", encoding="utf-8")
    assert "xlsx" in refuses(tmp_path / "网页.xls", problems.UnknownFile).text.zh


def test_a_known_list_without_its_main_columns(tmp_path):
    header = [name for name in HEADER if name not in ("户编号", "户类型")]
    problem = refuses(workbook(tmp_path / "a.xlsx", family(1), header), problems.WrongSheet)
    assert "户编号" in problem.text.zh


def test_a_password(tmp_path):
    path = tmp_path / "加密.xlsx"
    path.write_bytes(OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(4096))
    refuses(path, problems.PasswordProtected)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.parquet"])
def test_bytes_that_are_no_workbook(tmp_path, name):
    for start in (b"", OLE, b"PK\x03\x04", b"PAR1"):
        (tmp_path / name).write_bytes(start + b"\x00\x17garbage" * 99)
        refuses(tmp_path / name, problems.CorruptFile)


def test_a_workbook_cut_in_half(tmp_path):
    path = workbook(tmp_path / "a.xlsx", family(50))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    refuses(path, problems.CorruptFile)


def test_a_zip_bomb_is_not_opened(tmp_path):
    path = tmp_path / "a.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as out,
    ):
        for _ in range(120):
            out.write(bytes(1 << 20))
    refuses(path, problems.TooLarge)


def test_a_workbook_beyond_the_limit_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1000)
    refuses(workbook(tmp_path / "a.xlsx", family(1)), problems.TooLarge)


def test_a_csv_cut_in_its_last_row_keeps_the_good_rows(tmp_path):
    path = delimited(tmp_path / "监测对象信息.csv", family(10), encoding="gb18030")
    content = path.read_bytes()
    last = content.rstrip().rfind(b"\n")
    for cut in (last + 30, last + 63, last + 64):
        path.write_bytes(content[:cut])
        facts = read(path)
        assert facts.count("persons") == 19
        assert facts.reading[0].rejected == {"cut-off-row": 1}


def test_a_stray_quotation_mark_does_not_swallow_the_file(tmp_path):
    path = delimited(tmp_path / "监测对象信息.csv", family(3))
    text = path.read_text("utf-8-sig").replace("示例11", '"示例11', 1)
    path.write_text(text, encoding="utf-8")
    assert read(path).count("persons") == 6
