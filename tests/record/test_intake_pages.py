"""The pages of files that come in and of doubtful rows, through a browser's requests."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from khotail.intake.models import Batch, DoubtfulMatch, RememberedMapping
from khotail.jobs.models import Job
from khotail.jobs.work import run_waiting
from khotail.register.models import Person, Statement
from khotail.trail.models import Event
from tests.facts.small_lists import family, id_number, workbook
from tests.record.conftest import BANNER, PASSWORD
from tests.record.intake_files import MEDICAL, bill, imported, medical, register_of

pytestmark = pytest.mark.one_database

STRANGE = '<script>alert("x")</script>'


@pytest.fixture(autouse=True)
def no_limits(settings) -> None:
    settings.KHOTAIL_LIMITS = ()


@pytest.fixture
def officer(officers):
    return officers["banner_officer"]


@pytest.fixture
def browser(signed_in):
    return signed_in("banner_officer")


def send(browser: Client, *paths, name: str = "", **values):
    files = [SimpleUploadedFile(name or path.name, path.read_bytes()) for path in paths]
    for file, path in zip(files, paths, strict=True):
        file.name = name or path.name  # as a hostile browser may send it
    return browser.post(reverse("batch_new"), {"files": files, "source": "", "as_of": "", **values})


def export(folder, rows=None, name="监测对象信息20260501.xlsx"):
    return workbook(folder / name, rows or family(), titles=("监测对象信息表",))


def doubtful_row(tmp_path, officer, now, name="示例11", number="1.52221E+17", **more) -> DoubtfulMatch:
    register_of(tmp_path, officer, now)
    batch = imported(medical(tmp_path / "医保20260501.xlsx", [bill(name, number, **more)]), officer, now)
    return DoubtfulMatch.objects.get(batch=batch)


# -- from upload to counts -------------------------------------------------------------------------------------------


def test_a_file_goes_from_upload_to_counts(tmp_path, officer, browser):
    answer = send(browser, export(tmp_path))
    batch = Batch.objects.get()
    assert answer.status_code == 302 and answer["Location"] == reverse("batch", args=[batch.pk])
    page = browser.get(answer["Location"]).content.decode()
    assert "Monitored households and persons" in page and "示例11" in page and "2026-05-01" in page
    assert id_number(11) not in page, "numbers are masked in the preview"
    assert browser.post(reverse("batch_import", args=[batch.pk])).status_code == 302
    waiting = browser.get(reverse("batch", args=[batch.pk])).content.decode()
    assert reverse("batch_progress", args=[batch.pk]) in waiting
    run_waiting(timezone.now())
    part = browser.get(reverse("batch_progress", args=[batch.pk]), headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"
    page = browser.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "Statements taken" in page and "New households" in page
    assert Person.objects.count() == 6


def test_a_parquet_file_is_a_list_like_any_other(tmp_path, officer, browser, now):
    register_of(tmp_path, officer, now)
    path = tmp_path / "医保20260501.parquet"
    pq.write_table(pa.Table.from_pylist([bill("示例11", id_number(11))]), path)
    batch = _sent(browser, path)
    browser.post(reverse("batch_import", args=[batch.pk]))
    run_waiting(timezone.now())
    assert Statement.objects.get(batch_id=batch.pk).person.name == "示例11"


def test_the_same_file_twice_is_one_batch_and_the_sender_is_told(tmp_path, browser):
    path = export(tmp_path)
    first, second = send(browser, path), send(browser, path)
    assert first["Location"] == second["Location"] and Batch.objects.count() == 1
    assert "sent before" in browser.get(second["Location"]).content.decode()


def test_several_files_at_once_are_taken_one_by_one(tmp_path, browser):
    bad = tmp_path / "notes.pdf"
    bad.write_bytes(b"%PDF-1.7 nothing")
    answer = send(
        browser, export(tmp_path), medical(tmp_path / "医保20260501.xlsx", [bill("示例11", id_number(11))]), bad
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and Batch.objects.count() == 2
    assert "notes.pdf" in page and 'class="problem"' in page


def test_a_failed_import_shows_why_and_is_started_again(tmp_path, officer, browser, now):
    batch = _sent(browser, medical(tmp_path / "医保20260501.xlsx", [bill("示例11", id_number(11))]))
    browser.post(reverse("batch_import", args=[batch.pk]))
    run_waiting(timezone.now())  # no register yet
    page = browser.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "Failed" in page and Job.objects.get().problem_en.split(".")[0].split("“")[0] in page
    register_of(tmp_path, officer, now)
    browser.post(reverse("batch_import", args=[batch.pk]))
    run_waiting(timezone.now())
    batch.refresh_from_db()
    assert batch.state == Batch.State.IMPORTED and batch.counts["taken"] == 1


def test_a_file_is_taken_back_before_its_import_only(tmp_path, browser):
    batch = _sent(browser, export(tmp_path))
    browser.post(reverse("batch_import", args=[batch.pk]))
    run_waiting(timezone.now())
    late = browser.post(reverse("batch_withdraw", args=[batch.pk]))
    assert late.status_code == 409 and "can no longer" in late.content.decode()
    other = _sent(browser, export(tmp_path, family(2), "监测对象信息20260502.xlsx"))
    assert browser.post(reverse("batch_withdraw", args=[other.pk])).status_code == 302
    other.refresh_from_db()
    assert other.state == Batch.State.WITHDRAWN


def test_rejected_rows_are_downloaded_as_text_and_the_download_is_an_event(tmp_path, browser):
    rows = [*family(1), {**family(1)[0], "户编号": None, "姓名": "=HYPERLINK(1)"}]
    batch = _sent(browser, export(tmp_path, rows))
    browser.post(reverse("batch_import", args=[batch.pk]))
    run_waiting(timezone.now())
    answer = browser.post(reverse("batch_rejects", args=[batch.pk]))
    assert answer["Cache-Control"] == "no-store" and "attachment" in answer["Content-Disposition"]
    cells = [
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(answer.content))
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.value).startswith("=HYPERLINK")
    ]
    assert cells and all(cell.data_type == "s" for cell in cells)
    assert Event.objects.filter(verb="batch.rejects-taken", subject_id=str(batch.pk)).count() == 1


# -- what the columns mean -------------------------------------------------------------------------------------------


def odd_bills(folder):
    """Two headers that nobody declared, one of them needed."""
    odd = {"身份证号": "参保人号", "合规自付费用": "个人掏的钱"}
    header = [odd.get(name, name) for name in MEDICAL]
    row = {odd.get(name, name): value for name, value in bill("示例11", id_number(11)).items()}
    return medical(folder / "医保20260501.xlsx", [row], header)


def column_of(page: str, header: str) -> str:
    """The form's field for a header."""
    return re.search(rf'<label for="id_(column-\d+)">{header}</label>', page)[1]


