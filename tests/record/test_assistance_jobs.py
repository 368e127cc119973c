"""Jobs and training: who works where, what is lost raises a lead, lists, classes and what came of them."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from khotail.accounts.problems import NotAllowed
from khotail.assistance import problems, training
from khotail.assistance.employing import end_job, enter_job
from khotail.assistance.importing import import_jobs
from khotail.assistance.models import Employment, Trainee
from khotail.assistance.queries import jobs_lost
from khotail.casework.models import Lead
from khotail.casework.problems import HouseholdLeft
from khotail.register.models import Person, Statement
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE, make_household


@pytest.fixture
def person(household) -> Person:
    return household.members.get()


def enter(person, officers, now, key="village_cadre", **more) -> Employment:
    values = {
        "employer": "演示牧业公司", "place": "banner", "found": "east_west", "starts_on": date(2026, 3, 1),
        "agreed_until": date(2026, 12, 31), "monthly_pay_cny": "3500",
    } | more  # fmt: skip
    return enter_job(person, values.pop("employer"), by=officers[key], now=now, **values)


def end(job, officers, now, ending="dismissed", on=date(2026, 6, 1), key="village_cadre", **more) -> Employment:
    return end_job(job, on=on, ending=ending, by=officers[key], now=now, **more)


def test_a_job_is_kept_and_stated_as_a_fact(person, officers, now):
    job = enter(person, officers, now)
    assert str(job.monthly_pay_cny) == "3500.00" and job.region_code == VILLAGE
    fact = Statement.objects.get(table="employment")
    assert fact.values["spell_employer"] == "演示牧业公司" and fact.person == person
    with pytest.raises(problems.JobKnown):
        enter(person, officers, now)


def test_a_job_that_is_lost_raises_one_lead(person, officers, now):
    lost = end(enter(person, officers, now), officers, now)
    assert lost.is_lost and lost.lead.state == Lead.State.OPEN and lost.lead.causes == ["employment"]
    assert "失去工作" in lost.lead.words
    assert list(jobs_lost(officers["banner_officer"])) == [lost] and not jobs_lost(officers["neighbour"]).exists()
    second = end(enter(person, officers, now, employer="演示饭店"), officers, now, ending="injured")
    assert second.lead == lost.lead and Lead.objects.count() == 1
    with pytest.raises(problems.JobHasEnded):
        end(lost, officers, now)


@pytest.mark.parametrize(
    ("ending", "on", "is_lost"),
    [
        ("over", date(2026, 5, 31), False), ("over", date(2026, 5, 1), True), ("left", date(2026, 5, 1), False),
        ("ill", date(2026, 5, 31), True), ("family", date(2026, 5, 31), True),
    ],
)  # fmt: skip
def test_what_counts_as_lost(person, officers, now, ending, on, is_lost):
    job = enter(person, officers, now, agreed_until=date(2026, 5, 31))
    assert end(job, officers, now, ending, on).is_lost is is_lost
    assert Lead.objects.exists() is is_lost


def test_who_has_another_job_has_not_lost_work(person, officers, now):
    enter(person, officers, now, employer="演示工厂")
    assert not end(enter(person, officers, now), officers, now).is_lost
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"employer": ""}, problems.EmployerMissing),
        ({"place": "moon"}, problems.UnknownWord),
        ({"found": "luck"}, problems.UnknownWord),
        ({"starts_on": date(2026, 6, 4)}, problems.NotYet),
        ({"agreed_until": date(2026, 1, 1)}, problems.DatesWrong),
        ({"monthly_pay_cny": "-1"}, problems.AmountWrong),
    ],
)
def test_what_is_wrong_with_a_job_is_said(person, officers, now, changed, problem):
    with pytest.raises(problem):
        enter(person, officers, now, **changed)


def test_somebody_who_left_or_whose_household_left_gets_no_job(person, household, officers, now):
    person.left_on = date(2026, 1, 1)
    person.save()
    with pytest.raises(problems.PersonLeft):
        enter(person, officers, now)
    household.ended_on = date(2026, 1, 1)
    household.save()
    with pytest.raises(HouseholdLeft):
        enter(person, officers, now)


@pytest.mark.parametrize(("key", "problem"), [("neighbour", problems.NotFound), ("auditor", NotAllowed)])
def test_others_enter_and_end_nothing(person, officers, now, key, problem):
    with pytest.raises(problem):
        enter(person, officers, now, key)
    job = enter(person, officers, now)
    with pytest.raises(problem):
        end(job, officers, now, key=key)


def workbook(*rows) -> SimpleUploadedFile:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["姓名", "户编号", "用人单位", "开始日期", "月工资", "就业渠道", "合同期限至", "结束日期"])
    for at, row in enumerate(rows, start=1):
        sheet.write_row(at, 0, row)
    book.close()
    return SimpleUploadedFile("jobs.xlsx", file.getvalue())


def test_a_list_is_taken_once_and_what_cannot_be_taken_comes_back_with_its_reason(household, officers, now):
    rows = (
        ["演示甲", "D0001", "演示工厂", "2026-03-01", "4000", "东西部劳务协作", "2026-12-31", ""],
        ["演示甲", "D0001", "演示饭店", "2025年4月1日", "3000", "自主", "2026-12-31", "2026-05-01"],
        ["演示无", "D0001", "演示工厂", "2026-03-01", "", "", "", ""],
        ["演示甲", "D0001", "", "2026-03-01", "", "", "", ""],
        ["演示甲", "D0001", "演示车队", "春天", "", "", "", ""],
    )
    outcome = import_jobs(workbook(*rows), by=officers["village_cadre"], now=now)
    assert (outcome.taken, outcome.ended, len(outcome.refused)) == (2, 1, 3)
    assert [each.row for each in outcome.refused] == [4, 5, 6]
    assert Employment.objects.get(employer="演示工厂").found == "east_west"
    again = import_jobs(workbook(*rows), by=officers["village_cadre"], now=now)
    assert (again.taken, again.known, Employment.objects.count()) == (0, 2, 2)
    other = import_jobs(workbook(rows[0]), by=officers["neighbour"], now=now)
    assert other.taken == 0 and len(other.refused) == 1


def test_a_file_that_is_no_list_of_jobs_is_refused(officers, now):
    for file in (SimpleUploadedFile("a.csv", "甲,乙\n1,2\n".encode()), SimpleUploadedFile("b.csv", b"")):
        with pytest.raises(problems.NoJobsInFile):
            import_jobs(file, by=officers["village_cadre"], now=now)


@pytest.fixture
def course(officers, now):
    return training.open_training(
        "焊工班", "焊工", TOWNSHIP, hours=80, starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 30), seats=2,
        by=officers["township_officer"], now=now,
    )  # fmt: skip


def test_a_class_from_first_seat_to_the_job_after_it(course, person, household, officers, now):
    by = officers["village_cadre"]
    other = make_household("D0002", VILLAGE, "演示乙", now).members.get()
    seat, left = training.enrol(course, person, by=by, now=now), training.enrol(course, other, by=by, now=now)
    with pytest.raises(problems.SeatTaken):
        training.enrol(course, person, by=by, now=now)
    third = make_household("D0003", VILLAGE, "演示丙", now).members.get()
    with pytest.raises(problems.ClassFull):
        training.enrol(course, third, by=by, now=now)
    rows = [{"trainee": seat.pk, "hours": 80, "result": "certified", "certificate": "A1"},
            {"trainee": left.pk, "hours": 8, "result": "left"}]  # fmt: skip
    assert training.write_attendance(course, rows, by=by, now=now) == 2
    assert training.write_attendance(course, rows, by=by, now=now) == 0
    enter(person, officers, now, trade="焊工", found="training", starts_on=date(2026, 5, 20))
    trainees = list(course.trainees.order_by("id"))
    outcome = training.outcome_of(course, trainees, training.jobs_after(course, trainees), date(2026, 6, 3))
    assert (outcome.seats, outcome.certified, outcome.left, outcome.in_time, outcome.in_trade) == (2, 1, 1, 1, 1)
    assert outcome.job_share == 1.0 and outcome.too_early and outcome.hours_share == pytest.approx(0.55)


def test_attendance_that_cannot_be_is_refused(course, person, officers, now):
    seat = training.enrol(course, person, by=officers["village_cadre"], now=now)
    for row, problem in (
        ({"hours": 81}, problems.HoursWrong), ({"hours": -1}, problems.HoursWrong), ({"result": "asleep"}, problems.UnknownWord)
    ):  # fmt: skip
        with pytest.raises(problem):
            training.write_attendance(course, [{"trainee": seat.pk, **row}], by=officers["village_cadre"], now=now)
    with pytest.raises(problems.NotFound):
        training.write_attendance(course, [{"trainee": seat.pk}], by=officers["other_village_cadre"], now=now)
    with pytest.raises(problems.NotYet):
        training.write_attendance(course, [], by=officers["village_cadre"], now=now - timedelta(days=100))


def test_classes_are_for_the_places_of_whoever_opens_them(course, neighbour_household, officers, now):
    common = {"hours": 10, "starts_on": date(2026, 4, 1), "ends_on": date(2026, 4, 2), "now": now}
    with pytest.raises(problems.NotYourPlace):
        training.open_training("全旗", "厨师", BANNER, by=officers["village_cadre"], **common)
    with pytest.raises(problems.HoursWrong):
        training.open_training("空", "厨师", VILLAGE, by=officers["village_cadre"], **common | {"hours": 0})
    with pytest.raises(problems.NotFound):
        training.enrol(course, neighbour_household.members.get(), by=officers["neighbour"], now=now)
    assert not Trainee.objects.exists()
