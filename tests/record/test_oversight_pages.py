"""The pages of oversight: what a person sees, does and is refused."""

from __future__ import annotations

import html
import io
from datetime import date, timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from khotail.oversight import continuity, inspections, policies, responsibilities, reviews
from khotail.oversight.models import (
    Alarm,
    Inspection,
    Policy,
    PolicyPlan,
    PolicyReview,
    Responsibility,
    Shortcoming,
    Transition,
)
from khotail.oversight.policies import Entry
from khotail.oversight.responsibilities import Owner
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, VILLAGE

NEW = {"region_code": BANNER, "title": "演示办法", "field": "income", "level": "banner", "starts_on": "2024-01-01"}


@pytest.fixture(autouse=True)
def no_messages(settings):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"
    settings.KHOTAIL_REMEMBER_SECONDS = 0


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def policy(officers, now) -> Policy:
    entry = Entry(
        title="演示低保办法",
        field="income",
        level="banner",
        starts_on=date(2024, 1, 1),
        programme="subsistence-allowance",
    )
    return policies.add_policy(entry, BANNER, by=officers["administrator"], now=now)


def page(answer) -> str:
    return html.unescape(answer.content.decode())


def test_a_policy_goes_from_its_entry_to_a_plan_that_is_carried_out(officers, signed_in):
    keeper, reviewer, second = (signed_in(key) for key in ("banner_officer", "banner_reviewer", "administrator"))
    answer = keeper.post(reverse("policy_add"), NEW)
    policy = Policy.objects.get()
    assert answer["Location"] == reverse("policy", args=[policy.pk])
    assert "orphan" in page(keeper.get(reverse("policies")))
    keeper.post(
        reverse("policy_edit", args=[policy.pk]), NEW | {"place": "integration-security", "money_cny_year": "1000"}
    )
    shown = page(keeper.get(answer["Location"]))
    assert "social assistance and old age" in shown and "1,000 CNY" in shown
    marks = {name: "3" for name in reviews.MARKS} | {f"{name}_note": "看过" for name in reviews.MARKS}
    assert "Review it" in page(reviewer.get(answer["Location"])) and "Review it" not in shown
    reviewer.post(reverse("policy_review", args=[policy.pk]), marks | {"advice": "convert"})
    review = PolicyReview.objects.get()
    assert "waits to be confirmed" in page(reviewer.get(answer["Location"]))
    decide = reverse("policy_review_decide", args=[policy.pk, review.pk])
    assert reviewer.post(decide, {"decision": "confirm"}).status_code == 403
    second.post(decide, {"decision": "confirm"})
    reviewer.post(reverse("policy_class", args=[policy.pk]), {"transition": "convert", "reason": "面向全部农牧户"})
    plan = {
        "goal": "扩大对象",
        "old_group": "脱贫户",
        "new_group": "全部农牧户",
        "newly": "400",
        "due_on": "2027-06-01",
    }
    keeper.post(reverse("policy_plan", args=[policy.pk]), plan)
    keeper.post(reverse("policy_step_add", args=[policy.pk]), {"what": "摸底", "due_on": "2026-05-01"})
    step = PolicyPlan.objects.get().steps.get()
    keeper.post(reverse("policy_figure", args=[policy.pk]), {"value": "100", "on": "2026-05-01"})
    assert "25 % reached" in page(keeper.get(answer["Location"]))
    keeper.post(reverse("policy_step_done", args=[policy.pk, step.pk]), {"done_on": "2026-05-01"})
    assert "1 of 1 steps done" in page(keeper.get(answer["Location"]))


@pytest.mark.parametrize(
    "change", [{"title": " "}, {"starts_on": "2026-02-30"}, {"money_cny_year": "-1"}, {"region_code": NEIGHBOUR_BANNER},
               {"ends_on": "2020-01-01"}, {"programme": "nothing"}],
)  # fmt: skip
def test_what_is_wrong_in_a_form_is_told_and_what_was_typed_stays(signed_in, change):
    answer = signed_in("banner_officer").post(reverse("policy_add"), NEW | {"body": "民政局"} | change)
    assert answer.status_code == 400 and "errorlist" in page(answer) and "民政局" in page(answer)
    assert not Policy.objects.exists()


