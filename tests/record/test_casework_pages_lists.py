"""Leads, and lists of cases: what each reader sees, filters, decides in bulk and takes away as a workbook."""

from __future__ import annotations

import io
import shutil
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.casework import actions, queries
from khotail.casework.models import Case, Lead
from khotail.rulebook.load import BUILT_IN
from khotail.trail.models import Event
from tests.record.conftest import OTHER_VILLAGE, PEOPLE, VILLAGE, make_household
from tests.record.passing import days_pass
from tests.record.test_casework_pages import photo, sent
from tests.record.walking import close, declared, opened, waiting


@pytest.fixture
def now():
    return timezone.now()


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_each_role_sees_the_leads_and_cases_of_its_region(key, household, officers, signed_in, now) -> None:
    case = opened(household, officers, now)
    other = declared(
        make_household("D0002", OTHER_VILLAGE, "演示乙", now),
        officers | {"village_cadre": officers["banner_officer"]},
        now,
    )
    browser = signed_in(key)
    for name in ("leads", "cases", "board", "rechecks"):
        assert browser.get(reverse(name)).status_code == (
            403 if key in ("department_officer", "supervisor") else 200
        ), name
    if key in ("department_officer", "supervisor"):
        assert browser.get(reverse("case", args=[case.pk])).status_code == 403
        return
    inside = key not in ("neighbour", "other_village_cadre", "helper")
    assert browser.get(reverse("case", args=[case.pk])).status_code == (200 if inside else 404)
    for page in ("cases", "board"):
        assert ("演示甲" in browser.get(reverse(page)).content.decode()) == inside
    sees_other = key not in ("neighbour", "village_cadre", "helper")
    assert browser.get(reverse("lead", args=[other.pk])).status_code == (200 if sees_other else 404)
    assert ("演示乙" in browser.get(reverse("leads")).content.decode()) == sees_other


def test_a_lead_is_raised_in_two_steps_with_photos(household, officers, signed_in, now) -> None:
    browser, address = signed_in("village_cadre"), reverse("lead_raise")
    hits = browser.post(address, {"q": "演示甲"}).content.decode()
    assert f"?household={household.pk}" in hits and "演示甲" not in browser.get(address).content.decode()
    form = {"household": household.pk, "channel": "declaration", "causes": ["illness"], "who": "other", "consent": "on"}
    bad = browser.post(address, form | {"words": "", "told_by": "演示邻居"})
    assert bad.status_code == 400 and "演示邻居" in bad.content.decode()
    answer = browser.post(
        address, form | {"words": "家里有人住院", "told_by": "演示邻居", "photos": [photo(), photo()]}
    )
    lead = Lead.objects.get()
    assert answer.url == reverse("lead", args=[lead.pk])
    assert (lead.channel, lead.causes, lead.told_by, lead.consent) == ("declaration", ["illness"], "演示邻居", True)
    assert lead.documents.count() == 2


def test_a_department_raises_a_lead_about_somebody_not_yet_known(household, officers, signed_in, now) -> None:
    browser, address = signed_in("department_officer"), reverse("lead_raise")
    assert browser.get(f"{address}?household={household.pk}").status_code == 403
    page = browser.get(address).content.decode()
    assert "Village not known" in page
    form = {"unknown": 1, "channel": "department", "region_code": VILLAGE, "words": "大额住院", "who": "self"}
    assert browser.post(address, form | {"region_code": "152222100200"}).status_code == 400
    assert browser.post(address, form).status_code == 302
    lead = Lead.objects.get()
    cadre = signed_in("village_cadre")
    link = reverse("lead_household", args=[lead.pk])
    assert "First say which household" in cadre.get(reverse("lead", args=[lead.pk])).content.decode()
    assert cadre.post(reverse("lead_take", args=[lead.pk])).status_code == 400
    assert "演示甲" in cadre.post(link, {"q": "演示甲"}).content.decode()
    assert cadre.post(link, {"household": household.pk}).status_code == 302
    assert cadre.post(reverse("lead_take", args=[lead.pk])).status_code == 302
    assert Case.objects.get().household == household


def test_a_lead_is_taken_once_and_the_second_keeps_the_reason(household, officers, signed_in, now) -> None:
    lead = declared(household, officers, now)
    dismissal = reverse("lead_dismiss", args=[lead.pk])
    assert signed_in("village_cadre").post(dismissal, {"reason": ""}).status_code == 400
    assert signed_in("leader").post(reverse("lead_take", args=[lead.pk])).status_code == 403
    assert signed_in("village_cadre").post(reverse("lead_take", args=[lead.pk])).url == reverse(
        "case", args=[Case.objects.get().pk]
    )
    late = signed_in("township_officer").post(dismissal, {"reason": "没有找到这个人"})
    page = late.content.decode()
    assert late.status_code == 409 and "演示village_cadre" in page and "没有找到这个人" in page


