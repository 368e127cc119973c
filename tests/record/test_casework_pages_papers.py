"""Papers as PDF: what stands on each, and what must never stand on one that hangs in public."""

from __future__ import annotations

import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from khotail.casework import papers
from khotail.casework.models import Case, Step
from khotail.casework.papers.blocks import without_numbers
from khotail.casework.problems import MayNot, NoSuchPaper, NotFound
from khotail.register.models import Person
from khotail.trail.models import Event
from tests.record.passing import days_pass
from tests.record.walking import close, opened, waiting

pytestmark = pytest.mark.one_database

ID_NUMBER, PHONE = "152221198001011234", "13812345678"


@pytest.fixture
def now():
    return timezone.now()


def text_of(pdf: bytes) -> str:
    assert pdf.startswith(b"%PDF-")
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def step_of(case: Case, step_id: str) -> Step:
    return Step.objects.select_related("case__household", "household").filter(case=case, step_id=step_id).latest("id")


@pytest.fixture
def decided(household, officers, now) -> Case:
    """A case at its announcement; everything personal that could leak is known and typed into free fields."""
    Person.objects.filter(household=household).update(id_number=ID_NUMBER, phone=PHONE)
    household.phone = PHONE
    household.save()
    case = opened(household, officers, now)
    typed = {
        "situation": f"肝癌住院，身份证{ID_NUMBER}，电话{PHONE}",
        "posted_at": f"门口 {PHONE}",
        "chaired_by": "演示乙",
    }
    while waiting(case).step_id != "announcement":
        if waiting(case).not_before:
            days_pass(case, 6)
        step = waiting(case)
        asked = {name: words for name, words in typed.items() if name in {"situation", "posted_at", "chaired_by"}}
        close(step, officers, now, **asked)
    return Case.objects.get(pk=case.pk)


def test_each_step_offers_its_papers(decided, officers, now) -> None:
    offered = {step.step_id: [p.kind for p in papers.papers_of(step)] for step in decided.steps.select_related("case")}
    assert offered == {
        "home-check": ["application", "survey"], "village-review": ["minutes"], "village-notice": ["notice"],
        "township-review": [], "county-decision": ["decision"], "announcement": ["announcement"],
    }  # fmt: skip


def test_the_application_names_the_members_with_masked_numbers(decided, officers, now) -> None:
    found = text_of(
        papers.render("application", decided, step_of(decided, "home-check"), officers["village_cadre"], now)
    )
    assert "申请及承诺授权查询书" in found and "演示甲" in found and "152221********1234" in found
    assert ID_NUMBER not in found and PHONE not in found


def test_the_minutes_tell_who_was_there_and_how_they_voted(decided, officers, now) -> None:
    found = text_of(
        papers.render("minutes", decided, step_of(decided, "village-review"), officers["village_cadre"], now)
    )
    assert "村民代表会议" in found and "代表0、代表1" in found and "同意人数5" in found and "演示乙" in found


@pytest.mark.parametrize(("kind", "step_id"), [("notice", "village-notice"), ("announcement", "announcement")])
def test_what_hangs_in_public_has_no_number_and_no_word_of_health(kind, step_id, decided, officers, now) -> None:
    found = text_of(papers.render(kind, decided, step_of(decided, step_id), officers["banner_officer"], now))
    assert "演示甲" in found and "第一嘎查" in found and "12317" in found
    assert not re.search(r"\d{7,}", found) and "*" not in found
    for word in ("病", "癌", "残", "户编号", "D0001", "门口"):
        assert word not in found, word


def test_the_decision_lists_the_steps_before_it(decided, officers, now) -> None:
    found = text_of(papers.render("decision", decided, step_of(decided, "county-decision"), officers["leader"], now))
    assert "边缘易致贫户" in found and "村级评议" in found and "同意上报" in found


def test_the_survey_masks_numbers_that_were_typed_into_it(decided, officers, now) -> None:
    found = text_of(papers.render("survey", decided, step_of(decided, "home-check"), officers["village_cadre"], now))
    assert "肝癌住院" in found and ID_NUMBER not in found and PHONE not in found


def test_a_refusal_says_why_until_when_and_to_whom(household, officers, now) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    step = close(waiting(case), officers, now, "not-agreed", reason="收入高于监测范围", in_favour=1)
    found = text_of(papers.render("refusal", Case.objects.get(pk=case.pk), step, officers["village_cadre"], now))
    assert "收入高于监测范围" in found and "60天" in found and "科尔沁镇" in found and "因病" in found


def test_words_are_set_as_they_are_and_rare_characters_too(household, officers, now) -> None:
    household.head_name = "#panic()[*䶮*] 㼆"
    household.save()
    case = opened(household, officers, now)
    found = text_of(papers.render("application", case, waiting(case), officers["village_cadre"], now))
    assert "#panic()[*䶮*]" in found


def test_a_paper_is_for_who_sees_the_case_and_leaves_an_event(decided, officers, signed_in, now) -> None:
    step = step_of(decided, "village-review")
    with pytest.raises(NotFound):
        papers.render("minutes", decided, step, officers["neighbour"], now)
    with pytest.raises(MayNot):
        papers.render("minutes", decided, step, officers["department_officer"], now)
    with pytest.raises(NoSuchPaper):
        papers.render("refusal", decided, step, officers["village_cadre"], now)
    assert not Event.objects.filter(verb="paper.made").exists()
    answer = signed_in("leader").get(reverse("paper", args=[decided.pk, step.pk, "minutes"]))
    assert answer["Content-Type"] == "application/pdf" and "演示甲" in text_of(answer.content)
    event = Event.objects.get(verb="paper.made")
    assert (event.actor_name, event.details["paper"]) == ("演示leader", "minutes")
    assert signed_in("leader").get(reverse("paper", args=[decided.pk, step.pk, "x"])).status_code == 404
    assert signed_in("neighbour").get(reverse("paper", args=[decided.pk, step.pk, "minutes"])).status_code == 404


def test_days_and_amounts_are_no_long_numbers() -> None:
    assert without_numbers(["2026-06-03", "12000.50 元", "20260603"]) == ["2026-06-03", "12000.50 元", "20260603"]
    assert without_numbers({"a": f"卡6222020200112345678，电话{PHONE}"}) == {
        "a": "卡622202*********5678，电话138****5678"
    }
