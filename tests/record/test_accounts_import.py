from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from khotail.accounts import importing, lists
from khotail.accounts.models import Officer
from khotail.accounts.problems import NoPeopleInFile, NotAllowed, TooManyPeople
from khotail.facts.problems import CorruptFile
from khotail.problems import Problem
from khotail.trail.models import Event
from tests.record.conftest import BANNER, VILLAGE

HEADER = ("姓名", "角色", "地区代码", "旗县", "苏木乡镇", "嘎查村", "部门", "电话", "登录名")
ROWS = [
    ("王小明", "村干部", VILLAGE, "", "", "", "", "138 0000 1234", ""),
    ("王小明", "审核员", BANNER, "", "", "", "", "", ""),
    ("乌云", "村干部", "", "", "索伦镇", "联兴嘎查", "", "", "Wuyun.A"),
    ("李四", "部门联络员", "152221000000", "", "", "", "medical_insurance", "", ""),
    ("=1+1", "领导", "", "", "", "", "", "", ""),
]
BAD = [
    ("", "村干部", VILLAGE, "", "", "", "", "", ""),
    ("赵六", "皇帝", VILLAGE, "", "", "", "", "", ""),
    ("钱七", "村干部", "152222100200", "", "", "", "", "", ""),
    ("孙八", "村干部", "", "", "没有这个镇", "没有这个村", "", "", ""),
    ("周九", "村干部", VILLAGE, "", "", "", "", "1.38E+10", ""),
    ("吴十", "管理员", VILLAGE, "", "", "", "", "", ""),
    ("郑一", "部门联络员", BANNER, "", "", "", "", "", ""),
    ("冯二", "村干部", VILLAGE, "", "", "", "", "", "helper"),
    ("王小明", "村干部", VILLAGE, "", "", "", "", "", ""),
]


def workbook(folder: Path, rows, header=HEADER) -> Path:
    book = openpyxl.Workbook()
    for row in (("二〇二六年人员名单",), header, *rows):
        book.active.append(row)
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s"
    path = folder / "people.xlsx"
    book.save(path)
    return path


def test_a_list_is_read_by_codes_and_by_names_and_creates_nobody_yet(officers, tmp_path):
    found = importing.preview(workbook(tmp_path, ROWS), "people.xlsx", by=officers["administrator"])
    assert [(one.full_name, one.role, one.region_code, one.username) for one in found.new] == [
        ("王小明", "village_cadre", VILLAGE, "wangxiaoming"),
        ("王小明", "reviewer", BANNER, "wangxiaoming2"),
        ("乌云", "village_cadre", "152221101200", "wuyun.a"),
        ("李四", "department_officer", BANNER, "lisi"),
        ("=1+1", "leader", BANNER, "11"),
    ]
    assert found.new[0].phone == "13800001234" and not found.rejects
    assert not Officer.objects.filter(username="lisi").exists()


def test_rows_that_cannot_be_taken_come_back_with_their_reasons(officers, tmp_path):
    found = importing.preview(workbook(tmp_path, [ROWS[0], *BAD]), "people.xlsx", by=officers["administrator"])
    assert [one.full_name for one in found.new] == ["王小明"]
    assert [one.row for one in found.rejects] == [4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert all(one.zh and one.en for one in found.rejects)
    book = openpyxl.load_workbook(_saved(tmp_path, lists.rejects(found)))
    assert book.active.max_row == 1 + len(BAD) and not book.active["A2"].value


def test_the_same_list_twice_changes_nothing(officers, tmp_path, now):
    administrator, path = officers["administrator"], workbook(tmp_path, ROWS)
    created = importing.take(importing.preview(path, "people.xlsx", by=administrator), by=administrator, now=now)
    assert len(created) == 5 and len({one.first_password for one in created}) == 5
    again = importing.preview(path, "people.xlsx", by=administrator)
    assert not again.new and len(again.rejects) == 5
    assert Event.objects.get(verb="people.imported").details == {"created": 5, "rejected": 0}


def test_all_or_nobody_is_created(officers, tmp_path, now):
    administrator = officers["administrator"]
    found = importing.preview(workbook(tmp_path, ROWS), "people.xlsx", by=administrator)
    Officer.objects.create_user("lisi", "x", full_name="抢先一步", role="leader", region_code=BANNER)
    with pytest.raises(Problem):
        importing.take(found, by=administrator, now=now)
    assert not Officer.objects.filter(username="wangxiaoming").exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_text_files_are_read_too(officers, tmp_path, encoding):
    path = tmp_path / "people.csv"
    path.write_text("姓名,角色,地区代码\n王小明,村干部,152221100200\n", encoding=encoding)
    assert importing.preview(path, "people.csv", by=officers["administrator"]).new[0].full_name == "王小明"


def test_what_is_no_list_of_people_is_refused(officers, tmp_path):
    administrator = officers["administrator"]
    with pytest.raises(NoPeopleInFile):
        importing.preview(workbook(tmp_path, [], header=("户主", "收入")), "people.xlsx", by=administrator)
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(CorruptFile):
        importing.preview(tmp_path / "broken.xlsx", "broken.xlsx", by=administrator)
    long = tmp_path / "long.csv"
    long.write_text("姓名,角色\n" + "某人,领导\n" * (importing.MOST + 1))
    with pytest.raises(TooManyPeople):
        importing.preview(long, "long.csv", by=administrator)
    with pytest.raises(NotAllowed):
        importing.preview(long, "long.csv", by=officers["banner_officer"])


def test_the_export_reads_back_and_holds_no_formulas(officers, tmp_path, now):
    path = _saved(tmp_path, lists.export_people(officers["administrator"], now=now))
    found = importing.preview(path, "export.xlsx", by=officers["administrator"])
    assert not found.new and len(found.rejects) == 12  # everybody of the banner is there already
    assert Event.objects.get(verb="people.exported").details == {"rows": 12}


def test_a_list_is_sent_looked_at_and_confirmed_once(officers, signed_in, tmp_path):
    browser = signed_in("administrator")
    file = SimpleUploadedFile("名单<b>.xlsx", workbook(tmp_path, [*ROWS, *BAD]).read_bytes())
    assert browser.post("/people/import/", {"file": file}).headers["Location"] == "/people/import/preview/"
    page = browser.get("/people/import/preview/").content.decode()
    assert "wangxiaoming2" in page and "名单&lt;b&gt;" in page and "皇帝" in page
    assert browser.get("/people/import/rejects/").content[:2] == b"PK"
    answer = browser.post("/people/import/confirm/")
    assert "wangxiaoming2" in answer.content.decode() and "no-store" in answer.headers["Cache-Control"]
    assert browser.post("/people/import/confirm/").status_code == 409
    assert Officer.objects.filter(username="wangxiaoming2").count() == 1


def _saved(folder: Path, content: bytes) -> Path:
    path = folder / "out.xlsx"
    path.write_bytes(content)
    return path