def test_leads_are_filtered_by_channel_cause_village_and_deadline(household, officers, signed_in, now) -> None:
    declared(household, officers, now)
    late = actions.raise_lead(
        make_household("D0002", OTHER_VILLAGE, "演示乙", now),
        "hotline",
        ["disaster"],
        "雪灾",
        by=officers["banner_officer"],
        now=now,
    )
    Lead.objects.filter(pk=late.pk).update(due_on=timezone.localdate(now) - timedelta(days=3))
    browser = signed_in("banner_officer")

    def heads(query: str) -> set[str]:
        page = browser.get(f"{reverse('leads')}?{query}").content.decode()
        return {head for head in ("演示甲", "演示乙") if head in page}

    assert heads("") == {"演示甲", "演示乙"}
    assert heads("channel=hotline") == heads("cause=disaster") == heads("late=1") == {"演示乙"}
    assert heads(f"region={VILLAGE}") == {"演示甲"}
    assert heads("state=dismissed") == set()
    assert browser.get(f"{reverse('leads')}?region=152222").status_code == 404
    page = browser.get(reverse("leads")).content.decode()
    assert page.index("演示乙") < page.index("演示甲")


def test_lists_are_one_query_and_one_count(household, officers, signed_in, now, django_assert_max_num_queries) -> None:
    for number in range(12):
        opened(make_household(f"E{number}", VILLAGE, f"演示{number}", now), officers, now)
        declared(make_household(f"F{number}", VILLAGE, f"演示{number}", now), officers, now)
    browser = signed_in("village_cadre")
    for name in ("leads", "cases"):
        browser.get(reverse(name))
        with django_assert_max_num_queries(8):  # session, officer, saved filters, unread, count, page, names of regions
            browser.get(reverse(name))
    with django_assert_max_num_queries(7):
        browser.get(reverse("board"))
    with django_assert_max_num_queries(9):
        browser.get(reverse("queue", args=["home-check"]))


def test_cases_are_filtered_and_exported(household, officers, signed_in, now) -> None:
    household.head_name = "=HYPERLINK(1)"
    household.save()
    opened(household, officers, now)
    browser = signed_in("banner_officer")
    address = reverse("cases")
    assert "HYPERLINK" in browser.get(f"{address}?step=home-check&cause=illness&state=deciding").content.decode()
    for query in ("step=village-review", "cause=water", "state=refused", "late=1", "helper=me", "category=marginal"):
        assert "HYPERLINK" not in browser.get(f"{address}?{query}").content.decode(), query
    answer = browser.get(f"{address}?export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet.max_row == 2 and sheet["C2"].value == "=HYPERLINK(1)" and sheet["C2"].data_type == "s"
    assert signed_in("village_cadre").get(f"{address}?export=xlsx").status_code == 403


def test_an_announcement_is_recorded_for_many_cases_and_each_stands_alone(officers, regions, signed_in, now) -> None:
    steps = []
    for number in range(3):
        case = opened(make_household(f"G{number}", VILLAGE, f"演示{number}", now), officers, now)
        walk_to(case, officers, now, "announcement")
        steps.append(waiting(case))
    close(steps[2], officers, now)
    browser, address = signed_in("banner_officer"), reverse("queue", args=["announcement"])
    assert "For the cases that are ticked" in browser.get(address).content.decode()
    assert "For the cases that are ticked" not in signed_in("township_officer").get(address).content.decode()
    form = sent(steps[0], "announced")
    assert browser.post(address, form).status_code == 400
    answer = browser.post(address, sent(steps[0], "announced") | {"step": [step.pk for step in steps]})
    assert answer.status_code == 302
    for step in steps:
        step.refresh_from_db()
        assert step.outcome == "announced" and step.documents.count() == 1
    assert Event.objects.filter(verb="case.identified").count() == 3
    assert signed_in("banner_officer").post(reverse("queue", args=["county-decision"]), {"step": 1}).status_code == 404


def test_which_steps_are_recorded_for_many_cases_is_the_rulebooks_to_say(
    household, officers, signed_in, now, tmp_path, settings
) -> None:
    """The same notice, in a banner whose procedure does not let it be closed in bulk."""
    case = opened(household, officers, now)
    walk_to(case, officers, now, "announcement")
    assert queries.steps_to_do_together(officers["banner_officer"], "announcement").get() == waiting(case)
    assert not queries.steps_to_do_together(officers["township_officer"], "announcement").exists()
    shutil.copytree(BUILT_IN / "cn", tmp_path / "cn")
    for path in (tmp_path / "cn" / "procedures").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("bulk: true", "bulk: false"), encoding="utf-8")
    settings.KHOTAIL_RULEBOOK = str(tmp_path / "cn")
    assert not queries.steps_to_do_together(officers["banner_officer"], "announcement").exists()


def walk_to(case: Case, officers, now, step_id: str) -> None:
    """Step after step, with days that pass while the notice hangs."""
    while waiting(case).step_id != step_id:
        if waiting(case).not_before:
            days_pass(case, 6)
        close(waiting(case), officers, now)
