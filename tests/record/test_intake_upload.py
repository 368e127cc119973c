import hashlib
import io
import os
import zipfile
from datetime import date

import pytest
from django.http import Http404

from khotail.accounts.problems import NotAllowed
from khotail.facts.problems import CorruptFile, EmptyFile, NotAList, PasswordProtected, TooLarge
from khotail.intake import actions, queries
from khotail.intake.models import Batch, RememberedMapping
from khotail.intake.preview import preview
from khotail.intake.problems import (
    AlreadySent,
    BadDay,
    ColumnsMissing,
    FileGone,
    IsAnother,
    LooksLikeAnother,
    NoSuchColumn,
    NoSuchHeader,
    NoSuchSource,
    NotWaiting,
    NotYours,
    UnknownList,
    UploadTooLarge,
    WrongFileType,
)
from khotail.intake.sources import sources_for
from khotail.jobs.work import run_waiting
from khotail.register.models import Statement
from khotail.trail.models import Event
from tests.facts.small_lists import family, id_number, workbook
from tests.record.conftest import OTHER_TOWNSHIP
from tests.record.intake_files import MEDICAL, as_upload, bill, medical, of_bytes, register_of

HEADERS = ["姓名", "公民号码", "结算日期", "就诊类别", "病种", "全部花费", "报销金额", "个人负担"]
RENAMED = dict(zip(MEDICAL, HEADERS, strict=True))


@pytest.fixture
def export(tmp_path):
    return workbook(tmp_path / "监测对象信息20260501.xlsx", family())


def oddly_headed(path, rows=1, day="2026-05-01"):
    bills = [bill(f"示例{n + 1}1", id_number((n + 1) * 10 + 1), day=day) for n in range(rows)]
    return medical(path, [{RENAMED[name]: cell for name, cell in row.items()} for row in bills], HEADERS)


def test_a_file_is_guessed_dated_and_kept_sealed(export, officers, now, settings):
    batch = actions.upload(as_upload(export), by=officers["banner_officer"], now=now)
    assert (batch.source, batch.as_of, batch.already) == ("national-monitored", date(2025, 10, 31), False)
    assert (batch.region_code, batch.state) == ("152221", Batch.State.UPLOADED)
    for name in (batch.path, f"{batch.path}.sample"):
        sealed = settings.KHOTAIL_HOME / name
        assert not sealed.read_bytes().startswith((b"PK", b"[")) and sealed.stat().st_mode & 0o077 == 0
    assert not list((settings.KHOTAIL_HOME / "intake").glob(".came-*"))


def test_the_same_file_again_is_the_same_batch(export, officers, now):
    first = actions.upload(as_upload(export), by=officers["banner_officer"], now=now)
    again = actions.upload(as_upload(export, "另一个名字.xlsx"), by=officers["administrator"], now=now)
    assert (again.pk, again.already) == (first.pk, True)
    assert Batch.objects.count() == 1 and Event.objects.filter(verb="batch.uploaded").count() == 1


def test_a_township_sends_for_itself_and_nobody_for_others(export, officers, now):
    own = actions.upload(as_upload(export), by=officers["township_officer"], now=now)
    assert own.region_code == officers["township_officer"].region_code
    with pytest.raises(NotYours):
        actions.upload(as_upload(export), by=officers["township_officer"], now=now, region_code=OTHER_TOWNSHIP)
    for region in ("152222", "152221'--", "15"):
        with pytest.raises(NotYours):
            actions.upload(as_upload(export), by=officers["banner_officer"], now=now, region_code=region)


@pytest.mark.parametrize("key", ["village_cadre", "helper", "leader", "auditor", "banner_reviewer"])
def test_who_may_not_send_files(key, export, officers, now):
    with pytest.raises(NotAllowed):
        actions.upload(as_upload(export), by=officers[key], now=now)
    assert sources_for(officers[key]) == []


def test_a_neighbouring_banner_sees_and_touches_nothing(export, officers, now):
    batch = actions.upload(as_upload(export), by=officers["banner_officer"], now=now)
    neighbour = officers["neighbour"]
    assert not queries.batches(neighbour).exists() and not queries.doubtful(neighbour, batch).exists()
    with pytest.raises(Http404):
        queries.batch(neighbour, batch.pk)
    with pytest.raises(NotYours):
        actions.start_import(batch, neighbour, now)
    with pytest.raises(NotYours):
        actions.correct(batch, batch.source, batch.as_of, {}, neighbour, now)
    with pytest.raises(NotYours):
        actions.withdraw(batch, neighbour, now)


