"""Issues in the desk: raised for somebody, sorted, worked on, looked at by each role, by nobody elsewhere."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from khotail.casework.models import Lead
from khotail.desk.issue_deeds import DEEDS
from khotail.issues import answering, bodies, handling
from khotail.issues.allowed import deeds_of
from khotail.issues.models import Body, Issue
from khotail.issues.raising import raise_issue
from khotail.issues.receipts import Raiser, receipt_of
from khotail.problems import Problem
from khotail.trail.models import Event
from tests.record.conftest import BANNER, OTHER_VILLAGE, PEOPLE, TOWNSHIP, VILLAGE
from tests.record.test_issues_loop import JPEG, PIPE

OGG = b"OggS" + b"\x00" * 40


@pytest.fixture(autouse=True)
def no_messages(settings):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def water(officers, now) -> Body:
    body = bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)
    return bodies.set_people(body, [officers["department_officer"]], by=officers["administrator"], now=now)


@pytest.fixture
def office(officers, now) -> Body:
    return bodies.add_body("演示苏木办公室", "government", TOWNSHIP, by=officers["administrator"], now=now)


@pytest.fixture
def top(officers, now) -> Body:
    return bodies.add_body("演示旗政府办", "government", BANNER, by=officers["administrator"], now=now)


def raised(now, words=PIPE, route="water-pipe", **more) -> Issue:
    values = {"region_code": VILLAGE, "channel": "portal", "route": route, "now": now} | more
    issue = raise_issue(words, **values)
    issue.refresh_from_db()
    return issue


def page(answer) -> str:
    return html.unescape(answer.content.decode())


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("p.jpg", JPEG, content_type="image/jpeg")


def do(browser, issue, deed, **sent):
    return browser.post(reverse("issue_do", args=[issue.pk, deed]), sent)


FORM = {
    "channel": "phone",
    "region_code": VILLAGE,
    "words": PIPE,
    "key": "k1",
    "name": "演示张",
    "phone": "13800000001",
}


def test_what_somebody_says_shows_its_class_and_what_is_like_it_before_it_is_sent(water, signed_in, now):
    browser, address = signed_in("village_cadre"), reverse("issue_raise")
    known = raised(now)
    assert 'name="looked"' not in page(browser.get(address))
    first = browser.post(address, FORM)
    assert first.status_code == 200 and Issue.objects.count() == 1
    text = page(first)
    assert known.number in text and re.search(r'value="water-pipe"', text) and re.search(r"\d+ %", text)
    assert "演示张" in text and "13800000001" in text  # nothing typed is lost
    second = browser.post(address, FORM | {"looked": "1", "route": "water-pipe", "files": [photo()]})
    issue = Issue.objects.exclude(pk=known.pk).get()
    assert second["Location"] == reverse("issue_receipt", args=[issue.pk])
    assert (issue.state, issue.body, issue.channel, issue.photos.count()) == ("sent", water, "phone", 1)
    browser.post(address, FORM | {"looked": "1", "route": "water-pipe"})
    assert Issue.objects.count() == 2  # sent twice, raised once
    assert receipt_of(issue) in page(browser.get(second["Location"]))


def test_the_suggestion_comes_while_the_words_are_written_and_never_in_the_address(signed_in, regions):
    browser = signed_in("village_cadre")
    text = page(browser.post(reverse("issue_suggest"), FORM, headers={"HX-Request": "true"}))
    assert 'value="water-pipe"' in text and "<html" not in text
    assert browser.get(reverse("issue_suggest")).status_code == 405
    nothing = page(browser.post(reverse("issue_suggest"), FORM | {"words": " "}))
    assert 'name="looked"' not in nothing


def test_another_class_or_none_can_be_chosen(water, office, signed_in):
    browser, address = signed_in("village_cadre"), reverse("issue_raise")
    browser.post(address, FORM | {"looked": "1", "route": "other", "other_route": "rubbish"})
    assert Issue.objects.get().route == "rubbish"
    bad = browser.post(address, FORM | {"looked": "1", "route": "other", "other_route": "gone", "key": "k2"})
    assert bad.status_code == 404 and PIPE in page(bad)
    browser.post(address, FORM | {"looked": "1", "route": "", "words": "嗯嗯啊啊", "key": "k3"})
    assert Issue.objects.get(key="k3").state == "sorting"


def test_a_household_is_found_and_named_on_the_way(water, household, signed_in):
    browser, address = signed_in("village_cadre"), reverse("issue_raise")
    text = page(browser.post(address, FORM | {"find": "1", "q": "演示甲"}))
    assert f'name="household" value="{household.pk}"' in text and PIPE in text
    browser.post(address, FORM | {"looked": "1", "route": "water-pipe", "household": household.pk})
    assert Issue.objects.get().household == household
    assert "演示甲" in page(browser.get(reverse("issue", args=[Issue.objects.get().pk])))
    assert reverse("issue", args=[Issue.objects.get().pk]) in page(
        browser.get(reverse("household", args=[household.pk]))
    )


def test_only_who_wrote_it_down_reads_the_receipt(water, officers, signed_in, now):
    issue = raised(now, by=officers["village_cadre"], channel="cadre")
    address = reverse("issue_receipt", args=[issue.pk])
    assert receipt_of(issue) in page(signed_in("village_cadre").get(address))
    for key in ("banner_officer", "department_officer", "neighbour", "leader", "supervisor"):
        answer = signed_in(key).get(address)
        assert receipt_of(issue) not in page(answer) and answer.status_code in (302, 403, 404), key


#: Who sees an open issue of the village; a helper only what they wrote down, the other village and banner nothing.
SEES = set(PEOPLE) - {"helper", "other_village_cadre", "neighbour"}


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_each_role_sees_the_issues_of_its_region(key, water, signed_in, now):
    issue = raised(now)
    browser = signed_in(key)
    answer = browser.get(reverse("issue", args=[issue.pk]))
    assert answer.status_code == (200 if key in SEES else 404), key
    assert (issue.number in page(browser.get(reverse("issues")))) == (key in SEES)
    assert ("演示水利局" in page(browser.get(reverse("bodies")))) == (key not in ("helper", "neighbour"))


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_a_quiet_issue_is_seen_from_where_it_lies_upwards_and_not_by_the_committee(key, top, signed_in, now):
    quiet = raised(now, "办低保要给干部送两条烟", "bribe")
    assert quiet.quiet and quiet.level == "banner"
    browser = signed_in(key)
    unseen = {
        "township_officer",
        "township_reviewer",
        "village_cadre",
        "helper",
        "supervisor",
        "other_village_cadre",
        "neighbour",
        "department_officer",
    }
    answer = browser.get(reverse("issue", args=[quiet.pk]))
    assert answer.status_code == (404 if key in unseen else 200)
    listed = quiet.number in page(browser.get(reverse("issues")))
    assert listed == (key not in unseen)
    assert (
        browser.post(reverse("issue_do", args=[quiet.pk, "say"]), {"words": "x", "to_raiser": "no"}).status_code != 200
    )


def test_a_quietly_raised_lead_is_linked_only_for_who_may_see_leads(top, household, officers, signed_in, now):
    issue = raised(now, "家里有人得大病住院花光了钱", "medical-cost", household=household)
    assert Lead.objects.filter(pk=issue.lead_id).exists()
    link = reverse("lead", args=[issue.lead_id])
    assert link in page(signed_in("banner_officer").get(reverse("issue", args=[issue.pk])))
    body = Body.objects.get(pk=issue.body_id)
    bodies.set_people(body, [officers["department_officer"]], by=officers["administrator"], now=now)
    text = page(signed_in("department_officer").get(reverse("issue", args=[issue.pk])))
    assert issue.number in text and link not in text


def test_the_queues_are_each_their_own(water, office, officers, signed_in, now):
    unsorted = raised(now, "嗯嗯啊啊", route="")
    sent = raised(now)
    late = raised(now - timedelta(days=60), words="水管又破了，没人来")
    Issue.objects.filter(pk=late.pk).update(escalated_to="banner", level="township")

    def numbers(key: str, name: str, **query) -> set[str]:
        text = page(signed_in(key).get(reverse(name), query))
        return {one.number for one in (unsorted, sent, late) if one.number in text}

    assert numbers("township_officer", "issues_to_sort") == {unsorted.number}
    assert numbers("department_officer", "issues_mine") == {sent.number, late.number}
    assert numbers("banner_officer", "issues_watched") == {late.number}
    assert numbers("banner_officer", "issues") == {unsorted.number, sent.number, late.number}
    assert numbers("banner_officer", "issues", late="1") == {late.number}
    assert numbers("banner_officer", "issues", state="sorting") == {unsorted.number}
    assert numbers("banner_officer", "issues", body=str(water.pk)) == {sent.number, late.number}
    assert numbers("banner_officer", "issues", number=sent.number[:6].lower()) == {sent.number}
    assert numbers("banner_officer", "issues", region=OTHER_VILLAGE) == set()
    assert signed_in("leader").get(reverse("issues_to_sort")).status_code == 403
    assert signed_in("banner_officer").get(reverse("issues"), {"region": "152222"}).status_code == 404


def test_the_first_two_suggestions_sort_with_one_press(water, signed_in, now):
    unsure = raised(now, "水管的事情还是路的事情", route="")
    if unsure.state != "sorting":
        pytest.skip("the words are clear enough")
    browser, address = signed_in("township_officer"), reverse("issues_to_sort")
    buttons = re.findall(r'name="route" value="([^"]+)"', page(browser.get(address)))
    assert buttons == [each["route"] for each in unsure.suggested[:2]]
    answer = do(browser, unsure, "sort", route=buttons[0], next=address)
    assert answer["Location"] == address
    unsure.refresh_from_db()
    assert unsure.route == buttons[0] and unsure.route_chosen_by.username == "township_officer"
    assert do(browser, unsure, "sort", route=buttons[0], next="https://elsewhere.example/")["Location"].startswith(
        "/issues/"
    )


def test_from_taking_up_to_confirming_through_the_pages(water, officers, signed_in, now):
    issue = raised(now, by=officers["village_cadre"], channel="cadre", phone="13800000001", name="演示张")
    worker, cadre = signed_in("department_officer"), signed_in("village_cadre")
    address = reverse("issue", args=[issue.pk])
    text = page(worker.get(address))
    assert "Take it up" in text and "Say that it is resolved" not in text and "13800000001" not in text
    assert "13800000001" in page(worker.post(reverse("issue_phone", args=[issue.pk])))
    assert Event.objects.filter(verb="issue.phone_shown", subject_id=str(issue.pk)).count() == 1
    assert signed_in("leader").post(reverse("issue_phone", args=[issue.pk])).status_code == 403
    assert do(worker, issue, "accept", public_words="明天去看").status_code == 302
    assert do(worker, issue, "pause", words="").status_code == 400
    assert do(worker, issue, "pause", words="等配件").status_code == 302
    assert do(worker, issue, "resume").status_code == 302
    assert do(worker, issue, "extend", days="3", words="缺货").status_code == 302
    assert "Put the deadline off" not in page(worker.get(address))
    bare = do(worker, issue, "resolve", public_words="已换新管", words="")
    assert bare.status_code == 400 and "已换新管" in page(bare)
    assert do(worker, issue, "resolve", public_words="已换新管", files=[photo()]).status_code == 302
    assert do(cadre, issue, "confirm", satisfied="4", words="好").status_code == 302
    issue.refresh_from_db()
    assert (issue.state, issue.satisfied) == ("confirmed", 4)
    history = page(cadre.get(address))
    assert "明天去看" in history and "缺货" in history and "Rights card" in history
    assert do(cadre, issue, "reopen", words="又漏了").status_code == 302
    issue.refresh_from_db()
    assert issue.reopened == 1


def test_passing_on_offers_the_bodies_of_the_place_with_their_level(water, office, officers, signed_in, now):
    village = bodies.add_body("演示村委会", "committee", VILLAGE, by=officers["administrator"], now=now)
    other = bodies.add_body("演示别村", "committee", OTHER_VILLAGE, by=officers["administrator"], now=now)
    issue, worker = raised(now), signed_in("department_officer")
    text = page(worker.get(reverse("issue", args=[issue.pk])))
    assert "演示村委会 (village)" in text and "演示苏木办公室 (township)" in text and "演示别村" not in text
    assert do(worker, issue, "transfer", body=str(other.pk), words="给你").status_code == 400
    assert do(worker, issue, "transfer", body=str(village.pk), words="归村里管")["Location"] == reverse("issues")
    issue.refresh_from_db()
    assert issue.body == village and issue.moves.last().public_words == "归村里管"


def test_a_stale_page_says_so_and_gives_back_what_was_written(water, signed_in, officers, now):
    issue, worker = raised(now), signed_in("department_officer")
    do(worker, issue, "accept")
    do(worker, issue, "resolve", public_words="好了", words="没有照片，晚上修的")
    late = do(worker, issue, "close_unresolved", words="我以为修不了，写了很多理由")
    assert late.status_code == 409
    text = page(late)
    assert "我以为修不了，写了很多理由" in text and "so this cannot be done" in text
    assert do(worker, issue, "nonsense").status_code == 404


def test_what_is_shown_in_public_starts_without_known_names_and_numbers(water, household, signed_in, now):
    issue = raised(now, "演示甲家门口水管破了，电话13912345678", household=household)
    browser = signed_in("township_officer")
    text = page(browser.get(reverse("issue", args=[issue.pk])))
    proposed = re.search(r'id="id_publish_public_words"[^>]*>\s*([^<]*)</textarea>', text).group(1)
    assert "演示甲" not in proposed and "13912345678" not in proposed and "水管破了" in proposed
    assert do(browser, issue, "publish", public_words="水管破了").status_code == 302
    issue.refresh_from_db()
    assert issue.public_words == "水管破了"
    assert do(signed_in("department_officer"), issue, "publish", public_words="x").status_code == 403


def test_joining_takes_the_number_of_what_is_alike(water, signed_in, now):
    first, second = raised(now), raised(now)
    browser = signed_in("township_officer")
    assert first.number in page(browser.get(reverse("issue", args=[second.pk])))
    assert do(browser, second, "merge", number=first.number.lower()).status_code == 302
    second.refresh_from_db()
    assert second.duplicate_of == first
    assert do(browser, first, "merge", number="NOPE").status_code == 404


def test_files_are_served_to_who_sees_the_issue_and_a_voice_is_played(water, signed_in, now):
    issue = raised(now, files=[photo(), SimpleUploadedFile("v.ogg", OGG)])
    picture, voice = issue.photos.order_by("id")
    text = page(signed_in("department_officer").get(reverse("issue", args=[issue.pk])))
    assert "<audio controls" in text and "<img" in text
    address = reverse("issue_file", args=[issue.pk, picture.pk])
    answer = signed_in("department_officer").get(address)
    assert answer["Content-Type"] == "image/jpeg" and answer["X-Content-Type-Options"] == "nosniff"
    assert (
        signed_in("village_cadre").get(reverse("issue_file", args=[issue.pk, voice.pk]))["Content-Type"] == "audio/ogg"
    )
    for key in ("neighbour", "other_village_cadre", "helper"):
        assert signed_in(key).get(address).status_code == 404, key
    other = raised(now, words="另一件水管")
    assert signed_in("department_officer").get(reverse("issue_file", args=[other.pk, picture.pk])).status_code == 404


def test_what_is_offered_is_what_the_actions_take(water, officers, now):
    """Every role, every state: an action is offered exactly if it is not refused for who asks or for the state."""
    filled = {
        "route": "water-quality", "words": "一句话", "public_words": "一句话", "to_raiser": "no", "days": 1,
        "satisfied": 3, "body": Body.objects.create(region_code=BANNER, field="telecom", name="演示另一局").pk,
        "number": raised(now, words="完全别的东西", region_code=VILLAGE).number,
    }  # fmt: skip
    made = []
    worker = officers["department_officer"]
    for state in ("sent", "accepted", "paused", "resolved", "confirmed", "not_resolved"):
        issue = raised(now, by=officers["village_cadre"], channel="cadre", key=state)
        if state != "sent":
            issue = handling.accept(issue, by=worker, now=now)
        if state == "paused":
            issue = handling.pause(issue, "等", by=worker, now=now)
        elif state in ("resolved", "confirmed"):
            issue = handling.resolve(issue, "好", by=worker, now=now, public_words="好")
        elif state == "not_resolved":
            issue = handling.close_unresolved(issue, "不行", by=worker, now=now)
        if state == "confirmed":
            issue = answering.confirm(issue, 5, raiser=Raiser(officer=officers["village_cadre"]), now=now)
        made.append(issue)
    wrong = []
    for issue in made:
        for key in (
            "department_officer",
            "village_cadre",
            "township_officer",
            "leader",
            "supervisor",
            "banner_reviewer",
        ):
            offered = deeds_of(officers[key], issue, timezone.localdate(now))
            for name, deed in DEEDS.items():
                try:
                    with transaction.atomic():
                        deed.act(issue, dict(filled), [], officers[key], now)
                        transaction.set_rollback(True)
                    taken = True
                except Problem:
                    taken = False
                if taken != (name in offered):
                    wrong.append((issue.state, key, name, taken))
    assert wrong == []


def test_a_list_is_taken_away_as_a_workbook_and_formulas_stay_text(water, signed_in, now):
    raised(now, '=HYPERLINK("http://x")', "water-pipe")
    browser = signed_in("banner_officer")
    answer = browser.get(reverse("issues"), {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet.max_row == 2 and any(
        cell.value == '=HYPERLINK("http://x")' and cell.data_type == "s" for cell in sheet[2]
    )
    assert signed_in("village_cadre").get(reverse("issues"), {"export": "xlsx"}).status_code == 403


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["issues", "issues_to_sort", "issues_mine", "issues_watched"])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    name, water, office, officers, signed_in, now, django_assert_max_num_queries
):
    for n in range(12):
        issue = raised(now, words=f"{PIPE}{n}", key=f"q{n}")
        if name == "issues_to_sort":
            Issue.objects.filter(pk=issue.pk).update(state="sorting")
        if name == "issues_watched":
            Issue.objects.filter(pk=issue.pk).update(escalated_to="banner")
    browser = signed_in("banner_officer")
    browser.get(reverse(name))
    with django_assert_max_num_queries(12):
        assert browser.get(reverse(name)).status_code == 200


@pytest.mark.one_database
def test_one_issue_takes_no_more_queries_for_a_long_history(
    water, officers, signed_in, now, django_assert_max_num_queries
):
    issue, worker = raised(now, files=[photo()]), officers["department_officer"]
    handling.accept(issue, by=worker, now=now)
    for n in range(20):
        handling.say(issue, f"话{n}", by=worker, now=now, to_raiser=bool(n % 2))
        raised(now, words=f"{PIPE}{n}", key=f"r{n}")
    browser = signed_in("township_officer")
    browser.get(reverse("issue", args=[issue.pk]))
    with django_assert_max_num_queries(32):
        assert browser.get(reverse("issue", args=[issue.pk])).status_code == 200


def test_today_shows_what_waits_for_whom(water, office, officers, signed_in, now):
    raised(now)
    raised(now, "嗯嗯啊啊", route="")
    assert "Issues to take up" in page(signed_in("department_officer").get(reverse("home")))
    assert "Issues to sort" in page(signed_in("township_officer").get(reverse("home")))
    assert "Closings to check" in page(signed_in("supervisor").get(reverse("home")))
    assert "Issues to sort" not in page(signed_in("leader").get(reverse("home")))
