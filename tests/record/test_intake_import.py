import io
from datetime import date, timedelta

import openpyxl
import pytest

from khotail.accounts.models import Notification
from khotail.accounts.problems import NotAllowed
from khotail.demo.demo_set import generate
from khotail.intake import actions, queries
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.intake.preview import preview
from khotail.intake.problems import NotWaiting
from khotail.jobs.models import Job
from khotail.jobs.work import run_waiting
from khotail.register.models import Household, Person, Statement
from khotail.trail.models import Event
from tests.facts.small_lists import family, id_number, member, workbook
from tests.record.intake_files import as_upload, bill, imported, medical, register_of


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("demo"), households=150, as_of=date(2026, 5, 31), form="files")


def of_demo(demo, *words):
    return next(path for path in demo.files if all(word in path.name for word in words))


EXPORTS = {
    "监测对象信息": ("national-monitored", "persons"),
    "乡村建设户信息": ("national-construction", "households"),
    "已外出务工信息": ("national-working", "work_records"),
    "计划外出务工信息": ("national-planned-work", "work_records"),
    "行政村信息": ("national-villages", "villages"),
}


def test_the_five_exports_and_a_department_list_of_a_demo_banner(demo, officers, now):
    officer = officers["banner_officer"]
    ledger = imported(of_demo(demo, "农户成员"), officer, now)
    assert ledger.source == "village-ledger" and ledger.counts["households_new"] > 0
    for word, (source, table) in EXPORTS.items():
        batch = imported(of_demo(demo, word), officer, now)
        assert (batch.source, batch.state) == (source, Batch.State.IMPORTED), word
        counts = batch.counts
        assert counts["taken"] > 0 and counts["outside"] == 0, (word, counts)
        assert Statement.objects.filter(batch_id=batch.pk, table=table).exists()
    batch = imported(of_demo(demo, "医保自付费用"), officer, now)
    said = Statement.objects.filter(batch_id=batch.pk, table="medical_costs")
    assert said.exists() and not said.filter(person=None).exists()
    assert batch.counts["taken"] == said.count()


def test_importing_again_from_another_file_changes_nothing(tmp_path, officers, now):
    officer = officers["banner_officer"]
    first = register_of(tmp_path, officer, now)
    other = workbook(tmp_path / "又一份20260501.xlsx", family(), titles=("监测对象信息表", "再次导出"))
    again = imported(other, officer, now + timedelta(hours=1), as_of=first.as_of)
    assert again.pk != first.pk
    assert (again.counts["taken"], again.counts["unchanged"]) == (0, first.counts["taken"])


def test_what_an_import_leaves_behind(tmp_path, officers, now):
    officer = officers["banner_officer"]
    batch = register_of(tmp_path, officer, now)
    assert batch.as_of == date(2026, 5, 1)
    assert (batch.counts["rows"], batch.counts["taken"], batch.counts["persons_new"]) == (6, 9, 6)
    assert Household.objects.count() == 3 and Person.objects.count() == 6
    verbs = list(Event.objects.filter(subject_kind="batch").order_by("id").values_list("verb", flat=True))
    assert verbs == ["batch.uploaded", "batch.import-asked", "batch.imported"]
    told = Notification.objects.get(officer=officer, kind="job-done")
    assert told.path == f"/intake/{batch.pk}/"
    assert id_number(11) not in str(list(Event.objects.values_list("details", flat=True)))


def test_rejected_rows_come_back_sealed_as_text_with_reasons_in_both_languages(tmp_path, officers, now, settings):
    rows = [*family(1), member(2, 1, 户编号=None, 姓名="=HYPERLINK(1)"), member(2, 2, 户编号=None, 姓名="<b>某</b>")]
    batch = register_of(tmp_path, officers["banner_officer"], now, rows)
    assert batch.counts["rejected"] == 2
    sealed = (settings.KHOTAIL_HOME / batch.rejects_path).read_bytes()
    assert not sealed.startswith(b"PK")
    book = openpyxl.load_workbook(io.BytesIO(queries.rejects(batch)))
    cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert cells[1][-2:] == ["缺户编号", "the household number is missing"]
    assert "=HYPERLINK(1)" in cells[1]
    assert all(cell.data_type != "f" for row in book.worksheets[0].iter_rows() for cell in row)