def test_the_register_is_filtered_and_exported(policy, officers, signed_in, now):
    policies.add_policy(
        Entry(title="演示草案", field="water", level="league", place="integration-works"), BANNER, by=officers["administrator"],
        now=now,
    )  # fmt: skip
    browser, address = signed_in("leader"), reverse("policies")
    for query, there in (
        ({}, (1, 1)), ({"lacks": "place"}, (1, 0)), ({"standing": "draft"}, (0, 1)), ({"standing": "in_force"}, (1, 0)),
        ({"q": "草案"}, (0, 1)), ({"field": "water"}, (0, 1)), ({"transition": "none"}, (1, 1)), ({"lacks": "review"}, (1, 1)),
        ({"standing": "ended"}, (0, 0)), ({"lacks": "end"}, (1, 1)), ({"standing": "coming"}, (0, 0)),
    ):  # fmt: skip
        shown = page(browser.get(address, query))
        assert ("演示低保办法" in shown, "演示草案" in shown) == tuple(map(bool, there)), query
    assert browser.get(address, {"export": "xlsx"}).status_code == 200
    assert signed_in("village_cadre").get(address, {"export": "xlsx"}).status_code == 403


def test_a_workbook_is_taken_and_the_bad_rows_are_named(signed_in, officers):
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet()
    for at, row in enumerate(
        (["政策名称", "领域", "发布层级"], ["演示总办法", "产业", "国家"], ["演示坏领域", "天气", "旗县"])
    ):
        sheet.write_row(at, 0, row)
    book.close()
    browser = signed_in("banner_officer")
    file = SimpleUploadedFile("政策.xlsx", content.getvalue())
    shown = page(browser.post(reverse("policies_import"), {"region_code": BANNER, "file": file}))
    assert "1 policy entered." in shown and "天气" in shown and Policy.objects.count() == 1
    bad = SimpleUploadedFile("x.xlsx", b"MZ not a workbook")
    assert browser.post(reverse("policies_import"), {"region_code": BANNER, "file": bad}).status_code == 400
    example = browser.get(reverse("policies_example"))
    taken = SimpleUploadedFile("again.xlsx", b"".join(example.streaming_content))
    assert "1 policy entered." in page(browser.post(reverse("policies_import"), {"region_code": BANNER, "file": taken}))


def test_two_policies_of_one_programme_are_hinted_at(policy, officers, signed_in, now):
    entry = Entry(
        title="演示又一", field="income", level="banner", starts_on=date(2025, 1, 1), programme=policy.programme
    )
    other = policies.add_policy(entry, BANNER, by=officers["administrator"], now=now)
    browser = signed_in("leader")
    assert "perhaps twice" in page(browser.get(reverse("policy_hints")))
    assert "perhaps twice" in page(browser.get(reverse("policy", args=[other.pk])))
    assert browser.get(reverse("policy_households", args=[policy.pk])).status_code == 200


def test_the_clock_is_set_and_extended_on_its_page(officers, signed_in):
    browser = signed_in("banner_officer")
    browser.post(
        reverse("transition_set"),
        {"region_code": BANNER, "exited_on": "2020-03-04", "source": "公告", "key_source": ""},
    )
    clock = Transition.objects.get()
    address = reverse("transition_extend", args=[clock.pk])
    asked = {f"{clock.pk}-until": "2020-01-01", f"{clock.pk}-document": "1号", f"{clock.pk}-reason": "深度贫困"}
    refused = browser.post(address, asked)
    assert refused.status_code == 400 and "after the present end" in page(refused)
    browser.post(address, asked | {f"{clock.pk}-until": "2099-12-31"})
    shown = page(signed_in("village_cadre").get(reverse("transition")))
    assert "2099-12-31" in shown and "深度贫困" in shown and "商都县" in shown and "Extend it" not in shown


def test_somebody_is_named_accepts_and_hands_over(officers, household, signed_in):
    keeper, cadre = signed_in("banner_officer"), signed_in("village_cadre")
    shown = page(keeper.get(reverse("vacancies")))
    assert "第一嘎查" in shown
    asked = {
        "subject": "place",
        "region_code": VILLAGE,
        "level": "village",
        "officer": officers["village_cadre"].pk,
        "duty": "走访",
    }
    assert keeper.post(reverse("responsibility_name"), asked).status_code == 302
    refused = keeper.post(reverse("responsibility_name"), asked)
    assert refused.status_code == 409 and "hand it over" in page(refused)
    found = Responsibility.objects.get()
    assert "Waiting for you to accept" in page(cadre.get(reverse("responsibilities")))
    assert "Responsibilities to accept" in page(cadre.get(reverse("home")))
    cadre.post(reverse("responsibility_accept", args=[found.pk]))
    keeper.post(
        reverse("responsibility_hand_over", args=[found.pk]), {"person": "演示书记", "post": "书记", "reason": "换届"}
    )
    heir = Responsibility.objects.get(ended_on=None)
    assert "换届" in page(cadre.get(reverse("responsibility", args=[heir.pk])))
    assert keeper.post(reverse("responsibility_end", args=[heir.pk]), {"reason": ""}).status_code == 400
    keeper.post(reverse("responsibility_end", args=[heir.pk]), {"reason": "调离"})
    assert "vacant since" in page(keeper.get(reverse("vacancies"), {"region": VILLAGE}))
    for_household = asked | {"subject": "household", "household": household.number}
    assert keeper.post(reverse("responsibility_name"), for_household).status_code == 302
    assert keeper.post(reverse("responsibility_name"), for_household | {"household": "没有"}).status_code == 404
    assert keeper.get(reverse("vacancies"), {"export": "xlsx"}).status_code == 200