def test_a_column_that_is_corrected_is_remembered_for_files_like_it(tmp_path, officer, browser, now):
    register_of(tmp_path, officer, now)
    batch = _sent(browser, odd_bills(tmp_path), source="medical-insurance")
    page = browser.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "its columns do not fit that list" in page
    said = {column_of(page, "参保人号"): "id_number", column_of(page, "个人掏的钱"): "self_paid_cny"}
    answer = browser.post(
        reverse("batch_correct", args=[batch.pk]), {"source": "medical-insurance", "as_of": "2026-05-01", **said}
    )
    assert answer.status_code == 302
    assert RememberedMapping.objects.get().mapping == {"参保人号": "id_number", "个人掏的钱": "self_paid_cny"}
    assert "示例11" in browser.get(reverse("batch", args=[batch.pk])).content.decode()
    browser.post(reverse("batch_import", args=[batch.pk]))
    run_waiting(timezone.now())
    assert Statement.objects.get(batch_id=batch.pk).values["self_paid_cny"] == 30000
    (tmp_path / "next").mkdir()
    again = _sent(browser, odd_bills(tmp_path / "next"), as_of="2026-05-02")
    assert again.pk != batch.pk and again.mapping["个人掏的钱"] == "self_paid_cny"


def test_columns_that_are_known_can_be_corrected_on_request(tmp_path, browser):
    batch = _sent(browser, export(tmp_path))
    address = reverse("batch", args=[batch.pk])
    assert "column-" not in re.sub(r'id="columns".*', "", browser.get(address).content.decode())
    page = browser.get(address, {"all": "1"}).content.decode()
    field = column_of(page, "姓名")
    answer = browser.post(
        reverse("batch_correct", args=[batch.pk]),
        {"source": "national-monitored", "as_of": "2026-05-01", "all": "1", field: ""},
    )
    assert answer.status_code == 302
    batch.refresh_from_db()
    assert batch.mapping == {"姓名": ""}


