"""Files that cannot be read: a clear sentence, and nothing half-read."""

from __future__ import annotations

import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_lists import HEADER, delimited, family, workbook

from khotail.facts import problems, read
from khotail.facts.reading import limits

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


def test_files_beyond_the_limit_are_not_opened(tmp_path):
    frame = pa.table({name: [row[name] for row in family(3)] for name in HEADER})
    pq.write_table(frame, tmp_path / "监测对象信息.parquet")
    for path, kind in (
        (workbook(tmp_path / "a.xlsx", family(90)), problems.TooLarge),
        (delimited(tmp_path / "监测对象信息.csv", family(90)), problems.FileTooLarge),
        (tmp_path / "监测对象信息.parquet", problems.FileTooLarge),
    ):
        assert read(path).count("persons") > 5
        with pytest.raises(kind):
            read(path, max_bytes=path.stat().st_size - 1 if kind is problems.FileTooLarge else 20_000)


def test_a_value_repeated_without_end_is_counted_as_often_as_it_stands(tmp_path):
    pq.write_table(pa.table({"户编号": pa.repeat("1", 3_000_000)}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    with pytest.raises(problems.FileTooLarge):
        read(tmp_path / "a.parquet", max_bytes=10_000_000)


def test_a_part_that_holds_more_than_it_states_is_not_opened(tmp_path):
    path = workbook(tmp_path / "a.xlsx", family(2))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x.xml", "w") as out:
        for _ in range(150):
            out.write(bytes(1 << 20))
    stated = (150 << 20).to_bytes(4, "little")
    assert path.read_bytes().count(stated) == 2
    refuses(path, problems.TooLarge)
    path.write_bytes(path.read_bytes().replace(stated, (1000).to_bytes(4, "little")))
    refuses(path, problems.CorruptFile)


def test_a_large_honest_workbook_is_counted_and_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "RATIO_MATTERS_FROM_BYTES", 0)
    monkeypatch.setattr(limits, "MAX_RATIO", 10_000)
    assert read(workbook(tmp_path / "a.xlsx", family(90))).count("persons") == 180


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("名单.pdf", b"%PDF-1.7\n1 0 obj", "PDF"),
        ("名单.xlsx", b"%PDF-1.7\n1 0 obj", "PDF"),
        ("扫描.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "图片"),
        ("截图.csv", b"\x89PNG\r\n\x1a\n", "图片"),
        ("名单.xls", b"\xef\xbb\xbf \r\n<HTML><table></table>", "网页"),
        ("名单.doc", OLE + bytes(600) + "WordDocument".encode("utf-16-le"), "Word"),
        ("名单.rar", b"Rar!\x1a\x07\x01\x00", "压缩包"),
    ],
)
def test_a_document_or_picture_is_told_for_what_it_is(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    problem = refuses(tmp_path / name, problems.NotAList)
    assert problem.exit_code == 3
    assert kind in problem.text.zh
    assert ".xlsx" in problem.text.zh or "解压" in problem.text.zh


@pytest.mark.parametrize(("part", "kind"), [("word/document.xml", "Word"), ("OFD.xml", "OFD"), ("a.csv", "压缩包")])
def test_a_zip_that_is_no_workbook_is_told_for_what_it_is(tmp_path, part, kind):
    with zipfile.ZipFile(tmp_path / "名单.xlsx", "w") as archive:
        archive.writestr(part, "x")
    assert kind in refuses(tmp_path / "名单.xlsx", problems.NotAList).text.zh


def test_a_mapping_that_unfolds_without_end_is_refused(tmp_path):
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "a.yaml").write_text("- &a [x, x]\n- [*a, *a]\n", encoding="utf-8")
    with pytest.raises(problems.BadSource, match="line 2"):
        read(workbook(tmp_path / "a.xlsx", family(1)), sources=tmp_path / "maps")


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