def test_an_inspection_is_made_and_what_it_found_is_mended(officers, signed_in):
    keeper, cadre, reviewer = (signed_in(key) for key in ("banner_officer", "village_cadre", "banner_reviewer"))
    asked = {"topic": "饮水安全", "region_code": VILLAGE, "inspector": "演示组", "due_on": "2026-05-01", "months": "3"}
    keeper.post(reverse("inspection_plan"), asked)
    found = Inspection.objects.get()
    assert "Inspections overdue" in page(keeper.get(reverse("home")))
    address = reverse("inspection", args=[found.pk])
    keeper.post(reverse("inspection_close", args=[found.pk]), {"done_on": "2026-05-02", "summary": "一处问题"})
    keeper.post(reverse("inspection_find", args=[found.pk]), {"what": "未公示", "body": "嘎查", "due_on": "2026-05-20"})
    fell = Shortcoming.objects.get()
    assert "未公示" in page(cadre.get(address)) and "Shortcomings overdue" in page(cadre.get(reverse("home")))
    assert keeper.post(reverse("inspection_drop", args=[found.pk]), {"reason": "迟了"}).status_code == 409
    cadre.post(reverse("shortcoming_mend", args=[fell.pk]), {"how": "已公示"})
    reviewer.post(reverse("shortcoming_look", args=[fell.pk]), {"holds": "no", "said": "没有看到"})
    fell.refresh_from_db()
    assert (fell.state, fell.reopened) == ("open", 1)
    assert "Opened again" in page(cadre.get(reverse("shortcomings")))
    assert cadre.post(reverse("inspection_find", args=[found.pk]), {"what": "x", "body": "y"}).status_code == 403


def test_a_sudden_fall_stands_on_today_is_explained_and_each_series_says_how_it_is_counted(officers, signed_in, now):
    Alarm.objects.create(
        region_code=BANNER, series="helpers", quarter=date(2026, 4, 1), before=40, after=20, raised_at=now
    )
    leader, keeper = signed_in("leader"), signed_in("banner_officer")
    assert "Sudden falls to explain" in page(leader.get(reverse("home")))
    continuity.count(now)
    shown = page(leader.get(reverse("continuity")))
    assert "Helpers with an open case" in shown and "each counted once" in shown and "Programmes in force" in shown
    alarm = Alarm.objects.get(series="helpers")
    address = reverse("alarm", args=[alarm.pk])
    assert leader.post(address, {"explanation": "换届"}).status_code == 403
    assert keeper.post(address, {"explanation": ""}).status_code == 400
    keeper.post(address, {"explanation": "驻村轮换，已补派"})
    assert "驻村轮换" in page(leader.get(address))
    assert keeper.post(address, {"explanation": "又说"}).status_code == 409
    assert "Sudden falls to explain" not in page(leader.get(reverse("home")))
    assert keeper.post(reverse("continuity_count")).status_code == 302
    assert leader.get(reverse("continuity"), {"export": "xlsx"}).status_code == 200


def test_lists_ask_the_database_as_often_for_many_as_for_few(officers, signed_in, now, django_assert_max_num_queries):
    admin, browser = officers["administrator"], signed_in("leader")
    for number in range(40):
        policies.add_policy(
            Entry(title=f"办法{number}", field="income", level="banner", starts_on=date(2024, 1, 1)),
            BANNER,
            by=admin,
            now=now,
        )
        responsibilities.name_owner(
            "task", VILLAGE, "village", Owner(person="甲", post="书记"), task=f"任务{number}", by=admin, now=now
        )
        found = inspections.plan(f"检查{number}", VILLAGE, "组", date(2026, 5, 1), by=admin, now=now)
        inspections.find(found, "问题", "单位", by=admin, now=now - timedelta(days=1))
    for name in ("policies", "responsibilities", "inspections", "shortcomings"):
        with django_assert_max_num_queries(16):
            assert browser.get(reverse(name)).status_code == 200


def test_the_hub_leads_to_the_pages(signed_in):
    shown = page(signed_in("leader").get(reverse("help_and_policies")))
    assert all(
        reverse(name) in shown for name in ("policies", "transition", "responsibilities", "inspections", "continuity")
    )
    assert reverse("policies") not in page(signed_in("helper").get(reverse("help_and_policies")))
