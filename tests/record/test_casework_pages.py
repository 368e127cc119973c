"""The case's page: its step's form, what goes wrong in it, and what accompanies the case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from khotail.casework.models import Case, Measure, Objection, Step
from khotail.casework.procedures import spec_of
from khotail.register.models import Document
from khotail.site.demo_cases import _grey_picture
from tests.record.conftest import PEOPLE, VILLAGE, make_household
from tests.record.passing import days_pass
from tests.record.walking import close, filled_in, opened, waiting, walk

pytestmark = pytest.mark.one_database


@pytest.fixture
def now():
    return timezone.now()


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("../../<b>x</b>.png", _grey_picture(), "image/png")


def sent(step: Step, outcome: str, *, reason: str = "", papers: bool = True, **changed) -> dict:
    """The step's form as an honest officer sends it."""
    form: dict = {"outcome": outcome, "reason": reason}
    for name, value in filled_in(step, timezone.now(), **changed).items():
        spelled = "\n".join(value) if name in ("attended", "visited_by") else value
        form[f"field-{name}"] = {True: "yes", False: "no"}[value] if isinstance(value, bool) else spelled
    chosen = spec_of(step).outcome(outcome)
    if papers and chosen:
        form |= {f"paper-{kind}": photo() for kind in chosen.evidence}
    return form


def send(browser, step: Step, form: dict):
    return browser.post(reverse("step_close", args=[step.case_id, step.pk]), form)


def test_a_step_is_closed_with_fields_photos_and_outcome(household, officers, signed_in, now) -> None:
    step = waiting(opened(household, officers, now))
    answer = send(signed_in("village_cadre"), step, sent(step, "confirmed"))
    assert answer.status_code == 302
    step.refresh_from_db()
    assert (step.outcome, step.closed_by) == ("confirmed", officers["village_cadre"])
    assert step.record["visited_by"] == ["演示甲"] and step.record["income_cny_per_capita"] == 5000
    assert sorted(step.documents.values_list("kind", flat=True)) == ["authorisation", "photo", "survey"]
    page = signed_in("village_cadre").get(reverse("case", args=[step.case_id])).content.decode()
    assert "Village review" in page and "Attended" in page and "患病住院" in page


def test_all_that_is_missing_is_named_at_once_and_what_was_typed_stays(household, officers, signed_in, now) -> None:
    step = waiting(opened(household, officers, now))
    form = sent(step, "confirmed", papers=False, visited_on=None, members=None, situation="门前有井 <script>")
    answer = send(signed_in("village_cadre"), step, form)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert page.count("Fill this in.") == 2
    assert "门前有井 &lt;script&gt;" in page and "<script>" not in page.replace("<script src", "")
    step.refresh_from_db()
    assert step.closed_at is None


def test_a_photo_is_kept_even_if_the_form_is_not_complete(household, officers, signed_in, now) -> None:
    step = waiting(opened(household, officers, now))
    browser = signed_in("village_cadre")
    form = sent(step, "confirmed", papers=False) | {"paper-photo": photo(), "paper-survey": photo()}
    answer = send(browser, step, form)
    assert answer.status_code == 400 and "signed application" in answer.content.decode()
    assert step.documents.count() == 2
    assert (
        send(browser, step, sent(step, "confirmed", papers=False) | {"paper-authorisation": photo()}).status_code == 302
    )
    assert step.documents.count() == 3


def test_a_wrong_file_is_refused_in_words(household, officers, signed_in, now) -> None:
    step = waiting(opened(household, officers, now))
    form = sent(step, "confirmed") | {"paper-photo": SimpleUploadedFile("x.png", b"MZ not a picture", "image/png")}
    answer = send(signed_in("village_cadre"), step, form)
    assert answer.status_code == 400
    step.refresh_from_db()
    assert step.closed_at is None and Document.objects.count() == 2


def test_every_condition_that_is_not_met_is_told(household, officers, signed_in, now) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    step = waiting(case)
    form = sent(step, "agreed", present=3, attended=["甲", "乙", "丙"], in_favour=1)
    page = send(signed_in("village_cadre"), step, form).content.decode()
    assert "Fewer than two thirds" in page and "Not more than half" in page


def test_the_second_to_decide_is_told_who_and_what_and_keeps_the_text(household, officers, signed_in, now) -> None:
    case = opened(household, officers, now)
    walk(case, officers, now, until=["village-notice"])
    step = waiting(case)
    days_pass(case, 6)
    close(waiting(case), officers, now)
    step = waiting(case)
    second = sent(step, "not-agreed", reason="这户有两辆车，请再查", township_opinion="不属实")
    close(step, officers, now)
    answer = send(signed_in("township_reviewer"), step, second)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "演示township_officer" in page and "Agreed; goes to the banner" in page
    assert "这户有两辆车，请再查" in page and "不属实" in page
    step.refresh_from_db()
    assert step.outcome == "agreed"


def test_a_return_needs_no_fields_and_fills_the_form_again(household, officers, signed_in, now) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    step = waiting(case)
    browser = signed_in("village_cadre")
    assert send(browser, step, {"outcome": "return", "reason": "人数不对"}).status_code == 302
    page = browser.get(reverse("case", args=[case.pk])).content.decode()
    assert waiting(case).step_id == "home-check"
    assert "人数不对" in page and 'value="5000"' in page and "患病住院</textarea>" in page


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_the_form_is_shown_to_whom_it_belongs_and_taken_from_nobody_else(
    key, household, officers, signed_in, now
) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    step, browser = waiting(case), signed_in(key)
    answer = browser.get(reverse("case", args=[case.pk]))
    does = key == "village_cadre"
    if answer.status_code == 200:
        assert ("Record the outcome" in answer.content.decode()) == does
    status = send(browser, step, sent(step, "agreed")).status_code
    assert status == (302 if does else 404 if key in ("other_village_cadre", "helper", "neighbour") else 403)
    step.refresh_from_db()
    assert bool(step.closed_at) == does
    assert does or Document.objects.filter(kind="minutes").count() == 0


