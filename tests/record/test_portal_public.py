"""The public board and its figures: everybody reads them, and nothing of persons is there."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from khotail.issues import answering, bodies, handling, publishing
from khotail.issues.models import Issue, Photo
from khotail.issues.raising import raise_issue
from khotail.issues.receipts import Raiser, receipt_of
from khotail.portal import places
from khotail.register.documents import content
from khotail.residents.people import sign_in
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, TOWNSHIP, VILLAGE

PIPE = "村口那根水管破了"
NAME, PHONE = "演示乌云", "13800000001"
NASTY = "<script>alert(1)</script>\"'&=SUM(A1)"


@pytest.fixture(autouse=True)
def of_a_banner(settings):
    settings.KHOTAIL_BANNER = BANNER
    places.forget()


@pytest.fixture
def water(officers, now):
    body = bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)
    return bodies.set_people(body, [officers["department_officer"]], by=officers["administrator"], now=now)


def photo_with_a_place() -> ContentFile:
    """A JPEG whose Exif tells where it was taken, and with what."""
    exif = Image.Exif()
    exif[0x010F] = "DEMOPHONE"
    exif.get_ifd(0x8825).update({1: "N", 2: (46.0, 4.0, 15.98), 3: "E", 4: (121.0, 57.0, 8.44)})
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "blue").save(out, "JPEG", exif=exif)
    return ContentFile(out.getvalue(), "photo.jpg")


def raised(words=PIPE, at=None, **more) -> Issue:
    values = {"region_code": VILLAGE, "channel": "portal", "route": "water-pipe", "now": at or timezone.now()} | more
    issue = raise_issue(words, **values)
    issue.refresh_from_db()
    return issue


def many(body, count, **more) -> None:
    now = timezone.now()
    values = {"region_code": VILLAGE, "words": "水", "route": "water-pipe", "state": "sent", "body": body,
              "channel": "portal", "raised_at": now, "changed_at": now} | more  # fmt: skip
    Issue.objects.bulk_create(Issue(number=f"M{more.get('route', '')}{n:05}", **values) for n in range(count))


def page(client, name="public_board", *args, status=200, **asked) -> str:
    answer = client.get(reverse(name, args=args), asked)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_board_shows_class_place_body_deadline_and_public_words(client, water, officers):
    issue = raised(name=NAME, phone=PHONE, place_words="演示甲家门前", latitude="46.0712345", longitude="121.9523456")
    html = page(client)
    for text in ("Broken pipe or well", "科尔沁镇第一嘎查", "演示水利局", "Sent to the body", issue.number):
        assert text in html
    publishing.publish(issue, "村口水管漏水", by=officers["township_officer"], now=timezone.now())
    for html in (page(client), page(client, "board_issue", issue.number)):
        assert "村口水管漏水" in html
        for secret in (NAME, PHONE, "演示甲家门前", "46.07", PIPE, "演示township_officer"):
            assert secret not in html


def test_one_issue_has_its_history_and_its_rights_card(client, water, officers):
    issue, worker = raised(), officers["department_officer"]
    handling.accept(issue, by=worker, now=timezone.now())
    handling.resolve(
        issue, "内部话", by=worker, now=timezone.now(), public_words="已换新管", files=[photo_with_a_place()]
    )
    handling.say(issue, "只给反映人看", by=worker, now=timezone.now(), to_raiser=True)
    html = page(client, "board_issue", issue.number.lower())
    assert "已换新管" in html and "Taken up" in html and "Said to be resolved" in html
    assert "内部话" not in html and "只给反映人看" not in html and "演示department_officer" not in html
    assert "水利局供水管理岗" in html or "water supply post" in html
    assert "5 working days" in html


def test_quiet_unsorted_and_joined_issues_are_not_shown_nor_counted(client, water, officers):
    shown = raised()
    quiet = raised(words="家里吃水困难", route="water-household")
    unsorted = raised(words="呃", route="")
    joined = raised(words="水管又漏了")
    handling.merge(joined, shown, by=officers["banner_officer"], now=timezone.now())
    for asked in ({}, {"place": VILLAGE}, {"place": TOWNSHIP}, {"class": "water-household"}, {"state": "open"}):
        html = page(client, **asked)
        assert not any(one.number in html for one in (quiet, unsorted, joined))
    for hidden in (quiet, unsorted):
        assert client.get(reverse("board_issue", args=[hidden.number])).status_code == 404
    assert "joined to this one" in page(client, "board_issue", joined.number)
    figures = page(client, "board_figures")
    assert "A household without safe water" not in figures and "<td>1</td>" in figures and "<td>2</td>" not in figures
    assert "water-household" not in page(client)  # not even as a class to choose


def test_means_of_few_are_not_shown(client, water, officers):
    now = timezone.now()
    closed = {"state": "confirmed", "accepted_at": now, "resolved_at": now + timedelta(days=2), "satisfied": 1}
    many(water, 4, **closed)
    assert "1.0" not in page(client, "board_figures") and "2.0" not in page(client, "board_figures")
    many(water, 5, route="water-cut", **closed)
    html = page(client, "board_figures", place=VILLAGE)
    assert "<td>1.0</td>" in html and "<td>2.0</td>" in html


def test_the_board_is_narrowed_by_place_class_state_and_overdue(client, water, officers):
    today = timezone.localdate()
    here, cut = raised(), raised(words="停水", route="water-cut", region_code=OTHER_VILLAGE)
    late = raised(words="漏水很久")
    Issue.objects.filter(pk=late.pk).update(due_on=today - timedelta(days=1))
    done = raised(words="漏过水")
    handling.accept(done, by=officers["department_officer"], now=timezone.now())
    handling.close_unresolved(done, "不归本旗管", by=officers["department_officer"], now=timezone.now())

    def numbers(**asked):
        html = page(client, **asked)
        return {one for one in (here, cut, late, done) if one.number in html}

    assert numbers() == {here, cut, late, done}
    assert numbers(place=VILLAGE) == {here, late, done}
    assert numbers(place=TOWNSHIP) == {here, cut, late, done}
    assert numbers(**{"class": "water-cut"}) == {cut}
    assert numbers(state="done") == {done}
    assert numbers(overdue="1") == {late}
    assert "Overdue since" in page(client, overdue="1")
    assert numbers(**{"class": NASTY}, state=NASTY, before=NASTY) == {here, cut, late, done}
    assert "<script>alert" not in page(client, **{"class": NASTY}, state=NASTY)


@pytest.mark.parametrize("place", [NEIGHBOUR_VILLAGE, "15", "x", "152221100200999", "\x00", "１５２２２１"])
def test_a_place_elsewhere_is_not_found(client, water, place):
    page(client, place=place, status=404)


def test_pages_follow_each_other_by_key(client, water, django_assert_max_num_queries):
    many(water, 45)
    page(client)
    seen, before = [], {}
    for _ in range(3):
        with django_assert_max_num_queries(9):
            answer = client.get(reverse("public_board"), before)
        seen += [row.issue.number for row in answer.context["rows"]]
        before = {"before": answer.context["before"]}
    assert len(seen) == len(set(seen)) == 45 and seen == sorted(seen, reverse=True)
    assert before == {"before": None}


def test_only_public_photos_are_served_and_tell_no_place(client, water, officers):
    issue = raised(files=[photo_with_a_place(), photo_with_a_place()])
    first, second = Photo.objects.filter(issue=issue).order_by("id")
    publishing.publish(issue, "漏水", [first.pk], by=officers["township_officer"], now=timezone.now())
    assert reverse("board_photo", args=[issue.number, first.pk]) in page(client)
    answer = client.get(reverse("board_photo", args=[issue.number, first.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff" and "max-age" in answer["Cache-Control"]
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (32, 24) and not dict(picture.getexif()) and b"DEMOPHONE" not in answer.content
    for number, pk in (
        (issue.number, second.pk),
        (raised().number, first.pk),
        ("NOSUCHNO", first.pk),
        ("\x00", first.pk),
    ):
        assert client.get(reverse("board_photo", args=[number, pk])).status_code == 404
    publishing.publish(issue, "", by=officers["township_officer"], now=timezone.now())
    assert client.get(reverse("board_photo", args=[issue.number, first.pk])).status_code == 404


def test_a_picture_whose_metadata_cannot_be_cut_out_is_kept_but_never_public(client, water, officers):
    broken = ContentFile(photo_with_a_place().read()[:400], "half.jpg")
    issue = raised(files=[broken])
    photo = issue.photos.get()
    assert content(photo.document).startswith(b"\xff\xd8")
    publishing.publish(issue, "漏水", [photo.pk], by=officers["township_officer"], now=timezone.now())
    photo.refresh_from_db()
    assert not photo.public
    Photo.objects.filter(pk=photo.pk).update(public=True)
    assert client.get(reverse("board_photo", args=[issue.number, photo.pk])).status_code == 404


def test_markup_in_public_words_stays_words(client, water, officers):
    issue = raised(phone=PHONE)
    publishing.publish(issue, NASTY, by=officers["township_officer"], now=timezone.now())
    handling.accept(issue, by=officers["department_officer"], now=timezone.now(), public_words=NASTY)
    for html in (page(client), page(client, "board_issue", issue.number)):
        assert "<script>alert" not in html and "&lt;script&gt;" in html


def test_what_a_reopened_one_says_stays_between_the_raiser_and_the_body(client, water, officers):
    issue, worker = raised(), officers["department_officer"]
    handling.accept(issue, by=worker, now=timezone.now())
    handling.close_unresolved(issue, "不归本旗管", by=worker, now=timezone.now())
    answering.reopen(issue, "我是演示甲，还漏", raiser=Raiser(receipt=receipt_of(issue)), now=timezone.now())
    html = page(client, "board_issue", issue.number)
    assert "Reopened" in html and "演示甲" not in html


def test_the_board_needs_no_sign_in_and_takes_no_post(client, water):
    assert client.post(reverse("public_board")).status_code == 405
    assert client.head(reverse("public_board")).status_code == 200


def test_a_resident_who_is_signed_in_reads_the_same_board(client, water, household, now):
    issue = raised(resident=sign_in(household.members.first(), now=now))
    html = page(client, "board_issue", issue.number)
    assert household.head_name not in html and household.number not in html