def test_a_wrong_day_or_column_is_refused_beside_what_was_typed(tmp_path, browser):
    batch = _sent(browser, export(tmp_path))
    address = reverse("batch_correct", args=[batch.pk])
    for day in ("2100-01-01", "1899-12-31", "yesterday"):
        answer = browser.post(address, {"source": "national-monitored", "as_of": day})
        assert answer.status_code == 400, day
    assert browser.post(address, {"source": "no-such", "as_of": "2026-05-01"}).status_code == 400
    wrong = browser.post(address, {"source": "national-monitored", "as_of": "2026-05-01", "column-0": "password"})
    assert wrong.status_code == 400
    batch.refresh_from_db()
    assert batch.as_of == date(2026, 5, 1) and batch.mapping == {}


# -- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7"),
        ("a.xlsx", b"%PDF-1.7"),
        ("a.xlsx", b""),
        ("a.xlsx", b"PK\x03\x04 not a zip"),
        ("a.exe", b"MZ\x90"),
        ("a.csv", b"\x00\x01\x02\x03" * 50),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
        ("a.html", b"<html><table></table></html>"),
        ("a.parquet", b"PAR1 cut off"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence_and_not_kept(browser, name, content):
    answer = browser.post(reverse("batch_new"), {"files": SimpleUploadedFile(name, content)})
    page = answer.content.decode()
    assert answer.status_code == 400 and page.count('class="problem"') == 1, name
    assert not Batch.objects.exists()


def test_no_file_at_all_is_said_beside_the_field(browser):
    answer = browser.post(reverse("batch_new"), {"source": ""})
    assert answer.status_code == 400 and "errorlist" in answer.content.decode()


def test_an_upload_beyond_the_limit_is_refused_before_it_is_received(browser, settings, tmp_path):
    settings.KHOTAIL_MAX_UPLOAD_MB = 1
    big = tmp_path / "big.csv"
    big.write_bytes(b"a,b\n" * 300_000)
    assert send(browser, big).status_code == 400
    answer = browser.generic("POST", reverse("batch_new"), b"x", CONTENT_LENGTH=str(10**10))
    assert answer.status_code == 413
    assert not Batch.objects.exists()


@pytest.mark.parametrize("name", ["../../../etc/x.xlsx", "..\\..\\x.xlsx", "长" * 300 + ".xlsx", STRANGE + ".xlsx"])
def test_hostile_names_are_only_ever_shown(tmp_path, browser, settings, name):
    answer = send(browser, export(tmp_path), name=name)
    batch = Batch.objects.get()
    assert "/" not in batch.file_name and "\\" not in batch.file_name and len(batch.file_name) <= 200
    page = browser.get(answer["Location"]).content.decode()
    assert "<script>alert" not in page
    assert batch.sha256 in batch.path


def test_html_and_formulas_in_cells_and_headers_are_shown_as_text(tmp_path, browser):
    rows = family(1)
    rows[0]["姓名"], rows[1]["姓名"] = STRANGE, '=cmd|"/c calc"!A1'
    batch = _sent(browser, export(tmp_path, [{**row, STRANGE: "1"} for row in rows]))
    page = browser.get(reverse("batch", args=[batch.pk])).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "=cmd|" in page


def test_a_form_without_its_token_is_refused(tmp_path, officers):
    strict = Client(enforce_csrf_checks=True)
    strict.login(username="banner_officer", password=PASSWORD)
    assert strict.post(reverse("batch_new"), {"files": SimpleUploadedFile("a.csv", b"a")}).status_code == 403


# -- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["village_cadre", "helper", "leader", "auditor", "banner_reviewer"])
def test_who_neither_sends_nor_decides_sees_no_files(tmp_path, officer, signed_in, now, key):
    batch = register_of(tmp_path, officer, now)
    other = signed_in(key)
    for name, arguments in (("batches", []), ("batch_new", []), ("batch", [batch.pk]), ("doubtful_matches", [])):
        assert other.get(reverse(name, args=arguments)).status_code == 403, name
    for name in ("batch_import", "batch_withdraw", "batch_correct", "batch_rejects"):
        assert other.post(reverse(name, args=[batch.pk])).status_code == 403, name


def test_the_neighbouring_banner_finds_nothing(tmp_path, officer, signed_in, now):
    row = doubtful_row(tmp_path, officer, now)
    neighbour = signed_in("neighbour")
    for name in ("batch", "batch_progress", "batch_doubtful"):
        assert neighbour.get(reverse(name, args=[row.batch_id])).status_code == 404, name
    for name in ("batch_import", "batch_withdraw", "batch_correct", "batch_rejects"):
        assert neighbour.post(reverse(name, args=[row.batch_id])).status_code == 404, name
    assert neighbour.get(reverse("doubtful_match", args=[row.pk])).status_code == 404
    for name in ("doubtful_decide", "doubtful_undo"):
        assert neighbour.post(reverse(name, args=[row.pk]), {"person": "nobody"}).status_code == 404, name
    for name in ("batches", "doubtful_matches"):
        assert "医保20260501" not in neighbour.get(reverse(name)).content.decode()
        assert neighbour.get(reverse(name), {"region": BANNER}).status_code == 404
    row.refresh_from_db()
    assert row.state == DoubtfulMatch.State.OPEN


def test_a_department_sees_its_own_lists_and_files_only(tmp_path, officers, officer, signed_in, now):
    batch = register_of(tmp_path, officer, now)
    department = signed_in("department_officer")
    page = department.get(reverse("batch_new")).content.decode()
    assert (
        'value="medical-insurance"' in page and 'value="civil-affairs"' not in page and "national-monitored" not in page
    )
    assert department.get(reverse("batch", args=[batch.pk])).status_code == 404
    bills = _sent(department, medical(tmp_path / "医保20260501.xlsx", [bill("示例11", id_number(11))]))
    listed = department.get(reverse("batches")).content.decode()
    assert bills.file_name in listed and batch.file_name not in listed
    assert department.get(reverse("doubtful_matches")).status_code == 403
    refused = send(department, medical(tmp_path / "其他.xlsx", [bill("示例12", id_number(12))]), source="civil-affairs")
    assert refused.status_code == 400


# -- doubtful rows ---------------------------------------------------------------------------------------------------


def test_a_doubtful_row_is_decided_with_one_click_and_stated_at_once(tmp_path, officer, browser, now):
    row = doubtful_row(tmp_path, officer, now)
    listed = browser.get(reverse("doubtful_matches")).content.decode()
    assert reverse("doubtful_match", args=[row.pk]) in listed
    page = browser.get(reverse("doubtful_match", args=[row.pk])).content.decode()
    best = Person.objects.get(pk=row.candidates[0]["person"])
    assert best.name in page and best.household.number in page and best.id_number not in page
    assert "agrees" in page and 'data-key="1"' in page and 'data-key="0"' in page
    answer = browser.post(reverse("doubtful_decide", args=[row.pk]), {"person": best.pk})
    assert answer["Location"] == reverse("batch_doubtful", args=[row.batch_id])
    assert Statement.objects.get(batch_id=row.batch_id).person == best
    decided = browser.get(reverse("doubtful_match", args=[row.pk])).content.decode()
    assert "Take the decision back" in decided
    browser.post(reverse("doubtful_undo", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == DoubtfulMatch.State.OPEN


def test_who_decides_second_is_told_who_was_first(tmp_path, officer, browser, signed_in, now):
    row = doubtful_row(tmp_path, officer, now)
    other = signed_in("administrator")
    person = row.candidates[0]["person"]
    assert browser.post(reverse("doubtful_decide", args=[row.pk]), {"person": "nobody"}).status_code == 302
    late = other.post(reverse("doubtful_decide", args=[row.pk]), {"person": person})
    assert late.status_code == 409 and officer.full_name in late.content.decode()
    assert not Statement.objects.filter(batch_id=row.batch_id).exists()


def test_somebody_else_is_searched_for_and_assigned(tmp_path, officer, browser, now):
    row = doubtful_row(tmp_path, officer, now, name="无此人")
    address = reverse("doubtful_match", args=[row.pk])
    assert "Nobody in the register is alike enough" in browser.get(address).content.decode()
    page = browser.post(address, {"q": "示例22"}).content.decode()
    person = Person.objects.get(name="示例22")
    assert f'value="{person.pk}"' in page
    browser.post(reverse("doubtful_decide", args=[row.pk]), {"person": person.pk})
    row.refresh_from_db()
    assert row.person == person
    assert Event.objects.filter(verb="match.decided").get().details["by_hand"] is True


def test_people_of_other_regions_cannot_be_chosen(tmp_path, officer, browser, neighbour_household, now):
    row = doubtful_row(tmp_path, officer, now)
    stranger = Person.objects.get(household=neighbour_household)
    for person in (str(stranger.pk), "", "x", "9" * 30, "-1"):
        assert browser.post(reverse("doubtful_decide", args=[row.pk]), {"person": person}).status_code == 404
    page = browser.post(reverse("doubtful_match", args=[row.pk]), {"q": stranger.name}).content.decode()
    assert "Nobody found" in page


def test_html_in_a_doubtful_row_is_text(tmp_path, officer, browser, now):
    row = doubtful_row(tmp_path, officer, now, name=STRANGE)
    for address in (reverse("doubtful_match", args=[row.pk]), reverse("doubtful_matches")):
        page = browser.get(address).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;" in page


# -- lists -----------------------------------------------------------------------------------------------------------


def test_lists_ask_as_few_questions_for_sixty_rows_as_for_ten(officers, officer, browser, now):
    def add(first, last):
        for number in range(first, last):
            batch = Batch.objects.create(
                region_code=BANNER, source="medical-insurance", file_name=f"{number}.xlsx", sha256=f"{number:064}",
                path=str(number), size_bytes=1, as_of=date(2026, 5, 1), state=Batch.State.IMPORTED, sent_by=officer,
                sent_at=now, counts={"rejected": 2},
            )  # fmt: skip
            DoubtfulMatch.objects.create(
                batch=batch, region_code=BANNER, source="medical-insurance", row_number=2, table="medical_costs",
                values={"name": "某"}, candidates=[{"person": 1, "score": 0.7, "agrees": [], "differs": []}],
            )  # fmt: skip

    def asked(name):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert browser.get(reverse(name)).status_code == 200
        return len(captured)

    add(0, 10)
    few = {name: asked(name) for name in ("batches", "doubtful_matches")}
    add(10, 60)
    for name, number in few.items():
        assert asked(name) <= max(number, 14), name
    page = browser.get(reverse("batches"), {"page": "2"}).content.decode()
    assert page.count('class="line-title"') == 10
    assert "No file fits" in browser.get(reverse("batches"), {"state": "failed"}).content.decode()


def _sent(browser: Client, path, **values) -> Batch:
    before = set(Batch.objects.values_list("pk", flat=True))
    answer = send(browser, path, **values)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    (made,) = set(Batch.objects.values_list("pk", flat=True)) - before
    return Batch.objects.get(pk=made)


def test_a_list_sent_as_another_is_taken_as_what_it_looks_like_with_one_button(tmp_path, browser):
    batch = _sent(browser, export(tmp_path), source="village-ledger")
    address = reverse("batch", args=[batch.pk])
    assert "It looks like" in browser.get(address).content.decode()
    refused = browser.post(reverse("batch_import", args=[batch.pk]))
    batch.refresh_from_db()
    assert refused.status_code == 409 and batch.state == Batch.State.UPLOADED
    browser.post(reverse("batch_take_as", args=[batch.pk]), {"source": "national-monitored"})
    batch.refresh_from_db()
    assert batch.source == "national-monitored" and "It looks like" not in browser.get(address).content.decode()
    browser.post(reverse("batch_import", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == Batch.State.IMPORTING
