"""A small file whose cells repeat one long text until no memory holds them."""

import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from khotail.facts.problems import FileTooLarge, TooLarge
from khotail.facts.reading.file import sheets_of

LONG = "长" * 10_000
ROWS, COLUMNS = 400, 5
LIMIT = 8 << 20


def workbook(path, text=LONG, rewritten=lambda sheet: sheet, texts=lambda shared: shared):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "备注")
        for row in range(1, ROWS):
            for column in range(COLUMNS):
                sheet.write_string(row, column, text)
                sheet.write_number(row, COLUMNS, row + 0.5)
    plain = path.with_suffix(".plain")
    path.rename(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if "sheet1" in part.filename:
                content = rewritten(content)
            if "sharedStrings" in part.filename:
                content = texts(content)
            new.writestr(part.filename, content)
    return path


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda sheet: sheet,
        lambda sheet: sheet.replace(b"<v>1</v>", b"<v> +001\n</v >"),
        lambda sheet: sheet.replace(b"<v>1</v>", b"<v>&#49;</v>"),
        lambda sheet: sheet.replace(b"<v>1</v>", b"<v><![CDATA[1]]></v>"),
        lambda sheet: sheet.replace(b"<v>1</v>", b"<v xml:space='preserve'>1</v>"),
    ],
)
def test_a_text_that_thousands_of_cells_name_is_refused_before_they_are_read(tmp_path, rewritten):
    path = workbook(tmp_path / "list.xlsx", rewritten=rewritten)
    assert path.stat().st_size < 100_000
    with pytest.raises(TooLarge):
        list(sheets_of(path, LIMIT))


def test_remarks_among_the_texts_hide_nothing(tmp_path):
    remark = b"<!-- <si><t>short</t></si> -->" * 3
    path = workbook(tmp_path / "list.xlsx", texts=lambda shared: shared.replace(b"<si>", remark + b"<si>", 1))
    with pytest.raises(TooLarge):
        list(sheets_of(path, LIMIT))


def test_a_list_of_ordinary_texts_and_one_long_note_is_read(tmp_path):
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row in range(3_000):
            for column in range(10):
                sheet.write(row, column, "普通农户" if column % 2 else row)
        sheet.write_string(7, 3, LONG)
    [read] = sheets_of(path, LIMIT)
    assert read.height == 3_000 and read.columns[3][7].as_py() == LONG


def test_a_parquet_file_that_repeats_a_long_text_is_refused(tmp_path):
    path = tmp_path / "list.parquet"
    pq.write_table(pa.table({"备注": [LONG] * 1_000, "n": list(range(1_000))}), path)
    assert path.stat().st_size < 100_000
    with pytest.raises(FileTooLarge):
        list(sheets_of(path, LIMIT))
    pq.write_table(pa.table({"备注": ["普通农户"] * 1_000, "n": list(range(1_000))}), path)
    [read] = sheets_of(path, LIMIT)
    assert read.height == 1_001 and read.columns[0][1].as_py() == "普通农户"
