"""Reporting without signing in, and what a receipt opens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khotail.issues import bodies, handling, publishing
from khotail.issues.models import Issue, Move
from khotail.issues.raising import MOST_A_DAY, raise_issue
from khotail.issues.receipts import receipt_of
from khotail.portal import floods, places
from khotail.trail.chain import breaks
from tests.record.conftest import BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.record.test_issues_loop import JPEG
from tests.record.test_portal_public import NASTY, PHONE, PIPE, photo_with_a_place

VOICE = b"\x1aE\xdf\xa3" + b"\x00" * 60


@pytest.fixture(autouse=True)
def of_a_banner(settings, db):
    from django.core.cache import cache

    settings.KHOTAIL_BANNER = BANNER
    places.forget()
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"
    settings.KHOTAIL_LIMITS = ()
    cache.clear()


@pytest.fixture
def water(officers, now):
    body = bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)
    return bodies.set_people(body, [officers["department_officer"]], by=officers["administrator"], now=now)


def sent(client, **fields):
    values = {"place": VILLAGE, "words": PIPE, "route": "water-pipe", "key": "k1"} | fields
    return client.post(reverse("report_send"), values)


def with_receipt(client, issue, **fields):
    return client.post(reverse("receipt"), {"receipt": receipt_of(issue), "key": "r1"} | fields)


@pytest.fixture
def issue(water) -> Issue:
    return raise_issue(PIPE, region_code=VILLAGE, channel="portal", route="water-pipe", now=timezone.now(), phone=PHONE)


@pytest.fixture
def done(issue, officers) -> Issue:
    worker = officers["department_officer"]
    handling.accept(issue, by=worker, now=timezone.now())
    return handling.resolve(
        issue, "内部话", by=worker, now=timezone.now(), public_words="已换新管", files=[ContentFile(JPEG, "p.jpg")]
    )


# Reporting


def test_the_village_is_chosen_by_steps(client, water):
    html = client.get(reverse("report")).content.decode()
    assert f"?place={TOWNSHIP}" in html and f"?place={VILLAGE}" not in html
    html = client.get(reverse("report"), {"place": TOWNSHIP}).content.decode()
    assert f"?place={VILLAGE}" in html and 'name="words"' not in html
    assert 'name="words"' in client.get(reverse("report"), {"place": VILLAGE}).content.decode()
    assert 'name="words"' in client.get(reverse("report"), {"place": TOWNSHIP, "whole": "1"}).content.decode()
    assert 'name="words"' not in client.get(reverse("report"), {"place": "15", "whole": "1"}).content.decode()


def test_the_first_two_classes_are_buttons_with_and_without_scripts(client, water):
    whole = client.post(reverse("report"), {"place": VILLAGE, "words": PIPE}).content.decode()
    part = client.post(reverse("report_words"), {"place": VILLAGE, "words": PIPE}).content.decode()
    for html in (whole, part):
        assert html.count('class="button-wide" name="route"') == 2 and 'value="water-pipe"' in html
    assert "<html" in whole and "<html" not in part
    assert "Choose the class" in whole and PIPE in whole
    assert "button-wide" not in client.post(reverse("report_words"), {"place": VILLAGE, "words": "水"}).content.decode()


def test_words_are_asked_for_before_a_class(client, water):
    html = client.post(reverse("report"), {"place": VILLAGE, "words": " ", "route": "water-pipe"}).content.decode()
    assert "Write what it is about" in html and 'name="words"' in html


def test_the_last_step_asks_the_questions_of_the_class_and_shows_the_rights_card(client, water):
    html = client.post(
        reverse("report"), {"place": VILLAGE, "words": "停水了", "route": "", "other": "water-cut", "key": "mine"}
    ).content.decode()
    assert "days without water" in html and 'name="a-households"' in html
    assert "What you may expect" in html and "停水了" in html and 'value="mine"' in html
    quiet = client.post(reverse("report"), {"place": VILLAGE, "words": "拉水吃", "route": "water-household"})
    assert "not shown in public" in quiet.content.decode()


def test_an_issue_is_raised_and_its_receipt_shown(client, water):
    answer = sent(
        client, route="water-cut", phone=PHONE, name="演示乌云", place_words="村部旁", lat="46.07", long="121.95",
        photos=[photo_with_a_place(), ContentFile(JPEG, "b.jpg")], voice=SimpleUploadedFile("v.webm", VOICE),
        **{"a-days": "3"},
    )  # fmt: skip
    issue = Issue.objects.get()
    html = answer.content.decode()
    assert receipt_of(issue) in html and "演示水利局" in html and "phone number that you left" in html
    assert (issue.state, issue.channel, issue.raiser_phone, issue.raised_by) == ("sent", "portal", PHONE, None)
    assert issue.attributes == {"days": "3"} and issue.place_words == "村部旁" and issue.latitude is not None
    kinds = sorted(photo.document.content_type for photo in issue.photos.select_related("document"))
    assert kinds == ["audio/webm", "image/jpeg", "image/jpeg"]
    assert receipt_of(issue).encode() not in client.get(reverse("public_board")).content
    assert list(breaks()) == []


def test_nobody_needs_to_say_who_they_are_nor_to_know_the_class(client, water):
    html = sent(client, words="呃呃", route="").content.decode()
    issue = Issue.objects.get()
    assert (issue.state, issue.phone_digest, issue.raiser_name) == ("sorting", "", "")
    assert receipt_of(issue) in html and "not shown in public" in html


def test_the_same_form_sent_again_is_one_issue_and_changed_words_are_another(client, water):
    first, second = sent(client), sent(Client())
    issue = Issue.objects.get()
    assert receipt_of(issue) in first.content.decode() and receipt_of(issue) in second.content.decode()
    sent(client, words=PIPE + "，两处")
    assert Issue.objects.count() == 2


def test_that_is_mine_too_is_an_issue_of_its_own_with_a_word_about_the_other(client, water, officers, issue):
    publishing.publish(issue, PIPE, by=officers["township_officer"], now=timezone.now())
    html = client.post(reverse("report_words"), {"place": OTHER_VILLAGE, "words": PIPE}).content.decode()
    assert f'name="like" value="{issue.number}"' in html
    step = client.post(reverse("report"), {"place": VILLAGE, "words": "我家门口也漏", "like": issue.number})
    assert f'name="like" value="{issue.number}"' in step.content.decode()
    assert 'name="route" value="water-pipe"' in step.content.decode()
    sent(client, like=issue.number)
    own = Issue.objects.exclude(pk=issue.pk).get()
    assert own.state == "sent" and own.duplicate_of is None
    assert issue.number in own.moves.get(kind=Move.Kind.SAID).words


def test_a_quiet_issue_is_never_offered_as_alike(client, water):
    words = "家里吃水困难要去很远拉水"
    quiet = raise_issue(words, region_code=VILLAGE, channel="portal", route="water-household", now=timezone.now())
    for number in (quiet.number, quiet.number.lower()):
        html = client.post(reverse("report_words"), {"place": VILLAGE, "words": words}).content.decode()
        assert number not in html
        step = client.post(reverse("report"), {"place": VILLAGE, "words": words, "like": number}).content.decode()
        assert "It is like no." not in step


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"words": " "}, "Write what it is about"),
        ({"words": "长" * 4001}, "too long"),
        ({"lat": "91", "long": "0"}, "The place is wrong"),
        ({"route": "water-cut", "a-days": "viele"}, "is not one that can be given"),
        ({"photos": [ContentFile(b"MZ program", "a.jpg")]}, ""),
        ({"photos": [ContentFile(JPEG, "a.jpg")] * 7}, "At most 6 files"),
        ({"photos": [ContentFile(JPEG + b"\0" * (20 << 20), "huge.jpg")]}, "20 MB"),
        ({floods.TRAP: "http://spam.example"}, "cannot be seen"),
    ],
)
def test_what_is_refused_is_said_and_nothing_written_is_lost(client, water, changed, told):
    answer = sent(client, **{"name": "演示乌云", "place_words": "村部旁"} | changed)
    html = answer.content.decode()
    assert answer.status_code >= 400 and told in html and 'role="alert"' in html
    assert not Issue.objects.exists()
    assert "演示乌云" in html and "村部旁" in html
    if "words" not in changed:
        assert PIPE in html


def test_a_class_or_key_that_does_not_exist_loses_nothing(client, water):
    sent(client, route="no-such\x00", key="\x00" * 100, like="\x00", words="a\x00b", place_words="\x00")
    assert Issue.objects.get().words == "ab"
    assert client.get(reverse("report_send")).status_code == 302
    assert sent(client, place="999999999999").status_code == 302


def test_markup_and_formulas_in_every_field_stay_words(client, water):
    fields = {name: NASTY for name in ("words", "name", "place_words", "phone", "key", "like", "lat", "long", "a-days")}
    html = client.post(reverse("report"), {"place": VILLAGE, "route": "water-cut", **fields}).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;" in html
    html = sent(client, **fields).content.decode()
    assert "<script>alert" not in html
    fields |= {"phone": PHONE, "lat": "", "long": "", "a-days": ""}
    assert sent(client, **fields).status_code == 200
    issue = Issue.objects.get()
    assert issue.words == NASTY and issue.raiser_name == NASTY[:60]
    html = with_receipt(client, issue, phone=PHONE).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;" in html


def test_one_phone_raises_so_many_a_day_and_the_next_is_told(client, water):
    for n in range(MOST_A_DAY):
        assert sent(client, words=f"{PIPE}{n}", phone=PHONE).status_code == 200
    answer = sent(client, words="还有一件", phone=PHONE)
    assert answer.status_code == 429 and "还有一件" in answer.content.decode()


def test_one_address_raises_so_many_a_day(client, water, monkeypatch):
    monkeypatch.setattr(floods, "MOST_A_DAY", 3)
    answers = [sent(client, words=f"{PIPE}{n}") for n in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert f"{PIPE}4" in answers[-1].content.decode()
    assert Issue.objects.count() == 3


def test_a_flood_from_an_address_is_slowed_down(client, water, settings):
    settings.KHOTAIL_LIMITS = (("/report/send/", ("POST",), 2), ("/receipt/", ("POST",), 2))
    assert [sent(client, words=f"{PIPE}{n}").status_code for n in range(3)] == [200, 200, 429]
    guesses = [client.post(reverse("receipt"), {"receipt": "7KQ2M9XA-AAAAAA"}) for _ in range(3)]
    assert [one.status_code for one in guesses] == [403, 403, 429]


def test_a_form_from_another_site_is_refused(water):
    assert sent(Client(enforce_csrf_checks=True)).status_code == 403


# What the receipt opens


def test_a_receipt_opens_state_history_and_what_was_said_to_its_holder(client, done, officers):
    handling.say(done, "请在家等", by=officers["department_officer"], now=timezone.now(), to_raiser=True)
    handling.say(done, "内部再说", by=officers["department_officer"], now=timezone.now(), to_raiser=False)
    html = with_receipt(client, done, phone=PHONE).content.decode()
    for text in (PIPE, "已换新管", "请在家等", "Said to be resolved", "Yes, it is resolved", "Open it again"):
        assert text in html
    assert "内部话" not in html and "内部再说" not in html and "演示department_officer" not in html
    assert 'name="receipt"' in client.get(reverse("receipt")).content.decode()


@pytest.mark.parametrize(
    "fields", [{}, {"phone": "13800000002"}, {"receipt": "7KQ2M9XA-AAAAAA", "phone": PHONE}, {"receipt": "\x00-\x00"}]
)
def test_a_wrong_receipt_or_phone_opens_nothing(client, done, fields):
    answer = with_receipt(client, done, **fields)
    assert answer.status_code == 403 and PIPE not in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()


def test_it_is_confirmed_once_with_how_content_its_raiser_is(client, done):
    fields = {"phone": PHONE, "do": "confirm", "satisfied": "4", "words": "谢谢"}
    assert "Thank you" in with_receipt(client, done, **fields).content.decode()
    again = with_receipt(client, done, **fields)
    assert again.status_code == 200 and "taken already" in again.content.decode()
    done.refresh_from_db()
    assert (done.state, done.satisfied) == ("confirmed", 4)
    assert done.moves.filter(kind=Move.Kind.CONFIRMED).count() == 1


def test_it_is_opened_again_with_words_and_a_photo(client, done):
    fields = {"phone": PHONE, "do": "reopen", "key": "r2"}
    refused = with_receipt(client, done, **fields, words=" ")
    assert refused.status_code == 400 and 'role="alert"' in refused.content.decode()
    html = with_receipt(client, done, **fields, words="还在漏", photos=[ContentFile(JPEG, "a.jpg")]).content.decode()
    assert "one level up" in html and "还在漏" in html
    done.refresh_from_db()
    assert (done.state, done.reopened) == ("sent", 1)
    assert done.moves.get(kind=Move.Kind.REOPENED).photos.count() == 1


def test_more_is_said_once_however_often_it_is_sent(client, issue):
    for _ in range(3):
        html = with_receipt(client, issue, phone=PHONE, do="say", words="漏得更大了").content.decode()
        assert "漏得更大了" in html
    assert issue.moves.filter(kind=Move.Kind.SAID).count() == 1
    with_receipt(client, issue, phone=PHONE, do="say", words="又说", key="r9")
    assert issue.moves.filter(kind=Move.Kind.SAID).count() == 2


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"do": "confirm", "satisfied": "5"}, 409),
        ({"do": "reopen", "words": "还漏"}, 409),
        ({"do": "say", "words": ""}, 400),
        ({"do": "say", "words": "看", "photos": [ContentFile(b"MZ", "a.jpg")]}, 415),
        ({"do": "delete"}, 200),
    ],
)
def test_what_cannot_be_done_now_is_said(client, issue, fields, status):
    answer = with_receipt(client, issue, phone=PHONE, **fields)
    assert answer.status_code == status
    assert issue.moves.count() == 2


@pytest.mark.parametrize("satisfied", ["", "0", "6", "５", "five"])
def test_how_content_is_one_to_five(client, done, satisfied):
    answer = with_receipt(client, done, phone=PHONE, do="confirm", satisfied=satisfied)
    assert answer.status_code == 400
    done.refresh_from_db()
    assert done.state == "resolved"


def test_one_joined_to_another_says_to_which(client, issue, officers, water):
    other = raise_issue("水管漏水", region_code=VILLAGE, channel="portal", route="water-pipe", now=timezone.now())
    handling.merge(issue, other, by=officers["banner_officer"], now=timezone.now())
    html = with_receipt(client, issue, phone=PHONE).content.decode()
    assert other.number in html and "Joined to another" in html


def test_the_receipt_still_opens_an_old_issue(client, issue):
    Issue.objects.filter(pk=issue.pk).update(raised_at=timezone.now() - timedelta(days=900))
    assert with_receipt(client, issue, phone=PHONE).status_code == 200
