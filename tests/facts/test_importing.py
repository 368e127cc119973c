"""Importing into a folder: whole batches, once each, and what goes back to the sender."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pyarrow.parquet as pq
import pytest
from small_lists import HEADER, delimited, family, id_number, member, workbook

from khotail.facts import Facts, import_files, inspect, problems, read
from khotail.facts.lock import sole_writer


def everything_in(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_file_twice_changes_nothing(tmp_path):
    path, folder = workbook(tmp_path / "a.xlsx", [*family(3), member(9, 1, 户编号=None)]), tmp_path / "facts"
    (first,) = import_files([path], folder)
    before = everything_in(folder)
    (second,) = import_files([path], folder)
    assert everything_in(folder) == before
    assert (first.already_imported, second.already_imported) == (False, True)
    assert Facts.open(folder).count("persons") == 6


def test_a_department_list_is_matched_with_what_was_imported_before(tmp_path):
    folder = tmp_path / "facts"
    import_files([workbook(tmp_path / "a.xlsx", family(3))], folder)
    bill = {"姓名": "示例11", "身份证号": id_number(11), "结算日期": "20250301", "合规自付费用": "900"}
    (reading,) = import_files([delimited(tmp_path / "医保.csv", [bill], list(bill))], folder)
    assert reading.kept == 1
    assert Facts.open(folder).count("medical_costs") == 1


def test_one_bad_file_does_not_keep_the_others_out(tmp_path):
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 no")
    readings = import_files([tmp_path / "坏.xlsx", workbook(tmp_path / "a.xlsx", family(1))], tmp_path / "facts")
    assert isinstance(readings[0].problem, problems.CorruptFile)
    assert readings[1].kept == 2


def test_rejected_rows_come_back_with_reasons_and_can_be_imported_once_mended(tmp_path):
    rows = [*family(1), member(2, 1, 户编号=None, 姓名="=HYPERLINK(1)"), member(3, 1, 证件号码="1.52E+17")]
    (reading,) = import_files([workbook(tmp_path / "a.xlsx", rows)], tmp_path / "facts")
    book = openpyxl.load_workbook(reading.rejects)
    assert book.sheetnames == ["监测对象信息", "待核实 To check"]
    header, row = list(book.worksheets[0].iter_rows(values_only=True))
    assert header == ("行号", *HEADER, "原因", "Reason")
    assert (row[0], row[-2], row[-1]) == ("6", "缺户编号", "the household number is missing")
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    book.worksheets[0].cell(2, HEADER.index("户编号") + 2).value = "152221000002"
    book.save(tmp_path / "改好.xlsx")
    assert table_of(tmp_path / "改好.xlsx") == [("152221000002",)]


def table_of(path):
    return read(path).connection.sql("SELECT household_id FROM households").fetchall()


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    folder = tmp_path / "facts"
    import_files([workbook(tmp_path / "a.xlsx", family(1))], folder)
    before = everything_in(folder)
    write = pq.write_table

    def full(table, where, **options):
        write(table, where, **options)
        if "households" in str(where):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(problems.NoSpace) as caught:
        import_files([workbook(tmp_path / "b.xlsx", family(5))], folder)
    assert caught.value.exit_code == 5
    assert everything_in(folder) == before


def test_the_manifest_tells_what_was_imported(tmp_path):
    (reading,) = import_files([workbook(tmp_path / "a.xlsx", family(2))], tmp_path / "facts")
    entry = json.loads((tmp_path / "facts" / "batches.json").read_text("utf-8"))[reading.batch]
    assert entry["tables"] == {"persons": 4, "households": 2}
    assert entry["as_of"] == "2025-10-31"


def test_inspecting_shows_columns_and_first_flaws_without_importing(tmp_path):
    header = [*HEADER, "神秘列"]
    (seen,) = inspect([workbook(tmp_path / "a.xlsx", [member(1, 1, 劳动技能="什么")], header)])
    assert (seen.problem, seen.reading.source, seen.reading.header_row, seen.reading.rows) == (
        None,
        "national-monitored",
        3,
        1,
    )
    assert [unknown.header for unknown in seen.unknown] == ["神秘列"]
    assert ("户编号", "household_id") in [(mapped.header, mapped.column) for mapped in seen.columns]
    assert seen.first[0].reason == "flagged:unknown-code"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.xlsx"]


def test_progress_is_told_file_by_file(tmp_path):
    told = []
    path = workbook(tmp_path / "a.xlsx", family(1))
    import_files([path], tmp_path / "facts", progress=lambda name, done, of: told.append((name, done, of)))
    assert told == [("a.xlsx", 0, 1), ("", 1, 1)]


def test_two_imports_at_once_both_stay(tmp_path):
    paths = [workbook(tmp_path / f"{number}.xlsx", family(number)) for number in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: import_files([path], tmp_path / "facts"), paths))
    assert len(json.loads((tmp_path / "facts" / "batches.json").read_text("utf-8"))) == 8
    assert not (tmp_path / "facts" / ".importing").exists()


def test_who_cannot_wait_any_longer_is_told_who_is_at_work(tmp_path):
    with (
        sole_writer(tmp_path),
        pytest.raises(problems.FolderInUse, match=str(os.getpid())),
        sole_writer(tmp_path, wait_seconds=0.1),
    ):
        pass
    with sole_writer(tmp_path, wait_seconds=0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_left_by_a_writer_that_was_killed_keeps_nobody_out(tmp_path):
    (tmp_path / ".importing").write_text("elsewhere, 1")
    with sole_writer(tmp_path, wait_seconds=0):
        assert "elsewhere" not in (tmp_path / ".importing").read_text()


def test_rows_to_return_do_not_pass_through_the_system_s_scratch_folder(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", [*family(1), member(2, 1, 户编号=None)])
    monkeypatch.setattr(tempfile, "tempdir", "/proc/no-such-place")
    (reading,) = import_files([path], tmp_path / "facts")
    assert [path.name for path in reading.rejects.parent.iterdir()] == [reading.rejects.name]
