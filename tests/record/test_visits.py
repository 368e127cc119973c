"""Visits: forms converted and offered, submissions stored once as they came, then entered into the register."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from khotail.accounts.problems import NotAllowed
from khotail.casework.models import Lead
from khotail.issues.models import Issue
from khotail.register.documents import content
from khotail.register.models import Statement
from khotail.trail.chain import breaks
from khotail.visits import forms, receiving, rounds, taking
from khotail.visits import problems as said
from khotail.visits.models import Form, Submission
from tests.record.conftest import BANNER, VILLAGE, make_household

PNG = (
    b"\x89PNG\r\n\x1a\n"
    + b"\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    + (b"\x00\x00\x00\x00IEND\xaeB`\x82")
)


@pytest.fixture
def published(regions, now) -> dict[str, Form]:
    return {form.form_id: form for form in forms.publish_rulebook_forms(now)}


def filled(form: Form, answers: str, instance: str = "") -> bytes:
    instance = instance or f"uuid:{uuid.uuid4()}"
    root = form.takes["household"].split("/")[1]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns:orx="http://openrosa.org/xforms" '
        f'id="{form.form_id}" version="{form.version}">{answers}'
        f"<orx:meta><orx:instanceID>{instance}</orx:instanceID></orx:meta></{root}>"
    ).encode()


def visit(form: Form, number: str = "D0001", causes: str = "illness", day: str = "2026-06-02", more: str = "") -> str:
    return (
        f"<household>{number}</household><visited_on>{day}</visited_on><met>head</met>"
        f"<situation><members>3</members></situation><income><wage>12000</wage><year>{day[:4]}</year></income>"
        f"<causes>{causes}</causes><words>住院花费大</words><place>46.1 121.2 0 5</place>{more}"
    )


def test_the_rulebooks_forms_are_offered_once(published, now):
    assert set(published) == {"household_visit", "guarantees", "recheck", "disaster", "relocation", "satisfaction"}
    assert forms.publish_rulebook_forms(now) == []
    assert {form.form_id for form in forms.forms_for(VILLAGE)} == set(published)


def test_every_question_that_a_form_takes_or_raises_from_is_in_it(published):
    for form in published.values():
        questions = set(re.findall(r'nodeset="(/[^"]+)"', form.xform)) | {form.takes["household"]}
        named = [one["question"] for one in (*form.takes["takes"], *form.takes["raises"])]
        named += [one["words"] for one in form.takes["raises"] if one["words"]]
        assert set(named) <= questions, form.form_id


def test_a_visit_is_entered_with_its_facts_and_its_lead(published, officers, household, now):
    xml = filled(published["household_visit"], visit(published["household_visit"], causes="illness labour"))
    received = receiving.receive(xml, by=officers["village_cadre"], now=now).submission
    assert (received.state, received.household, str(received.latitude)) == ("received", household, "46.100000")
    taken = taking.take(received, now)
    assert (taken.state, taken.problem_zh) == ("taken", "")
    income = Statement.objects.get(household=household, table="incomes")
    assert (income.values["wage_cny"], income.values["members"], income.source) == (12000.0, 3, "visit")
    lead = Lead.objects.get()
    assert (lead.channel, sorted(lead.causes), lead.household) == ("visit", ["illness", "labour"], household)
    assert taking.take(received, now).outcome == taken.outcome
    assert Lead.objects.count() == 1 and list(breaks()) == []


def test_the_same_submission_a_hundred_times_is_one(published, officers, household, now):
    xml = filled(published["household_visit"], visit(published["household_visit"]))
    first = receiving.receive(xml, by=officers["village_cadre"], now=now)
    assert not first.again
    assert all(receiving.receive(xml, by=officers["village_cadre"], now=now).again for _ in range(100))
    assert Submission.objects.count() == 1


def test_other_contents_under_the_same_number_are_kept_beside(published, officers, household, now):
    form = published["household_visit"]
    one, two = (filled(form, visit(form, causes=cause), "uuid:1") for cause in ("illness", "water"))
    receiving.receive(one, by=officers["village_cadre"], now=now)
    second = receiving.receive(two, by=officers["village_cadre"], now=now)
    assert second.submission.state == "to_look_at" and not second.again
    assert receiving.receive(two, by=officers["village_cadre"], now=now).again
    assert Submission.objects.count() == 2


def test_files_may_come_later_and_in_any_order(published, officers, household, now):
    form = published["household_visit"]
    xml = filled(form, visit(form, more="<photo>a.png</photo><signature>b.png</signature>"))
    cadre = officers["village_cadre"]
    first = receiving.receive(xml, {"b.png": ContentFile(PNG)}, by=cadre, now=now).submission
    assert first.state == "waiting"
    assert taking.take(first, now).state == "waiting"
    again = receiving.receive(xml, {"b.png": ContentFile(PNG), "a.png": ContentFile(PNG)}, by=cadre, now=now)
    assert (again.again, again.submission.state, again.submission.files.count()) == (True, "received", 2)
    assert content(again.submission.files.first().document).startswith(b"\x89PNG")


def test_a_household_that_moved_or_merged_meanwhile_is_followed_or_looked_at(published, officers, household, now):
    form = published["household_visit"]
    gone = make_household("D0002", VILLAGE, "演示乙", now)
    gone.ended_on, gone.ending, gone.successor = now.date(), "merged", household
    gone.save()
    followed = receiving.receive(filled(form, visit(form, "D0002")), by=officers["village_cadre"], now=now).submission
    assert followed.household == household
    make_household("D0003", "152221101200", "演示丙", now)
    elsewhere = receiving.receive(filled(form, visit(form, "D0003")), by=officers["village_cadre"], now=now).submission
    assert (elsewhere.state, elsewhere.household, elsewhere.region_code) == ("to_look_at", None, VILLAGE)
    placed = taking.look_at(elsewhere, by=officers["banner_officer"], now=now, household=household)
    assert placed.state == "taken"
    with pytest.raises(said.NothingToLookAt):
        taking.look_at(elsewhere, by=officers["banner_officer"], now=now, household=household)
    lost = receiving.receive(filled(form, visit(form, "没有")), by=officers["village_cadre"], now=now).submission
    with pytest.raises(said.ReasonMissing):
        taking.look_at(lost, by=officers["village_cadre"], now=now)
    assert taking.look_at(lost, by=officers["village_cadre"], now=now, set_aside="户号写错").state == "set_aside"


def test_a_clock_in_1970_and_answers_that_do_not_fit_lose_nothing_else(published, officers, household, now):
    form = published["guarantees"]
    answers = (
        "<household>D0001</household><visited_on>1970-01-01</visited_on><met>head</met>"
        "<house><grade>B</grade></house><water><litres>many</litres><minutes>5</minutes><quality>yes</quality></water>"
    )
    taken = taking.take(receiving.receive(filled(form, answers), by=officers["village_cadre"], now=now).submission, now)
    assert taken.state == "to_look_at"
    assert "1970-01-01" in taken.problem_zh and "many" in taken.problem_en
    water = Statement.objects.get(table="water_checks")
    assert (water.values["fetch_minutes"], str(water.as_of)) == (5.0, "2026-06-03")


def test_an_answer_may_raise_an_issue_once(published, officers, household, now):
    form = published["satisfaction"]
    answers = "<household>D0001</household><visited_on>2026-06-02</visited_on><wish>修路灯</wish><raise>yes</raise>"
    taking.take(receiving.receive(filled(form, answers), by=officers["village_cadre"], now=now).submission, now)
    issue = Issue.objects.get()
    assert (issue.route, issue.words, issue.channel, issue.household) == ("suggestion", "修路灯", "visit", household)


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<household_visit id="household_visit">&b;</household_visit>'
)
XXE = (
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><household_visit id="household_visit">&e;</household_visit>'
)


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        (b"", said.SubmissionWrong),
        (b"<household_visit", said.SubmissionWrong),
        (BOMB, said.SubmissionWrong),
        (XXE, said.SubmissionWrong),
        (b"\x00\xff\xfe", said.SubmissionWrong),
        (b"<a>" * 5000 + b"</a>" * 5000, (said.SubmissionWrong, said.UnknownForm)),
        (b"<x>" + b" " * (3 * 1024 * 1024) + b"</x>", said.SubmissionTooLarge),
        (b'<nothing id="nothing" version="1"/>', said.UnknownForm),
    ],
)
def test_hostile_submissions_are_refused_with_a_sentence(published, officers, now, xml, problem):
    with pytest.raises(problem):
        receiving.receive(xml, by=officers["village_cadre"], now=now)
    assert Submission.objects.count() == 0


def test_who_makes_no_visits_sends_none(published, officers, household, now):
    form = published["household_visit"]
    for key in ("leader", "auditor", "department_officer", "supervisor"):
        with pytest.raises(NotAllowed):
            receiving.receive(filled(form, visit(form)), by=officers[key], now=now)


SURVEY = """| survey |
| | type | name | label | instance::takes |
| | text | household | Household | |
| | decimal | litres | Litres | water_checks.litres_per_person_day |
| | date | day | Day | water_checks.checked_on |
| settings |
| | form_id | form_title | version |
| | well | Well | 1 |
"""


def test_an_office_sends_its_own_form_which_says_where_answers_go(officers, household, now):
    form, _ = forms.upload(SURVEY.encode(), "well.md", by=officers["banner_officer"], now=now)
    assert forms.upload(SURVEY.encode(), "well.md", by=officers["banner_officer"], now=now)[0] == form
    assert form in forms.forms_for(VILLAGE) and form not in forms.forms_for("152222100200")
    with pytest.raises(said.SameVersion):
        forms.upload(SURVEY.replace("Litres |", "L |").encode(), "well.md", by=officers["banner_officer"], now=now)
    answers = "<household>D0001</household><litres>30</litres><day>2026-06-01</day>"
    taking.take(receiving.receive(filled(form, answers), by=officers["village_cadre"], now=now).submission, now)
    assert Statement.objects.get(table="water_checks").values["litres_per_person_day"] == 30.0
    forms.retire(form, by=officers["banner_officer"], now=now)
    assert form not in forms.forms_for(VILLAGE)
    late = receiving.receive(filled(form, answers), by=officers["village_cadre"], now=now)
    assert late.submission.state == "received"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("decimal | litres", "decimall | litres", said.FormWrong),
        ("water_checks.checked_on", "water_checks.day", said.TakesWrong),
        ("text | household", "text | house", said.NoHouseholdQuestion),
        ("| survey |", "| serviette |", said.FormWrong),
        ("| text | household | Household | |", "| select_one nothing | household | Household | |", said.FormWrong),
    ],
)
def test_a_form_that_cannot_be_used_says_why(officers, now, old, new, problem):
    with pytest.raises(problem) as refused:
        forms.upload(SURVEY.replace(old, new).encode(), "well.md", by=officers["banner_officer"], now=now)
    assert len(refused.value.text.en) > 20


@pytest.mark.parametrize(
    ("row", "question", "file"),
    [
        ("| select_one_from_file wells.csv | source | Source | |", "source", "wells.csv"),
        ("| calculate | depth | | |", "depth", "wells.csv"),
        ("| text | look | Look | |", "look", "well.png"),
    ],
)
def test_a_form_that_asks_for_a_file_which_no_phone_would_get_names_the_question(officers, now, row, question, file):
    text = SURVEY.replace("| | date | day |", f"| {row}\n| | date | day |")
    if row.startswith("| calc"):
        text = text.replace("instance::takes |", "instance::takes | calculation |")
        text = text.replace(row, "| calculate | depth | | | pulldata('wells', 'depth', 'name', ${household}) |")
    if row.startswith("| text"):
        text = text.replace("instance::takes |", "instance::takes | media::image |").replace(row, f"{row} well.png |")
    with pytest.raises(said.FileNotThere) as refused:
        forms.upload(text.encode(), "well.md", by=officers["banner_officer"], now=now)
    assert f"“{question}”" in refused.value.text.en and file in refused.value.text.en


def test_workbooks_that_are_none_or_bombs_are_refused(officers, now):
    with pytest.raises(said.FormWrong):
        forms.upload(b"PK nothing", "a.xlsx", by=officers["banner_officer"], now=now)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (70 * 1024 * 1024))
    with pytest.raises(said.FormTooLarge):
        forms.upload(packed.getvalue(), "a.xlsx", by=officers["banner_officer"], now=now)
    with pytest.raises(NotAllowed):
        forms.upload(SURVEY.encode(), "well.md", by=officers["village_cadre"], now=now)


def test_a_round_gives_each_household_to_its_helper_and_a_visit_ends_it(published, officers, household, now):
    household.helper = officers["helper"]
    household.save()
    other = make_household("D0002", VILLAGE, "演示乙", now)
    today = now.date()
    opened = rounds.open_round(
        "六月走访", "household_visit", BANNER, "all", starts_on=today, due_on=today + timedelta(days=30),
        by=officers["banner_officer"], now=now,
    )  # fmt: skip
    assert [one.household for one in rounds.assignments_of(officers["helper"])] == [household]
    assert [one.household for one in rounds.assignments_of(officers["village_cadre"])] == [other]
    assert list(rounds.assignments_of(officers["neighbour"])) == []
    form = published["household_visit"]
    taking.take(receiving.receive(filled(form, visit(form)), by=officers["helper"], now=now).submission, now)
    [left] = rounds.assignments_of(officers["village_cadre"])
    rounds.excuse(left, "外出", by=officers["village_cadre"], now=now)
    with pytest.raises(said.AlreadyDone):
        rounds.excuse(left, "外出", by=officers["village_cadre"], now=now)
    assert rounds.coverage(opened.assignments.all(), today) == rounds.Coverage(2, 1, 1, 0)


def test_rounds_that_make_no_sense_are_refused(published, officers, household, now):
    today = now.date()
    values = {"starts_on": today, "due_on": today, "by": officers["banner_officer"], "now": now}
    for arguments, problem in (
        (("", "household_visit", BANNER, "all"), said.TitleMissing),
        (("t", "nothing", BANNER, "all"), said.UnknownForm),
        (("t", "household_visit", "152222", "all"), said.NotFound),
        (("t", "household_visit", BANNER, "everybody"), said.NotFound),
        (("t", "household_visit", BANNER, "cases"), said.NoHouseholds),
    ):
        with pytest.raises(problem):
            rounds.open_round(*arguments, **values)
    with pytest.raises(said.DatesWrong):
        rounds.open_round("t", "household_visit", BANNER, "all", **(values | {"due_on": today - timedelta(days=1)}))
