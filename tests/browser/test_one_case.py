"""The whole loop of one case, and of a refused one, clicked through by the people whose steps they are.

The cadre works on a phone 360 pixels wide; reviewers and officers at a desk. Each page is looked over by axe on the way.
KHOTAIL_SCREENSHOTS names a folder for pictures of the pages.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.casework.models import Case, Lead
from khotail.register.models import Household
from khotail.site.demo_cases import _grey_picture
from tests.browser.conftest import DESKTOP, PHONE, SignIn, scrolls_sideways, small_targets, violations
from tests.record.passing import days_pass

Look = Callable[..., None]


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "photo.png"
    path.write_bytes(_grey_picture())
    return str(path)


@pytest.fixture
def look() -> Look:
    """Looks at a page: no finding of axe, nothing beyond the edge, nothing too small to touch."""
    folder = os.environ.get("KHOTAIL_SCREENSHOTS")
    taken: list[str] = []

    def look_at(page: Any, name: str, least_px: int = 24) -> None:
        page.wait_for_load_state("networkidle")
        if folder:
            taken.append(name)
            page.screenshot(path=f"{folder}/{len(taken):02}-{name}.png", full_page=True)
        page.evaluate("scrollTo(0, 0)")  # what lies under the bar is no fault of the page
        assert violations(page) == []
        assert not scrolls_sideways(page), name
        assert small_targets(page, least_px=least_px) == [], name

    return look_at


def today(days: int = 0) -> str:
    return f"{timezone.localdate() + timedelta(days=days):%Y-%m-%d}"


def fill(page: Any, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name='field-{name}']", value)


def choose(page: Any, **fields: str) -> None:
    for name, value in fields.items():
        page.check(f"[name='field-{name}'][value='{value}']")


def send_papers(page: Any, picture: str, *kinds: str) -> None:
    for kind in kinds:
        page.set_input_files(f"#paper-{kind}-files", picture)


def record(page: Any, outcome: str, said: str, reason: str = "") -> None:
    page.check(f"[name=outcome][value={outcome}]")
    if reason:
        page.fill("[name=reason]", reason)
    page.click("text=Record the outcome")
    page.wait_for_selector(f".success:has-text('{said}')")


def check_at_home(page: Any, picture: str) -> None:
    fill(page, visited_on=today(), visited_by="演示甲", members="3", members_able_to_work="1",
         income_cny_per_capita="5000", self_paid_cny="30000", situation="患病住院，情况属实")  # fmt: skip
    choose(page, causes_found="illness")
    send_papers(page, picture, "authorisation", "survey", "photo")


def hold_review(page: Any, picture: str, in_favour: str) -> None:
    fill(page, held_on=today(), entitled="9", present="6", in_favour=in_favour, chaired_by="演示乙",
         attended="\n".join(f"代表{n}" for n in range(6)))  # fmt: skip
    choose(page, meeting="representatives")
    send_papers(page, picture, "minutes")


def open_the_case(page: Any, look: Look) -> Case:
    """From the household's words to the open case, all on the phone."""
    page.goto(reverse("leads"))
    look(page, "leads-empty", 44)
    page.click("text=Raise a lead")
    page.fill("#find", "演示甲")
    page.press("#find", "Enter")
    page.wait_for_selector("text=This one")
    look(page, "lead-find", 44)
    page.click("text=This one")
    page.fill("[name=words]", "家里老人住院，自付的钱多")
    page.check("[name=causes][value=illness]")
    page.check("[name=consent]")
    look(page, "lead-new", 24)
    page.click("text=Raise the lead")
    page.wait_for_selector("text=What was heard")
    look(page, "lead", 44)
    page.goto(reverse("leads"))
    look(page, "leads", 44)
    page.click(".line-title")
    page.click("button:has-text('Open a case')")
    page.wait_for_selector("text=Check at home")
    return Case.objects.get()