def test_a_department_sends_its_own_lists_and_sees_its_own_files(export, tmp_path, officers, now):
    department = officers["department_officer"]
    assert [source.id for source in sources_for(department)] == ["medical-insurance"]
    assert len(sources_for(officers["banner_officer"])) > 20
    other = actions.upload(as_upload(export), by=officers["banner_officer"], now=now)
    own = actions.upload(as_upload(medical(tmp_path / "a.xlsx", [bill("甲", id_number(1))])), by=department, now=now)
    assert list(queries.batches(department)) == [own]
    with pytest.raises(NotYours):
        actions.start_import(other, department, now)
    with pytest.raises(NoSuchSource):
        actions.upload(as_upload(export), by=department, now=now, source="national-monitored")
    with pytest.raises(NoSuchSource):
        actions.correct(own, "housing", own.as_of, {}, department, now)


def zip_bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(300):
                part.write(b"0" * (1 << 20))
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.pdf", b"%PDF-1.7", WrongFileType),
        ("a.exe", b"MZ\x00\x00", WrongFileType),
        ("a", b"1,2", WrongFileType),
        ("a.xlsx", b"%PDF-1.7 and more", NotAList),
        ("a.xlsx", b"\xff\xd8\xff\xe0\x00\x10JFIF", (NotAList, WrongFileType)),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", (NotAList, WrongFileType)),
        ("a.csv", b"MZ\x90\x00\x03\x00\x00\x00", WrongFileType),
        ("a.csv", b"<html><table></table></html>", NotAList),
        ("a.xlsx", b"PK\x03\x04 cut off", CorruptFile),
        ("a.xlsx", b"just text", CorruptFile),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), PasswordProtected),
        ("a.csv", b"", EmptyFile),
        ("a.xlsx", zip_bomb(), TooLarge),
    ],
    ids=["pdf", "program", "no suffix", "pdf as xlsx", "jpeg as xlsx", "png as csv", "program as csv", "page as csv",
         "cut off", "text as xlsx", "password", "empty", "zip bomb"],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_sentence(name, content, problem, officers, now, settings):
    with pytest.raises(problem) as caught:
        actions.upload(of_bytes(name, content), by=officers["banner_officer"], now=now)
    assert caught.value.text.zh and "{" not in caught.value.text.zh + caught.value.text.en
    assert not Batch.objects.exists()
    assert not list((settings.KHOTAIL_HOME / "intake").glob(".came-*"))


@pytest.mark.parametrize("told", [True, False])
def test_larger_files_than_the_setting_are_refused(told, officers, now, settings):
    settings.KHOTAIL_MAX_UPLOAD_MB = 1
    file = of_bytes("a.csv", b"1," * (1 << 20))
    file.size = file.size if told else None
    with pytest.raises(UploadTooLarge):
        actions.upload(file, by=officers["banner_officer"], now=now)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.xlsx", "..\\..\\a.xlsx", "a\x00b.xlsx", "<script>.xlsx", "很" * 300 + ".xlsx", ".xlsx.xlsx"],
)
def test_odd_file_names_become_harmless(name, export, officers, now):
    batch = actions.upload(as_upload(export, name), by=officers["banner_officer"], now=now)
    assert not set("/\\<>\x00") & set(batch.file_name) and 0 < len(batch.file_name.encode()) <= 150
    assert not batch.file_name.startswith(".")


def test_a_correction_is_used_and_remembered_for_the_next_file(tmp_path, officers, now):
    officer = officers["banner_officer"]
    register_of(tmp_path, officer, now)
    batch = actions.upload(as_upload(oddly_headed(tmp_path / "一月.xlsx")), by=officer, now=now)
    assert preview(batch).problem is not None
    with pytest.raises((UnknownList, ColumnsMissing)):
        actions.start_import(batch, officer, now)
    mapping = {"公民号码": "id_number", "个人负担": "self_paid_cny", "病种": ""}
    batch = actions.correct(batch, "medical-insurance", date(2026, 5, 31), mapping, officer, now)
    columns = {column.header: column.column for column in preview(batch).columns}
    assert (columns["公民号码"], columns["个人负担"], columns["病种"]) == ("id_number", "self_paid_cny", "")
    actions.start_import(batch, officer, now)
    run_waiting(now)
    said = Statement.objects.get(table="medical_costs")
    assert said.values["self_paid_cny"] == 30000 and "diagnosis" not in said.values

    following = actions.upload(as_upload(oddly_headed(tmp_path / "二月.xlsx", 2)), by=officer, now=now)
    assert (following.source, following.mapping) == ("medical-insurance", mapping)
    assert RememberedMapping.objects.count() == 1 and preview(following).problem is None