def test_rows_of_a_neighbouring_banner_are_not_written(tmp_path, officers, now):
    rows = [
        *family(1),
        *(row | {"县(市、区、旗)": "科尔沁右翼中旗", "乡(镇)": "巴彦呼舒镇", "行政村": None} for row in family(2)[2:]),
    ]
    batch = register_of(tmp_path, officers["banner_officer"], now, rows)
    assert batch.counts["outside"] == batch.counts["rejected"] == 2 and batch.counts["unknown"] == 0
    assert Household.objects.count() == 1


def test_a_department_matches_people_of_its_own_region_only(tmp_path, officers, now):
    register_of(tmp_path, officers["banner_officer"], now)
    Person.objects.update(region_code="152222100200")
    imported_list = medical(tmp_path / "医保自付费用202605.xlsx", [bill("示例11", id_number(11))])
    batch = actions.upload(as_upload(imported_list), by=officers["department_officer"], now=now)
    job = actions.start_import(batch, officers["department_officer"], now)
    run_waiting(now)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED and "register" in job.problem_en
    batch.refresh_from_db()
    assert batch.state == Batch.State.FAILED
    assert not Statement.objects.filter(table="medical_costs").exists()


def test_a_failed_batch_can_be_started_again(tmp_path, officers, now):
    department = officers["department_officer"]
    path = medical(tmp_path / "医保自付费用202605.xlsx", [bill("示例11", id_number(11))])
    batch = actions.upload(as_upload(path), by=department, now=now)
    actions.start_import(batch, department, now)
    run_waiting(now)
    register_of(tmp_path, officers["banner_officer"], now)
    actions.start_import(batch, department, now)
    run_waiting(now)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["taken"]) == (Batch.State.IMPORTED, 1)
    with pytest.raises(NotWaiting):
        actions.start_import(batch, department, now)
    with pytest.raises(NotWaiting):
        actions.withdraw(batch, department, now)


def test_a_list_without_id_numbers_is_matched_by_name_birth_date_and_village(tmp_path, officers, now):
    register_of(tmp_path, officers["banner_officer"], now)
    header = ["姓名", "出生日期", "性别", "乡镇", "行政村", *MEDICAL_REST]
    sure = bill("示例11", "", 出生日期="1990-01-01", 性别="男", 乡镇="科尔沁镇", 行政村="远征村")
    vague = bill("示例21", "")
    nobody = bill("无此人", "", 出生日期="1950-01-01")
    path = medical(tmp_path / "医保自付费用202605.xlsx", [sure, vague, nobody], header)
    batch = imported(path, officers["department_officer"], now)
    counts = batch.counts
    assert (counts["taken"], counts["matched_by_score"], counts["doubtful"], counts["rejected"]) == (1, 1, 2, 0)
    assert Statement.objects.get(table="medical_costs").person.name == "示例11"
    first, second = DoubtfulMatch.objects.order_by("row_number")
    assert first.candidates[0]["agrees"] == ["name"] and second.candidates == []


MEDICAL_REST = ["结算日期", "就诊类别", "病种", "医疗总费用", "报销金额", "合规自付费用"]


def test_doubtful_rows_keep_personal_numbers_sealed(tmp_path, officers, now):
    register_of(tmp_path, officers["banner_officer"], now)
    wrong = id_number(11)[:14] + "9988"
    imported(medical(tmp_path / "医保自付费用.xlsx", [bill("示例11", wrong)]), officers["banner_officer"], now)
    doubt = DoubtfulMatch.objects.get()
    assert doubt.values["id_number"].startswith("a1:") and wrong not in str(doubt.values)
    assert doubt.values["self_paid_cny"] == 30000 and doubt.table == "medical_costs"


def test_strangers_with_sound_numbers_go_back_and_are_not_asked_about(tmp_path, officers, now):
    register_of(tmp_path, officers["banner_officer"], now)
    path = medical(tmp_path / "医保自付费用.xlsx", [bill("外地人", id_number(77, "19600606"))])
    batch = imported(path, officers["banner_officer"], now)
    assert (batch.counts["rejected"], batch.counts["doubtful"]) == (1, 0)