@pytest.mark.parametrize("scripts", [True, False])
def test_one_case_from_the_first_words_to_help_by_six_people(
    sign_in: SignIn, household: Household, picture: str, look: Look, scripts: bool
) -> None:
    """Cadre, township reviewer, banner reviewer, banner officer, helper, leader."""
    if not scripts:  # the same clicks; axe itself needs scripts

        def look(page: Any, name: str, least_px: int = 24) -> None:
            page.wait_for_load_state("load")

    cadre = sign_in("village_cadre", width=PHONE, scripts=scripts)
    case = open_the_case(cadre, look)
    address = reverse("case", args=[case.pk])
    look(cadre, "home-check", 24)
    cadre.check("[name=outcome][value=confirmed]")
    cadre.click("text=Record the outcome")
    cadre.wait_for_selector("text=Not recorded yet.")
    look(cadre, "home-check-errors", 24)
    check_at_home(cadre, picture)
    record(cadre, "confirmed", "Confirmed")
    look(cadre, "village-review", 24)
    hold_review(cadre, picture, "5")
    record(cadre, "agreed", "Agreed")
    assert "It can be closed from" in cadre.inner_text("main")
    cadre.click("text=Take an objection")
    cadre.fill("[name=words]", "他家有车")
    cadre.click("text=Register the objection")
    cadre.wait_for_selector("text=Answer the objection")
    look(cadre, "notice-objection", 24)
    cadre.check("[name=upheld][value=no]")
    cadre.fill("[name=answer]", "车已卖，有合同")
    cadre.click("text=Answer the objection")
    cadre.wait_for_selector("text=Not upheld")
    days_pass(case, 6)
    cadre.goto(address)
    fill(cadre, posted_on=today(-6), taken_down_on=today(), posted_at="村委会门口")
    send_papers(cadre, picture, "notice")
    record(cadre, "no-objection", "No objection stands")

    township = sign_in("township_reviewer", scripts=scripts)
    township.click(".lines .line-title")
    township.wait_for_selector("text=Township review")
    choose(township, township_visited="yes")
    fill(township, township_opinion="材料齐全，情况属实")
    look(township, "township-review")
    record(township, "agreed", "Agreed; goes to the banner")

    reviewer = sign_in("banner_reviewer", scripts=scripts)
    reviewer.goto(address)
    choose(reviewer, house_found="no", vehicle_found="no", business_found="no", salary_found="no", category="marginal")
    fill(reviewer, decided_on=today())
    reviewer.check("[name='field-causes'][value=illness]")
    send_papers(reviewer, picture, "comparison", "decision")
    look(reviewer, "county-decision")
    record(reviewer, "identified", "Identified")

    officer = sign_in("banner_officer", scripts=scripts)
    officer.goto(reverse("board"))
    look(officer, "board")
    officer.click(".board-head a")
    officer.wait_for_selector("text=For the cases that are ticked")
    look(officer, "queue-announcement")
    officer.check("[name=step]")
    fill(officer, announced_on=today(), household_told_on=today())
    send_papers(officer, picture, "announcement")
    officer.check("[name=outcome][value=announced]")
    officer.click("text=Record for all that are ticked")
    officer.wait_for_selector("text=Recorded for 1 case.")
    officer.goto(address)
    officer.click("text=Record a measure")
    officer.select_option("[name=category]", "健康帮扶")
    officer.fill("[name=kind]", "医疗救助")
    officer.check("[name=causes][value=illness]")
    officer.fill("[name=amount_cny]", "6000")
    officer.click("text=Record the measure")
    officer.wait_for_selector("text=The measure is recorded.")
    officer.click("text=Name a helper")
    officer.select_option("[name=helper]", label="演示helper · Helper")
    officer.click("text=Name the helper")
    officer.wait_for_selector("text=The helper is named.")
    look(officer, "helped")

    helper = sign_in("helper", width=PHONE, scripts=scripts)
    helper.goto(address)
    fill(helper, visited_on=today(), income_cny_per_capita="6000", situation="药费已报销，羊长得好")
    choose(helper, measures_work="yes")
    look(helper, "visit", 24)
    record(helper, "goes-on", "Help goes on")

    leader = sign_in("leader", scripts=scripts)
    leader.goto(reverse("cases"))
    look(leader, "cases")
    leader.click(".line-title")
    leader.wait_for_selector("text=About the case")
    assert not leader.locator("text=Record the outcome").count()
    with leader.expect_download() as download:
        leader.click("text=Public notice (PDF)")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    case.refresh_from_db()
    assert (case.state, case.category, case.causes) == ("helped", "marginal", ["illness"])
    assert case.helper.username == "helper"


