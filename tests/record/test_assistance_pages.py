"""The pages of help: plans, templates, help at once, jobs, training; what is typed is not lost, lists stay few in queries."""

from __future__ import annotations

import html
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from khotail.assistance import planning
from khotail.assistance.emergencies import give_at_once
from khotail.assistance.employing import enter_job
from khotail.assistance.models import EffectStudy, Emergency, Employment, Plan, PlanTemplate, Trainee, Training
from khotail.casework.models import Case, Lead
from khotail.jobs.models import Job
from khotail.register.models import Document
from tests.record.conftest import BANNER, PEOPLE, TOWNSHIP, VILLAGE, make_household
from tests.record.test_issues_loop import JPEG
from tests.record.walking import opened

SEES = {"administrator", "banner_officer", "banner_reviewer", "township_officer", "township_reviewer", "village_cadre",
        "leader", "auditor"}  # fmt: skip


@pytest.fixture
def now():
    return timezone.now()


def page(answer) -> str:
    return html.unescape(answer.content.decode())


def photo(name: str = "p.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, JPEG, content_type="image/jpeg")


@pytest.fixture
def case(household, officers, now) -> Case:
    return opened(household, officers, now - timedelta(days=2))


@pytest.fixture
def plan(case, officers, now) -> Plan:
    return planning.start_plan(case, by=officers["village_cadre"], now=now)


def line_form(**more) -> dict:
    return {
        "category": "健康帮扶", "kind": "大病救治", "causes": ["illness"], "starts_on": str(timezone.localdate()),
        "amount_cny": "1,200",
    } | more  # fmt: skip


def test_a_plan_from_the_case_to_the_agreement(case, household, signed_in):
    browser = signed_in("village_cadre")
    start = reverse("plan_start", args=[case.pk])
    assert start in page(browser.get(reverse("case", args=[case.pk])))
    assert start in page(browser.get(reverse("household", args=[household.pk])))
    assert "No plan yet" in page(browser.get(reverse("help_plans")))
    made = browser.post(start, {"aim": "看好病"})
    plan = Plan.objects.get()
    address = reverse("help_plan", args=[plan.pk])
    assert made["Location"] == address and browser.get(start)["Location"] == address
    text = page(browser.get(address))
    assert "看好病" in text and "Lacking" in text and "Labour not known" in text
    wrong = browser.post(reverse("plan_line_add", args=[plan.pk]), line_form(amount_cny="三千", kind="住院费"))
    assert wrong.status_code == 400 and "住院费" in page(wrong) and "at least 0" in page(wrong)
    browser.post(reverse("plan_line_add", args=[plan.pk]), line_form())
    line = plan.lines.get()
    browser.post(reverse("plan_line_do", args=[line.pk, "begin"]))
    line.refresh_from_db()
    assert line.measure.case == case
    browser.post(reverse("plan_line_do", args=[line.pk, "evidence"]), {"files": [photo()]})
    assert line.documents.count() == 1
    browser.post(reverse("plan_agree", args=[plan.pk]), {"agreed_with": "演示甲"})
    plan.refresh_from_db()
    assert plan.state == "agreed"
    assert address in page(browser.get(reverse("case", args=[case.pk])))
    again = browser.post(reverse("plan_line_do", args=[line.pk, "begin"]))
    assert again.status_code == 400 and "running" in page(again)


def test_the_plan_says_what_is_lacking_and_refuses_to_be_agreed_without_a_word_on_it(plan, signed_in):
    browser, agree = signed_in("village_cadre"), reverse("plan_agree", args=[plan.pk])
    browser.post(reverse("plan_line_add", args=[plan.pk]), line_form(category="社会帮扶", kind="邻里互助"))
    plan.case.causes = ["illness", "water"]
    plan.case.save()
    refused = browser.post(agree, {"agreed_with": "演示甲"})
    assert refused.status_code == 400 and "Unsafe water" in page(refused)
    assert browser.post(agree, {"agreed_with": "演示甲", "gaps_reason": "打井队下月到"}).status_code == 302


def test_the_same_kind_twice_is_pointed_out(plan, signed_in):
    browser, add = signed_in("village_cadre"), reverse("plan_line_add", args=[plan.pk])
    assert "same kind" not in page(browser.post(add, line_form(), follow=True))
    assert "Another measure of the same kind" in page(browser.post(add, line_form(), follow=True))


def test_a_plan_of_a_household_that_left_can_only_be_closed(plan, household, signed_in):
    household.ended_on = date(2026, 1, 1)
    household.save()
    browser = signed_in("village_cadre")
    text = page(browser.get(reverse("help_plan", args=[plan.pk])))
    assert "left the register on 2026-01-01" in text and "plan-line" not in text
    refused = browser.post(reverse("plan_line_add", args=[plan.pk]), line_form())
    assert refused.status_code == 409 and "left the register" in page(refused)
    browser.post(reverse("plan_close", args=[plan.pk]), {"result": "迁出"})
    plan.refresh_from_db()
    assert plan.state == "closed"


def test_a_template_is_written_offered_and_retired(case, signed_in):
    browser = signed_in("banner_officer")
    sent = {
        "title": "因病户", "region_code": BANNER, "household": "", "line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "0",
        "line-0-category": "健康帮扶", "line-0-kind": "大病救治", "line-0-months": "12", "line-0-causes": ["illness"],
    }  # fmt: skip
    empty = browser.post(
        reverse("plan_template_new"),
        sent | {"line-0-category": "", "line-0-kind": "", "line-0-months": "", "line-0-causes": []},
    )
    assert empty.status_code == 400 and "at least one measure" in page(empty)
    browser.post(reverse("plan_template_new"), sent)
    template = PlanTemplate.objects.get()
    assert template.lines[0]["months"] == 12
    cadre = signed_in("village_cadre")
    assert "因病户" in page(cadre.get(reverse("plan_start", args=[case.pk])))
    cadre.post(reverse("plan_start", args=[case.pk]), {"template": template.pk})
    assert Plan.objects.get().lines.get().kind == "大病救治"
    assert cadre.post(reverse("plan_template", args=[template.pk])).status_code == 404
    browser.post(reverse("plan_template", args=[template.pk]))
    template.refresh_from_db()
    assert template.retired_at
    assert signed_in("neighbour").get(reverse("plan_template", args=[template.pk])).status_code == 404


def test_help_at_once_in_two_taps_from_the_household(household, signed_in):
    browser = signed_in("village_cadre")
    address = f"{reverse('emergency_new')}?household={household.pk}"
    assert address in page(browser.get(reverse("household", args=[household.pk])))
    form = browser.get(address)
    key = form.context["form"]["key"].initial
    sent = {
        "household": household.pk, "kind": "cash", "cause": "accident", "amount_cny": "2000", "key": key,
        "given_on": str(timezone.localdate()),
    }  # fmt: skip
    for _ in range(2):
        answer = browser.post(reverse("emergency_new"), sent | {"photos": [photo()]})
    given = Emergency.objects.get()
    assert answer["Location"] == reverse("emergency", args=[given.pk])
    assert given.photos.count() == 1 and Document.objects.count() == 1
    assert "Papers of help at once" in page(browser.get("/"))
    nothing = browser.post(reverse("emergency_new"), sent | {"amount_cny": "", "key": "k2"})
    assert nothing.status_code == 400 and "say what was given" in page(nothing)
    found = browser.post(reverse("emergency_new"), {"q": "演示甲"})
    assert f"?household={household.pk}" in page(found)


def test_papers_close_it_and_a_second_closing_is_told(household, officers, signed_in, now):
    given = give_at_once(household, "cash", "illness", amount_cny=5, by=officers["village_cadre"], now=now)
    browser, do = signed_in("village_cadre"), lambda deed: reverse("emergency_do", args=[given.pk, deed])
    missing = browser.post(do("papers"), {"complete": "1"})
    assert missing.status_code == 400 and "Add the papers first" in page(missing)
    browser.post(do("papers"), {"complete": "1", "files": [photo()]})
    given.refresh_from_db()
    assert (given.state, given.papers.count()) == ("complete", 1)
    twice = browser.post(do("excuse"), {"reason": "无"})
    assert twice.status_code == 409 and "papers complete" in page(twice)
    assert browser.post(do("nothing")).status_code == 404


def test_overdue_help_stands_on_today_of_the_level_above(household, officers, signed_in, now):
    given = give_at_once(household, "cash", "illness", amount_cny=5, by=officers["village_cadre"], now=now)
    Emergency.objects.update(due_on=timezone.localdate() - timedelta(days=3), escalated_to="township")
    assert "Papers overdue" in page(signed_in("township_officer").get("/"))
    listed = page(signed_in("township_officer").get(reverse("emergencies"), {"late": "1"}))
    assert reverse("emergency", args=[given.pk]) in listed and "Escalated" in listed


def test_a_job_is_entered_ended_and_its_lead_linked(household, signed_in):
    browser, person = signed_in("village_cadre"), household.members.get()
    sent = {
        "household": household.pk, "person": person.pk, "employer": "演示工厂", "place": "away", "found": "east_west",
        "starts_on": "2026-03-01", "agreed_until": "2036-12-31", "monthly_pay_cny": "4,200.00",
    }  # fmt: skip
    wrong = browser.post(reverse("job_new"), sent | {"starts_on": "昨天"})
    assert wrong.status_code == 400 and "演示工厂" in page(wrong)
    browser.post(reverse("job_new"), sent)
    job = Employment.objects.get()
    address = reverse("job_kept", args=[job.pk])
    assert address in page(browser.get(reverse("jobs_kept"))) and "4,200" in page(browser.get(address))
    browser.post(address, {"on": str(timezone.localdate()), "ending": "dismissed"})
    lead = Lead.objects.get()
    assert reverse("lead", args=[lead.pk]) in page(browser.get(reverse("jobs_lost")))
    again = browser.post(address, {"on": str(timezone.localdate()), "ending": "over"})
    assert again.status_code == 409 and "ended on" in page(again)
    assert "演示工厂" in page(browser.get(reverse("household", args=[household.pk])))


def test_a_class_is_opened_filled_and_its_attendance_written(household, signed_in):
    browser, person = signed_in("village_cadre"), household.members.get()
    sent = {
        "title": "焊工班",
        "trade": "焊工",
        "region_code": VILLAGE,
        "starts_on": "2026-04-01",
        "ends_on": "2026-04-30",
        "hours": "80",
    }
    browser.post(reverse("training_new"), sent)
    course = Training.objects.get()
    enrol, address = reverse("training_enrol", args=[course.pk]), reverse("training", args=[course.pk])
    assert f"?household={household.pk}" in page(browser.post(enrol, {"q": "演示甲"}))
    assert person.name in page(browser.get(enrol, {"household": household.pk}))
    browser.post(enrol, {"household": household.pk, "person": person.pk})
    twice = browser.post(enrol, {"household": household.pk, "person": person.pk})
    assert twice.status_code == 409 and "in this class already" in page(twice)
    seat = Trainee.objects.get()
    row = {f"seat-{seat.pk}-hours": "81", f"seat-{seat.pk}-result": "certified", f"seat-{seat.pk}-certificate": "A1"}
    refused = browser.post(address, row)
    assert refused.status_code == 400 and "between 0 and 80" in page(refused) and "A1" in page(refused)
    browser.post(address, row | {f"seat-{seat.pk}-hours": "80"})
    seat.refresh_from_db()
    assert (seat.hours, seat.result, seat.certificate) == (80, "certified", "A1")
    assert "100 %" in page(browser.get(address))


def test_a_check_is_asked_for_from_the_list(officers, signed_in):
    browser = signed_in("leader")
    asked = browser.post(reverse("effects"), {"category": "产业帮扶", "region_code": TOWNSHIP})
    study = EffectStudy.objects.get()
    assert asked["Location"] == reverse("effect", args=[study.pk]) and Job.objects.get().kind == "assistance.effect"
    assert "Not worked out yet" in page(browser.get(reverse("effects")))
    bad = browser.post(
        reverse("effects"),
        {"category": "产业帮扶", "region_code": TOWNSHIP, "since": "2025-01-01", "until": "2024-01-01"},
    )
    assert bad.status_code == 400


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_each_role_sees_the_help_of_its_region(key, household, case, plan, officers, signed_in, now):
    give_at_once(household, "cash", "illness", amount_cny=5, words="秘密一句", by=officers["village_cadre"], now=now)
    enter_job(
        household.members.get(), "秘密工厂", place="banner", found="self", starts_on=date(2026, 3, 1),
        by=officers["village_cadre"], now=now,
    )  # fmt: skip
    browser = signed_in(key)
    for name, secret in (("help_plans", "D0001"), ("emergencies", "秘密一句"), ("jobs_kept", "秘密工厂")):
        answer = browser.get(reverse(name))
        assert (answer.status_code == 200) is (key not in ("department_officer", "supervisor")), name
        assert (secret in page(answer)) is (key in SEES), name
    for name, mine in (
        ("help_plan", plan),
        ("emergency", Emergency.objects.get()),
        ("job_kept", Employment.objects.get()),
    ):
        expected = 200 if key in SEES else 403 if key in ("department_officer", "supervisor") else 404
        assert browser.get(reverse(name, args=[mine.pk])).status_code == expected, name


def test_who_reads_only_finds_no_buttons_and_may_send_nothing(plan, signed_in):
    browser = signed_in("leader")
    text = page(browser.get(reverse("help_plan", args=[plan.pk])))
    assert "Plan a measure" not in text and "Close the plan" not in text
    assert browser.post(reverse("plan_line_add", args=[plan.pk]), line_form()).status_code == 403
    assert browser.get(reverse("emergency_new")).status_code == 403


@pytest.mark.parametrize("name", ["help_plans", "emergencies", "jobs_kept", "jobs_lost", "trainings"])
def test_lists_are_downloaded_as_they_are_filtered(name, plan, signed_in):
    answer = signed_in("banner_officer").get(reverse(name), {"export": "xlsx"})
    assert answer.status_code == 200 and b"".join(answer.streaming_content)[:2] == b"PK"


@pytest.mark.parametrize("name", ["help_plans", "emergencies", "jobs_kept", "jobs_lost", "trainings", "effects"])
def test_lists_ask_as_much_for_twenty_rows_as_for_one(name, officers, signed_in, django_assert_max_num_queries, now):
    for number in range(20):
        home = make_household(f"D1{number:03d}", VILLAGE, f"演示{number}", now)
        planning.start_plan(opened(home, officers, now), by=officers["village_cadre"], now=now)
        give_at_once(home, "cash", "illness", amount_cny=5, by=officers["village_cadre"], now=now)
        enter_job(home.members.get(), "工厂", place="banner", found="self", starts_on=date(2026, 3, 1),
                  by=officers["village_cadre"], now=now)  # fmt: skip
    Employment.objects.update(is_lost=True)
    browser = signed_in("banner_officer")
    browser.get(reverse(name))
    with django_assert_max_num_queries(14):
        assert browser.get(reverse(name)).status_code == 200


def test_every_filter_narrows_without_failing(plan, signed_in):
    browser = signed_in("village_cadre")
    asked = {
        "help_plans": [{"state": each} for each in ("none", "draft", "agreed", "gaps", "review")] + [{"helper": "me"}, {"helper": "none"}],
        "emergencies": [{"state": "all"}, {"kind": "cash"}, {"late": "1"}, {"mine": "1"}, {"state": "nonsense"}],
        "jobs_kept": [{"state": each} for each in ("ended", "ending", "all")] + [{"employer": "x"}, {"found": "self"}],
        "jobs_lost": [{"works": "yes"}, {"works": "no"}, {"ending": "ill"}],
    }  # fmt: skip
    for name, queries in asked.items():
        for query in queries:
            assert browser.get(reverse(name), query).status_code == 200, (name, query)
    assert str(plan.household.number) in page(browser.get(reverse("help_plans"), {"state": "gaps"}))