def test_a_measure_answers_what_is_lacking(household, officers, signed_in, now) -> None:
    case = opened(household, officers, now)
    browser, address = signed_in("village_cadre"), reverse("measure_add", args=[case.pk])
    assert "Illness needs health measures" in browser.get(reverse("case", args=[case.pk])).content.decode()
    form = {
        "category": "健康帮扶",
        "kind": "医疗救助",
        "causes": ["illness"],
        "starts_on": f"{timezone.localdate(now)}",
    }
    bad = browser.post(address, form | {"amount_cny": "-5"})
    assert bad.status_code == 400 and "医疗救助" in bad.content.decode() and not Measure.objects.exists()
    assert browser.post(address, form | {"amount_cny": "12,000.50"}).status_code == 302
    page = browser.get(reverse("case", args=[case.pk])).content.decode()
    assert "12,000.50" in page and "Illness needs health measures" not in page


def test_a_helper_is_named_among_those_of_the_village(household, officers, signed_in, now) -> None:
    case = opened(household, officers, now)
    browser, address = signed_in("village_cadre"), reverse("helper_assign", args=[case.pk])
    assert browser.post(address, {"helper": officers["neighbour"].pk}).status_code == 400
    assert signed_in("helper").get(reverse("case", args=[case.pk])).status_code == 404
    assert browser.post(address, {"helper": officers["helper"].pk}).status_code == 302
    assert signed_in("helper").get(reverse("case", args=[case.pk])).status_code == 200


def test_a_refused_household_is_told_why_objects_and_is_looked_at_again(household, officers, signed_in, now) -> None:
    case = opened(household, officers, now)
    close(waiting(case), officers, now)
    refused = close(waiting(case), officers, now, "not-agreed", reason="收入高于监测范围", in_favour=1)
    cadre = signed_in("village_cadre")
    page = cadre.get(reverse("refusal", args=[case.pk])).content.decode()
    until = timezone.localdate(now) + timedelta(days=60)
    assert "收入高于监测范围" in page and f"{until:%Y-%m-%d}" in page and "township" in page
    address = reverse("step_object", args=[case.pk, refused.pk])
    assert cadre.post(address, {"words": ""}).status_code == 400
    assert cadre.post(address, {"words": "孩子在住院", "said_by": "户主"}).status_code == 302
    objection = Objection.objects.get()
    answer = reverse("objection_answer", args=[objection.pk])
    assert cadre.post(answer, {"upheld": "yes", "answer": "属实"}).status_code == 403
    township = signed_in("township_officer")
    assert "Answer the objection" in township.get(reverse("case", args=[case.pk])).content.decode()
    assert township.post(answer, {"upheld": "yes", "answer": "属实"}).status_code == 302
    again = township.post(answer, {"upheld": "no", "answer": "另一句话"})
    assert again.status_code in (403, 409) and "另一句话" in again.content.decode()
    assert (waiting(case).step_id, waiting(case).escalated_to) == ("village-review", "township")
    assert "Record the outcome" in township.get(reverse("case", args=[case.pk])).content.decode()


def test_an_exited_household_is_rechecked_one_by_one_or_drawn(household, officers, signed_in, now) -> None:
    cases = []
    for number in range(3):
        about = make_household(f"X{number}", VILLAGE, f"演示退{number}", now)
        day = timezone.localdate(now)
        case = Case.objects.create(
            household=about, region_code=VILLAGE, procedure="x", state="exited", opened_on=day, closed_on=day
        )
        Step.objects.create(
            case=case, household=about, region_code=VILLAGE, procedure="x", step_id="x", level="banner", opened_at=now,
            due_on=day, closed_at=now,
        )  # fmt: skip
        cases.append(case)
    officer = signed_in("banner_officer")
    assert signed_in("village_cadre").post(reverse("recheck_start", args=[cases[0].pk])).status_code == 403
    assert officer.post(reverse("recheck_start", args=[cases[0].pk])).status_code == 302
    assert officer.post(reverse("recheck_start", args=[cases[0].pk])).status_code == 409
    address = reverse("rechecks")
    assert officer.post(address, {"region_code": "152222", "size": 2}).status_code == 400
    assert officer.post(address, {"region_code": "152221", "size": 2}).status_code == 302
    page = officer.get(address).content.decode()
    assert "0 of 2 done; drawn from 2" in page and page.count("演示退") == 3
    assert signed_in("leader").post(address, {"region_code": "152221", "size": 2}).status_code == 403
    assert signed_in("neighbour").get(address).content.decode().count("演示退") == 0


def test_a_case_of_many_steps_takes_few_queries(
    household, officers, signed_in, now, django_assert_max_num_queries
) -> None:
    case = opened(household, officers, now)
    browser = signed_in("village_cadre")
    browser.get(reverse("case", args=[case.pk]))
    with django_assert_max_num_queries(45):
        browser.get(reverse("case", args=[case.pk]))
    for _ in range(4):
        close(waiting(case), officers, now)
        close(waiting(case), officers, now, "return", reason="再核")
    with django_assert_max_num_queries(80):
        browser.get(reverse("case", args=[case.pk]))