def test_a_correction_is_checked(export, officers, now):
    officer = officers["banner_officer"]
    batch = actions.upload(as_upload(export), by=officer, now=now)
    day = batch.as_of
    with pytest.raises(NoSuchHeader):
        actions.correct(batch, batch.source, day, {"没有这列": "name"}, officer, now)
    with pytest.raises(NoSuchColumn):
        actions.correct(batch, batch.source, day, {"姓名": "password"}, officer, now)
    with pytest.raises(NoSuchSource):
        actions.correct(batch, "wishes", day, {}, officer, now)
    for bad in (date(1899, 12, 31), date(2100, 1, 1), date(2026, 6, 4)):
        with pytest.raises(BadDay):
            actions.correct(batch, batch.source, bad, {}, officer, now)
    other = actions.upload(as_upload(export), by=officer, now=now, as_of=date(2026, 1, 1))
    with pytest.raises(AlreadySent):
        actions.correct(other, batch.source, day, {}, officer, now)


def test_a_withdrawn_file_is_gone_and_may_be_sent_again(export, officers, now, settings):
    officer = officers["banner_officer"]
    batch = actions.upload(as_upload(export), by=officer, now=now)
    actions.withdraw(batch, officer, now)
    with pytest.raises(NotWaiting):
        actions.start_import(batch, officer, now)
    again = actions.upload(as_upload(export), by=officer, now=now)
    assert (again.pk, again.state, again.already) == (batch.pk, Batch.State.UPLOADED, False)


def test_a_stored_file_that_was_altered_is_not_imported(export, officers, now, settings):
    batch = actions.upload(as_upload(export), by=officers["banner_officer"], now=now)
    path = settings.KHOTAIL_HOME / f"{batch.path}.sample"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(FileGone):
        preview(batch)
    path.unlink()
    os.remove(settings.KHOTAIL_HOME / batch.path)


def test_lists_of_batches_take_one_query(export, officers, now, django_assert_num_queries):
    actions.upload(as_upload(export), by=officers["banner_officer"], now=now)
    actions.upload(as_upload(export), by=officers["banner_officer"], now=now, as_of=date(2026, 1, 1))
    with django_assert_num_queries(1):
        seen = list(queries.batches(officers["banner_officer"], state="uploaded", source="national-monitored"))
        assert [(one.sent_by.full_name, one.open_doubts) for one in seen] == [("演示banner_officer", 0)] * 2


# -- a list sent as another ------------------------------------------------------------------------------------------


def test_a_list_sent_as_one_that_it_cannot_be_is_refused_and_taken_as_what_it_is(export, officers, now):
    officer = officers["banner_officer"]
    batch = actions.upload(as_upload(export), by=officer, now=now, source="medical-insurance")
    for reason in ("", "我确定"):
        with pytest.raises(IsAnother) as caught:
            actions.start_import(batch, officer, now, reason=reason)
    assert "national-monitored" in caught.value.text.zh and preview(batch).misfit.looks_like.id == "national-monitored"
    batch = actions.take_as(batch, "national-monitored", officer, now)
    assert preview(batch).misfit is None and actions.start_import(batch, officer, now)


def test_whoever_insists_says_why_and_only_where_the_columns_are_there(export, officers, now):
    officer = officers["banner_officer"]
    batch = actions.upload(as_upload(export), by=officer, now=now, source="village-ledger")
    with pytest.raises(LooksLikeAnother):
        actions.start_import(batch, officer, now, reason="  ")
    actions.start_import(batch, officer, now, reason="村里用旧表报的")
    batch.refresh_from_db()
    assert batch.insisted == "村里用旧表报的" and batch.state == Batch.State.IMPORTING
    assert Event.objects.get(verb="batch.insisted").details["reason"] == "村里用旧表报的"


def test_a_file_that_must_fit_leaves_nothing_behind_where_it_does_not(export, officers, now, settings):
    with pytest.raises(IsAnother):
        actions.upload(
            as_upload(export), by=officers["banner_officer"], now=now, source="medical-insurance", must_fit=True
        )
    digest = hashlib.sha256(export.read_bytes()).hexdigest()
    assert not Batch.objects.exists() and not list((settings.KHOTAIL_HOME / "intake").rglob(f"{digest}*"))