def test_a_refused_household_is_told_why_objects_and_is_taken_in_after_all(
    sign_in: SignIn, household: Household, officers: dict[str, Any], picture: str, look: Look
) -> None:
    """Department, helper, cadre, township officer, banner reviewer, banner officer; who refused does not decide again."""
    household.helper = officers["helper"]
    household.save()
    department = sign_in("department_officer")
    department.goto(reverse("lead_raise"))
    look(department, "lead-new-department")
    department.fill("[name=words]", "医保：第一嘎查一户自付三万元")
    department.select_option("[name=region_code]", "152221100200")
    department.click("text=Raise the lead")
    department.wait_for_selector("text=The lead is raised")

    cadre = sign_in("village_cadre", width=PHONE)
    find_the_household(cadre, look)
    case = Case.objects.get()
    address = reverse("case", args=[case.pk])

    helper = sign_in("helper", width=PHONE)
    helper.goto(address)
    check_at_home(helper, picture)
    look(helper, "home-check-by-helper", 24)
    record(helper, "confirmed", "Confirmed")
    assert not helper.locator("text=Record the outcome").count()  # the review is the village's

    cadre.goto(address)
    hold_review(cadre, picture, "5")
    record(cadre, "agreed", "Agreed")
    days_pass(case, 6)
    cadre.goto(address)
    fill(cadre, posted_on=today(-6), taken_down_on=today(), posted_at="村委会门口")
    send_papers(cadre, picture, "notice")
    record(cadre, "no-objection", "No objection stands")

    township = sign_in("township_officer")
    township.goto(address)
    choose(township, township_visited="no")
    fill(township, township_opinion="材料齐全")
    record(township, "agreed", "Agreed; goes to the banner")
    assert not township.locator("text=Record the outcome").count()

    reviewer = sign_in("banner_reviewer")
    reviewer.goto(address)
    decide(reviewer, picture)
    record(reviewer, "refused", "Not identified", reason="名下车辆未说明用途")
    look(reviewer, "refused-by-reviewer")

    object_to_the_refusal(cadre, address, look)
    reviewer.goto(address)
    assert not reviewer.locator("[name=upheld]").count()  # not the one who refused
    officer = sign_in("banner_officer")
    officer.goto(address)
    officer.check("[name=upheld][value=yes]")
    officer.fill("[name=answer]", "车已卖，应当重新审定")
    look(officer, "objection")
    officer.click("text=Answer the objection")
    officer.wait_for_selector("text=It has come up to the")
    reviewer.goto(address)
    assert not reviewer.locator("text=Record the outcome").count()
    decide(officer, picture)
    officer.check("[name='field-category'][value=marginal]")
    officer.check("[name='field-causes'][value=illness]")
    look(officer, "decided-again")
    record(officer, "identified", "Identified")
    fill(officer, announced_on=today(), household_told_on=today())
    send_papers(officer, picture, "announcement")
    record(officer, "announced", "Announced and told")

    helper.goto(address)
    fill(helper, visited_on=today(), situation="药费已报销")
    choose(helper, measures_work="yes")
    record(helper, "goes-on", "Help goes on")
    case.refresh_from_db()
    assert (case.state, case.category, case.helper) == ("helped", "marginal", officers["helper"])
    doers = case.steps.exclude(closed_at=None).order_by("id").values_list("step_id", "outcome", "closed_by__role")
    assert list(doers) == [
        ("home-check", "confirmed", "helper"), ("village-review", "agreed", "village_cadre"),
        ("village-notice", "no-objection", "village_cadre"), ("township-review", "agreed", "officer"),
        ("county-decision", "refused", "reviewer"), ("county-decision", "identified", "officer"),
        ("announcement", "announced", "officer"), ("visit", "goes-on", "helper"),
    ]  # fmt: skip
    cadre.goto(address)
    look(cadre, "taken-in-after-all", 24)


def find_the_household(cadre: Any, look: Look) -> None:
    """From a department's words about a household without a name to the open case."""
    cadre.goto(reverse("lead", args=[Lead.objects.get().pk]))
    look(cadre, "lead-unknown", 44)
    cadre.click("text=Find the household")
    cadre.fill("#find", "D0001")
    cadre.press("#find", "Enter")
    cadre.wait_for_selector("text=This one")
    look(cadre, "lead-household", 44)
    cadre.click("text=This one")
    cadre.click("button:has-text('Open a case')")
    cadre.wait_for_selector("text=Check at home")


def decide(page: Any, picture: str) -> None:
    choose(page, house_found="no", vehicle_found="no", business_found="no", salary_found="no")
    fill(page, decided_on=today())
    send_papers(page, picture, "comparison", "decision")


def object_to_the_refusal(cadre: Any, address: str, look: Look) -> None:
    cadre.goto(address)
    look(cadre, "refused", 24)
    cadre.click("text=Why, and how to object")
    cadre.wait_for_selector("text=名下车辆未说明用途")
    look(cadre, "refusal", 44)
    cadre.click("text=Register an objection")
    cadre.click("text=Take an objection")
    cadre.fill("[name=words]", "车已经卖了")
    cadre.fill("[name=said_by]", "户主")
    cadre.click("text=Register the objection")
    cadre.wait_for_selector("text=Not answered yet.")


def test_two_decide_at_once_and_the_second_reads_who_was_quicker(
    sign_in: SignIn, household: Household, picture: str, look: Look, officers: dict[str, Any]
) -> None:
    from tests.record.walking import opened

    case = opened(household, officers, timezone.now())
    address = reverse("case", args=[case.pk])
    first, second = sign_in("village_cadre", width=PHONE), sign_in("village_cadre", width=PHONE)
    for page in (first, second):
        page.goto(address)
        check_at_home(page, picture)
    second.fill("[name='field-situation']", "我写的很长的情况说明")
    record(first, "confirmed", "Confirmed")
    second.check("[name=outcome][value=no-risk]")
    second.fill("[name=reason]", "没有发现风险")
    second.click("text=Record the outcome")
    second.wait_for_selector("text=What you had filled in")
    words = second.inner_text("main")
    assert "演示village_cadre" in words and "我写的很长的情况说明" in words and "没有发现风险" in words
    look(second, "too-late", 24)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_lists_fit(sign_in: SignIn, household: Household, look: Look, officers: dict[str, Any], width: int) -> None:
    from tests.record.walking import opened

    opened(household, officers, timezone.now())
    page = sign_in("banner_officer", width=width)
    for name in ("leads", "cases", "board", "rechecks"):
        page.goto(reverse(name))
        look(page, f"{name}-{width}", 44 if width == PHONE else 24)
    page.goto(reverse("queue", args=["home-check"]))
    look(page, f"queue-{width}", 44 if width == PHONE else 24)