def test_a_role_without_files_may_not_import(tmp_path, officers, now):
    path = workbook(tmp_path / "监测对象信息.xlsx", family())
    batch = actions.upload(as_upload(path), by=officers["banner_officer"], now=now)
    for key in ("village_cadre", "helper", "leader", "auditor", "banner_reviewer"):
        with pytest.raises(NotAllowed):
            actions.start_import(batch, officers[key], now)
        assert not queries.batches(officers[key]).exists()


def test_a_preview_shows_columns_and_rows_and_writes_nothing(tmp_path, officers, now):
    path = workbook(tmp_path / "监测对象信息.xlsx", [member(1, 1, 人数=" 2人 "), member(2, 1, 户编号=None)])
    batch = actions.upload(as_upload(path), by=officers["banner_officer"], now=now)
    seen = preview(batch)
    assert seen.guessed_source == "national-monitored" and seen.sheets[0].rows == 2
    by_header = {column.header: column for column in seen.columns}
    assert by_header["户编号"].column == "household_id" and by_header["户编号"].confidence == 1
    assert by_header["证件号码"].samples == [
        "152221********" + id_number(11)[-4:],
        "152221********" + id_number(21)[-4:],
    ]
    assert len(seen.rows) == 2 and len(seen.rows[0]) == len(seen.columns)
    assert seen.mended >= 1 and seen.rejected == 1
    assert id_number(11) not in str(seen) and "13800000000" not in str(seen)
    assert ("household_id", by_header["户编号"].column_name) in seen.choices
    assert not Statement.objects.exists()


def rejected_of(batch):
    """Cells of the workbook that goes back, by sheet."""
    book = openpyxl.load_workbook(io.BytesIO(queries.rejects(batch)))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_rows_outside_the_region_come_back_with_their_reason(tmp_path, officers, now):
    elsewhere = {"乡(镇)": "索伦镇", "行政村": None}
    rows = [*family(2), member(3, 1, **elsewhere), member(3, 2, **elsewhere)]
    batch = register_of(tmp_path, officers["township_officer"], now, rows)
    assert (batch.counts["outside"], batch.counts["rejected"], batch.counts["households_new"]) == (2, 2, 2)
    (lines,) = rejected_of(batch).values()
    assert [row[0] for row in lines if "outside the region of this batch; not written" in row] == ["7", "8"]


def test_rows_about_unknown_households_come_back_with_their_reason(demo, tmp_path, officers, now):
    officer = officers["banner_officer"]
    register_of(tmp_path, officer, now)
    batch = imported(of_demo(demo, "已外出务工信息"), officer, now)
    assert batch.counts["unknown"] > 0 and batch.counts["taken"] == 0
    lines = [row for rows in rejected_of(batch).values() for row in rows]
    assert sum("登记库中没有这一户，未写入" in row for row in lines) == batch.counts["unknown"]


def test_a_web_address_in_a_rejected_row_is_a_text_and_no_link(tmp_path, officers, now):
    rows = [*family(1), member(2, 1, 户编号=None, 姓名="https://example.com/x")]
    batch = register_of(tmp_path, officers["banner_officer"], now, rows)
    book = openpyxl.load_workbook(io.BytesIO(queries.rejects(batch)))
    cells = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "https://example.com/x"
    ]
    assert cells and not any(cell.hyperlink for cell in cells)


def test_whoever_is_told_of_an_import_can_open_the_page_that_they_are_sent_to(tmp_path, officers, now, signed_in):
    register_of(tmp_path, officers["banner_officer"], now)
    path = medical(tmp_path / "医保自付费用202605.xlsx", [bill("示例11", id_number(11)[:14] + "9988")])
    imported(path, officers["department_officer"], now)
    told = Notification.objects.select_related("officer")
    assert {"job-done", "matches-new"} <= set(told.values_list("kind", flat=True))
    for one in told:
        assert signed_in(one.officer.username).get(one.path).status_code == 200, (one.officer.username, one.path)
